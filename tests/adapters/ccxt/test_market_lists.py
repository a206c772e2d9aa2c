"""A venue with 600 markets, of which one is held: lists are taken whole, and only what is held comes out."""

import asyncio
import importlib
import threading
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from adlwatch.adapters.base import Context, Retry, SourceSpec
from adlwatch.adapters.ccxt import generic
from adlwatch.adapters.ccxt.door import Door
from adlwatch.adapters.ccxt.generic import GenericAdapter, GenericOptions
from adlwatch.adapters.ccxt.lists import MarketList
from adlwatch.adapters.shelf import Shelf
from tests.adapters.ccxt import test_bybit, test_generic
from tests.adapters.recording import read_again, recorded

if TYPE_CHECKING:
    from tests.adapters.ccxt.conftest import Asked, Bench

pytest.importorskip("ccxt", reason="ccxt is not installed (pip install adlwatch[ccxt])")
COUNT = 600
STATES = ("Trading", "PreLaunch", "Delivering", "Closed")
"""Every 50th market is not traded any more, or not yet."""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """ccxt's throttler lets everything through at once: it is slow on purpose."""
    exchange = importlib.import_module("ccxt.async_support.base.exchange").Exchange
    monkeypatch.setattr(exchange, "throttle", lambda *_: asyncio.sleep(0))


def coin(number: int) -> str:
    return f"{10 ** (number % 4) if number % 4 else ''}C{number}X"


