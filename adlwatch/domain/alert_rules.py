"""What is alerted about, from which figure on, how patiently, and when not. `docs/alerts.md` has the defaults as a table."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, tzinfo
from types import MappingProxyType

from msgspec import Struct, field
from msgspec.structs import replace

from adlwatch.domain.alert import RuleName

NEVER_MUTED = frozenset({RuleName.NAKED, RuleName.INCIDENT, RuleName.BLIND, RuleName.FAULT})
"""What quiet hours let through whatever the configuration says."""


class Rule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one kind of alert behaves. Times are seconds."""

    on: bool = True
    hold: float = 0.0
    """The condition has to hold for so long before the alert is raised."""
    clear: float = 120.0
    """It has to be below the alert's level for so long before the alert steps down or is resolved."""
    cool_down: float = 600.0
    """Raised again at the same level within this time after its last message, it is told only when the time is over."""
    quiet: bool = True
    """Whether quiet hours mute it."""
    escalate: float | None = None
    """Not acknowledged for so long, it goes to whom escalations go."""
    remind: float | None = None
    """After that it is repeated every so often until acknowledged."""

    def __post_init__(self) -> None:
        for name in ("hold", "clear", "cool_down", "escalate", "remind"):
            value = getattr(self, name)
            if value is not None and value < 0:
                raise ValueError(f"{name} must not be negative")


class QuietHours(Struct, frozen=True):
    """Hours of the day in which nobody is to be woken without need; they may span midnight."""

    start: time
    end: time
    zone: tzinfo = UTC

    def at(self, now: datetime) -> bool:
        """Whether `now` lies within them; the start belongs to them, the end does not."""
        clock = now.astimezone(self.zone).time()
        return self.start <= clock < self.end if self.start <= self.end else clock >= self.start or clock < self.end


def _defaults() -> Mapping[RuleName, Rule]:
    loud = Rule(cool_down=0.0, quiet=False, escalate=60.0, remind=300.0)
    return MappingProxyType(
        {
            RuleName.HEDGED_LIGHT: Rule(escalate=300.0),
            RuleName.UNHEDGED_LIGHT: Rule(),
            RuleName.LIGHT_JUMP: Rule(clear=300.0),
            RuleName.LIGHT_RISING: Rule(on=False, hold=5.0),
            RuleName.NAKED: replace(loud, hold=3.0, clear=30.0, escalate=180.0),
            RuleName.INCIDENT: replace(loud, clear=30.0),
            RuleName.LIQUIDATION: Rule(quiet=False, escalate=120.0, remind=600.0),
            RuleName.SHIELD: Rule(clear=60.0),
            RuleName.STRESS: Rule(clear=300.0, cool_down=900.0),
            RuleName.BLIND: Rule(hold=10.0, clear=10.0, cool_down=60.0, quiet=False, escalate=300.0, remind=1800.0),
            RuleName.FAULT: Rule(clear=60.0, cool_down=300.0, quiet=False),
            RuleName.PERMISSION: Rule(clear=0.0),
        }
    )


class AlertRules(Struct, frozen=True, kw_only=True):
    """The rules and their figures. What is naked, and how far liquidation may be, is `Thresholds`' to say."""

    rules: Mapping[RuleName, Rule] = field(default_factory=_defaults)
    hedged_light: int = 4
    """Light of a hedged leg from which on it is told."""
    unhedged_light: int = 4
    jump: int = 2
    """Levels that a light goes up within `jump_within`."""
    jump_within: float = 300.0
    unexplained_after: float = 10.0
    """Seconds that the venue gets to explain a shrink: fills may be listed a moment later."""
    quiet_hours: QuietHours | None = None

    def __post_init__(self) -> None:
        """Refuse what would mute the worst.

        Raises:
            ValueError: one clear line naming the rule or figure.

        """
        for name in NEVER_MUTED:
            if self.rules[name].quiet:
                raise ValueError(f"{name}: cannot be muted by quiet hours")
        for figure in ("hedged_light", "unhedged_light", "jump"):
            if not 1 <= getattr(self, figure) <= 5:
                raise ValueError(f"{figure}: expected a light, 1 to 5")
        for figure in ("jump_within", "unexplained_after"):
            if getattr(self, figure) < 0:
                raise ValueError(f"{figure}: must not be negative")

    def muted(self, name: RuleName, now: datetime) -> bool:
        """Whether quiet hours mute a rule at that time."""
        return self.quiet_hours is not None and self.rules[name].quiet and self.quiet_hours.at(now)
