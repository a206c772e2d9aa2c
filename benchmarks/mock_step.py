"""How long the mock exchange takes: to be built, for a step on a quiet day and in a crash, for a reading.

Run: `python -m benchmarks.mock_step`. Ratios are to one sort of 20,000 numbers in the same run: absolute times move with the
machine. The same crash is run five times; each of its steps counts with the fastest of the five, which others did not disturb.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import fmean, median
from time import perf_counter

import numpy as np

from adlwatch.adapters.mock import VENUES, Options
from adlwatch.adapters.mock.adapter import MockAdapter
from adlwatch.adapters.mock.markets import MARKETS, STEP
from adlwatch.adapters.mock.scenarios import burst, scenario
from adlwatch.adapters.mock.session import Session
from adlwatch.adapters.mock.world import World

START = datetime(2026, 11, 22, 12, tzinfo=UTC)
ASKED = 11_279
"""ADL fills within one second on 10 October 2025."""


def milliseconds(work: Callable[[], object]) -> float:
    begin = perf_counter()
    work()
    return (perf_counter() - begin) * 1e3


def reference() -> float:
    numbers = np.random.default_rng(0).random(20_000)
    return median(milliseconds(lambda: np.sort(numbers)) for _ in range(99))


def steps(world: World, until: float) -> list[float]:
    taken = []
    while world.t < until:
        taken.append(milliseconds(world.step))
    return taken


async def readings() -> list[float]:
    """Fetches of all three venues, a second apart, the world already caught up with the clock by the first of them."""
    now = START
    session = Session(scenario("calm"), Options().seed, 1.0, lambda: now)
    sources = [MockAdapter(venue, session, venue, frozenset()) for venue in VENUES]
    taken = []
    for _ in range(20):
        for source in sources:
            begin = perf_counter()
            await source.fetch()
            taken.append((perf_counter() - begin) * 1e3)
        now += timedelta(seconds=1)
    return [t for i, t in enumerate(taken[3:]) if i % 3]


def line(name: str, value: float, unit: float, target: str = "") -> None:
    print(f"{name:<46} {value:8.2f} ms  {value / unit:7.1f} x a sort{target}")


def main() -> None:
    unit = reference()
    line("one sort of 20,000 numbers", unit, unit)
    World(scenario("calm"), 0)
    line(
        "build the default world",
        median(milliseconds(lambda: World(scenario("cascade"), 1)) for _ in range(7)),
        unit,
        "  (target 60 ms)",
    )
    worlds = [World(scenario("cascade"), 1) for _ in range(5)]
    holders = int((worlds[0].traders.size != 0).sum())
    quiet = [min(same) for same in zip(*(steps(world, 20.0) for world in worlds), strict=True)]
    crash = [min(same) for same in zip(*(steps(world, 45.0) for world in worlds), strict=True)]
    print(f"{holders:,} traders in {len(MARKETS)} markets, {STEP} s a step:")
    line("  quiet, mean", fmean(quiet), unit, "  (target 5 ms)")
    line("  25 s of crash with ADL, mean", fmean(crash), unit, "  (target 5 ms)")
    line("  crash, slowest", max(crash), unit)
    line("one reading of one venue, median", median(asyncio.run(readings())), unit)
    big = World(burst(ASKED), 1)
    steps(big, 15.0)
    slowest = max(steps(big, 16.0))
    own = sum(fill.kind == "adl" for fill in big.you.fills)
    line(f"burst: {own:,} own ADL fills in a second, slowest step", slowest, unit)


if __name__ == "__main__":
    main()
