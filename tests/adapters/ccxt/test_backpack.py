"""Backpack through the real client: documents from docs.backpack.exchange, expected values beside them."""

import base64
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

from adlwatch.domain.model import FillKind, Side

pytest.importorskip("ccxt", reason="ccxt is not installed (pip install adlwatch[ccxt])")

if TYPE_CHECKING:
    from tests.adapters.ccxt.conftest import Asked, Bench, Emulator

SEED = bytes(range(32))
INSTRUCTIONS = {"/api/v1/position": "positionQuery", "/api/v1/capital/collateral": "collateralQuery",
                "/wapi/v1/history/fills": "fillHistoryQueryAll"}  # fmt: skip


def check(emulator: "Emulator", asked: "Asked") -> tuple[int, Any] | None:
    """Ed25519 over the instruction, the sorted query, the time and the window."""
    if "X-Signature" not in asked.headers:
        return None
    stamp, window = asked.headers["X-Timestamp"], asked.headers["X-Window"]
    query = f"{asked.query}&" if asked.query else ""
    text = f"instruction={INSTRUCTIONS[asked.path]}&{query}timestamp={stamp}&window={window}"
    key = import_module("cryptography.hazmat.primitives.asymmetric.ed25519").Ed25519PrivateKey.from_private_bytes(SEED)
    right = base64.b64encode(key.sign(text.encode())).decode() == asked.headers["X-Signature"]
    fresh = abs(emulator.now_ms() - int(stamp)) < int(window)
    return None if right and fresh else (400, {"code": "INVALID_CLIENT_REQUEST", "message": "Invalid signature"})


# https://docs.backpack.exchange/#tag/Futures/operation/get_positions
POSITION = {
    "breakEvenPrice": "3831.3630555555555555555555556", "cumulativeFundingPayment": "-0.009218", "cumulativeInterest": "0",
    "entryPrice": "3826.8888888888888888888888889", "estLiquidationPrice": "0", "imf": "0.02",
    "imfFunction": {"base": "0.02", "factor": "0.0000935", "type": "sqrt"}, "markPrice": "3787.46813304", "mmf": "0.0125",
    "mmfFunction": {"base": "0.0125", "factor": "0.0000561", "type": "sqrt"}, "netCost": "13.7768",
    "netExposureNotional": "13.634885278944", "netExposureQuantity": "0.0036", "netQuantity": "-0.0036", "pnlRealized": "0",
    "pnlUnrealized": "-0.141914", "positionId": "4238420454", "subaccountId": None, "symbol": "ETH_USDC_PERP", "userId": 1813870,
}  # fmt: skip


def backpack(emulator: "Emulator", monkeypatch: pytest.MonkeyPatch, rows: list[Any]) -> None:
    monkeypatch.setenv("EMULATED_SECRET", base64.b64encode(SEED).decode())
    emulator.check = check
    emulator.routes = {
        "/api/v1/time": lambda _: emulator.now_ms(),
        "/api/v1/position": rows,
        "/api/v1/capital/collateral": {"netEquity": "120.5", "assetsValue": "121", "collateral": [
            {"symbol": "USDC", "totalQuantity": "100"}, {"symbol": "SOL", "totalQuantity": "-0.5"}]},
        "/wapi/v1/history/fills": [],
        "/api/v1/markPrices": [{"fundingRate": "0.0001", "indexPrice": "3787", "markPrice": "3787.4", "symbol": "ETH_USDC_PERP",
                                "nextFundingTimestamp": 1753113600000}],
        "/api/v1/openInterest": [{"openInterest": "1273.85214", "symbol": "ETH_USDC_PERP", "timestamp": 1753105735301}],
        "/api/v1/klines": [{"start": "2025-07-22T00:00:00", "open": "3700", "high": "3800", "low": "3600", "close": "3780",
                            "volume": "12"}],
        "/api/v1/depth": {"asks": [["3788", "1"], ["3789", "2"]], "bids": [["3785", "4"], ["3786", "3"]]},
    }  # fmt: skip


@pytest.mark.asyncio
async def test_positions_equity_and_market_are_read(bench: "Bench", monkeypatch: pytest.MonkeyPatch) -> None:
    backpack(bench.emulator, monkeypatch, [POSITION, {**POSITION, "netQuantity": "0"}])
    reading = await bench.adapter("backpack").fetch()
    (position,) = reading.positions
    assert (position.symbol, position.side, position.size, position.liquidation_price) == (
        "ETH/USDC:USDC",
        Side.SHORT,
        0.0036,
        None,
    )
    assert position.maintenance_margin == pytest.approx(0.0036 * 3787.46813304 * 0.0125)
    assert reading.accounts[0].equity == 120.5
    assert [(h.asset, h.amount) for h in reading.holdings] == [("USDC", 100.0), ("SOL", -0.5)]
    (market,) = reading.markets
    assert (market.mark_price, market.open_interest, market.candles[0].volume) == (3787.4, 1273.85214, 12.0)
    assert market.book is not None
    assert (market.book.bids[0], market.book.asks[0]) == ((3786.0, 3.0), (3788.0, 1.0))
    assert len(reading.notes) == 1


@pytest.mark.asyncio
async def test_fills_are_asked_for_by_their_kind_and_told_once(bench: "Bench", monkeypatch: pytest.MonkeyPatch) -> None:
    backpack(bench.emulator, monkeypatch, [POSITION])
    row = {"orderId": "4238907375", "price": "3826.15", "quantity": "0.0026", "side": "Bid", "symbol": "ETH_USDC_PERP",
           "systemOrderType": None, "timestamp": "2025-07-27T17:39:00.092", "tradeId": 9748827}  # fmt: skip
    other = {**row, "tradeId": 1, "side": "Ask"}
    by_kind = {"Adl": [row], "AllLiquidation": [], "User": [other, {**row, "symbol": "ETH_USDC", "tradeId": 2}]}
    bench.emulator.routes["/wapi/v1/history/fills"] = lambda asked: by_kind[asked.params["fillType"]]
    fills = (await bench.adapter("backpack").fetch()).fills
    assert {(f.id, f.kind, f.side) for f in fills} == {
        ("ETH_USDC_PERP:9748827", FillKind.ADL, Side.SHORT), ("ETH_USDC_PERP:1", FillKind.ORDER, Side.LONG),
    }  # fmt: skip
