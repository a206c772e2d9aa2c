"""Each scenario through what the program sees: what was at risk before, what was hit, and what was naked after."""

import math
from itertools import pairwise
from pathlib import Path

import pytest

from adlwatch.adapters.mock.scenarios import SCENARIOS
from adlwatch.domain.light import LightState
from adlwatch.domain.model import FillKind, Side
from adlwatch.domain.reading import FailureKind, Health, health
from adlwatch.domain.snapshot import StressLevel
from tests.adapters.mock_story import Story, hedge, position

BTC_CARRY = "alpha-main:BTC/USDT:USDT:short"
START_OF_CRASH = 20.0
WIF_SHORT = "gamma-main:WIF/USDC:USDC:short"
ETH_LONG = "gamma-main:ETH/USDC:USDC:long"
NEUTRAL = "gamma-neutral:ETH/USDC:USDC:short"


@pytest.mark.asyncio
async def test_calm_has_no_liquidations_and_all_hedges_hold() -> None:
    story = Story("calm")
    before, after = await story.until(0), await story.until(90)
    assert {h.name for h in before.hedges} >= {"btc-carry", "eth-pair", "btc-calendar", "eth-neutral"}
    assert {h.kind for h in before.hedges} == {"cash-and-carry", "perp-perp", "calendar", "unhedged"}
    assert [p.key for p in before.positions] == [p.key for p in after.positions]
    assert not story.fills
    assert not story.deleveraged
    assert all(source.health is Health.LIVE for source in after.sources)
    assert all(p.light.state is LightState.LIT for p in after.positions)


@pytest.mark.asyncio
async def test_what_a_source_tells_is_enough_to_score_every_leg_as_the_venue_does() -> None:
    story = Story("grind")
    snapshot = await story.until(75)
    assert len(snapshot.positions) == 7
    for found in snapshot.positions:
        place = story.truth.place(found.account, found.symbol, found.side)
        assert place is not None
        assert found.score.value == pytest.approx(place.score, rel=1e-9), found.key


@pytest.mark.asyncio
async def test_grind_raises_lights_step_by_step_without_adl() -> None:
    story = Story("grind")
    levels = []
    for t in range(0, 420, 30):
        found = position(await story.until(t, every=10), "alpha-pair:ETH/USDT:USDT:short")
        assert found is not None
        levels.append(found.light.level or 0)
    assert levels[-1] > levels[0]
    assert max(abs(b - a) for a, b in pairwise(levels)) <= 2
    assert not story.deleveraged


@pytest.mark.asyncio
async def test_cascade_takes_the_short_of_the_carry_trade_and_leaves_it_naked_long() -> None:
    story = Story("cascade", traders=20_000)
    before = await story.until(19)
    carry = hedge(before, "btc-carry")
    assert carry.kind == "cash-and-carry"
    assert carry.net_delta == pytest.approx(0.0)
    full = next(c for c in carry.if_closed if c.leg == BTC_CARRY and c.fraction == 1.0)
    assert full.naked_units == pytest.approx(2.0)
    pools = {p.name: p.balance or 0.0 for v in story.states for p in story.reading(v).pools}

    after = await story.until(58)

    assert story.closed_by(FillKind.ADL, "alpha-main", "BTC/USDT:USDT") == pytest.approx(2.0)
    assert position(after, BTC_CARRY) is None
    assert any(h.account == "alpha-main" and h.asset == "BTC" and h.amount == 2.0 for h in after.holdings)
    assert all((p.balance or 0.0) < 0.05 * pools[p.name] for v in story.states for p in story.reading(v).pools)
    assert {w.state for w in story.reading("mock-alpha").warnings} == {"adl"}
    assert all(v.level is StressLevel.CRITICAL for v in after.stress if v.venue == "mock-alpha" and v.warning)
    assert all(v.level is StressLevel.CALM for v in before.stress if v.venue == "mock-alpha")
    fills = [f for f in story.fills.values() if f.account == "alpha-main" and f.kind is FillKind.ADL]
    assert all(f.mark_price is not None and f.realized_pnl is not None and f.realized_pnl > 0 for f in fills)
    assert all(START_OF_CRASH <= (f.time - story.session.real(0)).total_seconds() < 40 for f in fills)


@pytest.mark.asyncio
async def test_a_shield_keeps_a_leg_whose_score_is_at_the_front() -> None:
    story = Story("cascade")
    after = await story.until(45)
    kept = position(after, NEUTRAL)
    assert kept is not None
    assert kept.size == 25.0
    place = story.truth.place("gamma-neutral", "ETH/USDC:USDC", Side.SHORT)
    assert place is not None
    assert place.shielded
    assert place.level == 1
    assert kept.score.value is not None
    assert place.score == pytest.approx(kept.score.value)
    assert hedge(after, "eth-neutral").shield.state == "on"


@pytest.mark.asyncio
async def test_shield_cliff_loses_the_shield_by_a_trim_and_then_the_leg() -> None:
    story = Story("shield-cliff")
    before = hedge(await story.until(9), "eth-neutral").shield
    assert before.state == "on"
    assert before.headroom_units is not None
    assert before.headroom_units < 1.0
    assert hedge(await story.until(12), "eth-neutral").shield.state == "off"
    await story.until(58)
    assert story.closed_by(FillKind.ORDER, "gamma-neutral", "ETH/USDC:USDC") == pytest.approx(1.0)
    assert story.closed_by(FillKind.ADL, "gamma-neutral", "ETH/USDC:USDC") > 0


