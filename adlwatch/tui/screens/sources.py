"""The sources and how their fetches go; a fault there shows here and in the log, in the same words."""

from collections.abc import Iterator

from textual.widget import Widget

from adlwatch.tui.actions import bindings
from adlwatch.tui.frame import Frame
from adlwatch.tui.layout import wrapped
from adlwatch.tui.notices import board_notice
from adlwatch.tui.paint import Painter
from adlwatch.tui.screens.listing import Listing
from adlwatch.tui.source_rows import HEALTH_WORDS, SOURCES, SourceRow, source_rows
from adlwatch.tui.spans import Role, Spans, text
from adlwatch.tui.widgets.page import Page


class SourcesScreen(Listing):
    """A line a source, and below the table all that is known of the one under the cursor."""

    SCOPES = ("panel", "list", "sources")
    BINDINGS = bindings(*SCOPES)
    CSS = "SourcesScreen Page { height: 8; }"

    def __init__(self, painter: Painter) -> None:
        super().__init__(painter, SOURCES)
        self.notes = Page(painter, id="notes")

    def body(self) -> Iterator[Widget]:
        """Table and notes."""
        yield self.table
        yield self.notes

    def on_mount(self) -> None:
        """The keys belong to the table."""
        self.table.focus()

    def show(self, frame: Frame) -> None:
        """The sources of the running data: pause holds the board, not these."""
        super().show(frame)
        rows = source_rows(frame.live, frame.zone)
        self.table.show(rows, notice=board_notice(frame.live) if not rows else ())
        self._show_notes()

    def _show_notes(self) -> None:
        row = self.table.cursor_row
        self.notes.show(source_notes(row, self.size.width) if isinstance(row, SourceRow) else ())

    def action_move(self, step: int) -> None:
        """Move and tell about the next one."""
        super().action_move(step)
        self._show_notes()

    def action_retry_one(self) -> None:
        """Ask the one under the cursor."""
        row = self.table.cursor_row
        if row is not None:
            self.host.retry(row.key)


def source_notes(row: SourceRow, cells: int) -> list[Spans]:
    """Everything about one source in words."""
    source = row.source
    lines: list[Spans] = [((f" {source.id}", Role.STRONG), (f"  {source.health.value}: {HEALTH_WORDS[source.health]}", Role.DIM))]
    if source.error:
        lines += wrapped(source.error, cells, Role.WARNING)
    for note in source.notes:
        lines += wrapped(f"· {note}", cells, Role.DIM)
    return lines if len(lines) > 1 else [*lines, text("  nothing to add", Role.DIM)]
