"""A book file as a source that is watched for changes."""

import stat
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta, Struct

from adlwatch.adapters.base import BadPayload, Clock, Context, Kind, Retry, Unsupported
from adlwatch.adapters.book.parse import parse
from adlwatch.domain.reading import Reading

if TYPE_CHECKING:
    from adlwatch.adapters.wire import Reply

MAX_BYTES = 32 * 1024 * 1024


class BookOptions(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Options of a `book` source."""

    path: str
    """The file; `~` is the home directory."""
    interval: Annotated[float, Meta(gt=0)] = 1.0
    """Seconds between looks at the file's time and size."""
    current: bool = False
    """For a file kept by hand: what it says without an `as_of` holds until it is edited, so it never grows stale.

    Otherwise a file without `as_of` is as old as its modification time, so that a writer which died is noticed.
    """


def load(path: str) -> Reading:
    """One reading of the file at `path`, or of standard input for `-`; what states no `as_of` is taken as true now.

    Raises `BadPayload` for what the file says and `Retry` where it cannot be read.
    """
    now = datetime.now(UTC)
    if path == "-":
        return parse(sys.stdin.buffer.read(), "<stdin>", now)
    return parse(_read(Path(path).expanduser()), path, now)


class BookSource:
    """The file at `options.path`, parsed again whenever its modification time or size changes."""

    kind = "book"
    label: str | None = None

    def __init__(self, source_id: str, options: BookOptions, clock: Clock) -> None:
        self.id = source_id
        self.interval = options.interval
        self.timeout = 5.0
        self._path = Path(options.path).expanduser()
        self._current = options.current
        self._clock = clock
        self._seen: tuple[int, int] | None = None
        self._content = b""
        self._last: Reading | None = None

    async def fetch(self) -> Reading:
        """The file's content; a file that is half written or wrong raises and is read again next time."""
        import asyncio  # noqa: PLC0415 -- `check --book` reads a file without an event loop, and starts faster

        from adlwatch.adapters.wire import Asked, ask  # noqa: PLC0415 -- as above

        asked = Asked("book", self._path.name, str(self._path))
        return await asyncio.to_thread(self._parsed, await ask(asked, lambda: asyncio.to_thread(self._look)))

    async def close(self) -> None:
        """Nothing is kept open."""

    def _look(self) -> "Reply":
        """The file as an HTTP server would give it: whole, or not modified."""
        modified, size = _signature(self._path)
        headers = {"mtime-ns": f"{modified}"}
        if self._seen == (modified, size) and self._last is not None:
            return 304, headers, b""
        content = _read(self._path)
        self._seen = modified, size
        return 200, headers, content

    def _parsed(self, reply: "Reply") -> Reading:
        status, headers, content = reply
        now = self._clock()
        if status == 200:
            self._last = None
            self._content = content
        if status == 200 or self._current or self._last is None:
            as_of = now if self._current else min(now, datetime.fromtimestamp(int(headers["mtime-ns"]) / 1e9, UTC))
            self._last = msgspec.structs.replace(parse(self._content, self._path.name, as_of), source=self.id)
        return msgspec.structs.replace(self._last, received_at=now)


def _signature(path: Path) -> tuple[int, int]:
    """Modification time and size. Only a regular file can be watched: reading a pipe could wait for ever."""
    try:
        found = path.stat()
    except OSError as error:
        raise _unreadable(path, error) from None
    if not stat.S_ISREG(found.st_mode):
        raise Unsupported(f"{path}: is not a regular file")
    if found.st_size > MAX_BYTES:
        raise BadPayload(f"{path}: is larger than {MAX_BYTES // 2**20} MiB")
    return found.st_mtime_ns, found.st_size


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: OSError) -> Retry:
    return Retry(f"{path}: cannot be read: {error.strerror}")


def _create(source_id: str, options: BookOptions, context: Context) -> BookSource:
    return BookSource(source_id, options, context.clock)


KIND = Kind("book", BookOptions, _create)
