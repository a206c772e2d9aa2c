"""The live board under load, beside Textual's DataTable, an empty app and other monitors: real terminals of 140×40, one run.

    python -m benchmarks.live_table [--seconds 12] [--rounds 5] [--other "COMMAND" …]

Every row changes at 2 Hz while keys come at random, 30 to 120 ms apart, and then for half as long without keys. CPU is that of
the whole process including the feed that makes the changes; key-to-paint is the time from writing a key to the terminal until
its count comes back. Another program (`--other`, any command that draws on a terminal) is measured at its own pace, without keys.
The first frame is there with thirty characters on the screen; the programs take turns, so that a busy machine slows all alike.
"""

import argparse
import compileall
import os
import re
import select
import shlex
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from time import perf_counter

import adlwatch
from tests.e2e.terminal import Terminal, terminal

HERTZ = 2
RUNS = (("empty", 0), ("ours", 500), ("datatable", 500), ("ours", 5_000))
SIZE = (140, 40)
TICKS = os.sysconf("SC_CLK_TCK")
COUNT = re.compile(rb"K(\d+)\.")
FIRST_FRAME = 30
"""Characters on the screen."""
COMMAND = "import os, sys; os.execvp(sys.argv[1], sys.argv[1:])"
EMPTY = """
from textual.app import App
from textual.widgets import Static
class Empty(App):
    def compose(self):
        yield Static("an empty application that has been painted")
Empty().run()
"""


@dataclass
class Figures:
    """What one run measured: CPU in % of a core with keys and without, milliseconds to each paint, MB."""

    cpu: float
    quiet: float
    paints: list[float]
    bytes_per_tick: float
    memory: float

    def line(self, name: str) -> str:
        """For people."""
        keys = f"{'':<33}"
        if self.paints:
            worst = statistics.quantiles(self.paints, n=100)[98]
            keys = f"key to paint p50 {statistics.median(self.paints):5.1f}, p99 {worst:5.1f} ms"
        cpu = (
            f"CPU {self.cpu:5.1f} %, without keys {self.quiet:5.1f} %"
            if self.paints
            else f"CPU {'':15}without keys {self.quiet:5.1f} %"
        )
        return f"{name:<16} {cpu}   {keys}   {self.bytes_per_tick / 1000:6.1f} kB a tick   {self.memory:4.0f} MB"


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def peak_memory(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]  # Linux always has it


def measure(name: str, rows: int, seconds: float) -> Figures:
    """One of our programs, with keys and then without."""
    arguments = ("-m", "benchmarks.live_table_app", name, str(rows), str(HERTZ))
    with terminal(arguments, size=SIZE) as tty:
        tty.wait_for(*(("account-",) if rows else ("K0.",)))
        drain(tty, 2.0, None)  # settle: caches, garbage collection of the start
        began, cpu = perf_counter(), cpu_seconds(tty.process.pid)
        written, paints = press_keys(tty, seconds)
        elapsed = perf_counter() - began
        used = (cpu_seconds(tty.process.pid) - cpu) / elapsed * 100
        return Figures(used, watch(tty, seconds / 2)[0], paints, written / elapsed / HERTZ, peak_memory(tty.process.pid))


def measure_other(command: str, seconds: float) -> Figures:
    """Somebody else's program, watched at its own pace; its bytes are told per half second, as ours are."""
    with terminal(("-c", COMMAND, *shlex.split(command)), size=SIZE) as tty:
        tty.until(drawn, "no first frame")
        drain(tty, 5.0, None)
        quiet, written = watch(tty, seconds)
        return Figures(quiet, quiet, [], written / seconds / HERTZ, peak_memory(tty.process.pid))


def watch(tty: Terminal, seconds: float) -> tuple[float, int]:
    """CPU in % and bytes of a program that nobody touches."""
    cpu = cpu_seconds(tty.process.pid)
    written = drain(tty, seconds, None)
    return (cpu_seconds(tty.process.pid) - cpu) / seconds * 100, written


def drawn(text: str) -> bool:
    return len("".join(text.split())) >= FIRST_FRAME


def first_frame(arguments: Sequence[str]) -> float:
    """Milliseconds from the start of the process."""
    began = perf_counter()
    with terminal(arguments, size=SIZE) as tty:
        tty.until(drawn, "no first frame")
        return (perf_counter() - began) * 1000


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


def first_frames(others: Sequence[str], rounds: int) -> None:
    programs = {"empty": ("-c", EMPTY), "adlwatch --mock": ("-m", "adlwatch", "--mock")}
    programs |= {shlex.split(other)[0].rpartition("/")[2]: ("-c", COMMAND, *shlex.split(other)) for other in others}
    compileall.compile_dir(Path(adlwatch.__file__).parent, quiet=1)  # as an installed program is
    for arguments in programs.values():
        first_frame(arguments)  # fills the page cache
    taken: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(rounds):
        for name, arguments in programs.items():
            taken[name].append(first_frame(arguments))
    base = statistics.median(taken["empty"])
    for name, values in taken.items():
        print(
            f"{name:<16} first frame {statistics.median(values):5.0f} ms, {statistics.median(values) / base:.2f} x the empty app"
        )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=12.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--other", action="append", default=[], help="another program on a terminal (repeatable)")
    given = parser.parse_args()
    for name, rows in RUNS:
        print(measure(name, rows, given.seconds).line(f"{name} {rows:,}" if rows else name), flush=True)
    for other in given.other:
        print(measure_other(other, given.seconds).line(shlex.split(other)[0].rpartition("/")[2]), flush=True)
    first_frames(given.other, given.rounds)


if __name__ == "__main__":
    main()
