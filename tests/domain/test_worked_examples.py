"""The venues' own worked examples and published samples, transcribed as numbers with their source.

The same examples are also read from the shared vectors where those are at hand, so that a slip of the pen here would show.
"""

import json
from decimal import ROUND_DOWN, Decimal
from functools import cache
from math import ceil, floor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from adlwatch.adapters.mock.adl import matches
from adlwatch.domain.inputs import Inputs, bankruptcy_distance, values
from adlwatch.domain.leg import Leg, LegKind
from adlwatch.domain.model import Account, MarginMode
from adlwatch.domain.score import Scores, evaluate
from adlwatch.domain.shield import ON, shield_of
from adlwatch.venues import profiles

VECTORS = Path(__file__).parents[3] / "shared" / "vectors"


@cache
def shared() -> dict[str, dict[str, Any]]:
    """All shared examples by id; skips where they are not at hand."""
    if not VECTORS.is_dir():
        pytest.skip(f"no shared vectors at {VECTORS.name}: the transcribed numbers stand alone")
    files = (VECTORS / name for name in ("cex_examples.json", "dex_examples.json"))
    return {example["id"]: example for file in files for example in json.loads(file.read_text())["examples"]}


def one(rule: str, **columns: Any) -> float:
    return float(evaluate(rule, Inputs.of(**columns)).value)


def scored(rule: str, **columns: Any) -> Scores:
    return evaluate(rule, Inputs.of(**columns))


