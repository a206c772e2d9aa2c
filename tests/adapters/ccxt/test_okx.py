"""OKX through the real client: documents from www.okx.com/docs-v5, expected values beside them."""

import base64
import hashlib
import hmac
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from adlwatch.adapters.base import BadPayload, Refused
from adlwatch.domain.model import Contract, FillKind, MarginMode, Side

pytest.importorskip("ccxt", reason="ccxt is not installed (pip install adlwatch[ccxt])")

if TYPE_CHECKING:
    from tests.adapters.ccxt.conftest import Asked, Bench, Emulator


def check(emulator: "Emulator", asked: "Asked") -> tuple[int, Any] | None:
    """Base64 HMAC-SHA256 over ISO time, method, path and query; 30 s of tolerance."""
    if asked.path.startswith(("/api/v5/public", "/api/v5/market", "/api/v5/rubik")):
        return None
    stamp = asked.headers["OK-ACCESS-TIMESTAMP"]
    target = asked.path + (f"?{asked.query}" if asked.query else "")
    digest = hmac.new(b"emulated-secret", f"{stamp}{asked.method}{target}".encode(), hashlib.sha256).digest()
    if asked.headers["OK-ACCESS-PASSPHRASE"] != "emulated-password":
        return 401, {"code": "50105", "msg": "Request header OK-ACCESS-PASSPHRASE incorrect.", "data": []}
    if base64.b64encode(digest).decode() != asked.headers["OK-ACCESS-SIGN"]:
        return 401, {"code": "50113", "msg": "Invalid Sign", "data": []}
    if abs(emulator.now_ms() / 1000 - datetime.fromisoformat(stamp).timestamp()) > 30:
        return 401, {"code": "50102", "msg": "Timestamp request expired", "data": []}
    return None


def ok(*data: Any) -> dict[str, Any]:
    return {"code": "0", "msg": "", "data": list(data)}


# https://www.okx.com/docs-v5/en/#trading-account-rest-api-get-positions
CROSS = {
    "adl": "3", "availPos": "1", "avgPx": "34131.1", "cTime": "1627227626502", "ccy": "USDT", "imr": "170.66093041794787",
    "instId": "BTC-USDT-SWAP", "instType": "SWAP", "last": "34134.4", "lever": "2", "liqPx": "12608.959083877446",
    "markPx": "4786.459271773621", "margin": "", "mgnMode": "cross", "mgnRatio": "140.49930117599155",
    "mmr": "1.3652874433435829",
    "notionalUsd": "341.5130010779638", "pos": "1", "posSide": "long", "uTime": "1627227626502", "upl": "0.0108608358957281",
}  # fmt: skip
ISOLATED = {
    "adl": "1", "avgPx": "2566.31", "ccy": "ETH", "imr": "", "instId": "ETH-USD-210430", "instType": "FUTURES", "lever": "10",
    "liqPx": "2352.8496681818233", "markPx": "2566.22", "margin": "0.0003896645377994", "mgnMode": "isolated",
    "mmr": "0.0000311811092368", "pos": "-1", "posSide": "net", "uTime": "1619507761462",
}  # fmt: skip
INSTRUMENTS = {
    "BTC-USDT-SWAP": {"instId": "BTC-USDT-SWAP", "ctVal": "0.01", "ctMult": "1", "ctType": "linear", "settleCcy": "USDT",
                      "instFamily": "BTC-USDT"},
    "ETH-USD-210430": {"instId": "ETH-USD-210430", "ctVal": "10", "ctMult": "1", "ctType": "inverse", "settleCcy": "ETH",
                       "instFamily": "ETH-USD"},
}  # fmt: skip
DETAILS = [
    {"ccy": "USDT", "cashBal": "900", "eq": "1000", "eqUsd": "999", "upl": "100", "mmr": "7"},
    {"ccy": "ETH", "cashBal": "-0.5", "eq": "-0.5", "eqUsd": "-1000", "mmr": ""},
]


