"""The live table under load, beside Textual's DataTable and an empty app, on real terminals of 140×40, in one run.

    python -m benchmarks.live_table [seconds]

Every row changes at 2 Hz while keys come at random, 30 to 120 ms apart. CPU is that of the whole process including the feed
that makes the changes; key-to-paint is the time from writing a key to the terminal until its count comes back.
"""

import os
import re
import select
import statistics
import sys
from dataclasses import dataclass
from pathlib import Path
from random import Random
from time import perf_counter

from tests.e2e.terminal import Terminal, terminal

HERTZ = 2
RUNS = (("empty", 0), ("ours", 500), ("datatable", 500), ("ours", 5_000))
TICKS = os.sysconf("SC_CLK_TCK")
COUNT = re.compile(rb"K(\d+)\.")


@dataclass
class Figures:
    """What one run measured."""

    cpu: float
    paints: list[float]
    bytes_per_tick: float
    memory: float

    def line(self, name: str) -> str:
        """For people."""
        worst = statistics.quantiles(self.paints, n=100)[98]
        return (
            f"{name:<16} CPU {self.cpu:5.1f} %   key to paint p50 {statistics.median(self.paints):6.1f} ms, p99 {worst:6.1f} ms"
            f"   {self.bytes_per_tick / 1000:6.1f} kB a tick   {self.memory:4.0f} MB"
        )


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def peak_memory(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]  # Linux always has it


def measure(name: str, rows: int, seconds: float) -> Figures:
    arguments = ("-m", "benchmarks.live_table_app", name, str(rows), str(HERTZ))
    with terminal(arguments, size=(140, 40)) as tty:
        tty.wait_for(*(("account-",) if rows else ("K0.",)))
        drain(tty, 2.0, None)  # settle: caches, garbage collection of the start
        began, cpu = perf_counter(), cpu_seconds(tty.process.pid)
        written, paints = press_keys(tty, seconds)
        elapsed = perf_counter() - began
        used = (cpu_seconds(tty.process.pid) - cpu) / elapsed * 100
        return Figures(used, paints, written / elapsed / HERTZ, peak_memory(tty.process.pid))


def press_keys(tty: Terminal, seconds: float) -> tuple[int, list[float]]:
    """Bytes that came, and milliseconds from each key to its paint."""
    random, paints, written, pressed = Random(1), [], 0, 0
    end = perf_counter() + seconds
    while perf_counter() < end:
        written += drain(tty, random.uniform(0.03, 0.12), None)
        pressed += 1
        at = perf_counter()
        tty.press(random.choice("jk"))
        written += drain(tty, 30.0, pressed)
        paints.append((perf_counter() - at) * 1000)
    return written, paints


def drain(tty: Terminal, seconds: float, until: int | None) -> int:
    """Read for that long, or until the count of keys has come; the bytes read. No terminal is emulated: it would cost CPU."""
    end, taken, tail = perf_counter() + seconds, 0, b""
    while (left := end - perf_counter()) > 0:
        if not select.select([tty.master], [], [], left)[0]:
            break
        data = os.read(tty.master, 65_536)
        taken += len(data)
        tail = tail[-16:] + data
        if until is not None and any(int(n) >= until for n in COUNT.findall(tail)):
            break
    return taken


def main(seconds: float = 20.0) -> None:
    for name, rows in RUNS:
        print(measure(name, rows, seconds).line(f"{name} {rows:,}" if rows else name), flush=True)


if __name__ == "__main__":
    main(*(float(argument) for argument in sys.argv[1:2]))
