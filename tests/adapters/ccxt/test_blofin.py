"""BloFin through the real client: documents from docs.blofin.com, expected values beside them."""

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING, Any

import pytest

from adlwatch.adapters.base import BadPayload, Refused
from adlwatch.adapters.ccxt.venues.blofin import parse
from adlwatch.adapters.ccxt.venues.blofin.types import Rate
from adlwatch.domain.model import Contract, FillKind, MarginMode, Side

pytest.importorskip("ccxt", reason="ccxt is not installed (pip install adlwatch[ccxt])")

if TYPE_CHECKING:
    from tests.adapters.ccxt.conftest import Asked, Bench, Emulator


def check(emulator: "Emulator", asked: "Asked") -> tuple[int, Any] | None:
    """Base64 of the hexadecimal HMAC-SHA256 over target, method, time and nonce."""
    if "ACCESS-KEY" not in asked.headers:
        return None
    stamp = asked.headers["ACCESS-TIMESTAMP"]
    target = asked.path + (f"?{asked.query}" if asked.query else "")
    digest = hmac.new(b"emulated-secret", f"{target}{asked.method}{stamp}{stamp}".encode(), hashlib.sha256).hexdigest()
    right = base64.b64encode(digest.encode()).decode() == asked.headers["ACCESS-SIGN"]
    if not right:
        return 401, {"code": "152409", "msg": "Signature verification failed"}
    fresh = abs(emulator.now_ms() - int(stamp)) < 60_000
    return None if fresh else (401, {"code": "152405", "msg": "Timestamp in header or signature has expired"})


def ok(data: Any) -> dict[str, Any]:
    return {"code": "0", "msg": "success", "data": data}


# https://docs.blofin.com/index.html#get-positions
CROSS = {
    "instType": "SWAP", "instId": "LTC-USDT", "marginMode": "cross", "positionId": "644159", "positionSide": "net",
    "positions": "-10", "availablePositions": "1", "averagePrice": "68.16", "unrealizedPnl": "0.80631223",
    "unrealizedPnlRatio": "0.03548909463028169", "leverage": "3", "liquidationPrice": "", "markPrice": "68.96",
    "initialMargin": "22.988770743333333333", "margin": "", "marginRatio": "152.523509620342499273",
    "maintenanceMargin": "0.34483156115", "adl": "4", "createTime": "1707235776528", "updateTime": "1707235776528",
}  # fmt: skip
ISOLATED = {
    **CROSS,
    "marginMode": "isolated",
    "positionSide": "long",
    "positions": "1",
    "margin": "5.5",
    "liquidationPrice": "10.1",
}


# https://github.com/blofin/blofin-api-docs: account/balance, market/instruments, market/position-tiers, trade/orders-history
BALANCES = {
    "USDT-FUTURES": {"ts": "1697021343571", "totalEquity": "10011254.07", "isolatedEquity": "861.76", "details": [
        {"currency": "USDT", "equity": "10014042.98", "balance": "10013119.88", "equityUsd": "10011254.07", "bonus": "0"}]},
    "COIN-FUTURES": {"ts": "1597026383085", "details": [
        {"currency": "BTC", "equity": "1", "balance": "1", "equityUsd": "45078.37", "isolatedEquity": "0"},
        {"currency": "ETH", "equity": "0", "balance": "0", "equityUsd": "0"}]},
}  # fmt: skip
LINEAR = {
    "instId": "LTC-USDT", "baseCurrency": "LTC", "quoteCurrency": "USDT", "contractValue": "0.1", "contractType": "linear",
    "instType": "SWAP", "settleCurrency": "USDT", "state": "live",
}  # fmt: skip
INVERSE = {
    **LINEAR, "instId": "BTC-USD", "baseCurrency": "BTC", "quoteCurrency": "USD", "contractValue": "100",
    "contractType": "inverse", "settleCurrency": "BTC",
}  # fmt: skip
TIER = {
    "symbol": "LTC-USDT", "marginMode": "cross", "minSize": "0.01", "maxSize": "150", "maintenanceMarginRate": "0.004",
    "maxLeverage": "125",
}  # fmt: skip
ORDER = {
    "orderId": "29419717", "clientOrderId": "", "instId": "LTC-USDT", "marginMode": "cross", "positionSide": "net",
    "side": "buy", "orderType": "limit", "price": "68", "size": "10", "reduceOnly": "false", "leverage": "3",
    "state": "filled", "filledSize": "10.000000000000000000", "pnl": "0", "averagePrice": "68.1", "fee": "0.04",
    "createTime": "1697010303781", "updateTime": "1697014607770", "orderCategory": "normal", "tpTriggerPrice": None,
    "cancelSource": "", "brokerId": "",
}  # fmt: skip


