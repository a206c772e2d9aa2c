"""Bitget through the real client: documents from www.bitget.com/api-doc, expected values beside them."""

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING, Any

import pytest

from adlwatch.adapters.base import BadPayload, Refused, SourceError, Unsupported
from adlwatch.domain.model import Contract, FillKind, MarginMode, Side

pytest.importorskip("ccxt", reason="ccxt is not installed (pip install adlwatch[ccxt])")

if TYPE_CHECKING:
    from tests.adapters.ccxt.conftest import Asked, Bench, Emulator


def check(emulator: "Emulator", asked: "Asked") -> tuple[int, Any] | None:
    """Base64 HMAC-SHA256 over time, method, path and query."""
    if "ACCESS-KEY" not in asked.headers:
        return None
    stamp = asked.headers["ACCESS-TIMESTAMP"]
    target = asked.path + (f"?{asked.query}" if asked.query else "")
    digest = hmac.new(b"emulated-secret", f"{stamp}{asked.method}{target}".encode(), hashlib.sha256).digest()
    if base64.b64encode(digest).decode() != asked.headers["ACCESS-SIGN"]:
        return 400, {"code": "40009", "msg": "sign signature error", "data": None}
    if abs(emulator.now_ms() - int(stamp)) > 30_000:
        return 400, {"code": "40008", "msg": "Request timestamp expired", "data": None}
    return None


def ok(data: Any) -> dict[str, Any]:
    return {"code": "00000", "msg": "success", "requestTime": 1700807810221, "data": data}


# https://www.bitget.com/api-doc/contract/position/get-all-position
POSITION = {
    "marginCoin": "USDT", "symbol": "BTCUSDT", "holdSide": "long", "openDelegateSize": "0", "marginSize": "3.73555",
    "available": "0.002", "locked": "0", "total": "0.002", "leverage": "20", "achievedProfits": "0", "openPriceAvg": "37355.5",
    "marginMode": "crossed", "posMode": "hedge_mode", "unrealizedPL": "0.03", "liquidationPrice": "31725.023602417",
    "keepMarginRate": "0.004", "markPrice": "37370.5", "marginRatio": "0.029550120396", "cTime": "1700807507275",
}  # fmt: skip
SHORT = {**POSITION, "holdSide": "short", "marginMode": "isolated", "liquidationPrice": "-5"}
COIN = {**POSITION, "symbol": "BTCUSD", "marginCoin": "BTC", "total": "0.5", "openPriceAvg": "40000", "markPrice": "50000"}
# https://www.bitget.com/api-doc/uta/trade/Get-Position
UNIFIED = {
    "category": "USDT-FUTURES", "symbol": "BTCUSDT", "marginCoin": "USDT", "holdMode": "hedge_mode", "posSide": "long",
    "marginMode": "crossed", "positionBalance": "5.435199", "available": "0.001", "frozen": "0", "total": "0.001",
    "leverage": "20",
    "avgPrice": "107410.3", "positionStatus": "normal", "unrealisedPnl": "0.0047", "liquidationPrice": "0", "mmr": "0.004",
    "profitRate": "0.0008647337475591", "markPrice": "107415.3", "updatedTime": "1750929883465",
}  # fmt: skip
POOL = {"marginCoin": "USDT", "accountEquity": "100", "usdtEquity": "100.5", "crossedRiskRate": "0.02", "unrealizedPL": "1"}
TICKER = {
    "symbol": "BTCUSDT", "lastPr": "104823.8", "ts": "1750332210370", "baseVolume": "79089.5675", "indexPrice": "104881.953125",
    "fundingRate": "-0.000014", "holdingAmount": "7452.6421", "markPrice": "104824.2", "deliveryStatus": "",
}  # fmt: skip


# https://www.bitget.com/api-doc/uta/public/Get-Risk-Reserve-All
RESERVES = [
    {"symbols": ["ETHUSDT", "BTCUSDT"], "coin": "USDT", "balance": "314151411.06"},
    {"symbols": ["BTCUSD"], "coin": "BTC", "balance": "61.7"},
    {"symbols": [], "coin": "USDT", "balance": "1"},
]


