import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from adlwatch.adapters.base import BadPayload, Unsupported
from adlwatch.adapters.replay.shift import Shift
from adlwatch.adapters.replay.source import ReplayOptions, ReplaySource
from adlwatch.domain.incident import IncidentKind
from adlwatch.domain.model import Account, Candle, Fill, FillKind, Market, Position, Side
from adlwatch.domain.reading import Reading
from adlwatch.domain.recording import Candles, Head, RecordedSource, encode, heard
from adlwatch.domain.settings import Settings
from adlwatch.engine.engine import Engine
from adlwatch.engine.virtual import VirtualClock
from tests.engine.fakes import inline, running

pytestmark = pytest.mark.asyncio
THEN = datetime(2025, 10, 10, 20, 50, tzinfo=UTC)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def reading(second: float, size: float, *fills: Fill) -> Reading:
    at = THEN + timedelta(seconds=second)
    position = Position(
        account="main", venue="binance", symbol="BTC/USDT:USDT", side=Side.SHORT, size=size, entry_price=120e3, mark_price=110e3
    )
    bars = (Candle(THEN - timedelta(minutes=5), 1, 1, 1, 1), Candle(THEN, 1, 1, 1, second + 1))
    market = Market(venue="binance", symbol="BTC/USDT:USDT", mark_price=110e3, candles=bars, as_of=at)
    return Reading(
        source="bin",
        as_of=at - timedelta(seconds=0.5),
        received_at=at,
        accounts=(Account(id="main", venue="binance"),),
        positions=(position,) if size else (),
        markets=(market,),
        fills=fills,
    )


def adl(second: float, size: float) -> Fill:
    at = THEN + timedelta(seconds=second)
    symbol = "BTC/USDT:USDT"
    return Fill(
        id="7",
        account="main",
        venue="binance",
        symbol=symbol,
        side=Side.SHORT,
        size=size,
        price=115e3,
        time=at,
        kind=FillKind.ADL,
    )


Record = Callable[..., Path]


@pytest.fixture
def record(tmp_path: Path) -> Record:
    def write(*readings: Reading, sources: tuple[str, ...] = ("bin",)) -> Path:
        made = tuple(RecordedSource(id=id_, kind="binance", interval=2.0) for id_ in sources)
        candles: Candles = {}
        lines = [heard(each.received_at, each, candles) for each in readings]
        path = tmp_path / "r.jsonl"
        path.write_bytes(encode(Head(version="1", started=THEN, sources=made)) + b"".join(encode(line) for line in lines))
        return path

    return write


def source(path: Path, clock: VirtualClock, **options: object) -> ReplaySource:
    return ReplaySource("desk", ReplayOptions(path=str(path), **options), clock.now, clock.sleep)  # type: ignore[arg-type]  # by name


async def after(clock: VirtualClock, seconds: float, asked: ReplaySource) -> Reading | None:
    """What one fetch brings within that time."""
    task = asyncio.create_task(asked.fetch())
    await clock.advance(seconds)
    if not task.done():
        task.cancel()
        await asyncio.wait([task])
        return None
    return await task


@pytest.mark.parametrize("speed", [1.0, 4.0])
async def test_it_happens_now_with_every_time_in_it_moved(record: Record, speed: float) -> None:
    clock = VirtualClock(NOW)
    replayed = source(record(reading(8, 2.0), reading(16, 1.0)), clock, speed=speed)
    assert (replayed.interval, replayed.label) == (2.0 / speed, f"REPLAY 2025-10-10 20:50Z ×{speed:g}")
    assert await after(clock, 7.9 / speed, replayed) is None
    found = await after(clock, 0.2, replayed)
    assert found is not None
    assert (found.source, found.positions[0].size) == ("desk", 2.0)
    assert found.received_at == NOW + timedelta(seconds=8) / speed
    assert found.received_at - found.as_of == timedelta(seconds=0.5) / speed
    (market,) = found.markets
    assert market.as_of == found.received_at
    assert [bar.time for bar in market.candles] == [NOW - timedelta(minutes=5), NOW]
    assert await after(clock, 8.0, replayed) is not None
    with pytest.raises(Unsupported, match="the recording has ended"):
        await after(clock, 1, replayed)
    await replayed.close()


async def test_bars_that_were_there_before_are_not_moved_again() -> None:
    shift = Shift(THEN, NOW, 1.0)
    first = reading(1, 1.0)
    older, last = first.markets[0].candles
    slid = replace(first, markets=(replace(first.markets[0], candles=(last, Candle(THEN + timedelta(minutes=5), 1, 1, 1, 9))),))
    (before,), (moved,) = shift.reading(first).markets, shift.reading(slid).markets
    assert moved.candles[0] is before.candles[1]
    assert [bar.time for bar in moved.candles] == [NOW, NOW + timedelta(minutes=5)]
    assert shift.recorded(NOW + timedelta(seconds=3)) == THEN + timedelta(seconds=3)
    assert older.time < THEN


async def test_an_adl_in_it_is_an_incident_here_once_a_round_and_its_return_is_none(record: Record) -> None:
    path = record(reading(1, 2.0), reading(10, 0.5, adl(9.5, 1.5)), reading(12, 3.0))
    clock = VirtualClock(NOW)
    engine = Engine([source(path, clock, loop=True)], Settings(), clock, offload=inline)
    async with running(engine.run()):
        await clock.advance(30)
        incidents = engine.snapshot.incidents
    assert engine.snapshot.label == "REPLAY 2025-10-10 20:50Z ×1"
    assert [incident.kind for incident in incidents] == [IncidentKind.ADL]
    assert incidents[0].fills >= 2
    assert incidents[0].legs[0].vanished_units == 0.0


async def test_one_of_several_sources_has_to_be_named(record: Record) -> None:
    clock, path = VirtualClock(NOW), record(reading(1, 2.0), sources=("bin", "hl"))
    with pytest.raises(Unsupported, match="it has several sources, so name one: source =; there are bin, hl"):
        await source(path, clock).fetch()
    with pytest.raises(Unsupported, match='it has no source "okx"; there are bin, hl'):
        await source(path, clock, source="okx").fetch()
    assert await after(clock, 2, source(path, clock, source="bin")) is not None


async def test_a_recording_that_breaks_off_says_so_at_its_end_even_in_a_loop(record: Record) -> None:
    path = record(reading(1, 2.0), reading(3, 2.0))
    path.write_bytes(path.read_bytes()[:-20])
    clock = VirtualClock(NOW)
    replayed = source(path, clock, loop=True)
    assert await after(clock, 2, replayed) is not None
    with pytest.raises(BadPayload, match="breaks off after line 2"):
        await after(clock, 5, replayed)


async def test_a_file_that_comes_later_is_found(record: Record, tmp_path: Path) -> None:
    clock = VirtualClock(NOW)
    replayed = source(tmp_path / "r.jsonl", clock)
    with pytest.raises(Exception, match="cannot be read"):
        await replayed.fetch()
    record(reading(1, 2.0))
    assert await after(clock, 2, replayed) is not None
