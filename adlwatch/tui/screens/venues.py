"""The venues of the book: how troubled they are and how they deleverage."""

from adlwatch.tui.actions import bindings
from adlwatch.tui.columns import roomy
from adlwatch.tui.frame import Frame
from adlwatch.tui.notices import board_notice
from adlwatch.tui.paint import Painter
from adlwatch.tui.screens.listing import Listing
from adlwatch.tui.screens.venue import VenueScreen
from adlwatch.tui.venue_rows import VENUES, StressRow, VenueRow, venue_rows
from adlwatch.tui.venue_text import venue_summary


class VenuesScreen(Listing):
    """A line a venue, and one for each of its pools and markets."""

    SCOPES = ("panel", "list", "venues")
    BINDINGS = bindings(*SCOPES)

    def __init__(self, painter: Painter) -> None:
        super().__init__(painter, tuple(map(roomy, VENUES)))

    def on_mount(self) -> None:
        """The keys belong to the table."""
        self.table.focus()

    def show(self, frame: Frame) -> None:
        """Venues of this frame."""
        super().show(frame)
        rows = venue_rows(frame.snapshot, venue_summary) if frame.snapshot is not None else []
        self.table.show(rows, notice=board_notice(frame.snapshot) if not rows else ())

    def action_open_venue(self) -> None:
        """Everything known about the venue under the cursor."""
        row = self.table.cursor_row
        if isinstance(row, VenueRow | StressRow):
            self.app.push_screen(VenueScreen(self.painter, row.venue if isinstance(row, VenueRow) else row.stress.venue))