def okx(emulator: "Emulator", rows: list[dict[str, Any]], level: str = "3", **config: str) -> None:
    emulator.check = check
    v5 = "/api/v5"
    emulator.routes = {
        f"{v5}/public/time": lambda _: ok({"ts": str(emulator.now_ms())}),
        f"{v5}/account/config": ok({"acctLv": level, "perm": "read_only", "posMode": "long_short_mode", **config}),
        f"{v5}/account/balance": ok({"totalEq": "28268.7", "adjEq": "28000", "mmr": "8.36", "details": DETAILS}),
        f"{v5}/account/positions": ok(*rows),
        f"{v5}/public/instruments": lambda asked: ok(*[i for k, i in INSTRUMENTS.items() if asked.params.get("instId", k) == k]),
        f"{v5}/asset/balances": ok({"bal": "1.5", "ccy": "BTC"}),
        f"{v5}/public/mark-price": ok({"instId": "BTC-USDT-SWAP", "markPx": "34130", "ts": "1627227626502"}),
        f"{v5}/public/open-interest": ok({"instId": "BTC-USDT-SWAP", "oi": "2125419", "oiCcy": "21254.19",
        "ts": "1664005108969"}),
        f"{v5}/public/insurance-fund": ok({"total": "1500000.5", "instFamily": "BTC-USDT"}),
        f"{v5}/trade/fills": ok(),
        f"{v5}/public/funding-rate": ok({"fundingRate": "0.00027815", "fundingTime": "1634256000000", "instId": "BTC-USDT-SWAP",
                                         "nextFundingTime": "1634284800000"}),
        f"{v5}/market/index-tickers": ok({"instId": "BTC-USDT", "idxPx": "34131"}),
        f"{v5}/market/candles": ok(["1597026383085", "3.721", "3.743", "3.677", "3.708", "8422410", "22698348.04", "1.2", "0"]),
        f"{v5}/rubik/stat/contracts/open-interest-history": ok(
            ["1701417600000", "731377.57500501", "111", "8888888"], ["1701414000000", "731377.5", "110", "8888887"]),
        f"{v5}/market/books": ok({"asks": [["41006.8", "60", "0", "1"]], "bids": [["41006.3", "30", "0", "2"]],
        "ts": "1629966436396"}),
        f"{v5}/public/position-tiers": ok({"tier": "1", "mmr": "0.004"}),
    }  # fmt: skip


@pytest.mark.asyncio
async def test_contracts_become_base_units_or_usd(bench: "Bench") -> None:
    okx(bench.emulator, [CROSS, ISOLATED, {**CROSS, "pos": "0"}])
    reading = await bench.adapter("okx").fetch()
    cross, isolated = reading.positions
    assert (cross.symbol, cross.side, cross.size, cross.entry_price) == ("BTC/USDT:USDT", Side.LONG, 0.01, 34131.1)
    assert (cross.margin_mode, cross.leverage, cross.maintenance_margin) == (MarginMode.CROSS, 2.0, 1.3652874433435829)
    assert cross.venue_light is not None
    assert cross.venue_light.raw == 3
    assert (isolated.symbol, isolated.contract, isolated.side, isolated.size) == (
        "ETH/USD:ETH-210430", Contract.INVERSE, Side.SHORT, 10.0,
    )  # fmt: skip
    assert isolated.isolated_margin == pytest.approx(0.0003896645377994 * 2566.22)
    (account,) = reading.accounts
    assert (account.equity, account.maintenance_margin, account.portfolio_margin) == (28268.7, 8.36, False)
    told = [(h.asset, h.amount, h.collateral) for h in reading.holdings]
    assert told == [("USDT", 900.0, True), ("ETH", -0.5, True), ("BTC", 1.5, False)]
    assert reading.notes == ()


