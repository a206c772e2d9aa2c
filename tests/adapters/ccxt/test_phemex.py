"""Phemex through the real client: documents from phemex-docs.github.io, expected values beside them."""

import hashlib
import hmac
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest

from adlwatch.adapters.base import BadPayload
from adlwatch.domain.model import Contract, FillKind, MarginMode, Side

pytest.importorskip("ccxt", reason="ccxt is not installed (pip install adlwatch[ccxt])")

if TYPE_CHECKING:
    from tests.adapters.ccxt.conftest import Asked, Bench, Emulator


def check(emulator: "Emulator", asked: "Asked") -> tuple[int, Any] | None:
    """HMAC-SHA256 over path, query and expiry in seconds."""
    expiry = asked.headers.get("x-phemex-request-expiry")
    if expiry is None:
        return None
    text = f"{asked.path}{unquote(asked.query)}{expiry}"
    right = hmac.new(b"emulated-secret", text.encode(), hashlib.sha256).hexdigest() == asked.headers["x-phemex-request-signature"]
    return None if right and int(expiry) * 1000 > emulator.now_ms() else (401, {"code": 10500, "msg": "Failed to authenticate"})


def ok(data: Any) -> dict[str, Any]:
    return {"code": 0, "msg": "", "data": data}


# https://phemex-docs.github.io/#query-account-positions, hedged and coin-margined
LINEAR = {
    "userID": 940666, "accountID": 9406660003, "symbol": "BTCUSDT", "currency": "USDT", "side": "Buy", "positionStatus": "Normal",
    "crossMargin": True, "leverageRr": "-10", "initMarginReqRr": "0.1", "maintMarginReqRr": "0.005", "riskLimitRv": "20000000",
    "size": "0.01", "valueRv": "887.531", "avgEntryPriceRp": "88753.1", "avgEntryPrice": "88753.1", "posCostRv": "89.22502732",
    "assignedPosBalanceRv": "89.29802732", "bankruptCommRv": "0.529812426", "bankruptPriceRp": "44783.79",
    "positionMarginRv": "88.695214894", "liquidationPriceRp": "45009", "deleveragePercentileRr": "0.95", "markPriceRp": "88747.2",
    "posSide": "Long", "posMode": "Hedged",
}  # fmt: skip
COIN = {
    "accountID": 9406660001, "symbol": "BTCUSD", "currency": "BTC", "side": "Sell", "positionStatus": "Normal",
    "crossMargin": False,
    "leverageEr": 2000000000, "leverage": 20.0, "maintMarginReqEr": 500000, "maintMarginReq": 0.005, "size": 100,
    "value": 1.128e-03,
    "avgEntryPriceEp": 886524823, "avgEntryPrice": 88652.4823, "bankruptPriceEp": 100000, "bankruptPrice": 10.0,
    "positionMarginEv": 5700, "positionMargin": 5.7e-05, "liquidationPriceEp": 100000, "liquidationPrice": 10.0,
    "deleveragePercentileEr": 95000000, "deleveragePercentile": 0.95, "markPriceEp": 886028000, "markPrice": 88602.8,
}  # fmt: skip


def phemex(emulator: "Emulator", linear: list[Any], coin: list[Any]) -> None:
    emulator.check = check
    emulator.routes = {
        "/g-accounts/accountPositions": ok({"account": {"currency": "USDT", "accountBalanceRv": "439.96"}, "positions": linear}),
        "/accounts/accountPositions": ok({"account": {"currency": "BTC", "accountBalanceEv": 50000000}, "positions": coin}),
        "/spot/wallets": ok([{"currency": "ETH", "balanceEv": 150000000}, {"currency": "USDT", "balanceEv": 0}]),
        "/api-data/g-futures/trades": ok({"total": 0, "rows": []}),
        "/md/v2/ticker/24hr/all": {"error": None, "id": 0, "result": [
            {"symbol": "BTCUSDT", "markPriceRp": "67550.1", "indexPriceRp": "67567.15", "fundingRateRr": "0.0001",
             "openInterestRv": "1848.1144186", "volumeRq": "3388.5600312"}]},
        "/v1/md/ticker/24hr": {"error": None, "id": 0, "result": {
            "symbol": "BTCUSD", "markEp": 500000000, "indexEp": 500010000, "fundingRateEr": 10000, "openInterest": 1000000,
            "volume": 50000}},
        "/md/ticker/24hr": {"error": None, "id": 0, "result": {
            "symbol": "BTCUSD", "markEp": 500000000, "indexEp": 500010000, "fundingRateEr": 10000, "openInterest": 1000000,
            "volume": 50000}},
        "/exchange/public/md/v2/kline/last": ok({"total": -1, "rows": [[1767175200, 3600, "1", "88000", "89000", "87000", "88500",
            "12.5",
        "1", "BTCUSDT"]]}),
        "/md/v2/orderbook": {"result": {"orderbook_p": {"asks": [["88500", "0.5"]], "bids": [["88499", "0.4"]]},
        "symbol": "BTCUSDT"}},
    }  # fmt: skip


