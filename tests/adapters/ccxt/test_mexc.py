"""MEXC futures through the real client: documents from www.mexc.com/api-docs/futures, expected values beside them."""

import hashlib
import hmac
from typing import TYPE_CHECKING, Any

import pytest

from adlwatch.adapters.base import BadPayload
from adlwatch.domain.model import Contract, FillKind, MarginMode, Side

pytest.importorskip("ccxt", reason="ccxt is not installed (pip install adlwatch[ccxt])")

if TYPE_CHECKING:
    from tests.adapters.ccxt.conftest import Asked, Bench, Emulator


def check(emulator: "Emulator", asked: "Asked") -> tuple[int, Any] | None:
    """HMAC-SHA256 over key, time and sorted query."""
    if "Signature" not in asked.headers:
        return None
    stamp = asked.headers["Request-Time"]
    right = hmac.new(b"emulated-secret", f"emulated-key{stamp}{asked.query}".encode(), hashlib.sha256).hexdigest()
    fresh = abs(emulator.now_ms() - int(stamp)) < 10_000
    return (
        None
        if right == asked.headers["Signature"] and fresh
        else (200, {"success": False, "code": 602, "message": "signature failed"})
    )


def ok(data: Any) -> dict[str, Any]:
    return {"success": True, "code": 0, "data": data}


# https://www.mexc.com/api-docs/futures/account-and-trading-endpoints#get-open-positions
POSITION = {
    "positionId": 1394650, "symbol": "ETH_USDT", "positionType": 1, "openType": 1, "state": 1, "holdVol": 100, "frozenVol": 0,
    "closeVol": 0, "holdAvgPrice": 1217.3, "openAvgPrice": 1217.3, "closeAvgPrice": 0, "liquidatePrice": 1211.2, "oim": 0.1290338,
    "im": 0.1290338, "holdFee": 0, "realised": -0.0073, "adlLevel": 2, "leverage": 100, "createTime": 1609991676000,
    "updateTime": 1609991676000, "autoAddIm": False,
}  # fmt: skip
INVERSE = {**POSITION, "symbol": "BTC_USD", "positionType": 2, "openType": 2, "holdVol": 3, "adlLevel": 0, "holdAvgPrice": 60000}
DETAILS = {
    "ETH_USDT": {"symbol": "ETH_USDT", "baseCoin": "ETH", "quoteCoin": "USDT", "settleCoin": "USDT", "contractSize": 0.01,
                 "maintenanceMarginRate": 0.004},
    "BTC_USD": {"symbol": "BTC_USD", "baseCoin": "BTC", "quoteCoin": "USD", "settleCoin": "BTC", "contractSize": 100},
}  # fmt: skip
TICKERS = [
    {"symbol": "ETH_USDT", "lastPrice": 3581.3, "volume24": 4045530, "holdVol": 5832946, "indexPrice": 3580.7852,
     "fairPrice": 3581.08,
     "fundingRate": 6.3e-05, "timestamp": 1634162885016},
    {"symbol": "BTC_USD", "fairPrice": 50000, "holdVol": 1000, "volume24": 500, "fundingRate": 0.0001,
     "timestamp": 1634162885016},
]  # fmt: skip


def mexc(emulator: "Emulator", rows: list[dict[str, Any]]) -> None:
    emulator.check = check
    v1 = "/api/v1"
    emulator.routes = {
        f"{v1}/contract/ping": lambda _: ok(emulator.now_ms()),
        f"{v1}/private/position/open_positions": ok(rows),
        f"{v1}/private/account/assets": ok([
            {"currency": "USDT", "positionMargin": 0, "cashBalance": 90, "equity": 100, "unrealized": 10},
            {"currency": "BTC", "equity": 0.2, "unrealized": 0}, {"currency": "BSV", "equity": 0, "unrealized": 0}]),
        f"{v1}/private/order/list/order_deals": ok([]),
        f"{v1}/contract/detail": lambda asked: ok(DETAILS.get(asked.params["symbol"], [])),
        f"{v1}/contract/ticker": ok(TICKERS),
        f"{v1}/contract/risk_reverse": ok([{"symbol": "ETH_USDT", "currency": "USDT", "available": 1.5,
        "timestamp": 1634162885016}]),
    }  # fmt: skip
    for name in DETAILS:
        emulator.routes |= {
            f"{v1}/contract/funding_rate/{name}": ok({"symbol": name, "fundingRate": 1.4e-05, "collectCycle": 8}),
            f"{v1}/contract/kline/{name}": ok({"time": [1634162400], "open": [3500], "high": [3600], "low": [3400],
            "close": [3581],
                                               "vol": [1000], "amount": [1]}),
            f"{v1}/contract/depth/{name}": ok({"asks": [[3581.5, 100, 1]], "bids": [[3581.25, 50, 2]], "version": 1}),
        }  # fmt: skip


