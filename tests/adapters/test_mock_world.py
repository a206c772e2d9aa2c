"""What must hold in every run of the mock exchange, whatever the scenario and the seed."""

import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs

from adlwatch.adapters.mock import adl
from adlwatch.adapters.mock.crowd import longs
from adlwatch.adapters.mock.margin import margins
from adlwatch.adapters.mock.markets import KINDS, MARKETS, REACH, venue
from adlwatch.adapters.mock.scenarios import SCENARIOS, Event, scenario
from adlwatch.adapters.mock.truth import Truth
from adlwatch.adapters.mock.world import World
from adlwatch.domain.model import Side
from adlwatch.domain.score import evaluate

SMALL = 1_200
worlds = given(name=st.sampled_from([s.name for s in SCENARIOS]), seed=st.integers(0, 10_000))
modest = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def small(name: str, seed: int) -> World:
    return World(structs.replace(scenario(name), traders=SMALL), seed)


def run(world: World, seconds: float) -> Iterator[World]:
    while world.t < seconds:
        world.step()
        yield world


@modest
@worlds
def test_money_is_neither_made_nor_lost(name: str, seed: int) -> None:
    world = small(name, seed)
    before, scale = world.money(), float(np.abs(world.traders.wallet).sum())
    for _ in run(world, 45):
        assert abs(world.money() - before) <= 1e-6 * scale


@modest
@worlds
def test_every_position_has_a_counterparty_and_every_pool_holds_what_it_says(name: str, seed: int) -> None:
    world = small(name, seed)
    for _ in run(world, 45):
        for segment in world.traders.segments:
            sizes = world.traders.size[segment]
            assert abs(float(sizes.sum())) <= 1e-9 * float(np.abs(sizes).sum())
        assert (world.funds.balance >= 0).all()
        assert np.isfinite(world.traders.wallet).all()
        assert np.isfinite(world.marks).all()
        m = margins(world.traders, world.marks)
        makers = [world.traders.maker(i) for i in range(len(MARKETS))]
        assert (m.equity[makers] > m.required[makers]).all()


@modest
@worlds
def test_free_rows_hold_nothing_and_are_free_once(name: str, seed: int) -> None:
    world = small(name, seed)
    for _ in run(world, 40):
        pass
    for market, segment in enumerate(world.traders.segments):
        free = world.traders._free[market][: world.traders.room(market)].tolist()
        assert len(set(free)) == len(free)
        assert not world.traders.size[free].any()
        assert not world.traders.wallet[free].any()
        assert not set(free) & {world.traders.maker(market), *np.flatnonzero(world.traders.owned).tolist()}
        crowd = np.setdiff1d(np.arange(segment.start + 1, segment.stop), free)
        assert (world.traders.size[crowd[~world.traders.owned[crowd]]] != 0).all()


def assert_in_queue_order(batch: adl.Closed) -> None:
    """Whole positions from the front, the last one at most partly, the next bankrupt account going on with the same trader."""
    place = {int(row): i for i, row in enumerate(batch.queue.rows)}
    places = [place[int(row)] for row in batch.winner]
    assert places == sorted(places)
    assert sorted(set(places)) == list(range(places[-1] + 1))
    closed = np.bincount(places, weights=batch.size)
    held = batch.queue.size[: len(closed)]
    np.testing.assert_allclose(closed[:-1], held[:-1], rtol=1e-9)
    assert closed[-1] <= held[-1] * (1 + 1e-9)
    for i in range(1, len(batch.size)):
        assert batch.bankrupt[i] != batch.bankrupt[i - 1] or batch.winner[i] != batch.winner[i - 1]


