"""What a process holds: memory, tasks, threads, handles."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from threading import enumerate as threads_alive

PAGE = 4096
POOL = "asyncio_"
"""How the threads of a loop's own pool are called; they outlive their work."""


@dataclass(frozen=True)
class Footprint:
    """As it stands at one moment."""

    bytes: int
    tasks: int
    threads: int
    handles: int


def footprint(loop: asyncio.AbstractEventLoop | None = None) -> Footprint:
    """Memory and handles as Linux counts them; 1 and 0 elsewhere, so that only tasks and threads are judged.

    `loop`: whose tasks, where this is asked for in another thread.
    """
    pages, handles = Path("/proc/self/statm"), Path("/proc/self/fd")
    resident = int(pages.read_text(encoding="ascii").split()[1]) * PAGE if pages.exists() else 1
    threads = [thread for thread in threads_alive() if not thread.name.startswith(POOL)]
    open_files = len(list(handles.iterdir())) if handles.exists() else 0
    return Footprint(resident, len(asyncio.all_tasks(loop)), len(threads), open_files)
