"""How long the event loop stands still while a market list is loaded through ccxt: parsed on the loop, and as we do it.

Run from the repository: `python -m benchmarks.market_list`. The venue answers in the same process without a socket, so what is
measured is parsing and indexing alone; ccxt is imported beforehand.
"""

import asyncio
import importlib
import json
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from adlwatch.adapters.ccxt.guard import Answer
from adlwatch.adapters.ccxt.lists import MarketList
from adlwatch.adapters.ccxt.load import ccxt
from adlwatch.adapters.ccxt.unified import guarded
from adlwatch.adapters.shelf import Shelf
from tests.adapters.ccxt import test_generic, test_market_lists

LOOK = 0.002
"""Seconds between two looks at how late the loop is."""


def venue(count: int) -> Callable[..., Awaitable[Answer]]:
    """A way out that leads to so many linear markets."""
    rows = [test_market_lists.instrument(number) for number in range(count)]
    full, empty = (json.dumps(test_generic.ok({"list": each, "nextPageCursor": ""})).encode() for each in (rows, []))

    async def answer(url: str, *_: Any) -> Answer:
        return Answer(200, {}, full if "category=linear" in url else empty)

    return answer


async def stall(load: Callable[[], Awaitable[object]]) -> tuple[float, float]:
    """Worst lateness of the loop while it loads, and the time it takes, in ms."""
    worst, done = 0.0, asyncio.Event()

    async def watch() -> None:
        nonlocal worst
        while not done.is_set():
            before = time.perf_counter()
            await asyncio.sleep(LOOK)
            worst = max(worst, time.perf_counter() - before - LOOK)

    watcher = asyncio.create_task(watch())
    await asyncio.sleep(10 * LOOK)
    began = time.perf_counter()
    await load()
    took = time.perf_counter() - began
    await asyncio.sleep(2 * LOOK)
    done.set()
    await watcher
    return worst * 1000, took * 1000


async def measure(count: int, folder: Path) -> None:
    module = await ccxt()
    make = partial(guarded, module.bybit, importlib.import_module("ccxt.base.types").Entry, {"apiKey": "k", "secret": "s"})
    ask, shelf = venue(count), Shelf(folder)

    async def inline() -> None:
        exchange = make()
        exchange.door = ask
        await exchange.load_markets()

    def ours() -> Callable[[], Awaitable[None]]:
        return lambda: MarketList("bybit", "1", shelf, lambda: datetime.now(UTC)).give(make(), make, ask)

    for name, load in (("on the loop", inline), ("in a thread", ours()), ("from disk", ours())):
        worst, took = await stall(load)
        print(f"{count} markets {name}: worst stall {worst:.0f} ms, ready after {took:.0f} ms")


async def main() -> None:
    for count in (600, 2400):
        with tempfile.TemporaryDirectory() as folder:
            await measure(count, Path(folder))


if __name__ == "__main__":
    asyncio.run(main())
