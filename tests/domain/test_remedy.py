"""Remedies: each promise is kept by the book it changes, assessed afresh."""

from datetime import UTC, datetime
from math import sqrt
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from adlwatch.domain.assess import States, assess
from adlwatch.domain.costs import Costs, trade_cost
from adlwatch.domain.edit import Edits, cut, edited, remark, reset
from adlwatch.domain.fact import Fact, Grade
from adlwatch.domain.gather import gather
from adlwatch.domain.light import UNKNOWN, Light, LightSource, LightState
from adlwatch.domain.light_scale import LightScale
from adlwatch.domain.model import Account, Book, Contract, Holding, MarginMode, Market, Position, Side
from adlwatch.domain.queue import Queue, QueueKey
from adlwatch.domain.queue_priors import VenueKind
from adlwatch.domain.reading import Reading, SourceState
from adlwatch.domain.remedy import Remedy, RemedyKind, remedies
from adlwatch.domain.settings import Settings
from adlwatch.domain.venue import Facts, ShieldRule, VenueProfile

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SYMBOL = "BTC/USDT:USDT"
SHORT = f"a:{SYMBOL}:short"
FREE = Costs(taker_fee=0.0, spot_fee=0.0, half_spread=0.0)
ISOLATED, CROSS = MarginMode.ISOLATED, MarginMode.CROSS