def blofin(emulator: "Emulator", rows: list[dict[str, Any]]) -> None:
    emulator.check = check
    v1 = "/api/v1"
    emulator.routes = {
        f"{v1}/user/query-apikey": ok({"uid": "1", "apiName": "n", "readOnly": 1}),
        f"{v1}/account/positions": ok(rows),
        f"{v1}/account/config": ok({"accountLevel": "0"}),
        f"{v1}/account/balance": lambda asked: ok(BALANCES[asked.params["productType"]]),
        f"{v1}/trade/orders-history": ok([]),
        f"{v1}/asset/balances": lambda asked: ok(
            [{"currency": "BTC", "balance": "0.5"}] if asked.params["accountType"] == "spot" else []),
        f"{v1}/market/instruments": lambda asked: ok(
            [row for row in (LINEAR, INVERSE) if row["instId"] == asked.params["instId"]]),
        f"{v1}/market/mark-price": ok([{"instId": "LTC-USDT", "indexPrice": "68.9", "markPrice": "68.96",
        "ts": "1697021343571"}]),
        f"{v1}/market/funding-rate": ok([{"instId": "LTC-USDT", "fundingRate": "0.00027815", "fundingTime": "1634256000000"}]),
        f"{v1}/market/funding-rate-history": ok([
            {"instId": "LTC-USDT", "fundingRate": "0.0001", "fundingTime": "1634241600000"}]),
        f"{v1}/market/position-tiers": ok([
            {**TIER, "minSize": "150", "maxSize": "900", "maintenanceMarginRate": "0.005"}, TIER]),
        f"{v1}/market/candles": ok([["1697018400000", "68", "69", "67", "68.9", "120", "12", "820", "0"]]),
        f"{v1}/market/books": ok([{"asks": [["69", "10"]], "bids": [["68.9", "20"]], "ts": "1697021343571"}]),
    }  # fmt: skip


@pytest.mark.asyncio
async def test_contracts_become_base_units_and_nothing_is_made_up(bench: "Bench") -> None:
    blofin(bench.emulator, [CROSS, ISOLATED, {**CROSS, "positions": "0"}])
    reading = await bench.adapter("blofin").fetch()
    cross, isolated = reading.positions
    assert (cross.symbol, cross.side, cross.size, cross.liquidation_price) == ("LTC/USDT:USDT", Side.SHORT, 1.0, None)
    assert (cross.margin_mode, cross.isolated_margin, cross.maintenance_margin) == (MarginMode.CROSS, None, 0.34483156115)
    assert cross.venue_light is not None
    assert cross.venue_light.raw == 4
    assert (isolated.side, isolated.isolated_margin, isolated.liquidation_price) == (Side.LONG, 5.5, 10.1)
    assert [(a.id, a.equity) for a in reading.accounts] == [("acc", 10011254.07), ("acc/BTC", 45078.37)]
    assert [(h.asset, h.amount, h.collateral) for h in reading.holdings] == [
        ("USDT", 10013119.88, True), ("BTC", 1.0, True), ("BTC", 0.5, False),
    ]  # fmt: skip
    (market,) = reading.markets
    assert (market.mark_price, market.index_price, market.funding_rate) == (68.96, 68.9, 0.00027815)
    assert (market.funding_interval_hours, market.maintenance_rate) == (4.0, 0.004)
    assert market.candles[0].volume == 12.0
    assert market.book is not None
    assert market.book.asks == ((69.0, 1.0),)
    assert reading.notes == ()


@pytest.mark.asyncio
async def test_a_coin_margined_position_has_the_pool_of_its_coin_unless_the_account_is_unified(bench: "Bench") -> None:
    row = {**CROSS, "instId": "BTC-USD", "averagePrice": "60000", "markPrice": "50000", "maintenanceMargin": "0.001"}
    blofin(bench.emulator, [row])
    (position,) = (await bench.adapter("blofin").fetch()).positions
    assert (position.account, position.symbol, position.contract) == ("acc/BTC", "BTC/USD:BTC", Contract.INVERSE)
    assert (position.size, position.maintenance_margin) == (1000.0, 50.0)
    bench.emulator.routes["/api/v1/account/config"] = ok({"accountLevel": "3"})
    bench.emulator.asked.clear()
    reading = await bench.adapter("blofin").fetch()
    assert reading.positions[0].account == "acc"
    assert [a.id for a in reading.accounts] == ["acc"]
    assert not any(a.params.get("productType") == "COIN-FUTURES" for a in bench.emulator.asked)


