from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adlwatch.domain.hedge import FRACTIONS, Hedge, HedgeKind, pair
from adlwatch.domain.leg import LegKind
from adlwatch.domain.model import Contract, HedgeSpec, Holding, Position, Side
from adlwatch.domain.settings import Settings

PLAIN = Settings()


def perp(symbol: str, side: str, size: float, mark: float | None, account: str = "a", **more: Any) -> Position:
    return Position(
        account=account,
        venue="v",
        symbol=symbol,
        side=Side(side),
        size=size,
        entry_price=more.pop("entry", 100.0),
        mark_price=mark,
        **more,
    )


def held(asset: str, amount: float, account: str = "a", **more: Any) -> Holding:
    return Holding(account=account, venue="v", asset=asset, amount=amount, **more)


def only(hedges: tuple[Hedge, ...]) -> Hedge:
    assert len(hedges) == 1
    return hedges[0]


def test_cash_and_carry_across_accounts() -> None:
    short = perp("BTC/USDT:USDT", "short", 1.5, 54_000.0, entry=60_000.0)
    hedge = only(pair([short], [held("BTC", 1.5, "spot")], {"BTC": 54_010.0}, PLAIN))
    assert hedge.kind is HedgeKind.CASH_AND_CARRY
    assert (hedge.name, hedge.underlying, hedge.owner) == ("btc", "BTC", None)
    assert (hedge.net_delta, hedge.net_usd, hedge.hedge_ratio) == (0.0, 0.0, 1.0)
    assert hedge.gross_usd == 162_000.0  # (1.5 + 1.5) * 54,000
    assert hedge.unrealized_pnl == 9_000.0  # 1.5 * (60,000 - 54,000)
    assert hedge.basis == pytest.approx(54_000 / 54_010 - 1)
    taken = {(each.leg, each.fraction): each for each in hedge.if_closed}
    whole = taken[short.key, 1.0]
    assert (whole.naked_units, whole.naked_usd, whole.loss_per_1pct) == (1.5, 81_000.0, 810.0)
    quarter = taken[short.key, 0.25]
    assert (quarter.naked_units, quarter.naked_usd, quarter.loss_per_1pct) == (0.375, 20_250.0, 202.5)
    assert taken["spot:BTC", 1.0].naked_usd == -81_000.0


@pytest.mark.parametrize(
    ("legs", "kind"),
    [
        (([("ETH/USDT:USDT", "long")], [("ETH", -1.0)]), HedgeKind.REVERSE_CARRY),
        (([("ETH/USDT:USDT", "long"), ("ETH/USDC:USDC", "short")], []), HedgeKind.PERP_PERP),
        (([("ETH/USDT:USDT", "long"), ("ETH/USDT:USDT-261225", "short")], []), HedgeKind.CALENDAR),
        (([("ETH/USDT:USDT-261225", "short")], [("ETH", 1.0)]), HedgeKind.CASH_AND_CARRY),
        (([("ETH/USDT:USDT", "long"), ("ETH/USDC:USDC", "short")], [("ETH", 0.5)]), HedgeKind.PERP_PERP),
        (([("ETH/USDT:USDT", "long")], [("ETH", 1.0)]), HedgeKind.UNHEDGED),
        (([("ETH/USDT:USDT", "short")], [("ETH", -1.0)]), HedgeKind.UNHEDGED),
        (([("ETH/USDT:USDT", "long")], []), HedgeKind.UNHEDGED),
        (([], [("ETH", 1.0)]), HedgeKind.UNHEDGED),
    ],
)
def test_kinds(legs: tuple[list[tuple[str, str]], list[tuple[str, float]]], kind: HedgeKind) -> None:
    positions = [perp(symbol, side, 1.0, 3_000.0) for symbol, side in legs[0]]
    holdings = [held(asset, amount) for asset, amount in legs[1]]
    assert only(pair(positions, holdings, {"ETH": 3_000.0}, PLAIN)).kind is kind


def test_multiplier_contract_hedges_the_coin() -> None:
    hedge = only(
        pair([perp("kPEPE/USDC:USDC", "short", 2.0, 0.01)], [held("PEPE", 2_000.0)], {"PEPE": 0.00001}, Settings(dust_usd=0))
    )
    assert hedge.underlying == "PEPE"
    assert hedge.net_delta == 0.0
    assert hedge.price == pytest.approx(0.00001)


def test_collateral_in_the_coin_counts_and_is_marked() -> None:
    inverse = perp("BTC/USD:BTC", "short", 10_000.0, 50_000.0, contract=Contract.INVERSE, entry=40_000.0)
    hedge = only(pair([inverse], [held("BTC", 0.2, collateral=True)], {}, PLAIN))
    assert [leg.kind for leg in hedge.legs] == [LegKind.PERP, LegKind.COLLATERAL]
    assert hedge.net_delta == 0.0  # 10,000 / 50,000 = 0.2
    assert hedge.basis is None  # the balance has no price of its own
    assert hedge.net_usd == 0.0


