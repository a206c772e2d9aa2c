"""Reading a recording back. One that breaks off, because the program that wrote it was ended, is whole up to there."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from adlwatch.domain.recording import Head, Line, decode

_GZIP = b"\x1f\x8b"


class NoRecording(ValueError):
    """A file that is no recording; the message is one line that names it."""


class Unreadable(NoRecording):
    """A file that cannot be read at all, perhaps not yet."""


class RecordingFile:
    """The recording at `path`, compressed or plain, read as far as it is asked for.

    Raises `NoRecording`, also while its lines are asked for.
    """

    def __init__(self, path: Path) -> None:
        self.note: str | None = None
        """That it breaks off, once its end has been seen."""
        self.path = path
        self.lines: Iterator[Line] = self._read()
        """All after the first."""
        head = next(self.lines, None)
        if not isinstance(head, Head):
            raise NoRecording(f"{path}: is no adlwatch recording")
        self.head = head

    def _read(self) -> Iterator[Line]:
        number = 0
        try:
            for line in self._whole_lines():
                number += 1
                yield decode(line)
        except EOFError:
            self.note = f"{self.path}: breaks off after line {number}, as when its writer is killed; whole up to there"
        except (gzip.BadGzipFile, zlib.error, msgspec.DecodeError) as error:
            raise NoRecording(f"{self.path}: line {number or 1}: {error}") from None
        except OSError as error:
            raise Unreadable(f"{self.path}: cannot be read: {error.strerror or error}") from None

    def _whole_lines(self) -> Iterator[bytes]:
        """Lines with their line breaks; `EOFError` where one has none."""
        with self.path.open("rb") as plain, gzip.GzipFile(fileobj=plain) as packed:
            for line in packed if plain.peek(2)[:2] == _GZIP else plain:
                if not line.endswith(b"\n"):
                    raise EOFError
                yield line
