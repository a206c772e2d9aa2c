"""Writing a recording off the event loop, and reading one back. One that breaks off is whole up to there."""

import gzip
import logging
import os
import queue
import threading
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from adlwatch.domain.recording import Head, Heard, Line, Raw, decode, encode

logger = logging.getLogger(__name__)

_GZIP = b"\x1f\x8b"


class NoRecording(ValueError):
    """A file that is no recording; the message is one line that names it."""


class Journal:
    """A recording that is being written to `path`, its head first. Raises `OSError` where that cannot be made, or is there."""

    def __init__(self, path: Path) -> None:
        self.fault: str | None = None
        """Why it has ended early, in one line."""
        self._below = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._file = gzip.GzipFile(fileobj=self._below, mode="wb", compresslevel=5)
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
            while (line := self._lines.get()) is not None:
                self._file.write(encode(line))
                if self._lines.empty():
                    self._file.flush(zlib.Z_SYNC_FLUSH)
                    self._below.flush()
            self._file.close()
            self._below.close()
        except OSError as error:
            self.fault = f"the recording ends here: {error.strerror or error}"
            logger.exception("the recording ends here")
            for file in (self._file, self._below):
                with suppress(OSError):
                    file.close()


def read(path: Path) -> tuple[Head, Iterator[Heard | Raw]]:
    """A recording: its head, and its lines as they are asked for. Raises `NoRecording`, also while lines are asked for."""
    lines = _lines(path)
    head = next(lines, None)
    if not isinstance(head, Head):
        raise NoRecording(f"{path}: is no adlwatch recording")
    return head, (line for line in lines if not isinstance(line, Head))


def _lines(path: Path) -> Iterator[Line]:
    """Compressed or plain; a last line that was not written to its end is left out."""
    number = 0
    try:
        with path.open("rb") as plain, gzip.GzipFile(fileobj=plain) as packed:
            for line in packed if plain.peek(2)[:2] == _GZIP else plain:
                number += 1
                if line.endswith(b"\n"):
                    yield decode(line)
    except EOFError:
        logger.warning("%s: breaks off after line %d", path, number)
    except (gzip.BadGzipFile, zlib.error, msgspec.DecodeError) as error:
        raise NoRecording(f"{path}: line {max(1, number)}: {error}") from None
    except OSError as error:
        raise NoRecording(f"{path}: cannot be read: {error.strerror or error}") from None
