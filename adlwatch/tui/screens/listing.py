"""Screens whose body is a table: moving the cursor, columns, retry."""

from collections.abc import Iterator

from textual.widget import Widget

from adlwatch.tui.columns import Column
from adlwatch.tui.paint import Painter
from adlwatch.tui.screens.view import View
from adlwatch.tui.spans import plain
from adlwatch.tui.widgets.live_table import LiveTable, TableRow


class Listing(View):
    """A view around one table."""

    def __init__(self, painter: Painter, columns: tuple[Column, ...]) -> None:
        super().__init__(painter)
        self.table: LiveTable[TableRow] = LiveTable(columns, painter, id="table")

    def body(self) -> Iterator[Widget]:
        """The table."""
        yield self.table

    def action_move(self, step: int) -> None:
        """Lines."""
        self.table.move(step)

    def action_page(self, pages: int) -> None:
        """Screens."""
        self.table.page(pages)

    def action_top(self) -> None:
        """First line."""
        self.table.move_to(0)

    def action_bottom(self) -> None:
        """Last line."""
        self.table.move_to(self.table.position[1])

    def action_columns(self, step: int) -> None:
        """Columns further right, or back."""
        self.table.shift_columns(step)

    def action_retry(self) -> None:
        """Ask every source again."""
        self.host.retry(None)

    def action_copy(self) -> None:
        """The line under the cursor as text, its columns between tabs."""
        row = self.table.cursor_row
        if row is None:
            self.notify("Nothing to copy here", markup=False, timeout=3)
            return
        cells = (plain(getattr(row, column.id)(column.width)) for column in self.table.columns)
        self.host.copy_text("\t".join(cell.strip() for cell in cells))
