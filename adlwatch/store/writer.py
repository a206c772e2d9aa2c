"""The one thread that writes the history. Whoever hands something over never waits, whatever the disk does.

What cannot be written stays in memory and is tried again; `fault` says so meanwhile. What comes again soon anyway (`droppable`)
is left out when too much waits; events never are.
"""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future

from adlwatch.store.entries import Entry
from adlwatch.store.file import HistoryFile, Prepare

logger = logging.getLogger(__name__)

MOST_DROPPABLE = 64
"""Droppable entries that may wait: some minutes of them."""
STALLED_AFTER = 10.0
"""Seconds that something may wait before it is a fault."""
RETRY_AFTER = 15.0
TIDY_EVERY = 600.0

Asked = list["Future[bool]"]


class Writer:
    """Writes what is handed over into `file`, in order, as soon as it can; `tidy` is called with the open file now and then."""

    def __init__(
        self, file: HistoryFile, tidy: Prepare = lambda _: None, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.dropped = 0
        """Droppable entries that were left out."""
        self._file, self._tidy, self._monotonic = file, tidy, monotonic
        self._wake = threading.Condition()
        self._pending: list[Entry] = []
        self._asked: Asked = []
        self._closing = False
        self._oldest: float | None = None
        self._trouble: str | None = None
        self._tidied = monotonic()
        self._thread = threading.Thread(target=self._run, name="history", daemon=True)
        self._thread.start()

    @property
    def fault(self) -> str | None:
        """Why the history is not being kept, in one line; None while it is."""
        with self._wake:
            waited = 0.0 if self._oldest is None else self._monotonic() - self._oldest
            if self._trouble is None and waited > STALLED_AFTER:
                return f"{self._file.place}: has taken nothing for {waited:.0f} s; kept in memory until it does"
            return self._trouble

    def put(self, *entries: Entry) -> None:
        """Hand over what is to be written. Returns at once."""
        with self._wake:
            room = MOST_DROPPABLE - sum(entry.droppable for entry in self._pending)
            for entry in entries:
                if entry.droppable and room <= 0:
                    self.dropped += 1
                    continue
                room -= entry.droppable
                self._pending.append(entry)
            if self._pending and self._oldest is None:
                self._oldest = self._monotonic()
            self._wake.notify()

    def flush(self) -> "Future[bool]":
        """Done when everything handed over before is in the file (True), or has been refused by it (False)."""
        asked: Future[bool] = Future()
        with self._wake:
            if self._thread.is_alive():
                self._asked.append(asked)
                self._wake.notify()
            else:
                asked.set_result(not self._pending)
        return asked

    def close(self, timeout: float = 5.0) -> None:
        """Write what waits, and end; a disk that does not answer within that many seconds is left alone. Safe to call twice."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join(timeout)

    def _run(self) -> None:
        while True:
            batch, asked, closing = self._next()
            done = self._write(batch)
            for each in asked:
                each.set_result(done)
            if closing:
                break
            if not done:
                with self._wake:
                    self._wake.wait_for(lambda: self._closing or self._asked, RETRY_AFTER)
        self._file.give_up()

    def _next(self) -> tuple[list[Entry], Asked, bool]:
        """What to write now. Waits for it; an empty batch means that it is time to tidy."""
        with self._wake:
            self._wake.wait_for(lambda: self._pending or self._asked or self._closing, TIDY_EVERY)
            batch, self._pending = self._pending, []
            asked, self._asked = self._asked, []
            return batch, asked, self._closing

    def _write(self, batch: list[Entry]) -> bool:
        """Write a batch and note how that went; what was refused waits again, in front."""
        due = self._monotonic() - self._tidied >= TIDY_EVERY
        trouble = self._file.write(batch, self._tidy if due else None)
        if due and trouble is None:
            self._tidied = self._monotonic()
        refused = trouble is not None and trouble != self._file.given_up
        with self._wake:
            if refused:
                self._pending = [*(entry for entry in batch if not entry.droppable), *self._pending]
            elif self._pending:
                self._oldest = self._monotonic()
            if not self._pending:
                self._oldest = None
            if trouble != self._trouble:
                logger.warning("history: %s", trouble or "kept again")
            self._trouble = trouble
        return not refused
