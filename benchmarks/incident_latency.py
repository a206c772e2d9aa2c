"""From the reading that shows losses to the snapshot, the alerts, and the channels that tell of them.

Run: `python -m benchmarks.incident_latency [trials]`. A real engine in real time over a book of 1,000 positions in 20 accounts,
with a history on disk and three Apprise channels into a receiver on this machine. Each trial ends with a reading that brings
11,279 ADL fills in all accounts, as many as one second of 10 October 2025 had on Hyperliquid
(https://www.tektonic.company/blog/hyperliquid-adl-cascade-october-10), or a single one, at a moment of the engine's cycle that
chance picks. Leaves with 1 where the last alert was dispatched after more than a second in the 99th percentile.
"""

import asyncio
import logging
import os
import sys
import tempfile
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from time import perf_counter

from msgspec.structs import replace

from adlwatch.domain.alert import Change, RuleName, Transition
from adlwatch.domain.channel import Channel
from adlwatch.domain.incident import record
from adlwatch.domain.loss import compare, primed
from adlwatch.domain.model import Fill, FillKind
from adlwatch.domain.reading import Reading
from adlwatch.domain.settings import Settings
from adlwatch.domain.snapshot import Snapshot
from adlwatch.engine.clock import Clock, FasterClock
from adlwatch.engine.engine import SHORTEST, Engine
from adlwatch.engine.outbox import Outbox
from adlwatch.engine.recorder import Recorder
from adlwatch.engine.senders import AppriseSender
from adlwatch.store.history import History
from adlwatch.venues import profiles
from benchmarks.assess import book, milliseconds
from benchmarks.stalls import Stalls
from tests.engine.receiver import Receiver, receiving

BURST = 11_279
POSITIONS, HEDGES, ACCOUNTS = 1_000, 400, 20
START = datetime(2026, 11, 22, 12, tzinfo=UTC)
LIMIT = 1.0
DISPATCHED = "last alert dispatched"
CHANNELS = {
    "webhook": ("json://127.0.0.1:{port}/json", "/json"),
    "ntfy": ("ntfy://127.0.0.1:{port}/bench", "/"),
    "mattermost": ("mmost://127.0.0.1:{port}/0123456789abcdef01234567", "/hooks/0123456789abcdef01234567"),
}
"""Kinds of Apprise channel that can be pointed at this machine, and the paths of their requests. Mattermost has Slack's JSON."""


def base() -> Reading:
    """A book in which nothing is the matter."""
    found = book(POSITIONS, HEDGES).sources[0].reading
    assert found is not None  # noqa: S101  # the book has one
    calm = tuple(replace(p, venue_light=None, liquidation_price=None, maintenance_margin=1.0) for p in found.positions)
    return replace(found, as_of=START, received_at=START, positions=calm)


