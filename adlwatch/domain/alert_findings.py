"""What in a snapshot needs an alert, and what cannot be seen: pure reading of one snapshot, no memory but what is handed in."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import NamedTuple

from adlwatch.domain.alert import AlertBook, RuleName
from adlwatch.domain.alert_rules import AlertRules
from adlwatch.domain.incident import Incident, IncidentKind
from adlwatch.domain.light import LightState
from adlwatch.domain.reading import Health
from adlwatch.domain.settings import Settings
from adlwatch.domain.shield import AT_RISK, OFF
from adlwatch.domain.shield import UNKNOWN as SHIELD_UNKNOWN
from adlwatch.domain.snapshot import HedgeView, PositionView, Snapshot, StressLevel, StressView

OWN = "adlwatch"
"""Kind of the sources that stand for parts of our own."""
ASSESSMENT = "assessment"
"""The part without which nothing else in a snapshot is worth anything."""
_TOLD_FOR = timedelta(seconds=5)
"""An incident that is over at once is found for so long, so that it is told."""
_UNSEEN = (LightState.UNKNOWN, LightState.STALE)
_OF_LIGHTS = (RuleName.HEDGED_LIGHT, RuleName.UNHEDGED_LIGHT, RuleName.LIGHT_JUMP, RuleName.LIGHT_RISING)
_KINDS = {IncidentKind.UNEXPLAINED: 1, IncidentKind.LIQUIDATION: 2, IncidentKind.ADL: 3}
_STRESS = {StressLevel.WARNING: 1, StressLevel.CRITICAL: 2}


class Finding(NamedTuple):
    """One thing that needs an alert."""

    rule: RuleName
    level: int
    text: str
    subject: str
    account: str = ""
    venue: str = ""
    sources: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Stable whatever the figures."""
        return key_of(self.account, self.venue, self.subject, self.rule)


class Scan(NamedTuple):
    """What was found in one snapshot."""

    findings: Mapping[str, Finding]
    """By key."""
    unknown: frozenset[str]
    """Keys whose condition cannot be seen now."""
    blind: frozenset[str]
    """Sources that may not be trusted now."""
    nothing_seen: bool = False
    """True where the assessment itself failed."""


def key_of(account: str, venue: str, subject: str, rule: RuleName) -> str:
    """The key of an alert."""
    return f"{account}|{venue}|{subject}|{rule}"


def scan(snapshot: Snapshot, memory: AlertBook, settings: Settings, faults: Mapping[str, str]) -> Scan:
    """Look through a snapshot. `memory`: with the present lights; `faults`: parts of our own that fail, and why."""
    unknown: set[str] = set()
    blind = frozenset(source.id for source in snapshot.sources if source.health.blind)
    found = list(_sources(snapshot, faults))
    nothing_seen = any(source.kind == OWN and source.id == ASSESSMENT for source in snapshot.sources)
    if not nothing_seen:
        hedged = {hedge.name for hedge in snapshot.hedges if hedge.kind != "unhedged"}
        for view in snapshot.positions:
            found += _position(view, memory, settings, unknown, hedged=view.hedge in hedged)
            if view.light.state in _UNSEEN and view.key in memory.lights and view.source not in blind:
                found.append(_about(view, RuleName.BLIND, 1, f"the light of {view.key} can no longer be seen"))
        found += _hedges(snapshot, memory, settings, unknown)
        found += _incidents(snapshot, settings)
        found += _stress(snapshot, unknown)
    rules = settings.alerts.rules
    return Scan({each.key: each for each in found if rules[each.rule].on}, frozenset(unknown), blind, nothing_seen)


def _sources(snapshot: Snapshot, faults: Mapping[str, str]) -> Iterator[Finding]:
    for source in snapshot.sources:
        if source.kind == OWN:
            yield Finding(RuleName.FAULT, 1, f"{source.id}: {source.error}", source.id)
        elif source.health.blind:
            level = 2 if source.health is Health.AUTH else 1
            why = f": {source.error}" if source.error else ""
            yield Finding(RuleName.BLIND, level, f"{source.id} is {source.health}{why}", source.id)
        if source.key_may_trade:
            yield Finding(RuleName.PERMISSION, 1, f"{source.id}: its key may do more than read", source.id)
    for part, why in faults.items():
        yield Finding(RuleName.FAULT, 1, f"{part}: {why}", part)


def _position(view: PositionView, memory: AlertBook, settings: Settings, unknown: set[str], *, hedged: bool) -> Iterator[Finding]:
    if view.light.state is LightState.LIT and view.light.level is not None:
        yield from _light(view, view.light.level, memory, settings.alerts, hedged=hedged)
    elif view.light.state in _UNSEEN:
        unknown.update(_key(view, rule) for rule in _OF_LIGHTS)
    liquidation, limits = view.liquidation, settings.thresholds
    if liquidation.distance is None:
        if not liquidation.unreachable:
            unknown.add(_key(view, RuleName.LIQUIDATION))
    elif liquidation.distance <= limits.liquidation_warning:
        level = 2 if liquidation.distance <= limits.liquidation_critical else 1
        yield _about(view, RuleName.LIQUIDATION, level, f"liquidation {liquidation.distance:.1%} away: {view.key}")


