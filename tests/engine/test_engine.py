import asyncio
import logging
from datetime import datetime, timedelta

import pytest

from adlwatch.adapters.base import Retry
from adlwatch.domain.assess import States, assess
from adlwatch.domain.reading import Health
from adlwatch.domain.settings import Settings
from adlwatch.domain.snapshot import Severity, Snapshot
from adlwatch.engine import engine as module
from adlwatch.engine.engine import LONGEST, SHORTEST, Engine
from tests.engine.fakes import START, FrozenClock, Source, hang, inline, running, settle

pytestmark = pytest.mark.asyncio


def times(seen: list[Snapshot]) -> list[float]:
    return [(snapshot.as_of - START).total_seconds() for snapshot in seen]


def health_of(engine: Engine, source: str) -> Health:
    return next(view.health for view in engine.snapshot.sources if view.id == source)


def severity_of(engine: Engine) -> Severity:
    return engine.snapshot.severity


async def test_snapshots_come_on_change_and_at_least_once_a_second() -> None:
    clock = FrozenClock()
    engine = Engine([Source(clock, interval=60)], Settings(), clock, offload=inline)
    seen: list[Snapshot] = []
    engine.subscribe(seen.append)
    async with running(engine.run()):
        await clock.advance(5)
    assert times(seen) == [0, 1, 2, 3, 4, 5]
    assert [view.age_seconds for snapshot in seen for view in snapshot.sources] == [0, 1, 2, 3, 4, 5]


async def test_a_flood_of_readings_is_assessed_at_most_four_times_a_second() -> None:
    clock = FrozenClock()
    engine = Engine([Source(clock, id_=str(n), interval=0.01 + n / 1000) for n in range(5)], Settings(), clock, offload=inline)
    seen: list[Snapshot] = []
    engine.subscribe(seen.append)
    async with running(engine.run()):
        await clock.advance(2)
    gaps = [b - a for a, b in zip(times(seen), times(seen)[1:], strict=False)]
    assert min(gaps) >= SHORTEST
    assert len(seen) == 9


async def test_a_change_is_shown_without_waiting_for_the_next_second() -> None:
    clock = FrozenClock()
    engine = Engine([Source(clock, 0.0, Retry("HTTP 502"), interval=2.4)], Settings(), clock, offload=inline)
    seen: list[Snapshot] = []
    engine.subscribe(seen.append)
    async with running(engine.run()):
        await clock.advance(2.4)
    assert times(seen)[-1] == pytest.approx(2.4)
    assert seen[-1].sources[0].error == "HTTP 502"
    assert LONGEST > 0.4


async def test_sources_show_within_the_first_second_although_none_has_answered() -> None:
    clock = FrozenClock()
    engine = Engine([Source(clock, hang)], Settings(), clock, offload=inline)
    seen: list[Snapshot] = []
    engine.subscribe(seen.append)
    async with running(engine.run()):
        await clock.advance(LONGEST)
    assert [(view.id, view.health) for view in seen[0].sources] == [("a", Health.NEVER)]


async def test_one_bad_source_leaves_the_others_fresh_and_comes_back_by_itself() -> None:
    clock = FrozenClock()
    bad = Source(clock, 0.0, Retry("HTTP 502"), hang, RuntimeError("bug"), 0.0, id_="bad", timeout=5)
    engine = Engine([Source(clock, id_="good"), bad], Settings(), clock, offload=inline)
    async with running(engine.run()):
        await clock.advance(1)
        assert {health_of(engine, "good"), health_of(engine, "bad")} == {Health.LIVE}
        await clock.advance(20)
        assert (health_of(engine, "good"), health_of(engine, "bad")) == (Health.LIVE, Health.FAILING)
        assert severity_of(engine) is Severity.BLIND
        await clock.advance(10)
        assert (health_of(engine, "good"), health_of(engine, "bad")) == (Health.LIVE, Health.LIVE)
        assert severity_of(engine) is Severity.OK


async def test_a_source_that_hangs_without_failing_turns_late_then_stale() -> None:
    clock = FrozenClock()
    engine = Engine([Source(clock, 0.0, hang, timeout=600)], Settings(), clock, offload=inline)
    async with running(engine.run()):
        await clock.advance(6)
        assert health_of(engine, "a") is Health.LATE
        await clock.advance(20)
        assert health_of(engine, "a") is Health.STALE


async def test_a_subscriber_that_raises_is_logged_and_keeps_nobody_from_the_snapshot(caplog: pytest.LogCaptureFixture) -> None:
    def broken(snapshot: Snapshot) -> None:
        raise ZeroDivisionError

    clock = FrozenClock()
    engine = Engine([Source(clock)], Settings(), clock, offload=inline)
    seen: list[Snapshot] = []
    engine.subscribe(broken)
    engine.subscribe(seen.append)
    with caplog.at_level(logging.ERROR):
        async with running(engine.run()):
            await clock.advance(2)
    assert len(seen) == 3
    assert sum("subscriber" in record.message for record in caplog.records) == 3


