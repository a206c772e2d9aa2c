"""Deribit through the real client: documents from docs.deribit.com, expected values beside them."""

import hashlib
import hmac
from typing import TYPE_CHECKING, Any

import pytest

from adlwatch.adapters.base import BadPayload, Refused
from adlwatch.adapters.ccxt.venues.deribit.parse import symbol_of
from adlwatch.domain.model import Contract, FillKind, Side

pytest.importorskip("ccxt", reason="ccxt is not installed (pip install adlwatch[ccxt])")

if TYPE_CHECKING:
    from tests.adapters.ccxt.conftest import Asked, Bench, Emulator


def check(emulator: "Emulator", asked: "Asked") -> tuple[int, Any] | None:
    """deri-hmac-sha256 over time, nonce, method and target."""
    if "Authorization" not in asked.headers:
        return None
    told = dict(pair.split("=", 1) for pair in asked.headers["Authorization"].removeprefix("deri-hmac-sha256 ").split(","))
    target = asked.path + (f"?{asked.query}" if asked.query else "")
    text = f"{told['ts']}\n{told['nonce']}\n{asked.method}\n{target}\n\n"
    right = hmac.new(b"emulated-secret", text.encode(), hashlib.sha256).hexdigest() == told["sig"]
    fresh = abs(emulator.now_ms() - int(told["ts"])) < 60_000
    return None if right and fresh else (400, {"jsonrpc": "2.0", "error": {"message": "invalid_credentials", "code": 13004}})


def ok(result: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "result": result, "usIn": 1, "usOut": 2, "usDiff": 1, "testnet": False}


# https://docs.deribit.com/#private-get_positions
INVERSE = {
    "average_price": 7440.18, "delta": 0.006687487, "direction": "buy", "estimated_liquidation_price": 1.74,
    "floating_profit_loss": 0, "index_price": 7466.79, "initial_margin": 0.000197283, "instrument_name": "BTC-PERPETUAL",
    "kind": "future", "leverage": 34, "maintenance_margin": 0.000143783, "mark_price": 7476.65, "size": 50,
    "size_currency": 0.006687487, "total_profit_loss": 3.2781e-05,
}  # fmt: skip
LINEAR = {**INVERSE, "instrument_name": "ETH_USDC-PERPETUAL", "direction": "sell", "size": -2.5, "average_price": 2000,
          "mark_price": 1900, "maintenance_margin": 47.5, "estimated_liquidation_price": None}  # fmt: skip
FLAT = {**INVERSE, "instrument_name": "ETH-PERPETUAL", "direction": "zero", "size": 0}
OPTION = {**INVERSE, "instrument_name": "BTC-27JUN25-80000-C", "kind": "option", "size": 1}
BTC = {"currency": "BTC", "equity": 0.5, "balance": 0.4, "maintenance_margin": 0.01, "portfolio_margining_enabled": False}
USDC = {"currency": "USDC", "equity": 1000, "balance": 990, "maintenance_margin": 47.5, "portfolio_margining_enabled": False}


def deribit(emulator: "Emulator", rows: list[Any], *summaries: dict[str, Any]) -> None:
    emulator.check = check
    v2 = "/api/v2"
    emulator.routes = {
        f"{v2}/public/get_time": lambda _: ok(emulator.now_ms()),
        f"{v2}/private/get_account_summaries": ok({"id": 1, "summaries": list(summaries)}),
        f"{v2}/private/get_positions": ok(rows),
        f"{v2}/public/get_index_price": ok({"index_price": 50000, "estimated_delivery_price": 1}),
        f"{v2}/private/get_user_trades_by_currency_and_time": ok({"trades": [], "has_more": False}),
        f"{v2}/public/ticker": ok({"timestamp": 1583778859480, "stats": {"volume": 60627.5}, "open_interest": 111543850,
                                   "mark_price": 7750.02, "index_price": 7748.01, "funding_8h": 2.6e-06, "current_funding": 0}),
        f"{v2}/public/get_tradingview_chart_data": ok({"ticks": [1583776800000], "open": [7700], "high": [7800], "low": [7650],
                                                       "close": [7750], "volume": [19.0], "cost": [1], "status": "ok"}),
        f"{v2}/public/get_order_book": ok({"asks": [[7750.5, 77505]], "bids": [[7750, 15500]]}),
    }  # fmt: skip


