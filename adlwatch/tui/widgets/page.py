"""A scrolling page of lines that repaints only lines that changed: drill-down, help, notes."""

from collections.abc import Sequence

from textual import events
from textual.strip import Strip

from adlwatch.tui.layout import folded
from adlwatch.tui.paint import Painter
from adlwatch.tui.spans import NOTHING, Spans
from adlwatch.tui.widgets.lines import Lines


class Page(Lines, can_focus=True):
    """Lines of spans, longer than the screen if need be; the place in it is kept when the text changes."""

    DEFAULT_CSS = "Page { width: 1fr; height: 1fr; }"

    def __init__(self, painter: Painter, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name
        super().__init__(painter, id=id)
        self._text: Sequence[Spans] = ()
        self._lines: Sequence[Spans] = ()
        self._top = 0

    @property
    def shown(self) -> Sequence[Spans]:
        """The whole text, on screen or not."""
        return self._text

    @property
    def below(self) -> int:
        """Lines further down."""
        return max(0, len(self._lines) - self._top - self.size.height)

    def show(self, lines: Sequence[Spans]) -> None:
        """Replace the text; lines too long for the page are folded."""
        before, self._text = self._lines, lines
        self._lines = lines = [part for line in lines for part in folded(line, self.size.width)]
        if self._top > self._last_top:
            self._top = self._last_top
            self.refresh()
            return
        shown = range(self._top, self._top + self.size.height)
        self.refresh_lines(i - self._top for i in shown if _at(before, i) != _at(lines, i))

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

    def on_resize(self, _: events.Resize) -> None:
        """Fold the text anew and stay inside it."""
        self.show(self._text)
        self.move(0)

    def line(self, y: int) -> Strip:
        """One line of the text."""
        return self._painter.line(_at(self._lines, self._top + y), self.size.width)

    @property
    def _last_top(self) -> int:
        return max(0, len(self._lines) - self.size.height)


def _at(lines: Sequence[Spans], index: int) -> Spans:
    return lines[index] if index < len(lines) else NOTHING
