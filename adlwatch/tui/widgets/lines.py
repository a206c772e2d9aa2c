"""What every widget of ours is: lines drawn over its whole area and kept until they are said to be stale.

Textual asks every widget on screen for all of its lines whenever anything on it changes, and its own way to a line leads past
borders, padding, opacity and links, none of which ours have. Handing out kept strips halves the cost of an update.
"""

from collections.abc import Iterable
from itertools import pairwise
from typing import Self

from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from adlwatch.tui.paint import Painter


class Lines(Widget):
    """A subclass draws one line in `line`, and says which are stale with `refresh` or `refresh_lines`."""

    def __init__(self, painter: Painter, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name
        super().__init__(id=id)
        self._painter = painter
        self._kept: dict[int, Strip] = {}
        self._kept_for = Size(0, 0)

    def line(self, y: int) -> Strip:
        """One line, exactly as wide as the widget."""
        raise NotImplementedError

    def refresh_lines(self, lines: Iterable[int], right: int | None = None) -> None:
        """Draw these again, up to the cell `right`; told to Textual in as few regions as they make."""
        stale = sorted(lines)
        wide = self.size.width if right is None else right
        starts = [y for before, y in pairwise((-2, *stale)) if y != before + 1]
        ends = [y for y, after in pairwise((*stale, -2)) if after != y + 1]
        if stale:
            self.refresh(*(Region(0, a, wide, b - a + 1) for a, b in zip(starts, ends, strict=True)))

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """As Textual's, and what is refreshed is not kept."""
        if not regions:
            self._kept.clear()
        for y in (y for region in regions for y in region.line_range):
            self._kept.pop(y, None)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def repaint(self) -> None:
        """The palette changed."""
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line, kept or drawn."""
        strip = self._kept.get(y)
        if strip is None:
            strip = self._kept[y] = self._filtered(self.line(y))
        return strip

    def _filtered(self, strip: Strip) -> Strip:
        """Textual's filters are for colours of the terminal's own; a palette of true colours has none."""
        for each in self.get_line_filters() if self._painter.palette.native else ():
            strip = strip.apply_filter(each, self.background_colors[1])
        return strip

    def render_lines(self, crop: Region) -> list[Strip]:
        """What Textual asks for; a size it has not yet told us of makes everything stale."""
        if self.size != self._kept_for:
            self._kept.clear()
            self._kept_for = self.size
        strips = [self.render_line(y) for y in crop.line_range]
        x1, x2 = crop.column_span
        return strips if (x1, x2) == (0, self.size.width) else [strip.crop(x1, x2) for strip in strips]
