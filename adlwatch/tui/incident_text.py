"""What was taken, what it left behind, and the tickets that lead back to neutral; incidents as lines of text. Pure."""

from collections.abc import Sequence
from datetime import tzinfo

from adlwatch.domain.incident import HitHedge, Incident, IncidentKind, LostLeg
from adlwatch.domain.snapshot import Snapshot
from adlwatch.tui import format as fmt
from adlwatch.tui.layout import heading, labelled, table, wrapped
from adlwatch.tui.spans import NOTHING, Role, Spans, text

KINDS: dict[IncidentKind, tuple[str, Role]] = {
    IncidentKind.ADL: ("✖ AUTO-DELEVERAGED", Role.CRITICAL),
    IncidentKind.LIQUIDATION: ("✖ LIQUIDATED", Role.CRITICAL),
    IncidentKind.UNEXPLAINED: ("▲ SHRANK, NOT EXPLAINED YET", Role.WARNING),
    IncidentKind.EXPLAINED: ("● explained: orders, transfers or settlements of your own", Role.OK),
}
SERIOUS = frozenset({IncidentKind.ADL, IncidentKind.LIQUIDATION, IncidentKind.UNEXPLAINED})


def foremost(snapshot: Snapshot | None) -> Incident | None:
    """The one to look at: still open before closed, then what leaves most naked, then the latest."""
    incidents = snapshot.incidents if snapshot is not None else ()
    serious = [incident for incident in incidents if incident.kind in SERIOUS]
    return max(serious or incidents, key=lambda each: (each.closed_at is None, each.naked_usd or 0.0, each.last_at), default=None)


def incident_lines(
    incident: Incident, place: tuple[int, int], cells: int, zone: tzinfo | None = None, worst: Incident | None = None
) -> list[Spans]:
    """The page of one incident; `place` is its number and how many there are, `worst` the one to look at first."""
    word, role = KINDS[incident.kind]
    where = (
        f"  {incident.account} at {incident.venue}   {fmt.clock(incident.opened_at, zone)} → {fmt.clock(incident.last_at, zone)}"
    )
    lines: list[Spans] = [((f" {word}", role), (where, Role.TEXT), (f"   {place[0]} of {place[1]}", Role.DIM)), NOTHING]
    if incident.unwatched:
        lines[1:] = [text("  while adlwatch was not running; found at its start", Role.DIM), NOTHING]
    if worst is not None and worst.id != incident.id and (worst.naked_usd or 0.0) > (incident.naked_usd or 0.0):
        lines[1:1] = [
            text(f" ▲ another leaves more naked: {fmt.usd(worst.naked_usd)} at {worst.account}; i shows it", Role.WARNING)
        ]
    lines += [heading("WHAT IT LEAVES", cells), *_left(incident), *_hedges(incident.hedges), NOTHING]
    lines += [heading("WHAT WAS TAKEN", cells), *_legs(incident.legs), NOTHING]
    for number, ticket in enumerate(incident.tickets, 1):
        cost = f"costs {fmt.usd(ticket.cost_usd)} ({'from depth' if ticket.from_depth else 'assumed spread'})"
        lines.append(heading(f"TICKET {number}: {ticket.title}, {cost}", cells))
        lines += [line for order in ticket.text.splitlines() for line in wrapped(order, cells, Role.STRONG)]
        lines.append(NOTHING)
    return [*lines, text("  adlwatch never sends an order: tickets are text for you to copy (y, Y).", Role.DIM)]


def _left(incident: Incident) -> list[Spans]:
    if incident.closed_at is not None:
        now: Spans = text("nothing: every hedge is in balance again", Role.OK)
    elif incident.naked_usd is None:
        now = text("not known yet", Role.BLIND)
    else:
        now = text(fmt.usd(incident.naked_usd), Role.CRITICAL if incident.naked_usd >= 1 else Role.TEXT)
    give_back = incident.give_back_usd
    return [
        labelled("naked now", now),
        labelled("dollar-seconds", f"{fmt.usd_short(incident.dollar_seconds)}·s so far"),
        labelled("closed", f"{fmt.usd(incident.closed_usd)} in {fmt.plural(incident.fills, 'fill')}"),
        labelled("given back", text(fmt.usd(give_back), Role.LOSS if give_back is not None and give_back > 0 else Role.TEXT)),
    ]


def _hedges(hedges: Sequence[HitHedge]) -> list[Spans]:
    rows = [
        (
            text(hedge.name, Role.STRONG),
            text(f"{fmt.size(hedge.units_before)} → {fmt.size(hedge.units)} {hedge.underlying}"),
            text("in balance" if hedge.balanced else fmt.exposure(hedge.usd), Role.OK if hedge.balanced else Role.CRITICAL),
            text(f"shield {hedge.shield}" if hedge.shield else "", Role.DIM),
        )
        for hedge in hedges
    ]
    return table(rows)


def _legs(legs: Sequence[LostLeg]) -> list[Spans]:
    taken = {
        "ADL": [leg.adl_units for leg in legs],
        "liquidated": [leg.liquidated_units for leg in legs],
        "unexplained": [leg.unexplained_units for leg in legs],
    }
    columns = [
        ("leg", [text(f"{leg.symbol} {leg.side.value}") for leg in legs]),
        ("had", [text(fmt.size(leg.units_before)) for leg in legs]),
        *((way, [_units(size) for size in units]) for way, units in taken.items() if any(units)),
        ("at price", [text(fmt.price(leg.average_price)) for leg in legs]),
        ("give back", [text(fmt.usd(leg.give_back_usd)) for leg in legs]),
    ]
    head = tuple(text(word, Role.DIM) for word, _ in columns)
    rows = zip(*(cells for _, cells in columns), strict=True)
    return table([head, *rows], right=frozenset(range(1, len(columns))))


def _units(units: float) -> Spans:
    return text(fmt.size(units), Role.STRONG) if units else text("·", Role.DIM)