@pytest.mark.asyncio
async def test_markets_are_laid_together_from_every_call(bench: "Bench") -> None:
    okx(bench.emulator, [CROSS])
    reading = await bench.adapter("okx").fetch()
    (market,) = reading.markets
    assert (market.mark_price, market.index_price, market.open_interest) == (34130.0, 34131.0, 21254.19)
    assert (market.funding_rate, market.funding_interval_hours, market.maintenance_rate) == (0.00027815, 8.0, 0.004)
    assert market.candles[0].volume == 22698348.04
    assert [value for _, value in market.open_interest_history] == [110.0, 111.0]
    assert market.book is not None
    assert market.book.asks == ((41006.8, 0.6),)
    assert (reading.pools[0].name, reading.pools[0].balance, reading.pools[0].symbols) == (
        "BTC-USDT",
        1500000.5,
        ("BTC/USDT:USDT",),
    )


@pytest.mark.asyncio
async def test_in_futures_mode_each_currency_is_a_pool_of_its_own(bench: "Bench") -> None:
    okx(bench.emulator, [CROSS], level="2", stgyType="1")
    reading = await bench.adapter("okx").fetch()
    assert reading.positions[0].account == "acc/USDT"
    pool = reading.accounts[0]
    assert (pool.id, pool.equity, pool.wallet, pool.delta_neutral_mode) == ("acc/USDT", 999.0, pytest.approx(899.1), True)  # type: ignore[comparison-overlap]  # approx


@pytest.mark.asyncio
async def test_an_instrument_nobody_knows_fails_instead_of_guessing_its_size(bench: "Bench") -> None:
    okx(bench.emulator, [{**CROSS, "instId": "NEW-USDT-SWAP"}])
    with pytest.raises(BadPayload, match="no instrument NEW-USDT-SWAP"):
        await bench.adapter("okx").fetch()


@pytest.mark.asyncio
async def test_open_options_are_named_not_dropped_in_silence(bench: "Bench") -> None:
    okx(bench.emulator, [CROSS, {**CROSS, "instId": "BTC-USD-230520-25500-P", "instType": "OPTION"}])
    assert (await bench.adapter("okx").fetch()).notes == ("open option positions are not read",)


@pytest.mark.asyncio
async def test_forced_closes_are_told_by_their_sub_type(bench: "Bench") -> None:
    okx(bench.emulator, [CROSS])
    row = {"instId": "BTC-USDT-SWAP", "tradeId": "1", "billId": "b1", "side": "sell", "posSide": "net", "subType": "128",
    "fillPx": "35000",
           "fillSz": "3", "fillPnl": "26", "fee": "-0.5", "feeCcy": "USDT", "ts": "1627227626502"}  # fmt: skip
    opened = {**row, "billId": "b2", "side": "buy", "subType": "1", "fillPnl": "0", "ts": "1627227626503"}
    hedged = {**row, "billId": "b3", "side": "buy", "posSide": "short", "subType": "6", "ts": "1627227626504"}
    bench.emulator.routes["/api/v5/trade/fills"] = lambda asked: ok(
        *([row, opened, hedged] if asked.params["instType"] == "SWAP" else [])
    )
    fills = (await bench.adapter("okx").fetch()).fills
    assert [(f.id, f.kind, f.side, f.closes, f.size) for f in fills] == [
        ("b1", FillKind.ADL, Side.LONG, True, 0.03),
        ("b2", FillKind.ORDER, Side.LONG, False, 0.03),
        ("b3", FillKind.ORDER, Side.SHORT, True, 0.03),
    ]


@pytest.mark.asyncio
async def test_a_key_that_may_withdraw_is_refused(bench: "Bench") -> None:
    okx(bench.emulator, [CROSS], perm="read_only,withdraw,trade")
    with pytest.raises(Refused, match="may trade and withdraw"):
        await bench.adapter("okx").fetch()


@pytest.mark.asyncio
async def test_a_wrong_passphrase_is_refused(bench: "Bench", monkeypatch: pytest.MonkeyPatch) -> None:
    okx(bench.emulator, [CROSS])
    monkeypatch.setenv("EMULATED_PASSWORD", "wrong-password")
    with pytest.raises(Refused) as caught:
        await bench.adapter("okx").fetch()
    assert "wrong-password" not in str(caught.value)
