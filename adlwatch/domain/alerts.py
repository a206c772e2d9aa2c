"""From one snapshot to the next: which alerts are raised, step up or down, are resolved, escalated, repeated.

An alert is raised at a level and steps down only when its condition has been lower for a time; a step up is told at once,
whatever the cool-down. What cannot be seen changes nothing: no data never resolves an alert, it raises one of its own. Told are
transitions only.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple

from msgspec.structs import replace

from adlwatch.domain.alert import Alert, AlertBook, Change, RuleName, Transition
from adlwatch.domain.alert_findings import Finding, Scan, scan
from adlwatch.domain.alert_memory import remembered
from adlwatch.domain.alert_rules import AlertRules, Rule
from adlwatch.domain.settings import Settings
from adlwatch.domain.snapshot import Snapshot

KEPT = timedelta(hours=24)
"""How long a resolved alert is still shown."""
_NONE: Mapping[str, str] = MappingProxyType({})


class Evaluated(NamedTuple):
    """The alerts after a snapshot, and what is to be told."""

    book: AlertBook
    transitions: tuple[Transition, ...]


def evaluate(previous: AlertBook, snapshot: Snapshot, settings: Settings, faults: Mapping[str, str] = _NONE) -> Evaluated:
    """Carry the alerts on to the snapshot's time. `faults`: parts of our own that fail (a channel, the history), and why."""
    rules, now = settings.alerts, snapshot.as_of
    memory = remembered(previous, snapshot, timedelta(seconds=rules.jump_within))
    seen = scan(snapshot, memory, settings, faults)
    if not seen.findings and not previous.alerts and not previous.pending:
        return Evaluated(memory, ())
    pending = _pending(previous, seen, rules, now)
    alerts: dict[str, Alert] = {}
    told: list[Transition] = []
    for key in dict.fromkeys((*previous.alerts, *seen.findings)):
        known, finding = previous.alerts.get(key), None if key in pending else seen.findings.get(key)
        moved = _opened(known, finding, now) if known is None or known.resolved_at else _moved(known, finding, seen, rules, now)
        if moved is not None:
            alerts[key], changes = _told(known, moved, rules, now)
            told += changes
    return Evaluated(replace(memory, alerts=alerts, pending=pending), tuple(told))


def shown(book: AlertBook) -> tuple[Alert, ...]:
    """For a snapshot: open ones, not acknowledged before acknowledged, by level and age; then resolved ones, latest first."""
    alerts = sorted(book.alerts.values(), key=lambda each: (each.opened_at, each.key))
    opened = [alert for alert in alerts if alert.resolved_at is None]
    over = [(alert.resolved_at, alert) for alert in alerts if alert.resolved_at is not None]
    opened.sort(key=lambda each: (each.acknowledged_at is not None, -each.level))
    over.sort(key=lambda each: each[0], reverse=True)
    return (*opened, *(alert for _, alert in over))


def acknowledge(book: AlertBook, key: str, by: str, now: datetime) -> Evaluated:
    """Somebody has seen it: it is neither escalated nor repeated, until it steps up. No open alert of that key: nothing."""
    alert = book.alerts.get(key)
    if alert is None or alert.resolved_at is not None or alert.acknowledged_at is not None:
        return Evaluated(book, ())
    return _commanded(book, replace(alert, acknowledged_by=by, acknowledged_at=now), Change.ACKNOWLEDGED, now)


def snooze(book: AlertBook, key: str, until: datetime, now: datetime) -> Evaluated:
    """Nothing more of it until then, unless it steps up; if it is open then, it is told again."""
    alert = book.alerts.get(key)
    if alert is None or alert.resolved_at is not None or until <= now:
        return Evaluated(book, ())
    return _commanded(book, replace(alert, snoozed_until=until), Change.SNOOZED, now)


def _commanded(book: AlertBook, alert: Alert, change: Change, now: datetime) -> Evaluated:
    """Whoever decides about an alert has seen it, also where quiet hours have kept it from being told."""
    if alert.raised_at is None:
        alert = replace(alert, raised_at=now, announced=alert.level, announced_at=now)
    alert, transition = _transition(alert, change, now)
    return Evaluated(replace(book, alerts={**book.alerts, alert.key: alert}), (transition,))


def _pending(previous: AlertBook, seen: Scan, rules: AlertRules, now: datetime) -> dict[str, datetime]:
    """What has not yet held for long enough; a condition that cannot be seen goes on waiting."""
    waiting: dict[str, datetime] = {}
    for key in dict.fromkeys((*previous.pending, *seen.findings)):
        known, finding = previous.alerts.get(key), seen.findings.get(key)
        if known is not None and known.resolved_at is None:
            continue
        since = previous.pending.get(key, now)
        if finding is None:
            if key in seen.unknown or seen.nothing_seen:
                waiting[key] = since
        elif (now - since).total_seconds() < rules.rules[finding.rule].hold:
            waiting[key] = since
    return waiting


