"""Bybit through the real client: documents from bybit-exchange.github.io/docs/v5, expected values beside them."""

import hashlib
import hmac
from typing import TYPE_CHECKING, Any

import pytest

from adlwatch.adapters.base import BadPayload, Refused
from adlwatch.adapters.ccxt.shape import compact_symbol
from adlwatch.domain.model import Contract, FillKind, MarginMode, Side

pytest.importorskip("ccxt", reason="ccxt is not installed (pip install adlwatch[ccxt])")

if TYPE_CHECKING:
    from tests.adapters.ccxt.conftest import Asked, Bench, Emulator


def check(emulator: "Emulator", asked: "Asked") -> tuple[int, Any] | None:
    """HMAC-SHA256 over timestamp, key, window and query; a timestamp within the window."""
    if asked.path.startswith("/v5/market"):
        return None
    stamp, window = asked.headers["X-BAPI-TIMESTAMP"], asked.headers["X-BAPI-RECV-WINDOW"]
    if asked.headers["X-BAPI-API-KEY"] != "emulated-key":
        return 200, {"retCode": 10003, "retMsg": "API key is invalid.", "result": {}, "time": emulator.now_ms()}
    signed = hmac.new(b"emulated-secret", f"{stamp}emulated-key{window}{asked.query}".encode(), hashlib.sha256).hexdigest()
    if signed != asked.headers["X-BAPI-SIGN"]:
        return 200, {"retCode": 10004, "retMsg": "error sign!", "result": {}, "time": emulator.now_ms()}
    if not -1000 <= emulator.now_ms() - int(stamp) <= int(window):
        return 200, {"retCode": 10002, "retMsg": "invalid request, please check your server timestamp", "result": {}, "time": 1}
    return None


def ok(result: Any) -> dict[str, Any]:
    return {"retCode": 0, "retMsg": "OK", "result": result, "retExtInfo": {}, "time": 1767085741416}


# https://bybit-exchange.github.io/docs/v5/position, sample of a unified account in portfolio margin
BTC = {
    "symbol": "BTCUSDT", "leverage": "", "autoAddMargin": 0, "avgPrice": "177489.6", "liqPrice": "", "riskLimitValue": "",
    "takeProfit": "", "positionValue": "1774.896", "isReduceOnly": False, "positionIMByMp": "", "tpslMode": "Full", "riskId": 0,
    "trailingStop": "0", "unrealisedPnl": "-3.016", "markPrice": "177188", "adlRankIndicator": 2,
    "cumRealisedPnl": "-9782.391468",
    "positionMM": "", "createdTime": "1699928551230", "positionIdx": 0, "positionIM": "", "seq": 9558506126,
    "updatedTime": "1767085496112", "side": "Buy", "bustPrice": "", "positionBalance": "", "size": "0.01",
    "positionStatus": "Normal", "stopLoss": "", "tradeMode": 0, "sessionAvgPrice": "",
}  # fmt: skip
XRP = {
    "symbol": "XRPUSDT", "leverage": "10", "avgPrice": "0.3615", "liqPrice": "0.0001", "positionValue": "36.15",
    "unrealisedPnl": "-1.83", "markPrice": "0.3432", "positionMM": "0.381021", "positionIdx": 2, "positionIM": "3.634521",
    "updatedTime": "1672279322668", "side": "Sell", "bustPrice": "", "size": "100", "tradeMode": 0,
}  # fmt: skip
EMPTY = {**XRP, "side": "", "size": "0", "avgPrice": "0", "positionIdx": 1}
INVERSE = {
    **XRP,
    "symbol": "BTCUSD",
    "size": "500",
    "avgPrice": "16000",
    "markPrice": "16596.00",
    "positionMM": "0.0002",
    "side": "Buy",
}
WALLET = {
    "totalEquity": "18070.32797922", "accountIMRate": "0.0101", "totalMarginBalance": "18070.32797922", "accountType": "UNIFIED",
    "totalWalletBalance": "18070.43799271", "totalMaintenanceMargin": "0.38106773",
    "coin": [
        {"coin": "BTC", "equity": "0.805994", "walletBalance": "0.805994", "spotBorrow": "0"},
        {"coin": "ETH", "equity": "-1", "walletBalance": "1", "spotBorrow": "2"},
    ],
}  # fmt: skip


