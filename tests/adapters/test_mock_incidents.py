"""What the program makes of the mock's fills: one incident for a burst, with its cause and what it took."""

import pytest

from adlwatch.domain.incident import Incident, IncidentKind
from adlwatch.domain.model import FillKind
from tests.adapters.mock_story import Story

pytestmark = pytest.mark.asyncio


def of(story: Story, account: str) -> list[Incident]:
    return [incident for incident in story.incidents if incident.account == account]


async def test_the_short_of_the_carry_trade_goes_in_one_adl_incident_at_a_loss_against_the_mark() -> None:
    story = Story("cascade", traders=20_000)
    await story.until(58)
    (incident,) = of(story, "alpha-main")
    assert incident.kind is IncidentKind.ADL
    assert incident.hedges == ("btc-carry",)
    (leg,) = incident.legs
    assert leg.adl_units == pytest.approx(2.0)
    assert leg.units_before == pytest.approx(2.0)
    assert leg.unexplained_units == pytest.approx(0.0, abs=1e-9)
    assert incident.fills == sum(f.account == "alpha-main" for f in story.fills.values())
    assert incident.give_back_usd is not None
    assert incident.give_back_usd > 0


async def test_hundreds_of_fills_in_a_second_are_one_incident_an_account() -> None:
    story = Story("burst", traders=6_000)
    await story.until(20)
    for account in story.world.you.accounts:
        (incident,) = of(story, account)
        assert incident.kind is IncidentKind.ADL
    assert max(incident.fills for incident in story.incidents) >= 200


async def test_a_position_that_vanishes_without_a_fill_is_unexplained_and_never_called_adl() -> None:
    story = Story("bad-data")
    await story.until(38)
    assert {incident.kind for incident in story.incidents} == {IncidentKind.UNEXPLAINED}
    assert {incident.account for incident in story.incidents} == {"gamma-main"}


async def test_an_own_order_is_no_incident() -> None:
    story = Story("shield-cliff")
    await story.until(18)
    assert any(f.kind is FillKind.ORDER for f in story.fills.values())
    assert not story.incidents
    await story.until(58)
    assert IncidentKind.ADL in {incident.kind for incident in of(story, "gamma-neutral")}


async def test_what_an_outage_hid_is_told_as_adl_once_the_venue_is_back() -> None:
    story = Story("outage")
    await story.until(43)
    assert not of(story, "beta-main")
    await story.until(50)
    (incident,) = of(story, "beta-main")
    assert incident.kind is IncidentKind.ADL
    assert incident.hedges == ("btc-calendar",)
    assert incident.opened_at < story.session.real(44.0)


async def test_a_squeeze_is_told_leg_by_leg_as_adl_and_as_liquidation() -> None:
    story = Story("squeeze")
    await story.until(58)
    legs = {leg.key: leg for incident in of(story, "gamma-main") for leg in incident.legs}
    assert legs["gamma-main:ETH/USDC:USDC:long"].adl_units > 0
    assert legs["gamma-main:ETH/USDC:USDC:long"].liquidated_units == 0
    assert legs["gamma-main:WIF/USDC:USDC:short"].liquidated_units == pytest.approx(60_000)
    assert legs["gamma-main:WIF/USDC:USDC:short"].adl_units == 0
