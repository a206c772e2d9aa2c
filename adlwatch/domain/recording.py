"""`adlwatch-recording/1`: what sources answered and when, as lines of JSON, so that the same run can be had again.

A `Head`, then one `Heard` a finished fetch. For bug reports and for trying a parser again there are, in the order in which they
happened, also a `Began` a fetch, and `Raw` replies as venues sent them, with what had been asked.
Candles make up nearly all of a reading and hardly change: of each market only those are written that its last reading lacked.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from adlwatch.domain.model import Candle
from adlwatch.domain.reading import Failure, FailureKind, Reading

Candles = dict[tuple[str, str, str], tuple[Candle, ...]]
"""Of the last reading, by source, venue and symbol."""


class RecordedSource(Struct, frozen=True, kw_only=True):
    """A source as it was when it was recorded."""

    id: str
    kind: str
    interval: float
    label: str | None = None
    options: dict[str, Any] | None = None
    """As configured, its secrets and how they were named left out; None where the raw replies were not recorded either."""
    identity: str | None = None
    """The same for sources that read the same accounts; a digest, for it may name a key."""


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


class Began(Struct, frozen=True, kw_only=True, tag="began"):
    """A source is asked."""

    at: datetime
    source: str


class Raw(Struct, frozen=True, kw_only=True, tag="raw"):
    """One reply as it came, without the secrets that we know; or why none came."""

    at: datetime
    scope: str
    name: str
    status: int
    """0 where none came."""
    body: str
    """The reply, or the error's line."""
    source: str = ""
    """For whose fetch it was asked; others may have used it too."""
    asked: str = ""
    """What tells this request from the others of its scope."""
    headers: Mapping[str, str] = {}
    error: FailureKind | None = None
    retry_after: float | None = None


class Pushed(Struct, frozen=True, kw_only=True, tag="pushed"):
    """What a stream brought: one message, or how it fared; neither where a connection began."""

    at: datetime
    feed: str
    body: str | None = None
    trouble: str | None = None


Line = Head | Heard | Began | Raw | Pushed
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


def heard_in(lines: Iterable[Line]) -> Iterator[tuple[datetime, Reading | Failure]]:
    """What was heard, whole again, in the same order."""
    candles: Candles = {}
    for line in lines:
        if isinstance(line, Heard) and (outcome := outcome_of(line, candles)) is not None:
            yield line.at, outcome


def outcome_of(line: Heard, candles: Candles) -> Reading | Failure | None:
    """What one line says was heard; `candles` are brought up to date. None for a line that says nothing."""
    if line.failure is not None or line.reading is None:
        return line.failure
    markets = []
    for market, bars in zip(line.reading.markets, line.bars, strict=True):
        place = (line.reading.source, market.venue, market.symbol)
        candles[place] = (*candles.get(place, ())[bars.start : bars.start + bars.count], *bars.more)
        markets.append(replace(market, candles=candles[place]))
    return replace(line.reading, markets=tuple(markets))


def _bars(before: tuple[Candle, ...], after: tuple[Candle, ...]) -> Bars:
    """The longest run of the candles before that those after begin with."""
    start = next((n for n, bar in enumerate(before) if after and bar == after[0]), len(before))
    count = 0
    for old, new in zip(before[start:], after, strict=False):
        if old != new:
            break
        count += 1
    return Bars(start, count, after[count:])
