"""`adlwatch check`: one assessment as a table or JSON, with the exit code of a monitoring plug-in."""

import dataclasses
from datetime import UTC, datetime

import click

from adlwatch.cli.compose import configuration, engine, settings
from adlwatch.cli.options import SOURCE_OPTIONS, Launch, launch_options
from adlwatch.cli.output import write
from adlwatch.cli.table import table
from adlwatch.domain.snapshot import Severity, Snapshot, encode

CODES = {Severity.OK: 0, Severity.WATCH: 0, Severity.WARNING: 1, Severity.CRITICAL: 2, Severity.BLIND: 3}


@click.command("check")
@launch_options(*SOURCE_OPTIONS)
@click.option("--json", "as_json", is_flag=True, help="Print the snapshot (adlwatch-snapshot/1) as one line of JSON.")
@click.option("--max-age", type=click.FloatRange(min=0), metavar="SECONDS", help="Refuse a book that is older than this.")
@click.pass_context
def command(context: click.Context, launch: Launch, *, as_json: bool, max_age: float | None) -> None:
    """Assess once, print, and leave.

    A book is assessed as of its own time (`as_of`); sources are asked once each.

    Exit code: 0 ok or watch, 1 warning, 2 critical, 3 unknown (blind, wrong configuration, unreadable book, venue unreachable).
    """
    if launch.config is None and isinstance(context.obj, Launch):
        launch = dataclasses.replace(launch, config=context.obj.config)
    alone = launch.book is not None and not (launch.mock or launch.hyperliquid)
    snapshot = _book(launch, max_age) if alone else _sources(launch)
    for source in snapshot.sources:
        if source.error is not None:
            click.echo(f"adlwatch: {source.id}: {source.error}", err=True)
    write(encode(snapshot).decode() if as_json else table(snapshot))
    context.exit(CODES[snapshot.severity])


def _book(launch: Launch, max_age: float | None) -> Snapshot:
    """Assess one file without an engine: nothing to wait for, and half the start-up time."""
    from adlwatch.adapters.base import SourceError  # noqa: PLC0415  # as below
    from adlwatch.adapters.book import load  # noqa: PLC0415  # other checks need no book
    from adlwatch.domain.assess import States, assess  # noqa: PLC0415  # imports numpy, which `check --help` does not need
    from adlwatch.domain.reading import SourceState  # noqa: PLC0415  # as above

    judged_by = settings(configuration(dataclasses.replace(launch, book=None), sources=False))
    try:
        reading = load(str(launch.book))
    except SourceError as error:
        raise click.ClickException(str(error)) from None
    old = (datetime.now(UTC) - reading.as_of).total_seconds()
    if max_age is not None and old > max_age:
        raise click.ClickException(f"{reading.source}: is {old:.0f} s old, more than --max-age {max_age:g}")
    state = SourceState(
        id=reading.source, kind="book", interval=max_age or 0.0, reading=reading, attempted_at=reading.received_at
    )
    return assess(States(sources=(state,)), judged_by, reading.as_of)


def _sources(launch: Launch) -> Snapshot:
    """Ask every source once."""
    import asyncio  # noqa: PLC0415  # a book needs none

    from adlwatch import log  # noqa: PLC0415  # a book needs none

    config = configuration(launch)
    if not config.sources:
        raise click.ClickException(
            f"nothing to check: no [[source]] in {config.path or 'any configuration'}, and none named here"
        )
    log.start(config.log.level)
    running = engine(config)

    async def once() -> Snapshot:
        try:
            return await running.assess_once()
        finally:
            await running.close()

    return asyncio.run(once())
