"""How much attention a position, a hedge and the book need: `docs/severity.md` is this file as a table.

A known danger outranks blindness (act on what is known), blindness outranks everything calm (unknown is not safe).
"""

from collections.abc import Iterable
from typing import Protocol

from msgspec import Struct

from adlwatch.domain.light import Light, LightSource, LightState
from adlwatch.domain.snapshot import Severity
from adlwatch.domain.thresholds import Thresholds

_OK, _WATCH, _WARNING, _CRITICAL, _BLIND = (
    Severity.OK,
    Severity.WATCH,
    Severity.WARNING,
    Severity.CRITICAL,
    Severity.BLIND,
)
"""Asked for several times a position and assessment: reading a member off its enumeration costs ten times a name."""
_LIT, _VENUE = LightState.LIT, LightSource.VENUE
_STEPS = (_OK, _WATCH, _WARNING, _CRITICAL)
_ORDER = {severity: rank for rank, severity in enumerate((_OK, _WATCH, _WARNING, _BLIND, _CRITICAL))}
rank = _ORDER.__getitem__
"""Of a severity, for sorting: worst highest."""
PRESSURE_LEVEL = 3
"""From this light on a venue's own ADL warning raises the severity by one step."""
_UNSEEN = (LightState.UNKNOWN, LightState.STALE)
_PICKED = {LightState.RANDOM: "ADL picks positions at random here", LightState.KEEPER: "keepers pick profitable positions here"}

_Finding = tuple[Severity, str]
"""What is not well, and why, in words."""


class Judged(Protocol):
    """What has been judged: a position, or a part of one."""

    @property
    def severity(self) -> Severity:
        """How much attention it needs."""
        ...

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why, worst reason first."""
        ...


class Assessment(Struct, frozen=True, gc=False):
    """A severity and why, worst reason first."""

    severity: Severity
    reasons: tuple[str, ...]


_CALM = Assessment(_OK, ())


def worst(severities: Iterable[Severity]) -> Severity:
    """The one that needs attention first: critical, blind, warning, watch, ok; ok where there is nothing."""
    return max(severities, key=_ORDER.__getitem__, default=_OK)


def position_severity(
    light: Light,
    *,
    hedged: bool,
    liq_distance: float | None,
    blind: bool,
    thresholds: Thresholds,
    liq_minutes: float | None = None,
    shielded: bool = False,
    pressure: bool = False,
) -> Assessment:
    """Judge one position.

    `liq_distance` is the adverse move as a fraction, inf where nothing liquidates it, None where unknown; `liq_minutes` the time
    to it at the present drift. `blind`: its source may not be trusted now. `shielded`: delta-neutral protection is on.
    `pressure`: the venue warns of ADL in this market, or its pool is in trouble.
    """
    found = _liquidation_findings(liq_distance, liq_minutes, thresholds)
    lit = _light_finding(light, thresholds, hedged=hedged, shielded=shielded, pressure=pressure)
    if lit is not None:
        found.insert(0, lit)
    if blind:
        found.append((_BLIND, "its source is stale or failing"))
    return _assess(found)


def light_severity(level: int, *, hedged: bool, thresholds: Thresholds) -> Severity:
    """The table's cell for a level 1..5."""
    if hedged:
        if level < thresholds.hedged_warning:
            return _OK if level < thresholds.hedged_watch else _WATCH
        return _WARNING if level < thresholds.hedged_critical else _CRITICAL
    if level < thresholds.unhedged_watch:
        return _OK
    return _WATCH if level < thresholds.unhedged_warning else _WARNING


def hedge_severity(
    legs: Iterable[Judged],
    *,
    hedged: bool,
    explicit: bool,
    hedge_ratio: float | None,
    net_usd: float | None,
    shield_at_risk: bool,
    missing: tuple[str, ...],
    thresholds: Thresholds,
) -> Assessment:
    """Judge a hedge by its worst leg, its balance and its shield.

    `hedged` is False for the kind unhedged. `explicit`: the user named the legs; only then is imbalance known to be unintended,
    so only then does it exceed watch.
    """
    found = [(leg.severity, leg.reasons[0]) for leg in legs if leg.reasons]
    if (hedged or missing) and (naked := _balance_finding(hedge_ratio, net_usd, thresholds, explicit=explicit)) is not None:
        found.append(naked)
    if missing:
        found.append((_WARNING, f"missing: {', '.join(missing)}"))
    if shield_at_risk:
        found.append((_WATCH, "delta-neutral shield at risk"))
    return _assess(found)


