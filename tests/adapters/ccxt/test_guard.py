"""Nothing leaves but the allow list: everything ccxt could write with is tried on every venue, and what arrives is counted."""

import asyncio
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from adlwatch.adapters.base import SourceError
from adlwatch.adapters.ccxt import guard
from adlwatch.adapters.ccxt.door import Door
from adlwatch.adapters.ccxt.guard import Violation, read_only
from adlwatch.adapters.ccxt.venue import Meter, reads
from adlwatch.adapters.ccxt.venues import find, names

if TYPE_CHECKING:
    from tests.adapters.ccxt.conftest import Emulator

venues: Any = pytest.importorskip("ccxt.async_support", reason="ccxt is not installed (pip install adlwatch[ccxt])")
Entry: Any = pytest.importorskip("ccxt.base.types").Entry

NAMES = names()
WRITES = {
    "create_order": ("BTC/USDT:USDT", "limit", "buy", 1, 1),
    "create_orders": ([{"symbol": "BTC/USDT:USDT", "type": "limit", "side": "buy", "amount": 1, "price": 1}],),
    "edit_order": ("1", "BTC/USDT:USDT", "limit", "buy", 1, 1),
    "cancel_order": ("1", "BTC/USDT:USDT"),
    "cancel_orders": (["1"], "BTC/USDT:USDT"),
    "cancel_all_orders": ("BTC/USDT:USDT",),
    "cancel_all_orders_after": (1000,),
    "close_position": ("BTC/USDT:USDT", "buy"),
    "close_all_positions": (),
    "set_leverage": (5, "BTC/USDT:USDT"),
    "set_margin_mode": ("isolated", "BTC/USDT:USDT"),
    "set_position_mode": (True, "BTC/USDT:USDT"),
    "add_margin": ("BTC/USDT:USDT", 1),
    "reduce_margin": ("BTC/USDT:USDT", 1),
    "transfer": ("USDT", 1, "spot", "swap"),
    "withdraw": ("USDT", 1, "0x0000000000000000000000000000000000000001"),
    "borrow_cross_margin": ("USDT", 1),
    "repay_cross_margin": ("USDT", 1),
    "create_deposit_address": ("USDT",),
    "create_convert_trade": ("1", "USDT", "USDC", 1),
}
BEYOND_CCXT = {
    "POST v4/private/collateral-account/adl-quantile",
    "GET contract/public/linear-swap-api/v1/swap_risk_info",
}
"""Reads that a venue documents and ccxt does not list."""
CREDENTIALS = {"apiKey": "k" * 32, "secret": "A" * 32, "password": "p", "uid": "1"}
WALLET = {"privateKey": "0x" + "1" * 64, "walletAddress": "0x" + "2" * 40}


def entries(cls: type[Any]) -> dict[tuple[tuple[str, ...], str, str], str]:
    """Every implicit endpoint of a ccxt class → the name of a method that calls it."""
    return {
        (tuple(entry.api), entry.method, entry.path): name
        for base in reversed(cls.__mro__)
        for name, entry in vars(base).items()
        if isinstance(entry, Entry)
    }


def guarded(name: str, emulator: "Emulator", **credentials: str) -> Any:
    venue = find(name)
    exchange = read_only(getattr(venues, venue.ccxt_id), venue.endpoints)({**credentials, "enableRateLimit": False})
    exchange.door = emulator.door()
    return exchange


def with_market(exchange: Any) -> Any:
    """A market list, so that a trade call gets as far as signing instead of stopping at the market list."""
    market = {
        "id": "BTCUSDT", "symbol": "BTC/USDT:USDT", "base": "BTC", "quote": "USDT", "settle": "USDT", "baseId": "BTC",
        "quoteId": "USDT", "settleId": "USDT", "type": "swap", "spot": False, "margin": False, "swap": True, "future": False,
        "option": False, "active": True, "contract": True, "linear": True, "inverse": False, "contractSize": 1.0,
        "precision": {"amount": 0.001, "price": 0.1}, "limits": {"amount": {}, "price": {}, "cost": {}, "leverage": {"max": 100}},
        "info": {"contractType": "PERPETUAL"}, "taker": 0.001, "maker": 0.001,
    }  # fmt: skip
    exchange.set_markets([market], {"USDT": {"id": "USDT", "code": "USDT", "precision": 8, "networks": {}}})
    return exchange


