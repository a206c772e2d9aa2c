"""From the reading that shows losses to the snapshot and the alerts that tell of them.

Run: `python -m benchmarks.incident_latency [trials]`. A real engine in real time over a book of 1,000 positions in 20 accounts;
each trial ends with a reading that brings 11,279 ADL fills, as many as one second of 10 October 2025 had on Hyperliquid
(https://www.tektonic.company/blog/hyperliquid-adl-cascade-october-10), at a moment of the engine's cycle that chance picks.
"""

import asyncio
import logging
import sys
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from random import Random
from time import perf_counter

from msgspec.structs import replace

from adlwatch.domain.alert import RuleName, Transition
from adlwatch.domain.incident import record
from adlwatch.domain.loss import compare, primed
from adlwatch.domain.model import Fill, FillKind
from adlwatch.domain.reading import Reading
from adlwatch.domain.settings import Settings
from adlwatch.domain.snapshot import Snapshot
from adlwatch.engine.clock import SystemClock
from adlwatch.engine.engine import Engine
from adlwatch.venues import profiles
from benchmarks.assess import book, milliseconds

BURST = 11_279
POSITIONS, HEDGES, ACCOUNTS = 1_000, 400, 20


def base() -> Reading:
    found = book(POSITIONS, HEDGES).sources[0].reading
    assert found is not None  # noqa: S101  # the book has one
    return found


def struck(before: Reading, now: datetime) -> Reading:
    """The reading after the burst: every position has lost its share of the fills, half its size."""
    fills = [
        Fill(
            id=str(n),
            account=position.account,
            venue=position.venue,
            symbol=position.symbol,
            side=position.side,
            size=position.size / 2 / (BURST // POSITIONS + (i < BURST % POSITIONS)),
            price=99.0,
            time=now - timedelta(seconds=1) + timedelta(seconds=n / BURST),
            kind=FillKind.ADL,
        )
        for n in range(BURST)
        for i, position in ((n % POSITIONS, before.positions[n % POSITIONS]),)
    ]
    left = tuple(replace(position, size=position.size / 2) for position in before.positions)
    return replace(before, as_of=now, received_at=now, positions=left, fills=tuple(fills))


class Source:
    """Gives the same book again and again, and once the burst."""

    id, kind, interval, timeout = "s", "bench", 0.1, 5.0
    label: str | None = None

    def __init__(self, reading: Reading) -> None:
        self.reading = replace(reading, as_of=datetime.now(UTC) - timedelta(seconds=5), received_at=datetime.now(UTC))
        self.armed = False
        self.shown = 0.0

    async def fetch(self) -> Reading:
        """The book as it is now, or the burst."""
        if self.armed:
            self.armed = False
            self.reading = struck(self.reading, datetime.now(UTC))
            self.shown = perf_counter()
        else:
            self.reading = replace(self.reading, as_of=datetime.now(UTC), received_at=datetime.now(UTC))
        return self.reading

    async def close(self) -> None:
        """Nothing is held."""


async def trial(reading: Reading, settings: Settings, wait: float) -> tuple[float, float]:
    """Seconds to the snapshot and to the last of the alerts, one an account; refuses to go on where a fill was lost."""
    source = Source(reading)
    engine = Engine([source], settings, SystemClock())
    seen: list[float] = []
    told: list[float] = []
    over = asyncio.Event()

    def look(snapshot: Snapshot) -> None:
        if snapshot.incidents and not seen:
            seen.append(perf_counter())
            counted = Counter({each.account: each.fills for each in snapshot.incidents})
            if len(snapshot.incidents) != ACCOUNTS or counted.total() != BURST:
                raise SystemExit(f"{counted.total()} fills in {len(snapshot.incidents)} incidents")

    def hear(transition: Transition) -> None:
        if transition.alert.rule is RuleName.INCIDENT:
            told.append(perf_counter())
            if len(told) == ACCOUNTS:
                over.set()

    engine.subscribe(look)
    engine.on_transition(hear)
    task = asyncio.create_task(engine.run())
    await asyncio.sleep(1.0 + wait)
    source.armed = True
    await over.wait()
    await asyncio.sleep(0.1)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    return seen[0] - source.shown, max(told) - source.shown


def percentile(values: list[float], part: float) -> float:
    return sorted(values)[min(len(values) - 1, int(part * len(values)))] * 1e3


def main() -> None:
    """Print latencies, and what comparing costs."""
    logging.disable()
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    reading, settings, random = base(), Settings(profiles=profiles()), Random(1)
    now = datetime.now(UTC)
    later = replace(reading, as_of=now, received_at=now)
    burst = struck(later, now + timedelta(seconds=1))
    tally = primed(reading)
    print(f"compare {POSITIONS:,} positions, nothing happened: {milliseconds(lambda: compare(reading, later, tally)):.1f} ms")
    took = milliseconds(lambda: record((), compare(later, burst, tally), {}))
    print(f"compare and record {BURST:,} ADL fills in one reading: {took:.0f} ms")
    times = [asyncio.run(trial(reading, settings, random.uniform(0.0, 0.35))) for _ in range(trials)]
    for name, values in (("snapshot published", [a for a, _ in times]), ("alerts dispatched", [b for _, b in times])):
        p50, p99, most = percentile(values, 0.5), percentile(values, 0.99), max(values) * 1e3
        print(f"reading → {name}, {trials} trials: median {p50:.0f} ms, p99 {p99:.0f} ms, slowest {most:.0f} ms")


if __name__ == "__main__":
    main()