def positions(emulator: "Emulator", by_line: dict[str, list[dict[str, Any]]]) -> None:
    emulator.check = check

    def page(asked: "Asked") -> Any:
        rows = by_line.get(asked.params.get("settleCoin", "inverse"), [])
        start = int(asked.params.get("cursor", 0))
        more = str(start + 200) if len(rows) > start + 200 else ""
        return ok({"list": rows[start : start + 200], "nextPageCursor": more, "category": asked.params["category"]})

    emulator.routes = {
        "/v5/market/time": lambda _: {**ok({}), "time": emulator.now_ms()},
        "/v5/user/query-api": ok({"readOnly": 1, "permissions": {"ContractTrade": ["Position"]}}),
        "/v5/account/info": ok({"marginMode": "REGULAR_MARGIN", "unifiedMarginStatus": 5}),
        "/v5/account/wallet-balance": ok({"list": [WALLET]}),
        "/v5/position/list": page,
        "/v5/execution/list": ok({"list": [], "nextPageCursor": ""}),
        # https://bybit-exchange.github.io/docs/v5/asset/balance/all-balance
        "/v5/asset/transfer/query-account-coins-balance": ok({"memberId": "533285", "accountType": "FUND", "balance": [
            {"coin": "USDC", "transferBalance": "0", "walletBalance": "0", "bonus": ""},
            {"coin": "BTC", "transferBalance": "0.2", "walletBalance": "0.25", "bonus": ""}]}),
        "/v5/market/tickers": lambda asked: ok({"list": TICKERS[asked.params["category"]]}),
        "/v5/market/adlAlert": ok({"updatedTime": "1767085741416", "list": [
            {"coin": "USDT", "symbol": "BTCUSDT", "balance": "92203504694.99632", "insurancePnlRatio": "-0.3", "pnlRatio": "-0.1",
             "adlTriggerThreshold": "10000", "adlStopRatio": "-0.25"}]}),
        "/v5/market/insurance": ok({"updatedTime": "1714003200000", "list": [
            {"coin": "USDT", "symbols": "XRPUSDT,BTCUSDT", "balance": "7.5", "value": "7.6"}]}),
        "/v5/market/kline": ok({"list": [["1670608800000", "17071", "17073", "17027", "17055.5", "268611", "15.74462667"]]}),
        "/v5/market/open-interest": ok({"list": [
            {"openInterest": "461134384.00000000", "timestamp": "1669571400000"},
            {"openInterest": "461134292.00000000", "timestamp": "1669571100000"}], "nextPageCursor": ""}),
        "/v5/market/orderbook": ok({"b": [["16596", "33192"]], "a": [["16598", "16598"]], "ts": 1672765737733}),
        "/v5/market/risk-limit": ok({"list": [
            {"maintenanceMargin": "0.5", "initialMargin": "1", "isLowestRisk": 1, "maxLeverage": "100.00"}]}),
    }  # fmt: skip


TICKERS = {
    "linear": [{"symbol": "BTCUSDT", "markPrice": "177188", "fundingRate": "0.0001", "openInterest": "48069.549",
    "volume24h": "5"}],
    "inverse": [
        {"symbol": "BTCUSD", "indexPrice": "16598.54", "markPrice": "16596.00", "openInterest": "373504107",
         "fundingRate": "-0.001034",
         "openInterestValue": "22505.67", "turnover24h": "2352.94950046", "volume24h": "49337318"},
    ],
}  # fmt: skip


@pytest.mark.asyncio
async def test_linear_and_inverse_positions_are_read_with_their_account(bench: "Bench") -> None:
    positions(bench.emulator, {"USDT": [BTC, XRP, EMPTY], "inverse": [INVERSE]})
    reading = await bench.adapter("bybit").fetch()

    btc, xrp, inverse = reading.positions
    assert (btc.symbol, btc.side, btc.size, btc.entry_price, btc.mark_price) == (
        "BTC/USDT:USDT",
        Side.LONG,
        0.01,
        177489.6,
        177188.0,
    )
    assert (btc.leverage, btc.maintenance_margin, btc.liquidation_price, btc.bankruptcy_price) == (None, None, None, None)
    assert btc.venue_light is not None
    assert btc.venue_light.raw == 2
    assert (xrp.side, xrp.margin_mode, xrp.maintenance_margin) == (Side.SHORT, MarginMode.CROSS, 0.381021)
    assert xrp.venue_light is None
    assert (inverse.symbol, inverse.contract, inverse.size) == ("BTC/USD:BTC", Contract.INVERSE, 500.0)
    assert inverse.maintenance_margin == pytest.approx(0.0002 * 16596)
    (account,) = reading.accounts
    assert (account.equity, account.maintenance_margin, account.portfolio_margin) == (18070.32797922, 0.38106773, False)
    told = [(h.asset, h.amount, h.collateral) for h in reading.holdings]
    assert told == [("BTC", 0.805994, True), ("ETH", -1.0, True), ("BTC", 0.25, False)]
    assert reading.notes == ()


@pytest.mark.asyncio
async def test_an_inverse_market_is_told_in_base_units(bench: "Bench") -> None:
    positions(bench.emulator, {"inverse": [INVERSE]})
    (market,) = (await bench.adapter("bybit", lines=("inverse",)).fetch()).markets
    assert (market.mark_price, market.open_interest, market.volume_24h) == (16596.0, 22505.67, 2352.94950046)
    assert market.candles[0].volume == 15.74462667
    assert [value for _, value in market.open_interest_history] == [461134292.0, 461134384.0]
    assert market.book is not None
    assert market.book.bids == ((16596.0, 2.0),)
    assert market.maintenance_rate == 0.005


