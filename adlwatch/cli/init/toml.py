"""Tables of sources as TOML text."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

HEAD = """\
# adlwatch reads this file. Every key: config.example.toml. Check it with: adlwatch doctor
# Keys are named by reference (env:NAME, file:PATH, cmd:PROGRAM, keyring:SERVICE/USER) and never stand here.
"""


def written(tables: Iterable[Mapping[str, Any]]) -> str:
    """A whole file with these sources."""
    return HEAD + "".join(f"\n[[source]]\n{_lines(table)}" for table in tables)


def _lines(table: Mapping[str, Any]) -> str:
    return "".join(f"{_key(key)} = {_value(value)}\n" for key, value in table.items())


def _key(key: str) -> str:
    return key if key.isascii() and key.replace("_", "").replace("-", "").isalnum() else json.dumps(key)


def _value(value: Any) -> str:
    """JSON and TOML write texts, numbers and truth alike; tables differ."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_value(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return json.dumps(value, ensure_ascii=True)
