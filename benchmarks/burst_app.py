"""The real terminal over the book of `incident_latency`; SIGUSR1 strikes it. Run by `burst_terminal`: NOTES HISTORY."""

import signal
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import replace

from adlwatch.cli.behind import behind
from adlwatch.domain.settings import Settings
from adlwatch.engine.clock import SystemClock
from adlwatch.engine.engine import Engine
from adlwatch.engine.recorder import Recorder
from adlwatch.store.history import History
from adlwatch.tui.control import Backend
from adlwatch.tui.run import run
from adlwatch.venues import profiles
from benchmarks.incident_latency import BURST, Source, base, struck
from benchmarks.witness import watch

EVERY = 0.2


def main(notes: Path, history: Path) -> int:
    now = datetime.now(UTC)
    before = replace(base(), as_of=now, received_at=now)
    source, clock = Source(before, struck(before, BURST), SystemClock()), SystemClock()
    source.interval = 1.0
    signal.signal(signal.SIGUSR1, lambda *_: source.strike())
    threading.Thread(target=watch, args=(notes, EVERY), daemon=True).start()

    def start() -> Backend:
        judged_by = Settings(profiles=profiles())
        recorder = Recorder(History(history, clock.now), judged_by.profiles)
        return behind(Engine([source], judged_by, clock, recorder=recorder), judged_by, history=recorder.history)

    return run(start)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
