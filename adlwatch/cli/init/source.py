"""One source: from words to a checked table."""

import re
import shlex
import tomllib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import click

from adlwatch.adapters import registry
from adlwatch.adapters.base import Context
from adlwatch.config import refuse_private_key, source_spec
from adlwatch.strict import Misfit, leaves

CREDENTIALS = frozenset({"api_key", "secret", "password"})
REFERENCE = re.compile(r"(env|file|cmd|keyring):\S.*")
WORDS = re.compile(r"\[[\w.@+, -]*\]")
FORMS = "env:NAME, file:PATH, cmd:PROGRAM or keyring:SERVICE/USER"


def parsed(line: str) -> dict[str, Any]:
    """`KIND key=value …` as a checked table. Raises `click.ClickException` with one line."""
    try:
        kind, *words = shlex.split(line)
    except ValueError:
        raise click.ClickException("--source: names no kind, or its quotes do not match") from None
    try:
        return checked({"id": kind, "kind": kind, **pairs(words)})
    except Misfit as misfit:
        raise click.ClickException(f"--source: {worded(misfit)}") from None


def pairs(words: Iterable[str]) -> dict[str, Any]:
    """`key=value` words; a value that is no TOML is a text. Raises `Misfit`."""
    found: dict[str, Any] = {}
    for word in words:
        key, equals, text = word.partition("=")
        if not equals or not re.fullmatch(r"[A-Za-z_][\w-]*", key):
            refuse_private_key(word)
            raise Misfit((), "expected key=value")
        found[key] = value(text)
    return found


def value(text: str) -> Any:
    """A number, truth, list or table as TOML writes it; anything else is a text, also a long number such as an address.

    A list of words may lack their quotes: a shell takes them away.
    """
    try:
        found = tomllib.loads(f"x = {text}")
    except tomllib.TOMLDecodeError:
        return [word for word in re.split(r"[\s,]+", text[1:-1]) if word] if WORDS.fullmatch(text) else text
    return found["x"] if len(found) == 1 and not text.startswith("0x") else text


def checked(table: dict[str, Any]) -> dict[str, Any]:
    """The table, if a source can be built of it and no secret stands in it. Raises `Misfit`, which never repeats a secret."""
    for path, leaf in leaves(table):
        if isinstance(leaf, str):
            refuse_private_key(leaf, path)
            if CREDENTIALS.intersection(path) and not REFERENCE.fullmatch(leaf):
                raise Misfit(path, f"a secret is named by reference, never written: {FORMS}")
    spec = source_spec(str(table["id"]), str(table["kind"]), {k: v for k, v in table.items() if k not in ("id", "kind")})
    if spec.problem is not None:
        raise Misfit(("kind",), spec.problem)
    built = registry.build(spec, Context(clock=lambda: datetime.now(UTC), shared={}))
    if isinstance(built, registry.Unbuilt):
        raise Misfit((), str(built.error))
    return table


def worded(misfit: Misfit) -> str:
    """One line that names the place."""
    place = ".".join(str(step) for step in misfit.path)
    return f"{place}: {misfit.problem}" if place else misfit.problem
