"""Columns that follow the marks: liquidation prices and moved books, checked by hand and against a fresh assessment."""

from datetime import UTC, datetime, timedelta
from math import inf, isnan, log, nan
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adlwatch.domain.collateral import coin_collateral
from adlwatch.domain.exposure import Exposure, expose
from adlwatch.domain.gather import Gathered, gather
from adlwatch.domain.liquidation import drift, liquidations, minutes_to, ratios
from adlwatch.domain.model import Account, Candle, Contract, Holding, MarginMode, Market, Position, Side
from adlwatch.domain.queue import QueueKey
from adlwatch.domain.rank import inputs
from adlwatch.domain.reading import Reading, SourceState
from adlwatch.domain.scenario import LADDER, Ranking, alone, joint, joint_each, ladder
from adlwatch.domain.score import evaluate
from adlwatch.domain.settings import Settings

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CROSS, ISOLATED = MarginMode.CROSS, MarginMode.ISOLATED


def position(
    symbol: str = "BTC/USDT:USDT", side: str = "short", size: float = 1.0, mark: float | None = 100.0, **more: Any
) -> Position:
    given_ = {"account": "a", "venue": "v", "entry_price": 100.0, "margin_mode": CROSS, **more}
    return Position(symbol=symbol, side=Side(side), size=size, mark_price=mark, **given_)


def gathered(
    *positions: Position, accounts: tuple[Account, ...] = (), holdings: tuple[Holding, ...] = (), markets: tuple[Market, ...] = ()
) -> Gathered:
    reading = Reading(
        source="s", as_of=NOW, received_at=NOW, positions=positions, accounts=accounts, holdings=holdings, markets=markets
    )
    return gather([SourceState(id="s", kind="book", interval=1.0, reading=reading)], NOW)


def exposed(*positions: Position, **more: Any) -> Exposure:
    return expose(gathered(*positions, **more), Settings())


def account(equity: float | None, maintenance: float | None = None, name: str = "a") -> Account:
    return Account(id=name, venue="v", equity=equity, maintenance_margin=maintenance)


def prices(book: Exposure) -> list[float]:
    return list(ratios(book) * book.inputs.mark)


def test_isolated_linear() -> None:
    # long: (qE - W) / (q (1 - m)) = (100 - 20) / 0.99; short: (100 + 20) / 1.01; m = 1 / 100
    book = exposed(
        position(side="long", margin_mode=ISOLATED, isolated_margin=20.0, maintenance_margin=1.0),
        position(side="short", margin_mode=ISOLATED, isolated_margin=20.0, maintenance_margin=1.0),
    )
    assert prices(book) == pytest.approx([80 / 0.99, 120 / 1.01])


def test_isolated_long_that_owes_nothing_cannot_be_liquidated() -> None:
    book = exposed(position(side="long", margin_mode=ISOLATED, isolated_margin=120.0, maintenance_margin=1.0))
    assert ratios(book).tolist() == [inf]
    (found,) = liquidations(book, {})
    assert (found.unreachable, found.price, found.distance, found.computed) == (True, None, None, True)


def test_isolated_inverse() -> None:
    # Q = 1,000 USD at E = 100: 10 coins. W = 2 coins, MM = 0.1 coin at the mark = 1 % of Q.
    # short: W - Q/E + Q/P = 0.01 Q/P  ->  P = 0.99 * 1,000 / (10 - 2) = 123.75
    # long:  W + Q/E - Q/P = 0.01 Q/P  ->  P = 1.01 * 1,000 / (10 + 2) = 84.1667
    coin: dict[str, Any] = {
        "contract": Contract.INVERSE,
        "margin_mode": ISOLATED,
        "isolated_margin": 2.0,
        "maintenance_margin": 0.1,
    }
    book = exposed(
        position("BTC/USD:BTC", "long", 1_000.0, **coin),
        position("BTC/USD:BTC", "short", 1_000.0, **coin),
    )
    assert prices(book) == pytest.approx([1_010 / 12, 123.75])


def test_cross_positions_share_what_stands_behind_them() -> None:
    # equity 50, long 2 BTC and short 1 BTC at 100: net long 1. MM 2 + 1 = 3, moving with the notional by 3 per unit of f.
    # 50 + 100 (f - 1) = 3 + 3 (f - 1)  ->  f = 1 - 47 / 97
    book = exposed(
        position(side="long", size=2.0, maintenance_margin=2.0),
        position(side="short", maintenance_margin=1.0),
        accounts=(account(50.0),),
    )
    assert ratios(book).tolist() == [pytest.approx(1 - 47 / 97), inf]


