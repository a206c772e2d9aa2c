"""Binance through the real client: documents from developers.binance.com (via ccxt's comments), expected values beside them."""

import hashlib
import hmac
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from adlwatch.adapters.base import Refused
from adlwatch.adapters.ccxt.venues.binance import parse
from adlwatch.adapters.ccxt.venues.binance.types import RiskRow
from adlwatch.domain.model import Contract, FillKind, MarginMode, Side

pytest.importorskip("ccxt", reason="ccxt is not installed (pip install adlwatch[ccxt])")

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.adapters.ccxt.conftest import Asked, Bench, Emulator

NOW = datetime(2026, 11, 22, tzinfo=UTC)
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
    if not any(part in asked.path for part in PRIVATE):
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


def interest_history(asked: "Asked") -> Any:
    """The documents' samples: USD-M by symbol, COIN-M by pair and kind of contract."""
    by_pair = asked.params.get("pair") == "BTCUSD" and asked.params.get("contractType") == "PERPETUAL"
    assert by_pair or asked.params["symbol"] == "WLDUSDT"
    rows = [("20401.36700000", 1583127900000), ("20403.63700000", 1583127000000)]
    return [{"sumOpenInterest": value[:7], "sumOpenInterestValue": "150570784.07809979", "timestamp": at} for value, at in rows]


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
        "/futures/data/openInterestHist": interest_history,
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
    assert [value for _, value in market.open_interest_history] == [20403.6, 20401.3]
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


@pytest.mark.asyncio
async def test_each_side_of_a_hedge_has_its_own_light(bench: "Bench") -> None:
    rows = [
        {**WLD, "positionSide": "LONG", "positionAmt": "10", "adl": 4, "isolatedWallet": "5.5", "isolatedMargin": "5.7"},
        {**WLD, "positionSide": "SHORT", "positionAmt": "-10", "adl": 3},
        {**WLD, "symbol": "ETHUSDT", "positionAmt": "0", "adl": 0},
        {**WLD, "symbol": "1000SHIBUSDC", "positionAmt": "0.00000001"},
        {**WLD, "symbol": "BTCUSDT_250627", "positionAmt": "1"},
    ]
    usdm(bench.emulator, rows)
    positions = (await bench.adapter("binance", lines=("usdm",)).fetch()).positions
    told = [(p.symbol, p.side, p.size, p.venue_light and p.venue_light.raw, p.margin_mode, p.isolated_margin) for p in positions]
    assert told == [
        ("WLD/USDT:USDT", Side.LONG, 10.0, 4, MarginMode.ISOLATED, 5.5),
        ("WLD/USDT:USDT", Side.SHORT, 10.0, 3, MarginMode.CROSS, None),
        ("1000SHIB/USDC:USDC", Side.LONG, 1e-8, 2, MarginMode.CROSS, None),
        ("BTC/USDT:USDT-250627", Side.LONG, 1.0, 2, MarginMode.CROSS, None),
    ]


@pytest.mark.parametrize(
    ("row_side", "amount", "quantiles", "raw"),
    [
        ("LONG", "1", {"LONG": 4, "SHORT": 3, "BOTH": 0}, 4),
        ("SHORT", "-1", {"LONG": 1, "SHORT": 2, "BOTH": 0}, 2),
        ("SHORT", "-1", {"LONG": 3, "SHORT": 3, "HEDGE": 0}, 3),
        ("BOTH", "-1", {"LONG": 0, "SHORT": 0, "BOTH": 1}, 1),
        ("BOTH", "1", {"LONG": 4}, 4),
        ("LONG", "1", {"HEDGE": 0}, None),
    ],
)
def test_quantiles_are_read_by_side_and_hedge_is_never_a_value(
    row_side: str, amount: str, quantiles: dict[str, Any], raw: int
) -> None:
    row = RiskRow(symbol="BTCUSDT", position_amt=float(amount), entry_price=1.0, position_side=row_side)
    position = parse.usdm_position(row, parse.Around("a", NOW, lights={"BTCUSDT": quantiles}))
    assert position is not None
    assert (None if position.venue_light is None else position.venue_light.raw) == raw


