"""WhiteBIT through the real client: documents from docs.whitebit.com, expected values beside them."""

import base64
import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any

import pytest

from adlwatch.adapters.base import BadPayload
from adlwatch.domain.model import Side

pytest.importorskip("ccxt", reason="ccxt is not installed (pip install adlwatch[ccxt])")

if TYPE_CHECKING:
    from tests.adapters.ccxt.conftest import Asked, Bench, Emulator


def check(_: "Emulator", asked: "Asked") -> tuple[int, Any] | None:
    """HMAC-SHA512 over the body in base64; the body names its own path."""
    if "X-TXC-SIGNATURE" not in asked.headers:
        return None
    payload = base64.b64encode(asked.body).decode()
    right = hmac.new(b"emulated-secret", payload.encode(), hashlib.sha512).hexdigest() == asked.headers["X-TXC-SIGNATURE"]
    return (
        None
        if right and json.loads(asked.body)["request"] == asked.path
        else (401, {"code": 0, "message": "Unauthorized request."})
    )


# https://docs.whitebit.com/private/http-trade-v4/#open-positions
POSITION = {
    "positionId": 479975679, "market": "BTC_PERP", "openDate": 1741941025.3098869, "modifyDate": 1741941025.3098869,
    "amount": "-0.001", "basePrice": "82498.7", "liquidationPrice": "90177.2", "pnl": "0.5", "pnlPercent": "0.00",
    "margin": "4.2",
    "freeMargin": "9.9", "funding": "0", "unrealizedFunding": "0", "liquidationState": None, "tpsl": None,
}  # fmt: skip


def whitebit(emulator: "Emulator", rows: list[Any]) -> None:
    emulator.check = check
    v4 = "/api/v4"
    emulator.routes = {
        f"{v4}/public/time": lambda _: {"time": emulator.now_ms() // 1000},
        f"{v4}/collateral-account/positions/open": rows,
        f"{v4}/collateral-account/summary": {"equity": "120.5", "margin": "4.2", "freeMargin": "116"},
        f"{v4}/collateral-account/balance-summary": [
            {"asset": "USDT", "balance": "120", "borrow": "0"}, {"asset": "ETH", "balance": "0", "borrow": "0.5"}],
        f"{v4}/main-account/balance": {"BTC": {"main_balance": "0.0013"}, "ETH": {"main_balance": "0"}},
        f"{v4}/trade-account/balance": {"BTC": {"available": "0.123", "freeze": "1"}},
        f"{v4}/collateral-account/adl-quantile": [{"market": "BTC_PERP", "long": None, "short": 3}],
        f"{v4}/public/futures": {"success": True, "result": [
            {"ticker_id": "BTC_PERP", "mark_price": "81998.5", "funding_interval_minutes": 480,
             "index_price": "82000", "funding_rate": "0.0001", "open_interest": "500",
             "stock_volume": "900"}]},
        f"{v4}/public/orderbook/BTC_PERP": {"ticker_id": "BTC_PERP", "asks": [["82001", "1"]], "bids": [["82000", "2"]]},
        "/api/v1/public/kline": {"success": True, "result": [[1741939200, "82000", "82500", "83000", "81000", "12.5", "1"]]},
    }  # fmt: skip


@pytest.mark.asyncio
async def test_the_mark_is_had_from_the_pnl_and_the_light_of_the_right_side(bench: "Bench") -> None:
    whitebit(bench.emulator, [POSITION, {**POSITION, "amount": "0"}])
    adapter = bench.adapter("whitebit")
    reading = await adapter.fetch()
    (position,) = reading.positions
    assert (position.symbol, position.side, position.size, position.liquidation_price) == (
        "BTC/USDT:USDT",
        Side.SHORT,
        0.001,
        90177.2,
    )
    assert position.mark_price == pytest.approx(81998.7)
    assert reading.accounts[0].equity == 120.5
    assert [(h.asset, h.amount, h.collateral) for h in reading.holdings] == [
        ("USDT", 120.0, True), ("ETH", -0.5, True), ("BTC", pytest.approx(1.1243), False),
    ]  # fmt: skip
    (market,) = reading.markets
    assert (market.mark_price, market.funding_interval_hours) == (81998.5, 8.0)
    assert (market.open_interest, market.candles[0].close, market.candles[0].high) == (500.0, 82500.0, 83000.0)
    light = (await adapter.fetch()).positions[0].venue_light
    assert light is not None
    assert light.raw == 3


@pytest.mark.asyncio
async def test_what_is_no_perpetual_is_refused(bench: "Bench") -> None:
    whitebit(bench.emulator, [{**POSITION, "market": "BTC_USDT"}])
    with pytest.raises(BadPayload, match="BTC_USDT"):
        await bench.adapter("whitebit").fetch()
