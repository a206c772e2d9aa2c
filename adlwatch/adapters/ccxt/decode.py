"""Small pure steps every venue's parser is made of: numbers, times, symbols."""

from datetime import UTC, datetime
from math import inf, isfinite
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from adlwatch.adapters.base import BadPayload

T = TypeVar("T")
Num = float | str | None
"""A number as venues send it: a JSON number, a quoted one, an empty string, or null."""
Float = float | None
"""The same where a venue never sends an empty string: quoted numbers are then converted while decoding."""


class Snake(Struct, gc=False):
    """A foreign struct. Decoded JSON has no cycles: the garbage collector need not look."""


class Camel(Snake, rename="camel"):
    """A foreign struct whose fields are written likeThis."""


def number(value: Num) -> float | None:
    """The number, or None where there is none; never 0 for nothing."""
    if type(value) is float:
        return value if isfinite(value) else None
    if value is None or value == "":
        return None
    try:
        result = float(value)
    except ValueError:
        return None
    return result if isfinite(result) else None


def positive(value: Num) -> float | None:
    """A price: venues write 0, a negative number or nothing for 'none'."""
    result = value if type(value) is float else number(value)
    return result if result is not None and 0 < result < inf else None


def needed(value: Num, what: str, of: str = "") -> float:
    """A number without which the row says nothing; `what` (of `of`) names it."""
    result = number(value)
    if result is None:
        raise BadPayload(f"{what}{' of ' if of else ''}{of} is {value!r}, not a number")
    return result


def when(milliseconds: Num) -> datetime | None:
    """A venue's time in ms (s and µs are recognised by their size); None for 0, empty or impossible."""
    value = number(milliseconds)
    if value is None or value <= 0:
        return None
    while value > 1e14:
        value /= 1000
    if value < 1e11:
        value *= 1000
    return datetime.fromtimestamp(value / 1000, UTC)


def moment(milliseconds: Num, what: str) -> datetime:
    """A time without which the row says nothing."""
    result = when(milliseconds)
    if result is None:
        raise BadPayload(f"{what} is {milliseconds!r}, not a time")
    return result


def decoder(kind: type[T]) -> msgspec.json.Decoder[T]:
    """The decoder of a reply type, built once; it takes quoted numbers for numbers."""
    found: msgspec.json.Decoder[T] | None = _DECODERS.get(kind)
    if found is None:
        found = _DECODERS[kind] = msgspec.json.Decoder(kind, strict=False)
    return found


_DECODERS: dict[Any, msgspec.json.Decoder[Any]] = {}


def perp(base: str, quote: str, settle: str) -> str:
    """The unified symbol of a perpetual: BTC/USDT:USDT."""
    return f"{base}/{quote}:{settle}"


def dated(base: str, quote: str, settle: str, expiry: str) -> str:
    """The unified symbol of a dated future: BTC/USDT:USDT-250627 (`expiry` as yymmdd)."""
    return f"{base}/{quote}:{settle}-{expiry}"


def at_path(document: Any, path: tuple[str | int, ...]) -> Any:
    """What stands at `path` in decoded JSON; None where the path breaks off."""
    for step in path:
        try:
            document = document[step]
        except (KeyError, IndexError, TypeError):
            return None
    return document
