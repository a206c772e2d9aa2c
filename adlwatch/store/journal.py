"""Writing a recording off the event loop. What was handed over some milliseconds ago survives even a `kill -9`."""

import gzip
import logging
import os
import queue
import threading
import zlib
from contextlib import suppress
from pathlib import Path

from adlwatch.domain.recording import Line, encode

logger = logging.getLogger(__name__)

AT_MOST = 256
"""Lines that a busy recording may lose when it is killed."""


class Journal:
    """A recording that is being written to `path`, its head first. Raises `OSError` where that cannot be made, or is there."""

    def __init__(self, path: Path) -> None:
        self.fault: str | None = None
        """Why it has ended early, in one line."""
        self._below = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._file = gzip.GzipFile(fileobj=self._below, mode="wb", compresslevel=5)
        self.size = 0
        """Bytes that are in the file, whatever happens to us."""
        self._lines: queue.SimpleQueue[Line | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    def write(self, line: Line) -> None:
        """Have a line written. Returns at once."""
        if self.fault is None:
            self._lines.put(line)

    def close(self) -> None:
        """Write what waits, and end the file. Safe to call twice."""
        self._lines.put(None)
        self._thread.join()

    def _run(self) -> None:
        try:
            waiting = 0
            while (line := self._lines.get()) is not None:
                self._file.write(encode(line))
                waiting += 1
                if waiting >= AT_MOST or self._lines.empty():
                    waiting = 0
                    self._file.flush(zlib.Z_SYNC_FLUSH)
                    self._below.flush()
                    self.size = self._below.tell()
            self._file.close()
            self.size = self._below.tell()
            self._below.close()
        except OSError as error:
            self.fault = f"the recording ends here: {error.strerror or error}"
            logger.exception("the recording ends here")
            for file in (self._file, self._below):
                with suppress(OSError):
                    file.close()