@pytest.mark.asyncio
async def test_contracts_become_base_units_or_usd_and_marks_come_from_the_tickers(bench: "Bench") -> None:
    mexc(bench.emulator, [POSITION, INVERSE, {**POSITION, "holdVol": 0}])
    reading = await bench.adapter("mexc").fetch()
    linear, inverse = reading.positions
    assert (linear.symbol, linear.side, linear.size, linear.mark_price) == ("ETH/USDT:USDT", Side.LONG, 1.0, 3581.08)
    assert (linear.margin_mode, linear.isolated_margin, linear.liquidation_price) == (MarginMode.ISOLATED, 0.1290338, 1211.2)
    assert (linear.maintenance_margin, linear.venue_light and linear.venue_light.raw) == (None, 2)
    assert (inverse.account, inverse.symbol, inverse.contract, inverse.size) == (
        "acc/BTC",
        "BTC/USD:BTC",
        Contract.INVERSE,
        300.0,
    )
    assert (inverse.side, inverse.margin_mode, inverse.venue_light) == (Side.SHORT, MarginMode.CROSS, None)
    assert [(a.id, a.equity, a.wallet) for a in reading.accounts] == [("acc", 100.0, 90.0), ("acc/BTC", 10000.0, 10000.0)]
    assert [(h.asset, h.amount) for h in reading.holdings] == [("USDT", 90.0), ("BTC", 0.2)]
    assert [(p.name, p.balance, p.symbols) for p in reading.pools] == [("ETH_USDT USDT", 1.5, ("ETH/USDT:USDT",))]


@pytest.mark.asyncio
async def test_markets_are_told_in_base_units(bench: "Bench") -> None:
    mexc(bench.emulator, [POSITION, INVERSE])
    markets = {m.symbol: m for m in (await bench.adapter("mexc").fetch()).markets}
    linear, inverse = markets["ETH/USDT:USDT"], markets["BTC/USD:BTC"]
    assert linear.open_interest == pytest.approx(58329.46)
    assert (linear.funding_rate, linear.funding_interval_hours, linear.maintenance_rate) == (6.3e-05, 8.0, 0.004)
    assert linear.candles[0].volume == 10.0
    assert linear.book is not None
    assert linear.book.asks == ((3581.5, 1.0),)
    assert (inverse.open_interest, inverse.volume_24h) == (2.0, 1.0)


@pytest.mark.asyncio
async def test_category_four_is_adl(bench: "Bench") -> None:
    mexc(bench.emulator, [POSITION])
    row = {
        "id": "1",
        "symbol": "ETH_USDT",
        "side": 4,
        "vol": 10,
        "price": 3600,
        "timestamp": 1634162885016,
        "category": 4,
        "profit": 5,
    }
    rows = [row, {**row, "id": "2", "side": 3, "category": 1}, {**row, "id": "3", "side": 2, "category": 2}]
    bench.emulator.routes["/api/v1/private/order/list/order_deals"] = ok(rows)
    fills = (await bench.adapter("mexc").fetch()).fills
    assert [(f.kind, f.side, f.closes, f.size) for f in fills] == [
        (FillKind.ADL, Side.LONG, True, 0.1), (FillKind.ORDER, Side.SHORT, False, 0.1),
        (FillKind.LIQUIDATION, Side.SHORT, True, 0.1),
    ]  # fmt: skip


@pytest.mark.asyncio
@pytest.mark.parametrize(("field", "value"), [("positionType", 3), ("openType", 0)])
async def test_an_unknown_type_is_refused(bench: "Bench", field: str, value: int) -> None:
    mexc(bench.emulator, [{**POSITION, field: value}])
    with pytest.raises(BadPayload, match="ETH_USDT: positionType"):
        await bench.adapter("mexc").fetch()


@pytest.mark.asyncio
async def test_a_contract_nobody_knows_fails_instead_of_guessing_its_size(bench: "Bench") -> None:
    mexc(bench.emulator, [{**POSITION, "symbol": "NEW_USDT"}])
    with pytest.raises(BadPayload, match="no contract NEW_USDT"):
        await bench.adapter("mexc").fetch()
