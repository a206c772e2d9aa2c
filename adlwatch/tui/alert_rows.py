"""The lines of the alerts screen: open ones worst first, then what was resolved. Pure."""

from collections.abc import Collection
from datetime import datetime, tzinfo

from msgspec import Struct

from adlwatch.domain.alert import Alert
from adlwatch.domain.snapshot import Snapshot
from adlwatch.tui import format as fmt
from adlwatch.tui.columns import Column
from adlwatch.tui.spans import Role, Spans, text

ALERTS: tuple[Column, ...] = (
    Column("name", "ALERT", 18, 24, 0, right=False, flash=False),
    Column("state", "STATE", 14, 14, 1, right=False),
    Column("level", "LEVEL", 5, 5, 4),
    Column("opened", "OPENED", 8, 8, 3, flash=False),
    Column("lasting", "FOR", 4, 5, 5, flash=False),
    Column("subject", "ABOUT", 14, 28, 6, right=False),
    Column("words", "WHAT", 30, 100, 2, right=False),
)
HEDGE_PREFIX = "hedge:"
LEVEL_ROLES = {1: Role.WATCH, 2: Role.WARNING, 3: Role.CRITICAL}


class AlertRow(Struct, frozen=True):
    """One alert."""

    alert: Alert
    now: datetime
    zone: tzinfo | None = None

    @property
    def key(self) -> str:
        """Identity of one occurrence."""
        return self.alert.id

    def name(self, _cells: int) -> Spans:
        """Its rule."""
        return ((" ", Role.TEXT), (self.alert.rule.value, Role.DIM if self.alert.resolved_at else Role.STRONG))

    def state(self, _cells: int) -> Spans:
        """Open, acknowledged, snoozed, blind or resolved: glyph and word."""
        alert = self.alert
        if alert.resolved_at is not None:
            return text("● resolved", Role.OK)
        if alert.blind:
            return text("○ open, blind", Role.BLIND)
        if alert.snoozed_until is not None and alert.snoozed_until > self.now:
            return text("◌ snoozed", Role.DIM)
        if alert.acknowledged_at is not None:
            return text("◆ acknowledged", Role.WATCH)
        return text("✖ escalated", Role.CRITICAL) if alert.escalated else text("▲ open", Role.WARNING)

    def level(self, _cells: int) -> Spans:
        """The rule's own scale."""
        return text(str(self.alert.level), LEVEL_ROLES.get(self.alert.level, Role.CRITICAL))

    def opened(self, _cells: int) -> Spans:
        """When."""
        return text(fmt.clock(self.alert.opened_at, self.zone), Role.DIM)

    def lasting(self, _cells: int) -> Spans:
        """How long it has been, or was, open."""
        return text(fmt.age(((self.alert.resolved_at or self.now) - self.alert.opened_at).total_seconds()), Role.DIM)

    def subject(self, _cells: int) -> Spans:
        """Hedge, position, pool or source."""
        return text(self.alert.subject or self.alert.account or self.alert.venue)

    def words(self, _cells: int) -> Spans:
        """One line."""
        return text(self.alert.text)


def alert_rows(snapshot: Snapshot | None, zone: tzinfo | None = None) -> list[AlertRow]:
    """In the snapshot's order: open ones worst first, then resolved ones, latest first."""
    return [AlertRow(alert, snapshot.as_of, zone) for alert in snapshot.alerts] if snapshot is not None else []


def about(snapshot: Snapshot, key: str) -> tuple[Alert, ...]:
    """The open alerts about a line of the board (a position's key, or `hedge:NAME`), a position's own or all of a hedge's."""
    name = key.removeprefix(HEDGE_PREFIX) if key.startswith(HEDGE_PREFIX) else None
    hedge = next((h for h in snapshot.hedges if h.name == name or (name is None and h.legs == (key,))), None)
    subjects = {key} if hedge is None else {hedge.name, *hedge.legs}
    subjects |= {
        each.id for each in snapshot.incidents if subjects & {*(h.name for h in each.hedges), *(leg.key for leg in each.legs)}
    }
    return of_subjects(snapshot, subjects)


def of_subjects(snapshot: Snapshot, subjects: Collection[str]) -> tuple[Alert, ...]:
    """The open alerts about any of these."""
    return tuple(alert for alert in snapshot.alerts if alert.resolved_at is None and alert.subject in subjects)
