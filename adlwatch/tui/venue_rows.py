"""The lines of the venues screen: how each venue deleverages, and how troubled its pools and markets are. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from adlwatch.domain.snapshot import Snapshot, StressLevel, StressView
from adlwatch.domain.venue_summary import VenueSummary
from adlwatch.tui import format as fmt
from adlwatch.tui.columns import Column
from adlwatch.tui.more_cells import value_or_dash
from adlwatch.tui.rows import age_cell
from adlwatch.tui.spans import NOTHING, Role, Span, Spans, text

VENUES: tuple[Column, ...] = (
    Column("name", "VENUE / POOL", 20, 28, 0, right=False, flash=False),
    Column("level", "STRESS", 10, 10, 1, right=False),
    Column("balance", "POOL", 8, 9, 3),
    Column("drain", "DRAIN/h", 8, 8, 2),
    Column("empties", "EMPTY IN", 8, 8, 5),
    Column("trigger", "TO ADL", 8, 8, 4),
    Column("funding", "FUND z", 6, 6, 8),
    Column("gap", "MARK-IDX", 8, 8, 9),
    Column("age", "AGE", 4, 5, 10, flash=False),
    Column("about", "HOW IT CLOSES / WHY", 20, 90, 6, right=False),
)
MARKS: dict[StressLevel, Span] = {
    StressLevel.CRITICAL: ("✖", Role.CRITICAL),
    StressLevel.WARNING: ("▲", Role.WARNING),
    StressLevel.WATCH: ("◆", Role.WATCH),
    StressLevel.UNKNOWN: ("○", Role.BLIND),
    StressLevel.CALM: ("●", Role.OK),
}
ORDER = list(MARKS)


def level_cell(level: StressLevel) -> Spans:
    """Glyph and word."""
    glyph, role = MARKS[level]
    return text(f"{glyph} {level.value}", role)


@dataclass(frozen=True, slots=True)
class VenueRow:
    """A venue: its worst stress, and how it closes."""

    venue: str
    summary: VenueSummary | None
    worst: StressLevel

    @property
    def key(self) -> str:
        """The venue's id."""
        return f"venue:{self.venue}"

    def name(self, _cells: int) -> Spans:
        """Its id."""
        return ((" ", Role.TEXT), (self.venue, Role.STRONG))

    def level(self, _cells: int) -> Spans:
        """The worst of its pools and markets."""
        return level_cell(self.worst)

    def about(self, _cells: int) -> Spans:
        """Rule, closing price, light and protection in short."""
        if self.summary is None:
            return text("no profile of this venue", Role.BLIND)
        words = self.summary
        known = f"ranks by {words.formula} ({words.grade}) · closes at {words.closing_price} · spares {words.protection}"
        return text(f"{known} · light {words.indicator} every {words.cadence}", Role.DIM)

    def balance(self, _cells: int) -> Spans:
        """Belongs to pools."""
        return NOTHING

    drain = empties = trigger = funding = gap = age = balance


@dataclass(frozen=True, slots=True)
class StressRow:
    """A pool, or a market's own signs."""

    stress: StressView
    place: int

    @property
    def key(self) -> str:
        """Venue, pool and markets; the place tells equals apart."""
        return f"{self.stress.venue}:{self.stress.pool}:{','.join(self.stress.symbols)}:{self.place}"

    def name(self, _cells: int) -> Spans:
        """The pool, or the market."""
        shown = self.stress.pool or ", ".join(self.stress.symbols) or "whole venue"
        return (("   ", Role.TEXT), (shown, Role.TEXT))

    def level(self, _cells: int) -> Spans:
        """How troubled."""
        return level_cell(self.stress.level)

    def balance(self, _cells: int) -> Spans:
        """USD in the pool."""
        return value_or_dash(fmt.usd_short(self.stress.balance))

    def drain(self, _cells: int) -> Spans:
        """Lost an hour; a plus means that it grows."""
        drain = self.stress.drain_per_hour
        role = Role.WARNING if drain is not None and drain > 0.01 else Role.TEXT
        return value_or_dash(fmt.percent(-drain if drain is not None else None, 1, plus=True), role)

    def empties(self, _cells: int) -> Spans:
        """Hours until nothing is left at this pace."""
        hours = self.stress.hours_to_empty
        return value_or_dash(fmt.age(hours * 3600 if hours is not None else None))

    def trigger(self, _cells: int) -> Spans:
        """Distance to the venue's own trigger."""
        return value_or_dash(fmt.percent(self.stress.trigger_distance, 1))

    def funding(self, _cells: int) -> Spans:
        """How unusual the funding is."""
        return value_or_dash(fmt.fixed(self.stress.funding_z, 1, plus=True))

    def gap(self, _cells: int) -> Spans:
        """Mark over index."""
        return value_or_dash(fmt.percent(self.stress.index_gap, 2, plus=True))

    def age(self, _cells: int) -> Spans:
        """Of the figures."""
        return age_cell(self.stress.age_seconds, None)

    def about(self, _cells: int) -> Spans:
        """The venue's own word first, then why this level."""
        word = ((f"{self.stress.warning}  ", Role.WARNING),) if self.stress.warning else NOTHING
        return (*word, ("; ".join(self.stress.reasons), Role.DIM))


def venue_rows(snapshot: Snapshot, summary: Callable[[str], VenueSummary | None]) -> list[VenueRow | StressRow]:
    """Venues of the book, the most troubled first, each with its pools and markets below it."""
    stress: dict[str, list[StressView]] = {venue: [] for venue in sorted({p.venue for p in snapshot.positions})}
    for view in snapshot.stress:
        stress.setdefault(view.venue, []).append(view)
    rows: list[VenueRow | StressRow] = []
    for venue in sorted(stress, key=lambda name: (ORDER.index(worst(stress[name])), name)):
        rows.append(VenueRow(venue, summary(venue), worst(stress[venue])))
        below = sorted(stress[venue], key=lambda view: (ORDER.index(view.level), view.pool or "", view.symbols))
        rows += [StressRow(view, place) for place, view in enumerate(below)]
    return rows


def worst(views: Sequence[StressView]) -> StressLevel:
    """The most troubled; nothing known is unknown, not calm."""
    return min((view.level for view in views), key=ORDER.index, default=StressLevel.UNKNOWN)
