"""`adlwatch replay --from-raw`: recorded raw replies through the adapters of this version, and what they read differently."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING

import click

from adlwatch.config import source_spec
from adlwatch.strict import Misfit

if TYPE_CHECKING:
    from adlwatch.adapters.base import Adapter, Context
    from adlwatch.adapters.replay.file import RecordingFile
    from adlwatch.domain.recording import Line, RecordedSource

IN_MEMORY = 64_000_000
"""Bytes of readings that are not put on disk."""
MOST_MISSING = 5
"""Requests that are named."""


def parsed_again(path: Path, file: "RecordingFile") -> "Iterator[Line]":
    """Every fetch as it reads now. Says on standard error what differs. Raises `NoRecording`."""
    from adlwatch.adapters.replay.file import NoRecording  # noqa: PLC0415  # --help needs no sources

    if all(source.options is None for source in file.head.sources):
        raise NoRecording(f"{path}: has no raw replies to parse again: it was recorded without them (--no-raw)")
    spool = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  # closed when the replay has read it, or is over
    asyncio.run(_parse(path, file, spool))
    spool.seek(0)
    return _lines(spool)


def _lines(spool: IO[bytes]) -> "Iterator[Line]":
    from adlwatch.domain.recording import decode  # noqa: PLC0415  # as above

    with spool:
        yield from map(decode, spool)


async def _parse(path: Path, file: "RecordingFile", into: IO[bytes]) -> None:
    from adlwatch.domain.recording import Candles, encode, heard  # noqa: PLC0415  # as above
    from adlwatch.engine.reparse import Reparse, difference  # noqa: PLC0415  # as above

    candles: Candles = {}
    count, differing = 0, list[str]()
    reparse = Reparse(file.head, rebuilt)
    async for at, recorded, again in reparse.run(file.lines):
        count += 1
        into.write(encode(heard(at, again, candles)))
        if differs := difference(recorded, again):
            differing.append(f"{again.source} at {at:%H:%M:%S}: {differs}")
    told = f"{len(differing)} differently; first {differing[0]}" if differing else "each as it was"
    _say(path, f"{count} fetches parsed again, {told}")
    missing = reparse.player.missing.most_common()
    for line, times in missing[:MOST_MISSING]:
        _say(path, line + (f" ({times} times)" if times > 1 else ""))
    if len(missing) > MOST_MISSING:
        _say(path, f"and {len(missing) - MOST_MISSING} more requests that are not in the recording")


def rebuilt(source: "RecordedSource", context: "Context") -> "Adapter | None":
    """The adapter as it was configured; None where only what it said then is known."""
    from adlwatch.adapters import registry  # noqa: PLC0415  # as above

    if source.options is None or not registry.is_ours(source.kind):
        return None
    try:
        return registry.build(source_spec(source.id, source.kind, dict(source.options)), context)
    except Misfit as misfit:
        raise click.ClickException(f"{source.id}: {'.'.join(map(str, misfit.path))}: {misfit.problem}") from None


def _say(path: Path, line: str) -> None:
    click.echo(f"adlwatch: {path}: {line}", err=True)
