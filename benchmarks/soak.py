"""Hours of the mock exchange through the whole engine, history included, in virtual time. Nothing may grow.

    python -m benchmarks.soak [--hours 6] [--speed 10] [SCENARIO …]
    python -m benchmarks.soak --real-minutes 30 [--terminal]

For each scenario: memory of the process after the first third and at the end, and tasks, threads and file handles at both.
Leaves with 1 where memory grew by more than 5 %, or a task, thread or handle is left over.
"""

import argparse
import asyncio
import gc
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from time import perf_counter

from adlwatch.adapters.mock import SCENARIOS, VENUES, Options, session
from adlwatch.adapters.mock.adapter import MockAdapter
from adlwatch.cli.compose import settings
from adlwatch.config import Config
from adlwatch.engine.engine import Engine
from adlwatch.engine.queues import Kept
from adlwatch.engine.recorder import Recorder, resume
from adlwatch.engine.virtual import VirtualClock
from adlwatch.store.history import History
from benchmarks import soak_real
from benchmarks.footprint import Footprint, footprint

START = datetime(2026, 11, 22, 12, tzinfo=UTC)
MOST_GROWTH = 0.05
UNDER_WAY = 1_000
"""Turns of the loop in which what is under way comes to its end: a fetch steps the simulated world, a turn a step."""


@dataclass(frozen=True)
class Soaked:
    """One scenario, soaked."""

    before: Footprint
    """Before anything was built."""
    third: Footprint
    end: Footprint
    after: Footprint
    """When all was closed."""
    snapshots: int
    incidents: int

    @property
    def growth(self) -> float:
        """Of memory from the first third to the end, as a fraction."""
        return self.end.bytes / self.third.bytes - 1.0

    @property
    def leaks(self) -> list[str]:
        """What is there that should not be."""
        found = []
        if self.growth > MOST_GROWTH:
            found.append(f"memory grew by {self.growth:.1%}")
        for name in ("tasks", "threads", "handles"):
            if getattr(self.end, name) > getattr(self.third, name):
                found.append(f"{name} grew from {getattr(self.third, name)} to {getattr(self.end, name)}")
            if getattr(self.after, name) > getattr(self.before, name):
                found.append(f"{getattr(self.after, name) - getattr(self.before, name)} {name} left over")
        return found


def settled() -> Footprint:
    """What is held when what nobody refers to is gone."""
    gc.collect()
    return footprint()


async def at_once(compute: Callable[[], Kept]) -> Kept:
    """Where the engine would use a thread: virtual time does not wait for one."""
    return compute()


async def soak(scenario: str, seconds: float, speed: float, directory: Path) -> Soaked:
    """Run one scenario for that many seconds of its world, at that many of them a second of the engine."""
    before, clock, judged_by = settled(), VirtualClock(START), settings(Config())
    world = session(Options(scenario=scenario, speed=speed), clock.now)
    world.build()
    history = History(directory / f"{scenario}.sqlite3", clock.now)
    recorder = Recorder(history, judged_by.profiles, resume(history, clock.now()))
    adapters = [MockAdapter(venue, world, venue, frozenset()) for venue in VENUES]
    engine = Engine(adapters, judged_by, clock, random=Random(1), offload=at_once, recorder=recorder)
    count = 0

    def heard(_: object) -> None:
        nonlocal count
        count += 1

    engine.subscribe(heard)
    task = asyncio.create_task(engine.run())
    third = before
    for n in range(9):
        await clock.advance(seconds / speed / 9)
        await asyncio.wrap_future(history.flush())
        for _ in range(UNDER_WAY):
            await asyncio.sleep(0)
        third = settled() if n == 2 else third
    end = settled()
    task.cancel()
    await asyncio.wait([task])
    incidents = len(engine.snapshot.incidents)
    await engine.close()
    del task, engine, recorder, adapters, world
    return Soaked(before, third, end, settled(), count, incidents)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=6.0)
    parser.add_argument("--speed", type=float, default=10.0)
    parser.add_argument("scenarios", nargs="*", default=[scenario.name for scenario in SCENARIOS])
    parser.add_argument("--real-minutes", type=float, help="of the real program, in real time: benchmarks/soak_real.py")
    parser.add_argument("--terminal", action="store_true", help="of its screen, in place of `watch --headless`")
    asked = parser.parse_args()
    if asked.real_minutes:
        return soak_real.main(asked.real_minutes, terminal=asked.terminal)
    leaking = 0
    print(f"{asked.hours:g} h of each scenario, {asked.speed:g} of its seconds a second\n")
    print(f"{'scenario':14} {'MB at 1/3':>10} {'MB at end':>10} {'growth':>7} {'snapshots':>10} {'incidents':>10} {'took':>7}")
    for name in asked.scenarios:
        began = perf_counter()
        with tempfile.TemporaryDirectory() as directory:
            found = asyncio.run(soak(name, asked.hours * 3600, asked.speed, Path(directory)))
        took = perf_counter() - began
        figures = f"{found.third.bytes / 1e6:10.1f} {found.end.bytes / 1e6:10.1f} {found.growth:7.1%}"
        print(
            f"{name:14} {figures} {found.snapshots:10,} {found.incidents:10} {took:5.0f} s  {'; '.join(found.leaks)}", flush=True
        )
        leaking += bool(found.leaks)
    return min(leaking, 1)


if __name__ == "__main__":
    sys.exit(main())
