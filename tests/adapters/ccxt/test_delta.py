"""Delta through the real client: documents from docs.delta.exchange, expected values beside them."""

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
    """HMAC-SHA256 over method, time in seconds and target; five seconds of tolerance."""
    if "api-key" not in asked.headers:
        return None
    stamp = asked.headers["timestamp"]
    target = asked.path + (f"?{asked.query}" if asked.query else "")
    right = hmac.new(b"emulated-secret", f"{asked.method}{stamp}{target}".encode(), hashlib.sha256).hexdigest()
    fresh = abs(emulator.now_ms() / 1000 - int(stamp)) < 5
    return (
        None
        if right == asked.headers["signature"] and fresh
        else (401, {"success": False, "error": {"code": "Signature Mismatch"}})
    )


def ok(result: Any) -> dict[str, Any]:
    return {"success": True, "result": result}


PRODUCT = {
    "symbol": "BTCUSDT", "contract_value": "0.001", "notional_type": "vanilla", "contract_type": "perpetual_futures",
    "underlying_asset": {"symbol": "BTC"}, "quoting_asset": {"symbol": "USDT"}, "settling_asset": {"symbol": "USDT"},
    "maintenance_margin": "0.5", "settlement_time": None,
}  # fmt: skip
# https://docs.delta.exchange/#get-margined-positions
POSITION = {
    "adl_level": None, "auto_topup": False, "bankruptcy_price": "88618.22667", "commission": "0.03797924",
    "created_at": "2026-01-14T11:24:35.801586Z", "entry_price": "94948.1", "liquidation_price": "89092.96717",
    "margin": "6.32987333", "margin_mode": "isolated", "mark_price": "94942.90888022", "product": PRODUCT, "product_id": 84,
    "product_symbol": "BTCUSDT", "realized_cashflow": "0.000000000000000000", "size": 1, "unrealized_pnl": "-0.00519112",
}  # fmt: skip
INVERSE = {
    **POSITION, "product_symbol": "BTCUSD", "size": -500, "margin": "0.001", "mark_price": "50000", "adl_level": "4.3335",
    "product": {**PRODUCT, "symbol": "BTCUSD", "contract_value": "1", "notional_type": "inverse",
    "quoting_asset": {"symbol": "USD"},
                "settling_asset": {"symbol": "BTC"}},
}  # fmt: skip


def delta(emulator: "Emulator", rows: list[Any]) -> None:
    emulator.check = check
    emulator.routes = {
        "/v2/positions/margined": ok(rows),
        "/v2/wallet/balances": {"success": True, "meta": {"net_equity": "120.5"}, "result": [
            {"asset_id": 1, "asset_symbol": "USDT", "balance": "100"}, {"asset_id": 2, "asset_symbol": "ETH", "balance": "0"}]},
        "/v2/fills": ok([]),
        "/v2/history/candles": ok([{"time": 1605393120, "open": 15989, "high": 15989, "low": 15987.5, "close": 15988,
        "volume": 500}]),
    }  # fmt: skip
    for name in ("BTCUSDT", "BTCUSD"):
        emulator.routes |= {
            f"/v2/tickers/{name}": ok({"symbol": name, "mark_price": "30600.1", "spot_price": "30612.8", "funding_rate": "0.0060",
                                       "oi": "469.9190", "volume": 1226.3, "timestamp": 1689136597460456}),
            f"/v2/l2orderbook/{name}": ok({"buy": [{"price": "30599.5", "size": 196, "depth": "1"}], "sell": []}),
        }  # fmt: skip


@pytest.mark.asyncio
async def test_the_product_that_comes_with_a_position_says_what_it_is(bench: "Bench") -> None:
    delta(bench.emulator, [POSITION, INVERSE, {**POSITION, "size": 0}])
    reading = await bench.adapter("delta").fetch()
    linear, inverse = reading.positions
    assert (linear.symbol, linear.side, linear.size) == ("BTC/USDT:USDT", Side.LONG, 0.001)
    assert (linear.margin_mode, linear.isolated_margin) == (MarginMode.ISOLATED, 6.32987333)
    assert (linear.liquidation_price, linear.bankruptcy_price, linear.venue_light) == (89092.96717, 88618.22667, None)
    assert (inverse.symbol, inverse.contract, inverse.side, inverse.size) == ("BTC/USD:BTC", Contract.INVERSE, Side.SHORT, 500.0)
    assert inverse.isolated_margin == 50.0
    assert inverse.venue_light is not None
    assert inverse.venue_light.raw == 4.3335
    assert reading.accounts[0].equity == 120.5
    assert [(h.asset, h.amount) for h in reading.holdings] == [("USDT", 100.0)]
    market = {m.symbol: m for m in reading.markets}["BTC/USDT:USDT"]
    assert (market.mark_price, market.open_interest, market.maintenance_rate) == (30600.1, 469.919, 0.005)
    assert market.funding_rate == pytest.approx(0.00006)
    assert market.book is not None
    assert market.book.bids[0][1] == pytest.approx(0.196)


@pytest.mark.asyncio
async def test_fill_types_tell_adl(bench: "Bench") -> None:
    delta(bench.emulator, [POSITION])
    row = {"id": 1, "side": "sell", "size": 5, "price": "16669", "created_at": "2022-12-07T00:00:00Z", "product": PRODUCT,
           "fill_type": "adl"}  # fmt: skip
    bench.emulator.routes["/v2/fills"] = ok([row, {**row, "id": 2, "fill_type": "new"}])
    fills = (await bench.adapter("delta").fetch()).fills
    assert [(f.kind, f.side, f.size) for f in fills] == [(FillKind.ADL, Side.LONG, 0.005), (FillKind.UNKNOWN, Side.LONG, 0.005)]


@pytest.mark.asyncio
async def test_a_quanto_contract_is_refused_by_name(bench: "Bench") -> None:
    delta(bench.emulator, [{**POSITION, "product": {**PRODUCT, "notional_type": "quanto"}}])
    with pytest.raises(BadPayload, match="BTCUSDT is quanto"):
        await bench.adapter("delta").fetch()