@pytest.mark.asyncio
async def test_all_pages_of_a_long_list_are_read(bench: "Bench") -> None:
    rows = [{**XRP, "symbol": f"C{i}USDT"} for i in range(450)]
    positions(bench.emulator, {"USDT": rows})
    reading = await bench.adapter("bybit", lines=("usdt",)).fetch()
    assert len(reading.positions) == 450


@pytest.mark.asyncio
async def test_an_isolated_account_gives_every_position_its_margin(bench: "Bench") -> None:
    positions(bench.emulator, {"USDT": [{**XRP, "positionBalance": "4.1"}]})
    bench.emulator.routes["/v5/account/info"] = ok({"marginMode": "ISOLATED_MARGIN", "unifiedMarginStatus": 5})
    (position,) = (await bench.adapter("bybit", lines=("usdt",)).fetch()).positions
    assert (position.margin_mode, position.isolated_margin) == (MarginMode.ISOLATED, 4.1)


@pytest.mark.asyncio
async def test_a_side_of_nothing_with_a_size_is_refused(bench: "Bench") -> None:
    positions(bench.emulator, {"USDT": [{**XRP, "side": ""}]})
    with pytest.raises(BadPayload, match="side of XRPUSDT"):
        await bench.adapter("bybit", lines=("usdt",)).fetch()


@pytest.mark.asyncio
async def test_warnings_and_pools_carry_the_numbers_they_are_based_on(bench: "Bench") -> None:
    positions(bench.emulator, {"USDT": [BTC]})
    reading = await bench.adapter("bybit").fetch()
    (warning,) = reading.warnings
    assert (warning.state, warning.value, warning.trigger) == ("normal", -0.1, -0.3)
    assert (reading.pools[0].balance, reading.pools[0].symbols) == (7.6, ("BTC/USDT:USDT", "XRP/USDT:USDT"))


@pytest.mark.asyncio
async def test_executions_tell_adl_from_orders_and_closing_from_opening(bench: "Bench") -> None:
    positions(bench.emulator, {"USDT": [BTC]})
    # https://bybit-exchange.github.io/docs/v5/order/execution, with the execType of an ADL
    row = {
        "symbol": "ETHPERP", "side": "Buy", "execTime": "1672282722429", "execFee": "0.071409", "execId": "e0cbe81d",
        "markPrice": "1183.54", "execPrice": "1190.15", "execType": "AdlTrade", "execQty": "0.1", "closedSize": "0.1",
    }  # fmt: skip
    flip = {
        **row,
        "execId": "f",
        "execType": "Trade",
        "side": "Sell",
        "execQty": "0.3",
        "closedSize": "0.1",
        "execTime": "1672282722430",
    }
    funding = {**row, "execId": "g", "execType": "Funding"}
    bench.emulator.routes["/v5/execution/list"] = ok({"list": [row, flip, funding], "nextPageCursor": ""})
    fills = (await bench.adapter("bybit", lines=("usdc",)).fetch()).fills
    told = [(f.id, f.symbol, f.side, f.size, f.kind, f.closes) for f in fills]
    assert told == [
        ("e0cbe81d", "ETH/USDC:USDC", Side.SHORT, 0.1, FillKind.ADL, True),
        ("f", "ETH/USDC:USDC", Side.LONG, 0.1, FillKind.ORDER, True),
        ("f:open", "ETH/USDC:USDC", Side.SHORT, pytest.approx(0.2), FillKind.ORDER, False),
    ]


@pytest.mark.asyncio
async def test_a_trading_key_is_refused_unless_allowed(bench: "Bench") -> None:
    positions(bench.emulator, {"USDT": [BTC]})
    bench.emulator.routes["/v5/user/query-api"] = ok(
        {"readOnly": 0, "permissions": {"ContractTrade": ["Order"], "Wallet": ["Withdraw"]}}
    )
    with pytest.raises(Refused, match="may trade and withdraw"):
        await bench.adapter("bybit").fetch()
    assert "/v5/position/list" not in bench.emulator.paths()
    reading = await bench.adapter("bybit", source="other", allow_trading_keys=True).fetch()
    assert reading.notes == ("this key may do more than read: replace it by a read-only one",)
    assert reading.key_may_trade is True


@pytest.mark.parametrize(
    ("native", "symbol"),
    [
        ("BTCUSDT", "BTC/USDT:USDT"),
        ("1000PEPEUSDT", "1000PEPE/USDT:USDT"),
        ("BTCPERP", "BTC/USDC:USDC"),
        ("BTCUSD", "BTC/USD:BTC"),
        ("BTC-27JUN25", "BTC/USDC:USDC-250627"),
        ("BTCUSDT-27JUN25", "BTC/USDT:USDT-250627"),
        ("BTCUSDM25", "BTC/USD:BTC-250627"),
        ("ETHUSDZ26", "ETH/USD:ETH-261225"),
    ],
)
def test_venue_ids_become_unified_symbols(native: str, symbol: str) -> None:
    assert compact_symbol(native) == symbol
