"""BingX through the real client: documents from bingx-api.github.io/docs, expected values beside them."""

import hashlib
import hmac
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from adlwatch.adapters.base import BadPayload, Refused
from adlwatch.adapters.ccxt.venues.bingx import parse
from adlwatch.adapters.ccxt.venues.bingx.types import Tier
from adlwatch.domain.model import Contract, FillKind, MarginMode, Side

pytest.importorskip("ccxt", reason="ccxt is not installed (pip install adlwatch[ccxt])")

if TYPE_CHECKING:
    from tests.adapters.ccxt.conftest import Asked, Bench, Emulator


def check(emulator: "Emulator", asked: "Asked") -> tuple[int, Any] | None:
    """HMAC-SHA256 over the query."""
    if "X-BX-APIKEY" not in asked.headers:
        return None
    payload, _, signature = asked.query.rpartition("&signature=")
    right = hmac.new(b"emulated-secret", payload.encode(), hashlib.sha256).hexdigest() == signature
    fresh = abs(emulator.now_ms() - int(asked.params["timestamp"])) < 5000
    return None if right and fresh else (200, {"code": 100001, "msg": "Signature verification failed due to signature mismatch"})


def ok(data: Any) -> dict[str, Any]:
    return {"code": 0, "msg": "", "data": data}


# https://bingx-api.github.io/docs/#/en-us/swapV2/account-api
LINEAR = {
    "positionId": "1792480725958881280", "symbol": "LTC-USDT", "currency": "USDT", "positionAmt": "0.1", "availableAmt": "0.1",
    "positionSide": "LONG", "isolated": False, "avgPrice": "83.53", "initialMargin": "1.3922", "margin": "0.3528", "leverage": 6,
    "unrealizedProfit": "-1.0393", "realisedProfit": "-0.2119", "liquidationPrice": 0, "pnlRatio": "-0.7465",
    "riskRate": "0.0008",
    "markPrice": "73.14", "positionValue": "7.3136", "onlyOnePosition": True, "updateTime": 1721088016688,
}  # fmt: skip
COIN = {
    "symbol": "SOL-USD", "positionId": "1813080351385337856", "positionSide": "LONG", "isolated": False, "positionAmt": "1",
    "availableAmt": "1", "unrealizedProfit": "-0.00009074", "initialMargin": "0.00630398",
    "liquidationPrice": 23.968303426677032, "avgPrice": "158.63", "leverage": 10, "markPrice": "158.402",
    "riskRate": "0.00123783",
    "maxMarginReduction": "0", "updateTime": 1721107015848,
}  # fmt: skip
PREMIUM = {"symbol": "LTC-USDT", "markPrice": "73.14", "indexPrice": "73.2", "lastFundingRate": "0.0001", "nextFundingTime": 1}


# https://github.com/BingX-API/api-ai-skills (cswap-market, swap-account) and bingx-api.github.io/docs, maintMarginRatio
CONTRACT = {
    "symbol": "SOL-USD", "pricePrecision": 3, "minTickSize": "10", "minTradeValue": "10", "minQty": "1.00000000", "status": 1,
    "timeOnline": 1713175200000,
}  # fmt: skip
TIER = {
    "symbol": "LTC-USDT", "minPositionVal": "0", "maxPositionVal": "150000", "maintMarginRatio": "0.003800",
    "maintAmount": "0.000000",
}  # fmt: skip
NEXT_TIER = {"minPositionVal": "150000", "maxPositionVal": "900000", "maintMarginRatio": "0.004", "maintAmount": "30.0"}
# as BingX answered on 2026-09-19, kept by a public test of a Go client
TRADE = {
    "symbol": "BTC-USDT", "qty": "0.0615", "quoteQty": "4701.3921", "role": "taker", "commission": "-2.350696",
    "commissionAsset": "USDT", "price": "76445.4", "orderId": "2100656013975973888", "tradeId": "7",
    "filledTime": "2026-09-18T02:39:57.000+08:00", "realisedPNL": "2.79210000", "side": "SELL", "positionSide": "LONG",
}  # fmt: skip