@pytest.mark.parametrize("name", ["cascade", "squeeze", "alt-gap", "burst", "shield-cliff"])
def test_adl_follows_the_queue(name: str) -> None:
    world = small(name, 3)
    batches = [batch for _ in run(world, 45) for batch in world.closings]
    assert batches
    for batch in batches:
        assert_in_queue_order(batch)
        scores = batch.queue.score[~np.isnan(batch.queue.score)]
        shielded = world.you.legs.keys() & {int(r) for r in batch.queue.rows} if name == "cascade" else set()
        assert (np.diff(scores[: len(scores) - len(shielded)]) <= 1e-12).all()


def test_nobody_is_deleveraged_whom_the_pool_could_have_spared() -> None:
    world = small("cascade", 1)
    batches = 0
    for _ in run(world, 45):
        batches += len(world.closings)
        for batch in world.closings:
            pool = MARKETS[batch.market].pool
            sold_at = float(world.prices.index[MARKETS[batch.market].underlying]) * (1 - 3 * REACH)
            cost = float(np.dot(batch.size, batch.price - sold_at))
            earned = sum(float(e.fee.sum()) for e in world.liquidated if MARKETS[e.market].pool == pool)
            assert float(world.funds.balance[pool]) - earned < cost
    assert batches


@pytest.mark.parametrize("spec", MARKETS, ids=lambda m: f"{m.venue} {m.symbol}")
def test_the_queue_is_the_venues_rule_over_everyone_on_that_side(spec: object) -> None:
    market = MARKETS.index(spec)
    world = small("grind", 5)
    for _ in run(world, 10):
        pass
    m = margins(world.traders, world.marks)
    queue = adl.rank(world.traders, m, market, -1, venue(MARKETS[market].venue).rule)
    segment = world.traders.segments[market]
    assert set(queue.rows.tolist()) == {int(r) + segment.start for r in np.flatnonzero(world.traders.size[segment] < 0)}
    again = evaluate(venue(MARKETS[market].venue).rule, adl.inputs(world.traders, m, queue.rows)).value
    open_to_all = ~world.traders.shielded[queue.rows] & ~np.isnan(again)
    assert (np.diff(again[open_to_all]) <= 0).all()


def test_the_same_seed_is_the_same_run_byte_for_byte() -> None:
    first, second, other = small("cascade", 7), small("cascade", 7), small("cascade", 8)
    for world in (first, second, other):
        for _ in run(world, 40):
            pass
    assert first.digest() == second.digest()
    assert first.you.fills == second.you.fills
    assert first.digest() != other.digest()


def test_the_same_seed_is_the_same_run_in_another_process() -> None:
    script = (
        "from msgspec import structs\n"
        "from adlwatch.adapters.mock.scenarios import scenario\n"
        "from adlwatch.adapters.mock.world import World\n"
        f"world = World(structs.replace(scenario('cascade'), traders={SMALL}), 7)\n"
        "while world.t < 35: world.step()\n"
        "print(world.digest())\n"
    )
    there = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)  # noqa: S603  # our own script
    world = small("cascade", 7)
    for _ in run(world, 35):
        pass
    assert there.stdout.strip() == world.digest()


def test_a_venue_shows_the_level_that_was_true_when_it_worked_it_out() -> None:
    world = small("grind", 2)
    truth = Truth(world)
    for _ in run(world, 30):
        pass
    shown = {row: light.level for row, light in world.lights.shown.items()}
    for row, leg in world.you.legs.items():
        side = Side.LONG if leg.sign > 0 else Side.SHORT
        place = truth.place(leg.account, MARKETS[leg.market].symbol, side)
        assert place is not None
        assert place.level == shown[row]


def test_a_trader_keeps_its_number_and_nobody_gets_it_again() -> None:
    world = small("cascade", 3)
    truth = Truth(world)
    seen: dict[int, float] = {}
    left: set[int] = set()
    for _ in run(world, 40):
        if world.t % 5:
            continue
        queue = truth.queue("mock-alpha", "BTC/USDT:USDT", Side.SHORT)
        entries = dict(zip(truth.ids(queue).tolist(), world.traders.entry[queue.rows].tolist(), strict=True))
        maker = int(world.traders.serial[world.traders.maker(0)])
        assert all(seen.get(i, entry) == entry for i, entry in entries.items() if i != maker)
        assert not left & (entries.keys() - {maker})
        left |= seen.keys() - entries.keys()
        seen |= entries
    assert left