@pytest.mark.asyncio
async def test_each_currency_is_a_pool_of_its_own(bench: "Bench") -> None:
    deribit(bench.emulator, [INVERSE, LINEAR, FLAT, OPTION], BTC, USDC, {"currency": "ETH", "equity": 0})
    reading = await bench.adapter("deribit").fetch()
    inverse, linear = reading.positions
    assert (inverse.account, inverse.symbol, inverse.contract, inverse.size) == ("acc/BTC", "BTC/USD:BTC", Contract.INVERSE, 50.0)
    assert inverse.maintenance_margin == pytest.approx(0.000143783 * 7476.65)
    assert inverse.liquidation_price == 1.74
    assert (linear.account, linear.symbol, linear.side, linear.size) == ("acc/USDC", "ETH/USDC:USDC", Side.SHORT, 2.5)
    assert (linear.maintenance_margin, linear.liquidation_price, linear.venue_light) == (47.5, None, None)
    assert [(a.id, a.equity, a.wallet, a.maintenance_margin) for a in reading.accounts] == [
        ("acc/BTC", 25000.0, 20000.0, 500.0), ("acc/USDC", 1000.0, 990.0, 47.5),
    ]  # fmt: skip
    assert [(h.asset, h.amount) for h in reading.holdings] == [("BTC", 0.4), ("USDC", 990.0)]
    assert reading.notes[0] == "open option positions are not read"


@pytest.mark.asyncio
async def test_cross_collateral_is_one_account_in_usd(bench: "Bench") -> None:
    whole = {**BTC, "cross_collateral_enabled": True, "total_equity_usd": 26000, "total_maintenance_margin_usd": 550}
    deribit(bench.emulator, [INVERSE, LINEAR], whole, USDC)
    reading = await bench.adapter("deribit").fetch()
    assert [(a.id, a.equity, a.maintenance_margin) for a in reading.accounts] == [("acc", 26000.0, 550.0)]
    assert {p.account for p in reading.positions} == {"acc"}


@pytest.mark.asyncio
async def test_an_inverse_market_is_told_in_base_units(bench: "Bench") -> None:
    deribit(bench.emulator, [INVERSE], BTC)
    (market,) = (await bench.adapter("deribit").fetch()).markets
    assert market.open_interest == pytest.approx(111543850 / 7750.02)
    assert (market.funding_rate, market.funding_interval_hours, market.candles[0].volume) == (2.6e-06, 8.0, 19.0)
    assert market.book is not None
    assert market.book.bids == ((7750.0, 2.0),)


@pytest.mark.asyncio
async def test_liquidations_are_told_from_orders(bench: "Bench") -> None:
    deribit(bench.emulator, [INVERSE], BTC)
    row = {"trade_id": "1", "instrument_name": "BTC-PERPETUAL", "direction": "sell", "amount": 50, "price": 7000,
           "timestamp": 1583778859480, "profit_loss": -0.001, "liquidation": "T"}  # fmt: skip
    opened = {**row, "trade_id": "2", "direction": "buy", "profit_loss": 0, "liquidation": None}
    bench.emulator.routes["/api/v2/private/get_user_trades_by_currency_and_time"] = ok({"trades": [row, opened]})
    fills = (await bench.adapter("deribit").fetch()).fills
    assert [(f.kind, f.side, f.closes, f.size) for f in fills] == [
        (FillKind.LIQUIDATION, Side.LONG, True, 50.0), (FillKind.ORDER, Side.LONG, False, 50.0),
    ]  # fmt: skip


@pytest.mark.asyncio
async def test_an_unknown_direction_is_refused(bench: "Bench") -> None:
    deribit(bench.emulator, [{**INVERSE, "direction": "zero"}], BTC)
    with pytest.raises(BadPayload, match="direction of BTC-PERPETUAL"):
        await bench.adapter("deribit").fetch()


@pytest.mark.asyncio
async def test_a_wrong_secret_is_refused(bench: "Bench", monkeypatch: pytest.MonkeyPatch) -> None:
    deribit(bench.emulator, [INVERSE], BTC)
    monkeypatch.setenv("EMULATED_SECRET", "another-secret")
    with pytest.raises(Refused):
        await bench.adapter("deribit").fetch()


@pytest.mark.parametrize(
    ("native", "symbol"),
    [("BTC-PERPETUAL", "BTC/USD:BTC"), ("SOL_USDC-PERPETUAL", "SOL/USDC:USDC"), ("BTC-27JUN25", "BTC/USD:BTC-250627"),
     ("BTC_USDC-27JUN25", "BTC/USDC:USDC-250627"), ("BTC-FS-1", "BTC-FS-1")],
)  # fmt: skip
def test_ids_become_unified_symbols(native: str, symbol: str) -> None:
    assert symbol_of(native) == symbol
