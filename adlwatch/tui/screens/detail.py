"""The drill-down of one position or hedge."""

from adlwatch.tui.actions import bindings
from adlwatch.tui.detail import detail_lines
from adlwatch.tui.frame import Frame
from adlwatch.tui.paint import Painter
from adlwatch.tui.screens.reading import Reading
from adlwatch.tui.spans import Spans, plain
from adlwatch.tui.venue_text import venue_text

COPY_WIDTH = 100


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
        self.page.show(self.lines(frame, self.size.width))

    def lines(self, frame: Frame, cells: int) -> list[Spans]:
        """The page as wide as asked."""
        positions = frame.snapshot.positions if frame.snapshot is not None else ()
        venue = next((p.venue for p in positions if p.key == self.key), "")
        return detail_lines(frame, self.key, venue_text(venue), cells)

    def action_neighbour(self, step: int) -> None:
        """The next line of the board, or the one before."""
        if self.key in self.keys:
            self.key = self.keys[(self.keys.index(self.key) + step) % len(self.keys)]
            self.page.move_to(0)
            self.show(self.host.frame)

    def action_fix(self) -> None:
        """What would bring this light down."""
        self.host.open_remedies(self.key)

    def action_copy(self) -> None:
        """The page as text."""
        self.host.copy_text("\n".join(plain(line).rstrip() for line in self.lines(self.host.frame, COPY_WIDTH)))
