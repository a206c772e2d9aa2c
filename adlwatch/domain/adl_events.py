"""ADL fills from a CSV, one row a fill, rows of a run in the order of execution.

Columns used: run_id, side, entry_px, fill_px, fill_sz, pos_before, av_est; where present also coin, time_ms, user_id,
seq_from_run_start and clean. Other columns are ignored.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import isfinite, nan

from adlwatch.domain.model import Side

REQUIRED = ("run_id", "side", "entry_px", "fill_px", "fill_sz", "pos_before", "av_est")


class EventError(ValueError):
    """A table that cannot be read; `row` counts from 1, the header, as an editor does."""

    def __init__(self, row: int, column: str, problem: str) -> None:
        super().__init__(f"row {row}, column {column}: {problem}")


@dataclass(frozen=True, slots=True, kw_only=True)
class AdlFill:
    """One position that was closed, wholly or in part."""

    run: str
    side: Side
    entry: float
    price: float
    """What it was closed at; stands for the mark."""
    closed: float
    """Units closed, positive."""
    before: float
    """Units held before, positive."""
    equity: float
    """Estimated account value at the fill; NaN where unknown."""
    market: str = ""
    time: str = ""
    user: str = ""
    from_start: bool = True
    """Whether its run begins with the real first fill, or is a window out of a longer one."""
    clean: bool = True
    """Whether the estimate of the account value is undisturbed by other positions or later trades."""

    @property
    def partial(self) -> bool:
        """Whether something was left."""
        return self.closed < self.before


def read(lines: Iterable[str]) -> tuple[tuple[AdlFill, ...], ...]:
    """The runs, in the order of the table. Raises EventError."""
    rows = csv.reader(lines)
    header = next(rows, [])
    for column in REQUIRED:
        if column not in header:
            raise EventError(1, column, "the column is missing")
    runs: dict[str, list[AdlFill]] = {}
    for fill in _fills(header, rows):
        runs.setdefault(fill.run, []).append(fill)
    return tuple(tuple(run) for run in runs.values())


def _fills(header: list[str], rows: Iterable[list[str]]) -> Iterator[AdlFill]:
    for number, cells in enumerate(rows, start=2):
        if len(cells) != len(header):
            raise EventError(number, header[min(len(cells), len(header)) - 1], f"{len(cells)} cells, expected {len(header)}")
        yield _fill(_Row(number, dict(zip(header, cells, strict=True))))


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    cells: dict[str, str]

    def positive(self, column: str) -> float:
        value = self.amount(column)
        if not value > 0:
            raise EventError(self.number, column, f"expected a number above 0, got {self.cells[column]!r}")
        return value

    def amount(self, column: str) -> float:
        """A number, NaN where the cell is empty."""
        text = self.cells[column].strip()
        try:
            value = float(text) if text else nan
        except ValueError:
            value = float("inf")
        if text and not isfinite(value):
            raise EventError(self.number, column, f"expected a number, got {text!r}")
        return value

    def truth(self, column: str) -> bool:
        return self.cells.get(column, "True").strip().lower() in ("true", "1")


def _fill(row: _Row) -> AdlFill:
    side = row.cells["side"].strip()
    if side not in set(Side):
        raise EventError(row.number, "side", f"expected long or short, got {side!r}")
    before = abs(row.amount("pos_before"))
    if not before > 0:
        raise EventError(row.number, "pos_before", f"expected a position, got {row.cells['pos_before']!r}")
    return AdlFill(
        run=row.cells["run_id"],
        side=Side(side),
        entry=row.positive("entry_px"),
        price=row.positive("fill_px"),
        closed=row.positive("fill_sz"),
        before=before,
        equity=row.amount("av_est"),
        market=row.cells.get("coin", ""),
        time=row.cells.get("time_ms", ""),
        user=row.cells.get("user_id", ""),
        from_start=row.truth("seq_from_run_start"),
        clean=row.truth("clean"),
    )
