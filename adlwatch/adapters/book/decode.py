"""Decoding a book file, with one clear line for whatever is wrong in it."""

import difflib
import json
import math
import re
from typing import Any, NoReturn

import msgspec
from msgspec import Struct

from adlwatch.adapters.base import BadPayload
from adlwatch.adapters.book.file import AccountRow, BookFile, HedgeRow, HoldingRow, LightRow, MarketRow, PositionRow
from adlwatch.domain.model import Contract, MarginMode, Side

_STRUCTS: dict[str, type[Struct]] = {
    "": BookFile,
    "accounts": AccountRow,
    "accounts.positions": PositionRow,
    "accounts.positions.venue_light": LightRow,
    "accounts.holdings": HoldingRow,
    "markets": MarketRow,
    "hedges": HedgeRow,
}
_KINDS: dict[str, type[Side | Contract | MarginMode]] = {"side": Side, "contract": Contract, "margin_mode": MarginMode}
_WORDS = {
    "float": "a number",
    "str": "a text",
    "array": "a list",
    "object": "an object",
    "datetime": "a time such as 2026-11-22T12:00:00Z",
    "null": "null",
    "int": "a whole number",
}
_PROBLEMS = (
    (r"Expected `float` (>=?) 0\.0", r"must be \1 0"),
    (r"Expected `datetime` with a timezone", "must have a time zone, such as 2026-11-22T12:00:00Z"),
    (r"Invalid RFC3339", "must be a time such as 2026-11-22T12:00:00Z"),
    (r"Expected `\w+` of length >= 1", "must not be empty"),
    (r"Expected `array` of at", "must be [time, open, high, low, close, volume]"),
)


def decode(data: bytes, name: str) -> BookFile:
    """The file as written, checked against its shape.

    Raises `BadPayload` with one line: `NAME: PATH: what is wrong`.
    """
    tree = _tree(data, name)
    for path, value in _leaves(tree, ""):
        if isinstance(value, float) and not math.isfinite(value):
            refuse(name, path, f"must be a finite number, got {value}")
    try:
        return msgspec.convert(tree, BookFile)
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(" - at `$")
        path, problem = _worded(message, place.removesuffix("`").removeprefix("."), tree)
        refuse(name, path, problem)


def refuse(name: str, path: str, problem: str) -> NoReturn:
    """Raise the one line that names the file, the place in it, and what is wrong."""
    raise BadPayload(": ".join(part for part in (name, path, problem) if part))


def nearest(word: str, known: list[str]) -> str:
    """`; did you mean "…"?`, or nothing where no known word is near."""
    found = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f'; did you mean "{found[0]}"?' if found else ""


def _tree(data: bytes, name: str) -> Any:
    if not data.strip():
        refuse(name, "", "is empty")
    try:
        return json.loads(data, object_pairs_hook=_unique, parse_int=_integer)
    except json.JSONDecodeError as error:
        refuse(name, f"line {error.lineno} column {error.colno}", f"is not JSON: {error.msg}")
    except UnicodeDecodeError:
        refuse(name, "", "is not UTF-8 text")
    except RecursionError:
        refuse(name, "", "is nested too deeply")
    except ValueError as error:
        refuse(name, "", str(error))


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object whose keys are written once: of two, silently taking the last would hide the other."""
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f'the key "{twice}" is written twice in one object')
    return found


def _leaves(value: Any, path: str) -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [leaf for key, item in value.items() for leaf in _leaves(item, f"{path}.{key}".removeprefix("."))]
    if isinstance(value, list):
        return [leaf for i, item in enumerate(value) for leaf in _leaves(item, f"{path}[{i}]")]
    return [(path, value)]


def _integer(text: str) -> float:
    """A whole number; one of hundreds of digits fits no float and no reading of it is meant."""
    return int(text) if len(text) < 300 else math.inf


def _worded(message: str, path: str, tree: Any) -> tuple[str, str]:
    """The validation message of msgspec in the words of this format: (path, problem)."""
    if found := re.fullmatch(r"Object (contains unknown|missing required) field `(.*)`", message, re.DOTALL):
        key = found[2]
        full = f"{path}.{key}".removeprefix(".")
        if found[1] == "missing required":
            return full, "is required" + (', expected "adlwatch-book/1"' if key == "format" else "")
        fields = list(_STRUCTS[re.sub(r"\[\d+\]", "", path)].__struct_fields__)
        return full, "unknown key" + (nearest(key, fields) or f"; known here: {', '.join(fields)}")
    value = _at(tree, path)
    return path, f"{_expected(message, path)}, got {_shown(value)}"


def _expected(message: str, path: str) -> str:
    key = path.rpartition(".")[2]
    if key == "format":
        return 'must be "adlwatch-book/1"'
    if key in _KINDS:
        return "must be one of " + ", ".join(f'"{kind}"' for kind in _KINDS[key])
    for pattern, words in _PROBLEMS:
        if found := re.match(pattern, message):
            return found.expand(words)
    found = re.match(r"Expected `([^`]+)`", message)
    names = found[1].split(" | ") if found else [message]
    return "must be " + " or ".join(_WORDS.get(name, name) for name in names)


def _at(tree: Any, path: str) -> Any:
    for key, index in re.findall(r"([^.\[\]]+)|\[(\d+)\]", path):
        tree = tree[int(index)] if index else tree[key]
    return tree


def _shown(value: Any) -> str:
    text = "null" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "…"
