"""`adlwatch backtest events`: how well each rule orders the positions that were really closed."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from adlwatch.cli.grid import Column, grid, width
from adlwatch.cli.output import write
from adlwatch.strict import nearest
from adlwatch.tui.format import plural

if TYPE_CHECKING:
    from adlwatch.domain.adl_events import AdlFill
    from adlwatch.domain.backtest import Agreement, Check, Outcome

DEFAULT_RULES = ("hyperliquid-engine", "hyperliquid-docs", "binance-2025", "return-rate")


@click.group("backtest")
def command() -> None:
    """Compare what the rules say with what venues did."""


@command.command("events")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--rule", "rules", multiple=True, metavar="RULE", help="A ranking rule to compare (repeatable).")
@click.option("--least", default=8, show_default=True, type=click.IntRange(min=2), help="Shortest run that counts.")
@click.option("--clean", is_flag=True, help="Only fills whose account value is undisturbed (column `clean`).")
def events(file: Path, rules: tuple[str, ...], least: int, *, clean: bool) -> None:
    """Compare the rules' order with the order of real ADL fills.

    FILE is a CSV (or .csv.gz), one fill a row, the rows of a run in the order of execution; columns run_id, side, entry_px,
    fill_px, fill_sz, pos_before, av_est, and where known coin, time_ms, user_id, seq_from_run_start, clean.
    """
    from adlwatch.domain.backtest import carry_over, outcome, partial_last  # noqa: PLC0415  # numpy, which --help does not need
    from adlwatch.domain.score import RULES  # noqa: PLC0415  # as above

    for rule in rules:
        if rule not in RULES:
            raise click.ClickException(f"no rule {rule!r}{nearest(rule, RULES)}")
    runs = _read(file)
    long_enough = [run for run in runs if len(run) >= least]
    chosen = [[fill for fill in run if fill.clean] if clean else run for run in long_enough]
    outcomes = [outcome(rule, [run for run in chosen if run], least=1) for rule in rules or DEFAULT_RULES]
    write(_report(outcomes, {run[0].run: run[0] for run in runs}, width()))
    write(f"\n{_counted(runs, long_enough, least)}\n{_checked(partial_last(runs), carry_over(runs))}")


def _read(file: Path) -> "tuple[tuple[AdlFill, ...], ...]":
    from adlwatch.domain.adl_events import EventError, read  # noqa: PLC0415  # as in `events`

    try:
        with _open(file) as lines:
            return read(lines)
    except EventError as error:
        raise click.ClickException(f"{file}: {error}") from None
    except (OSError, EOFError) as error:
        raise click.ClickException(f"{file}: {getattr(error, 'strerror', None) or error}") from None
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{file}: not UTF-8 text (byte {error.start})") from None


@contextmanager
def _open(file: Path) -> Iterator[TextIO]:
    opener = gzip.open if file.suffix == ".gz" else open
    with opener(file, "rt", encoding="utf-8", newline="") as lines:
        yield lines


def _report(outcomes: "list[Outcome]", first: "dict[str, AdlFill]", wide: int) -> str:
    """The rules pooled, then run by run."""
    measures = (Column("FILLS", right=True), Column("PAIRS", right=True), *_measures())
    pooled = grid((Column("POOLED"), *measures), [(each.rule, *_cells(each.pooled)) for each in outcomes], wide)
    return "\n\n".join([pooled, *(_by_run(each, first, wide) for each in outcomes)])


def _measures() -> tuple[Column, ...]:
    return tuple(Column(title, right=True) for title in ("CONCORDANCE", "SPEARMAN", "KENDALL"))


def _by_run(found: "Outcome", first: "dict[str, AdlFill]", wide: int) -> str:
    columns = (
        Column(found.rule.upper()),
        Column("MARKET"),
        Column("TIME", from_width=90),
        Column("FILLS", right=True),
        Column("PAIRS", right=True),
        *_measures(),
    )
    rows = [(run, first[run].market, first[run].time, *_cells(each)) for run, each in found.runs]
    return grid(columns, rows, wide)


def _cells(each: "Agreement") -> tuple[str, ...]:
    figures = (each.concordance, each.spearman, each.kendall)
    return (str(each.rows), str(each.pairs), *("—" if figure is None else f"{figure:.3f}" for figure in figures))


def _counted(runs: "tuple[tuple[AdlFill, ...], ...]", long_enough: "list[tuple[AdlFill, ...]]", least: int) -> str:
    return (
        f"{plural(sum(map(len, runs)), 'fill')} in {plural(len(runs), 'run')}; compared: those of at least {least} fills, "
        f"{len(long_enough)}. "
        "Only closed positions are on record: this measures order, not the chance of being closed."
    )


def _checked(partial: "Check", carried: "Check") -> str:
    return (
        f"partial closes that are the last of their run: {partial.held} of {partial.cases}\n"
        f"next account's run goes on with the same holder's rest: {carried.held} of {carried.cases}"
    )