def coinm(emulator: "Emulator") -> None:
    usdm(emulator, [])
    # https://developers.binance.com/docs/derivatives/coin-margined-futures/trade/rest-api/Position-Information
    risk = {
        "symbol": "BTCUSD_PERP", "positionAmt": "-30", "entryPrice": "41021.2", "markPrice": "40000",
        "unRealizedProfit": "0.0018",
        "liquidationPrice": "0", "leverage": "10", "maxQty": "50", "marginType": "cross", "isolatedMargin": "0",
        "positionSide": "BOTH",
        "notionalValue": "0.075", "updateTime": 1721995760449,
    }  # fmt: skip
    isolated = {**risk, "symbol": "ETHUSD_250627", "positionAmt": "5", "markPrice": "2000", "marginType": "isolated",
                "isolatedMargin": "0.004", "unRealizedProfit": "0.001"}  # fmt: skip
    emulator.routes |= {
        "/dapi/v1/exchangeInfo": {"symbols": [{"symbol": "BTCUSD_PERP", "contractSize": 100}, {"symbol": "ETHUSD_250627",
        "contractSize": 10}]},
        "/dapi/v1/account": {
            "assets": [{"asset": "BTC", "walletBalance": "0.5", "marginBalance": "0.51", "maintMargin": "0.001"},
                       {"asset": "ADA", "walletBalance": "0", "marginBalance": "0", "maintMargin": "0"}],
            "positions": [{"symbol": "BTCUSD_PERP", "positionSide": "BOTH", "maintMargin": "0.0004"}],
        },
        "/dapi/v1/positionRisk": [risk, isolated, {**risk, "positionAmt": "0"}],
        "/dapi/v1/adlQuantile": [{"symbol": "BTCUSD_PERP", "adlQuantile": {"LONG": 0, "SHORT": 0, "BOTH": 3}}],
        "/dapi/v1/premiumIndex": [{"symbol": "BTCUSD_PERP", "markPrice": "40000", "indexPrice": "40010",
        "lastFundingRate": "0.0001"}],
        "/dapi/v1/fundingInfo": [],
        "/dapi/v1/forceOrders": [],
        "/dapi/v1/openInterest": {"symbol": "BTCUSD_PERP", "openInterest": "800", "time": 1677360272224},
        "/dapi/v1/klines": [],
        "/futures/data/openInterestHist": interest_history,
        "/dapi/v1/depth": {"bids": [["40000", "4"]], "asks": []},
    }  # fmt: skip


@pytest.mark.asyncio
async def test_coinm_is_sized_in_usd_and_each_coin_is_a_pool_of_its_own(bench: "Bench") -> None:
    coinm(bench.emulator)
    reading = await bench.adapter("binance", lines=("coinm",)).fetch()
    btc, eth = reading.positions
    assert (btc.account, btc.symbol, btc.contract, btc.side, btc.size) == (
        "acc/BTC",
        "BTC/USD:BTC",
        Contract.INVERSE,
        Side.SHORT,
        3000.0,
    )
    assert btc.venue == "binancecoinm"
    assert btc.maintenance_margin == pytest.approx(0.0004 * 40000)
    assert btc.venue_light is not None
    assert btc.venue_light.raw == 3
    assert (eth.symbol, eth.size, eth.margin_mode) == ("ETH/USD:ETH-250627", 50.0, MarginMode.ISOLATED)
    assert eth.isolated_margin == pytest.approx(0.003 * 2000)
    assert eth.venue_light is None
    (account,) = reading.accounts
    assert (account.id, account.equity, account.wallet) == ("acc/BTC", 20400.0, 20000.0)
    assert [(h.account, h.asset, h.amount, h.collateral) for h in reading.holdings] == [("acc", "BTC", 0.5, True)]
    market = reading.markets[0]
    assert market.symbol == "BTC/USD:BTC"
    assert market.open_interest == pytest.approx(800 * 100 / 40000)
    assert market.book is not None
    assert market.book.bids == ((40000.0, 0.01),)


@pytest.mark.asyncio
async def test_portfolio_margin_has_one_equity_behind_both_kinds(bench: "Bench") -> None:
    coinm(bench.emulator)
    # https://developers.binance.com/docs/derivatives/portfolio-margin/account
    linear = {"symbol": "BTCUSDT", "positionAmt": "0.01", "entryPrice": "44525.0", "markPrice": "45464.1735922",
              "unRealizedProfit": "9.39173592", "liquidationPrice": "38007.16308568", "leverage": "100", "positionSide": "LONG",
              "updateTime": 1707371879042, "maxNotionalValue": "500000.0", "notional": "454.64173592"}  # fmt: skip
    inverse = {"symbol": "BTCUSD_PERP", "positionAmt": "1", "entryPrice": "40000", "markPrice": "40000", "positionSide": "LONG",
               "unRealizedProfit": "0", "liquidationPrice": "0", "leverage": "0", "notionalValue": "0.0025"}  # fmt: skip
    bench.emulator.routes |= {
        "/papi/v1/account": {"uniMMR": "5167.92171923", "accountEquity": "122607.35", "actualEquity": "73.48",
        "accountMaintMargin": "23.72"},
        "/papi/v1/balance": [{"asset": "USDT", "totalWalletBalance": "66.9923261"}],
        "/papi/v1/um/positionRisk": [linear],
        "/papi/v1/cm/positionRisk": [inverse],
        "/papi/v1/um/adlQuantile": [{"symbol": "BTCUSDT", "adlQuantile": {"LONG": 2, "SHORT": 1, "BOTH": 0}}],
        "/papi/v1/cm/adlQuantile": [{"symbol": "BTCUSD_PERP", "adlQuantile": {"LONG": 1, "SHORT": 1, "HEDGE": 0}}],
        "/papi/v1/um/forceOrders": [],
        "/papi/v1/cm/forceOrders": [],
        "/sapi/v1/portfolio/delta-mode": {"deltaEnabled": True},
    }  # fmt: skip
    adapter = bench.adapter("binance", lines=("pm",))
    reading = await adapter.fetch()
    told = [(p.account, p.symbol, p.size, p.leverage, p.venue_light and p.venue_light.raw) for p in reading.positions]
    assert told == [("acc", "BTC/USDT:USDT", 0.01, 100.0, 2), ("acc", "BTC/USD:BTC", 100.0, None, 1)]
    assert (reading.accounts[0].equity, reading.accounts[0].maintenance_margin) == (122607.35, 23.72)
    again = (await adapter.fetch()).accounts[0]
    assert (again.portfolio_margin, again.delta_neutral_mode) == (True, True)


