"""The tables `[alerts]` and `[alerts.rules.NAME]`: what is told, how patiently, and at which hours not."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta, tzinfo
from types import MappingProxyType
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from adlwatch.config.sources import under
from adlwatch.domain.alert import RuleName
from adlwatch.domain.alert_rules import AlertRules, QuietHours, Rule
from adlwatch.strict import Misfit, convert, nearest

_HOURS = re.compile(r"([01]?\d|2[0-3]):([0-5]\d) ?[-–] ?([01]?\d|2[0-3]):([0-5]\d)")
_MAY_BE_OFF = ("escalate", "remind")
_DEFAULT = AlertRules()


class AlertsTable(Struct, frozen=True, forbid_unknown_fields=True):
    """The table as written; each rule's own table is checked against `Rule`, its defaults under it."""

    hedged_light: int = _DEFAULT.hedged_light
    unhedged_light: int = _DEFAULT.unhedged_light
    jump: int = _DEFAULT.jump
    jump_within: float = _DEFAULT.jump_within
    unexplained_after: float = _DEFAULT.unexplained_after
    quiet_hours: str | None = None
    """Such as `22:00-07:00`, in the time zone of the display."""
    rules: dict[str, dict[str, Any]] = {}


class LocalTime(tzinfo):
    """The machine's own time zone, summer time included."""

    def utcoffset(self, when: datetime | None) -> timedelta | None:
        """Of that local time."""
        return None if when is None else when.replace(tzinfo=None).astimezone().utcoffset()

    def dst(self, when: datetime | None) -> timedelta | None:  # noqa: ARG002  # tzinfo's signature
        """Not told apart from the offset."""
        return None

    def tzname(self, when: datetime | None) -> str | None:
        """As the system calls it."""
        return None if when is None else when.replace(tzinfo=None).astimezone().tzname()

    def fromutc(self, when: datetime) -> datetime:
        """As every tzinfo has to."""
        return when.replace(tzinfo=UTC).astimezone().replace(tzinfo=self)


def alert_rules(table: AlertsTable, time_zone: str) -> AlertRules:
    """The rules as configured over their defaults. Raises `Misfit`, its path from the top of the file."""
    with under("alerts"):
        figures = {name: getattr(table, name) for name in AlertRules.__struct_fields__ if name not in ("rules", "quiet_hours")}
        quiet = None if table.quiet_hours is None else _quiet_hours(table.quiet_hours, _zone(time_zone))
        return AlertRules(rules=_rules(table.rules), quiet_hours=quiet, **figures)


def _rules(tables: Mapping[str, dict[str, Any]]) -> Mapping[RuleName, Rule]:
    rules = dict(_DEFAULT.rules)
    for name, table in tables.items():
        if name not in tuple(RuleName):
            raise Misfit(("rules", name), f"no rule is called that{nearest(name, [str(rule) for rule in RuleName])}")
        default = asdict(rules[RuleName(name)])
        off = {key: None for key in _MAY_BE_OFF if table.get(key) is False}
        with under("rules", name):
            rules[RuleName(name)] = convert(default | table | off, Rule)
    return MappingProxyType(rules)


def _quiet_hours(text: str, zone: tzinfo) -> QuietHours:
    found = _HOURS.fullmatch(text.strip())
    if found is None:
        raise Misfit(("quiet_hours",), f'"{text}" are no hours; expected such as 22:00-07:00')
    start, end = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
    if start == end:
        raise Misfit(("quiet_hours",), "begin when they end")
    return QuietHours(start, end, zone)


def _zone(name: str) -> tzinfo:
    if name == "local":
        return LocalTime()
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo  # noqa: PLC0415  # most configurations need no zone data

    return ZoneInfo(name)
