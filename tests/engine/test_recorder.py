import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from adlwatch.domain.incident import IncidentKind
from adlwatch.domain.model import Fill, FillKind, Market, Position, Side, VenueLight
from adlwatch.domain.reading import Health, Reading
from adlwatch.domain.settings import Settings
from adlwatch.domain.snapshot import Snapshot
from adlwatch.engine.engine import Engine
from adlwatch.engine.recorder import Recorder, resume
from adlwatch.store.history import History
from adlwatch.venues import profiles
from tests.engine.fakes import START, FrozenClock, Source, hang, inline, running

pytestmark = pytest.mark.asyncio
KEY = "a:BTC/USDT:USDT:short"


class Venue(Source):
    """One short position at a venue, whose size, mark and light a test changes."""

    size = 1.0
    mark = 90.0
    raw = 2
    fills: tuple[Fill, ...] = ()

    def reading(self, age: float = 0.0) -> Reading:
        found = super().reading(age)
        symbol = "BTC/USDT:USDT"
        position = Position(
            account="a",
            venue="binance",
            symbol=symbol,
            side=Side.SHORT,
            size=self.size,
            entry_price=100.0,
            mark_price=self.mark,
            venue_light=VenueLight(self.raw, found.as_of),
        )
        market = Market(venue="binance", symbol=symbol, mark_price=self.mark)
        return replace(found, positions=(position,) if self.size else (), markets=(market,), fills=self.fills)


@contextmanager
def recorded(path: Path, clock: FrozenClock, *sources: Source) -> Iterator[tuple[Engine, History]]:
    """An engine with a history, as the composition root makes them."""
    history = History(path, clock.now)
    recorder = Recorder(history, profiles(), resume(history, clock.now()))
    try:
        yield Engine(sources, Settings(profiles=profiles()), clock, offload=inline, recorder=recorder), history
    finally:
        history.close()


def fill(id_: str, at: datetime) -> Fill:
    return Fill(
        id=id_,
        account="a",
        venue="binance",
        symbol="BTC/USDT:USDT",
        side=Side.SHORT,
        size=0.4,
        price=90.0,
        time=at,
        kind=FillKind.ADL,
    )


async def flushed(history: History) -> None:
    assert await asyncio.wrap_future(history.flush())


async def test_changes_are_kept_at_once_and_the_rest_at_a_steady_pace(tmp_path: Path) -> None:
    clock = FrozenClock()
    venue = Venue(clock)
    with recorded(tmp_path / "h.sqlite3", clock, venue) as (engine, history):
        async with running(engine.run()):
            await clock.advance(90)
            venue.raw = 4
            await clock.advance(5)
        await flushed(history)
        read = history.read
        series = read.series(KEY, START)
        lights = [(c.before, c.after) for c in read.changes(START, subject=KEY) if c.kind == "light"]
        assert [s.level for s in series if s.level][-1] == 5
        assert [(s.at - START).total_seconds() for s in series] == sorted({(s.at - START).total_seconds() for s in series})
        assert {0.0, 60.0, 92.0} <= {(s.at - START).total_seconds() for s in series}
        assert len(series) < 8
        assert lights == [(None, "3 venue"), ("3 venue", "5 venue")]
        assert len(read.snapshots(START, START + timedelta(hours=1))) == 10
        assert [(s.level, s.held) for s in read.sightings(START)] == [(3, None), (3, 3), (5, 3)]
        assert history.fault is None


async def test_fills_that_a_venue_numbers_alike_are_all_kept_and_each_once(tmp_path: Path) -> None:
    clock = FrozenClock()
    venue = Venue(clock)
    with recorded(tmp_path / "h.sqlite3", clock, venue) as (engine, history):
        async with running(engine.run()):
            await clock.advance(10)
            first = fill("7", clock.now())
            venue.fills = (first, replace(first, side=Side.LONG))
            await clock.advance(5)
            venue.fills = (*venue.fills, replace(first, symbol="ETH/USDT:USDT"))
            await clock.advance(5)
        await flushed(history)
        kept = {(each.symbol, each.side, each.id) for each in history.read.fills(START)}
        assert kept == {("BTC/USDT:USDT", "short", "7"), ("BTC/USDT:USDT", "long", "7"), ("ETH/USDT:USDT", "short", "7")}
        assert len(history.read.fills(START)) == 3


