"""Kraken Futures through the real client: documents from docs.kraken.com/api/docs/futures-api, expected values beside them."""

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING, Any

import pytest

from adlwatch.adapters.base import BadPayload
from adlwatch.adapters.ccxt.venues.krakenfutures import symbol_of
from adlwatch.domain.model import Contract, FillKind, MarginMode, Side

pytest.importorskip("ccxt", reason="ccxt is not installed (pip install adlwatch[ccxt])")

if TYPE_CHECKING:
    from tests.adapters.ccxt.conftest import Asked, Bench, Emulator

SECRET = base64.b64encode(b"emulated kraken secret").decode()


def check(_: "Emulator", asked: "Asked") -> tuple[int, Any] | None:
    """Base64 HMAC-SHA512 over the SHA-256 of query and path."""
    if "Authent" not in asked.headers:
        return None
    path = asked.path.removeprefix("/derivatives")
    digest = hashlib.sha256(f"{asked.query}{path}".encode()).digest()
    right = base64.b64encode(hmac.new(base64.b64decode(SECRET), digest, hashlib.sha512).digest()).decode()
    return None if right == asked.headers["Authent"] else (200, {"result": "error", "error": "authenticationError"})


def ok(**what: Any) -> dict[str, Any]:
    return {"result": "success", "serverTime": "2026-09-02T17:52:21.671Z", **what}


# https://docs.kraken.com/api/docs/futures-api/trading/get-open-positions
LINEAR = {"side": "long", "symbol": "PF_XBTUSD", "price": "70000", "fillTime": "2022-03-03T22:51:16.566Z", "size": "0.5",
          "unrealizedFunding": "-0.001", "unrealizedPnl": "12"}  # fmt: skip
INVERSE = {"side": "short", "symbol": "pi_xbtusd", "price": "80000", "fillTime": "2022-03-03T22:51:16.566Z", "size": "230"}
ISOLATED = {**LINEAR, "symbol": "pf_ftmusd", "price": "0.4921", "size": "1", "pnlCurrency": "USD", "maxFixedLeverage": "3.0"}
TICKERS = [
    {"tag": "perpetual", "symbol": "PF_XBTUSD", "markPrice": 77343.0, "openInterest": 1950.5966, "vol24h": 8309.25,
     "indexPrice": 77340,
     "fundingRate": 0.77343},
    {"tag": "perpetual", "symbol": "PI_XBTUSD", "markPrice": 77343.0, "openInterest": 773430, "vol24h": 77343,
     "fundingRate": 1e-10},
    {"symbol": "in_xbtusd", "last": "40411"},
]  # fmt: skip
ACCOUNTS = {
    "fi_xbtusd": {"auxiliary": {"usd": "0", "pv": "0.5", "pnl": "0.0"}, "marginRequirements": {"im": "0.0", "mm": "0.01"},
                  "balances": {"xbt": "0.5"}, "currency": "xbt", "type": "marginAccount"},
    "fi_ethusd": {"auxiliary": {"pv": "0.0"}, "marginRequirements": {"mm": "0.0"}, "balances": {"eth": "0.0"},
    "type": "marginAccount"},
    "cash": {"balances": {"eur": "0.0", "xrp": "2.2"}, "type": "cashAccount"},
    "flex": {"currencies": {"USDT": {"quantity": "1", "value": "1.0001"}}, "initialMargin": "0.0", "maintenanceMargin": "0.4",
             "balanceValue": "1.0", "portfolioValue": "1.0", "marginEquity": "0.95", "type": "multiCollateralMarginAccount"},
}  # fmt: skip


def kraken(emulator: "Emulator", monkeypatch: pytest.MonkeyPatch, rows: list[dict[str, Any]]) -> None:
    monkeypatch.setenv("EMULATED_SECRET", SECRET)
    emulator.check = check
    v3 = "/derivatives/api/v3"
    emulator.routes = {
        f"{v3}/tickers": ok(tickers=TICKERS),
        f"{v3}/openpositions": ok(openPositions=rows),
        f"{v3}/unwindqueue": ok(queue=[{"symbol": "PF_XBTUSD", "percentile": 20}, {"symbol": "pi_xbtusd", "percentile": "100"}]),
        f"{v3}/accounts": ok(accounts=ACCOUNTS),
        f"{v3}/fills": ok(fills=[]),
        f"{v3}/orderbook": ok(orderBook={"asks": [[77344, 0.5]], "bids": [[77343, 1]]}),
        **{f"/api/charts/v1/trade/{s}/1h": {"candles": [
            {"time": 1620816960000, "open": "56250", "high": "56475", "low": "56250", "close": "56475", "volume": 2}]}
           for s in ("PF_XBTUSD", "PI_XBTUSD", "PF_FTMUSD")},
    }  # fmt: skip


