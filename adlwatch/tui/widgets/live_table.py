"""A table that paints only what changed, whose cursor belongs to a key and stays on its screen line.

Rows are objects with a `key` and one method a column; they are formatted only while they are on screen, and one strip a key
is kept. A changed cell is drawn highlighted until the following update. The first line is the header; the first column stays
while the others are moved with `shift_columns`.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.strip import Strip

from adlwatch.tui.columns import GAP, Column, fit
from adlwatch.tui.layout import folded
from adlwatch.tui.paint import Cell, Painter
from adlwatch.tui.spans import Role, Spans
from adlwatch.tui.widgets.lines import Lines

HEADER = 1
FLASH_AT_MOST = 0.25
"""Share of the visible rows: where more change at once, highlighting all of them would tell nothing."""
KEEP_STRIPS = 4
"""Strips of this many screens are kept, so that paging back costs nothing."""


class TableRow(Protocol):
    """What the table needs of a row; a method for each column id besides."""

    @property
    def key(self) -> str:
        """Stable identity across updates."""
        ...


RowT = TypeVar("RowT", bound=TableRow)
Cells = tuple[Spans, ...]
NOWHERE: frozenset[int] = frozenset()


@dataclass(slots=True)
class _Painted:
    cells: Cells
    flash: frozenset[int] = NOWHERE
    strip: Strip | None = None


class LiveTable(Lines, Generic[RowT], can_focus=True):
    """`show(rows)` is all a screen has to call; keys move the cursor through `move`, `move_to` and `page`."""

    DEFAULT_CSS = "LiveTable { width: 1fr; height: 1fr; }"

    def __init__(self, columns: Sequence[Column], painter: Painter, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name
        super().__init__(painter, id=id)
        self._columns = tuple(columns)
        self._fitted: tuple[Column, ...] = ()
        self._taken = 0
        self._skip = 0
        self._rows: Sequence[RowT] = ()
        self._notice: tuple[Spans, ...] = ()
        self._top = 0
        self._cursor = 0
        self._cursor_key: str | None = None
        self._painted: dict[str, _Painted] = {}
        self._drawn: list[str] = []

    @property
    def cursor_row(self) -> RowT | None:
        """The row under the cursor, None in an empty table."""
        return self._rows[self._cursor] if self._rows else None

    @property
    def position(self) -> tuple[int, int]:
        """Place of the cursor (from 1) and number of rows."""
        return (self._cursor + 1 if self._rows else 0), len(self._rows)

    @property
    def rows(self) -> Sequence[RowT]:
        """All of them, on screen or not."""
        return self._rows

    @property
    def columns(self) -> tuple[Column, ...]:
        """All of them, on screen or not."""
        return self._columns

    @property
    def hidden_columns(self) -> int:
        """Columns that are not on screen."""
        return len(self._columns) - len(self._fitted)

    def show(self, rows: Sequence[RowT], *, notice: tuple[Spans, ...] = ()) -> None:
        """Show these rows in this order; `notice` stands in their place where there are none."""
        screen_line = self._cursor - self._top
        self._rows, blank = rows, not rows and notice != self._notice
        self._notice = notice
        self._cursor = self._find_cursor()
        self._cursor_key = rows[self._cursor].key if rows else None
        self._top = max(0, min(self._cursor - screen_line, len(rows) - self._height))
        self._compare()
        if blank:
            self.refresh()

    def show_cursor_on(self, key: str) -> None:
        """Put the cursor on a key, where there is one."""
        if (index := self._nearest(key)) is not None:
            self.move_to(index)

    def move(self, step: int) -> None:
        """Move the cursor by lines."""
        self.move_to(self._cursor + step)

    def page(self, pages: int) -> None:
        """Move the cursor by screens."""
        self.move_to(self._cursor + pages * max(1, self._height - 1))

    def move_to(self, index: int) -> None:
        """Move the cursor to a row, scrolling no more than needed."""
        if not self._rows:
            return
        before, self._cursor = self._cursor, max(0, min(index, len(self._rows) - 1))
        self._cursor_key = self._rows[self._cursor].key
        top = max(min(self._top, self._cursor), self._cursor - self._height + 1)
        if top != self._top:
            self._top = top
            self.refresh()
        elif before != self._cursor:
            self._refresh_rows({before, self._cursor})

    def shift_columns(self, step: int) -> None:
        """Look further to the right or back to the left, where not all columns fit."""
        if self.hidden_columns or step < 0:
            self._skip = max(0, min(self._skip + step, len(self._columns) - 1))
            self.repaint()

    def use_columns(self, columns: Sequence[Column]) -> None:
        """Show other columns, from the first of them on; the rows have a method for each."""
        if tuple(columns) != self._columns:
            self._columns, self._skip = tuple(columns), 0
            self.repaint()

    def repaint(self) -> None:
        """Forget every strip: the palette or the columns changed."""
        self._fitted = fit(self._columns, self.size.width, self._skip)
        self._taken = sum(column.width for column in self._fitted) + GAP * (len(self._fitted) - 1)
        self._painted.clear()
        self.refresh()

    def on_resize(self, _: events.Resize) -> None:
        """Choose the columns that fit and keep the cursor in sight."""
        self.repaint()
        self.move_to(self._cursor)

    def line(self, y: int) -> Strip:
        """The header, a row, or what stands in an empty table."""
        cells, base = self.size.width, self._painter.base
        if y == 0:
            return self._strip([column.heading for column in self._fitted], self._painter.bar)
        index = self._top + y - HEADER
        if index < len(self._rows):
            return self._row_strip(index)
        notice = () if self._rows else [part for line in self._notice for part in folded((("  ", Role.TEXT), *line), cells)]
        line = y - HEADER - 1
        return self._painter.line(notice[line], cells, base) if 0 <= line < len(notice) else Strip.blank(cells, base)

    @property
    def _height(self) -> int:
        return max(1, self.size.height - HEADER)

    def _find_cursor(self) -> int:
        index = self._nearest(self._cursor_key) if self._cursor_key is not None else None
        return max(0, min(self._cursor, len(self._rows) - 1)) if index is None else index

    def _nearest(self, key: str) -> int | None:
        """Where a key is; looked for from the cursor outward, because rows seldom move far."""
        count = len(self._rows)
        for step in range(max(self._cursor + 1, count - self._cursor)):
            for index in (self._cursor + step, self._cursor - step):
                if 0 <= index < count and self._rows[index].key == key:
                    return index
        return None

    def _refresh_rows(self, indexes: Iterable[int], right: int | None = None) -> None:
        self.refresh_lines((i - self._top + HEADER for i in indexes if 0 <= i - self._top < self._height), right)

    def _compare(self) -> None:
        """Repaint the visible lines whose key or cells differ from what is drawn there, and end earlier flashes.

        What has not changed at the right end of a line is not sent again: that is half of it in the usual order of columns.
        """
        visible = self._rows[self._top : self._top + self._height]
        fresh = [(row, self._painted.get(row.key), self._cells(row)) for row in visible]
        changed = sum(1 for _, known, cells in fresh if known is not None and known.cells != cells)
        flash = changed <= max(1, FLASH_AT_MOST * len(fresh))
        stale: defaultdict[int | None, list[int]] = defaultdict(list)
        for offset, (row, known, cells) in enumerate(fresh):
            in_place = offset < len(self._drawn) and self._drawn[offset] == row.key
            if known is None or known.cells != cells or known.flash:
                changed_cells = self._changed(known.cells, cells) if known is not None and flash else NOWHERE
                self._painted[row.key] = _Painted(cells, changed_cells)
            elif in_place:
                continue
            stale[self._right_of_changes(known, cells) if in_place else None].append(self._top + offset)
        for right, rows in stale.items():
            self._refresh_rows(rows, right)
        if len(visible) < len(self._drawn):
            self.refresh()
        self._drawn = [row.key for row in visible]
        self._prune(visible)

    def _changed(self, before: Cells, after: Cells) -> frozenset[int]:
        if len(before) != len(after):
            return NOWHERE
        return frozenset(i for i, column in enumerate(self._fitted) if column.flash and before[i] != after[i])

    def _right_of_changes(self, before: _Painted | None, after: Cells) -> int | None:
        """The cell at which the last changed column ends; None where the whole line has to be drawn."""
        if before is None or len(before.cells) != len(after):
            return None
        last = max(i for i, cells in enumerate(after) if before.cells[i] != cells or i in before.flash)
        return sum(column.width for column in self._fitted[: last + 1]) + GAP * last

    def _prune(self, visible: Sequence[RowT]) -> None:
        if len(self._painted) > KEEP_STRIPS * max(self._height, 1):
            self._painted = {row.key: self._painted[row.key] for row in visible}

    def _cells(self, row: RowT) -> Cells:
        return tuple(getattr(row, column.id)(column.width) for column in self._fitted)

    def _row_strip(self, index: int) -> Strip:
        row = self._rows[index]
        painted = self._painted.get(row.key)
        if painted is None:
            painted = self._painted[row.key] = _Painted(self._cells(row))
        if painted.strip is None:
            painted.strip = self._strip(painted.cells, self._painter.base, painted.flash)
        if index != self._cursor:
            return painted.strip
        return Strip(Segment.apply_style(painted.strip, post_style=self._painter.cursor), self.size.width)

    def _strip(self, cells: Sequence[Spans], ground: Style, flash: frozenset[int] = NOWHERE) -> Strip:
        between = (Segment(" " * GAP, ground),)
        parts: list[Cell] = []
        for i, (column, spans) in enumerate(zip(self._fitted, cells, strict=True)):
            parts += (between,) if i else ()
            parts.append(self._painter.cell(spans, column.width, ground, right=column.right, flash=i in flash))
        return self._painter.row(parts, self._taken, self.size.width, ground)