def struck(before: Reading, fills: int) -> Reading:
    """The reading after so many fills within a second: every position hit has lost half its size."""
    count = len(before.positions)
    hit = [
        Fill(
            id=str(n),
            account=position.account,
            venue=position.venue,
            symbol=position.symbol,
            side=position.side,
            size=position.size / 2 / (fills // count + (i < fills % count)),
            price=99.0,
            time=before.as_of + timedelta(seconds=(n + 1) / fills),
            kind=FillKind.ADL,
        )
        for n in range(fills)
        for i, position in ((n % count, before.positions[n % count]),)
    ]
    left = tuple(replace(p, size=p.size / 2) if i < fills else p for i, p in enumerate(before.positions))
    return replace(before, positions=left, fills=tuple(hit))


class Source:
    """Gives the same book again and again, as of before all fills at first, and from some moment on what has struck it."""

    id, kind, timeout = "s", "bench", 5.0
    interval = 0.1
    label: str | None = None

    def __init__(self, before: Reading, after: Reading, clock: Clock) -> None:
        self._reading, self._after, self._clock = before, after, clock
        self._armed = self._begun = False
        self.shown = 0.0

    def strike(self) -> None:
        """Bring it with the next fetch."""
        self._armed = True

    async def fetch(self) -> Reading:
        """The book as it is."""
        now, self._begun = self._clock.now() if self._begun else self._reading.as_of, True
        if self._armed and not self.shown:
            self._reading, self.shown = self._after, perf_counter()
        return replace(self._reading, as_of=now, received_at=now)

    async def close(self) -> None:
        """Nothing is held."""


@dataclass
class Seen:
    """When a trial's losses were seen, and where, by `perf_counter`."""

    accounts: int
    fills: int
    snapshot: float = 0.0
    told: dict[str, float] = field(default_factory=dict)
    """By account."""
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def look(self, snapshot: Snapshot) -> None:
        """Refuse to go on where a fill was lost."""
        if snapshot.incidents and not self.snapshot:
            self.snapshot = perf_counter()
            counted = Counter({each.account: each.fills for each in snapshot.incidents})
            if len(snapshot.incidents) != self.accounts or counted.total() != self.fills:
                raise SystemExit(f"{counted.total()} fills in {len(snapshot.incidents)} incidents")

    def hear(self, transition: Transition) -> None:
        """An alert about an incident."""
        alert = transition.alert
        if alert.rule is RuleName.INCIDENT and transition.change is Change.RAISED:
            if alert.account in self.told:
                raise SystemExit(f"{alert.account} was told twice")
            self.told[alert.account] = perf_counter()
            if len(self.told) == self.accounts:
                self.over.set()


@dataclass
class Bench:
    """What trials share."""

    settings: Settings
    folder: Path
    receiver: Receiver
    random: Random = field(default_factory=lambda: Random(1))

    async def trial(self, before: Reading, after: Reading) -> dict[str, float]:
        """Seconds from the reading to what there is to reach, and how long the loop was held at most."""
        clock = FasterClock(START + timedelta(seconds=1), 1.0)
        source, seen = Source(before, after, clock), Seen(len({fill.account for fill in after.fills}), len(after.fills))
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            recorder = Recorder(History(Path(folder) / "h.sqlite3", clock.now), self.settings.profiles)
            engine = Engine([source], self.settings, clock, recorder=recorder)
            senders = [(Channel(name=kind), AppriseSender(f"env:BENCH_{kind.upper()}")) for kind in CHANNELS]
            ready = asyncio.Semaphore(0)
            outbox = Outbox(senders, clock, recorder.history, lambda _part, _why: ready.release())
            engine.on_transition(outbox.hear)
            engine.serve("channels", outbox.run)
            engine.subscribe(seen.look)
            engine.on_transition(seen.hear)
            self.receiver.requests.clear()
            async with Stalls() as stalls:
                running = asyncio.create_task(engine.run())
                for _ in senders:
                    await ready.acquire()
                await asyncio.sleep(self.random.uniform(0.0, SHORTEST + Source.interval))
                stalls.clear()
                source.strike()
                await seen.over.wait()
                received = await self._received(seen.accounts)
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
            await engine.close()
        reached = {"snapshot published": seen.snapshot, DISPATCHED: max(seen.told.values())} | received
        return {name: at - source.shown for name, at in reached.items()} | {
            "loop held at most": stalls.worst,
            "loop held at most, processor time": stalls.busiest,
        }

    async def _received(self, alerts: int) -> dict[str, float]:
        """When the last of so many alerts had come in through each channel."""
        async with asyncio.timeout(10):
            while True:
                found = {name: self._moments(path) for name, (_, path) in CHANNELS.items()}
                if all(len(moments) >= alerts for moments in found.values()):
                    return {f"last alert received, {name}": moments[alerts - 1] for name, moments in found.items()}
                await asyncio.sleep(0.01)

    def _moments(self, path: str) -> list[float]:
        requests = [each for each in tuple(self.receiver.requests) if each.path == path]
        return [each.at for each in requests for _ in range(each.body.count(b"|incident"))]


def percentile(values: list[float], part: float) -> float:
    return sorted(values)[min(len(values) - 1, int(part * len(values)))] * 1e3


def comparing(before: Reading, burst: Reading) -> None:
    later = replace(before, as_of=START + timedelta(seconds=1))
    tally = primed(before)
    print(f"compare {POSITIONS:,} positions, nothing happened: {milliseconds(lambda: compare(before, later, tally), 10):.1f} ms")
    took = milliseconds(lambda: record((), compare(before, burst, tally), {}), 10)
    print(f"compare and record {BURST:,} ADL fills in one reading: {took:.0f} ms")


def main() -> int:
    """Print latencies, and what comparing costs."""
    logging.disable()
    trials, before = int(sys.argv[1]) if len(sys.argv) > 1 else 100, base()
    readings = {f"{fills:,} ADL fill{'s' * (fills > 1)}": struck(before, fills) for fills in (BURST, 1)}
    comparing(before, readings[f"{BURST:,} ADL fills"])
    late = False
    with receiving() as receiver, tempfile.TemporaryDirectory() as folder:
        for kind, (url, _) in CHANNELS.items():
            os.environ[f"BENCH_{kind.upper()}"] = url.format(port=receiver.port)
        bench = Bench(Settings(profiles=profiles()), Path(folder), receiver)
        for name, after in readings.items():
            found = [asyncio.run(bench.trial(before, after)) for _ in range(trials)]
            for what in found[0]:
                values = [each[what] for each in found]
                p50, p99, most = percentile(values, 0.5), percentile(values, 0.99), max(values) * 1e3
                print(f"{name}, {trials} trials: {what}: median {p50:.0f} ms, p99 {p99:.0f} ms, slowest {most:.0f} ms")
                late |= what == DISPATCHED and p99 > LIMIT * 1e3
    return int(late)


if __name__ == "__main__":
    sys.exit(main())