def _light(view: PositionView, level: int, memory: AlertBook, rules: AlertRules, *, hedged: bool) -> Iterator[Finding]:
    """A light that is high; or one that is not yet, but has come up fast or may well be within a minute."""
    limit = rules.hedged_light if hedged else rules.unhedged_light
    if level >= limit:
        rule = RuleName.HEDGED_LIGHT if hedged else RuleName.UNHEDGED_LIGHT
        words = "a hedged leg" if hedged else "an unhedged position"
        yield _about(view, rule, level - limit + 1, f"light {level} of 5 on {words}: {view.key}")
        return
    lowest = min((each for _, each in memory.lights.get(view.key, ())), default=level)
    if level - lowest >= rules.jump:
        within = f"{rules.jump_within / 60:g} min"
        yield _about(view, RuleName.LIGHT_JUMP, 1, f"light {lowest} → {level} within {within}: {view.key}")
    if level == limit - 1 and view.rising:
        yield _about(
            view, RuleName.LIGHT_RISING, 1, f"light {level} of 5, {limit} within a minute at {view.chance_up:.0%}: {view.key}"
        )


def _about(view: PositionView, rule: RuleName, level: int, text: str) -> Finding:
    return Finding(rule, level, text, view.key, view.account, view.venue, (view.source,))


def _key(view: PositionView, rule: RuleName) -> str:
    return key_of(view.account, view.venue, view.key, rule)


def _hedges(snapshot: Snapshot, memory: AlertBook, settings: Settings, unknown: set[str]) -> Iterator[Finding]:
    rows = {row.key: row.source for row in snapshot.positions} | {row.key: row.source for row in snapshot.holdings}
    hit = {hedge.name for each in snapshot.incidents if each.closed_at is None for hedge in each.hedges if not hedge.balanced}
    for view in snapshot.hedges:
        sources = tuple(sorted({rows[key] for key in view.legs if key in rows}))
        if view.explicit or view.name in hit:
            yield from _naked(view, sources, settings, unknown)
        yield from _shield(view, sources, memory, unknown)


def _naked(view: HedgeView, sources: tuple[str, ...], settings: Settings, unknown: set[str]) -> Iterator[Finding]:
    limits, net, ratio = settings.thresholds, view.net_usd, view.hedge_ratio
    if net is None or ratio is None:
        unknown.add(key_of(view.owner or "", "", view.name, RuleName.NAKED))
    elif abs(net) >= limits.naked_usd and ratio < limits.hedge_ratio_watch:
        level = 1 + (ratio < limits.hedge_ratio_warning) + (ratio < limits.hedge_ratio_critical)
        text = f"{view.name} is naked {'long' if net > 0 else 'short'} ${abs(net):,.0f}, hedged {ratio:.0%}"
        yield Finding(RuleName.NAKED, level, text, view.name, view.owner or "", "", sources)


def _shield(view: HedgeView, sources: tuple[str, ...], memory: AlertBook, unknown: set[str]) -> Iterator[Finding]:
    state, account = view.shield.state, view.shield.account or ""
    if state == SHIELD_UNKNOWN:
        unknown.add(key_of(account, "", view.name, RuleName.SHIELD))
    elif state == AT_RISK or (state == OFF and view.name in memory.shielded):
        level, word = (1, "at risk") if state == AT_RISK else (2, "lost")
        text = f"the delta-neutral shield of {view.name} is {word}"
        yield Finding(RuleName.SHIELD, level, text, view.name, account, "", sources)


def _incidents(snapshot: Snapshot, settings: Settings) -> Iterator[Finding]:
    """Open incidents, and for a while those that were over at once: each is to be told."""
    patience = timedelta(seconds=settings.alerts.unexplained_after)
    for each in snapshot.incidents:
        over = each.closed_at is not None and snapshot.as_of - each.closed_at > _TOLD_FOR
        wait = each.kind is IncidentKind.UNEXPLAINED and snapshot.as_of - each.last_at < patience
        if each.kind in _KINDS and not over and not wait:
            yield Finding(RuleName.INCIDENT, _KINDS[each.kind], _told(each), each.id, each.account, each.venue)


def _told(incident: Incident) -> str:
    leg = max(incident.legs, key=lambda each: each.closed_usd)
    what = {IncidentKind.ADL: "ADL took", IncidentKind.LIQUIDATION: "liquidation took"}.get(incident.kind, "unexplained: lost")
    more = f" and {len(incident.legs) - 1} more" if len(incident.legs) > 1 else ""
    price = f" at {leg.average_price:,.6g}" if leg.average_price is not None else ""
    left = f", naked ${incident.naked_usd:,.0f}" if incident.naked_usd else ""
    away = f" on {incident.opened_at:%Y-%m-%d %H:%M}Z, while adlwatch was not running" if incident.unwatched else ""
    return f"{what} {leg.lost_units:,.6g} of {leg.key}{more}{price}{left}{away}"


def _stress(snapshot: Snapshot, unknown: set[str]) -> Iterator[Finding]:
    """Pools and markets in which something is held."""
    held: dict[str, set[str]] = {}
    sources: dict[str, set[str]] = {}
    for position in snapshot.positions:
        held.setdefault(position.venue, set()).add(position.symbol)
        sources.setdefault(position.venue, set()).add(position.source)
    for view in snapshot.stress:
        if not held.get(view.venue, set()).intersection(view.symbols or held.get(view.venue, set())):
            continue
        if view.level is StressLevel.UNKNOWN:
            unknown.add(key_of("", view.venue, _named(view), RuleName.STRESS))
        elif view.level in _STRESS:
            text = f"{view.venue} {_named(view)}: {view.reasons[0] if view.reasons else view.level}"
            rests_on = tuple(sorted(sources[view.venue]))
            yield Finding(RuleName.STRESS, _STRESS[view.level], text, _named(view), "", view.venue, rests_on)


def _named(view: StressView) -> str:
    return view.pool or ", ".join(view.symbols)
