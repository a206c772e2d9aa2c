"""Spans to terminal cells: the one place where foreign text is cleaned, roles become styles, and ASCII mode translates."""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from adlwatch.tui.spans import Role, Spans
from adlwatch.tui.text import clean, cut, to_ascii, width
from adlwatch.tui.theme import Palette

KEPT_CELLS = 4096
"""Painted cells that are remembered: most of a table says the same thing as the row above it, or as half a second ago."""

Cell: TypeAlias = Sequence[Segment]


class Painter:
    """Paints in one palette; `ascii_only` for terminals without Unicode."""

    def __init__(self, palette: Palette, *, ascii_only: bool = False) -> None:
        self.ascii_only = ascii_only
        self.use(palette)

    def use(self, palette: Palette) -> None:
        """Paint in another palette from here on; whoever keeps strips has to repaint."""
        self.palette = palette
        self.base = Style.parse(palette.base)
        self.bar = Style.parse(palette.bar)
        self.cursor = Style.parse(palette.cursor)
        self._flash = Style.parse(palette.flash)
        self._roles = {role: Style.parse(definition) for role, definition in palette.roles.items()}
        self._styles: dict[tuple[Role, Style, bool], Style] = {}
        self._cells: dict[tuple[Spans, int, bool, bool, bool], Cell] = {}

    def style(self, role: Role, ground: Style, *, flash: bool = False) -> Style:
        """The style of a role on a ground."""
        found = self._styles.get((role, ground, flash))
        if found is None:
            found = ground + self._roles[role] + (self._flash if flash else Style.null())
            self._styles[(role, ground, flash)] = found
        return found

    def text(self, value: str) -> str:
        """Text that is safe to print."""
        return to_ascii(clean(value)) if self.ascii_only else clean(value)

    def cell(self, spans: Spans, cells: int, ground: Style, *, right: bool = False, flash: bool = False) -> Cell:
        """Exactly `cells` wide: cut with an ellipsis or padded, aligned left or right."""
        key = (spans, cells, ground is self.bar, right, flash)
        found = self._cells.get(key)
        if found is None:
            if len(self._cells) >= KEPT_CELLS:
                self._cells.clear()
            found = self._cells[key] = self._painted(spans, cells, ground, right=right, flash=flash)
        return found

    def _painted(self, spans: Spans, cells: int, ground: Style, *, right: bool, flash: bool) -> Cell:
        segments: list[Segment] = []
        used = 0
        for value, role in spans:
            shown = self._cut(self.text(value), cells - used)
            if shown:
                segments.append(Segment(shown, self.style(role, ground, flash=flash)))
                used += width(shown)
        if used < cells:
            segments.insert(0 if right else len(segments), Segment(" " * (cells - used), ground))
        return joined((segments,))

    def _cut(self, value: str, cells: int) -> str:
        shown = cut(value, cells) if cells > 0 else ""
        return to_ascii(shown) if self.ascii_only else shown

    def row(self, parts: Iterable[Cell], used: int, cells: int, ground: Style) -> Strip:
        """One strip of at least `cells` out of parts that take `used`."""
        tail = (Segment(" " * (cells - used), ground),) if used < cells else ()
        return Strip(joined((*parts, tail)), max(used, cells))

    def line(self, spans: Spans, cells: int, ground: Style | None = None) -> Strip:
        """One whole line."""
        ground = ground or self.base
        return Strip(self._painted(spans, cells, ground, right=False, flash=False), cells)


def joined(parts: Iterable[Cell]) -> list[Segment]:
    """As few segments as look the same: each costs about forty bytes on the way to the terminal."""
    segments: list[Segment] = []
    words, style = "", None
    for part in parts:
        for segment in part:
            if segment.style is style or (words and _is_blank_on(segment, style)):
                words += segment.text
            else:
                if words:
                    segments.append(Segment(words, style))
                words, style = segment.text, segment.style
    return [*segments, Segment(words, style)] if words else segments


def _is_blank_on(segment: Segment, style: Style | None) -> bool:
    """Whether it is only blanks, which look the same in the style before them."""
    if style is None or segment.style is None or not segment.text.isspace():
        return False
    return style.bgcolor == segment.style.bgcolor and not style.reverse and not segment.style.reverse