@pytest.mark.parametrize("name", NAMES)
def test_every_declared_endpoint_exists_in_ccxt(name: str) -> None:
    venue = find(name)
    known = entries(getattr(venues, venue.ccxt_id))
    unknown = [e.name for e in venue.endpoints if (e.group, e.method, e.path) not in known]
    assert [name for name in unknown if name not in BEYOND_CCXT] == []


@pytest.mark.parametrize("name", NAMES)
def test_no_declared_endpoint_reads_like_an_instruction(name: str) -> None:
    words = ("order/create", "cancel", "withdraw", "transfer", "buy", "sell", "leverage/set", "approve", "amend", "edit")
    paths = {e.path for e in find(name).endpoints} - {"v5/asset/transfer/query-account-coins-balance"}  # a GET, filed by Bybit so
    suspicious = [path for path in paths if any(word in path.lower() for word in words)]
    assert suspicious == []


async def try_to_write(exchange: Any) -> None:
    """Every write ccxt knows."""
    for method, arguments in WRITES.items():
        with suppress(Exception):  # a method the venue lacks fails in its own way; what counts is what arrives
            await getattr(exchange, method)(*arguments)
    assert guard.violations[type(exchange).__name__] > 0


@pytest.mark.asyncio
@pytest.mark.parametrize("name", NAMES)
async def test_unified_calls_that_write_send_nothing(name: str, emulator: "Emulator") -> None:
    cls = getattr(venues, find(name).ccxt_id)
    exchange = with_market(read_only(cls, ())({**CREDENTIALS, "enableRateLimit": False}))
    exchange.door = emulator.door()
    await try_to_write(exchange)
    assert emulator.asked == []


@pytest.mark.asyncio
@pytest.mark.parametrize("name", NAMES)
async def test_all_that_arrives_of_a_write_is_the_reading_before_it(name: str, emulator: "Emulator") -> None:
    await try_to_write(with_market(guarded(name, emulator, **CREDENTIALS)))
    readable = [re.sub(r"\\{\w+\\}", r"[\\w-]+", re.escape(e.path)) for e in find(name).endpoints]
    strange = [a.path for a in emulator.asked if not any(re.search(f"{path}$", a.path) for path in readable)]
    assert strange == []


@pytest.mark.asyncio
@pytest.mark.parametrize("name", NAMES)
async def test_every_implicit_endpoint_off_the_list_is_refused_before_signing(name: str, emulator: "Emulator") -> None:
    exchange = guarded(name, emulator, **CREDENTIALS)
    exchange.sign = None
    allowed = {(e.group, e.method, e.path) for e in find(name).endpoints}
    tried = 0
    for triple, method in entries(type(exchange)).items():
        if triple not in allowed:
            tried += 1
            with pytest.raises(Violation):
                await getattr(exchange, method)({})
    assert tried > 20
    assert emulator.asked == []
    assert guard.violations[type(exchange).__name__] >= tried


@pytest.mark.asyncio
@pytest.mark.parametrize("name", ["hyperliquid", "aster", "deribit", "lighter", "grvt"])
async def test_what_ccxt_signs_by_itself_is_refused_even_with_a_private_key(name: str, emulator: "Emulator") -> None:
    exchange = read_only(getattr(venues, name), ())({**CREDENTIALS, **WALLET, "enableRateLimit": False})
    exchange.door = emulator.door()
    side_effects = (
        *("load_markets", "initialize_client", "approve_builder_fee", "set_ref", "approve_builder", "authorize_builder"),
        *("handle_builder_fee_approval", "privateGetBuy", "privateGetSell", "privateGetWithdraw", "privatePostExchange"),
    )
    for method in side_effects:
        if hasattr(exchange, method):
            with suppress(Exception):  # ccxt swallows some refusals itself; what counts is what arrived
                await getattr(exchange, method)()
    assert emulator.asked == []
    assert guard.violations[type(exchange).__name__] > 0


@pytest.mark.asyncio
async def test_a_deribit_trade_by_get_is_refused(emulator: "Emulator") -> None:
    exchange = read_only(venues.deribit, ())({**CREDENTIALS, "enableRateLimit": False})
    exchange.door = emulator.door()
    with pytest.raises(Violation):
        await exchange.privateGetBuy({"instrument_name": "BTC-PERPETUAL", "amount": 10})
    assert emulator.asked == []


