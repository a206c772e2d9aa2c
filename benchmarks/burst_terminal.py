"""The screen while 11,279 ADL fills come in at once: how long its loop is held, and how long a key waits for its paint.

Run: `python -m benchmarks.burst_terminal [trials]`. The real terminal of 140×40 on two books: the 1,000 positions in 20
accounts of `incident_latency`, all of them hit, with a history on disk; and the mock exchange's `burst`, whose 141,000 traders
are simulated on the same event loop. Keys change the screen, 30 to 120 ms after the last was painted; painted is when the new
screen's header comes. A key that the incident screen came before, which opens by itself, is pressed again after a second.
"""

import os
import select
import signal
import statistics
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from time import perf_counter
from typing import NamedTuple

import msgspec

from benchmarks.live_table import drain
from benchmarks.witness import Noted
from tests.e2e.terminal import Terminal
from tests.e2e.terminal import terminal as on_terminal

SETTLE, BEFORE, DURING = 3.0, 5.0, 5.0
AGAIN = 1.0
SCREENS = (("2", b"POSITION   "), ("1", b"HEDGE / LEG"))
"""Keys, and the header of the screen that each opens."""
MOCK = """
[[source]]
id = "burst"
kind = "mock"
venue = "mock-alpha"
scenario = "burst"
fills = 11279

[history]
path = "{history}"
"""
HIT_AT = 15.0
"""Second of the mock's world in which the gap comes."""


def keys(tty: Terminal, seconds: float, random: Random) -> list[float]:
    """Press keys for that long; seconds until each was painted."""
    paints, end, n = [], perf_counter() + seconds, 0
    while perf_counter() < end:
        drain(tty, random.uniform(0.03, 0.12), None)
        key, header = SCREENS[n % len(SCREENS)]
        tty.press(key)
        at, seen = perf_counter(), b""
        while header not in seen and perf_counter() - at < AGAIN:
            if select.select([tty.master], [], [], AGAIN)[0]:
                seen = seen[-32:] + os.read(tty.master, 65_536)
        paints.append(perf_counter() - at)
        n += header in seen
    return paints


class Part(NamedTuple):
    """What was measured before a burst, or in it; seconds."""

    waits: list[float]
    """Of keys."""
    held: float
    """The loop, at most."""
    busy: float
    """The same in processor time."""


def part(waits: list[float], notes: Path, since: datetime, until: datetime) -> Part:
    noted = (msgspec.json.decode(line, type=Noted) for line in notes.read_bytes().splitlines())
    within = [each for each in noted if since <= each.at <= until]
    return Part(waits, max(each.stall for each in within), max(each.busy for each in within))


def trial(command: Sequence[str], folder: Path, random: Random, *, struck: bool) -> tuple[Part, Part]:
    """Before the burst, and in it."""
    notes = folder / "notes"
    with on_terminal(command, size=(140, 40), environ={"HOME": str(folder), "XDG_STATE_HOME": str(folder)}) as tty:
        tty.wait_for("HEDGE / LEG")
        drain(tty, SETTLE if struck else HIT_AT - BEFORE - 1.0, None)
        begun = datetime.now(UTC)
        before = keys(tty, BEFORE, random)
        hit = datetime.now(UTC)
        if struck:
            tty.process.send_signal(signal.SIGUSR1)
        during = keys(tty, DURING, random)
        over = datetime.now(UTC)
    return part(before, notes, begun, hit), part(during, notes, hit, over)


def figures(name: str, parts: Sequence[Part]) -> None:
    cuts = statistics.quantiles([wait for part in parts for wait in part.waits], n=100)
    held, busy = (statistics.median(values) * 1e3 for values in ([part.held for part in parts], [part.busy for part in parts]))
    print(
        f"{name:<30} {sum(len(part.waits) for part in parts)} keys: median {cuts[49] * 1e3:.0f} ms, p99 {cuts[98] * 1e3:.0f} ms;"
        f" loop held at most: median {held:.0f} ms, worst {max(part.held for part in parts) * 1e3:.0f} ms,"
        f" processor time {busy:.0f} ms",
        flush=True,
    )


def main(trials: int = 5) -> None:
    random = Random(1)
    for name, struck in (("1,000 positions", True), ("mock burst", False)):
        found = []
        for _ in range(trials):
            with tempfile.TemporaryDirectory() as directory:
                folder = Path(directory)
                notes, history, config = folder / "notes", folder / "h.sqlite3", folder / "config.toml"
                config.write_text(MOCK.format(history=history), encoding="utf-8")
                ours = ("-m", "benchmarks.burst_app", str(notes), str(history))
                mock = ("-m", "benchmarks.witness", str(notes), "0.2", "--config", str(config))
                found.append(trial(ours if struck else mock, folder, random, struck=struck))
        for when, parts in zip(("before", "in the burst"), zip(*found, strict=True), strict=True):
            figures(f"{name}, {when}", parts)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:2]))