async def test_an_unsubscribed_callback_hears_nothing_more_and_may_unsubscribe_twice() -> None:
    clock = FrozenClock()
    engine = Engine([Source(clock)], Settings(), clock, offload=inline)
    seen: list[Snapshot] = []
    unsubscribe = engine.subscribe(seen.append)
    async with running(engine.run()):
        unsubscribe()
        unsubscribe()
        await clock.advance(3)
    assert times(seen) == [0]


async def test_a_bug_in_the_assessment_is_shown_as_blind_and_the_engine_goes_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def sometimes(states: States, settings: Settings, now: datetime) -> Snapshot:
        if START < now < START + timedelta(seconds=3):
            raise ZeroDivisionError("division by zero")
        return assess(states, settings, now)

    monkeypatch.setattr(module, "assess", sometimes)
    clock = FrozenClock()
    engine = Engine([Source(clock)], Settings(), clock, offload=inline)
    async with running(engine.run()):
        assert severity_of(engine) is Severity.OK
        await clock.advance(2)
        broken = engine.snapshot
        await clock.advance(2)
        assert severity_of(engine) is Severity.OK
        assert [view.id for view in engine.snapshot.sources] == ["a"]
    assert broken.severity is Severity.BLIND
    assert [(view.id, view.health) for view in broken.sources] == [("a", Health.LIVE), ("assessment", Health.FAILING)]
    assert "ZeroDivisionError" in str(broken.sources[-1].error)
    assert any(record.exc_info for record in caplog.records)


async def test_retry_reaches_one_source_or_all() -> None:
    clock = FrozenClock()
    sources = [Source(clock, Retry("down"), id_="a", interval=50), Source(clock, id_="b", interval=50)]
    engine = Engine(sources, Settings(), clock, offload=inline)
    async with running(engine.run()):
        await clock.advance(1)
        assert engine.retry("a") == ("a",)
        await settle()
        assert [len(source.started) for source in sources] == [2, 1]
        assert engine.retry() == ("a", "b")
        await settle()
        assert [len(source.started) for source in sources] == [3, 2]
        assert engine.retry("queues") == ()


async def test_one_assessment_asks_all_sources_at_the_same_time_and_waits_for_the_slowest_deadline() -> None:
    clock = FrozenClock()
    sources = [Source(clock, id_="a"), Source(clock, hang, id_="b", timeout=7), Source(clock, ValueError("x"), id_="c")]
    engine = Engine(sources, Settings(), clock, offload=inline)
    task = asyncio.create_task(engine.assess_once())
    await clock.advance(6)
    assert [len(source.started) for source in sources] == [1, 1, 1]
    assert not task.done()
    await clock.advance(1)
    snapshot = await task
    assert [(view.id, view.error is None) for view in snapshot.sources] == [("a", True), ("b", False), ("c", False)]
    assert snapshot is engine.snapshot
    assert snapshot.severity is Severity.BLIND


async def test_closing_reaches_every_adapter_although_one_raises_and_one_hangs() -> None:
    class Raises(Source):
        async def close(self) -> None:
            raise OSError("gone")

    class Hangs(Source):
        async def close(self) -> None:
            await hang()

    clock = FrozenClock()
    sources = [Raises(clock, id_="a"), Hangs(clock, id_="b"), Source(clock, id_="c")]
    engine = Engine(sources, Settings(), clock, offload=inline)
    task = asyncio.create_task(engine.close())
    await clock.advance(module.CLOSE_WITHIN)
    await task
    assert sources[2].closed == 1


async def test_cancelling_the_engine_leaves_no_task_behind() -> None:
    clock = FrozenClock()
    before = asyncio.all_tasks()
    engine = Engine([Source(clock, hang, id_="a"), Source(clock, id_="b")], Settings(), clock, offload=inline)
    async with running(engine.run()):
        assert len(asyncio.all_tasks()) == len(before) + 6  # the engine, its four, and the fetch that hangs
    assert asyncio.all_tasks() == before


async def test_before_the_first_assessment_nothing_is_claimed() -> None:
    clock = FrozenClock()
    assert Engine([Source(clock)], Settings(), clock, offload=inline).snapshot.severity is Severity.BLIND


async def test_two_sources_with_one_id_are_refused() -> None:
    clock = FrozenClock()
    with pytest.raises(ValueError, match="two sources share an id: a"):
        Engine([Source(clock), Source(clock)], Settings(), clock, offload=inline)
