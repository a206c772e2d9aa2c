"""adlwatch, with a thread in it that notes what the process holds.

Run: `python -m benchmarks.witness FILE EVERY adlwatch-arguments…`: a line of JSON goes to FILE every so many seconds.
"""

import asyncio
import gc
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from adlwatch.cli import run
from benchmarks.footprint import Footprint, footprint
from benchmarks.stalls import Stalls


class Noted(msgspec.Struct):
    """One line."""

    at: datetime
    processor: float
    """Seconds of processor time used so far."""
    held: Footprint
    stall: float = 0.0
    """The longest that the event loop was held since the last line, in seconds."""
    busy: float = 0.0
    """The same in processor time."""


def watch(file: Path, every: float) -> None:
    """Note for ever, from the moment on when there is an event loop."""
    loop = None
    while loop is None:
        time.sleep(0.1)
        loop = _running()
    stalls = Stalls()
    asyncio.run_coroutine_threadsafe(stalls.run(), loop)
    with file.open("ab", buffering=0) as out:
        while True:
            time.sleep(every)
            worst, busiest = stalls.worst, stalls.busiest
            stalls.clear()
            noted = Noted(datetime.now(UTC), time.process_time(), footprint(loop), worst, busiest)
            out.write(msgspec.json.encode(noted) + b"\n")


def _running() -> asyncio.AbstractEventLoop | None:
    loops = (each for each in gc.get_objects() if isinstance(each, asyncio.AbstractEventLoop))
    return next((loop for loop in loops if loop.is_running()), None)


if __name__ == "__main__":
    witness = threading.Thread(target=watch, args=(Path(sys.argv[1]), float(sys.argv[2])), name="witness", daemon=True)
    witness.start()
    sys.exit(run(sys.argv[3:]))