def test_coin_collateral_falls_with_the_coin() -> None:
    # equity 100 = 1 BTC; long 1 at 100, MM 1: 100 + 200 (f - 1) = 1 + 1 (f - 1)  ->  f = 1 - 99 / 199
    held = Holding(account="a", venue="v", asset="BTC", amount=1.0, collateral=True)
    book = exposed(position(side="long", maintenance_margin=1.0), accounts=(account(100.0),), holdings=(held,))
    assert ratios(book).tolist() == [pytest.approx(1 - 99 / 199)]


def test_coin_margined_account_is_kept_in_coin() -> None:
    # Equity 1,000 USD = 10 coins behind a short of 1,000 USD at its entry: hedged, so no price liquidates it upwards.
    short = position("BTC/USD:BTC", "short", 1_000.0, contract=Contract.INVERSE, maintenance_margin=0.1)
    found = gathered(short, accounts=(account(1_000.0),))
    assert coin_collateral(found, Settings()) == {("a", "BTC"): 1_000.0}
    book = expose(found, Settings())
    assert book.equity_slope.tolist() == [0.0]
    assert ratios(book).tolist() == [inf]
    unmarked = gathered(position("BTC/USD:BTC", contract=Contract.INVERSE, mark=None), accounts=(account(1.0),))
    assert isnan(coin_collateral(unmarked, Settings())["a", "BTC"])


def test_collateral_in_a_coin_without_positions_is_valued_at_its_market() -> None:
    # 100 of equity hold 1 ETH at 50; a long of 1 BTC. BTC -10 % alone: 90. ETH -20 % as well: 80.
    held = Holding(account="a", venue="v", asset="ETH", amount=1.0, collateral=True)
    market = Market(venue="v", symbol="ETH/USDT:USDT", mark_price=50.0)
    book = exposed(position(side="long"), accounts=(account(100.0),), holdings=(held,), markets=(market,))
    assert book.coins == ("BTC", "ETH")
    moved = joint(book, ranked(book), np.array([[0.9, 0.9], [1.0, 0.8]]))
    assert moved.equity[0].tolist() == pytest.approx([90.0, 80.0])
    unpriced = exposed(position(side="long"), accounts=(account(100.0),), holdings=(held,))
    equity = joint(unpriced, ranked(unpriced), np.array([[0.9, 0.9], [1.0, 0.8]])).equity[0]
    assert equity[0] == pytest.approx(90.0)
    assert isnan(equity[1])


def test_collateral_without_a_mark_makes_equity_unknown_and_cash_none() -> None:
    held = (
        Holding(account="a", venue="v", asset="ETH", amount=1.0, collateral=True),
        Holding(account="a", venue="v", asset="USDT", amount=50.0, collateral=True),
    )
    worth = coin_collateral(gathered(position(), accounts=(account(9.0),), holdings=held), Settings())
    assert list(worth) == [("a", "ETH")]
    assert isnan(worth["a", "ETH"])


def test_isolated_margin_does_not_stand_behind_cross_positions() -> None:
    # 100 of equity, of which 30 + 0 belong to the isolated long: 70 are left. 70 - 100 (f - 1) = 1 + 1 (f - 1)
    book = exposed(
        position("ETH/USDT:USDT", "long", margin_mode=ISOLATED, isolated_margin=30.0, maintenance_margin=1.0),
        position(side="short", maintenance_margin=1.0),
        accounts=(account(100.0),),
    )
    assert ratios(book)[0] == pytest.approx(1 + 69 / 101)


def test_maintenance_from_the_account_or_the_market_where_the_position_has_none() -> None:
    market = Market(venue="v", symbol="BTC/USDT:USDT", maintenance_rate=0.01)
    by_rate = exposed(position(), accounts=(account(50.0),), markets=(market,))
    assert ratios(by_rate).tolist() == [pytest.approx(1 + 49 / 101)]
    stated = exposed(position(), accounts=(account(50.0, maintenance=1.0),))
    assert stated.cross_maintenance.tolist() == [1.0]
    assert np.isnan(ratios(stated)).all()  # how it moves is not known