def bitget(emulator: "Emulator", rows: dict[str, list[Any]]) -> None:
    emulator.check = check
    mix = "/api/v2/mix"
    emulator.routes = {
        "/api/v2/public/time": lambda _: ok({"serverTime": str(emulator.now_ms())}),
        "/api/v2/spot/account/info": ok({"userId": "1", "authorities": ["coor", "stor"]}),
        f"{mix}/position/all-position": lambda asked: ok(rows.get(asked.params["productType"], [])),
        f"{mix}/position/adlRank": ok([
            {"symbol": "BTCUSDT", "marginCoin": "USDT", "adlRank": "0.2248", "rank": "0.7752", "holdSide": "long"},
            {"symbol": "BTCUSDT", "marginCoin": "USDT", "adlRank": "0.9", "rank": "0.1", "holdSide": "short"}]),
        f"{mix}/account/accounts": lambda asked: ok([POOL] if asked.params["productType"] == "USDT-FUTURES" else []),
        "/api/v2/spot/account/assets": ok([{"coin": "BTC", "available": "1", "frozen": "0.5", "locked": "0"}]),
        f"{mix}/market/tickers": lambda asked: ok([TICKER] if asked.params["productType"] == "USDT-FUTURES" else []),
        f"{mix}/market/current-fund-rate": ok([{"symbol": "BTCUSDT", "fundingRate": "-0.000024", "fundingRateInterval": "8"}]),
        f"{mix}/order/fills": ok({"fillList": None, "endId": None}),
        f"{mix}/market/candles": ok([["1750330800000", "104822", "104830", "104800", "104825", "12.5", "1300000"]]),
        f"{mix}/market/merge-depth": ok({"asks": [[26347.5, 0.25]], "bids": [[26346.5, 0.16]], "ts": "1695870968804"}),
        f"{mix}/market/query-position-lever": ok([{"symbol": "BTCUSDT", "level": "1", "leverage": "125",
        "keepMarginRate": "0.004"}]),
        "/api/v3/market/risk-reserve-all": ok({"list": RESERVES}),
        "/api/v3/account/info": ok({"userId": "1", "permType": "read_only", "permissions": ["uta_mgt"]}),
        "/api/v3/account/assets": ok({"accountEquity": "11.139", "mmr": "0.5", "assets": [
            {"coin": "USDT", "equity": "6.19", "balance": "6.19", "debt": "0"}, {"coin": "ETH", "balance": "1", "debt": "1.5"}]}),
        "/api/v3/position/current-position": lambda a: ok({"list": [UNIFIED] if a.params["category"][:4] == "USDT" else None}),
        "/api/v3/position/adlRank": ok([{"symbol": "BTCUSDT", "marginCoin": "USDT", "adlRank": "0.2", "holdSide": "long"}]),
        "/api/v3/trade/fills": ok({"list": [], "cursor": None}),
    }  # fmt: skip


@pytest.mark.asyncio
async def test_each_side_has_its_own_rank_and_the_inverted_one_is_ignored(bench: "Bench") -> None:
    bitget(bench.emulator, {"USDT-FUTURES": [POSITION, SHORT, {**POSITION, "total": "0"}]})
    reading = await bench.adapter("bitget").fetch()
    long, short = reading.positions
    assert (long.symbol, long.side, long.size, long.entry_price) == ("BTC/USDT:USDT", Side.LONG, 0.002, 37355.5)
    assert (long.margin_mode, long.leverage, long.liquidation_price) == (MarginMode.CROSS, 20.0, 31725.023602417)
    assert long.maintenance_margin == pytest.approx(0.002 * 37370.5 * 0.004)
    assert (short.margin_mode, short.isolated_margin, short.liquidation_price) == (MarginMode.ISOLATED, 3.73555, None)
    assert [p.venue_light and p.venue_light.raw for p in reading.positions] == [0.7752, 0.1]
    (account,) = reading.accounts
    assert (account.equity, account.maintenance_margin) == (100.5, pytest.approx(2.01))  # type: ignore[comparison-overlap]  # approx
    assert [(h.asset, h.amount, h.collateral) for h in reading.holdings] == [("USDT", 99.0, True), ("BTC", 1.5, False)]
    assert reading.notes == ()


@pytest.mark.asyncio
async def test_the_risk_reserve_names_the_pairs_it_stands_behind(bench: "Bench") -> None:
    bitget(bench.emulator, {"USDT-FUTURES": [POSITION]})
    (pool,) = (await bench.adapter("bitget").fetch()).pools
    assert (pool.name, pool.balance) == ("BTCUSDT +1 USDT", 314151411.06)
    assert pool.symbols == ("ETH/USDT:USDT", "BTC/USDT:USDT")


