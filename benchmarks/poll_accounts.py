"""50 accounts on 5 venues, polled every 5 s against loopback venues in another process: loop stalls, CPU, memory.

Run from the repository: `python -m benchmarks.poll_accounts [--minutes N]`. What is measured is the polling process alone, with
the real ccxt client, signatures and our parsers; the first round (ccxt imported, connections opened) is told apart. Of several
minutes each is told, and how fast memory has grown from the second on.
"""

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from aiohttp import web

from adlwatch.adapters.base import Context
from adlwatch.adapters.ccxt.adapter import CcxtAdapter
from adlwatch.adapters.ccxt.options import CcxtOptions, build
from adlwatch.adapters.ccxt.venues import find
from tests.adapters.ccxt import test_binance, test_bitget, test_bybit, test_gate, test_okx
from tests.adapters.ccxt.conftest import KEY, PASSWORD, SECRET, Emulator

VENUES: dict[str, tuple[Callable[[Emulator], None], tuple[str, ...]]] = {
    "binance": (lambda e: test_binance.usdm(e, [test_binance.WLD]), ("usdm",)),
    "bybit": (lambda e: test_bybit.positions(e, {"USDT": [test_bybit.BTC, test_bybit.XRP]}), ("usdt",)),
    "okx": (lambda e: test_okx.okx(e, [test_okx.CROSS]), ("derivatives",)),
    "gate": (lambda e: test_gate.gate(e, [test_gate.POSITION]), ("usdt",)),
    "bitget": (lambda e: test_bitget.bitget(e, {"USDT-FUTURES": [test_bitget.POSITION, test_bitget.SHORT]}), ("usdt",)),
}
ACCOUNTS = 10
INTERVAL = 5.0
LOOK = 0.005
"""Seconds between two looks at how late the loop is."""


async def serve() -> None:
    """The other process: one loopback venue each, their ports on standard output."""
    ports: dict[str, int] = {}
    for name, (prepare, _) in VENUES.items():
        emulator = Emulator()
        prepare(emulator)
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", emulator.answer)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        ports[name] = runner.addresses[0][1]
    print(json.dumps(ports), flush=True)
    await asyncio.Event().wait()


def adapter(name: str, number: int, port: int, shared: dict[str, Any]) -> CcxtAdapter:
    """One account."""
    venue = find(name)
    login = {word: f"env:EMULATED_{word.upper()}" for word in venue.needs}
    options = CcxtOptions(**login, lines=VENUES[name][1])  # type: ignore[arg-type]  # references by name
    context = Context(lambda: datetime.now(UTC), shared)
    return build(f"{name}-{number}", venue, options, context, reroute=lambda url: f"http://127.0.0.1:{port}/{url[8:]}")


class Tally:
    """What happened: readings, failures, the worst lateness of the loop, and how much of any was our own doing."""

    readings = 0
    failures = 0
    stall = 0.0
    own = 0.0
    """Most processor time of the loop's thread between two looks, in seconds: a stall that no other program can be blamed for."""

    async def poll(self, source: CcxtAdapter, delay: float) -> None:
        """Fetch, then wait, for ever."""
        await asyncio.sleep(delay)
        while True:
            try:
                await source.fetch()
                self.readings += 1
            except Exception as error:  # noqa: BLE001 - a benchmark counts what fails
                self.failures += 1
                print(f"{source.id}: {error}")
            await asyncio.sleep(INTERVAL)

    async def watch(self) -> None:
        """How late a short sleep returns."""
        while True:
            before, used = time.perf_counter(), time.thread_time()
            await asyncio.sleep(LOOK)
            self.stall = max(self.stall, time.perf_counter() - before - LOOK)
            self.own = max(self.own, time.thread_time() - used)


async def measure(seconds: float) -> None:
    """Poll all accounts for a warm-up round and `seconds` more."""
    for name, value in (("API_KEY", KEY), ("SECRET", SECRET), ("PASSWORD", PASSWORD)):
        os.environ[f"EMULATED_{name}"] = value
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.poll_accounts", "serve", stdout=asyncio.subprocess.PIPE
    )
    assert server.stdout is not None  # noqa: S101 - it was asked for
    ports = json.loads(await server.stdout.readline())
    shared: dict[str, Any] = {}
    sources = [adapter(name, i, ports[name], shared) for name in VENUES for i in range(ACCOUNTS)]
    tally = Tally()
    step = INTERVAL / len(sources)
    tasks = [asyncio.create_task(tally.poll(source, i * step)) for i, source in enumerate(sources)]
    watcher = asyncio.create_task(tally.watch())
    await asyncio.sleep(3 * INTERVAL)
    print(f"{len(sources)} accounts; worst loop stall of the first rounds, import of ccxt included: {tally.stall * 1000:.0f} ms")
    sizes = [await stretch(tally, min(60.0, seconds)) for _ in range(max(1, round(seconds / 60)))]
    print(f"memory: at most {max(sizes):.0f} MB, {growth(sizes)}; {tally.failures} failures")
    for task in (*tasks, watcher):
        task.cancel()
    await asyncio.gather(*(source.close() for source in sources))
    server.terminate()
    await server.wait()


async def stretch(tally: Tally, seconds: float) -> float:
    """Let some time pass, tell what happened in it, and return the memory in use at its end."""
    first, tally.stall, tally.own = tally.readings, 0.0, 0.0
    cpu, started = time.process_time(), time.perf_counter()
    await asyncio.sleep(seconds)
    share = (time.process_time() - cpu) / (time.perf_counter() - started)
    memory = resident()
    stall = f"worst stall {tally.stall * 1000:.0f} ms (own work {tally.own * 1000:.0f} ms)"
    print(f"{tally.readings - first} readings in {seconds:g} s: {share:.1%} of a core, {stall}, {memory:.1f} MB", flush=True)
    return memory


def resident() -> float:
    """MB of memory that this process has in use."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def growth(sizes: list[float]) -> str:
    """The slope from the second minute on, in words."""
    settled = sizes[1:]
    if len(settled) < 3:
        return "too short a run for a slope"
    slope = float(np.polyfit(range(len(settled)), settled, 1)[0])
    return f"slope {slope:+.2f} MB a minute over {len(settled)} minutes, from {settled[0]:.1f} to {settled[-1]:.1f} MB"


if __name__ == "__main__":
    if "serve" in sys.argv:
        asyncio.run(serve())
    else:
        arguments = argparse.ArgumentParser(description=__doc__)
        arguments.add_argument("--minutes", type=float, default=0.5)
        asyncio.run(measure(60 * arguments.parse_args().minutes))
