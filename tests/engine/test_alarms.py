import logging
from datetime import datetime

import pytest

from adlwatch.domain.alert import Transition
from adlwatch.domain.alerts import Evaluated
from adlwatch.domain.reading import Health
from adlwatch.domain.settings import Settings
from adlwatch.domain.snapshot import Severity
from adlwatch.engine import alarms as module
from adlwatch.engine.engine import Engine
from tests.engine.fakes import FrozenClock, Source, hang, inline, running

pytestmark = pytest.mark.asyncio


async def test_a_part_that_fails_is_an_alert_until_it_works_again() -> None:
    clock = FrozenClock()
    engine = Engine([Source(clock)], Settings(), clock, offload=inline)
    async with running(engine.run()):
        await clock.advance(1)
        engine.report("telegram", "HTTP 401")
        await clock.advance(1)
        assert [(alert.subject, alert.text) for alert in engine.snapshot.alerts] == [("telegram", "telegram: HTTP 401")]
        engine.report("telegram", None)
        engine.report("slack", None)
        await clock.advance(70)
        assert [alert.resolved_at is not None for alert in engine.snapshot.alerts] == [True]
        assert list(engine.alerts.alerts) == ["||telegram|fault"]


async def test_a_source_that_falls_silent_is_an_alert() -> None:
    clock = FrozenClock()
    engine = Engine([Source(clock, 0.0, hang, timeout=600)], Settings(), clock, offload=inline)
    async with running(engine.run()):
        await clock.advance(40)
        assert [(alert.key, alert.text) for alert in engine.snapshot.alerts] == [("||a|blind", "a is stale")]


async def test_a_listener_that_raises_is_logged_and_one_that_left_hears_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def broken(transition: Transition) -> None:
        raise ZeroDivisionError

    clock = FrozenClock()
    engine = Engine([Source(clock)], Settings(), clock, offload=inline)
    heard: list[Transition] = []
    engine.on_transition(broken)
    leave = engine.on_transition(heard.append)
    async with running(engine.run()):
        engine.report("telegram", "HTTP 401")
        with caplog.at_level(logging.ERROR):
            await clock.advance(1)
        assert len(heard) == 1
        leave()
        leave()
        engine.report("slack", "HTTP 500")
        await clock.advance(1)
    assert len(heard) == 1
    assert any("listener" in record.message for record in caplog.records)


async def test_commands_on_what_is_not_there_do_nothing() -> None:
    clock = FrozenClock()
    engine = Engine([Source(clock)], Settings(), clock, offload=inline)
    assert not engine.acknowledge("||x|blind", "ann")
    assert not engine.snooze("||x|blind", datetime.max.replace(tzinfo=clock.now().tzinfo))


async def test_a_bug_in_the_alerts_is_shown_as_blind_and_the_engine_goes_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> Evaluated:
        raise ZeroDivisionError

    clock = FrozenClock()
    engine = Engine([Source(clock)], Settings(), clock, offload=inline)
    async with running(engine.run()):
        with monkeypatch.context() as patched, caplog.at_level(logging.CRITICAL):
            patched.setattr(module, "evaluate", broken)
            await clock.advance(1)
            blind = engine.snapshot
        await clock.advance(1)
    assert blind.severity is Severity.BLIND
    assert [(view.id, view.health) for view in blind.sources] == [("a", Health.LIVE), ("alerts", Health.FAILING)]
    assert engine.snapshot.severity is Severity.OK