@pytest.mark.asyncio
async def test_fetch_outside_a_permitted_request_is_refused(emulator: "Emulator") -> None:
    exchange = guarded("binance", emulator, **CREDENTIALS)
    with pytest.raises(Violation):
        await exchange.fetch("https://fapi.binance.com/fapi/v1/order", "POST", {}, "symbol=BTCUSDT")
    with pytest.raises(Violation):
        await exchange.fetch2("order", ["fapiPrivate"], "POST", {"symbol": "BTCUSDT"})
    assert emulator.asked == []


@pytest.mark.asyncio
async def test_a_permit_is_good_for_one_request(emulator: "Emulator") -> None:
    exchange = guarded("binance", emulator, **CREDENTIALS)
    emulator.routes = {"/fapi/v1/time": {"serverTime": 1}}
    outcomes: list[object] = []

    class Greedy(type(exchange)):  # type: ignore[misc]  # a class built at run time
        async def fetch2(self, *arguments: Any, **more: Any) -> Any:
            first = await super().fetch2(*arguments, **more)
            try:
                outcomes.append(await super().fetch2(*arguments, **more))
            except Violation as error:
                outcomes.append(error)
            return first

    greedy = Greedy({"enableRateLimit": False})
    greedy.door = emulator.door()
    await greedy.fapiPublicGetTime()
    assert len(emulator.asked) == 1
    assert isinstance(outcomes[0], Violation)


@pytest.mark.asyncio
async def test_ccxt_has_no_session_of_its_own_to_go_round_the_guard_with(emulator: "Emulator") -> None:
    exchange = guarded("bybit", emulator, **CREDENTIALS)
    exchange.open()
    assert exchange.session is None
    with pytest.raises(AttributeError):
        await venues.Exchange.fetch(exchange, "https://api.bybit.com/v5/order/create", "POST", {}, "{}")
    assert emulator.asked == []


@pytest.mark.asyncio
async def test_websockets_are_refused(emulator: "Emulator") -> None:
    exchange = guarded("bybit", emulator, **CREDENTIALS)
    with pytest.raises(Violation):
        exchange.client("wss://stream.bybit.com/v5/private")
    for call in (exchange.watch, exchange.watch_multiple):
        with pytest.raises(Violation):
            await call("wss://stream.bybit.com/v5/private", "x")


@pytest.mark.asyncio
@pytest.mark.parametrize("settle", ["../../spot/orders", "usdt/orders?x=", "", None, "..", "a/b", "%2e%2e"])
async def test_a_path_value_cannot_name_another_endpoint(settle: str | None, emulator: "Emulator") -> None:
    positions = reads("private", "futures", meter=Meter("m", 1))("{settle}/positions")
    exchange = read_only(venues.gate, (positions,))({**CREDENTIALS, "enableRateLimit": False})
    exchange.door = emulator.door()
    with pytest.raises(Violation):
        await exchange.privateFuturesGetSettlePositions({"settle": settle})
    assert emulator.asked == []


@pytest.mark.asyncio
async def test_a_redirect_is_not_followed(emulator: "Emulator") -> None:
    emulator.fail("/fapi/v1/time", status=302, headers={"Location": emulator.reroute("https://evil.test/steal")})
    exchange = guarded("binance", emulator, **CREDENTIALS)
    answer = await exchange.fapiPublicGetTime()
    assert answer.status == 302
    assert emulator.paths() == ["/fapi/v1/time"]


@pytest.mark.asyncio
async def test_only_https_is_spoken() -> None:
    with pytest.raises(SourceError):
        await Door(1)("http://fapi.binance.com/fapi/v1/time", "GET", {}, None)


@pytest.mark.asyncio
async def test_a_permit_does_not_leak_into_tasks_that_run_beside(emulator: "Emulator") -> None:
    exchange = guarded("binance", emulator, **CREDENTIALS)
    emulator.routes = {"/fapi/v1/time": {"serverTime": 1}}
    outcomes: Any = await asyncio.gather(
        exchange.fapiPublicGetTime(), exchange.fetch("https://fapi.binance.com/fapi/v1/order"), return_exceptions=True
    )
    assert outcomes[0].status == 200
    assert isinstance(outcomes[1], Violation)
    assert emulator.paths() == ["/fapi/v1/time"]