def _opened(known: Alert | None, finding: Finding | None, now: datetime) -> Alert | None:
    """A new alert, or the resolved one for as long as it is kept."""
    if finding is None:
        return known if known is not None and known.resolved_at and now - known.resolved_at <= KEPT else None
    alert = Alert(
        key=finding.key,
        rule=finding.rule,
        level=finding.level,
        text=finding.text,
        opened_at=now,
        account=finding.account,
        venue=finding.venue,
        subject=finding.subject,
        sources=finding.sources,
    )
    if known is None:
        return alert
    return replace(alert, announced=known.announced, announced_at=known.announced_at, snoozed_until=known.snoozed_until)


def _moved(alert: Alert, finding: Finding | None, seen: Scan, rules: AlertRules, now: datetime) -> Alert:
    """An open alert after what was found, or not found, or could not be seen."""
    if finding is None:
        unseen = seen.nothing_seen or alert.key in seen.unknown or not seen.blind.isdisjoint(alert.sources)
        if unseen and alert.rule is not RuleName.FAULT:
            return replace(alert, blind=True, below_since=None, below=0)
        return _lowered(replace(alert, blind=False), 0, rules.rules[alert.rule], now)
    alert = replace(alert, text=finding.text, sources=finding.sources, blind=False)
    if finding.level >= alert.level:
        return replace(alert, level=finding.level, below_since=None, below=0)
    return _lowered(alert, finding.level, rules.rules[alert.rule], now)


def _lowered(alert: Alert, level: int, rule: Rule, now: datetime) -> Alert:
    """Down to the highest level of the time for which it has been lower, if that time is long enough."""
    since, below = alert.below_since or now, max(alert.below, level)
    if (now - since).total_seconds() < rule.clear:
        return replace(alert, below_since=since, below=below)
    if below:
        return replace(alert, level=below, below_since=None, below=0)
    return replace(alert, resolved_at=now, below_since=None)


def _told(known: Alert | None, alert: Alert, rules: AlertRules, now: datetime) -> tuple[Alert, list[Transition]]:
    """The alert, and the transition that is due, if one is."""
    rule, muted = rules.rules[alert.rule], rules.muted(alert.rule, now)
    if alert.resolved_at is not None:
        fresh = alert is not known and alert.raised_at is not None
        change = Change.RESOLVED if fresh else None
    elif alert.raised_at is None:
        change = None if muted or _cooling(alert, rule, now) else Change.RAISED
    elif alert.level > alert.announced:
        change = None if muted else Change.STEPPED_UP
    else:
        change = None if muted or _snoozed(alert, now) else _due(alert, rule, now)
    if change is None:
        return alert, []
    told, transition = _transition(_announced(alert, change, now), change, now, quiet=muted)
    return told, [transition]


def _cooling(alert: Alert, rule: Rule, now: datetime) -> bool:
    """Whether it was told too short a time ago, at this level or a higher one, to be told again, or is snoozed."""
    if alert.announced_at is None or alert.level > alert.announced:
        return False
    return _snoozed(alert, now) or (now - alert.announced_at).total_seconds() < rule.cool_down


def _snoozed(alert: Alert, now: datetime) -> bool:
    return alert.snoozed_until is not None and now < alert.snoozed_until


def _due(alert: Alert, rule: Rule, now: datetime) -> Change | None:
    """What is due of an alert that has been told and has not stepped up."""
    if alert.level < alert.announced:
        return Change.STEPPED_DOWN
    if alert.acknowledged_at is not None or alert.raised_at is None or alert.announced_at is None:
        return None
    if alert.snoozed_until is not None:
        return Change.REMINDED
    if rule.escalate is not None and not alert.escalated and (now - alert.raised_at).total_seconds() >= rule.escalate:
        return Change.ESCALATED
    if rule.remind is not None and alert.escalated and (now - alert.announced_at).total_seconds() >= rule.remind:
        return Change.REMINDED
    return None


def _announced(alert: Alert, change: Change, now: datetime) -> Alert:
    """The alert after it was told. A step up is news to whoever had acknowledged or snoozed it."""
    alert = replace(alert, announced=alert.level, announced_at=now)
    if change in (Change.RAISED, Change.STEPPED_UP):
        return replace(alert, raised_at=now, escalated=False, acknowledged_by=None, acknowledged_at=None, snoozed_until=None)
    if change is Change.ESCALATED:
        return replace(alert, escalated=True)
    if change is Change.REMINDED and alert.snoozed_until is not None:
        return replace(alert, snoozed_until=None, raised_at=now, escalated=False)
    return alert


def _transition(alert: Alert, change: Change, now: datetime, *, quiet: bool = False) -> tuple[Alert, Transition]:
    alert = replace(alert, transitions=alert.transitions + 1)
    page = change is Change.ESCALATED or (change is Change.REMINDED and alert.escalated)
    return alert, Transition(id=f"{alert.id}#{alert.transitions}", change=change, at=now, alert=alert, page=page, quiet=quiet)
