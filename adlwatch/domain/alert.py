"""What an alert is, and the transitions that are worth a message. How it gets from one to the next: `alerts`."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct, field


class RuleName(StrEnum):
    """What can be alerted about."""

    HEDGED_LIGHT = "hedged-light"
    UNHEDGED_LIGHT = "unhedged-light"
    LIGHT_JUMP = "light-jump"
    LIGHT_RISING = "light-rising"
    NAKED = "naked"
    INCIDENT = "incident"
    LIQUIDATION = "liquidation"
    SHIELD = "shield"
    STRESS = "stress"
    BLIND = "blind"
    FAULT = "fault"
    """A part of our own that fails: a channel, the history, the assessment."""
    PERMISSION = "permission"
    """A key that may trade or withdraw."""


class Alert(Struct, frozen=True, kw_only=True):
    """One thing that needs attention. `key` is `account|venue|hedge, position, pool or source|rule` and holds no live number."""

    key: str
    rule: RuleName
    level: int
    """From 1; what it means is the rule's: `docs/alerts.md`."""
    text: str
    """One line, with the figures of the moment."""
    opened_at: datetime
    account: str = ""
    venue: str = ""
    subject: str = ""
    sources: tuple[str, ...] = ()
    """Sources it rests on: while one of them is blind it is not resolved."""
    blind: bool = False
    """Whether its condition cannot be seen now; it then stays as it was."""
    below_since: datetime | None = None
    """Since when the condition has been below `level`."""
    below: int = 0
    """The highest level since then."""
    announced: int = 0
    """Level that was last told, be it of an earlier occurrence; 0: never."""
    announced_at: datetime | None = None
    """When that was."""
    raised_at: datetime | None = None
    """When it was told that it is open, or stepped up: escalation counts from here. None: not told, as in quiet hours."""
    escalated: bool = False
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    snoozed_until: datetime | None = None
    resolved_at: datetime | None = None
    """None while it is open."""
    transitions: int = 0
    """How many transitions it has had: numbers the next one."""

    @property
    def id(self) -> str:
        """Identity of this occurrence: the same key may be raised again another day."""
        return f"{self.key}@{self.opened_at:%Y%m%dT%H%M%S.%f}"


class Change(StrEnum):
    """What a transition tells."""

    RAISED = "raised"
    STEPPED_UP = "stepped-up"
    STEPPED_DOWN = "stepped-down"
    RESOLVED = "resolved"
    ESCALATED = "escalated"
    REMINDED = "reminded"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"


class Transition(Struct, frozen=True, kw_only=True):
    """One change of one alert, to be delivered exactly once: `id` is the same whoever computes it again."""

    id: str
    change: Change
    at: datetime
    alert: Alert
    """As it is after the change."""
    page: bool = False
    """Whether it goes to whom escalations go: nobody has acknowledged in time."""
    quiet: bool = False
    """Whether quiet hours mute it: to be kept, not to be sent."""


class AlertBook(Struct, frozen=True, kw_only=True):
    """All alerts, and what rules have to remember. Encodes and comes back without loss."""

    alerts: Mapping[str, Alert] = field(default_factory=dict)
    """By key."""
    pending: Mapping[str, datetime] = field(default_factory=dict)
    """Since when a condition holds that has not yet held for long enough, by key."""
    lights: Mapping[str, tuple[tuple[datetime, int], ...]] = field(default_factory=dict)
    """By position: (time, level) whenever its light changed, as far back as a jump is looked for, and the one before."""
    shielded: frozenset[str] = frozenset()
    """Hedges whose shield has been seen to hold."""
