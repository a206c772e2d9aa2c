"""The history: what this run hands over to be kept, and what it and earlier runs have kept."""

from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime, timedelta
from pathlib import Path

from adlwatch.log import state_directory
from adlwatch.store.entries import Entry
from adlwatch.store.file import HistoryFile
from adlwatch.store.reader import Reader
from adlwatch.store.retention import tidy
from adlwatch.store.writer import Writer

DEFAULT_KEEP = timedelta(days=90)


def default_path() -> Path:
    """Where the history lies unless the configuration says otherwise (Linux: ~/.local/state/adlwatch/history.sqlite3)."""
    return state_directory() / "history.sqlite3"


class History:
    """The history at `path`, or in memory where that is None: kept off the event loop, never blocking, never raising.

    `keep`: how long changes, lights and orders are remembered; incidents are for good.
    """

    def __init__(self, path: Path | None, clock: Callable[[], datetime], keep: timedelta = DEFAULT_KEEP) -> None:
        self._file = HistoryFile(path)
        self._writer = Writer(self._file, lambda connection: tidy(connection, clock(), keep))

    @property
    def fault(self) -> str | None:
        """Why nothing is being kept, in one line; None while all is well."""
        return self._writer.fault

    @property
    def keeping(self) -> bool:
        """Whether this process keeps the history. While another one does, all but `decision` entries are left to that one."""
        return self._file.keeping

    @property
    def read(self) -> Reader:
        """What has been kept. Blocks: ask off the event loop."""
        return Reader(self._file.place)

    def put(self, *entries: Entry) -> None:
        """Have these kept. Returns at once."""
        self._writer.put(*entries)

    def flush(self) -> "Future[bool]":
        """Done when everything handed over before is safe (True), or could not be written (False)."""
        return self._writer.flush()

    def close(self) -> None:
        """Write what waits. Blocks for seconds at most; safe to call twice."""
        self._writer.close()
