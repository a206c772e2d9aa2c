"""`adlwatch history`: one position over time, from what earlier runs and the present one have kept."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click
import msgspec

from adlwatch.cli.grid import Column, grid, printable, width
from adlwatch.cli.kept import CONFIG_OPTION, reader
from adlwatch.cli.options import Launch, launch_options
from adlwatch.cli.output import write
from adlwatch.cli.since import since_option

if TYPE_CHECKING:
    from adlwatch.domain.samples import Sample
    from adlwatch.store.reader import Reader

COLUMNS = (
    Column("TIME (UTC)"),
    Column("LIGHT"),
    Column("ESTIMATE", from_width=60),
    Column("SCORE", right=True),
    Column("MARK", right=True),
    Column("NOTIONAL", right=True, from_width=90),
    Column("LIQ", right=True, from_width=80),
    Column("SEVERITY"),
)
MOST_ROWS = 60
GAP = timedelta(hours=1, minutes=5)
"""Longer than the sparsest samples are apart: then nobody watched."""


@click.command("history")
@click.argument("key")
@launch_options(CONFIG_OPTION)
@since_option("24h")
@click.option("--json", "as_json", is_flag=True, help="Print every sample and change as JSON.")
@click.pass_context
def command(context: click.Context, launch: Launch, key: str, since: timedelta, *, as_json: bool) -> None:
    """Show how the position KEY (account:symbol:side) has fared: light, estimate, score, mark."""
    from adlwatch.store.reader import Unreadable  # noqa: PLC0415  # --help needs no database

    start = datetime.now(UTC) - since
    try:
        kept = reader(launch, context)
        samples = _samples(kept, key, start)
        if as_json:
            found = {"key": key, "since": start, "samples": samples, "changes": kept.changes(start, subject=key)}
            write(msgspec.json.encode(found).decode())
        else:
            write("\n".join(_page(key, samples, width())))
    except Unreadable as error:
        raise click.ClickException(str(error)) from None


def _samples(kept: "Reader", key: str, start: datetime) -> tuple["Sample", ...]:
    """Those of the position; where it was never seen, the nearest there is says so."""
    from adlwatch.strict import nearest  # noqa: PLC0415  # only for those who mistype

    found = kept.series(key, start)
    if not found:
        known = kept.keys()
        if key not in known:
            raise click.ClickException(f"no position {key!r} in {kept.place}{nearest(key, known) if known else ''}")
        raise click.ClickException(f"{key}: nothing kept since {start:%Y-%m-%d %H:%M}Z; try a longer --since")
    return found


def _page(key: str, samples: Sequence["Sample"], wide: int) -> Iterator[str]:
    first, last = samples[0], samples[-1]
    yield f"{printable(key)}  {first.at:%Y-%m-%d %H:%M}Z to {last.at:%Y-%m-%d %H:%M}Z, {len(samples)} samples"
    yield ""
    columns = min(wide, 110) - 8
    yield "light   " + _strip([(s.at, s.level) for s in samples], columns)
    if marks := [s.mark for s in samples if s.mark is not None]:
        low, high = min(marks), max(marks)
        tenths = [(s.at, None if s.mark is None else _tenth(s.mark, low, high)) for s in samples]
        yield "mark    " + _strip(tenths, columns)
        yield f"        0 = {low:,.6g}, 9 = {high:,.6g}; a dot: not watched or not known"
    yield ""
    rows = list(_rows(samples))
    if len(rows) > MOST_ROWS:
        yield f"{len(rows) - MOST_ROWS} earlier changes are left out; --json has all"
    yield grid(COLUMNS, rows[-MOST_ROWS:], wide)


def _rows(samples: Sequence["Sample"]) -> Iterator[tuple[str, ...]]:
    """A row for each sample that differs in light, estimate or severity from the one before, for the last, and for gaps."""
    before = None
    for sample in samples:
        if before is not None and sample.at - before.at > GAP:
            yield (f"{before.at:%m-%d %H:%M:%S}", f"not watched for {_span(sample.at - before.at)}", *[""] * (len(COLUMNS) - 2))
            before = None
        if before is None or _looks(before) != _looks(sample) or sample is samples[-1]:
            yield _row(sample)
        before = sample


def _looks(sample: "Sample") -> tuple[object, ...]:
    return sample.state, sample.level, sample.source, sample.estimate, sample.severity


def _row(sample: "Sample") -> tuple[str, ...]:
    lit = sample.state == "lit"
    span = "" if sample.low in (None, sample.high) else f" ({sample.low}-{sample.high})"
    return (
        f"{sample.at:%m-%d %H:%M:%S}",
        f"{sample.level} {sample.source}" if lit else " ".join(str(word) for word in (sample.state, sample.level) if word),
        "" if sample.estimate is None else f"{sample.estimate}{span}",
        _number(sample.score),
        _number(sample.mark),
        _number(sample.notional),
        "" if sample.distance is None else f"{sample.distance:.0%}",
        sample.severity,
    )


def _strip(points: Sequence[tuple[datetime, int | None]], columns: int) -> str:
    """The highest digit of each slice of time, else the last one before it; a dot where nobody watched or it is unknown."""
    start, end = points[0][0], points[-1][0]
    length = ((end - start) or timedelta(seconds=1)) / columns
    slices: list[list[tuple[datetime, int | None]]] = [[] for _ in range(columns)]
    for at, digit in points:
        slices[min(columns - 1, int((at - start) / length))].append((at, digit))
    text, last = "", points[0]
    for n, slice_ in enumerate(slices):
        last = slice_[-1] if slice_ else last
        held = [last] if not slice_ and start + n * length - last[0] <= GAP else slice_
        text += str(max((digit for _, digit in held if digit is not None), default="."))
    return text


def _tenth(mark: float, low: float, high: float) -> int:
    return min(9, int((mark - low) / (high - low) * 10)) if high > low else 0


def _number(value: float | None) -> str:
    return "unknown" if value is None else f"{value:,.6g}"


def _span(gap: timedelta) -> str:
    hours = gap.total_seconds() / 3600
    return f"{hours:.0f} h" if hours < 72 else f"{hours / 24:.0f} d"
