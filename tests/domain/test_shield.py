import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from adlwatch.domain.leg import Leg, LegKind, position_leg
from adlwatch.domain.model import Account, MarginMode, Position, Side
from adlwatch.domain.shield import AT_RISK, NO_SHIELD, NOT_ELIGIBLE, OFF, ON, UNKNOWN, shield_of, shields
from adlwatch.domain.underlying import of_symbol
from adlwatch.domain.venue import ShieldRule

BYBIT = ShieldRule(measure="coin-delta", threshold=0.05, inclusive=True, eligible="cross or portfolio margin")
BINANCE = ShieldRule(measure="long-short-gap", threshold=0.05, inclusive=False, eligible="portfolio margin, VIP 4")
OKX = ShieldRule(measure="delta-to-equity", threshold=0.2, eligible="VIP")
BITGET = ShieldRule(measure="whitelist", eligible="whitelist")
BINGX = ShieldRule(measure="netted-pairs", eligible="cross")
VECTORS = Path(__file__).parents[3] / "shared/vectors/cex_examples.json"


def account(name: str = "a", venue: str = "bybit", **more: Any) -> Account:
    return Account(id=name, venue=venue, **{"delta_neutral_mode": True, "portfolio_margin": True, **more})


def perp(units: float | None, *, coin: str = "BTC", price: float | None = 50_000.0, venue: str = "bybit", name: str = "a") -> Leg:
    sign = -1 if units is not None and units < 0 else 1
    key = f"{name}:{coin}:{'short' if sign < 0 else 'long'}"
    return Leg(key, name, venue, LegKind.PERP, True, coin, sign, units, price, 0.0, margin_mode=MarginMode.CROSS)


def spot(units: float, *, kind: LegKind = LegKind.COLLATERAL, venue: str = "bybit", coin: str = "BTC", price: float = 5e4) -> Leg:
    return Leg(f"a:{coin}", "a", venue, kind, False, coin, 1, units, price, None)


def test_balanced_account_is_on_with_its_headroom_and_cliff() -> None:
    shield = shield_of(BYBIT, account(), [perp(-1.5), spot(1.5)], "BTC", None)
    assert (shield.state, shield.ratio, shield.threshold, shield.rule) == (ON, 0.0, 0.05, "coin-delta")
    assert shield.headroom_units == pytest.approx(0.075)  # 5 % of 1.5
    assert shield.headroom_usd == pytest.approx(3_750.0)  # 0.075 * 50,000
    assert shield.cliff_leg == "a:BTC:short"
    assert shield.cliff_fraction == pytest.approx(0.05)
    assert shield.cliff == "closing more than 5.0% of a:BTC:short ends the protection of the rest"


def test_headroom_is_measured_from_the_imbalance_already_there() -> None:
    # 1.46 short against 1.5 long: ratio 0.04 / 1.5 = 2.67 %; 1.5 * 5 % - 0.04 = 0.035 more may go from the short.
    shield = shield_of(BYBIT, account(), [perp(-1.46), spot(1.5)], "BTC", None)
    assert shield.ratio == pytest.approx(0.04 / 1.5)
    assert shield.headroom_units == pytest.approx(0.035)
    # 1.5 short against 1.46 long: closing passes neutral first, so 0.04 + 1.46 * 5 % = 0.113 may go.
    assert shield_of(BYBIT, account(), [perp(-1.5), spot(1.46)], "BTC", None).headroom_units == pytest.approx(0.113)


def test_little_headroom_is_at_risk() -> None:
    assert shield_of(BYBIT, account(), [perp(-0.959), spot(1.0)], "BTC", None).state == AT_RISK  # 4.1 % of 5 %
    assert shield_of(BYBIT, account(), [perp(-0.961), spot(1.0)], "BTC", None).state == ON  # 3.9 % of 5 %


