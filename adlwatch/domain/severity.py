"""How much attention a position, a hedge and the book need: `docs/severity.md` is this file as a table.

A known danger outranks blindness (act on what is known), blindness outranks everything calm (unknown is not safe).
"""

from bisect import bisect_right
from collections.abc import Iterable
from typing import NamedTuple

from adlwatch.domain.light import Light, LightSource, LightState
from adlwatch.domain.snapshot import Severity
from adlwatch.domain.thresholds import Thresholds

_STEPS = (Severity.OK, Severity.WATCH, Severity.WARNING, Severity.CRITICAL)
_ORDER = {
    severity: rank
    for rank, severity in enumerate((Severity.OK, Severity.WATCH, Severity.WARNING, Severity.BLIND, Severity.CRITICAL))
}
PRESSURE_LEVEL = 3
"""From this light on a venue's own ADL warning raises the severity by one step."""
_UNSEEN = (LightState.UNKNOWN, LightState.STALE)
_PICKED = {LightState.RANDOM: "ADL picks positions at random here", LightState.KEEPER: "keepers pick profitable positions here"}


class Assessment(NamedTuple):
    """A severity and why, worst reason first."""

    severity: Severity
    reasons: tuple[str, ...]


_CALM = Assessment(Severity.OK, ())


def worst(severities: Iterable[Severity]) -> Severity:
    """The one that needs attention first: critical, blind, warning, watch, ok; ok where there is nothing."""
    return max(severities, key=_ORDER.__getitem__, default=Severity.OK)


def rank(severity: Severity) -> int:
    """For sorting, worst highest."""
    return _ORDER[severity]


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
    found = _light_findings(light, thresholds, hedged=hedged, shielded=shielded, pressure=pressure)
    found += _liquidation_findings(liq_distance, liq_minutes, thresholds)
    if blind:
        found.append((Severity.BLIND, "its source is stale or failing"))
    return _assess(found)


def light_severity(level: int, *, hedged: bool, thresholds: Thresholds) -> Severity:
    """The table's cell for a level 1..5."""
    limits = (
        (thresholds.hedged_watch, thresholds.hedged_warning, thresholds.hedged_critical)
        if hedged
        else (thresholds.unhedged_watch, thresholds.unhedged_warning)
    )
    return _STEPS[bisect_right(limits, level)]


def hedge_severity(
    legs: Iterable[Assessment],
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
    if hedged or missing:
        found += _balance_findings(hedge_ratio, net_usd, thresholds, explicit=explicit)
    if missing:
        found.append((Severity.WARNING, f"missing: {', '.join(missing)}"))
    if shield_at_risk:
        found.append((Severity.WATCH, "delta-neutral shield at risk"))
    return _assess(found)


def book_severity(parts: Iterable[Severity], *, blind_sources: int) -> Severity:
    """The whole book: its worst part, and blind at least while a source may not be trusted."""
    return worst((*parts, *(Severity.BLIND,) * bool(blind_sources)))


def _light_findings(
    light: Light, thresholds: Thresholds, *, hedged: bool, shielded: bool, pressure: bool
) -> list[tuple[Severity, str]]:
    if light.state in _UNSEEN:
        return [(Severity.BLIND, f"light {light.state}")]
    if light.state in _PICKED:
        return [(Severity.WATCH if hedged else Severity.OK, _PICKED[light.state])]
    if light.state is not LightState.LIT or light.level is None:
        return []
    severity = light_severity(light.level, hedged=hedged, thresholds=thresholds)
    beside = ""
    if light.interval is not None and light.source is not LightSource.VENUE:
        least = _stepped(light_severity(light.interval[1], hedged=hedged, thresholds=thresholds), -1)
        if rank(least) > rank(severity):
            severity = least
            beside += f", may be {light.interval[1]}"
    if pressure and light.level >= PRESSURE_LEVEL and not shielded:
        severity = _stepped(severity, 1)
        beside += ", the venue's ADL is near or running"
    if shielded:
        severity = _stepped(severity, -1)
        beside += ", shield on"
    if severity is Severity.OK:
        return []
    return [(severity, f"light {light.level} of 5 on {'a hedged leg' if hedged else 'an unhedged position'}{beside}")]


def _liquidation_findings(distance: float | None, minutes: float | None, thresholds: Thresholds) -> list[tuple[Severity, str]]:
    if distance is None:
        return [(Severity.WATCH, "liquidation price unknown")]
    found = []
    limits = (thresholds.liquidation_watch, thresholds.liquidation_warning, thresholds.liquidation_critical)
    if distance <= limits[0]:
        words = f"liquidation {distance:.1%} away" if distance > 0.0 else "at or past its liquidation price"
        found.append((_STEPS[sum([distance <= limit for limit in limits])], words))
    if minutes is not None and minutes <= thresholds.liquidation_minutes_warning:
        severity = Severity.CRITICAL if minutes <= thresholds.liquidation_minutes_critical else Severity.WARNING
        found.append((severity, f"liquidation in {minutes:.0f} min at this drift"))
    return found


def _balance_findings(
    ratio: float | None, net_usd: float | None, thresholds: Thresholds, *, explicit: bool
) -> list[tuple[Severity, str]]:
    if ratio is None or net_usd is None:
        return [(Severity.BLIND, "net exposure unknown")]
    if abs(net_usd) < thresholds.naked_usd:
        return []
    limits = (thresholds.hedge_ratio_watch, thresholds.hedge_ratio_warning, thresholds.hedge_ratio_critical)
    steps = sum(ratio < limit for limit in limits)
    severity = _STEPS[steps if explicit else min(steps, 1)]
    return [(severity, f"naked {'long' if net_usd > 0 else 'short'} ${abs(net_usd):,.0f}, hedged {ratio:.0%}")]


def _stepped(severity: Severity, steps: int) -> Severity:
    return _STEPS[min(max(_STEPS.index(severity) + steps, 0), len(_STEPS) - 1)]


def _assess(found: list[tuple[Severity, str]]) -> Assessment:
    loud = [each for each in found if each[0] is not Severity.OK]
    if not loud:
        return _CALM
    if len(loud) > 1:
        loud.sort(key=lambda each: -_ORDER[each[0]])
    return Assessment(loud[0][0], tuple([reason for _, reason in loud]))