def test_inverse_without_a_mark_has_unknown_exposure_not_zero() -> None:
    inverse = perp("BTC/USD:BTC", "short", 10_000.0, None, contract=Contract.INVERSE)
    hedge = only(pair([inverse], [held("BTC", 0.2)], {}, PLAIN))
    assert (hedge.net_delta, hedge.net_usd, hedge.gross_usd, hedge.hedge_ratio, hedge.basis) == (None,) * 5
    assert hedge.unrealized_pnl is None
    assert {each.naked_units for each in hedge.if_closed} == {None}


def test_units_are_known_without_a_price() -> None:
    hedge = only(pair([perp("BTC/USDT:USDT", "short", 1.0, None)], [held("BTC", 1.0)], {}, PLAIN))
    assert (hedge.net_delta, hedge.hedge_ratio, hedge.net_usd) == (0.0, 1.0, None)
    whole = hedge.if_closed[2]
    assert (whole.naked_units, whole.naked_usd, whole.loss_per_1pct) == (1.0, None, None)


def test_marks_override_by_leg() -> None:
    short = perp("BTC/USDT:USDT", "short", 1.0, 50_000.0, entry=50_000.0)
    hedge = only(pair([short], [held("BTC", 1.0)], {short.key: 40_000.0, "a:BTC": 40_400.0}, PLAIN))
    assert hedge.unrealized_pnl == 10_000.0
    assert hedge.basis == pytest.approx(40_000 / 40_400 - 1)


def test_owner_groups_do_not_hedge_each_other() -> None:
    book = Settings(owners={"x": "anna", "y": "bob"})
    legs = [perp("BTC/USDT:USDT", "short", 1.0, 5e4, "x"), perp("BTC/USDT:USDT", "long", 1.0, 5e4, "y")]
    first, second = pair(legs, [], {}, book)
    assert [(each.name, each.owner, each.kind) for each in (first, second)] == [
        ("anna/btc", "anna", HedgeKind.UNHEDGED),
        ("bob/btc", "bob", HedgeKind.UNHEDGED),
    ]


def test_a_group_covers_the_margin_pools_of_an_account_unless_a_pool_is_named_itself() -> None:
    book = Settings(owners={"x": "anna", "x/BTC": "bob", "x/SUB/A": "cleo"})
    accounts = ("x", "x/USDT", "x/BTC", "x/BTC/ISOLATED", "x/SUB", "x/SUB/A", "y", "xx/BTC")
    assert [book.owner_of(each) for each in accounts] == ["anna", "anna", "bob", "bob", "anna", "cleo", None, None]
    assert PLAIN.owner_of("x/BTC") is None
    legs = [perp("BTC/USDT:USDT", "short", 1.0, 5e4, "x/USDT"), perp("BTC/USDT:USDT", "long", 1.0, 5e4, "x")]
    assert only(pair(legs, [], {}, book)).owner == "anna"


def test_users_hedge_comes_first_and_leftovers_stay_visible() -> None:
    short = perp("BTC/USDT:USDT", "short", 1.0, 5e4)
    other = perp("BTC/USDT:USDT", "short", 0.5, 5e4, "b")
    book = Settings(hedges=(HedgeSpec("btc", (short.key, "a:BTC")), HedgeSpec("late", (short.key, other.key))))
    named, late = pair([short, other], [held("BTC", 1.0)], {}, book)
    assert (named.name, named.explicit, named.kind, named.missing) == ("btc", True, HedgeKind.CASH_AND_CARRY, ())
    assert (late.name, late.missing, [leg.key for leg in late.legs]) == ("late", (short.key,), [other.key])
    left = pair([short, other], [held("BTC", 1.0)], {}, Settings(hedges=book.hedges[:1]))[1]
    assert (left.name, left.explicit, left.kind) == ("btc-2", False, HedgeKind.UNHEDGED)


def test_two_hedges_never_share_a_name() -> None:
    legs = [perp("BTC/USDT:USDT", "short", 1.0, 5e4), perp("BTC/USDT:USDT", "long", 1.0, 5e4, "b")]
    specs = tuple(HedgeSpec("mine", (leg.key,)) for leg in legs)
    assert [hedge.name for hedge in pair(legs, [], {}, Settings(hedges=specs))] == ["mine", "mine-2"]


def test_named_hedge_without_any_leg_left_is_not_invented() -> None:
    assert pair([], [], {}, Settings(hedges=(HedgeSpec("gone", ("a:BTC",)),))) == ()