async def test_an_adl_is_kept_as_fill_incident_and_alert_and_carried_on_by_the_next_run(tmp_path: Path) -> None:
    clock, path = FrozenClock(), tmp_path / "h.sqlite3"
    venue = Venue(clock)
    with recorded(path, clock, venue) as (engine, history):
        async with running(engine.run()):
            await clock.advance(10)
            venue.size, venue.fills = 0.6, (fill("f1", clock.now() + timedelta(seconds=1)),)
            await clock.advance(10)
            before = engine.snapshot
            await flushed(history)
        (kept,) = history.read.incidents(START)
        assert kept.kind is IncidentKind.ADL
        assert [each.id for each in history.read.fills(START)] == ["f1"]
        told = [t.alert.key for t in history.read.alert_changes(START)]
        assert any(key.endswith("|incident") for key in told)
        history.close()
    await clock.advance(60)
    with recorded(path, clock, Venue(clock, hang)) as (engine, history):
        assert set(engine.alerts.alerts) == {alert.key for alert in before.alerts}
        async with running(engine.run()):
            await clock.advance(1)
            assert [each.id for each in engine.snapshot.incidents] == [kept.id]
            await flushed(history)
        assert [t.alert.key for t in history.read.alert_changes(START)][: len(told)] == told


async def test_the_first_snapshot_after_a_restart_shows_the_last_known_state_with_its_age(tmp_path: Path) -> None:
    clock, path = FrozenClock(), tmp_path / "h.sqlite3"
    with recorded(path, clock, Venue(clock)) as (engine, _):
        async with running(engine.run()):
            await clock.advance(10)
        last = engine.snapshot
        await engine.close()
    await clock.advance(600)
    seen: list[Snapshot] = []
    with recorded(path, clock, Venue(clock, hang)) as (engine, history):
        engine.subscribe(seen.append)
        async with running(engine.run()):
            pass
        assert [(p.key, p.mark_price, p.age_seconds) for p in seen[0].positions] == [
            (p.key, p.mark_price, (p.age_seconds or 0) + 600) for p in last.positions
        ]
        assert [(s.id, s.health) for s in seen[0].sources] == [("a", Health.STALE)]
        await flushed(history)
        assert [(c.before, c.after) for c in history.read.changes(START + timedelta(seconds=20), subject="a")] == [
            ("live", "stale")
        ]


async def test_a_leg_that_went_while_nobody_watched_is_found_by_the_first_reading(tmp_path: Path) -> None:
    clock, path = FrozenClock(), tmp_path / "h.sqlite3"
    with recorded(path, clock, Venue(clock)) as (engine, _):
        async with running(engine.run()):
            await clock.advance(10)
        await engine.close()
    await clock.advance(60)
    after = Venue(clock)
    after.size = 0.0
    with recorded(path, clock, after) as (engine, _):
        async with running(engine.run()):
            await clock.advance(2)
            assert [each.kind for each in engine.snapshot.incidents] == [IncidentKind.UNEXPLAINED]


async def test_a_source_of_another_kind_under_the_same_id_begins_with_nothing(tmp_path: Path) -> None:
    clock, path = FrozenClock(), tmp_path / "h.sqlite3"
    with recorded(path, clock, Venue(clock)) as (engine, _):
        async with running(engine.run()):
            await clock.advance(10)
        await engine.close()
    other = Venue(clock, hang)
    other.label = "MOCK"
    with recorded(path, clock, other) as (engine, _):
        async with running(engine.run()):
            assert engine.snapshot.positions == ()


async def test_a_fault_of_the_history_stands_beside_the_sources_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    clock = FrozenClock()
    with recorded(tmp_path / "taken" / "h.sqlite3", clock, Venue(clock)) as (engine, history):
        async with running(engine.run()):
            assert not await asyncio.wrap_future(history.flush())
            await clock.advance(2)
            view = engine.snapshot.sources[-1]
            assert (view.id, view.health) == ("history", Health.FAILING)
            assert "cannot be opened" in str(view.error)
            assert engine.snapshot.positions


async def test_a_bug_in_recording_is_shown_logged_once_and_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("adlwatch.engine.recorder.changes", broken)
    clock = FrozenClock()
    with recorded(tmp_path / "h.sqlite3", clock, Venue(clock)) as (engine, _):
        async with running(engine.run()):
            await clock.advance(5)
            assert engine.snapshot.sources[-1].id == "history"
    assert sum("could not be recorded" in record.message for record in caplog.records) == 1


async def test_closing_the_engine_ends_the_historys_thread(tmp_path: Path) -> None:
    before, clock = set(threading.enumerate()), FrozenClock()
    with recorded(tmp_path / "h.sqlite3", clock, Venue(clock)) as (engine, _):
        async with running(engine.run()):
            await clock.advance(2)
        assert "history" in {thread.name for thread in set(threading.enumerate()) - before}
        await engine.close()
        assert "history" not in {thread.name for thread in set(threading.enumerate()) - before}
