"""The `[[source]]` tables: which kind, which id, and options that the kind itself checks."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from adlwatch.adapters.base import SourceSpec, Unsupported
from adlwatch.strict import Misfit, convert, nearest

SOURCE_ID = re.compile(r"[\w.@+-]+")
"""No colon: position keys are `account:symbol:side`."""
PRIVATE_KEY = re.compile(r"\s*(0x)?[0-9a-fA-F]{64}\s*")


def source_specs(tables: tuple[dict[str, Any], ...]) -> Iterator[SourceSpec]:
    """Every source in the order of the file. Raises `Misfit`."""
    taken: set[str] = set()
    for index, table in enumerate(tables):
        with under("source", index):
            options = dict(table)
            kind = _text(options, "kind")
            id_ = _text(options, "id", kind)
            if not SOURCE_ID.fullmatch(id_):
                raise Misfit(("id",), f'"{id_}" may hold only letters, digits and . _ @ + -')
            if id_ in taken:
                raise Misfit(("id",), f'"{id_}" is the id of an earlier source: give each its own')
            taken.add(id_)
            yield source_spec(id_, kind, options)


def _text(table: dict[str, Any], key: str, default: str | None = None) -> str:
    value = table.pop(key, default)
    if value is None:
        raise Misfit((key,), "is required")
    if not isinstance(value, str):
        raise Misfit((key,), "expected a text")
    return value


def source_spec(id_: str, kind: str, options: dict[str, Any]) -> SourceSpec:
    """One source with its options checked. Raises `Misfit`, its path inside the source's table.

    A package that cannot be imported is no error of the file: the source is kept, with the problem, beside the others.
    """
    from adlwatch.adapters import registry  # noqa: PLC0415  # a configuration without sources needs no adapters

    if kind not in registry.names():
        raise Misfit(("kind",), f'no kind of source is called "{kind}"{nearest(kind, registry.names())}')
    try:
        shape = registry.load(kind).options
    except Unsupported as error:
        return SourceSpec(id=id_, kind=kind, problem=str(error))
    return SourceSpec(id=id_, kind=kind, options=convert(options, shape))


def refuse_private_key(text: str, path: tuple[str | int, ...] = ()) -> None:
    """Raise `Misfit` for what looks like a private key, without repeating it: watching needs an address, nothing more."""
    if PRIVATE_KEY.fullmatch(text):
        raise Misfit(
            path,
            "holds 64 hex digits, as a private key does; adlwatch only reads: give the public address, "
            "and credentials as env:NAME, file:PATH or cmd:COMMAND",
        )


@contextmanager
def under(*path: str | int) -> Iterator[None]:
    """Say of every misfit inside that it lies under that path."""
    try:
        yield
    except Misfit as misfit:
        raise Misfit((*path, *misfit.path), misfit.problem) from None
    except ValueError as error:
        raise Misfit(path, str(error).removeprefix(f"{path[0]}: ")) from None
