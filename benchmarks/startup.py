"""Process start to first painted frame and to first board row, beside an empty Textual app, in one run on real terminals.

    python -m benchmarks.startup [rounds]

Rounds are interleaved, so that a busy machine slows all of them alike; the ratios are the result.
"""

import compileall
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

import adlwatch
from tests.e2e.terminal import terminal

EMPTY = """
from textual.app import App
from textual.widgets import Static
class Empty(App):
    def compose(self):
        yield Static("painted")
Empty().run()
"""
PROGRAMS: dict[str, tuple[Sequence[str], str]] = {
    "empty app, first frame": (("-c", EMPTY), "painted"),
    "--mock, first frame": (("-m", "adlwatch", "--mock"), "ADLWATCH"),
    "--mock, first row": (("-m", "adlwatch", "--mock"), "btc-carry"),
}
TARGETS = {"--mock, first frame": 1.5, "--mock, first row": 2.0}


def once(arguments: Sequence[str], words: str) -> float:
    """Milliseconds until the words are on screen."""
    began = perf_counter()
    with terminal(arguments) as tty:
        tty.wait_for(words)
        return (perf_counter() - began) * 1000


def main(rounds: int = 9) -> None:
    taken: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    compileall.compile_dir(Path(adlwatch.__file__).parent, quiet=1)  # as an installed program is
    for program in PROGRAMS.values():
        once(*program)  # fills the page cache
    for _ in range(rounds):
        for name, program in PROGRAMS.items():
            taken[name].append(once(*program))
    base = statistics.median(taken["empty app, first frame"])
    for name, values in taken.items():
        median = statistics.median(values)
        target = f"  (target {TARGETS[name]} ×)" if name in TARGETS else ""
        print(f"{name:<24} {median:6.0f} ms  [{min(values):.0f}–{max(values):.0f}]  {median / base:.2f} ×{target}")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:2]))
