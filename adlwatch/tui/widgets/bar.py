"""One line of spans: top line, tape, key hints. Changing its text never lays the screen out again."""

from textual.strip import Strip

from adlwatch.tui.paint import Painter
from adlwatch.tui.spans import NOTHING, Spans
from adlwatch.tui.widgets.lines import Lines


class Bar(Lines):
    """Shows one line, cut at the right edge."""

    DEFAULT_CSS = "Bar { height: 1; width: 1fr; }"

    def __init__(self, painter: Painter, *, raised: bool = False, id: str | None = None) -> None:  # noqa: A002  # Textual's name
        super().__init__(painter, id=id)
        self._raised = raised
        self._spans = NOTHING

    def show(self, spans: Spans) -> None:
        """Repaint if the text changed."""
        if spans != self._spans:
            self._spans = spans
            self.refresh()

    def line(self, y: int) -> Strip:
        """The line."""
        ground = self._painter.bar if self._raised else self._painter.base
        return self._painter.line(self._spans if y == 0 else NOTHING, self.size.width, ground)