@pytest.mark.parametrize(
    ("only", "equity"),
    [
        (position(), None),
        (position(mark=None, maintenance_margin=1.0), 50.0),
        (position(margin_mode=None, maintenance_margin=1.0), 50.0),
        (position(margin_mode=ISOLATED, maintenance_margin=1.0), 50.0),
        (position(), 50.0),
    ],
)
def test_missing_input_leaves_the_price_unknown(only: Position, equity: float | None) -> None:
    (found,) = liquidations(exposed(only, accounts=(account(equity),)), {})
    assert (found.price, found.unreachable, found.computed) == (None, False, False)


def test_infinite_input_is_unknown() -> None:
    book = exposed(
        position(margin_mode=ISOLATED, isolated_margin=inf, maintenance_margin=1.0),
        position(side="long", maintenance_margin=inf),
        accounts=(account(inf),),
    )
    assert np.isnan(ratios(book)).all()
    assert np.isnan(joint(book, ranked(book), np.array([[0.9]])).room).all()


def test_venue_s_price_comes_first() -> None:
    theirs = position(liquidation_price=130.0, maintenance_margin=1.0)
    zero = position("ETH/USDT:USDT", liquidation_price=inf, maintenance_margin=1.0)
    mine, computed = liquidations(exposed(theirs, zero, accounts=(account(50.0),)), {"BTC": 0.6, "ETH": -0.1})
    assert (mine.price, mine.computed) == (130.0, False)
    assert mine.distance == pytest.approx(0.3)
    assert mine.minutes == pytest.approx(30.0)  # 30 % at 60 % an hour
    assert computed.computed
    assert computed.minutes is None  # it falls, the short wins


def test_liquidated_already_shows_a_distance_below_zero() -> None:
    book = exposed(position(side="long", maintenance_margin=5.0), accounts=(account(4.0),))
    (found,) = liquidations(book, {})
    assert found.distance is not None
    assert found.distance < 0.0


def test_time_to_liquidation_only_counts_adverse_drift() -> None:
    distance = np.array([0.1, 0.1, -0.1, nan, 0.1, 0.1])
    drift = np.array([-0.2, 0.2, 0.2, 0.2, nan, 0.0])
    minutes = minutes_to(distance, drift, np.array([1.0, 1.0, -1.0, -1.0, -1.0, 1.0]))
    np.testing.assert_allclose(minutes, [30.0, nan, 0.0, nan, nan, nan])


def test_drift_is_the_last_hour_s_move() -> None:
    bars = tuple(Candle(NOW - timedelta(minutes=20 * i), 100.0 - i, 1.0, 1.0, 1.0) for i in range(6, -1, -1))
    assert drift(bars, 110.0, NOW) == pytest.approx(log(110 / 97))
    assert drift(bars, 110.0, NOW + timedelta(minutes=30)) == pytest.approx(log(110 / 98) / (70 / 60))
    assert drift(bars, 110.0, NOW, 0.2) == pytest.approx(log(110 / 99) * 3)
    assert drift(bars[-2:], 110.0, NOW) is None
    assert drift((), 110.0, NOW) is None
    assert drift(bars, None, NOW) is None


def key(each: Position) -> QueueKey:
    return QueueKey(each.venue, each.symbol, each.side)


def ranked(book: Exposure, rule: str | None = "equity-entry", *, queued: bool = True) -> Ranking:
    keys = tuple(key(row.position) for row in book.rows)
    places = dict.fromkeys(keys, lambda score, mark: np.clip(score, 0.0, 1.0)) if queued else {}
    return Ranking((rule,) * len(keys), keys, places)


def test_ladder_by_hand() -> None:
    # short 1 BTC from 100 at 100, equity 50. At 80: U = 20, N = 80, A = 70: 20/100 * 80/70.
    book = exposed(position(maintenance_margin=1.0), accounts=(account(50.0),))
    moved = ladder(book, ranked(book), np.array([-0.2, 0.0, 0.5]))
    assert moved.mark.tolist() == [[80.0, 100.0, 150.0]]
    assert moved.equity.tolist() == [[pytest.approx(70.0), 50.0, pytest.approx(0.0)]]
    assert moved.score[0, :2].tolist() == [pytest.approx(0.2 * 80 / 70), 0.0]
    assert moved.level.tolist()[0][:2] == [2.0, 1.0]  # quantile 0.2286
    assert moved.liquidated.tolist() == [[False, False, True]]
    assert isnan(moved.score[0, 2])  # no equity left, no score


def test_book_without_positions_moves_nowhere() -> None:
    book = exposed()
    assert ladder(book, ranked(book)).mark.shape == (0, len(LADDER))


