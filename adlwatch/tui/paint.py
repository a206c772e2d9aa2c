"""Spans to terminal cells: the one place where foreign text is cleaned, roles become styles, and ASCII mode translates."""

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from adlwatch.tui.spans import Role, Spans
from adlwatch.tui.text import clean, cut, to_ascii, width
from adlwatch.tui.theme import Palette


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

    def cell(self, spans: Spans, cells: int, ground: Style, *, right: bool = False, flash: bool = False) -> list[Segment]:
        """Exactly `cells` wide: cut with an ellipsis or padded, aligned left or right."""
        segments: list[Segment] = []
        used = 0
        for value, role in spans:
            shown = self._cut(self.text(value), cells - used)
            if shown:
                segments.append(Segment(shown, self.style(role, ground, flash=flash)))
                used += width(shown)
        if used >= cells:
            return segments
        padding = Segment(" " * (cells - used), ground)
        return [padding, *segments] if right else [*segments, padding]

    def _cut(self, value: str, cells: int) -> str:
        shown = cut(value, cells) if cells > 0 else ""
        return to_ascii(shown) if self.ascii_only else shown

    def row(self, segments: list[Segment], cells: int, ground: Style) -> Strip:
        """One strip of `cells`, in as few segments as look the same: each costs about forty bytes on the way to the terminal."""
        joined: list[Segment] = []
        used = 0
        for segment in segments:
            used += width(segment.text)
            if joined and _looks_the_same(joined[-1].style, segment):
                joined[-1] = Segment(joined[-1].text + segment.text, joined[-1].style)
            else:
                joined.append(segment)
        if used < cells:
            joined.append(Segment(" " * (cells - used), ground))
        return Strip(joined, max(used, cells))

    def line(self, spans: Spans, cells: int, ground: Style | None = None) -> Strip:
        """One whole line."""
        ground = ground or self.base
        return self.row(self.cell(spans, cells, ground), cells, ground)


def _looks_the_same(before: Style | None, segment: Segment) -> bool:
    """Whether a segment may go on in the style before it: the same style, or blanks on the same ground."""
    if before is segment.style or before is None or segment.style is None:
        return before is segment.style
    blank = not segment.text.strip()
    return blank and before.bgcolor == segment.style.bgcolor and not before.reverse and not segment.style.reverse
