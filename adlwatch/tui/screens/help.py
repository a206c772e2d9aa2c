"""Help: keys, filter language and legends."""

from adlwatch.tui.actions import bindings
from adlwatch.tui.frame import Frame
from adlwatch.tui.help_text import help_lines
from adlwatch.tui.paint import Painter
from adlwatch.tui.screens.reading import Reading


class HelpScreen(Reading):
    """Contextual: the keys that work on the screen it was called from stand out."""

    SCOPES = ("page", "text")
    BINDINGS = bindings(*SCOPES)

    def __init__(self, painter: Painter, scopes: tuple[str, ...]) -> None:
        super().__init__(painter)
        self.scopes = scopes

    def show(self, frame: Frame) -> None:
        """The text depends on the width only; the bars go on."""
        super().show(frame)
        self.page.show(help_lines(self.scopes, self.size.width))