class ScoreIsPlace:
    """A queue whose places are the scores times a factor."""

    def __init__(self, factor: float = 1.0) -> None:
        self.factor = factor

    def light(self, score: float | None, mark: float | None, now: datetime) -> Light:
        if score is None:
            return UNKNOWN
        quantile = min(max(score * self.factor, 1e-9), 1.0)
        level = min(5, max(1, -int(-5.0 * quantile // 1)))
        return Light(state=LightState.LIT, level=level, source=LightSource.MODELLED, quantile=quantile)

    def lights(self, scores: list[float | None], marks: list[float | None], now: datetime) -> list[Light]:
        return [self.light(score, mark, now) for score, mark in zip(scores, marks, strict=True)]


def queues(factor: float = 1.0) -> dict[QueueKey, Queue]:
    queue = cast("Queue", ScoreIsPlace(factor))
    return {QueueKey("v", SYMBOL, side): queue for side in Side} | {QueueKey("w", SYMBOL, side): queue for side in Side}


def profile(rule: str, venue: str = "v") -> VenueProfile:
    facts = Facts(rule=Fact(grade=Grade.OFFICIAL, sources=(), value=cast("Any", rule)))
    return VenueProfile(
        id=venue, title=venue, kind=VenueKind.RETAIL, facts=facts, light=LightScale(grade=Grade.UNKNOWN, sources=())
    )


def chosen(rule: str, **more: Any) -> Settings:
    return Settings(profiles={"v": profile(rule), "w": profile(rule, "w")}, **{"costs": FREE, **more})


def perp(side: str = "short", size: float = 1.0, account: str = "a", **more: Any) -> Position:
    fixed = {"venue": "v", "entry_price": 68_000.0, "mark_price": 60_000.0, "margin_mode": CROSS, **more}
    return Position(account=account, symbol=SYMBOL, side=Side(side), size=size, **fixed)


def book(
    *positions: Position, accounts: tuple[Account, ...] = (), holdings: tuple[Holding, ...] = (), markets: tuple[Market, ...] = ()
) -> tuple[SourceState, ...]:
    reading = Reading(
        source="s", as_of=NOW, received_at=NOW, positions=positions, accounts=accounts, holdings=holdings, markets=markets
    )
    silent = SourceState(id="silent", kind="book", interval=1.0)
    return SourceState(id="s", kind="book", interval=60.0, reading=reading), silent


def account(equity: float | None, name: str = "a", **more: Any) -> Account:
    return Account(id=name, venue="v", equity=equity, **more)


def tried(
    states: tuple[SourceState, ...], of: Settings, to: int = 2, factor: float = 1.0, key: str = SHORT
) -> dict[RemedyKind, Remedy]:
    found = remedies(states, queues(factor), of, NOW, key=key, to=to)
    costs = [each.cost_usd for each in found if each.reachable]
    assert costs == sorted(c for c in costs if c is not None)
    assert [each.reachable for each in found] == sorted((each.reachable for each in found), reverse=True)
    return {each.kind: each for each in found}


def test_published_example_of_the_older_formula() -> None:
    # U 8,000, wallet 10,000, MM 900: 0.8 * 900 / 18,000 = 0.04. Cut the score by 40 %, to 0.024 (= 2 lights here):
    # add (-U + sqrt(U^2 + 4 U MM / S)) / 2 - W = 3,776, or keep k with U MM k^2 + S (W + U) U k - S (W + U)^2 = 0, k = 0.827.
    states = book(perp(maintenance_margin=900.0), accounts=(account(18_000.0, wallet=10_000.0, maintenance_margin=900.0),))
    found = tried(states, chosen("binance-legacy"), factor=0.4 / 0.024)
    added = (-8_000 + sqrt(8_000**2 + 4 * 8_000 * 900 / 0.024)) / 2 - 10_000
    assert added == pytest.approx(3_776, abs=1)
    assert found[RemedyKind.ADD_COLLATERAL].capital_usd == pytest.approx(added, rel=2e-4)
    assert found[RemedyKind.CUT].fraction == pytest.approx(0.173, abs=5e-4)
    assert found[RemedyKind.CUT].reason == "unhedged: only this position is cut"
    assert (found[RemedyKind.RESET].reachable, found[RemedyKind.RESET].score, found[RemedyKind.RESET].level) == (True, 0.0, 1)
    assert found[RemedyKind.ADD_MARGIN].reason == "the position has no margin of its own"
    assert found[RemedyKind.MOVE_MARGIN].reason == "no other leg has margin apart from this one"


def test_closed_form_of_hyperliquids_documented_score() -> None:
    # (E / M) (N / A) = 68/60 * 60 / A is linear: for index I* instead of I keep I*/I of the size, or A I/I* of equity.
    # Two fifths here mean I* = 3.4; with A = 17,000 I is 4: keep 85 %, or have 20,000.
    found = tried(book(perp(), accounts=(account(17_000.0),)), chosen("hyperliquid-docs"), factor=0.4 / 3.4)
    assert found[RemedyKind.ADD_COLLATERAL].capital_usd == pytest.approx(3_000.0, rel=1e-3)
    assert found[RemedyKind.CUT].fraction == pytest.approx(0.15, rel=1e-3)
    # the score counts leverage more than profit: at its entry again it is 60 / 17 = 3.53, still above
    assert not found[RemedyKind.RESET].reachable


def test_margin_for_an_isolated_position_by_hand() -> None:
    # U/EV * N / (W + U) = 8/68 * 60 / (W + 8) in thousands = 0.4  ->  W = 8/68 * 60 / 0.4 - 8 = 9.6471
    own = perp(margin_mode=ISOLATED, isolated_margin=5_000.0, maintenance_margin=300.0)
    found = tried(book(own, accounts=(account(50_000.0),)), chosen("equity-entry"))
    assert found[RemedyKind.ADD_MARGIN].capital_usd == pytest.approx(4_647.06, rel=2e-4)
    assert found[RemedyKind.ADD_COLLATERAL].reason == "no amount brings the light that far down"
    assert found[RemedyKind.CUT].reason == "no amount brings the light that far down"  # margin is released in proportion
    assert found[RemedyKind.RESET].reachable


def test_hedge_is_cut_on_both_sides_and_costs_both_fees() -> None:
    # U / A = 8,000 / 20,000 = 0.4 with two fifths allowed: 0.39 needs 2.5 % less of the profit.
    funding = Market(venue="v", symbol=SYMBOL, funding_rate=10 / 3 / 60_000, funding_interval_hours=8.0)  # 10 USD a day
    held = (Holding(account="spot", venue="v", asset="BTC", amount=1.0),)
    states = book(perp(), accounts=(account(19_500.0),), holdings=held, markets=(funding,))
    costs = Costs(taker_fee=0.001, spot_fee=0.002, half_spread=0.0)
    cut = tried(states, chosen("binance-2025", costs=costs))[RemedyKind.CUT]
    assert cut.fraction is not None
    assert cut.cost_usd == pytest.approx(cut.fraction * 60_000 * 0.003)  # 0.1 % for the perp, 0.2 % for the spot
    assert cut.cost_days == pytest.approx((cut.cost_usd or 0.0) / 10.0)
    # what is left: 8,000 (1 - c) / (19,500 - 60 c) = 0.4
    assert cut.fraction == pytest.approx((8_000 - 7_800) / (8_000 - 24), rel=1e-3)
    after = assess(States(edited(states, cut.edits or Edits()), queues()), chosen("binance-2025"), NOW)
    assert after.hedges[0].net_delta == pytest.approx(0.0, abs=1e-12)
    assert after.hedges[0].gross_usd == pytest.approx(120_000 * (1 - cut.fraction))


def test_other_side_too_small_is_said() -> None:
    held = (Holding(account="a", venue="v", asset="BTC", amount=0.001, collateral=True),)
    states = book(perp(), accounts=(account(10_000.0),), holdings=held)
    found = tried(states, chosen("binance-2025"), to=1)
    assert found[RemedyKind.CUT].reason == "the other side is too small to be cut along"


def test_reset_costs_two_trades_and_says_how_long_one_is_naked() -> None:
    depth = Book(bids=((59_990.0, 9.0),), asks=((60_010.0, 9.0),))
    market = Market(venue="v", symbol=SYMBOL, book=depth)
    held = (Holding(account="spot", venue="v", asset="BTC", amount=1.0),)
    states = book(perp(), accounts=(account(10_000.0),), holdings=held, markets=(market,))
    reset = tried(states, chosen("binance-2025", costs=Costs(taker_fee=0.0005, naked_seconds=4.0)))[RemedyKind.RESET]
    assert reset.cost_usd == pytest.approx((10 + 0.0005 * 60_010) + (10 + 0.0005 * 59_990))
    assert (reset.naked_seconds, reset.naked_usd) == (4.0, 60_000.0)
    assert reset.cost_days is None  # the carry is not known


def test_margin_moves_from_the_other_leg_unless_that_brings_it_near_its_liquidation() -> None:
    pair = (perp(maintenance_margin=300.0), perp("long", account="b", venue="w", maintenance_margin=300.0, entry_price=60_000.0))
    rich = book(*pair, accounts=(account(18_000.0), account(40_000.0, "b")))
    moved = tried(rich, chosen("binance-2025"))[RemedyKind.MOVE_MARGIN]
    assert moved.capital_usd == pytest.approx(2_000.0, rel=2e-4)  # 8,000 / 20,000
    assert (moved.cost_usd, moved.reason) == (0.0, f"from b:{SYMBOL}:long")
    poor = book(*pair, accounts=(account(18_000.0), account(8_000.0, "b")))
    near = tried(poor, chosen("binance-2025"))[RemedyKind.MOVE_MARGIN]
    assert not near.reachable
    assert "it would leave the liquidation of b:BTC/USDT:USDT:long 9.5% away" in (near.reason or "")
    blind = book(pair[0], perp("long", account="b", venue="w"), accounts=(account(18_000.0), account(40_000.0, "b")))
    assert "unknown" in (tried(blind, chosen("binance-2025"))[RemedyKind.MOVE_MARGIN].reason or "")


def test_margin_moves_between_isolated_legs_of_one_account() -> None:
    legs = (
        perp(margin_mode=ISOLATED, isolated_margin=5_000.0, maintenance_margin=300.0),
        perp("long", margin_mode=ISOLATED, isolated_margin=90_000.0, maintenance_margin=300.0, entry_price=60_000.0),
    )
    moved = tried(book(*legs, accounts=(account(200_000.0),)), chosen("equity-entry"))[RemedyKind.MOVE_MARGIN]
    assert moved.capital_usd == pytest.approx(4_647.06, rel=2e-4)


def test_inverse_position_is_reckoned_in_coin() -> None:
    coin = perp(
        size=60_000.0,
        contract=Contract.INVERSE,
        margin_mode=ISOLATED,
        isolated_margin=0.1,
        maintenance_margin=0.005,
        bankruptcy_price=7e4,
    )
    found = tried(book(coin, accounts=(account(50_000.0),)), chosen("equity-entry"))
    # U = 60,000 (1/60,000 - 1/68,000) = 0.117647 coin; EV = 60/68, N = 1 coin: U/EV / (W + U) = 0.4
    margin = (0.11764706 / (60 / 68)) / 0.4 - 0.11764706
    assert found[RemedyKind.ADD_MARGIN].capital_usd == pytest.approx((margin - 0.1) * 60_000, rel=1e-3)
    assert found[RemedyKind.RESET].reachable


def test_bankruptcy_price_follows_what_stands_behind_a_cross_position() -> None:
    # BV form: N / (MV - BV) with BP 90,000: 60 / 30 = 2; U/EV * 2 = 0.235. To 0.2: distance 30 * 0.235 / 0.2 = 35.29
    states = book(perp(bankruptcy_price=90_000.0), accounts=(account(30_000.0),))
    found = tried(states, chosen("value"), to=1)
    assert found[RemedyKind.ADD_COLLATERAL].capital_usd == pytest.approx(5_294.1, rel=1e-3)
    # cut: distance stays 30 for (1 - c) units: 8/68 * 60 (1 - c) / 30 = 0.2  ->  c = 0.15
    assert found[RemedyKind.CUT].fraction == pytest.approx(0.15, rel=1e-3)


@pytest.mark.parametrize(
    ("only", "kind", "reason"),
    [
        (perp(mark_price=None), RemedyKind.RESET, "no mark"),
        (perp(mark_price=None), RemedyKind.CUT, "exposure or price unknown"),
        (perp(), RemedyKind.RESET, "the score after it cannot be computed"),
    ],
)
def test_unknown_input_is_not_reachable(only: Position, kind: RemedyKind, reason: str) -> None:
    found = tried(book(only, accounts=(account(None),)), chosen("binance-2025"))
    assert (found[kind].reachable, found[kind].reason) == (False, reason)


def test_nothing_to_do_where_the_light_is_low_already() -> None:
    assert remedies(book(perp(), accounts=(account(1e6),)), queues(), chosen("binance-2025"), NOW, key=SHORT, to=1) == ()


def test_shielded_position_needs_no_remedy() -> None:
    rule = ShieldRule(measure="whitelist", eligible="whitelist")
    shielded = replace(
        profile("binance-2025"),
        facts=replace(profile("binance-2025").facts, shield=Fact(grade=Grade.OFFICIAL, sources=(), value=rule)),
    )
    states = book(perp(), accounts=(account(10_000.0, delta_neutral_mode=True),))
    assert remedies(states, queues(), Settings(profiles={"v": shielded}), NOW, key=SHORT, to=1) == ()


def test_no_profile_no_queue_no_position() -> None:
    states = book(perp(), accounts=(account(10_000.0),))
    assert not any(each.reachable for each in remedies(states, queues(), Settings(), NOW, key=SHORT, to=2))
    assert {each.reason for each in remedies(states, {}, Settings(), NOW, key=SHORT, to=2)} == {"no estimated queue"}
    with pytest.raises(KeyError):
        remedies(states, queues(), Settings(), NOW, key="nobody", to=2)


def test_closing_in_full_leaves_no_position_and_an_unmarked_one_moves_no_equity() -> None:
    row, unmarked = gather(book(perp(), perp("long", mark_price=None)), NOW).positions[::-1]
    assert cut(row, 1.0) is None
    assert remark([row, unmarked]) == {"a": 0.0}
    assert reset(unmarked).entry_price == 68_000.0


def test_trading_cost_walks_the_book() -> None:
    depth = Book(bids=((99.0, 1.0), (98.0, 1.0)), asks=((101.0, 1.0), (103.0, 5.0)))
    buy = trade_cost(2.0, 100.0, Side.LONG, depth, fee=0.01, half_spread=0.0)
    assert buy.usd == pytest.approx(2 * (102 - 100) + 0.01 * 204)  # VWAP (101 + 103) / 2
    assert (buy.from_depth, buy.thin) == (True, False)
    assert trade_cost(3.0, 100.0, Side.SHORT, depth, fee=0.0, half_spread=0.0).thin
    assert trade_cost(0.0, 100.0, Side.SHORT, depth, fee=0.0, half_spread=0.0).usd == 0.0
    guess = trade_cost(2.0, 100.0, Side.LONG, Book(asks=((101.0, 1.0),)), fee=0.01, half_spread=0.005)
    assert guess.usd == pytest.approx(3.0)
    assert not guess.from_depth
    with pytest.raises(ValueError, match="costs: taker_fee must not be negative"):
        Costs(taker_fee=-0.1)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(["binance-2025", "equity-entry", "hyperliquid-engine", "hyperliquid-docs", "value"]),
    st.sampled_from(list(MarginMode)),
    st.tuples(st.floats(0.1, 3.0), st.floats(50_000.0, 90_000.0), st.floats(8_000.0, 80_000.0)),
    st.sampled_from(["spot", "perp", "alone"]),
    st.integers(1, 4),
)
def test_a_promise_is_kept_in_a_fresh_assessment(
    rule: str, mode: MarginMode, numbers: tuple[float, float, float], other: str, to: int
) -> None:
    size, entry, equity = numbers
    short = perp(
        size=size, entry_price=entry, margin_mode=mode, isolated_margin=equity / 2, maintenance_margin=300.0, bankruptcy_price=9e4
    )
    long = perp("long", size, "b", venue="w", entry_price=entry, maintenance_margin=300.0)
    states = book(
        *([short, long] if other == "perp" else [short]),
        accounts=(account(equity), account(equity, "b")),
        holdings=(Holding(account="spot", venue="v", asset="BTC", amount=size),) if other == "spot" else (),
    )
    of = chosen(rule, costs=Costs())
    before = assess(States(states, queues(0.5)), of, NOW).hedges[0].net_delta
    for remedy in remedies(states, queues(0.5), of, NOW, key=SHORT, to=to):
        if not remedy.reachable:
            assert remedy.reason
            continue
        after = assess(States(edited(states, remedy.edits or Edits()), queues(0.5)), of, NOW)
        view = next(view for view in after.positions if view.key == SHORT)
        assert view.estimate.level == remedy.level
        assert remedy.level is not None
        assert remedy.level <= to
        assert remedy.cost_usd is not None
        assert remedy.cost_usd >= 0.0
        if remedy.kind is not RemedyKind.CUT or other != "alone":
            assert after.hedges[0].net_delta == pytest.approx(before, abs=1e-9)