def bingx(emulator: "Emulator", linear: list[Any], coin: list[Any]) -> None:
    emulator.check = check
    swap, cswap = "/openApi/swap", "/openApi/cswap/v1"
    emulator.routes = {
        f"{swap}/v2/server/time": lambda _: ok({"serverTime": emulator.now_ms()}),
        "/openApi/v1/account/apiPermissions": {"code": 0, "apiKey": "k", "permissions": [2]},
        f"{swap}/v2/user/positions": ok(linear),
        f"{swap}/v3/user/balance": ok([{"asset": "USDT", "balance": "100", "equity": "98.9", "unrealizedProfit": "-1.1"}]),
        f"{cswap}/user/positions": ok(coin),
        f"{cswap}/user/balance": ok(
            [{"asset": "SOL", "balance": "2", "equity": "2.5"}, {"asset": "BTC", "balance": "0", "equity": "0"}]
        ),
        f"{swap}/v2/quote/premiumIndex": lambda asked: ok(PREMIUM if "symbol" in asked.params else [PREMIUM]),
        f"{swap}/v1/maintMarginRatio": ok([TIER, {**TIER, **NEXT_TIER}]),
        f"{swap}/v2/trade/fillHistory": ok({"fill_history_orders": None, "total": 0}),
        f"{cswap}/market/premiumIndex": ok([{"symbol": "SOL-USD", "markPrice": "158.4", "lastFundingRate": "0.0002"}]),
        f"{cswap}/market/contracts": ok([CONTRACT]),
        f"{cswap}/market/depth": ok({"T": 1743240978691, "bids": [["100", "241.0"]], "asks": [["125", "1.0"]]}),
        f"{cswap}/trade/forceOrders": ok(None),
        "/openApi/spot/v1/account/balance": ok({"balances": [{"asset": "USDT", "free": "45.7", "locked": "0.3"}]}),
        "/openApi/fund/v1/account/balance": ok(
            {"assets": [{"asset": "USDT", "free": "4", "locked": "0"}, {"asset": "BTC", "free": "0", "locked": "0"}]}
        ),
        f"{swap}/v2/quote/openInterest": ok({"openInterest": "7314", "symbol": "LTC-USDT", "time": 1672026617364}),
        f"{swap}/v2/trade/forceOrders": ok({"orders": None}),
        f"{swap}/v3/quote/klines": ok(
            [{"open": "73", "close": "74", "high": "75", "low": "72", "volume": "9", "time": 1721088000000}]
        ),
        f"{cswap}/market/klines": ok(
            [{"open": "99", "close": "100", "high": "101", "low": "98", "volume": "50", "time": 1721088000000}]
        ),
        f"{swap}/v2/quote/depth": ok({"bids": [["73.1", "10"]], "asks": [["73.2", "20"]]}),
    }


@pytest.mark.asyncio
async def test_linear_and_coin_positions_are_read_with_their_pools(bench: "Bench") -> None:
    bingx(bench.emulator, [LINEAR, {**LINEAR, "positionAmt": "0"}], [COIN])
    reading = await bench.adapter("bingx").fetch()
    linear, coin = reading.positions
    assert (linear.symbol, linear.side, linear.size, linear.entry_price) == ("LTC/USDT:USDT", Side.LONG, 0.1, 83.53)
    assert (linear.liquidation_price, linear.maintenance_margin, linear.venue_light) == (None, None, None)
    assert (coin.account, coin.symbol, coin.contract, coin.size) == ("acc/SOL", "SOL/USD:SOL", Contract.INVERSE, 10.0)
    assert [(a.id, a.equity, a.wallet) for a in reading.accounts] == [
        ("acc", 98.9, 100.0), ("acc/SOL", pytest.approx(2.5 * 158.402), pytest.approx(2 * 158.402)),
    ]  # fmt: skip
    assert [(h.asset, h.amount, h.collateral) for h in reading.holdings] == [
        ("USDT", 100.0, True), ("SOL", 2.0, True), ("USDT", 50.0, False),
    ]  # fmt: skip
    assert reading.notes == ()


