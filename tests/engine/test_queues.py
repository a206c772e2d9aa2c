from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from adlwatch.domain.light import LightSource, LightState
from adlwatch.domain.model import Account, Candle, MarginMode, Market, Position, Side
from adlwatch.domain.queue_update import Queues
from adlwatch.domain.reading import Health, Reading, SourceState
from adlwatch.domain.settings import Settings
from adlwatch.domain.snapshot import Severity, Snapshot
from adlwatch.engine import queues as module
from adlwatch.engine.engine import SHORTEST, Engine
from adlwatch.engine.queues import LOOK_EVERY, Kept, QueueKeeper
from adlwatch.venues import profiles
from tests.engine.fakes import START, FrozenClock, Source, inline, running

SETTINGS = Settings(profiles=profiles())
SYMBOLS = [f"C{n}/USDT:USDT" for n in range(12)]
"""More markets than one update builds queues for."""


def candle(hours_ago: int) -> Candle:
    price = 100.0 + hours_ago % 7
    return Candle(START - timedelta(hours=hours_ago), price, price + 1, price - 1, price, 50.0)


def reading(now: datetime = START, symbols: list[str] = SYMBOLS) -> Reading:
    candles = tuple(candle(hours) for hours in range(48, 0, -1))
    return Reading(
        source="a",
        as_of=now,
        received_at=now,
        accounts=(Account(id="main", venue="binance", equity=1000.0, as_of=now),),
        positions=tuple(
            Position(
                account="main",
                venue="binance",
                symbol=symbol,
                side=Side.SHORT,
                size=1.0,
                entry_price=110.0,
                mark_price=100.0,
                margin_mode=MarginMode.CROSS,
                as_of=now,
            )
            for symbol in symbols
        ),
        markets=tuple(
            Market(venue="binance", symbol=symbol, mark_price=100.0, candles=candles, open_interest=500.0, as_of=now)
            for symbol in symbols
        ),
    )


def state(now: datetime = START) -> SourceState:
    return SourceState(id="a", kind="fake", interval=2.0, reading=reading(now))


def explode(*_: object) -> Queues:
    raise ZeroDivisionError("division by zero")


class Positions(Source):
    def reading(self, age: float = 0.0) -> Reading:
        return reading(self._clock.now(), SYMBOLS[:1])


def test_a_single_assessment_gets_every_queue_at_once() -> None:
    keeper = QueueKeeper(SETTINGS)
    keeper.settle((state(),), START)
    assert {key.symbol for key in keeper.kept.queues.by_key} == set(SYMBOLS)


@pytest.mark.asyncio
async def test_updates_build_some_queues_each_until_all_are_there_and_then_report_no_change() -> None:
    keeper = QueueKeeper(SETTINGS)
    counts = []
    for seconds in range(3):
        changed = await keeper.update((state(),), START + timedelta(seconds=seconds / 2), inline)
        counts.append((changed, len(keeper.kept.queues.by_key)))
    assert counts == [(True, 8), (True, 12), (False, 12)]


@pytest.mark.asyncio
async def test_a_failed_update_keeps_the_queues_and_names_the_fault_until_one_succeeds(monkeypatch: pytest.MonkeyPatch) -> None:
    keeper = QueueKeeper(SETTINGS)
    keeper.settle((state(),), START)
    known = keeper.kept.queues
    with monkeypatch.context() as broken:
        broken.setattr(module, "update", explode)
        assert await keeper.update((state(),), START, inline) is True
        assert (keeper.kept.queues, keeper.fault) == (known, "bug, see the log: ZeroDivisionError('division by zero')")
        keeper.settle((state(),), START)
        assert keeper.kept.queues is known
    assert await keeper.update((state(),), START, inline) is True
    assert keeper.fault is None


@pytest.mark.asyncio
async def test_an_estimate_reaches_the_snapshot_without_waiting_for_the_next_reading() -> None:
    clock = FrozenClock()
    engine = Engine([Positions(clock, interval=60)], SETTINGS, clock, offload=inline)
    seen: list[Snapshot] = []
    engine.subscribe(seen.append)
    async with running(engine.run()):
        await clock.advance(1)
    first = next(snapshot for snapshot in seen if snapshot.positions and snapshot.positions[0].estimate.level)
    assert first.positions[0].estimate.source is LightSource.MODELLED
    assert first.as_of - START <= timedelta(seconds=2 * SHORTEST)


@pytest.mark.asyncio
async def test_a_flood_of_readings_updates_the_queues_once_a_second() -> None:
    clock = FrozenClock()
    updates: list[datetime] = []

    async def counted(compute: Callable[[], Kept]) -> Kept:
        updates.append(clock.now())
        return compute()

    engine = Engine([Positions(clock, interval=0.05)], SETTINGS, clock, offload=counted)
    async with running(engine.run()):
        await clock.advance(3)
    assert [(at - START).total_seconds() for at in updates] == [0.25, 1.25, 2.25]


@pytest.mark.asyncio
async def test_the_assessment_never_waits_for_the_queues() -> None:
    clock = FrozenClock()

    async def slow(compute: object) -> Kept:
        await clock.sleep(3600)
        raise AssertionError

    engine = Engine([Positions(clock)], SETTINGS, clock, offload=slow)
    seen: list[Snapshot] = []
    engine.subscribe(seen.append)
    async with running(engine.run()):
        await clock.advance(10)
    assert len(seen) >= 10


@pytest.mark.asyncio
async def test_a_fault_in_the_queues_stands_among_the_sources_and_hides_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "update", explode)
    clock = FrozenClock()
    engine = Engine([Positions(clock)], SETTINGS, clock, offload=inline)
    async with running(engine.run()):
        await clock.advance(2)
        snapshot = engine.snapshot
    assert [(view.id, view.health) for view in snapshot.sources] == [("a", Health.LIVE), ("queues", Health.FAILING)]
    assert snapshot.positions[0].score.value is not None
    assert snapshot.severity is Severity.BLIND


@pytest.mark.asyncio
async def test_one_assessment_through_the_engine_has_its_estimates() -> None:
    clock = FrozenClock()
    snapshot = await Engine([Positions(clock)], SETTINGS, clock, offload=inline).assess_once()
    assert snapshot.positions[0].light.state is LightState.LIT


@pytest.mark.asyncio
async def test_one_position_is_looked_ahead_of_at_a_time_the_longest_unseen_first() -> None:
    keeper = QueueKeeper(SETTINGS)
    one, two = reading(symbols=SYMBOLS[:2]), SourceState(id="a", kind="fake", interval=2.0, reading=reading(symbols=SYMBOLS[:2]))
    assert one.positions
    seen = []
    for look in range(4):
        await keeper.update((two,), START + look * LOOK_EVERY, inline)
        await keeper.update((two,), START + look * LOOK_EVERY + LOOK_EVERY / 2, inline)
        seen.append({key: outlook.seen_at for key, outlook in keeper.kept.outlooks.items()})
    first, second = (position.key for position in one.positions)
    assert seen[0] == {first: START}
    assert seen[1] == {first: START, second: START + LOOK_EVERY}
    assert seen[2] == {first: START + 2 * LOOK_EVERY, second: START + LOOK_EVERY}
    assert seen[3] == {first: START + 2 * LOOK_EVERY, second: START + 3 * LOOK_EVERY}
