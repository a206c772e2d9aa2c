"""What happened while adlwatch was not running is found at its next start: engine, history and adapter over real HTTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from adlwatch.adapters.base import Context
from adlwatch.adapters.hyperliquid import KIND, HyperliquidOptions
from adlwatch.domain.incident import Incident, IncidentKind
from adlwatch.domain.settings import Settings
from adlwatch.engine.engine import Engine
from adlwatch.engine.recorder import Recorder, resume
from adlwatch.store.history import History
from adlwatch.venues import profiles
from tests.adapters.emulators.hyperliquid import ADDRESS, Hyperliquid
from tests.adapters.hyperliquid.rows import adl, balance, fill, market, markets, position, state
from tests.engine.fakes import FrozenClock, inline, running

pytestmark = pytest.mark.asyncio
START = datetime(2025, 10, 10, 20, 0, tzinfo=UTC)


@dataclass
class Desk:
    """One address, watched by one run of the program after another."""

    venue: Hyperliquid
    path: Path
    clock: FrozenClock

    def holds(self, size: float) -> None:
        rows = [position("AVAX", -size, 28.0, 22.0)] if size else []
        self.venue.states[ADDRESS, ""] = state(*rows, time=self.now_ms())

    def now_ms(self, seconds: float = 0.0) -> int:
        return int((self.clock.now() + timedelta(seconds=seconds)).timestamp() * 1000)

    @asynccontextmanager
    async def run(self) -> AsyncIterator[Engine]:
        history = History(self.path, self.clock.now)
        recorder = Recorder(history, profiles(), resume(history, self.clock.now()))
        context = Context(self.clock.now, {}, before=recorder.resumed.readings({"desk": "hyperliquid"}))
        options = HyperliquidOptions(address=ADDRESS, api_url=self.venue.url, stream=False)
        source = KIND.create("desk", options, context)
        engine = Engine([source], Settings(profiles=profiles()), self.clock, offload=inline, recorder=recorder)
        yield engine
        await engine.close()

    async def away(self, seconds: float) -> None:
        await self.clock.advance(seconds)


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with Hyperliquid().open() as venue:
        venue.markets[""] = markets(market("AVAX", 22.0))
        venue.spot = {"balances": [balance("AVAX", 5, 100.0)]}
        made = Desk(venue, tmp_path / "history.sqlite3", FrozenClock(START))
        made.holds(100.0)
        yield made


def taken(desk: Desk, size: float, before: float, at_ms: int, **more: Any) -> None:
    desk.venue.fills.append(adl(sz=str(size), startPosition=str(-before), time=at_ms, tid=at_ms, **more))


async def seen(desk: Desk) -> tuple[Incident, ...]:
    """The incidents after one run's first answer."""
    async with desk.run() as engine, running(engine.run()):
        return await next_incidents(desk, engine)


async def next_incidents(desk: Desk, engine: Engine) -> tuple[Incident, ...]:
    heard = asyncio.Event()
    engine.on_outcome(lambda *_: heard.set())
    engine.retry()
    await asyncio.wait_for(heard.wait(), 10)
    await desk.clock.advance(1)
    return engine.snapshot.incidents


async def test_an_adl_between_two_runs_is_an_incident_at_the_start_named_by_the_venues_own_fills(desk: Desk) -> None:
    assert await seen(desk) == ()
    desk.venue.fills = [fill(coin="AVAX", time=desk.now_ms(-60), dir="Open Short", side="A")]
    await desk.away(1800)
    happened = desk.clock.now()
    taken(desk, 60.0, 100.0, desk.now_ms())
    await desk.away(7 * 3600)
    desk.holds(40.0)
    (incident,) = await seen(desk)
    assert (incident.kind, incident.fills, incident.unwatched) == (IncidentKind.ADL, 1, True)
    assert incident.opened_at == happened
    assert (incident.legs[0].adl_units, incident.legs[0].vanished_units) == (60.0, 0.0)
    assert incident.hedges[0].units == pytest.approx(60.0)
    assert incident.naked_usd == pytest.approx(60.0 * 22.0)


async def test_one_start_later_it_is_still_the_same_one(desk: Desk) -> None:
    await seen(desk)
    taken(desk, 100.0, 100.0, desk.now_ms(60))
    await desk.away(600)
    desk.holds(0.0)
    (first,) = await seen(desk)
    await desk.away(60)
    (again,) = await seen(desk)
    assert (again.id, again.fills, again.legs[0].adl_units) == (first.id, 1, 100.0)


async def test_a_run_that_was_killed_right_after_an_adl_neither_loses_nor_doubles_it(desk: Desk) -> None:
    async with desk.run() as engine, running(engine.run()):
        await next_incidents(desk, engine)
        taken(desk, 60.0, 100.0, desk.now_ms())
        desk.holds(40.0)
        (told,) = await next_incidents(desk, engine)
        history = engine.history
        assert history is not None
        assert history.flush().result(5)
        copy = desk.path.with_name("killed.sqlite3")
        copy.write_bytes(desk.path.read_bytes())
        copy.with_name("killed.sqlite3-wal").write_bytes(desk.path.with_name("history.sqlite3-wal").read_bytes())
    desk.path = copy
    await desk.away(60)
    (incident,) = await seen(desk)
    assert (incident.id, incident.fills, incident.legs[0].lost_units, incident.unwatched) == (told.id, 1, 60.0, False)


async def test_what_was_closed_by_an_order_in_between_is_no_incident(desk: Desk) -> None:
    await seen(desk)
    order = fill(coin="AVAX", time=desk.now_ms(60), dir="Close Short", side="B", sz="60", startPosition="-100", tid=7)
    desk.venue.fills = [order]
    await desk.away(600)
    desk.holds(40.0)
    assert await seen(desk) == ()


async def test_the_first_run_ever_asks_for_no_old_fills(desk: Desk) -> None:
    taken(desk, 60.0, 160.0, desk.now_ms(-3600))
    assert await seen(desk) == ()
    assert desk.venue.count("userFillsByTime") == 0


async def test_one_address_as_two_sources_is_one_exposure_and_one_incident(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    context = Context(desk.clock.now, {})
    options = HyperliquidOptions(address=ADDRESS, api_url=desk.venue.url, stream=False)
    twice = [KIND.create(name, options, context) for name in ("desk", "again")]
    engine = Engine(twice, Settings(profiles=profiles()), desk.clock, offload=inline)
    await engine.assess_once()
    taken(desk, 60.0, 100.0, desk.now_ms(5))
    await desk.away(10)
    desk.holds(40.0)
    snapshot = await engine.assess_once()
    await engine.close()
    assert [(view.key, view.size) for view in snapshot.positions] == [("again:AVAX/USDC:USDC:short", 40.0)]
    (incident,) = snapshot.incidents
    assert (incident.account, incident.fills, incident.legs[0].lost_units) == ("again", 1, 60.0)
    assert incident.naked_usd == pytest.approx(60.0 * 22.0)
    line = "again and desk read the same account: it counts once, as again, by the fresher answer"
    assert all(line in "".join(source.notes) for source in snapshot.sources)
    assert [record.getMessage() for record in caplog.records if record.name == "adlwatch.engine.engine"] == [line]