def book_severity(parts: Iterable[Severity], *, blind_sources: int) -> Severity:
    """The whole book: its worst part, and blind at least while a source may not be trusted."""
    return worst((*parts, *(_BLIND,) * bool(blind_sources)))


def _light_finding(light: Light, thresholds: Thresholds, *, hedged: bool, shielded: bool, pressure: bool) -> _Finding | None:
    if light.state is not _LIT or light.level is None:
        return _unlit_finding(light.state, hedged=hedged)
    level, interval, beside = light.level, light.interval, ""
    severity = light_severity(level, hedged=hedged, thresholds=thresholds)
    if interval is not None and light.source is not _VENUE:
        least = _stepped(light_severity(interval[1], hedged=hedged, thresholds=thresholds), -1)
        if rank(least) > rank(severity):
            severity = least
            beside += f", may be {interval[1]}"
    if pressure and level >= PRESSURE_LEVEL and not shielded:
        severity = _stepped(severity, 1)
        beside += ", the venue's ADL is near or running"
    if shielded:
        severity = _stepped(severity, -1)
        beside += ", shield on"
    if severity is _OK:
        return None
    return severity, f"light {level} of 5 on {'a hedged leg' if hedged else 'an unhedged position'}{beside}"


def _unlit_finding(state: LightState, *, hedged: bool) -> _Finding | None:
    if state in _UNSEEN:
        return _BLIND, f"light {state}"
    return (_WATCH, _PICKED[state]) if hedged and state in _PICKED else None


def _liquidation_findings(distance: float | None, minutes: float | None, thresholds: Thresholds) -> list[_Finding]:
    if distance is None:
        return [(_WATCH, "liquidation price unknown")]
    found = []
    if distance <= thresholds.liquidation_watch:
        words = f"liquidation {distance:.1%} away" if distance > 0.0 else "at or past its liquidation price"
        found.append((_by_distance(distance, thresholds), words))
    if minutes is not None and minutes <= thresholds.liquidation_minutes_warning:
        severity = _CRITICAL if minutes <= thresholds.liquidation_minutes_critical else _WARNING
        found.append((severity, f"liquidation in {minutes:.0f} min at this drift"))
    return found


def _by_distance(distance: float, thresholds: Thresholds) -> Severity:
    if distance <= thresholds.liquidation_critical:
        return _CRITICAL
    return _WARNING if distance <= thresholds.liquidation_warning else _WATCH


def _balance_finding(ratio: float | None, net_usd: float | None, thresholds: Thresholds, *, explicit: bool) -> _Finding | None:
    if ratio is None or net_usd is None:
        return _BLIND, "net exposure unknown"
    if abs(net_usd) < thresholds.naked_usd or not ratio < thresholds.hedge_ratio_watch:
        return None
    severity = _by_ratio(ratio, thresholds) if explicit else _WATCH
    return severity, f"naked {'long' if net_usd > 0 else 'short'} ${abs(net_usd):,.0f}, hedged {ratio:.0%}"


def _by_ratio(ratio: float, thresholds: Thresholds) -> Severity:
    if ratio < thresholds.hedge_ratio_critical:
        return _CRITICAL
    return _WARNING if ratio < thresholds.hedge_ratio_warning else _WATCH


def _stepped(severity: Severity, steps: int) -> Severity:
    return _STEPS[min(max(_STEPS.index(severity) + steps, 0), len(_STEPS) - 1)]


def _assess(found: list[_Finding]) -> Assessment:
    """`found` without what is well."""
    if not found:
        return _CALM
    if len(found) == 1:
        severity, reason = found[0]
        return Assessment(severity, (reason,))
    found.sort(key=_urgency, reverse=True)
    return Assessment(found[0][0], tuple([reason for _, reason in found]))


def _urgency(finding: _Finding) -> int:
    return _ORDER[finding[0]]
