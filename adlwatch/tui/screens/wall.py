"""The wall: big type for a second screen."""

from adlwatch.tui.actions import bindings
from adlwatch.tui.frame import Frame
from adlwatch.tui.screens.reading import Reading
from adlwatch.tui.wall_text import Room, in_words, wall_lines


class WallScreen(Reading):
    """Follows what is live; nobody sits at it, so no incident opens over it: it says NAKED itself."""

    SCOPES = ("wall", "text")
    BINDINGS = bindings(*SCOPES)

    def show(self, frame: Frame) -> None:
        """As large as the screen allows."""
        super().show(frame)
        room = Room(self.page.size.width, self.page.size.height, self.painter.ascii_only, self.painter.palette.native)
        self.page.show(wall_lines(frame.live, frame.trouble, room)[: room.lines])

    @property
    def busy(self) -> bool:
        """What happens is shown here."""
        return True

    def action_copy(self) -> None:
        """In words."""
        self.host.copy_text(in_words(self.host.frame.live, self.host.frame.trouble))