@pytest.mark.asyncio
async def test_both_scales_of_the_percentile_read_alike(bench: "Bench") -> None:
    phemex(bench.emulator, [LINEAR, {**LINEAR, "side": "None", "size": "0"}], [COIN])
    reading = await bench.adapter("phemex").fetch()
    linear, coin = reading.positions
    assert (linear.symbol, linear.side, linear.size, linear.leverage) == ("BTC/USDT:USDT", Side.LONG, 0.01, 10.0)
    assert (linear.margin_mode, linear.liquidation_price, linear.bankruptcy_price) == (MarginMode.CROSS, 45009.0, 44783.79)
    assert linear.maintenance_margin == pytest.approx(0.01 * 88747.2 * 0.005)
    assert (coin.account, coin.symbol, coin.contract, coin.size, coin.side) == (
        "acc/BTC", "BTC/USD:BTC", Contract.INVERSE, 100.0, Side.SHORT,
    )  # fmt: skip
    assert (coin.margin_mode, coin.maintenance_margin, coin.leverage) == (MarginMode.ISOLATED, 0.5, 20.0)
    assert coin.isolated_margin == pytest.approx(5.7e-05 * 88602.8)
    assert [p.venue_light and p.venue_light.raw for p in reading.positions] == [0.95, 0.95]
    usdt, btc = reading.accounts
    assert usdt.equity == pytest.approx(439.96 + 0.01 * (88747.2 - 88753.1))
    assert (btc.id, btc.wallet) == ("acc/BTC", pytest.approx(0.5 * 88602.8))  # type: ignore[comparison-overlap]  # approx
    assert [(h.asset, h.amount, h.collateral) for h in reading.holdings] == [
        ("USDT", 439.96, True), ("BTC", 0.5, True), ("ETH", 1.5, False),
    ]  # fmt: skip


@pytest.mark.asyncio
async def test_markets_are_unscaled(bench: "Bench") -> None:
    phemex(bench.emulator, [LINEAR], [COIN])
    reading = await bench.adapter("phemex").fetch()
    assert len(reading.notes) == 1
    markets = {m.symbol: m for m in reading.markets}
    linear, coin = markets["BTC/USDT:USDT"], markets["BTC/USD:BTC"]
    assert (linear.mark_price, linear.open_interest, linear.candles[0].volume) == (67550.1, 1848.1144186, 12.5)
    assert (linear.candles[0].open, linear.candles[0].close) == (88000.0, 88500.0)
    assert (coin.mark_price, coin.funding_rate, coin.open_interest, coin.volume_24h) == (50000.0, 0.0001, 20.0, 1.0)


@pytest.mark.asyncio
async def test_trades_are_read_by_word_and_an_unknown_number_stays_unknown(bench: "Bench") -> None:
    phemex(bench.emulator, [LINEAR], [])
    row = {"createdAt": 1666226932259, "symbol": "ETHUSDT", "currency": "USDT", "action": 1, "tradeType": "AdlTrade",
           "execQtyRq": "0.01", "execPriceRp": "1271.9", "side": "Sell", "posSide": "Long", "execId": "1"}  # fmt: skip
    rows = [row, {**row, "execId": "2", "tradeType": 1, "side": 1, "posSide": "Long"}, {**row, "execId": "3", "tradeType": 7},
            {**row, "execId": "4", "tradeType": 4}]  # fmt: skip
    bench.emulator.routes["/api-data/g-futures/trades"] = ok({"total": 4, "rows": rows})
    fills = (await bench.adapter("phemex").fetch()).fills
    assert [(f.id, f.kind, f.side, f.closes) for f in fills] == [
        ("1", FillKind.ADL, Side.LONG, True), ("2", FillKind.ORDER, Side.LONG, False), ("3", FillKind.UNKNOWN, Side.LONG, True),
    ]  # fmt: skip


@pytest.mark.asyncio
async def test_another_coin_contract_is_refused_by_name(bench: "Bench") -> None:
    phemex(bench.emulator, [], [{**COIN, "symbol": "ETHUSD"}])
    with pytest.raises(BadPayload, match="ETHUSD"):
        await bench.adapter("phemex").fetch()


@pytest.mark.asyncio
async def test_an_unknown_side_is_refused(bench: "Bench") -> None:
    phemex(bench.emulator, [{**LINEAR, "side": "None"}], [])
    with pytest.raises(BadPayload, match="side of BTCUSDT"):
        await bench.adapter("phemex").fetch()
