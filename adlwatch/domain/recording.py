"""`adlwatch-recording/1`: what sources answered and when, as lines of JSON, so that the same run can be had again.

A `Head`, then one `Heard` a finished fetch, and `Raw` replies as venues sent them (for bug reports; a replay does not need them).
Candles make up nearly all of a reading and hardly change: of each market only those are written that its last reading lacked.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from adlwatch.domain.model import Candle
from adlwatch.domain.reading import Failure, Reading

Candles = dict[tuple[str, str, str], tuple[Candle, ...]]
"""Of the last reading, by source, venue and symbol."""


class RecordedSource(Struct, frozen=True, kw_only=True):
    """A source as it was when it was recorded."""

    id: str
    kind: str
    interval: float
    label: str | None = None


class Head(Struct, frozen=True, kw_only=True, tag="head"):
    """The first line."""

    format: Literal["adlwatch-recording/1"] = "adlwatch-recording/1"
    version: str
    started: datetime
    sources: tuple[RecordedSource, ...]


class Bars(Struct, frozen=True, array_like=True):
    """A market's candles: those of its last reading from `start` for `count`, then `more`."""

    start: int
    count: int
    more: tuple[Candle, ...]


class Heard(Struct, frozen=True, kw_only=True, tag="heard"):
    """How one fetch ended: a reading, its candles apart in the order of its markets, or a failure."""

    at: datetime
    reading: Reading | None = None
    bars: tuple[Bars, ...] = ()
    failure: Failure | None = None


class Raw(Struct, frozen=True, kw_only=True, tag="raw"):
    """One reply as it came, without the secrets that we know."""

    at: datetime
    scope: str
    name: str
    status: int
    body: str


Line = Head | Heard | Raw
_ENCODER = msgspec.json.Encoder()
_DECODER: msgspec.json.Decoder[Line] = msgspec.json.Decoder(Line)


def encode(line: Line) -> bytes:
    """One line of JSON with its line break."""
    return _ENCODER.encode(line) + b"\n"


def decode(line: bytes) -> Line:
    """The line back. Raises `msgspec.DecodeError`."""
    return _DECODER.decode(line)


def heard(at: datetime, outcome: Reading | Failure, candles: Candles) -> Heard:
    """A finished fetch as a line; `candles` are brought up to date."""
    if isinstance(outcome, Failure):
        return Heard(at=at, failure=outcome)
    bars = []
    for market in outcome.markets:
        place = (outcome.source, market.venue, market.symbol)
        bars.append(_bars(candles.get(place, ()), market.candles))
        candles[place] = market.candles
    bare = tuple(replace(market, candles=()) for market in outcome.markets)
    return Heard(at=at, reading=replace(outcome, markets=bare), bars=tuple(bars))


def outcomes(lines: Iterable[Heard]) -> Iterator[tuple[datetime, Reading | Failure]]:
    """What was heard, whole again, in the same order."""
    candles: Candles = {}
    for line in lines:
        if line.failure is not None:
            yield line.at, line.failure
        elif line.reading is not None:
            markets = []
            for market, bars in zip(line.reading.markets, line.bars, strict=True):
                place = (line.reading.source, market.venue, market.symbol)
                candles[place] = (*candles.get(place, ())[bars.start : bars.start + bars.count], *bars.more)
                markets.append(replace(market, candles=candles[place]))
            yield line.at, replace(line.reading, markets=tuple(markets))


def _bars(before: tuple[Candle, ...], after: tuple[Candle, ...]) -> Bars:
    """The longest run of the candles before that those after begin with."""
    start = next((n for n, bar in enumerate(before) if after and bar == after[0]), len(before))
    count = 0
    for old, new in zip(before[start:], after, strict=False):
        if old != new:
            break
        count += 1
    return Bars(start, count, after[count:])
