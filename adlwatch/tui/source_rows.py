"""The lines of the sources screen: health, ages, errors, next attempt. Pure."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from adlwatch.domain.reading import Health
from adlwatch.domain.snapshot import Snapshot, SourceView
from adlwatch.tui import format as fmt
from adlwatch.tui.columns import Column
from adlwatch.tui.spans import Role, Spans, text

SOURCES: tuple[Column, ...] = (
    Column("name", "SOURCE", 16, 24, 0, right=False, flash=False),
    Column("health", "HEALTH", 9, 9, 1, right=False),
    Column("age", "AGE", 4, 5, 2, flash=False),
    Column("tries", "FAILED", 6, 6, 6),
    Column("upcoming", "NEXT TRY", 8, 8, 4, flash=False),
    Column("success", "LAST SUCCESS", 12, 12, 8, flash=False),
    Column("latency", "LATENCY", 7, 7, 5, flash=False),
    Column("positions", "POSITIONS", 9, 9, 9),
    Column("kind", "KIND", 11, 13, 7, right=False, flash=False),
    Column("error", "LAST ERROR / NOTE", 17, 90, 3, right=False),
)

HEALTH_GLYPHS = {
    Health.LIVE: ("●", Role.OK),
    Health.LATE: ("▲", Role.WARNING),
    Health.STALE: ("◌", Role.BLIND),
    Health.FAILING: ("✖", Role.CRITICAL),
    Health.AUTH: ("✖", Role.CRITICAL),
    Health.NEVER: ("○", Role.BLIND),
}
HEALTH_WORDS = {
    Health.LIVE: "answering in time",
    Health.LATE: "the last answer is late or the last try failed; what it said is still shown",
    Health.STALE: "no answer for too long: what it last said is shown, greyed, and not to be acted upon",
    Health.FAILING: "three tries or more failed in a row",
    Health.AUTH: "credentials refused: somebody has to act",
    Health.NEVER: "has not answered yet",
}


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One source."""

    source: SourceView
    now: datetime
    zone: tzinfo | None = None

    @property
    def key(self) -> str:
        """The source's id."""
        return self.source.id

    def name(self, _cells: int) -> Spans:
        """Id and, for anything not real, its label."""
        label: Spans = ((f" {self.source.label}", Role.ACCENT),) if self.source.label else ()
        return ((" ", Role.TEXT), (self.source.id, Role.STRONG), *label)

    def health(self, _cells: int) -> Spans:
        """Glyph and word."""
        glyph, role = HEALTH_GLYPHS[self.source.health]
        return text(f"{glyph} {self.source.health.value}", role)

    def age(self, _cells: int) -> Spans:
        """Age of its data."""
        return text(fmt.age(self.source.age_seconds), Role.BLIND if self.source.health.blind else Role.TEXT)

    def tries(self, _cells: int) -> Spans:
        """Failures in a row."""
        return text(str(self.source.failures), Role.WARNING if self.source.failures else Role.DIM)

    def upcoming(self, _cells: int) -> Spans:
        """When it is asked again."""
        if self.source.next_attempt is None:
            return text("asking", Role.DIM)
        seconds = (self.source.next_attempt - self.now).total_seconds()
        return text(f"in {fmt.age(seconds)}" if seconds > 0 else "due", Role.DIM)

    def success(self, _cells: int) -> Spans:
        """Time of the last answer."""
        return text(fmt.clock(self.source.last_success, self.zone), Role.DIM)

    def latency(self, _cells: int) -> Spans:
        """How long the last answer took."""
        seconds = self.source.latency
        return text(
            fmt.UNKNOWN if seconds is None else f"{seconds * 1000:.0f} ms" if seconds < 10 else f"{seconds:.0f} s", Role.DIM
        )

    def positions(self, _cells: int) -> Spans:
        """How many positions come from it."""
        return text(str(self.source.positions))

    def kind(self, _cells: int) -> Spans:
        """Kind of source."""
        return text(self.source.kind, Role.DIM)

    def error(self, _cells: int) -> Spans:
        """The last error, else its first note."""
        if self.source.error:
            return text(self.source.error, Role.WARNING)
        return text(self.source.notes[0] if self.source.notes else "", Role.DIM)


def source_rows(snapshot: Snapshot | None, zone: tzinfo | None = None) -> list[SourceRow]:
    """Blind ones first, else in the order of the configuration."""
    if snapshot is None:
        return []
    rows = [SourceRow(source, snapshot.as_of, zone) for source in snapshot.sources]
    return sorted(rows, key=lambda row: not row.source.health.blind)