@pytest.mark.asyncio
async def test_completed_orders_tell_who_closed_what(bench: "Bench") -> None:
    blofin(bench.emulator, [CROSS])
    adl = {**ORDER, "orderId": "5", "orderCategory": "adl", "pnl": "1.5"}
    forced = {**ORDER, "orderId": "4", "orderCategory": "partial_liquidation", "side": "sell", "positionSide": "long"}
    opened = {**ORDER, "orderId": "3", "side": "sell"}
    strange = {**ORDER, "orderId": "2", "orderCategory": "gift", "reduceOnly": "true"}
    nothing = {**ORDER, "orderId": "1", "filledSize": "0.000", "averagePrice": "", "state": "canceled"}
    bench.emulator.routes["/api/v1/trade/orders-history"] = ok([adl, forced, opened, strange, nothing])
    fills = (await bench.adapter("blofin").fetch()).fills
    assert {f.id: (f.kind, f.side, f.closes, f.size, f.realized_pnl) for f in fills} == {
        "5": (FillKind.ADL, Side.SHORT, True, 1.0, 1.5),
        "4": (FillKind.LIQUIDATION, Side.LONG, True, 1.0, 0.0),
        "3": (FillKind.ORDER, Side.SHORT, False, 1.0, None),
        "2": (FillKind.UNKNOWN, Side.SHORT, True, 1.0, 0.0),
    }


@pytest.mark.asyncio
async def test_all_pages_of_orders_are_read(bench: "Bench") -> None:
    blofin(bench.emulator, [])
    orders = [{**ORDER, "orderId": str(n)} for n in range(250, 0, -1)]
    bench.emulator.routes["/api/v1/trade/orders-history"] = lambda asked: ok(
        [o for o in orders if int(str(o["orderId"])) < int(asked.params.get("after", 999))][:100]
    )
    assert len((await bench.adapter("blofin").fetch()).fills) == 250


@pytest.mark.asyncio
async def test_an_order_that_cannot_be_read_for_certain_is_noted(bench: "Bench") -> None:
    blofin(bench.emulator, [])
    bench.emulator.routes["/api/v1/trade/orders-history"] = ok([{**ORDER, "side": "hold"}])
    assert (await bench.adapter("blofin").fetch()).notes == ("fills: side of a trade in LTC-USDT is 'hold'",)


def test_a_payment_without_its_time_gives_no_interval() -> None:
    assert parse.funding_hours(None, []) is None
    assert parse.funding_hours(Rate("LTC-USDT", "0", "1634256000000"), [Rate("LTC-USDT", "0", "1634256000000")]) is None


@pytest.mark.asyncio
async def test_a_writing_key_is_refused(bench: "Bench") -> None:
    blofin(bench.emulator, [])
    bench.emulator.routes["/api/v1/user/query-apikey"] = ok({"readOnly": 0})
    with pytest.raises(Refused, match="may trade"):
        await bench.adapter("blofin").fetch()


@pytest.mark.asyncio
@pytest.mark.parametrize("change", [{"marginMode": "new"}, {"positionSide": "both"}, {"instId": "NEW-USDT"}])
async def test_what_cannot_be_read_for_certain_fails(bench: "Bench", change: dict[str, str]) -> None:
    blofin(bench.emulator, [{**CROSS, **change}])
    with pytest.raises(BadPayload):
        await bench.adapter("blofin").fetch()


@pytest.mark.asyncio
async def test_a_wrong_secret_is_refused(bench: "Bench", monkeypatch: pytest.MonkeyPatch) -> None:
    blofin(bench.emulator, [])
    monkeypatch.setenv("EMULATED_SECRET", "another-secret")
    with pytest.raises(Refused):
        await bench.adapter("blofin").fetch()


@pytest.mark.asyncio
async def test_without_a_time_endpoint_the_date_header_corrects_the_clock(bench: "Bench") -> None:
    blofin(bench.emulator, [CROSS])
    bench.emulator.ahead = 120
    adapter = bench.adapter("blofin")
    assert len((await adapter.fetch()).positions) == 1
    assert adapter.clock_ahead == pytest.approx(120, abs=2)
