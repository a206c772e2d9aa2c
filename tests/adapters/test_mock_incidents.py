"""The mock's stories told by the whole program: engine, assessment and incidents over a clock that is moved by hand."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

import pytest
from msgspec import structs

from adlwatch.adapters.mock import VENUES
from adlwatch.adapters.mock.adapter import MockAdapter
from adlwatch.adapters.mock.scenarios import scenario
from adlwatch.adapters.mock.session import Session
from adlwatch.domain.incident import Incident, IncidentKind
from adlwatch.domain.reading import Health
from adlwatch.domain.settings import Settings
from adlwatch.domain.snapshot import Severity, Snapshot
from adlwatch.engine.engine import Engine
from adlwatch.venues import profiles
from tests.engine.fakes import FrozenClock, inline, running

pytestmark = pytest.mark.asyncio


class Demo:
    """`--mock` without a screen, begun shortly before the event."""

    def __init__(self, name: str, traders: int) -> None:
        self.clock = FrozenClock()
        self.session = Session(structs.replace(scenario(name), traders=traders), 1, 1.0, self.clock.now)
        self.session.build()
        self._t = max(0.0, scenario(name).event - 6.0)
        self.session.jump(self._t)
        sources = [MockAdapter(venue, self.session, venue, frozenset()) for venue in VENUES]
        self.engine = Engine(sources, Settings(profiles=profiles()), self.clock, random=Random(1), offload=inline)

    async def until(self, t: float) -> Snapshot:
        await self.clock.advance(t - self._t)
        self._t = t
        return self.engine.snapshot


@asynccontextmanager
async def demo(name: str, traders: int = 4_000) -> AsyncIterator[Demo]:
    found = Demo(name, traders)
    async with running(found.engine.run()):
        yield found


def of(snapshot: Snapshot, account: str) -> tuple[Incident, ...]:
    return tuple(incident for incident in snapshot.incidents if incident.account == account)


async def test_the_demo_comes_to_an_incident_of_a_hedged_leg_within_a_minute() -> None:
    async with demo("cascade", traders=20_000) as story:
        before = await story.until(19)
        assert not before.incidents
        after = await story.until(45)
        (incident,) = of(after, "alpha-main")
        assert incident.kind is IncidentKind.ADL
        assert after.severity is Severity.CRITICAL
        (leg,) = incident.legs
        assert leg.adl_units == pytest.approx(2.0)
        assert leg.unexplained_units == pytest.approx(0.0, abs=1e-9)
        (hit,) = incident.hedges
        assert hit.name == "btc-carry"
        assert hit.units == pytest.approx(2.0)
        assert incident.give_back_usd is not None
        assert incident.give_back_usd > 0
        assert incident.dollar_seconds > 0
        assert len(incident.tickets) == 2


async def test_hundreds_of_fills_in_a_second_are_one_incident_an_account() -> None:
    async with demo("burst", traders=6_000) as story:
        snapshot = await story.until(20)
        for account in story.session.build().you.accounts:
            (incident,) = of(snapshot, account)
            assert incident.kind is IncidentKind.ADL
        assert max(incident.fills for incident in snapshot.incidents) >= 200


async def test_a_position_that_vanishes_without_a_fill_is_unexplained_and_never_called_adl() -> None:
    async with demo("bad-data") as story:
        gone = await story.until(33)
        (incident,) = gone.incidents
        assert incident.kind is IncidentKind.UNEXPLAINED
        assert incident.account == "gamma-main"


async def test_an_own_order_is_no_incident_but_what_the_lost_shield_let_happen_is() -> None:
    async with demo("shield-cliff") as story:
        assert not (await story.until(18)).incidents
        after = await story.until(40)
        assert IncidentKind.ADL in {incident.kind for incident in of(after, "gamma-neutral")}


async def test_an_outage_blinds_and_what_it_hid_is_told_as_adl_once_the_venue_is_back() -> None:
    async with demo("outage") as story:
        dark = await story.until(43)
        assert next(s for s in dark.sources if s.id == "mock-beta").health.blind
        assert not of(dark, "beta-main")
        assert {p.key for p in dark.positions} >= {"beta-main:BTC/USDT:USDT:short"}
        back = await story.until(60)
        assert next(s for s in back.sources if s.id == "mock-beta").health is Health.LIVE
        (incident,) = of(back, "beta-main")
        assert incident.kind is IncidentKind.ADL
        assert [hit.name for hit in incident.hedges] == ["btc-calendar"]
        assert incident.opened_at < story.session.real(44.0)


async def test_a_squeeze_is_told_leg_by_leg_as_adl_and_as_liquidation() -> None:
    async with demo("squeeze") as story:
        snapshot = await story.until(36)
        legs = {leg.key: leg for incident in of(snapshot, "gamma-main") for leg in incident.legs}
        assert legs["gamma-main:ETH/USDC:USDC:long"].adl_units > 0
        assert legs["gamma-main:ETH/USDC:USDC:long"].liquidated_units == 0
        assert legs["gamma-main:WIF/USDC:USDC:short"].liquidated_units == pytest.approx(60_000)
        assert legs["gamma-main:WIF/USDC:USDC:short"].adl_units == 0