@pytest.mark.asyncio
async def test_a_coin_margined_book_and_volume_come_in_contracts_and_leave_in_coins(bench: "Bench") -> None:
    bingx(bench.emulator, [], [COIN])
    (market,) = (await bench.adapter("bingx", lines=("coin",)).fetch()).markets
    assert market.book is not None
    assert (market.book.bids, market.book.asks) == (((100.0, 24.1),), ((125.0, 0.08),))
    assert market.candles[0].volume == 5.0
    assert market.open_interest is None


@pytest.mark.asyncio
async def test_a_contract_that_the_list_lacks_is_no_position_of_a_guessed_size(bench: "Bench") -> None:
    bingx(bench.emulator, [], [{**COIN, "symbol": "XRP-USD"}])
    with pytest.raises(BadPayload, match="no contract XRP-USD"):
        await bench.adapter("bingx", lines=("coin",)).fetch()


@pytest.mark.asyncio
@pytest.mark.parametrize(("amount", "margin"), [("1000", 73140 * 0.0038), ("5000", 365700 * 0.004 - 30)])
async def test_the_maintenance_margin_follows_from_the_tiers_once_they_are_there(
    bench: "Bench", amount: str, margin: float
) -> None:
    bingx(bench.emulator, [{**LINEAR, "positionAmt": amount}], [])
    adapter = bench.adapter("bingx", lines=("linear",))
    first, second = await adapter.fetch(), await adapter.fetch()
    assert first.positions[0].maintenance_margin is None
    assert second.positions[0].maintenance_margin == pytest.approx(margin)
    assert second.markets[0].maintenance_rate == 0.0038


def test_a_value_beyond_the_last_tier_has_no_maintenance_margin() -> None:
    tiers = [Tier("0", "150000", "0.0038", "0")]
    assert parse.maintenance(tiers, 150001.0) is None
    assert parse.maintenance(tiers, None) is None


@pytest.mark.asyncio
async def test_own_trades_are_told_once_beside_the_orders_that_bingx_forced(bench: "Bench") -> None:
    bingx(bench.emulator, [LINEAR], [])
    order = {"orderId": 17, "symbol": "LTC-USDT", "side": "SELL", "positionSide": "LONG", "executedQty": "0.1", "avgPrice": "70",
             "time": 1721088016688, "profit": "-1"}  # fmt: skip
    bench.emulator.routes["/openApi/swap/v2/trade/forceOrders"] = lambda asked: ok(
        {"orders": [order] if asked.params["autoCloseType"] == "ADL" else []}
    )
    opened = {**TRADE, "tradeId": "8", "orderId": "9", "side": "buy", "positionSide": "BOTH", "realisedPNL": "0"}
    rows = [TRADE, opened, {**TRADE, "symbol": "LTC-USDT", "orderId": "17"}]
    bench.emulator.routes["/openApi/swap/v2/trade/fillHistory"] = ok({"fill_history_orders": rows, "total": 3})
    fills = (await bench.adapter("bingx", lines=("linear",)).fetch()).fills
    told = sorted((f.kind, f.symbol, f.side, f.size, f.closes, f.fee) for f in fills)
    assert told == [
        (FillKind.ADL, "LTC/USDT:USDT", Side.LONG, 0.1, True, None),
        (FillKind.ORDER, "BTC/USDT:USDT", Side.LONG, 0.0615, False, 2.350696),
        (FillKind.ORDER, "BTC/USDT:USDT", Side.LONG, 0.0615, True, 2.350696),
    ]
    closing = next(f for f in fills if f.kind is FillKind.ORDER and f.closes)
    assert closing.time == datetime(2026, 9, 17, 18, 39, 57, tzinfo=UTC)
    assert closing.realized_pnl == 2.7921