def test_named_hedge_may_join_two_assets_by_value() -> None:
    short = perp("ETH/USDT:USDT", "short", 2.0, 3_000.0)
    book = Settings(hedges=(HedgeSpec("staked", (short.key, "a:STETH")),))
    hedge = only(pair([short], [held("STETH", 2.0)], {"STETH": 2_970.0}, book))
    assert hedge.underlying == "ETH"
    assert hedge.net_delta == pytest.approx(2.0 * 2_970 / 3_000 - 2.0)
    assert hedge.basis is None
    assert only(pair([short], [held("STETH", 2.0)], {}, book)).net_delta is None


def test_cash_dust_and_empty_balances_are_no_legs() -> None:
    short = perp("BTC/USDT:USDT", "short", 1.0, 5e4)
    hedge = only(pair([short], [held("USDT", 9e4), held("BTC", 0.0001), held("ETH", 0.0)], {}, PLAIN))
    assert [leg.key for leg in hedge.legs] == [short.key]
    assert pair([], [held("BTC", 0.0001)], {"BTC": 5e4}, PLAIN) == ()
    assert len(pair([], [held("BTC", 0.0001)], {}, PLAIN)) == 1  # unpriced: unknown is not dust


def test_one_ticker_for_two_assets_is_not_a_hedge() -> None:
    legs = [
        perp("XYZ/USDT:USDT", "short", 1.0, 100.0),
        perp("XYZ/USDC:USDC", "long", 1.0, 101.0, "b"),
        perp("dex:XYZ/USDC:USDC", "long", 1.0, 1.0, "c"),
        perp("XYZ-PERP", "long", 1.0, None, "d"),
    ]
    near, far = pair(legs, [], {}, PLAIN)
    assert [leg.account for leg in near.legs] == ["a", "b", "d"]
    assert ([leg.account for leg in far.legs], far.name) == (["c"], "xyz-2")


def test_price_is_the_median_of_the_derivative_legs() -> None:
    legs = [perp("A/USDT:USDT", "short", 1.0, price, str(price)) for price in (100.0, 101.0, 150.0)]
    assert only(pair(legs, [], {}, PLAIN)).price == 101.0


sizes = st.floats(0.001, 1e6)
legs_of_a_book = st.lists(
    st.tuples(
        st.sampled_from(["BTC/USDT:USDT", "ETH/USDT:USDT", "kPEPE/USDC:USDC", "SOL/USD:SOL"]), st.sampled_from(list(Side)), sizes
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(legs_of_a_book, st.lists(st.tuples(st.sampled_from(["BTC", "PEPE", "USDC"]), sizes), max_size=4), st.data())
def test_every_leg_is_in_exactly_one_hedge(
    drawn: list[tuple[str, Side, float]], balances: list[tuple[str, float]], data: st.DataObject
) -> None:
    positions = [perp(symbol, side, size, 100.0, str(i)) for i, (symbol, side, size) in enumerate(drawn)]
    holdings = [held(asset, amount, f"h{i}") for i, (asset, amount) in enumerate(balances)]
    keys = [p.key for p in positions] + [h.key for h in holdings]
    named = data.draw(st.lists(st.sampled_from(keys), max_size=5)) if keys else []
    hedges = pair(positions, holdings, {}, Settings(hedges=(HedgeSpec("mine", tuple(named)),), dust_usd=0.0))
    found = sorted(leg.key for hedge in hedges for leg in hedge.legs)
    assert found == sorted([p.key for p in positions] + [h.key for h in holdings if h.asset != "USDC"])
    assert len({hedge.name for hedge in hedges}) == len(hedges)


@settings(max_examples=60, deadline=None)
@given(legs_of_a_book)
def test_what_is_left_is_the_net_without_the_part_taken(drawn: list[tuple[str, Side, float]]) -> None:
    positions = [perp(symbol, side, size, 100.0, str(i)) for i, (symbol, side, size) in enumerate(drawn)]
    for hedge in pair(positions, [], {}, PLAIN):
        assert hedge.net_delta is not None
        assert hedge.hedge_ratio is not None
        assert 0.0 <= hedge.hedge_ratio <= 1.0
        gross = sum(abs(leg.units or 0.0) for leg in hedge.legs)
        wanted = [(leg, fraction) for leg in hedge.legs for fraction in FRACTIONS]
        for (leg, fraction), left in zip(wanted, hedge.if_closed, strict=True):
            assert leg.units is not None
            assert left.naked_units == pytest.approx(hedge.net_delta - fraction * leg.units, abs=1e-9 * gross)
            assert left.loss_per_1pct is not None
            assert left.loss_per_1pct >= 0.0