@pytest.mark.asyncio
async def test_linear_and_inverse_positions_get_mark_and_place_from_elsewhere(
    bench: "Bench", monkeypatch: pytest.MonkeyPatch
) -> None:
    kraken(bench.emulator, monkeypatch, [LINEAR, INVERSE, ISOLATED])
    reading = await bench.adapter("krakenfutures").fetch()
    linear, inverse, isolated = reading.positions
    assert (linear.symbol, linear.side, linear.size, linear.mark_price) == ("BTC/USD:USD", Side.LONG, 0.5, 77343.0)
    assert (linear.margin_mode, linear.liquidation_price) == (MarginMode.CROSS, None)
    assert (inverse.symbol, inverse.contract, inverse.size, inverse.side) == ("BTC/USD:BTC", Contract.INVERSE, 230.0, Side.SHORT)
    assert (isolated.margin_mode, isolated.leverage, isolated.mark_price) == (MarginMode.ISOLATED, 3.0, None)
    assert [p.venue_light and p.venue_light.raw for p in reading.positions] == [20, 100, None]
    assert [(a.id, a.equity, a.maintenance_margin) for a in reading.accounts] == [
        ("acc/fi_xbtusd", 38671.5, pytest.approx(773.43)), ("acc", 0.95, 0.4),
    ]  # fmt: skip
    assert inverse.account == "acc/fi_xbtusd"
    assert [(h.asset, h.amount, h.collateral) for h in reading.holdings] == [
        ("BTC", 0.5, True), ("XRP", 2.2, False), ("USDT", 1.0, True),
    ]  # fmt: skip
    assert len(reading.notes) == 1  # no key permissions to be had


@pytest.mark.asyncio
async def test_absolute_funding_becomes_a_fraction_by_the_hour(bench: "Bench", monkeypatch: pytest.MonkeyPatch) -> None:
    kraken(bench.emulator, monkeypatch, [LINEAR, INVERSE])
    markets = {m.symbol: m for m in (await bench.adapter("krakenfutures").fetch()).markets}
    linear, inverse = markets["BTC/USD:USD"], markets["BTC/USD:BTC"]
    assert (linear.funding_rate, linear.funding_interval_hours) == (pytest.approx(0.00001), 1.0)  # type: ignore[comparison-overlap]  # approx
    assert inverse.funding_rate == pytest.approx(1e-10 * 77343)
    assert (inverse.open_interest, inverse.volume_24h) == (10.0, 1.0)
    assert linear.candles[0].volume == 2.0


@pytest.mark.asyncio
async def test_the_unwind_counterparty_was_deleveraged(bench: "Bench", monkeypatch: pytest.MonkeyPatch) -> None:
    kraken(bench.emulator, monkeypatch, [LINEAR])
    row = {"fill_id": "1", "symbol": "PF_XBTUSD", "side": "sell", "order_id": "o", "size": 0.1, "price": 77000,
           "fillTime": "2026-09-02T17:52:21.000Z", "fillType": "unwindCounterparty"}  # fmt: skip
    bench.emulator.routes["/derivatives/api/v3/fills"] = ok(fills=[row, {**row, "fill_id": "2", "fillType": "taker"}])
    fills = (await bench.adapter("krakenfutures").fetch()).fills
    assert [(f.kind, f.side, f.size) for f in fills] == [(FillKind.ADL, Side.LONG, 0.1), (FillKind.ORDER, Side.LONG, 0.1)]


@pytest.mark.asyncio
async def test_an_unknown_side_is_refused(bench: "Bench", monkeypatch: pytest.MonkeyPatch) -> None:
    kraken(bench.emulator, monkeypatch, [{**LINEAR, "side": "both"}])
    with pytest.raises(BadPayload, match="side of PF_XBTUSD"):
        await bench.adapter("krakenfutures").fetch()


@pytest.mark.parametrize(
    ("native", "symbol"),
    [("PF_XBTUSD", "BTC/USD:USD"), ("pi_ethusd", "ETH/USD:ETH"), ("FI_XBTUSD_250627", "BTC/USD:BTC-250627"),
     ("FF_XBTUSD_250627", "BTC/USD:USD-250627"), ("PF_1INCHUSD", "1INCH/USD:USD"), ("in_xbtusd", "in_xbtusd")],
)  # fmt: skip
def test_ids_become_unified_symbols(native: str, symbol: str) -> None:
    assert symbol_of(native) == symbol
