"""What incidents left behind: exposure now, its dollar-seconds, the shield, and whether the hedges are in balance again."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from adlwatch.domain.incident import HitHedge, Incident, IncidentKind, Standing
from adlwatch.domain.model import Market
from adlwatch.domain.rehedge import Surroundings, tickets
from adlwatch.domain.settings import Settings
from adlwatch.domain.severity import rank, worst
from adlwatch.domain.shield import HOLDING, OFF
from adlwatch.domain.snapshot import HedgeView, Severity, Snapshot
from adlwatch.domain.underlying import of_symbol

_AS_BEFORE = 1.0 + 1e-6


def standings(snapshot: Snapshot) -> dict[str, Standing]:
    """How each hedged leg's hedge stands, by leg key: asked for just before a loss is recorded."""
    return {
        key: Standing(hedge.name, hedge.underlying, hedge.net_delta, hedge.shield.state)
        for hedge in snapshot.hedges
        if hedge.kind != "unhedged"
        for key in hedge.legs
    }


def with_incidents(
    snapshot: Snapshot, incidents: Sequence[Incident], markets: Mapping[tuple[str, str], Market], settings: Settings
) -> Snapshot:
    """The snapshot with its incidents as they are now; a hedge that one of them left naked comes first, and is critical.

    Incidents that are closed stay as they were. `markets` by venue and symbol.
    """
    if all(incident.closed_at is not None for incident in incidents):
        return replace(snapshot, incidents=tuple(incidents))
    around = Surroundings(
        snapshot.as_of,
        {view.key: view for view in snapshot.positions},
        {view.key: view for view in snapshot.holdings},
        markets,
        settings,
    )
    views = {view.name: view for view in snapshot.hedges}
    blind = {source.id for source in snapshot.sources if source.health.blind}
    measured = tuple(
        incident if incident.closed_at is not None else _measured(incident, views, blind, around) for incident in incidents
    )
    naked = {hit.name: hit for each in measured if each.closed_at is None for hit in each.hedges if not hit.balanced}
    hedges = [_struck(view, naked[view.name]) if view.name in naked else view for view in snapshot.hedges]
    hedges.sort(key=lambda view: -rank(view.severity))
    return replace(
        snapshot,
        incidents=measured,
        hedges=tuple(hedges),
        severity=worst((snapshot.severity, *(view.severity for view in hedges))),
    )


def _struck(view: HedgeView, hit: HitHedge) -> HedgeView:
    """The view of a hedge that an incident left naked."""
    amount = "an unknown amount" if hit.usd is None else f"{'long' if hit.usd > 0 else 'short'} ${abs(hit.usd):,.0f}"
    return replace(view, severity=Severity.CRITICAL, reasons=(f"a leg was taken: naked {amount}", *view.reasons))


def _measured(incident: Incident, views: Mapping[str, HedgeView], blind: set[str], around: Surroundings) -> Incident:
    if incident.kind is IncidentKind.EXPLAINED:
        return replace(incident, closed_at=around.now)
    hits = tuple(_now(hit, views.get(hit.name), _mark(hit, incident, around), blind, around) for hit in incident.hedges)
    incident = _integrated(replace(incident, hedges=hits), around)
    if all(hit.balanced for hit in hits):
        return replace(incident, closed_at=around.now, tickets=())
    offers = (tickets(hit, incident.legs, views[hit.name], around) for hit in hits if hit.name in views)
    return replace(incident, tickets=tuple(ticket for offer in offers for ticket in offer))


def _mark(hit: HitHedge, incident: Incident, around: Surroundings) -> float | None:
    """The last mark of a leg the hedge lost, in USD per unit of the underlying."""
    aliases = around.settings.aliases
    marks = (
        leg.mark / of_symbol(leg.symbol, aliases).multiplier
        for leg in incident.legs
        if leg.hedge == hit.name and leg.mark is not None
    )
    return next(marks, None)


def _now(hit: HitHedge, view: HedgeView | None, mark: float | None, blind: set[str], around: Surroundings) -> HitHedge:
    """The hedge as it is; one that is not there any more has lost all its legs and leaves nothing naked."""
    if view is None:
        return replace(hit, units=0.0, usd=0.0, estimated=False, balanced=True)
    shield = hit.shield
    if hit.shield_before in HOLDING and shield != "lost":
        shield = "kept" if view.shield.state in HOLDING else "lost" if view.shield.state == OFF else None
    usd, estimated = view.net_usd, False
    if usd is None and view.net_delta is not None and mark is not None:
        usd, estimated = view.net_delta * mark, True
    hit = replace(hit, units=view.net_delta, usd=usd, estimated=estimated, shield=shield)
    return replace(hit, balanced=_balanced(hit, view.hedge_ratio, around.settings) and _seen(view, blind, around))


def _balanced(hit: HitHedge, ratio: float | None, settings: Settings) -> bool:
    """Whether so little is naked that nobody would call it so, or no more than before the loss."""
    if hit.units is None or hit.usd is None:
        return False
    hedged = ratio is not None and ratio >= settings.thresholds.hedge_ratio_watch
    as_before = hit.units_before is not None and abs(hit.units) <= abs(hit.units_before) * _AS_BEFORE
    return hedged or as_before or abs(hit.usd) < settings.thresholds.naked_usd


def _seen(view: HedgeView, blind: set[str], around: Surroundings) -> bool:
    """Whether all its legs can be seen: what a blind source last told is no proof of balance."""
    rows = (around.positions.get(key) or around.holdings.get(key) for key in view.legs)
    return not any(row.source in blind for row in rows if row is not None)


def _integrated(incident: Incident, around: Surroundings) -> Incident:
    """Dollar-seconds by the trapezoid rule; from the first loss to the first measurement at the measured exposure."""
    known = [abs(hit.usd) for hit in incident.hedges if hit.usd is not None]
    if len(known) < len(incident.hedges):
        return replace(incident, naked_usd=None)
    naked = sum(known, 0.0)
    before = naked if incident.naked_usd is None else incident.naked_usd
    seconds = max(0.0, (around.now - (incident.measured_at or incident.opened_at)).total_seconds())
    return replace(
        incident,
        naked_usd=naked,
        dollar_seconds=incident.dollar_seconds + (before + naked) / 2.0 * seconds,
        measured_at=around.now,
    )
