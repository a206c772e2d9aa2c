"""A venue with 600 markets, of which one is held: lists are taken whole, and only what is held comes out."""

from typing import TYPE_CHECKING, Any

import pytest

from tests.adapters.ccxt import test_bybit, test_generic

if TYPE_CHECKING:
    from tests.adapters.ccxt.conftest import Asked, Bench

pytest.importorskip("ccxt", reason="ccxt is not installed (pip install adlwatch[ccxt])")
COUNT = 600
STATES = ("Trading", "PreLaunch", "Delivering", "Closed")
"""Every 50th market is not traded any more, or not yet."""


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
