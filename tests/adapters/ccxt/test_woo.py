"""WOO X through the real client: documents from developer.woox.io, expected values beside them."""

import hashlib
import hmac
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from adlwatch.adapters.base import BadPayload
from adlwatch.adapters.ccxt.venues.woo import Info, Trade, fill, maintenance
from adlwatch.domain.model import FillKind, MarginMode, Side

pytest.importorskip("ccxt", reason="ccxt is not installed (pip install adlwatch[ccxt])")

if TYPE_CHECKING:
    from tests.adapters.ccxt.conftest import Asked, Bench, Emulator


def check(emulator: "Emulator", asked: "Asked") -> tuple[int, Any] | None:
    """HMAC-SHA256 over time, method and target."""
    if "x-api-signature" not in asked.headers:
        return None
    stamp = asked.headers["x-api-timestamp"]
    target = asked.path + (f"?{asked.query}" if asked.query else "")
    right = hmac.new(b"emulated-secret", f"{stamp}{asked.method}{target}".encode(), hashlib.sha256).hexdigest()
    fresh = abs(emulator.now_ms() - int(stamp)) < 300_000
    wrong = {"success": False, "code": -1001, "message": "The api signature is invalid."}
    return None if right == asked.headers["x-api-signature"] and fresh else (401, wrong)


def ok(data: Any) -> dict[str, Any]:
    return {"success": True, "data": data, "timestamp": 1752500579848}


# https://developer.woox.io/api-reference/endpoint/positions
POSITION = {
    "symbol": "PERP_LTC_USDT", "holding": "0.1", "pendingLongQty": "0", "pendingShortQty": "0", "settlePrice": "96.87",
    "averageOpenPrice": "96.87", "pnl24H": "0", "fee24H": "0.0048435", "markPrice": "96.83793449", "estLiqPrice": "0",
    "timestamp": 1752500555823, "adlQuantile": 2, "positionSide": "BOTH", "marginMode": "CROSS", "isolatedMarginToken": "",
    "isolatedMarginAmount": "0", "isolatedFrozenLong": "0", "isolatedFrozenShort": "0", "leverage": 10,
}  # fmt: skip
SHORT = {**POSITION, "symbol": "PERP_ETH_USDT", "holding": "-0.7", "estLiqPrice": "9107.4", "adlQuantile": 3,
"marginMode": "ISOLATED",
         "isolatedMarginToken": "USDT", "isolatedMarginAmount": "250"}  # fmt: skip


def woo(emulator: "Emulator", rows: list[Any]) -> None:
    emulator.check = check
    emulator.routes = {
        "/v1/public/system_info": lambda _: {"success": True, "data": {"status": 0}, "timestamp": emulator.now_ms()},
        "/v3/positions": ok({"positions": rows}),
        "/v3/account/info": ok({
            "applicationId": "x", "totalAccountValue": "167.32418611", "totalCollateral": "165.55629469", "marginRatio": "0.5",
            "maintenanceMarginRatio": "0.03"}),
        "/v3/trade/transactionHistory": ok({"rows": [], "meta": {"total": 0, "recordsPerPage": 100, "currentPage": 1}}),
        "/v3/asset/balances": ok({"holding": [{"token": "USDT", "holding": 165.5}, {"token": "BTC", "holding": 0}]}),
        "/v3/public/futures": ok({"rows": [
            {"symbol": "PERP_LTC_USDT", "indexPrice": "96.8", "markPrice": "96.83", "estFundingRate": "0.00008868",
             "lastFundingRate": "0.00008545", "openInterest": "221.3498", "24hVolume": "12000",
             "nextFundingTime": 1786694400000}]}),
        "/v3/public/fundingRate": ok({"rows": [{"symbol": "PERP_LTC_USDT", "estFundingIntervalHours": 8}]}),
        "/v3/public/kline": ok({"rows": [{"open": "96", "close": "97", "low": "95", "high": "98", "volume": "7",
                                          "startTimestamp": 1752498000000}]}),
        "/v3/public/orderbook": ok({"asks": [{"price": "97", "quantity": "2"}], "bids": [{"price": "96", "quantity": "3"}]}),
    }  # fmt: skip


