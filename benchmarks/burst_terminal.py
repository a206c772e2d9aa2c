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


def held(notes: Path, since: datetime, until: datetime) -> float:
    """The longest that the loop was held in that time, in seconds."""
    noted = (msgspec.json.decode(line, type=Noted) for line in notes.read_bytes().splitlines())
    return max((each.stall for each in noted if since <= each.at <= until), default=0.0)


def trial(command: Sequence[str], folder: Path, random: Random, *, struck: bool) -> tuple[list[float], list[float], float, float]:
    """Waits of keys before the burst and during it, and the longest stalls of both."""
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
        tty.press("\x03")
        tty.ended()
    return before, during, held(notes, begun, hit), held(notes, hit, over)


def figures(name: str, waits: list[float], stalls: list[float]) -> None:
    cuts = statistics.quantiles(waits, n=100)
    print(
        f"{name:<24} {len(waits)} keys answered: median {cuts[49] * 1e3:.0f} ms, p99 {cuts[98] * 1e3:.0f} ms;"
        f" loop held at most: median {statistics.median(stalls) * 1e3:.0f} ms, worst {max(stalls) * 1e3:.0f} ms",
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
        before, during, calm, burst = zip(*found, strict=True)
        figures(f"{name}, before", [wait for part in before for wait in part], list(calm))
        figures(f"{name}, in the burst", [wait for part in during for wait in part], list(burst))


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:2]))
