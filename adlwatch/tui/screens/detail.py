"""The drill-down of one position or hedge."""

from adlwatch.tui.actions import bindings
from adlwatch.tui.detail import detail_lines
from adlwatch.tui.frame import Frame
from adlwatch.tui.paint import Painter
from adlwatch.tui.screens.reading import Reading
from adlwatch.tui.spans import plain
from adlwatch.tui.venue_text import venue_text


class DetailScreen(Reading):
    """Follows its key through the snapshots; n and N go to its neighbours on the board."""

    SCOPES = ("page", "detail")
    BINDINGS = bindings(*SCOPES)

    def __init__(self, painter: Painter, key: str, keys: tuple[str, ...]) -> None:
        super().__init__(painter)
        self.key = key
        self.keys = keys

    def show(self, frame: Frame) -> None:
        """The key's page in this frame."""
        super().show(frame)
        snapshot = frame.snapshot
        if snapshot is None:
            return
        venue = next((p.venue for p in snapshot.positions if p.key == self.key), "")
        self.page.show(detail_lines(snapshot, self.key, venue_text(venue), self.size.width))

    def action_neighbour(self, step: int) -> None:
        """The next line of the board, or the one before."""
        if self.key in self.keys:
            self.key = self.keys[(self.keys.index(self.key) + step) % len(self.keys)]
            self.page.move_to(0)
            self.show(self.host.frame)

    def action_copy(self) -> None:
        """The page as text."""
        snapshot = self.host.frame.snapshot
        if snapshot is not None:
            venue = next((p.venue for p in snapshot.positions if p.key == self.key), "")
            lines = detail_lines(snapshot, self.key, venue_text(venue), 100)
            self.host.copy_text("\n".join(plain(line).rstrip() for line in lines))
