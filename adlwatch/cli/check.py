"""`adlwatch check`: one assessment as a table or JSON, with the exit code of a monitoring plug-in."""

import click

from adlwatch.cli.assessed import assessed, with_config
from adlwatch.cli.options import SOURCE_OPTIONS, Launch, launch_options
from adlwatch.cli.output import write
from adlwatch.cli.table import table
from adlwatch.domain.snapshot import Severity, encode

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
    snapshot = assessed(with_config(launch, context.obj), max_age)
    for source in snapshot.sources:
        if source.error is not None:
            click.echo(f"adlwatch: {source.id}: {source.error}", err=True)
    write(encode(snapshot).decode() if as_json else table(snapshot))
    context.exit(CODES[snapshot.severity])