@pytest.mark.parametrize("time", ["2026-09-18T02:39:57.000", "yesterday"])
def test_a_trade_without_a_moment_is_refused(time: str) -> None:
    with pytest.raises(BadPayload, match="filledTime"):
        parse.iso(time)


@pytest.mark.asyncio
async def test_forced_orders_of_coin_margined_contracts_are_sized_in_usd_and_kept_by_their_pool(bench: "Bench") -> None:
    bingx(bench.emulator, [], [COIN])
    order = {"orderId": "3", "symbol": "SOL-USD", "side": "SELL", "positionSide": "LONG", "executedQty": "2", "avgPrice": "150",
             "time": 1721088016688, "profit": "-0.01"}  # fmt: skip
    bench.emulator.routes["/openApi/cswap/v1/trade/forceOrders"] = lambda asked: ok(
        [order] if asked.params["autoCloseType"] == "ADL" else None
    )
    (fill,) = (await bench.adapter("bingx", lines=("coin",)).fetch()).fills
    assert (fill.kind, fill.account, fill.side, fill.size) == (FillKind.ADL, "acc/SOL", Side.LONG, 20.0)
    assert fill.realized_pnl is None


@pytest.mark.asyncio
async def test_isolated_margin_is_without_the_unrealised_profit(bench: "Bench") -> None:
    bingx(bench.emulator, [{**LINEAR, "isolated": True}], [])
    (position,) = (await bench.adapter("bingx", lines=("linear",)).fetch()).positions
    assert position.margin_mode is MarginMode.ISOLATED
    assert position.isolated_margin == pytest.approx(1.3921)


@pytest.mark.asyncio
async def test_open_interest_comes_in_usdt_and_leaves_in_base_units(bench: "Bench") -> None:
    bingx(bench.emulator, [LINEAR], [])
    (market,) = (await bench.adapter("bingx", lines=("linear",)).fetch()).markets
    assert market.open_interest == pytest.approx(100)
    assert (market.mark_price, market.index_price, market.funding_rate) == (73.14, 73.2, 0.0001)
    assert market.candles[0].volume == 9.0


@pytest.mark.asyncio
async def test_forced_orders_are_asked_for_by_their_kind(bench: "Bench") -> None:
    bingx(bench.emulator, [LINEAR], [])
    order = {"orderId": 17, "symbol": "LTC-USDT", "side": "SELL", "positionSide": "LONG", "executedQty": "0.1", "avgPrice": "70",
             "time": 1721088016688, "profit": "-1"}  # fmt: skip
    one_way = {**order, "orderId": 18, "positionSide": "BOTH", "side": "BUY"}
    forced = {"ADL": [order], "LIQUIDATION": [one_way]}
    bench.emulator.routes["/openApi/swap/v2/trade/forceOrders"] = lambda asked: ok(
        {"orders": forced[asked.params["autoCloseType"]]}
    )
    fills = (await bench.adapter("bingx").fetch()).fills
    assert [(f.kind, f.side, f.size) for f in fills] == [(FillKind.ADL, Side.LONG, 0.1), (FillKind.LIQUIDATION, Side.SHORT, 0.1)]


@pytest.mark.asyncio
async def test_a_trading_key_is_refused(bench: "Bench") -> None:
    bingx(bench.emulator, [], [])
    bench.emulator.routes["/openApi/v1/account/apiPermissions"] = {"code": 0, "data": {"permissions": [2, 3, 5]}}
    with pytest.raises(Refused, match="trade and withdraw"):
        await bench.adapter("bingx").fetch()


@pytest.mark.asyncio
async def test_an_unknown_side_is_refused(bench: "Bench") -> None:
    bingx(bench.emulator, [{**LINEAR, "positionSide": "NET"}], [])
    with pytest.raises(BadPayload, match="positionSide of LTC-USDT"):
        await bench.adapter("bingx").fetch()
