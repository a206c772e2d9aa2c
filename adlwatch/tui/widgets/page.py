"""A scrolling page of lines that repaints only lines that changed: drill-down, help, notes."""

from collections.abc import Sequence

from textual import events
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from adlwatch.tui.paint import Painter
from adlwatch.tui.spans import NOTHING, Spans


class Page(Widget, can_focus=True):
    """Lines of spans, longer than the screen if need be; the place in it is kept when the text changes."""

    DEFAULT_CSS = "Page { width: 1fr; height: 1fr; }"

    def __init__(self, painter: Painter, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name
        super().__init__(id=id)
        self._painter = painter
        self._lines: Sequence[Spans] = ()
        self._top = 0

    @property
    def below(self) -> int:
        """Lines further down."""
        return max(0, len(self._lines) - self._top - self.size.height)

    def show(self, lines: Sequence[Spans]) -> None:
        """Replace the text."""
        before, self._lines = self._lines, lines
        if self._top > self._last_top:
            self._top = self._last_top
            self.refresh()
            return
        for y in range(self.size.height):
            index = self._top + y
            old = before[index] if index < len(before) else NOTHING
            new = lines[index] if index < len(lines) else NOTHING
            if old != new:
                self.refresh(Region(0, y, self.size.width, 1))

    def move(self, step: int) -> None:
        """Scroll by lines."""
        self.move_to(self._top + step)

    def page(self, pages: int) -> None:
        """Scroll by screens."""
        self.move(pages * max(1, self.size.height - 1))

    def move_to(self, line: int) -> None:
        """Scroll so that this line is the first on screen."""
        top = max(0, min(line, self._last_top))
        if top != self._top:
            self._top = top
            self.refresh()

    def repaint(self) -> None:
        """The palette changed."""
        self.refresh()

    def on_resize(self, _: events.Resize) -> None:
        """Stay inside the text."""
        self.move(0)

    def render_line(self, y: int) -> Strip:
        """One line of the text."""
        index = self._top + y
        return self._painter.line(self._lines[index] if index < len(self._lines) else NOTHING, self.size.width)

    @property
    def _last_top(self) -> int:
        return max(0, len(self._lines) - self.size.height)