def test_position_without_rule_or_queue_has_no_light() -> None:
    book = exposed(position(maintenance_margin=1.0), accounts=(account(50.0),))
    assert np.isnan(ladder(book, ranked(book, None)).level).all()
    assert np.isnan(ladder(book, ranked(book, queued=False)).level).all()
    assert np.isnan(ladder(book, Ranking((None,), (None,), {})).level).all()


def test_each_position_is_ranked_by_its_own_rule() -> None:
    book = exposed(position(maintenance_margin=1.0), position(side="long", maintenance_margin=1.0), accounts=(account(50.0),))
    both = ladder(book, Ranking(("equity-entry", "return-rate"), (None, None), {}), np.array([0.1]))
    # the long has 10 of 100; the account's net is zero, so its equity stays 50
    apart = {row.position.side: score for row, score in zip(book.rows, both.score[:, 0], strict=True)}
    assert apart == {Side.LONG: pytest.approx(0.1 * 110 / 50), Side.SHORT: pytest.approx(-0.1)}


def test_joint_shock_shares_the_account_s_profit() -> None:
    # long 1 BTC and long 1 ETH at 100, equity 100; BTC -20 %, ETH -40 %: equity 40 for both.
    book = exposed(position(side="long"), position("ETH/USDT:USDT", "long"), accounts=(account(100.0),))
    factors = np.array([[0.8 if coin == "BTC" else 0.6] for coin in book.coins])
    moved = joint(book, ranked(book), factors)
    assert moved.equity.tolist() == [[pytest.approx(40.0)], [pytest.approx(40.0)]]
    both = joint_each(book, ranked(book), np.array([0, 1]), np.repeat(factors, 2, axis=1))
    assert np.allclose(both.score, moved.score)
    apart = alone(book, ranked(book), np.array([0]), np.array([[0.8]]))
    assert apart.equity[0, 0] == pytest.approx(80.0)


RULES = ("equity-entry", "binance-2025", "hyperliquid-engine", "hyperliquid-docs", "value")
legs = st.lists(
    st.tuples(st.sampled_from(["BTC", "ETH", "SOL"]), st.sampled_from(["long", "short"]), st.booleans(), st.floats(0.1, 3.0)),
    min_size=1,
    max_size=5,
    unique_by=lambda leg: leg[:2],
)


@settings(max_examples=40, deadline=None)
@given(legs, st.sampled_from(RULES), st.tuples(*[st.floats(0.6, 1.4)] * 3))
def test_moved_book_is_the_book_assessed_afresh(
    drawn: list[tuple[str, str, bool, float]], rule: str, shock: tuple[float, float, float]
) -> None:
    ratio = dict(zip(["BTC", "ETH", "SOL"], shock, strict=True))
    book = [
        position(
            f"{coin}/USDT:USDT", side, size, margin_mode=ISOLATED if own else CROSS, isolated_margin=60.0 * size, entry_price=95.0
        )
        for coin, side, own, size in drawn
    ]
    markets = tuple(
        Market(venue="v", symbol=f"{coin}/USDT:USDT", mark_price=100.0 * f, as_of=NOW + timedelta(seconds=1))
        for coin, f in ratio.items()
    )
    accounts = (account(400.0),)
    before = expose(gathered(*book, accounts=accounts), Settings())
    moved = joint(before, ranked(before, rule), np.array([[ratio[coin]] for coin in before.coins]))
    after = gathered(*book, accounts=accounts, markets=markets)
    fresh = evaluate(rule, inputs(after.positions, after)).value
    assert moved.score[:, 0] == pytest.approx(fresh, nan_ok=True)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["long", "short"]),
    st.sampled_from([CROSS, ISOLATED]),
    st.sampled_from(list(Contract)),
    st.floats(50.0, 200.0),
    st.floats(5.0, 150.0),
)
def test_nothing_is_left_at_the_computed_liquidation_price(
    side: str, mode: MarginMode, contract: Contract, entry: float, margin: float
) -> None:
    coin = 100.0 if contract is Contract.INVERSE else 1.0
    only = position(
        side=side,
        size=coin,
        contract=contract,
        margin_mode=mode,
        isolated_margin=margin / coin,
        maintenance_margin=1.0 / coin,
        entry_price=entry,
    )
    book = exposed(only, accounts=(account(margin),))
    ratio = ratios(book)[0]
    if np.isfinite(ratio):
        moved = alone(book, ranked(book), np.array([0]), np.array([[ratio]]))
        assert moved.room[0, 0] == pytest.approx(0.0, abs=1e-7)
