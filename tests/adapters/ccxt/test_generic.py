"""Venues without a module of ours: what is read, what is said to be missing, and that the derived allow lists only read."""

from typing import TYPE_CHECKING, Any

import pytest

from adlwatch.adapters.base import BadPayload, Context, Refused, SourceError, Unsupported
from adlwatch.adapters.ccxt.generic import NOTE, GenericAdapter, GenericOptions
from adlwatch.adapters.ccxt.guard import Violation
from adlwatch.adapters.ccxt.unified import guarded, reading_endpoints
from adlwatch.domain.model import Side

if TYPE_CHECKING:
    from tests.adapters.ccxt.conftest import Bench, Emulator

exchanges: Any = pytest.importorskip("ccxt.async_support", reason="ccxt is not installed (pip install adlwatch[ccxt])")
Entry: Any = pytest.importorskip("ccxt.base.types").Entry

# https://bybit-exchange.github.io/docs/v5, read here through ccxt's own parsers
INSTRUMENT = {
    "symbol": "BTCUSDT", "contractType": "LinearPerpetual", "status": "Trading", "baseCoin": "BTC", "quoteCoin": "USDT",
    "launchTime": "1585526400000", "deliveryTime": "0", "priceScale": "2", "settleCoin": "USDT", "fundingInterval": 480,
    "leverageFilter": {"minLeverage": "1", "maxLeverage": "100.00", "leverageStep": "0.01"},
    "priceFilter": {"minPrice": "0.50", "maxPrice": "999999.00", "tickSize": "0.50"},
    "lotSizeFilter": {"maxOrderQty": "100.000", "minOrderQty": "0.001", "qtyStep": "0.001"},
}  # fmt: skip
POSITION = {
    "symbol": "BTCUSDT", "leverage": "10", "avgPrice": "60000", "liqPrice": "", "markPrice": "54000", "positionIdx": 0,
    "side": "Sell",
    "size": "1.5", "positionValue": "90000", "unrealisedPnl": "9000", "positionIM": "9000", "positionMM": "400", "tradeMode": 0,
    "updatedTime": "1672279322668", "createdTime": "1672279322668", "cumRealisedPnl": "0", "positionStatus": "Normal",
}  # fmt: skip


def ok(result: Any) -> dict[str, Any]:
    return {"retCode": 0, "retMsg": "OK", "result": result, "retExtInfo": {}, "time": 1672279322668}


def routes(emulator: "Emulator") -> None:
    emulator.routes = {
        "/v5/market/instruments-info": lambda asked: ok(
            {"list": [INSTRUMENT] if asked.params["category"] == "linear" else [], "nextPageCursor": ""}
        ),
        "/v5/position/list": ok({"list": [POSITION], "nextPageCursor": ""}),
        "/v5/user/query-api": ok({"unified": 0, "uta": 1}),
        "/v5/account/info": ok({"marginMode": "REGULAR_MARGIN", "unifiedMarginStatus": 5}),
        "/v5/account/wallet-balance": ok(
            {"list": [{"totalEquity": "5", "coin": [{"coin": "USDT", "walletBalance": "5", "equity": "5"}]}]}
        ),
    }


def generic(bench: "Bench", exchange: str = "bybit") -> GenericAdapter:
    options = GenericOptions(exchange=exchange, api_key="env:EMULATED_API_KEY", secret="env:EMULATED_SECRET")  # noqa: S106 - a reference
    adapter = GenericAdapter("any", options, Context(bench.clock, {}), bench.emulator.reroute)
    bench.closing.append(adapter)
    return adapter


@pytest.mark.asyncio
async def test_positions_come_with_a_label_and_a_list_of_what_is_missing(bench: "Bench") -> None:
    routes(bench.emulator)
    adapter = generic(bench)
    reading = await adapter.fetch()
    (position,) = reading.positions
    assert (position.symbol, position.side, position.size, position.entry_price) == ("BTC/USDT:USDT", Side.SHORT, 1.5, 60000.0)
    assert (position.mark_price, position.maintenance_margin, position.venue_light) == (54000.0, None, None)
    assert reading.accounts[0].equity is None
    assert (reading.notes, adapter.label) == ((NOTE,), "GENERIC")


@pytest.mark.asyncio
@pytest.mark.parametrize("body", [b"", b"{}"])
async def test_a_broken_reply_is_not_an_empty_account(bench: "Bench", body: bytes) -> None:
    routes(bench.emulator)
    bench.emulator.fail("/v5/position/list", body=body)
    with pytest.raises(BadPayload):
        await generic(bench).fetch()


@pytest.mark.asyncio
async def test_a_refused_key_is_a_matter_of_credentials(bench: "Bench") -> None:
    routes(bench.emulator)
    bench.emulator.routes["/v5/position/list"] = {"retCode": 10003, "retMsg": "API key is invalid.", "result": {}}
    with pytest.raises(Refused) as caught:
        await generic(bench).fetch()
    assert "emulated-secret" not in str(caught.value)


@pytest.mark.asyncio
async def test_an_exchange_ccxt_does_not_know_is_named(bench: "Bench") -> None:
    with pytest.raises(Unsupported, match='"bitmix"'):
        await generic(bench, "bitmix").fetch()


@pytest.mark.parametrize("name", ["apex", "bitfinex", "bitmart", "coinex", "deribit", "gate", "okx", "poloniex", "toobit", "xt"])
def test_derived_allow_lists_read_and_never_write(name: str) -> None:
    cls = getattr(exchanges, name, None)
    if cls is None:
        return
    found = reading_endpoints(cls, Entry)
    assert found
    assert {e.method for e in found} == {"GET"}
    words = ("order", "buy", "sell", "withdraw", "transfer", "cancel", "approve")
    assert [e.name for e in found if any(word in e.path.lower() for word in words)] == []


@pytest.mark.asyncio
async def test_a_generic_venue_cannot_trade_either(bench: "Bench") -> None:
    routes(bench.emulator)
    adapter = generic(bench)
    await adapter.fetch()
    bench.emulator.asked.clear()
    exchange = guarded(exchanges.bybit, Entry, {"apiKey": "k", "secret": "s"})
    exchange.door = bench.emulator.door()
    for call in (
        exchange.privatePostV5OrderCreate,
        exchange.privatePostV5PositionSetLeverage,
        exchange.privatePostV5AssetWithdrawCreate,
    ):
        with pytest.raises((Violation, SourceError)):
            await call({})
    assert bench.emulator.asked == []