@pytest.mark.asyncio
async def test_markets_carry_mark_funding_interest_and_tier(bench: "Bench") -> None:
    bitget(bench.emulator, {"USDT-FUTURES": [POSITION]})
    (market,) = (await bench.adapter("bitget").fetch()).markets
    assert (market.mark_price, market.index_price, market.open_interest) == (104824.2, 104881.953125, 7452.6421)
    assert (market.funding_rate, market.funding_interval_hours, market.maintenance_rate) == (-0.000014, 8.0, 0.004)
    assert market.candles[0].volume == 12.5
    assert market.book is not None
    assert market.book.bids == ((26346.5, 0.16),)


@pytest.mark.asyncio
async def test_coin_futures_are_a_fixed_value_in_a_pool_of_their_own(bench: "Bench") -> None:
    bitget(bench.emulator, {"COIN-FUTURES": [COIN]})
    (position,) = (await bench.adapter("bitget", lines=("coin",)).fetch()).positions
    assert (position.account, position.symbol, position.contract) == ("acc/BTC", "BTC/USD:BTC", Contract.INVERSE)
    assert (position.size, position.maintenance_margin) == (20000.0, 80.0)


@pytest.mark.asyncio
async def test_the_unified_account_has_one_equity_and_no_light_without_a_rank(bench: "Bench") -> None:
    bitget(bench.emulator, {})
    reading = await bench.adapter("bitget", lines=("unified",)).fetch()
    (position,) = reading.positions
    assert (position.account, position.size, position.venue_light, position.liquidation_price) == ("acc", 0.001, None, None)
    assert (reading.accounts[0].equity, reading.accounts[0].maintenance_margin) == (11.139, 0.5)
    assert [(h.asset, h.amount) for h in reading.holdings] == [("USDT", 6.19), ("ETH", -0.5)]


@pytest.mark.asyncio
async def test_fills_tell_adl_liquidation_and_orders(bench: "Bench") -> None:
    bitget(bench.emulator, {"USDT-FUTURES": [POSITION]})
    row = {"tradeId": "1", "symbol": "BTCUSDT", "orderId": "9", "price": "37271.4", "baseVolume": "0.001", "side": "buy",
           "quoteVolume": "37.2714", "profit": "-0.0007", "tradeSide": "close", "posMode": "hedge_mode",
           "cTime": "1700720700342"}  # fmt: skip
    rows = [
        row,
        {**row, "tradeId": "2", "tradeSide": "dte_sys_adl_close_short"},
        {**row, "tradeId": "3", "tradeSide": "burst_close_long"},
        {**row, "tradeId": "4", "tradeSide": "buy_single", "profit": "0"},
        {**row, "tradeId": "5", "tradeSide": "buy_single", "profit": "2"},
    ]
    bench.emulator.routes["/api/v2/mix/order/fills"] = ok({"fillList": rows, "endId": "1"})
    fills = (await bench.adapter("bitget", lines=("usdt",)).fetch()).fills
    assert [(f.id, f.kind, f.side, f.closes) for f in fills] == [
        ("1", FillKind.ORDER, Side.LONG, True),
        ("2", FillKind.ADL, Side.SHORT, True),
        ("3", FillKind.LIQUIDATION, Side.LONG, True),
        ("4", FillKind.ORDER, Side.LONG, False),
        ("5", FillKind.ORDER, Side.SHORT, True),
    ]


@pytest.mark.asyncio
async def test_a_writing_key_is_refused(bench: "Bench") -> None:
    bitget(bench.emulator, {})
    bench.emulator.routes["/api/v2/spot/account/info"] = ok({"authorities": ["coow", "wtow"]})
    with pytest.raises(Refused, match="trade and withdraw"):
        await bench.adapter("bitget").fetch()


@pytest.mark.asyncio
async def test_a_unified_account_read_as_classic_says_what_the_venue_says(bench: "Bench") -> None:
    bitget(bench.emulator, {})
    said = {"code": "40085", "msg": "You are in Unified Account mode, and the Classic Account API is not supported at this time"}
    bench.emulator.routes["/api/v2/mix/position/all-position"] = said
    with pytest.raises(SourceError, match="Unified Account mode"):
        await bench.adapter("bitget").fetch()


@pytest.mark.asyncio
async def test_a_strange_side_is_refused(bench: "Bench") -> None:
    bitget(bench.emulator, {"USDT-FUTURES": [{**POSITION, "holdSide": "both"}]})
    with pytest.raises(BadPayload, match="side of BTCUSDT"):
        await bench.adapter("bitget").fetch()


@pytest.mark.asyncio
async def test_the_unified_line_stands_alone(bench: "Bench") -> None:
    with pytest.raises(Unsupported, match="stands alone"):
        bench.adapter("bitget", lines=("unified", "usdt"))
