"""Writing for a reader that may be slow: a thread of its own writes, and where too much waits the newest wins."""

import threading
from collections import deque
from collections.abc import Callable


class Outlet:
    """Writes what it is given, in order, at most `most` pieces of it waiting at a time.

    `write` may block for as long as it likes. `skipped` is told how many pieces were passed over since the last one written;
    `closed` is called when `write` raises `OSError`: the reader is gone. Both are called in the writing thread.
    """

    def __init__(
        self,
        write: Callable[[bytes], None],
        *,
        skipped: Callable[[int], None],
        closed: Callable[[], None],
        most: int = 1,
    ) -> None:
        self._write, self._skipped, self._closed = write, skipped, closed
        self._wake = threading.Condition()
        self._waiting: deque[Callable[[], bytes]] = deque(maxlen=most)
        self._missed = 0
        self._over = False
        self._thread = threading.Thread(target=self._run, name="outlet", daemon=True)
        self._thread.start()

    def put(self, piece: Callable[[], bytes]) -> None:
        """Have `piece()` written, in place of the oldest that waits where there is no room. Returns at once."""
        with self._wake:
            self._missed += len(self._waiting) == self._waiting.maxlen
            self._waiting.append(piece)
            self._wake.notify()

    def close(self, timeout: float = 1.0) -> None:
        """Write what waits and end; a reader that takes nothing for that many seconds is left alone."""
        with self._wake:
            self._over = True
            self._wake.notify()
        self._thread.join(timeout)

    def _run(self) -> None:
        while (taken := self._take()) is not None:
            piece, missed = taken
            if missed:
                self._skipped(missed)
            try:
                self._write(piece())
            except OSError:
                self._closed()
                return

    def _take(self) -> tuple[Callable[[], bytes], int] | None:
        """The next piece, and how many were passed over; None when there will be no more."""
        with self._wake:
            self._wake.wait_for(lambda: self._waiting or self._over)
            if not self._waiting:
                return None
            missed, self._missed = self._missed, 0
            return self._waiting.popleft(), missed