def test_boundary_counts_where_the_venue_says_at_most() -> None:
    legs = [perp(-96.0), spot(100.0)]
    at = ShieldRule(measure="coin-delta", threshold=0.04, eligible="")
    below = ShieldRule(measure="coin-delta", threshold=0.04, inclusive=False, eligible="")
    assert shield_of(at, account(), legs, "BTC", None).state == AT_RISK
    past = shield_of(below, account(), legs, "BTC", None)
    assert (past.state, past.headroom_units, past.headroom_usd) == (OFF, 0.0, 0.0)
    assert shield_of(at, account(), [perp(-90.0), spot(100.0)], "BTC", None).state == OFF


@pytest.mark.parametrize(
    ("rule", "of", "state", "note"),
    [
        (BYBIT, account(delta_neutral_mode=False), OFF, "switched off"),
        (BYBIT, account(delta_neutral_mode=None), UNKNOWN, "cannot see"),
        (BYBIT, None, UNKNOWN, "cannot see"),
        (BINANCE, account(portfolio_margin=False), NOT_ELIGIBLE, "portfolio margin"),
        (BYBIT, account(portfolio_margin=False), ON, None),
        (BITGET, account(), ON, "whitelist"),
        (BITGET, account(delta_neutral_mode=False), OFF, "switched off"),
    ],
)
def test_eligibility(rule: ShieldRule, of: Account | None, state: str, note: str | None) -> None:
    shield = shield_of(rule, of, [perp(-1.0), spot(1.0)], "BTC", None)
    assert shield.state == state
    assert (shield.note is None) if note is None else (note in (shield.note or ""))


def test_isolated_margin_never_qualifies() -> None:
    short = Position(
        account="a", venue="bybit", symbol="BTC/USDT:USDT", side=Side.SHORT, size=1.0, entry_price=5e4, mark_price=5e4
    )
    legs = [position_leg(short, short.key, 5e4, None, of_symbol(short.symbol, {})), spot(1.0)]
    assert shield_of(BYBIT, account(), legs, "BTC", None).state == ON
    isolated = replace(legs[0], margin_mode=MarginMode.ISOLATED)
    assert shield_of(BYBIT, account(), [isolated, spot(1.0)], "BTC", None).state == NOT_ELIGIBLE


def test_binance_spot_account_does_not_hedge_but_cross_margin_does() -> None:
    short = perp(-1.0, venue="binance")
    bare = shield_of(BINANCE, account(venue="binance"), [short, spot(1.0, kind=LegKind.SPOT, venue="binance")], "BTC", None)
    assert (bare.state, bare.ratio) == (OFF, 1.0)
    assert shield_of(BINANCE, account(venue="binance"), [short, spot(1.0, venue="binance")], "BTC", None).state == ON


def test_delta_to_equity_counts_every_coin_of_the_account() -> None:
    legs = [perp(-1.5), spot(1.6), perp(-10.0, coin="ETH", price=2_000.0), spot(11.0, coin="ETH", price=2_000.0)]
    # |0.1| * 50,000 + |1| * 2,000 = 7,000 of 100,000
    shield = shield_of(OKX, account(), legs, "BTC", 100_000.0)
    assert shield.state == ON
    assert shield.ratio == pytest.approx(0.07)
    # allowed for BTC: (0.2 * 100,000 - 2,000) / 50,000 = 0.36; already long 0.1, so 0.26 more of the short may go
    assert shield.headroom_units == pytest.approx(0.26)


@pytest.mark.parametrize(
    ("legs", "equity"),
    [
        ([perp(-1.0), spot(1.0)], None),
        ([perp(-1.0), spot(1.0)], 0.0),
        ([perp(-1.0, price=None), spot(1.0)], 1e5),
        ([perp(-1.0), perp(1.0, coin="ETH", price=None)], 1e5),
        ([perp(None), spot(1.0)], 1e5),
    ],
)
def test_unknown_exposure_or_equity_is_unknown(legs: list[Leg], equity: float | None) -> None:
    shield = shield_of(OKX, account(), legs, "BTC", equity)
    assert (shield.state, shield.ratio) == (UNKNOWN, None)


def test_empty_exposure_has_no_ratio() -> None:
    assert shield_of(BYBIT, account(), [perp(0.0)], "BTC", None).state == UNKNOWN


