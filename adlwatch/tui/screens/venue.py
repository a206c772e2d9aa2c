"""Everything known about how one venue deleverages, each fact with its grade and source."""

from adlwatch.tui.actions import bindings
from adlwatch.tui.detail_score import VenueText
from adlwatch.tui.frame import Frame
from adlwatch.tui.layout import described, heading, labelled
from adlwatch.tui.paint import Painter
from adlwatch.tui.screens.reading import Reading
from adlwatch.tui.spans import NOTHING, Role, Spans, text
from adlwatch.tui.venue_text import venue_text


class VenueScreen(Reading):
    """The profile as a page."""

    SCOPES = ("page", "text")
    BINDINGS = bindings(*SCOPES)

    def __init__(self, painter: Painter, venue: str) -> None:
        super().__init__(painter)
        self.venue = venue

    def show(self, frame: Frame) -> None:
        """Facts don't change while the program runs; their width may."""
        super().show(frame)
        self.page.show(venue_lines(venue_text(self.venue), self.size.width))


def venue_lines(venue: VenueText, cells: int) -> list[Spans]:
    """The page."""
    lines: list[Spans] = [((f" {venue.title}", Role.STRONG),), NOTHING, heading("HOW IT DELEVERAGES", cells)]
    if not venue.facts:
        return [*lines, text("  no profile of this venue", Role.BLIND)]
    for fact in venue.facts:
        lines += described(fact.name, (), f"{fact.value} ({fact.grade})", cells)
        lines += [labelled("", text(url, Role.DIM)) for url in fact.sources[:1]]
    return lines
