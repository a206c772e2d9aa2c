"""Recordings as tests: record sources on this machine, and hold any recording against what the adapters read in it now.

A bug report is a test as soon as its file lies in tests/recordings: `test_recordings.py` takes every file there.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from adlwatch.adapters.base import Context, SourceSpec
from adlwatch.adapters.registry import build
from adlwatch.adapters.replay.file import RecordingFile
from adlwatch.cli.again import rebuilt
from adlwatch.domain.reading import Reading
from adlwatch.domain.recording import Candles, Head, Line, RecordedSource, encode, heard
from adlwatch.engine.clock import SystemClock
from adlwatch.engine.fetch import fetch
from adlwatch.engine.reparse import Reparse
from adlwatch.engine.taping import Taping, recorded_options

START = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Running:
    """A clock that goes on by a millisecond whenever it is read, as real ones do."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


class Recording:
    """Sources that are recorded into `lines`."""

    def __init__(self, *specs: SourceSpec, clock: Running | None = None) -> None:
        self.lines: list[Line] = []
        self.clock = clock or Running()
        self.taping = Taping(self.lines.append, self.clock)
        self.context = Context(self.taping.now, {})
        self.sources = [self.taping.tape(build(spec, self.context)) for spec in specs]
        told = [
            RecordedSource(id=s.id, kind=s.kind, interval=s.interval, options=recorded_options(spec))
            for s, spec in zip(self.sources, specs, strict=True)
        ]
        self.lines.append(Head(version="1", started=self.clock(), sources=tuple(told)))
        self._candles: Candles = {}

    async def hear(self, after: float = 5.0) -> None:
        """Ask every source once more, that many seconds later."""
        self.clock.now += timedelta(seconds=after)
        for source in self.sources:
            outcome = await fetch(source, SystemClock())
            self.lines.append(heard(self.clock(), outcome, self._candles))

    def write(self, path: Path) -> Path:
        path.write_bytes(b"".join(encode(line) for line in self.lines))
        return path


@asynccontextmanager
async def recorded(*specs: SourceSpec) -> AsyncIterator[Recording]:
    made = Recording(*specs)
    yield made
    for source in made.sources:
        await source.close()


class Read:
    """What the adapters make of a recording now."""

    def __init__(self) -> None:
        self.then: list[bytes] = []
        self.now: list[bytes] = []
        self.readings: list[Reading] = []
        self.missing: Sequence[str] = ()


async def read_again(path: Path, change: Callable[[Line], Line | None] = lambda line: line) -> Read:
    """Every fetch in it, as it was recorded and as it is read now, as lines of JSON; `change` may damage the recording."""
    file, found = RecordingFile(path), Read()
    reparse = Reparse(file.head, rebuilt)
    candles: tuple[Candles, Candles] = ({}, {})
    lines = (changed for line in file.lines if (changed := change(line)) is not None)
    async for at, then, now in reparse.run(lines):
        found.then.append(encode(heard(at, then, candles[0])))
        found.now.append(encode(heard(at, now, candles[1])))
        found.readings += [now] if isinstance(now, Reading) else []
    found.missing = list(reparse.player.missing)
    return found
