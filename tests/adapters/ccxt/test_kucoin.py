"""KuCoin futures through the real client: documents from www.kucoin.com/docs-new, expected values beside them."""

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING, Any

import pytest

from adlwatch.adapters.base import Refused
from adlwatch.domain.model import Contract, FillKind, MarginMode, Side

pytest.importorskip("ccxt", reason="ccxt is not installed (pip install adlwatch[ccxt])")

if TYPE_CHECKING:
    from tests.adapters.ccxt.conftest import Asked, Bench, Emulator


def mac(text: str) -> str:
    return base64.b64encode(hmac.new(b"emulated-secret", text.encode(), hashlib.sha256).digest()).decode()


def check(emulator: "Emulator", asked: "Asked") -> tuple[int, Any] | None:
    """Base64 HMAC-SHA256 over time, method, path and query; the passphrase is signed too."""
    if "KC-API-KEY" not in asked.headers:
        return None
    stamp = asked.headers["KC-API-TIMESTAMP"]
    target = asked.path + (f"?{asked.query}" if asked.query else "")
    if asked.headers["KC-API-SIGN"] != mac(f"{stamp}{asked.method}{target}"):
        return 401, {"code": "400005", "msg": "Signature error"}
    if asked.headers["KC-API-PASSPHRASE"] != mac("emulated-password"):
        return 401, {"code": "400004", "msg": "KC-API-PASSPHRASE error"}
    if abs(emulator.now_ms() - int(stamp)) > 5000:
        return 401, {"code": "400002", "msg": "KC-API-TIMESTAMP Invalid"}
    return None


def ok(data: Any) -> dict[str, Any]:
    return {"code": "200000", "data": data}


# https://www.kucoin.com/docs-new/rest/futures-trading/positions/get-position-list
ISOLATED = {
    "id": "615ba79f83a3410001cde321", "symbol": "ETHUSDTM", "autoDeposit": False, "maintMarginReq": 0.005, "riskLimit": 1000000,
    "realLeverage": 18.61, "crossMode": False, "delevPercentage": 0.86, "openingTimestamp": 1638563515618, "currentQty": 2,
    "isOpen": True, "markPrice": 4225.01, "markValue": 84.5002, "posCost": 83.642, "posInit": 3.6366087, "posMargin": 3.68897586,
    "posMaint": 0.50637594, "maintMargin": 4.54717586, "unrealisedPnl": 0.8582, "avgEntryPrice": 4182.1,
    "liquidationPrice": 4023.0, "bankruptPrice": 4000.25, "settleCurrency": "USDT", "isInverse": False,
}  # fmt: skip
CROSS = {**ISOLATED, "symbol": "XBTUSDTM", "crossMode": True, "currentQty": -3, "delevPercentage": 0.0, "leverage": 20,
         "positionSide": "SHORT", "avgEntryPrice": 96976.8, "markPrice": 96985.6}  # fmt: skip
INVERSE = {**ISOLATED, "symbol": "XBTUSDM", "currentQty": -500, "avgEntryPrice": 40000, "markPrice": 50000, "posMaint": 0.0001,
           "posMargin": 0.002, "settleCurrency": "XBT"}  # fmt: skip
FLAT = {**ISOLATED, "symbol": "SOLUSDTM", "currentQty": 0}


def contract(symbol: str, base: str, settle: str, multiplier: float, **more: Any) -> dict[str, Any]:
    return {
        "symbol": symbol, "baseCurrency": base, "quoteCurrency": "USDT" if settle == "USDT" else "USD", "settleCurrency": settle,
        "multiplier": multiplier, "isInverse": multiplier < 0, "maintainMargin": 0.005, "expireDate": None,
        "openInterest": "8724443",
        "markPrice": 50000, "indexPrice": 50001, "fundingFeeRate": 0.000535, "fundingRateGranularity": 28800000,
        "volumeOf24h": 12.5,
        **more,
    }  # fmt: skip


CONTRACTS = {
    "ETHUSDTM": contract("ETHUSDTM", "ETH", "USDT", 0.01),
    "XBTUSDTM": contract("XBTUSDTM", "XBT", "USDT", 0.001),
    "XBTUSDM": contract("XBTUSDM", "XBT", "XBT", -1.0, openInterest="1000000"),
}