@pytest.mark.asyncio
async def test_squeeze_takes_the_long_leg_and_liquidates_shorts() -> None:
    story = Story("squeeze")
    assert position(await story.until(19), ETH_LONG) is not None
    await story.until(50)
    assert story.closed_by(FillKind.ADL, "gamma-main", "ETH/USDC:USDC") > 0
    assert story.closed_by(FillKind.LIQUIDATION, "gamma-main", "WIF/USDC:USDC") == pytest.approx(60_000)
    assert not story.closed_by(FillKind.ADL, "gamma-main", "WIF/USDC:USDC")


@pytest.mark.asyncio
async def test_alt_gap_touches_nothing_but_the_altcoin() -> None:
    story = Story("alt-gap")
    before = await story.until(14)
    after = await story.until(30)
    assert story.closed_by(FillKind.ADL, "gamma-main", "WIF/USDC:USDC") > 0
    others = [p for p in before.positions if p.key != WIF_SHORT]
    assert all((found := position(after, p.key)) is not None and found.size == p.size for p in others)
    pools = {p.name: p.balance or 0.0 for p in story.reading("mock-gamma").pools}
    assert pools["gamma-alts"] < 0.05 * float(story.world.funds.first[3])
    assert pools["gamma-majors"] > 0.5 * float(story.world.funds.first[2])


@pytest.mark.asyncio
async def test_fund_drain_warns_while_the_lights_are_as_they_were() -> None:
    story = Story("fund-drain")
    before, drained = await story.until(5), await story.until(44)
    assert {w.state for v in story.states for w in story.reading(v).warnings} == {"warning"}
    assert not story.deleveraged
    for p in before.positions:
        found = position(drained, p.key)
        assert found is not None
        assert abs((found.light.level or 0) - (p.light.level or 0)) <= 1
    await story.until(60)
    assert story.deleveraged


@pytest.mark.asyncio
async def test_outage_turns_the_source_stale_then_failing_and_tells_afterwards_what_was_taken() -> None:
    story = Story("outage")
    await story.until(23)
    assert health(story.states["mock-beta"], story.now) is Health.LIVE
    dark = await story.until(42)
    state = story.states["mock-beta"]
    assert health(state, story.now).blind
    assert state.failure is not None
    assert "503" in state.failure.message
    assert position(dark, "beta-main:BTC/USDT:USDT:short") is not None
    assert health(story.states["mock-alpha"], story.now) is Health.LIVE
    await story.until(48)
    assert health(story.states["mock-beta"], story.now) is Health.LIVE
    assert story.closed_by(FillKind.ADL, "beta-main", "BTC/USDT:USDT") > 0


@pytest.mark.asyncio
async def test_flap_changes_a_light_back_and_forth() -> None:
    story = Story("flap")
    levels = []
    for t in range(20, 400, 30):
        found = position(await story.until(t, every=10), BTC_CARRY)
        assert found is not None
        levels.append(found.light.level)
    changes = sum(a != b for a, b in pairwise(levels))
    assert changes >= 4
    assert not story.deleveraged


@pytest.mark.asyncio
async def test_bad_data_surfaces_as_unknown_or_as_a_failure_and_never_as_a_flat_book() -> None:
    story = Story("bad-data")
    nan = await story.until(12)
    found = position(nan, BTC_CARRY)
    assert found is not None
    assert found.mark_price is None
    assert found.score.value is None
    assert "mark_price" in found.score.missing
    for t, venue, words in (
        (22, "mock-beta", "entryPrice"),
        (42, "mock-alpha", "older than the one before"),
        (52, "mock-beta", "expected an object"),
        (62, "mock-gamma", "expected an object"),
    ):
        snapshot = await story.until(t)
        failure = story.states[venue].failure
        assert failure is not None
        assert failure.kind is FailureKind.BAD_PAYLOAD
        assert words in failure.message
        assert position(snapshot, BTC_CARRY) is not None
    assert all(math.isfinite(p.size) for p in (await story.until(68)).positions)


@pytest.mark.asyncio
async def test_bad_data_lets_a_position_vanish_and_come_back() -> None:
    story = Story("bad-data")
    assert position(await story.until(29), ETH_LONG) is not None
    assert position(await story.until(32), ETH_LONG) is None
    assert position(await story.until(38), ETH_LONG) is not None
    assert not story.fills


@pytest.mark.asyncio
async def test_bad_data_freezes_lights_and_then_hides_them() -> None:
    story = Story("bad-data")
    frozen = position(await story.until(128, every=2), ETH_LONG)
    assert frozen is not None
    assert frozen.light.state is LightState.STALE
    hidden = position(await story.until(132), ETH_LONG)
    assert hidden is not None
    assert hidden.light.state is LightState.UNKNOWN


@pytest.mark.asyncio
async def test_burst_brings_hundreds_of_fills_for_one_account_within_a_second() -> None:
    story = Story("burst", traders=6_000)
    await story.until(14)
    assert not story.fills
    await story.until(16)
    by_account = [
        sum(f.account == account and f.kind is FillKind.ADL for f in story.fills.values()) for account in story.world.you.accounts
    ]
    assert max(by_account) >= 200
    times = {f.time for f in story.fills.values()}
    assert (max(times) - min(times)).total_seconds() <= 1.0


def test_every_scenario_says_what_should_be_seen() -> None:
    assert len({s.name for s in SCENARIOS}) == len(SCENARIOS) == 11
    assert all(s.title and s.see for s in SCENARIOS)


def test_the_documentation_tells_of_every_scenario_in_its_own_words() -> None:
    text = (Path(__file__).parents[2] / "docs" / "mock.md").read_text()
    for told in SCENARIOS:
        assert f"| `{told.name}` | {told.title} | {told.see} |" in text
