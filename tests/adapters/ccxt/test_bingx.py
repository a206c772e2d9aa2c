"""BingX through the real client: documents from bingx-api.github.io/docs, expected values beside them."""

import hashlib
import hmac
from typing import TYPE_CHECKING, Any

import pytest

from adlwatch.adapters.base import BadPayload, Refused
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
        f"{cswap}/market/premiumIndex": ok([{"symbol": "SOL-USD", "markPrice": "158.4", "lastFundingRate": "0.0002"}]),
        f"{swap}/v2/quote/openInterest": ok({"openInterest": "7314", "symbol": "LTC-USDT", "time": 1672026617364}),
        f"{swap}/v2/trade/forceOrders": ok({"orders": None}),
        f"{swap}/v3/quote/klines": ok(
            [{"open": "73", "close": "74", "high": "75", "low": "72", "volume": "9", "time": 1721088000000}]
        ),
        f"{cswap}/market/klines": ok([]),
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
    assert [(h.asset, h.amount) for h in reading.holdings] == [("USDT", 100.0), ("SOL", 2.0)]
    assert reading.notes == ()


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
