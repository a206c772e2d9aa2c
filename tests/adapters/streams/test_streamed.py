"""Pushed marks over a source's own readings: REST keeps its cadence and stays the truth."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from adlwatch.adapters.base import BadPayload, Context, SourceError, pace
from adlwatch.adapters.stream import Mark
from adlwatch.adapters.streamed import Streamed, fresher, newest, streamed
from adlwatch.domain.model import AdlWarning, Market, Position, Side
from adlwatch.domain.reading import Reading
from tests.adapters.streams.pushing import FEED, Time, Venue, stream, until, venue

SYMBOL = "BTC/USDT:USDT"


@dataclass
class Rest:
    """A source that is asked over the wire; each answer has the time at which it was given."""

    time: Time
    id: str = "desk"
    kind: str = "okx"
    interval: float = 5.0
    timeout: float = 10.0
    label: str | None = None
    asked: int = 0
    fails: bool = False
    closed: int = 0
    warnings: tuple[AdlWarning, ...] = field(default=())

    async def fetch(self) -> Reading:
        self.asked += 1
        if self.fails:
            raise BadPayload("broken")
        now = self.time.now
        position = Position(
            account="desk", venue="okx", symbol=SYMBOL, side=Side.LONG, size=1, entry_price=1, as_of=now, raw=(("id", "BTCUSDT"),)
        )
        market = Market(venue="okx", symbol=SYMBOL, mark_price=50_000.0, funding_rate=0.01, as_of=now)
        return Reading(
            source=self.id,
            as_of=now,
            received_at=now,
            positions=(position,),
            markets=(market,),
            warnings=self.warnings,
            notes=("own note",),
        )

    async def close(self) -> None:
        self.closed += 1


async def live(there: Venue, time: Time) -> tuple[Rest, Streamed]:
    """After two fetches, with one mark pushed a second later."""
    rest = Rest(time)
    pushed = stream(there, time)
    source = Streamed(rest, [pushed], time.clock)
    await source.fetch()
    time.now += timedelta(seconds=5)
    await source.fetch()
    await until(lambda: bool(there.heard))
    time.now += timedelta(seconds=1)
    await there.push(("BTCUSDT", 60_000.0, time.now))
    await until(lambda: bool(pushed.marks(time.now)))
    return rest, source


@pytest.mark.asyncio
async def test_a_pushed_mark_comes_with_its_own_time_and_costs_no_request() -> None:
    async with venue() as there:
        time = Time()
        rest, source = await live(there, time)
        read_at = time.now - timedelta(seconds=1)
        reading = await source.fetch()
        assert rest.asked == 2
        (market,) = reading.markets
        assert (market.mark_price, market.as_of, market.funding_rate) == (60_000.0, time.now, 0.01)
        assert (reading.as_of, reading.received_at, reading.positions[0].as_of) == (read_at, read_at, read_at)
        assert reading.notes == ("own note",)
        await source.close()


@pytest.mark.asyncio
async def test_who_asks_once_opens_no_connection() -> None:
    async with venue() as there:
        time = Time()
        rest, source = Rest(time), Streamed(Rest(time), [stream(there, time)], time.clock)
        assert await source.fetch() == await rest.fetch()
        assert pace(source) == rest.interval
        await source.close()
        assert not there.sockets


@pytest.mark.asyncio
async def test_requests_keep_their_cadence_while_marks_are_looked_at_every_second() -> None:
    async with venue() as there:
        time = Time()
        rest, source = await live(there, time)
        waits = []
        for _ in range(10):
            await there.push(("BTCUSDT", 60_000.0, time.now))
            await until(lambda: any(mark.at == time.now for mark in source._streams[0].marks(time.now).values()))
            await source.fetch()
            waits.append(pace(source))
            time.now += timedelta(seconds=waits[-1])
        assert (rest.asked, waits) == (4, [1.0] * 10)
        await source.close()


@pytest.mark.asyncio
async def test_a_dead_stream_leaves_rest_as_it_was_and_says_so() -> None:
    async with venue() as there:
        time = Time()
        rest, source = await live(there, time)
        time.now += timedelta(seconds=20)
        reading = await source.fetch()
        assert rest.asked == 3
        (market,) = reading.markets
        assert (market.mark_price, market.as_of) == (50_000.0, time.now)
        assert reading.notes == ("own note", "loop stream: late; no pushed marks, they come with the requests")
        assert pace(source) == rest.interval
        await source.close()


@pytest.mark.asyncio
async def test_a_failing_source_fails_whatever_is_pushed() -> None:
    async with venue() as there:
        time = Time()
        rest, source = await live(there, time)
        time.now += timedelta(seconds=4)
        rest.fails = True
        for _ in range(2):
            with pytest.raises(SourceError, match="broken"):
                await source.fetch()
        assert pace(source) == rest.interval
        rest.fails = False
        assert (await source.fetch()).as_of == time.now
        await source.close()
        assert rest.closed == 1


@pytest.mark.asyncio
async def test_a_clock_set_back_asks_at_once() -> None:
    async with venue() as there:
        time = Time()
        rest, source = await live(there, time)
        time.now -= timedelta(hours=1)
        await source.fetch()
        assert rest.asked == 3
        await source.close()


@pytest.mark.asyncio
async def test_a_pushed_warning_of_a_held_market_stands_beside_the_rest() -> None:
    async with venue() as there:
        time = Time()
        _, source = await live(there, time)
        await there.push(("BTCUSDT", -1, time.now))
        await until(lambda: bool(source._streams[0].warnings(time.now)))
        (warning,) = (await source.fetch()).warnings
        assert (warning.symbol, warning.state) == (SYMBOL, "adl")
        await source.close()


@pytest.mark.parametrize(("seconds", "expected"), [(-1, 1.0), (0, 1.0), (1, 2.0)])
def test_only_a_newer_mark_wins(seconds: int, expected: float) -> None:
    at = datetime(2026, 1, 2)  # noqa: DTZ001 -- only compared
    market = Market(venue="okx", symbol=SYMBOL, mark_price=1.0, as_of=at)
    assert fresher(market, {SYMBOL: Mark("x", 2.0, at + timedelta(seconds=seconds))}).mark_price == expected
    assert fresher(market, {}) is market


def test_of_two_warnings_the_newer_counts() -> None:
    time = Time().now
    old = AdlWarning(venue="bybit", symbol=SYMBOL, state="normal", as_of=time)
    late = AdlWarning(venue="bybit", symbol=SYMBOL, state="triggered", as_of=time + timedelta(seconds=1))
    assert newest([old, late]) == newest([late, old]) == (late,)


def test_sources_of_one_run_share_a_stream_and_without_feeds_there_is_none() -> None:
    time = Time()
    context = Context(time.clock, {})
    first, second = streamed(Rest(time), [FEED], context), streamed(Rest(time, id="b"), [FEED], context)
    assert isinstance(first, Streamed)
    assert isinstance(second, Streamed)
    assert first._streams[0] is second._streams[0]
    bare = Rest(time)
    assert streamed(bare, [], context) is bare