def cut(value: float, decimals: int = 8) -> str:
    """Truncated, not rounded, as CoinEx prints."""
    return str(Decimal(repr(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_DOWN))


# CoinEx: https://support.coinex.com/hc/en-us/articles/360018671293; samples from comments of an older ccxt coinex.js,
# CoinEx's contract client documentation and a public dump of a position.
COINEX = {
    "coinex-sortval-1": ({"sign": 1, "size": 0.0005, "entry": 38526.08, "margin": 6.42101333333333333333}, "0.00007786"),
    "coinex-sortval-2": (
        {"sign": -1, "inverse": 1, "size": 175407.0, "entry": 175407 / 17.26896186063944165950, "margin": 6.64052602223013782625},
        "26414.62429524",
    ),
    "coinex-sortval-3": (
        {"sign": -1, "inverse": 1, "size": 2.0, "entry": 10_000.0, "margin": 50.00006666666666666667},
        "0.03999994",
    ),
    "coinex-sortval-4": ({"sign": 1, "size": 1.0, "entry": 1573.88688, "margin": 79.694344}, "0.01254794"),
    "coinex-sortval-5": (
        {"sign": -1, "size": 100.0, "entry": 0.341838, "margin": 6.08550584950924121952 * 34.1838},
        "0.05617248",
    ),
}


@pytest.mark.parametrize("id_", COINEX)
def test_coinex_publishes_our_score_without_the_common_mark_factor(id_: str) -> None:
    """Exact to 8 decimals at any mark: the mark is the same for everyone in a queue and drops out of the order."""
    columns, published = COINEX[id_]
    for mark in (columns["entry"], columns["entry"] * 1.25):
        up = columns["sign"] * (-1 if columns.get("inverse") else 1)
        factor = mark if up > 0 else 1 / mark
        if columns.get("inverse"):
            factor = 1 / factor
        assert cut(one("coinex", mark=mark, **columns) / factor) == published


@pytest.mark.parametrize("id_", COINEX)
def test_coinex_numbers_are_those_of_the_vectors(id_: str) -> None:
    example = shared()[id_]
    columns, published = COINEX[id_]
    inputs = example["inputs"]
    assert example["expected"]["adl_sort_val"] == published
    assert columns["size"] == float(inputs["amount"])
    margin = inputs.get("margin") or float(inputs["open_margin"]) * float(inputs["open_val"])
    assert columns["margin"] == pytest.approx(float(margin), rel=1e-14)


# BitMEX: https://testnet.bitmex.com/app/autoDeleveragingExamples. Six longs; rank 6 is the highest score.
BITMEX_QTY = {1: 10, 2: 10, 3: 20, 4: 30, 5: 20, 6: 10}
BITMEX_RANK = {1: 3, 2: 6, 3: 1, 4: 4, 5: 5, 6: 2}
BITMEX_PERCENTILE = {2: 20, 5: 40, 4: 60, 1: 80, 6: 80, 3: 100}
BITMEX_BANKRUPT_SHORT = 20


def bitmex_queue() -> list[int]:
    """The accounts, front first, at entries that give them the published ranks under our rule."""
    accounts = sorted(BITMEX_QTY)
    entry = [700.0 - 10 * BITMEX_RANK[account] for account in accounts]
    score = scored("value", sign=1, entry=entry, mark=700.0, size=[BITMEX_QTY[a] for a in accounts], bankruptcy=500.0).value
    return [accounts[i] for i in np.argsort(-score)]


def test_bitmex_queue_of_six() -> None:
    queue = bitmex_queue()
    assert queue == [2, 5, 4, 1, 6, 3]
    total, taken, percentile = sum(BITMEX_QTY.values()), 0, {}
    for account in queue:
        taken += BITMEX_QTY[account]
        percentile[account] = ceil(5 * taken / total) * 20
    assert percentile == BITMEX_PERCENTILE


def test_bitmex_deleverages_whole_positions_and_the_last_in_part() -> None:
    queue = bitmex_queue()
    _, winners, sizes = matches(np.array([float(BITMEX_BANKRUPT_SHORT)]), np.array([float(BITMEX_QTY[a]) for a in queue]))
    assert {queue[i]: size for i, size in zip(winners, sizes, strict=True)} == {2: 10, 5: 10}


def test_bitmex_numbers_are_those_of_the_vectors() -> None:
    example = shared()["bitmex-longs-6"]
    assert {row["account"]: row["qty"] for row in example["inputs"]["positions"]} == BITMEX_QTY
    assert {row["account"]: row["score_rank"] for row in example["inputs"]["positions"]} == BITMEX_RANK
    assert {int(a): p for a, p in example["expected"]["percentile_published"].items()} == BITMEX_PERCENTILE
    assert example["expected"]["deleveraged"] == {"2": 10, "5": 10}


def test_bitmex_inverse_long() -> None:
    """XBTUSD, 100 contracts; inputs of a public fixture, https://github.com/nautechsystems/nautilus_trader ."""
    found = scored("value", sign=1, inverse=1, size=100, mark=98_000, entry=98_390.88, bankruptcy=49_146.58)
    assert float(found.pnl_ratio) == pytest.approx(-0.0039886, abs=1e-7)
    assert float(found.effective_leverage) == pytest.approx(1.0060008, abs=1e-7)
    assert float(found.value) == pytest.approx(-0.0039648, abs=1e-7)


# KuCoin: https://kucoin.com/support/35084312224281.
KUCOIN: dict[str, tuple[dict[str, float], float]] = {
    "kucoin-linear-long": ({"sign": 1, "entry": 200, "mark": 220, "size": 0.5}, 0.1),
    "kucoin-linear-short": ({"sign": -1, "entry": 220, "mark": 200, "size": 0.5}, 0.0909090909),
    "kucoin-inverse-long": ({"sign": 1, "inverse": 1, "entry": 60_000, "mark": 62_000, "size": 10}, 0.0322580645),
    "kucoin-inverse-short": ({"sign": -1, "inverse": 1, "entry": 62_000, "mark": 60_000, "size": 10}, 0.0333333333),
}


@pytest.mark.parametrize("id_", KUCOIN)
def test_kucoin_return_rate(id_: str) -> None:
    columns, rate = KUCOIN[id_]
    assert one("return-rate", **columns) == pytest.approx(rate, abs=1e-10)
    found = scored("equity-entry", isolated=0, equity=1e6, **columns)
    assert float(found.pnl_ratio) == pytest.approx(rate, abs=1e-10)


@pytest.mark.parametrize("id_", KUCOIN)
def test_kucoin_numbers_are_those_of_the_vectors(id_: str) -> None:
    inputs, expected = shared()[id_]["inputs"], shared()[id_]["expected"]
    columns, rate = KUCOIN[id_]
    assert (columns["entry"], columns["mark"]) == (inputs["entry"], inputs["mark"])
    assert rate in (expected.get("return_rate"), expected.get("return_rate_computed"))


# Delta: https://github.com/delta-exchange/just-the-docs docs/trading-guide/ADL.md: account → contracts, PNL %, leverage.
DELTA = {
    1: (100, -10, 2),
    2: (10, 20, 1.5),
    3: (50, 5, 3),
    4: (80, 0.2, 1.6),
    5: (20, 15, 2.2),
    6: (30, -20, 4),
    7: (70, -7, 1.8),
}
DELTA_SCORE = {1: -0.05, 2: 0.3, 3: 0.15, 4: 0.0032, 5: 0.33, 6: -0.05, 7: -0.0388889}
DELTA_PUBLISHED_RANK = {1: 3, 2: 6, 3: 5, 4: 4, 5: 7, 6: 2, 7: 1}


def delta_scores() -> dict[int, float]:
    """Longs whose bankruptcy price gives the leverage: |MV| / (MV − BV) = L."""
    accounts = sorted(DELTA)
    mark = np.array([100.0 * (1 + DELTA[a][1] / 100) for a in accounts])
    leverage = np.array([DELTA[a][2] for a in accounts], dtype=float)
    size = [DELTA[a][0] for a in accounts]
    found = scored("value", sign=1, entry=100.0, mark=mark, size=size, bankruptcy=mark * (1 - 1 / leverage))
    return dict(zip(accounts, found.value.tolist(), strict=True))


def test_delta_scores_and_allocation() -> None:
    scores = delta_scores()
    assert scores == pytest.approx(DELTA_SCORE, abs=1e-6)
    queue = sorted(scores, key=scores.__getitem__, reverse=True)
    for short, expected in ((15, {5: 15}), (40, {5: 20, 2: 10, 3: 10})):
        _, winners, sizes = matches(np.array([float(short)]), np.array([float(DELTA[a][0]) for a in queue]))
        assert {queue[i]: size for i, size in zip(winners, sizes, strict=True)} == expected


def test_delta_ranks_of_winners_are_the_published_ones_and_those_of_losers_contradict_the_formula() -> None:
    """We follow the formula: −10 % at 2x and −20 % at 4x tie at −5 %, and −7 % at 1.8x is ahead of both, not last."""
    scores = delta_scores()
    queue = sorted(scores, key=scores.__getitem__)
    winners = [account for account in queue if scores[account] > 0]
    assert [DELTA_PUBLISHED_RANK[account] for account in winners] == [4, 5, 6, 7]
    assert scores[1] == pytest.approx(scores[6])
    assert scores[7] > scores[1]
    assert DELTA_PUBLISHED_RANK[7] < DELTA_PUBLISHED_RANK[6] < DELTA_PUBLISHED_RANK[1]


def test_delta_older_quintiles_by_contracts_behind() -> None:
    """https://github.com/delta-exchange/slate references.md: an older rule by profit alone."""
    contracts = {1: 100, 2: 20, 3: 50, 4: 80, 5: 5, 6: 30, 7: 70}
    profit = {1: -10.0, 2: 20.0, 3: 5.0, 4: 0.2, 5: 15.0, 6: -20.0, 7: -7.0}
    rate = {a: one("return-rate", sign=1, entry=100.0, mark=100.0 + profit[a], size=contracts[a]) for a in contracts}
    behind, quintile = 0, {}
    for account in sorted(rate, key=rate.__getitem__):
        quintile[account] = floor(5 * behind / sum(contracts.values())) + 1
        behind += contracts[account]
    assert quintile == {1: 1, 2: 5, 3: 4, 4: 3, 5: 5, 6: 1, 7: 2}


def test_delta_numbers_are_those_of_the_vectors() -> None:
    example = shared()["delta-new-7-rank"]
    rows = {row["account"]: (row["contracts"], row["pnl_pct"], row["lev"]) for row in example["inputs"]["positions"]}
    assert rows == DELTA
    assert {int(a): s for a, s in example["expected"]["score_computed"].items()} == DELTA_SCORE
    assert {int(a): r for a, r in example["expected"]["adl_rank_published"].items()} == DELTA_PUBLISHED_RANK


def test_binance_pnl_ratio_of_published_positions() -> None:
    """https://developers.binance.com/docs/zh-CN/derivatives/usds-margined-futures/trade/rest-api/Position-Information-V3 ."""
    found = scored(
        "binance-2025", sign=[1, -1], entry=[0.385, 70.92841], mark=[0.41047590, 49.72023376], size=[30, 1], equity=[100, 100]
    )
    np.testing.assert_allclose(found.pnl_ratio, [0.0620643, 0.4265502], atol=1e-7)
    np.testing.assert_allclose(found.terms["unrealized_pnl"], [0.764277, 21.20817624], rtol=1e-9)


def test_binance_legacy_of_a_public_post() -> None:
    """https://dev.binance.vision/t/.../17801: PnL 40.2, wallet 4.27, margin ratio 13.42 %: 941 % and 1.26."""
    wallet, pnl, margin_ratio = 4.27, 40.2, 0.1342
    found = scored(
        "binance-legacy",
        sign=1,
        entry=100.0,
        mark=140.2,
        size=1.0,
        isolated=0,
        wallet=wallet,
        equity=wallet + pnl,
        account_maintenance=margin_ratio * (wallet + pnl),
    )
    assert round(float(found.pnl_ratio), 2) == 9.41
    assert round(float(found.value), 2) == 1.26


def test_aster_both_pages() -> None:
    """https://docs.asterdex.com trading/perpetuals/fees-and-specs/auto-deleveraging-adl and asterex-pro/adl."""
    account = {"isolated": 0, "equity": 500.0, "wallet": 300.0, "account_maintenance": 22.0}
    profit = {"sign": 1, "entry": 100.0, "mark": 110.0, "size": 20.0}
    assert one("binance-2025", **profit, **account) == pytest.approx(0.4)
    assert one("binance-legacy", **profit, **account) == pytest.approx(0.0293333333)
    loss = {"sign": 1, "entry": 100.0, "mark": 95.0, "size": 20.0, "equity": 200.0}
    found = scored("binance-2025", **loss)
    assert float(found.effective_leverage) == pytest.approx(9.5)
    assert float(found.value) == pytest.approx(-0.00554017, abs=1e-8)


def test_grvt() -> None:
    """https://help.grvt.io articles 9637899, 9637891: margin balance 500, maintenance margin 50, both of the portfolio."""
    portfolio = {"isolated": 0, "equity": 500.0, "account_maintenance": 50.0, "entry": 100.0, "size": 1.0}
    assert one("risk-rate", sign=1, mark=110.0, **portfolio) == pytest.approx(0.01)
    assert one("risk-rate", sign=1, mark=95.0, **portfolio) == pytest.approx(-0.5)
    assert one("risk-rate", sign=-1, mark=90.0, **portfolio) == pytest.approx(0.01)


# Extended: https://docs.extended.exchange/extended-resources/trading/liquidation-logic (2026-04-06); bounds from its public API.
EXTENDED_BOUNDS = {1: [-47234.9095, -0.003, 0.002, 0.0033], -1: [-815.7788, -2.1328, -0.9297, 0.0]}
EXTENDED = {
    "extended_rank_long_profit": (1, 40_000, 39_000, 1000, 0.001025641, 2),
    "extended_rank_long_profit_levered": (1, 40_000, 39_000, 250, 0.0041025641, 4),
    "extended_rank_long_profit_big": (1, 40_000, 36_000, 250, 0.0177777778, 4),
    "extended_rank_short_tiny_profit": (-1, 38_999, 39_000, 100_000, 1e-08, 4),
    "extended_rank_short_loss": (-1, 40_000, 39_000, 1000, -0.641025641, 3),
}


@pytest.mark.parametrize("id_", EXTENDED)
def test_extended_ranking_and_level(id_: str) -> None:
    sign, mark, entry, equity, ranking, level = EXTENDED[id_]
    value = one("levels", sign=sign, mark=mark, entry=entry, size=0.1, isolated=0, equity=equity, maintenance=0.1 * mark * 0.01)
    assert value == pytest.approx(ranking, abs=1e-9)
    assert sum(bound <= value for bound in EXTENDED_BOUNDS[sign]) == level


@pytest.mark.parametrize("id_", EXTENDED)
def test_extended_numbers_are_those_of_the_vectors(id_: str) -> None:
    inputs, expected = shared()[id_]["inputs"], shared()[id_]["expected"]
    _, mark, entry, equity, ranking, level = EXTENDED[id_]
    assert (mark, entry, equity) == (inputs["mark"], inputs["entry"], inputs["equity"])
    assert (ranking, level) == (expected["ranking"], expected["level"])


def test_hyperliquid_documented_index_and_its_short_form() -> None:
    """https://hyperliquid.gitbook.io/hyperliquid-docs/trading/auto-deleveraging; the short form is our reading."""
    account = {"size": 10.0, "isolated": 0, "equity": 500.0, "entry": 100.0}
    assert one("hyperliquid-docs", sign=1, mark=110.0, **account) == pytest.approx(2.42)
    assert one("hyperliquid-docs", sign=-1, mark=90.0, **account) == pytest.approx(2.0)


def test_hyperliquid_rules_order_two_accounts_differently() -> None:
    """Ten times levered and 5 % up, or five times and 50 % up: who is first depends on the rule."""
    two = {"sign": 1, "entry": 100.0, "mark": [105.0, 150.0], "size": 100.0, "isolated": 0, "equity": [1050.0, 3000.0]}
    np.testing.assert_allclose(scored("hyperliquid-docs", **two).value, [10.5, 7.5])
    np.testing.assert_allclose(scored("hyperliquid-engine", **two).value, [0.5, 2.5])


def test_hyperliquid_engine_floor_orders_losers_by_leverage() -> None:
    assert one("hyperliquid-engine", sign=1, entry=100.0, mark=100.0, size=10.0, isolated=0, equity=500.0) == pytest.approx(2e-8)


def test_hyperliquid_numbers_are_those_of_the_vectors() -> None:
    flip = shared()["hl_published_vs_reverse_engineered_order_flip"]["expected"]
    assert [flip["published"][a] for a in "AB"] == [10.5, 7.5]
    assert [flip["reverse_engineered"][a] for a in "AB"] == [0.5, 2.5]
    assert shared()["hl_doc_index_long"]["expected"]["index"] == pytest.approx(2.42)
    assert shared()["hl_reverse_engineered_floor"]["expected"]["score"] == 2e-8


# Published bankruptcy prices: (sign, inverse, size, entry, margin) → price, to the digits printed.
BANKRUPTCY = {
    "bybit-bankruptcy-linear-50x": ((1, 0, 1.0, 10_000.0, 10_000 / 50), 9800.0),
    "bybit-bankruptcy-inverse-50x": ((1, 1, 5000.0, 7890.08, 5000 / 7890.08 / 50), 7735.372549),
    "bybit-bankruptcy-inverse-5x-adl": ((1, 1, 10_000.0, 10_919.0, 10_000 / 10_919 / 5), 9099.17),
    "kraken-epp": ((1, 1, 1000.0, 8000.0, 0.01), 7407.0),
    "dydx_contract_loss": ((-1, 0, 500.0, 1.0, 100.0), 1.2),
    "lighter_zero_price": ((1, 0, 1.0, 2000.0, 30.0), 1970.0),
}


@pytest.mark.parametrize("id_", BANKRUPTCY)
def test_nothing_is_left_of_a_position_at_its_published_bankruptcy_price(id_: str) -> None:
    (sign, inverse, size, entry, margin), price = BANKRUPTCY[id_]
    x = Inputs.of(sign=sign, inverse=inverse, size=size, entry=entry, mark=price, isolated=1, margin=margin)
    assert float(bankruptcy_distance(x, values(x))) / margin == pytest.approx(0.0, abs=1e-3)
    assert np.isnan(evaluate("value", Inputs.of(**_columns(x) | {"mark": price - sign * price * 0.002})).value)


def _columns(x: Inputs) -> dict[str, Any]:
    return {name: getattr(x, name) for name in Inputs.__struct_fields__}


# Bybit: https://www.bybit.com/ar-SA/help-center/article/Introduction-to-Delta-Neutral-Mode (2026-03-05):
# user → margin mode, switched on, coinDelta within 5 %, rank before, rank after.
BYBIT = {
    1: ("PM", True, True, 1, 5),
    2: ("PM", True, False, 2, 1),
    3: ("CM", False, True, 3, 2),
    4: ("CM", True, True, 4, 6),
    5: ("PM", False, True, 5, 3),
    6: ("IM", True, True, 6, 4),
}


def test_bybit_ranks_delta_neutral_accounts_last_and_keeps_the_order_otherwise() -> None:
    """By the rule in Bybit's profile; isolated margin never qualifies, whatever its delta."""
    rule = profiles()["bybit"].shield
    assert rule is not None
    protected = {}
    for user, (mode, on, neutral, _, _) in BYBIT.items():
        margin = MarginMode.ISOLATED if mode == "IM" else MarginMode.CROSS
        short = Leg("p", "a", "bybit", LegKind.PERP, True, "BTC", -1, -0.97 if neutral else -0.9, 5e4, 0.0, margin_mode=margin)
        coin = Leg("c", "a", "bybit", LegKind.COLLATERAL, False, "BTC", 1, 1.0, 5e4, None)
        account = Account(id="a", venue="bybit", delta_neutral_mode=on, portfolio_margin=mode == "PM")
        protected[user] = shield_of(rule, account, [short, coin], "BTC", None).state == ON
    queue = sorted(BYBIT, key=lambda user: (protected[user], BYBIT[user][3]))
    assert {user: place for place, user in enumerate(queue, 1)} == {user: row[4] for user, row in BYBIT.items()}


def test_bybit_numbers_are_those_of_the_vectors() -> None:
    example = shared()["bybit-delta-neutral-order"]
    before = {user["user"]: (user["mode"], user["rank_before"]) for user in example["inputs"]}
    assert before == {user: (row[0], row[3]) for user, row in BYBIT.items()}
    assert {int(user): rank for user, rank in example["expected"]["rank_after"].items()} == {u: r[4] for u, r in BYBIT.items()}


def test_paradex_prints_a_formula_that_its_own_example_contradicts() -> None:
    """https://github.com/tradeparadex/paradex-docs @9b82a75: 1000 of 5000 is 20 %, the example charges 25 %."""
    total, shortfall = 4000, 1000
    assert shortfall / (total + shortfall) == 0.20
    assert shortfall / total == 0.25
    paradex = profiles()["paradex"]
    assert paradex.rule is None
    assert paradex.no_score_state == "socialised"
    assert "live factor" in (paradex.facts.rule.note or "")
