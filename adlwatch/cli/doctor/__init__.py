"""`adlwatch doctor`: is everything as it must be, and if not, what to do."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime

import click
import msgspec

from adlwatch.cli.assessed import with_config
from adlwatch.cli.doctor.finding import CODES, Finding, Report, text, worst
from adlwatch.cli.kept import CONFIG_OPTION
from adlwatch.cli.options import Launch, launch_options
from adlwatch.cli.output import write


@click.command("doctor")
@launch_options(CONFIG_OPTION)
@click.option("--json", "as_json", is_flag=True, help="Print the findings (adlwatch-doctor/1) as one line of JSON.")
@click.pass_context
def command(context: click.Context, launch: Launch, *, as_json: bool) -> None:
    """Check configuration, files, secrets, every source, request budgets, terminal and storage.

    Each source is asked twice: the second answer shows what a poll costs. Nothing is ever written to a venue.

    Exit code: 0 all well, 1 warnings, 2 failures.
    """
    findings = tuple(examine(with_config(launch, context.obj)))
    level = worst(findings)
    write(msgspec.json.encode(Report(level=level, findings=findings)).decode() if as_json else text(findings))
    context.exit(CODES[level])


def examine(launch: Launch) -> Iterator[Finding]:
    """Every finding, in the order in which things have to be right."""
    from adlwatch.cli.doctor import files, storage, terminal  # noqa: PLC0415  # --help needs none of it

    config, found = files.configuration(launch.config)
    yield found
    if config is None:
        yield from terminal.terminal()
        return
    if config.path is not None:
        yield from files.permissions(config.path)
        yield from files.secrets(config.path)
    if config.sources:
        from adlwatch import log  # noqa: PLC0415  # as above
        from adlwatch.cli.compose import shelf  # noqa: PLC0415  # as above
        from adlwatch.cli.doctor import sources  # noqa: PLC0415  # imports asyncio and the adapters named

        log.start(config.log.level)
        if sys.stderr.isatty():
            click.echo(f"Asking {len(config.sources)} sources twice; what does not fit into a request budget waits …", err=True)
        yield from sources.examine(config.sources, shelf(config))
    yield from storage.storage(config)
    yield from storage.market_lists(config, datetime.now(UTC))
    yield from terminal.terminal()