def kucoin(emulator: "Emulator", rows: list[dict[str, Any]]) -> None:
    emulator.check = check
    v1 = "/api/v1"
    emulator.routes = {
        f"{v1}/timestamp": lambda _: ok(emulator.now_ms()),
        f"{v1}/user/api-key": ok({"remark": "r", "apiKey": "k", "permission": "General", "createdAt": 1}),
        f"{v1}/positions": ok(rows),
        f"{v1}/account-overview": lambda asked: ok(
            {"accountEquity": 99.5, "unrealisedPNL": 0.5, "marginBalance": 99, "currency": asked.params["currency"]}
        ),
        f"{v1}/accounts": ok(
            [{"currency": "BTC", "type": "main", "balance": "1"}, {"currency": "BTC", "type": "trade", "balance": "0.5"}]
        ),
        f"{v1}/fills": ok({"items": []}),
        f"{v1}/kline/query": ok([[1575331200000, 4190, 4200, 4180, 4195, 300]]),
        f"{v1}/level2/depth20": ok({"asks": [[50000, 10]], "bids": [[49999, 20]]}),
        **{f"{v1}/contracts/{name}": ok(row) for name, row in CONTRACTS.items()},
    }


@pytest.mark.asyncio
async def test_lots_become_base_units_or_usd_by_their_multiplier(bench: "Bench") -> None:
    kucoin(bench.emulator, [ISOLATED, CROSS, INVERSE, FLAT])
    reading = await bench.adapter("kucoin").fetch()
    isolated, cross, inverse = reading.positions
    assert (isolated.symbol, isolated.side, isolated.size) == ("ETH/USDT:USDT", Side.LONG, 0.02)
    assert (isolated.margin_mode, isolated.isolated_margin, isolated.maintenance_margin) == (
        MarginMode.ISOLATED,
        3.68897586,
        0.50637594,
    )
    assert (isolated.liquidation_price, isolated.bankruptcy_price, isolated.leverage) == (4023.0, 4000.25, 18.61)
    assert isolated.venue_light is not None
    assert isolated.venue_light.raw == 0.86
    assert (cross.symbol, cross.side, cross.size, cross.leverage) == ("BTC/USDT:USDT", Side.SHORT, 0.003, 20.0)
    assert (inverse.account, inverse.symbol, inverse.contract, inverse.size) == (
        "acc/BTC",
        "BTC/USD:BTC",
        Contract.INVERSE,
        500.0,
    )
    assert (inverse.maintenance_margin, inverse.isolated_margin) == (5.0, 100.0)
    assert [(a.id, a.equity, a.wallet) for a in reading.accounts] == [("acc", 99.5, 99.0), ("acc/BTC", 4975000.0, 4950000.0)]
    assert [(h.asset, h.amount, h.collateral) for h in reading.holdings] == [
        ("USDT", 99.0, True), ("BTC", 99.0, True), ("BTC", 1.5, False),
    ]  # fmt: skip
    assert reading.notes == ()


@pytest.mark.asyncio
async def test_contract_details_are_the_market(bench: "Bench") -> None:
    kucoin(bench.emulator, [ISOLATED, INVERSE])
    markets = {m.symbol: m for m in (await bench.adapter("kucoin").fetch()).markets}
    linear, inverse = markets["ETH/USDT:USDT"], markets["BTC/USD:BTC"]
    assert (linear.mark_price, linear.funding_rate, linear.funding_interval_hours) == (50000.0, 0.000535, 8.0)
    assert linear.open_interest == pytest.approx(87244.43)
    assert (linear.maintenance_rate, linear.candles[0].volume) == (0.005, 3.0)
    assert inverse.open_interest == 20.0
    assert inverse.book is not None
    assert inverse.book.asks == ((50000.0, 0.0002),)


@pytest.mark.asyncio
async def test_trade_types_tell_adl(bench: "Bench") -> None:
    kucoin(bench.emulator, [ISOLATED])
    row = {"symbol": "ETHUSDTM", "tradeId": "1", "side": "sell", "price": "4200", "size": 2, "tradeTime": 1638563515618000000,
           "tradeType": "adl", "closeFeePay": "0", "fee": "0.1"}  # fmt: skip
    bench.emulator.routes["/api/v1/fills"] = ok({"items": [row, {**row, "tradeId": "2", "tradeType": "trade"}]})
    fills = (await bench.adapter("kucoin").fetch()).fills
    assert [(f.kind, f.side, f.closes, f.size) for f in fills] == [
        (FillKind.ADL, Side.LONG, True, 0.02), (FillKind.ORDER, Side.SHORT, False, 0.02),
    ]  # fmt: skip


@pytest.mark.asyncio
@pytest.mark.parametrize(("words", "able"), [("General,Spot", "trade"), ("General,Withdrawal", "withdraw")])
async def test_a_key_that_may_do_more_is_refused(bench: "Bench", words: str, able: str) -> None:
    kucoin(bench.emulator, [])
    bench.emulator.routes["/api/v1/user/api-key"] = ok({"permission": words})
    with pytest.raises(Refused, match=f"may {able};"):
        await bench.adapter("kucoin").fetch()
