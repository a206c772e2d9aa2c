"""A source whose marks are pushed between its requests: the requests keep their own cadence and stay the truth."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from msgspec.structs import replace

from adlwatch.adapters.base import Adapter, Clock, Context, identity
from adlwatch.adapters.keyless import share
from adlwatch.adapters.stream import Feed, Mark, Stream
from adlwatch.adapters.wire import Asked, Reply, ask
from adlwatch.domain.model import AdlWarning, Market
from adlwatch.domain.reading import Reading

PACE = 1.0
"""Seconds between two looks at what has been pushed."""
LEAST = 0.05


class Streamed:
    """An adapter, with newer marks and warnings laid over its last reading.

    A stream opens with the second fetch: who asks only once needs none.
    """

    def __init__(self, inner: Adapter, streams: Sequence[Stream], clock: Clock) -> None:
        self.inner = inner
        self.id = inner.id
        self.kind = inner.kind
        self.interval = inner.interval
        self.timeout = inner.timeout
        self.label = inner.label
        self.identity = identity(inner)
        self._streams = streams
        self._clock = clock
        self._reading: Reading | None = None
        self._due: datetime | None = None
        self._started = False

    @property
    def pace(self) -> float:
        """Seconds until the next look: a second while marks are pushed, and never later than the next request."""
        if self._due is None:
            return self.interval
        now = self._clock()
        most = PACE if any(stream.marks(now) for stream in self._streams) else self.interval
        return max(LEAST, min(most, (self._due - now).total_seconds()))

    async def fetch(self) -> Reading:
        """The inner adapter's reading, asked for when it is due, with what has been pushed since; its times stay its own."""
        reading, due = self._reading, self._due
        if reading is None or due is None or not timedelta(0) < due - self._clock() <= timedelta(seconds=self.interval):
            self._due = None
            first = reading is None
            reading = self._reading = await self.inner.fetch()
            self._due = self._clock() + timedelta(seconds=self.interval)
            if not first:
                self._follow(reading)
        await ask(Asked(self.id, "pushed until now"), _nothing)  # where in between a push came, a replay has to know
        return self._laid_over(reading)

    async def close(self) -> None:
        """Let go of the streams and of the inner adapter; safe to call twice."""
        for stream in self._streams:
            await stream.leave(self.id)
        await self.inner.close()

    def _follow(self, reading: Reading) -> None:
        for stream in self._streams:
            ids = ((stream.feed.id_of(position), position.symbol) for position in reading.positions)
            stream.want(self.id, {id_: symbol for id_, symbol in ids if id_ is not None})
        self._started = True

    def _laid_over(self, reading: Reading) -> Reading:
        if not self._started:
            return reading
        now = self._clock()
        marks = {symbol: mark for stream in self._streams for symbol, mark in stream.marks(now).items()}
        notes = (stream.note(self.id, now) for stream in self._streams)
        held = {position.symbol for position in reading.positions}
        pushed = (warning for stream in self._streams for warning in stream.warnings(now) if warning.symbol in held)
        return replace(
            reading,
            markets=tuple(fresher(market, marks) for market in reading.markets),
            warnings=newest((*reading.warnings, *pushed)),
            notes=(*reading.notes, *(note for note in notes if note is not None)),
        )


async def _nothing() -> Reply:
    return 204, {}, b""


def fresher(market: Market, marks: Mapping[str, Mark]) -> Market:
    """The market at its pushed mark where that is newer than the one it was read with."""
    mark = marks.get(market.symbol)
    if mark is None or (market.as_of is not None and mark.at <= market.as_of):
        return market
    return replace(market, mark_price=mark.price, as_of=mark.at)


def newest(warnings: Iterable[AdlWarning]) -> tuple[AdlWarning, ...]:
    """One warning a market: of two the newer, and of two as old the later told."""
    found: dict[tuple[str, str], AdlWarning] = {}
    for warning in warnings:
        other = found.get((warning.venue, warning.symbol))
        if other is None or other.as_of is None or (warning.as_of is not None and warning.as_of >= other.as_of):
            found[warning.venue, warning.symbol] = warning
    return tuple(found.values())


def streamed(adapter: Adapter, feeds: Iterable[Feed], context: Context) -> Adapter:
    """The adapter with these feeds, each of them one connection for all sources of the run."""
    streams = [share(context, f"stream {feed.url}", partial(Stream, feed, context.clock)) for feed in feeds]
    return Streamed(adapter, streams, context.clock) if streams else adapter
