"""`adlwatch record`: what the sources answer, into a file that `adlwatch replay` plays again."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from adlwatch import __version__
from adlwatch.cli.assessed import with_config
from adlwatch.cli.options import SOURCE_OPTIONS, Launch, launch_options
from adlwatch.cli.since import Span

if TYPE_CHECKING:
    from adlwatch.adapters.http import Recorded
    from adlwatch.cli.unattended import Stop
    from adlwatch.domain.reading import Failure, Reading
    from adlwatch.domain.recording import Candles
    from adlwatch.engine.engine import Engine
    from adlwatch.store.journal import Journal


@click.command("record")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@launch_options(*SOURCE_OPTIONS)
@click.option("--for", "span", type=Span(), metavar="SPAN", help="End after this long (90s, 30m …), not only with ctrl+c.")
@click.option("--raw/--no-raw", default=True, help="Keep the raw replies too, as a bug report needs them.")
@click.pass_context
def command(context: click.Context, launch: Launch, file: Path, span: timedelta | None, *, raw: bool) -> None:
    """Record what the sources answer into FILE.

    Secrets are left out; balances, positions and addresses are in it: they are what a recording is about.
    """
    from adlwatch.adapters.http import TAP  # noqa: PLC0415  # --help needs no sources
    from adlwatch.cli.unattended import attend, logged_to_file, sources_of  # noqa: PLC0415  # as above
    from adlwatch.store.journal import Journal  # noqa: PLC0415  # as above

    launch = with_config(launch, context.obj)
    config = sources_of(launch)
    logged_to_file(config)
    try:
        journal = Journal(file)
    except OSError as error:
        raise click.ClickException(f"{file}: cannot be written: {error.strerror or error}") from None
    recording = Recording(journal, span)
    if raw:
        TAP.set(recording.reply)
    click.echo(f"adlwatch: recording into {file}; ctrl+c ends it", err=True)
    try:
        attend(config, recording.run)
    finally:
        journal.close()
    if journal.fault:
        raise click.ClickException(f"{file}: {journal.fault}")
    click.echo(f"adlwatch: {file}: {recording.count} fetches, {file.stat().st_size / 1e6:,.1f} MB", err=True)


class Recording:
    """What is written while the engine runs."""

    def __init__(self, journal: "Journal", span: timedelta | None) -> None:
        self.count = 0
        """Fetches so far."""
        self._journal = journal
        self._span = span
        self._candles: Candles = {}

    async def run(self, engine: "Engine", stop: "Stop") -> None:
        """Begin with what there is to hear, then listen until the span is over."""
        from adlwatch.domain.recording import Head, RecordedSource  # noqa: PLC0415  # as above

        sources = (RecordedSource(id=s.id, kind=s.kind, interval=s.interval, label=s.label) for s in engine.states.sources)
        self._journal.write(Head(version=__version__, started=datetime.now(UTC), sources=tuple(sources)))
        engine.on_outcome(self.outcome)
        await asyncio.sleep(self._span.total_seconds() if self._span is not None else float("inf"))
        stop()

    def outcome(self, at: datetime, outcome: "Reading | Failure") -> None:
        """A fetch has ended."""
        from adlwatch.domain.recording import heard  # noqa: PLC0415  # as above

        self.count += 1
        self._journal.write(heard(at, outcome, self._candles))

    def reply(self, reply: "Recorded") -> None:
        """A raw reply has come."""
        from adlwatch.domain.recording import Raw  # noqa: PLC0415  # as above

        at = datetime.now(UTC)
        self._journal.write(Raw(at=at, scope=reply.scope, name=reply.name, status=reply.status, body=reply.body))
