"""The command line: what can be asked for, imported only when it is asked for.

`COMMANDS` is the one table of subcommands; each names a module of this package that exposes `command: click.Command`. Without a
subcommand the terminal opens: `adlwatch.cli.run_tui.run(launch) -> exit code`. A command that cannot go on raises
`click.ClickException` with one line that names the place.

Exit codes: 0 done, 1 crashed (a report was written), 2 wrong usage or configuration. `check` has its own, where all these are 3.
"""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import cast

import click

from adlwatch import __version__
from adlwatch.cli.options import SCREEN_OPTIONS, SOURCE_OPTIONS, Launch, launch_options

COMMANDS = {
    "check": ("adlwatch.cli.check", "Assess once and leave: a table or JSON, and an exit code for monitoring."),
    "watch": ("adlwatch.cli.watch", "Watch without a screen: changes in words, or a log; alerts and history."),
    "stream": ("adlwatch.cli.stream", "Snapshots as JSON lines, for programs."),
    "metrics": ("adlwatch.cli.metrics", "Prometheus metrics over HTTP."),
    "serve": ("adlwatch.cli.serve", "The terminal in a browser on this machine."),
    "what-if": ("adlwatch.cli.what_if", "Move the marks and see which lights, liquidations and shields go."),
    "fix": ("adlwatch.cli.fix", "What to add, cut or reset so that a light goes down, with its cost."),
    "explain": ("adlwatch.cli.explain", "Why a position scores what it scores: rule, terms, sources."),
    "incidents": ("adlwatch.cli.incidents", "What venues took, and what that left naked: a list, a report, a table."),
    "alert": ("adlwatch.cli.alert", "List, acknowledge and snooze alerts; try channels."),
    "history": ("adlwatch.cli.history", "How one position has fared: light, estimate, score, mark over time."),
    "accuracy": ("adlwatch.cli.accuracy", "How well our estimates foresaw the lights that venues showed later."),
    "record": ("adlwatch.cli.record", "Record what the sources answer, for a replay or a bug report."),
    "replay": ("adlwatch.cli.replay", "Play a recording: the same program on what was recorded."),
    "doctor": ("adlwatch.cli.doctor", "Check configuration, secrets, sources, request budgets, terminal, storage."),
    "init": ("adlwatch.cli.init", "Write a first configuration, by questions or by options."),
    "venues": ("adlwatch.cli.venues", "How each venue ranks, shows, closes and protects; with sources."),
    "backtest": ("adlwatch.cli.backtest", "How well each rule orders the positions that were really closed."),
}


class LazyGroup(click.Group):
    """Lists its commands from the table, and imports one only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """Every subcommand, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # click's signature
        """The command itself; only this imports its module."""
        if cmd_name not in COMMANDS:
            return None
        return cast("click.Command", import_module(COMMANDS[cmd_name][0]).command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  # click's signature
        """Write the list of commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@launch_options(*SOURCE_OPTIONS, *SCREEN_OPTIONS)
@click.version_option(__version__, prog_name="adlwatch", message="%(prog)s %(version)s")
@click.pass_context
def cli(context: click.Context, launch: Launch) -> None:
    """Watch perp positions for auto-deleveraging: who is next, and what would be left naked.

    Without a command the terminal opens on the configured sources. adlwatch only ever reads: it never places an order.
    """
    context.obj = launch
    if context.invoked_subcommand is None:
        context.exit(import_module("adlwatch.cli.run_tui").run(launch))
    if launch.names_sources:
        raise click.UsageError(f"name the sources after the command: adlwatch {context.invoked_subcommand} …")


def run(arguments: Sequence[str]) -> int:
    """Run one command line; every failure becomes one line on standard error and an exit code."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # else numpy starts a thread a core with its import, for nothing of ours
    try:
        result = cli.main(args=list(arguments), prog_name="adlwatch", standalone_mode=False)
    except click.exceptions.Abort:
        return 130
    except click.ClickException as error:
        return _fail(_worded(error), 2, arguments)
    except Exception as error:  # noqa: BLE001  # the outermost frame: nothing may reach the user as a traceback
        from adlwatch.log import crash_report  # noqa: PLC0415  # needed only here

        return _fail(crash_report(error), 1, arguments)
    return result if isinstance(result, int) else 0


def _worded(error: click.ClickException) -> str:
    """Click's own message, with where to look."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f"{error.format_message()} (see {context.command_path} --help)" if context else error.format_message()


def _fail(message: str, code: int, arguments: Sequence[str]) -> int:
    """Say one line, without what could steer the terminal. For `check` every failure is 3, unknown: 1 and 2 are answers there."""
    line = "".join(c if c.isprintable() else "?" for c in " ".join(message.split()))
    click.echo(f"adlwatch: {line}", file=sys.stderr)
    return 3 if "check" in arguments else code