def instrument(number: int) -> dict[str, Any]:
    state = STATES[number // 50 % 4] if number % 50 == 1 else STATES[0]
    return {**test_generic.INSTRUMENT, "symbol": f"{coin(number)}USDT", "baseCoin": coin(number), "status": state}


def ticker(number: int) -> dict[str, Any]:
    price = 10.0 ** (number % 9 - 4)
    return {"symbol": f"{coin(number)}USDT", "markPrice": f"{price:f}", "fundingRate": "" if number % 7 else "0.0001"}


@pytest.mark.asyncio
@pytest.mark.parametrize("held", [1, COUNT - 1])
async def test_a_position_is_found_in_a_long_market_list_that_is_asked_for_once(bench: "Bench", held: int) -> None:
    test_generic.routes(bench.emulator)
    rows = [instrument(number) for number in range(COUNT)]

    def listed(asked: "Asked") -> Any:
        return test_generic.ok({"list": rows if asked.params["category"] == "linear" else [], "nextPageCursor": ""})

    bench.emulator.routes["/v5/market/instruments-info"] = listed
    row = {**test_generic.POSITION, "symbol": f"{coin(held)}USDT"}
    bench.emulator.routes["/v5/position/list"] = test_generic.ok({"list": [row], "nextPageCursor": ""})
    adapter, asked = test_generic.generic(bench), []
    for _ in range(2):
        reading = await adapter.fetch()
        assert [position.symbol for position in reading.positions] == [f"{coin(held)}/USDT:USDT"]
        assert [market.symbol for market in reading.markets] == [f"{coin(held)}/USDT:USDT"]
        asked.append(bench.emulator.paths().count("/v5/market/instruments-info"))
    assert asked[0] == asked[1]


@pytest.mark.asyncio
async def test_of_600_tickers_only_the_held_market_is_in_the_reading(bench: "Bench") -> None:
    held = 417
    row = {**test_bybit.BTC, "symbol": f"{coin(held)}USDT"}
    test_bybit.positions(bench.emulator, {"USDT": [row]})
    tickers = [ticker(number) for number in range(COUNT)]
    bench.emulator.routes["/v5/market/tickers"] = {"retCode": 0, "result": {"list": tickers}, "time": 1}
    reading = await bench.adapter("bybit", lines=("usdt",)).fetch()
    (market,) = reading.markets
    assert (market.symbol, market.mark_price) == (f"{coin(held)}/USDT:USDT", 10.0 ** (held % 9 - 4))


@pytest.fixture
def listed(bench: "Bench") -> list[int]:
    """What the venue lists, as numbers of coins; one position in the first is open."""
    numbers = [1, 2]
    test_generic.routes(bench.emulator)

    def answer(asked: "Asked") -> Any:
        rows = [instrument(number) for number in numbers] if asked.params["category"] == "linear" else []
        return test_generic.ok({"list": [{**row, "status": "Trading"} for row in rows], "nextPageCursor": ""})

    bench.emulator.routes["/v5/market/instruments-info"] = answer
    hold(bench, 1)
    return numbers


def hold(bench: "Bench", number: int) -> None:
    row = {**test_generic.POSITION, "symbol": f"{coin(number)}USDT"}
    bench.emulator.routes["/v5/position/list"] = test_generic.ok({"list": [row], "nextPageCursor": ""})


def later_run(bench: "Bench", folder: Path, hours: float = 0.0) -> GenericAdapter:
    """A run of its own some hours later, with the same shelf."""
    bench.ahead += hours * 3600
    options = GenericOptions(exchange="bybit", api_key="env:EMULATED_API_KEY", secret="env:EMULATED_SECRET")  # noqa: S106 - a reference
    adapter = GenericAdapter("any", options, Context(bench.clock, {}, Shelf(folder)), bench.emulator.reroute)
    bench.closing.append(adapter)
    bench.emulator.asked.clear()
    return adapter


def asked_for_markets(bench: "Bench") -> bool:
    return "/v5/market/instruments-info" in bench.emulator.paths()


@pytest.mark.asyncio
async def test_a_list_is_kept_for_the_next_run_which_says_how_old_it_is(
    bench: "Bench", listed: list[int], tmp_path: Path
) -> None:
    first = await later_run(bench, tmp_path).fetch()
    assert asked_for_markets(bench)
    assert not any("from disk" in note for note in first.notes)
    again = await later_run(bench, tmp_path, hours=3.1).fetch()
    assert not asked_for_markets(bench)
    assert again.positions[0].symbol == first.positions[0].symbol == f"{coin(1)}/USDT:USDT"
    assert "bybit markets: from disk, 3 h old" in again.notes


@pytest.mark.asyncio
async def test_an_old_list_serves_while_it_is_asked_for_again(
    bench: "Bench", listed: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await later_run(bench, tmp_path).fetch()
    adapter = later_run(bench, tmp_path, hours=25)
    refresh, read = MarketList._refresh, asyncio.Event()

    async def afterwards(*given: Any) -> None:
        await read.wait()
        await refresh(*given)

    monkeypatch.setattr(MarketList, "_refresh", afterwards)
    reading = await adapter.fetch()
    assert "bybit markets: from disk, 25 h old" in reading.notes
    known = adapter._list
    assert known is not None
    assert known._refreshing is not None
    read.set()
    await known._refreshing
    assert asked_for_markets(bench)
    assert not any("from disk" in note for note in (await adapter.fetch()).notes)
    assert "0 min old" in " ".join((await later_run(bench, tmp_path).fetch()).notes)


@pytest.mark.asyncio
async def test_a_refresh_that_fails_leaves_the_old_list_and_a_line_in_the_log(
    bench: "Bench", listed: list[int], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await later_run(bench, tmp_path).fetch()
    adapter = later_run(bench, tmp_path, hours=25)
    bench.emulator.fail("/v5/market/instruments-info", status=503)
    assert len((await adapter.fetch()).positions) == 1
    known = adapter._list
    assert known is not None
    assert known._refreshing is not None
    await known._refreshing
    assert len((await adapter.fetch()).positions) == 1
    assert "bybit markets: could not be asked for again: Retry" in caplog.text


@pytest.mark.asyncio
async def test_a_market_that_is_not_in_the_list_has_it_asked_for_again_at_once_and_not_at_every_poll(
    bench: "Bench", listed: list[int], tmp_path: Path
) -> None:
    await later_run(bench, tmp_path).fetch()
    listed.append(3)
    hold(bench, 3)
    adapter = later_run(bench, tmp_path)
    assert [p.symbol for p in (await adapter.fetch()).positions] == [f"{coin(3)}/USDT:USDT"]
    assert asked_for_markets(bench)
    hold(bench, 4)
    bench.emulator.asked.clear()
    with pytest.raises(Retry, match=coin(4)):
        await adapter.fetch()
    assert not asked_for_markets(bench)
    bench.ahead += timedelta(minutes=2).total_seconds()
    with pytest.raises(Retry, match="no market"):
        await adapter.fetch()
    assert asked_for_markets(bench)


@pytest.mark.asyncio
async def test_markets_are_parsed_off_the_loop_and_asked_for_once_for_all_accounts(
    bench: "Bench", listed: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchanges: Any = importlib.import_module("ccxt.async_support")

    threads: list[int] = []
    index = exchanges.bybit.set_markets

    def noted(*given: Any) -> Any:
        threads.append(threading.get_ident())
        return index(*given)

    monkeypatch.setattr(exchanges.bybit, "set_markets", noted)
    one = later_run(bench, tmp_path)
    two = GenericAdapter("other", one._options, one._context, bench.emulator.reroute)
    bench.closing.append(two)
    await asyncio.gather(one.fetch(), two.fetch())
    assert len(threads) == 1
    assert threading.get_ident() not in threads


@pytest.mark.asyncio
async def test_a_recorded_session_is_read_again_from_its_own_market_list(
    bench: "Bench", listed: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generic, "Door", lambda timeout, _: Door(timeout, bench.emulator.reroute))
    options = GenericOptions(exchange="bybit", api_key="env:EMULATED_API_KEY", secret="env:EMULATED_SECRET")  # noqa: S106 - a reference
    async with recorded(SourceSpec(id="any", kind="ccxt", options=options)) as recording:
        await recording.hear()
        listed.append(3)
        hold(bench, 3)
        await recording.hear(after=120)
    path = recording.write(tmp_path / "generic.jsonl")
    monkeypatch.undo()
    found = await read_again(path)
    assert found.now == found.then
    assert [reading.positions[0].symbol for reading in found.readings] == [f"{coin(1)}/USDT:USDT", f"{coin(3)}/USDT:USDT"]
    assert not found.missing
