"""BloFin through the real client: documents from docs.blofin.com, expected values beside them."""

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING, Any

import pytest

from adlwatch.adapters.base import BadPayload, Refused
from adlwatch.domain.model import MarginMode, Side

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


def blofin(emulator: "Emulator", rows: list[dict[str, Any]]) -> None:
    emulator.check = check
    v1 = "/api/v1"
    emulator.routes = {
        f"{v1}/user/query-apikey": ok({"uid": "1", "apiName": "n", "readOnly": 1}),
        f"{v1}/account/positions": ok(rows),
        f"{v1}/account/balance": ok({"ts": "1697021343571", "totalEquity": "10011254.07", "isolatedEquity": "1", "details": [
            {"currency": "USDT", "equity": "10014042.98", "balance": "10013119.88", "equityUsd": "10011254.07"}]}),
        f"{v1}/asset/balances": lambda asked: ok(
            [{"currency": "BTC", "balance": "0.5"}] if asked.params["accountType"] == "spot" else []),
        f"{v1}/market/instruments": lambda asked: ok(
            [{"instId": "LTC-USDT", "baseCurrency": "LTC", "quoteCurrency": "USDT", "contractValue": "0.1",
             "contractType": "linear"}]
            if asked.params["instId"] == "LTC-USDT" else []),
        f"{v1}/market/mark-price": ok([{"instId": "LTC-USDT", "indexPrice": "68.9", "markPrice": "68.96",
        "ts": "1697021343571"}]),
        f"{v1}/market/funding-rate": ok([{"instId": "LTC-USDT", "fundingRate": "0.00027815", "fundingTime": "1634256000000"}]),
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
    assert reading.accounts[0].equity == 10011254.07
    assert [(h.asset, h.amount, h.collateral) for h in reading.holdings] == [("USDT", 10013119.88, True), ("BTC", 0.5, False)]
    (market,) = reading.markets
    assert (market.mark_price, market.index_price, market.funding_rate) == (68.96, 68.9, 0.00027815)
    assert market.candles[0].volume == 12.0
    assert market.book is not None
    assert market.book.asks == ((69.0, 1.0),)
    assert reading.notes == ()


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