@pytest.mark.asyncio
async def test_positions_equity_and_market_are_read(bench: "Bench") -> None:
    woo(bench.emulator, [POSITION, SHORT, {**POSITION, "holding": "0"}])
    reading = await bench.adapter("woo").fetch()
    long, short = reading.positions
    assert (long.symbol, long.side, long.size, long.liquidation_price) == ("LTC/USDT:USDT", Side.LONG, 0.1, None)
    assert long.venue_light is not None
    assert long.venue_light.raw == 2
    assert (short.side, short.size, short.margin_mode, short.isolated_margin) == (Side.SHORT, 0.7, MarginMode.ISOLATED, 250.0)
    assert reading.accounts[0].equity == 167.32418611
    assert reading.accounts[0].maintenance_margin == pytest.approx(165.55629469 / 0.5 * 0.03)
    assert [(h.asset, h.amount) for h in reading.holdings] == [("USDT", 165.5)]
    market = {m.symbol: m for m in reading.markets}["LTC/USDT:USDT"]
    assert (market.mark_price, market.funding_rate, market.funding_interval_hours) == (96.83, 0.00008868, 8.0)
    assert (market.open_interest, market.candles[0].volume) == (221.3498, 7.0)
    assert market.book is not None
    assert market.book.asks == ((97.0, 2.0),)


@pytest.mark.asyncio
@pytest.mark.parametrize("change", [{"positionSide": "NET"}, {"marginMode": "PORTFOLIO"}, {"holding": ""}])
async def test_what_cannot_be_read_for_certain_fails(bench: "Bench", change: dict[str, str]) -> None:
    woo(bench.emulator, [{**POSITION, **change}])
    with pytest.raises(BadPayload):
        await bench.adapter("woo").fetch()


@pytest.mark.asyncio
async def test_without_positions_nothing_is_needed_whatever_the_ratio_says(bench: "Bench") -> None:
    woo(bench.emulator, [])
    assert (await bench.adapter("woo").fetch()).accounts[0].maintenance_margin == 0.0


@pytest.mark.parametrize("info", [{}, {"totalCollateral": "1", "marginRatio": "0", "maintenanceMarginRatio": "0.03"}])
def test_a_maintenance_margin_is_not_made_up(info: dict[str, str]) -> None:
    assert maintenance(msgspec.convert({"totalAccountValue": "1", **info}, Info)) is None


# https://developer.woox.io/api-reference/endpoint/trading/get_transactions
TRADE = {
    "id": 1734947821, "symbol": "PERP_LTC_USDT", "orderId": 60780383217, "executedPrice": 87.86, "executedQuantity": 0.1,
    "fee": 0.0001, "realizedPnl": None, "feeAsset": "USDT", "orderTag": "default", "side": "BUY",
    "executedTimestamp": "1752055173.630", "isMaker": 0,
}  # fmt: skip


@pytest.mark.asyncio
async def test_trades_are_of_a_kind_unknown_but_say_what_they_did(bench: "Bench") -> None:
    woo(bench.emulator, [POSITION])
    rows = [
        TRADE,
        {**TRADE, "id": 2, "side": "SELL", "realizedPnl": "1.5"},
        {**TRADE, "id": 3, "side": "CLOSE SHORT", "feeAsset": "LTC"},
        {**TRADE, "id": 4, "side": "OPEN SHORT"},
        {**TRADE, "id": 5, "symbol": "SPOT_LTC_USDT"},
    ]
    bench.emulator.routes["/v3/trade/transactionHistory"] = ok({"rows": rows, "meta": {"total": 5}})
    fills = (await bench.adapter("woo").fetch()).fills
    assert {f.kind for f in fills} == {FillKind.UNKNOWN}
    assert {f.id: (f.side, f.closes, f.realized_pnl, f.fee) for f in fills} == {
        "1734947821": (Side.LONG, False, None, 0.0001),
        "2": (Side.LONG, True, 1.5, 0.0001),
        "3": (Side.SHORT, True, None, None),
        "4": (Side.SHORT, False, None, 0.0001),
    }
    assert fills[0].time == datetime(2025, 7, 9, 9, 59, 33, 630000, tzinfo=UTC)


def test_a_trade_without_a_known_side_is_refused() -> None:
    with pytest.raises(BadPayload, match="side of a trade"):
        fill(msgspec.convert({**TRADE, "side": "HOLD LONG"}, Trade), "a")