def test_whole_leg_may_go_without_a_cliff() -> None:
    shield = shield_of(BYBIT, account(), [perp(-0.01), perp(-1.0, name="b"), spot(1.0)], "BTC", None)
    assert shield.cliff_leg is None
    assert shield.headroom_units == pytest.approx(0.06)


def test_netted_pairs_expose_only_the_excess() -> None:
    both = shield_of(BINGX, None, [perp(1.0), perp(-1.0)], "BTC", None)
    more = shield_of(BINGX, None, [perp(1.0), perp(-1.5)], "BTC", None)
    alone = shield_of(BINGX, None, [perp(-1.5)], "BTC", None)
    assert (both.state, more.state, alone.state) == (ON, AT_RISK, OFF)
    assert more.note == "0.5 units in excess of the pair are exposed"


def test_sub_account_does_not_inherit_the_mode() -> None:
    accounts = {"main": account("main"), "sub": account("sub", delta_neutral_mode=False), "hl": account("hl", venue="hl")}
    legs = [perp(-1.0, name="main"), perp(1.0, name="main"), perp(-1.0, name="sub"), perp(1.0, name="hl", venue="hl")]
    found = shields(legs, accounts, {"bybit": BYBIT, "hl": None})
    assert found["main", "BTC"].state == ON
    assert found["sub", "BTC"].state == OFF
    assert "the mode of main does not extend" in (found["sub", "BTC"].note or "")
    assert found["hl", "BTC"].note == NO_SHIELD.note
    assert found["hl", "BTC"].account == "hl"


def test_equity_at_the_marks_replaces_the_account_s() -> None:
    legs = [perp(-1.0), spot(1.1)]
    stated = shields(legs, {"a": account(equity=100_000.0)}, {"bybit": OKX})["a", "BTC"]
    moved = shields(legs, {"a": account(equity=100_000.0)}, {"bybit": OKX}, {"a": 50_000.0})["a", "BTC"]
    assert stated.ratio == pytest.approx(0.05)
    assert moved.ratio == pytest.approx(0.1)
    assert shields(legs, {}, {"bybit": OKX})["a", "BTC"].state == UNKNOWN


def test_bybits_own_table() -> None:
    if not VECTORS.exists():
        pytest.skip("../shared/vectors is not here")
    example = next(each for each in json.loads(VECTORS.read_text())["examples"] if each["id"] == "bybit-delta-neutral-order")
    protected = {}
    for user in example["inputs"]:
        spare = 0.96 if user.get("coinDelta") == "<0.05" else 0.9
        mode = MarginMode.ISOLATED if user["mode"] == "IM" else MarginMode.CROSS
        legs = [Leg("k", "a", "bybit", LegKind.PERP, True, "BTC", -1, -spare, 5e4, 0.0, margin_mode=mode), spot(1.0)]
        holder = account(delta_neutral_mode=user["enabled"] is True)
        protected[user["user"]] = shield_of(BYBIT, holder, legs, "BTC", None).state in (ON, AT_RISK)
    assert protected == {user["user"]: user["delta_neutral"] for user in example["inputs"]}
    before = sorted(example["inputs"], key=lambda user: int(user["rank_before"]))
    after = sorted(before, key=lambda user: protected[user["user"]])
    assert {str(user["user"]): place for place, user in enumerate(after, 1)} == example["expected"]["rank_after"]


@settings(max_examples=80, deadline=None)
@given(st.floats(0.5, 2.0), st.floats(0.5, 2.0))
def test_headroom_is_exactly_what_may_be_closed(short: float, long: float) -> None:
    shield = shield_of(BYBIT, account(), [perp(-short), spot(long)], "BTC", None)
    if shield.state not in (ON, AT_RISK):
        return
    assert shield.headroom_units is not None
    within = shield_of(BYBIT, account(), [perp(-short + 0.999 * shield.headroom_units), spot(long)], "BTC", None)
    beyond = shield_of(BYBIT, account(), [perp(-short + 1.001 * shield.headroom_units), spot(long)], "BTC", None)
    assert within.state in (ON, AT_RISK)
    assert beyond.state == OFF
