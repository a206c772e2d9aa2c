"""Alerts: open, acknowledged, past."""

from collections.abc import Iterator

from textual.widget import Widget

from adlwatch.domain.alert import Alert
from adlwatch.tui.actions import bindings
from adlwatch.tui.alert_rows import ALERTS, AlertRow, alert_rows
from adlwatch.tui.frame import Frame
from adlwatch.tui.layout import wrapped
from adlwatch.tui.paint import Painter
from adlwatch.tui.screens.channels import ChannelsScreen
from adlwatch.tui.screens.listing import Listing
from adlwatch.tui.spans import Role, Spans, text
from adlwatch.tui.widgets.page import Page

NONE: tuple[Spans, ...] = (text("No alerts.", Role.STRONG), text("What raises one: docs/alerts.md.", Role.DIM))


class AlertsScreen(Listing):
    """A line an alert, and below the table the whole text of the one under the cursor."""

    SCOPES = ("panel", "list", "alerts")
    BINDINGS = bindings(*SCOPES)
    CSS = "AlertsScreen Page { height: 5; }"

    def __init__(self, painter: Painter) -> None:
        super().__init__(painter, ALERTS)
        self.words = Page(painter, id="words")

    def body(self) -> Iterator[Widget]:
        """Table and text."""
        yield self.table
        yield self.words

    def on_mount(self) -> None:
        """The keys belong to the table."""
        self.table.focus()

    def show(self, frame: Frame) -> None:
        """The alerts of the running data: pause holds the board, not these."""
        super().show(frame)
        rows = alert_rows(frame.live, frame.zone)
        self.table.show(rows, notice=NONE if not rows else ())
        self._show_words()

    def _show_words(self) -> None:
        row = self.table.cursor_row
        self.words.show(wrapped(row.alert.text, self.size.width) if isinstance(row, AlertRow) else ())

    def _chosen(self) -> tuple[Alert, ...]:
        row = self.table.cursor_row
        return (row.alert,) if isinstance(row, AlertRow) else ()

    def action_acknowledge(self) -> None:
        """The one under the cursor."""
        self.host.acknowledge(self._chosen())

    def action_snooze(self) -> None:
        """The one under the cursor, for an hour."""
        self.host.snooze(self._chosen())

    def action_channels(self) -> None:
        """Who is told."""
        self.app.push_screen(ChannelsScreen(self.painter))

    def action_move(self, step: int) -> None:
        """Move and show the next one's text."""
        super().action_move(step)
        self._show_words()
