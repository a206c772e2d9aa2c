"""`adlwatch record`: what the sources answer, into a file that `adlwatch replay` plays again."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from adlwatch import __version__
from adlwatch.cli.assessed import with_config
from adlwatch.cli.options import SOURCE_OPTIONS, Launch, launch_options
from adlwatch.cli.since import Span

if TYPE_CHECKING:
    from adlwatch.adapters.base import SourceSpec
    from adlwatch.cli.unattended import Stop
    from adlwatch.domain.reading import Failure, Reading
    from adlwatch.domain.recording import Candles, Line, RecordedSource
    from adlwatch.engine.engine import Engine

_UNITS = {"": 1, "k": 1_000, "m": 1_000_000, "g": 1_000_000_000}


class Size(click.ParamType[int]):
    """A size such as 500MB or 2GB, as bytes."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The bytes, or a usage error."""
        if isinstance(value, int):
            return value
        if not (found := re.fullmatch(r"(\d+(?:\.\d+)?) ?([kmg]?)b?", value.lower())) or not float(found[1]):
            self.fail(f"{value!r} is no size: such as 500MB or 2GB", param, ctx)
        return int(float(found[1]) * _UNITS[found[2]])


@click.command("record")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@launch_options(*SOURCE_OPTIONS)
@click.option("--for", "span", type=Span(), metavar="SPAN", help="End after this long (90s, 30m …), not only with ctrl+c.")
@click.option("--raw/--no-raw", default=True, help="Keep the raw replies too, as a bug report needs them.")
@click.option("--limit", type=Size(), default="1GB", metavar="SIZE", help="End when FILE has grown to this size. [1GB]")
@click.option("--rotate", is_flag=True, help="At the limit begin FILE anew, and keep the one before as FILE.1.")
@click.pass_context
def command(
    context: click.Context, launch: Launch, file: Path, span: timedelta | None, *, raw: bool, limit: int, rotate: bool
) -> None:
    """Record what the sources answer into FILE.

    Secrets are left out; balances, positions and addresses are in it: they are what a recording is about.
    """
    from adlwatch.cli.unattended import attend, logged_to_file, sources_of  # noqa: PLC0415  # --help needs no sources

    launch = with_config(launch, context.obj)
    config = sources_of(launch)
    logged_to_file(config)
    try:
        recording = Recording(file, config.sources if raw else (), limit, rotate=rotate)
    except OSError as error:
        raise click.ClickException(f"{file}: cannot be written: {error.strerror or error}") from None
    click.echo(f"adlwatch: recording into {file}; ctrl+c ends it", err=True)
    try:
        attend(config, lambda engine, stop: recording.run(engine, stop, span), wire=recording.taping if raw else None)
    finally:
        recording.close()
    if recording.fault:
        raise click.ClickException(f"{file}: {recording.fault}")
    click.echo(f"adlwatch: {file}: {recording.count} fetches, {file.stat().st_size / 1e6:,.1f} MB{recording.ended}", err=True)


class Recording:
    """What is written while the engine runs. `raw` are the sources whose raw replies are kept. Raises `OSError`."""

    def __init__(self, file: Path, raw: "tuple[SourceSpec, ...]", limit: int, *, rotate: bool) -> None:
        from adlwatch.engine.taping import Taping, recorded_options  # noqa: PLC0415  # as above
        from adlwatch.store.journal import Journal  # noqa: PLC0415  # as above

        self.count = 0
        """Fetches so far."""
        self.ended = ""
        """Why it ended by itself, for the last line."""
        self.taping = Taping(self._put, lambda: datetime.now(UTC))
        self._file, self._limit, self._rotate = file, limit, rotate
        self._options = {spec.id: recorded_options(spec) for spec in raw}
        self._sources: tuple[RecordedSource, ...] = ()
        self._journal = Journal(file)
        self._candles: Candles = {}
        self._stop: Stop | None = None

    @property
    def fault(self) -> str | None:
        """Why it has ended early, in one line."""
        return self._journal.fault

    async def run(self, engine: "Engine", stop: "Stop", span: timedelta | None) -> None:
        """Begin with what there is to hear, then listen until the span is over."""
        from adlwatch.domain.recording import RecordedSource  # noqa: PLC0415  # as above

        self._stop = stop
        self._sources = tuple(
            RecordedSource(
                id=s.id,
                kind=s.kind,
                interval=s.interval,
                label=s.label,
                options=self._options.get(s.id),
                identity=None if s.identity is None else sha256(s.identity.encode()).hexdigest()[:16],
            )
            for s in engine.states.sources
        )
        self._begin()
        engine.on_outcome(self._outcome)
        await asyncio.sleep(span.total_seconds() if span is not None else float("inf"))
        stop()

    def close(self) -> None:
        """Write what waits, and end the file."""
        self._journal.close()

    def _begin(self) -> None:
        from adlwatch.domain.recording import Head  # noqa: PLC0415  # as above

        self._candles = {}
        self._journal.write(Head(version=__version__, started=datetime.now(UTC), sources=self._sources))

    def _outcome(self, at: datetime, outcome: "Reading | Failure") -> None:
        """A fetch has ended."""
        from adlwatch.domain.recording import heard  # noqa: PLC0415  # as above

        self.count += 1
        self._put(heard(at, outcome, self._candles))
        if self._journal.size >= self._limit:
            self._full()

    def _put(self, line: "Line") -> None:
        if not self.ended:
            self._journal.write(line)

    def _full(self) -> None:
        """The file is as large as it may be."""
        from adlwatch.store.journal import Journal  # noqa: PLC0415  # as above

        if self._rotate:
            self._journal.close()
            self._file.replace(f"{self._file}.1")
            self._journal = Journal(self._file)
            self._begin()
        elif self._stop is not None and not self.ended:
            self.ended = f": ended at its limit of {self._limit / 1e6:,.1f} MB (--limit)"
            self._stop()