@pytest.mark.asyncio
@pytest.mark.parametrize("restarted", [False, True], ids=["in one run", "between two runs"])
async def test_what_shrank_is_explained_by_its_fills(bench: "Bench", *, restarted: bool) -> None:
    usdm(bench.emulator, [WLD])
    adapter = bench.adapter("binance", lines=("usdm",))
    before = await adapter.fetch()
    adapter = bench.adapter("binance", before=before, lines=("usdm",)) if restarted else adapter
    trade = {"symbol": "WLDUSDT", "id": 7, "orderId": 99, "side": "BUY", "price": "2.2", "qty": "849", "realizedPnl": "118.86",
             "commission": "0", "commissionAsset": "USDT", "time": 1721995760449, "positionSide": "BOTH"}  # fmt: skip
    opened = {**trade, "id": 6, "orderId": 50, "side": "SELL", "realizedPnl": "0", "time": 1721995760000}
    bench.emulator.routes |= {
        "/fapi/v3/positionRisk": [],
        "/fapi/v1/forceOrders": [{"orderId": 99, "symbol": "WLDUSDT", "clientOrderId": "adl_autoclose", "time": 1721995760449}],
        "/fapi/v1/userTrades": [opened, trade],
    }
    reading = await adapter.fetch()
    assert reading.positions == ()
    told = [(f.id, f.side, f.size, f.kind, f.closes, f.realized_pnl) for f in reading.fills]
    assert told == [
        ("WLDUSDT:6", Side.SHORT, 849.0, FillKind.ORDER, False, 0.0),
        ("WLDUSDT:7", Side.SHORT, 849.0, FillKind.ADL, True, 118.86),
    ]


@pytest.mark.asyncio
async def test_spot_balances_are_the_other_leg(bench: "Bench") -> None:
    usdm(bench.emulator, [])
    bench.emulator.routes["/api/v3/account"] = {
        "balances": [{"asset": asset, "free": "1.5", "locked": "0.5"} for asset in ("BTC", "LDETH", "LDO")]
    }
    reading = await bench.adapter("binance", lines=("spot",)).fetch()
    assert [(h.asset, h.amount, h.collateral) for h in reading.holdings] == [(c, 2.0, False) for c in ("BTC", "ETH", "LDO")]


@pytest.mark.asyncio
async def test_a_key_that_may_withdraw_is_refused_before_anything_else_is_asked(bench: "Bench") -> None:
    usdm(bench.emulator, [WLD])
    bench.emulator.routes["/sapi/v1/account/apiRestrictions"] = {**READ_ONLY_KEY, "enableWithdrawals": True}
    with pytest.raises(Refused, match="may withdraw"):
        await bench.adapter("binance").fetch()
    assert bench.emulator.paths() == ["/fapi/v1/time", "/sapi/v1/account/apiRestrictions"]


@pytest.mark.asyncio
async def test_the_fetch_of_a_quiet_account_stays_within_a_sixth_of_the_weight(bench: "Bench") -> None:
    usdm(bench.emulator, [WLD])
    adapter = bench.adapter("binance", lines=("usdm",))
    await adapter.fetch()
    bench.emulator.asked.clear()
    bench.ahead = 5
    await adapter.fetch()
    assert bench.emulator.paths() == ["/fapi/v3/account", "/fapi/v3/positionRisk"]


def test_every_documented_position_row_is_understood(samples: "Callable[[str], list[dict[str, Any]]]") -> None:
    seen = 0
    for sample in samples("binance"):
        rows = sample["sample"] if isinstance(sample["sample"], list) else [sample["sample"]]
        if "positions_risk" not in sample["method"]:
            continue
        for row in rows:
            parsed = msgspec.convert(row, RiskRow, strict=False)
            around = parse.Around("a", NOW, sizes={"ETHUSD_PERP": 10.0})
            inverse = "_PERP" in parsed.symbol
            position = parse.coinm_position(parsed, around) if inverse else parse.usdm_position(parsed, around)
            assert (position is None) == (float(row["positionAmt"]) == 0)
            seen += 1
    assert seen >= 4
