"""Binance through the real client: documents from developers.binance.com (via ccxt's comments), expected values beside them."""

import hashlib
import hmac
from typing import TYPE_CHECKING, Any

import pytest

from adlwatch.domain.model import MarginMode, Side

pytest.importorskip("ccxt", reason="ccxt is not installed (pip install adlwatch[ccxt])")

if TYPE_CHECKING:
    from tests.adapters.ccxt.conftest import Asked, Bench, Emulator

SECRET = "emulated-secret"  # noqa: S105 - the emulator's
PRIVATE = (
    "/fapi/v1/symbolConfig",
    "/fapi/v1/adlQuantile",
    "/fapi/v1/forceOrders",
    "/fapi/v1/userTrades",
    "/fapi/v3/",
    "/sapi/",
    "/papi/",
)


def check(emulator: "Emulator", asked: "Asked") -> tuple[int, Any] | None:
    """HMAC-SHA256 over the query, and a timestamp within recvWindow and not more than a second ahead."""
    if not asked.path.startswith(PRIVATE):
        return None
    if asked.headers.get("X-MBX-APIKEY") != "emulated-key":
        return 401, {"code": -2014, "msg": "API-key format invalid."}
    payload, _, signature = asked.query.rpartition("&signature=")
    if hmac.new(SECRET.encode(), payload.encode(), hashlib.sha256).hexdigest() != signature:
        return 400, {"code": -1022, "msg": "Signature for this request is not valid."}
    late = emulator.now_ms() - int(asked.params["timestamp"])
    if late > int(asked.params.get("recvWindow", 5000)) or late < -1000:
        return 400, {"code": -1021, "msg": "Timestamp for this request is outside of the recvWindow."}
    return None


READ_ONLY_KEY = {"ipRestrict": False, "enableReading": True, "enableWithdrawals": False, "enableFutures": False}
ACCOUNT = {"totalMarginBalance": "1010.02", "totalWalletBalance": "1021.20", "totalMaintMargin": "11.95476475", "assets": []}
# https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api/Position-Information-V3
WLD = {
    "symbol": "WLDUSDT", "positionSide": "BOTH", "positionAmt": "-849", "entryPrice": "2.34", "breakEvenPrice": "2.3395788",
    "markPrice": "2.34683250", "unRealizedProfit": "-5.80", "liquidationPrice": "0", "isolatedMargin": "0",
    "notional": "-1992.46079250", "marginAsset": "USDT", "isolatedWallet": "0", "initialMargin": "99.62303962",
    "maintMargin": "11.95476475", "positionInitialMargin": "99.62303962", "openOrderInitialMargin": "0", "adl": 2,
    "bidNotional": "0", "askNotional": "0", "updateTime": 1721995760449,
}  # fmt: skip


def usdm(emulator: "Emulator", rows: list[dict[str, Any]]) -> None:
    emulator.check = check
    emulator.routes = {
        "/fapi/v1/time": lambda _: {"serverTime": emulator.now_ms()},
        "/sapi/v1/account/apiRestrictions": READ_ONLY_KEY,
        "/fapi/v3/account": ACCOUNT,
        "/fapi/v3/positionRisk": rows,
        "/fapi/v3/balance": [{"asset": "BNB", "balance": "0.01"}, {"asset": "USDT", "balance": "0"}],
        "/fapi/v1/symbolConfig": [{"symbol": "WLDUSDT", "marginType": "CROSSED", "leverage": 21}],
        "/fapi/v1/adlQuantile": [],
        "/fapi/v1/forceOrders": [],
        "/fapi/v1/userTrades": [],
        "/fapi/v1/fundingInfo": [{"symbol": "WLDUSDT", "fundingIntervalHours": 4}],
        "/fapi/v1/premiumIndex": [
            {"symbol": "WLDUSDT", "markPrice": "2.3468", "indexPrice": "2.3470", "lastFundingRate": "0.0001", "time": 1722062678},
            {"symbol": "BTCUSDT", "markPrice": "60000", "indexPrice": "60001", "lastFundingRate": "0.0002", "time": 1722062678},
        ],
        "/fapi/v1/symbolAdlRisk": [{"symbol": "WLDUSDT", "adlRisk": "LOW", "updateTime": 1766827800453}],
        "/fapi/v1/insuranceBalance": [{"symbols": ["WLDUSDT", "BTCUSDT"], "assets": [{"asset": "USDT", "marginBalance": "3e8"}]}],
        "/fapi/v1/openInterest": {"symbol": "WLDUSDT", "openInterest": "10659.509", "time": 1589437530011},
        "/fapi/v1/klines": [[1722056400000 + 3600000 * i, "2.3", "2.4", "2.2", "2.35", "100", 0, "235"] for i in range(24)],
        "/fapi/v1/depth": {"bids": [["2.34", "10"]], "asks": [["2.35", "12"]]},
        "/fapi/v1/leverageBracket": [{"symbol": "WLDUSDT", "brackets": [{"bracket": 1, "maintMarginRatio": 0.01}]}],
    }  # fmt: skip


@pytest.mark.asyncio
async def test_a_one_way_usdm_account_is_read_whole(bench: "Bench") -> None:
    usdm(bench.emulator, [WLD])
    reading = await bench.adapter("binance", lines=("usdm",)).fetch()

    (position,) = reading.positions
    assert (position.symbol, position.side, position.size) == ("WLD/USDT:USDT", Side.SHORT, 849.0)
    assert (position.entry_price, position.mark_price) == (2.34, 2.3468325)
    assert position.liquidation_price is None
    assert position.margin_mode is MarginMode.CROSS
    assert position.maintenance_margin == 11.95476475
    assert position.venue_light is not None
    assert position.venue_light.raw == 2
    (account,) = reading.accounts
    assert (account.equity, account.wallet, account.maintenance_margin) == (1010.02, 1021.20, 11.95476475)
    (market,) = reading.markets
    assert (market.mark_price, market.funding_rate, market.funding_interval_hours) == (2.3468, 0.0001, 4)
    assert (market.open_interest, market.volume_24h, market.maintenance_rate) == (10659.509, 2400.0, 0.01)
    assert len(market.candles) == 24
    assert market.book is not None
    assert market.book.asks == ((2.35, 12.0),)
    assert [(w.symbol, w.state) for w in reading.warnings] == [("WLD/USDT:USDT", "low")]
    assert reading.pools[0].balance == 3e8
    assert [(h.asset, h.collateral) for h in reading.holdings] == [("BNB", True)]
    assert reading.notes == ()


@pytest.mark.asyncio
async def test_set_leverage_comes_from_symbol_config_with_the_next_fetch(bench: "Bench") -> None:
    usdm(bench.emulator, [WLD])
    adapter = bench.adapter("binance", lines=("usdm",))
    assert (await adapter.fetch()).positions[0].leverage is None
    assert (await adapter.fetch()).positions[0].leverage == 21