def test_the_crowd_is_as_mixed_as_in_the_field() -> None:
    world = World(scenario("calm"), 6)
    m = margins(world.traders, world.marks)
    crowd = (world.traders.size != 0) & ~world.traders.owned
    crowd[[world.traders.maker(i) for i in range(len(MARKETS))]] = False
    assert 19_000 < crowd.sum() < 21_000
    leverage = m.notional[crowd] / m.equity[crowd]
    low, middle, high = np.quantile(leverage, [0.05, 0.5, 0.95])
    assert low < 0.6
    assert 1.0 < middle < 4.0
    assert high > 8.0
    assert 0.2 < world.traders.isolated[crowd].mean() < 0.5
    assert 0.15 < (~np.isnan(world.traders.stop[crowd])).mean() < 0.45
    soon, late = np.quantile(world.traders.until[crowd], [0.02, 0.98])
    assert soon < 3_600
    assert late > 20 * 86_400
    assert (m.equity[crowd] > m.required[crowd]).mean() > 0.999
    assert 0.35 < (m.pnl[crowd] > 0).mean() < 0.85


def test_followers_buy_after_a_rise_and_faders_sell() -> None:
    rng = np.random.default_rng(1)
    up = np.full(4_000, 2.0)
    for number, kind in enumerate(KINDS):
        rows = np.full(4_000, number)
        tilt = longs(rng, rows, up, 0.0).mean() - longs(rng, rows, -up, 0.0).mean()
        assert np.sign(round(float(tilt), 1)) == np.sign(kind.momentum)


def test_history_leads_up_to_the_live_price_and_open_interest_is_what_was_asked() -> None:
    world = World(scenario("calm"), 4)
    for i, spec in enumerate(MARKETS):
        bars = world.tapes[i].since(-1e9)
        assert bars[0][0] == -14 * 24 * 3600
        assert bars[-1][4] == pytest.approx(world.marks[i], rel=0.01)
        assert all(low <= min(o, c) and max(o, c) <= high for _, o, high, low, c, _ in bars)
        interest = float(world.open_interest()[i] * world.marks[i])
        assert 0.5 * spec.open_interest < interest < 2.5 * spec.open_interest


def test_funding_is_paid_by_one_side_to_the_other() -> None:
    world = small("calm", 1)
    world.t, world.steps = 3600.0 - 0.25, 4 * 3600 - 1
    before, wallets = world.money(), world.traders.wallet.copy()
    world.step()
    assert abs(world.money() - before) <= 1e-6 * float(np.abs(wallets).sum())
    gamma = world.traders.segments[4]
    paid = (wallets - world.traders.wallet[: len(wallets)])[gamma]
    stayed = (world.traders.until[gamma] < np.inf) & (world.traders.size[gamma] != 0)
    signs = np.sign(world.traders.size[gamma][stayed]) * np.sign(world.funding_rate(4))
    assert (paid[stayed] * signs > 0).mean() > 0.99


@pytest.mark.parametrize(
    "event",
    [
        Event(0, "drain", "mock-gamma", 1.0),
        Event(0, "move", "WIF", -0.10, 2.0),
        Event(0, "order", "beta-main:BTC/USDT:USDT", 0.5),
    ],
    ids=lambda e: e.deed,
)
def test_what_the_user_does_to_the_world_keeps_its_books_balanced(event: Event) -> None:
    world = small("calm", 1)
    before, scale = world.money(), float(np.abs(world.traders.wallet).sum())
    world.do(event)
    for _ in run(world, 5):
        pass
    assert abs(world.money() - before) <= 1e-6 * scale
