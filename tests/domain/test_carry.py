"""Carry, give-back and the cost of one auto-deleveraging, with the arithmetic written out."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adlwatch.domain.carry import Carry, adl_cost, apr, carry_of
from adlwatch.domain.closing import give_back_of, priced
from adlwatch.domain.costs import Costs
from adlwatch.domain.fact import Fact, Grade
from adlwatch.domain.gather import Gathered, PositionRow, gather
from adlwatch.domain.give_back import PREVIOUS_MARK_GAP, GiveBack, give_back, worst_gap
from adlwatch.domain.hedge import Hedge, pair
from adlwatch.domain.light_scale import LightScale
from adlwatch.domain.model import Book, Candle, Contract, Holding, Market, Position, Side
from adlwatch.domain.queue_priors import VenueKind, default_priors
from adlwatch.domain.reading import Reading, SourceState
from adlwatch.domain.settings import Settings
from adlwatch.domain.venue import ClosingPrice, Facts, VenueProfile

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
PRIORS = default_priors(VenueKind.RETAIL)
NONE = Carry(usd_per_day=None, apr=None)


def perp(side: str = "short", size: float = 1.0, symbol: str = "BTC/USDT:USDT", **more: Any) -> Position:
    fixed = {"account": "a", "venue": "v", "entry_price": 100.0, "mark_price": 100.0, **more}
    return Position(symbol=symbol, side=Side(side), size=size, **fixed)


def hedge(*positions: Position, holdings: tuple[Holding, ...] = (), index: float | None = None) -> Hedge:
    (found,) = pair(positions, holdings, {"BTC": index} if index else {}, Settings(dust_usd=0.0))
    return found


def market(rate: float | None = None, hours: float | None = 8.0, **more: Any) -> Market:
    return Market(venue="v", symbol="BTC/USDT:USDT", funding_rate=rate, funding_interval_hours=hours, **more)


def test_apr_normalises_unequal_intervals() -> None:
    assert apr(0.0001, 8.0) == pytest.approx(0.1095)  # 1 bp, three times a day
    assert apr(0.0000125, 1.0) == pytest.approx(0.1095)


def test_short_perp_against_spot_earns_the_funding() -> None:
    found = carry_of(
        hedge(perp(), holdings=(Holding(account="a", venue="v", asset="BTC", amount=1.0),)),
        {"a:BTC/USDT:USDT:short": market(0.0001)},
        NOW,
        round_trip_usd=0.3,
    )
    assert found.apr == pytest.approx(0.1095)
    assert found.usd_per_day == pytest.approx(100 * 0.0003)
    assert found.break_even_days == pytest.approx(0.3 / 0.03)
    assert found.missing == ()


def test_perp_against_perp_nets_both_intervals() -> None:
    legs = (perp(), perp("long", account="b"))
    rates = {"a:BTC/USDT:USDT:short": market(0.0002), "b:BTC/USDT:USDT:long": market(0.00001, 1.0)}
    found = carry_of(hedge(*legs), rates, NOW)
    assert found.apr == pytest.approx(0.219 - 0.0876)
    rates["b:BTC/USDT:USDT:long"] = market(0.0001, 1.0)
    losing = carry_of(hedge(*legs), rates, NOW, round_trip_usd=1.0)
    assert losing.usd_per_day is not None
    assert losing.usd_per_day < 0.0
    assert losing.break_even_days is None
    assert adl_cost(1.0, losing).days is None


def test_borrowing_costs_and_is_named_where_unknown() -> None:
    reverse = hedge(perp("long"), holdings=(Holding(account="a", venue="v", asset="BTC", amount=-1.0),), index=100.0)
    rates = {"a:BTC/USDT:USDT:long": market(-0.0001)}
    assert carry_of(reverse, rates, NOW).missing == ("borrow rate of BTC",)
    assert carry_of(reverse, rates, NOW, borrow_apr={"BTC": 0.05}).apr == pytest.approx(0.1095 - 0.05)


@pytest.mark.parametrize(
    ("position", "known", "missing"),
    [
        (perp(), market(None), "funding of a:BTC/USDT:USDT:short"),
        (perp(), market(0.1, None), "funding of a:BTC/USDT:USDT:short"),
        (perp(), None, "funding of a:BTC/USDT:USDT:short"),
        (perp(mark_price=None), market(0.1), "exposure of a:BTC/USDT:USDT:short"),
        (perp(contract=Contract.INVERSE, mark_price=None), market(0.1), "exposure of a:BTC/USDT:USDT:short"),
        (perp(symbol="BTC/USDT:USDT-261225"), market(), "basis of a:BTC/USDT:USDT-261225:short"),
        (perp(symbol="BTC/USDT:USDT-261122"), market(index_price=99.0), "basis of a:BTC/USDT:USDT-261122:short"),
    ],
)
def test_unknown_income_is_named_and_not_zero(position: Position, known: Market | None, missing: str) -> None:
    found = carry_of(hedge(position), {position.key: known} if known else {}, NOW)
    assert found == Carry(usd_per_day=None, apr=None, missing=(missing,))


def test_dated_future_earns_its_basis_until_expiry() -> None:
    # Short at 101.1 against an index of 100; 25 December is 33 days away: 1.1 / 33 a day.
    short = perp(symbol="BTC/USDT:USDT-261225", mark_price=101.1)
    found = carry_of(hedge(short), {short.key: market(index_price=100.0)}, NOW)
    assert found.usd_per_day == pytest.approx(1.1 / 33)


def test_what_one_auto_deleveraging_eats() -> None:
    earning = Carry(usd_per_day=20.0, apr=0.1)
    cost = adl_cost(300.0, earning)
    assert cost.days == 15.0
    assert cost.deadly_per_year == pytest.approx(365 / 15)
    assert adl_cost(0.0, earning).deadly_per_year is None
    assert adl_cost(300.0, NONE).days is None


def bar(close: float, low: float | None = None, high: float | None = None, opened: float = 100.0) -> Candle:
    return Candle(NOW, opened, high or max(opened, close), low or min(opened, close), close)


def test_give_back_by_closing_rule() -> None:
    falling = [bar(100.0)] * 20 + [bar(90.0)]
    assert give_back(ClosingPrice.MARK, Side.SHORT, [], PRIORS) is not None
    for rule in (ClosingPrice.MARK, ClosingPrice.REFERENCE):
        closed = give_back(rule, Side.SHORT, falling, PRIORS)
        assert closed is not None
        assert (closed.low, closed.high) == (0.0, 0.0)
    previous = give_back(ClosingPrice.PREVIOUS_MARK, Side.SHORT, falling, PRIORS)
    assert previous is not None
    assert (previous.low, previous.high) == (0.0, PREVIOUS_MARK_GAP)
    for unknown in (None, ClosingPrice.NONE, ClosingPrice.MARKET):
        assert give_back(unknown, Side.SHORT, falling, PRIORS) is None
    assert give_back(ClosingPrice.BANKRUPTCY, Side.SHORT, [], PRIORS) is None


@pytest.mark.parametrize("side", list(Side))
def test_bankruptcy_prices_lie_within_the_gap(side: Side) -> None:
    drift = [100.0 + side.sign * 0.05 * i for i in range(100)]
    path = [bar(price, opened=price) for price in drift] + [bar(drift[-1] * (1 + 0.1 * side.sign), opened=drift[-1])]
    found = give_back(ClosingPrice.BANKRUPTCY, side, path, PRIORS)
    assert found is not None
    assert worst_gap(path, side) == pytest.approx(0.1)
    assert 0.0 <= found.low < found.high <= 0.1 / 0.9
    assert "bankruptcy prices within a gap of 10.0%" in found.note


def test_nobody_left_to_go_bankrupt_leaves_the_whole_gap_open() -> None:
    calm = [bar(100.0)] * 3
    found = give_back(ClosingPrice.BANKRUPTCY, Side.SHORT, calm, PRIORS)
    assert found is not None
    assert (found.low, found.high) == (0.0, 0.0)
    assert "nobody known" in found.note
    assert worst_gap([bar(1.0, opened=0.0)], Side.SHORT) is None


@given(st.lists(st.floats(-0.2, 0.2), min_size=2, max_size=40), st.sampled_from(list(Side)))
def test_give_back_is_never_negative(moves: list[float], side: Side) -> None:
    price, path = 100.0, []
    for move in moves:
        path.append(bar(price * (1 + move), opened=price))
        price *= 1 + move
    found = give_back(ClosingPrice.BANKRUPTCY, side, path, PRIORS)
    assert found is not None
    assert 0.0 <= found.low <= found.high


def venue(rule: ClosingPrice) -> VenueProfile:
    facts = Facts(
        rule=Fact(grade=Grade.OFFICIAL, sources=(), value="binance-2025"),
        closing_price=Fact(grade=Grade.OFFICIAL, sources=(), value=rule),
        taker_fee=Fact(grade=Grade.OFFICIAL, sources=(), value=0.001),
    )
    return VenueProfile(id="v", title="v", kind=VenueKind.RETAIL, facts=facts, light=LightScale(grade=Grade.UNKNOWN, sources=()))


def gathered(*positions: Position, markets: tuple[Market, ...] = ()) -> Gathered:
    reading = Reading(source="s", as_of=NOW, received_at=NOW, positions=positions, markets=markets)
    return gather([SourceState(id="s", kind="book", interval=1.0, reading=reading)], NOW)


def backs(rows: dict[str, PositionRow], of: Settings) -> dict[str, GiveBack | None]:
    return {key: give_back_of(row, of) for key, row in rows.items()}


def test_closures_are_priced() -> None:
    short = perp(size=2.0)
    found = gathered(short, markets=(market(),))
    rows = {row.position.key: row for row in found.positions}
    both = hedge(short, holdings=(Holding(account="spot", venue="v", asset="BTC", amount=2.0),))
    of = Settings(profiles={"v": venue(ClosingPrice.PREVIOUS_MARK)}, costs=Costs(half_spread=0.0005))
    quarter, half, whole, *spot = priced(both, rows, backs(rows, of), of, Carry(usd_per_day=0.5, apr=0.1))
    # 200 USD: 0.717 % given back at most, 0.15 % to rebuild
    assert whole.give_back_low_usd == 0.0
    assert whole.give_back_high_usd == pytest.approx(200 * 0.00717)
    assert whole.rebuild_usd == pytest.approx(0.3)
    assert whole.rebuild_from_depth is False
    assert whole.carry_days == pytest.approx((1.434 + 0.3) / 0.5)
    assert quarter.rebuild_usd == pytest.approx(0.075)
    assert half.naked_units == 1.0
    assert [each.rebuild_usd for each in spot] == [None] * 3


def test_rebuilding_is_priced_from_depth_where_it_is_known() -> None:
    depth = Book(bids=((99.0, 5.0),), asks=((101.0, 5.0),))
    rows = {row.position.key: row for row in gathered(perp(size=2.0), markets=(market(book=depth),)).positions}
    _, _, whole = priced(hedge(perp(size=2.0)), rows, {}, Settings(costs=Costs(taker_fee=0.001)), NONE)
    assert whole.rebuild_from_depth is True
    assert whole.rebuild_usd == pytest.approx(2.0 * (1.0 + 0.001 * 99.0))  # sold a unit below the middle


def test_closures_without_a_profile_or_a_mark_keep_what_is_known() -> None:
    short, blind = perp(), perp(symbol="ETH/USDT:USDT", mark_price=None)
    rows = {row.position.key: row for row in gathered(short, blind).positions}
    (first, *_) = priced(hedge(short), rows, backs(rows, Settings()), Settings(), NONE)
    assert (first.give_back_high_usd, first.carry_days) == (None, None)
    assert first.rebuild_usd == pytest.approx(25 * (0.0005 + 0.0002))
    of = Settings(profiles={"v": venue(ClosingPrice.BANKRUPTCY)})
    (other, *_) = priced(hedge(blind), rows, backs(rows, of), of, NONE)
    assert other.rebuild_usd is None
