"""One incident as a report for people (Markdown) or a spreadsheet (CSV): what was taken, what it left behind, the ways back."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime

from adlwatch.domain.incident import HitHedge, Incident, IncidentKind, LostLeg

TITLES = {
    IncidentKind.ADL: "Auto-deleveraging",
    IncidentKind.LIQUIDATION: "Liquidation",
    IncidentKind.UNEXPLAINED: "Unexplained loss of position",
    IncidentKind.EXPLAINED: "Explained: nothing was taken",
}
COLUMNS = (
    *("incident", "kind", "account", "venue", "opened_at", "last_at", "closed_at", "position", "symbol", "side", "hedge"),
    *("units_before", "adl_units", "liquidated_units", "unexplained_units", "fills", "average_price", "closed_usd"),
    *("give_back_usd", "hedge_units_now", "hedge_usd_now", "shield", "incident_naked_usd", "incident_dollar_seconds"),
)
UNKNOWN = "unknown"
_FORMULA = ("=", "+", "-", "@")


def markdown(incident: Incident) -> str:
    """The report, ending with a line break."""
    return "\n".join(_sections(incident)) + "\n"


def table(incidents: Iterable[Incident]) -> str:
    """CSV with a header, one row for each position that lost something; unknown is empty, times are ISO 8601 UTC."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for incident in incidents:
        hits = {hit.name: hit for hit in incident.hedges}
        for leg in incident.legs:
            writer.writerow([_cell(value) for value in _row(incident, leg, hits.get(leg.hedge or ""))])
    return out.getvalue()


def _sections(incident: Incident) -> Iterator[str]:
    yield f"# {TITLES[incident.kind]}: {_text(incident.account)} at {_text(incident.venue)}"
    yield ""
    yield from (f"- {name}: {value}" for name, value in _facts(incident))
    yield ""
    yield "## What was taken"
    yield ""
    yield from _rows(
        ("Position", "Hedge", "Before", "By ADL", "By liquidation", "Unexplained", "Average price", "Value", "Give-back"),
        (_leg(leg) for leg in incident.legs),
    )
    if incident.hedges:
        yield ""
        yield "## What it left behind"
        yield ""
        yield from _rows(("Hedge", "Net before", "Net now", "USD now", "Shield", "In balance"), map(_hedge, incident.hedges))
    for ticket in incident.tickets:
        cost = UNKNOWN if ticket.cost_usd is None else _usd(ticket.cost_usd)
        yield ""
        yield f"## {ticket.title} of {_text(ticket.hedge)}: {cost}"
        yield ""
        yield "```text"
        yield from (_printable(line) for line in ticket.text.splitlines())
        yield "```"
    yield ""
    yield "Give-back is what closing at the venue's price cost against the mark at that time. Dollar-seconds are the naked"
    yield "exposure summed over the seconds it stood. A ticket is text: adlwatch sends no orders."


def _facts(incident: Incident) -> Iterator[tuple[str, str]]:
    yield "Incident", _text(incident.id)
    yield "First loss", _time(incident.opened_at)
    yield "Last loss", _time(incident.last_at)
    if incident.unwatched:
        yield "Watched", "no: it happened while adlwatch was not running, and was found at its start"
    yield "In balance again", _time(incident.closed_at) if incident.closed_at is not None else "not yet"
    yield "Fills", f"{incident.fills:,}"
    yield "Closed", _usd(incident.closed_usd)
    yield "Give-back", _usd(incident.give_back_usd)
    yield "Naked", _usd(incident.naked_usd)
    yield "Naked dollar-seconds", f"{incident.dollar_seconds:,.0f}"


def _leg(leg: LostLeg) -> tuple[str, ...]:
    units = (leg.units_before, leg.adl_units, leg.liquidated_units, leg.unexplained_units)
    average = UNKNOWN if leg.average_price is None else f"{leg.average_price:,.8g}"
    value = _usd(leg.closed_usd) if leg.priced_units else UNKNOWN
    return (_text(leg.key), _text(leg.hedge or "unhedged"), *map(_units, units), average, value, _usd(leg.give_back_usd))


def _hedge(hit: HitHedge) -> tuple[str, ...]:
    before, now = (
        UNKNOWN if each is None else f"{_units(each)} {_text(hit.underlying)}" for each in (hit.units_before, hit.units)
    )
    return _text(hit.name), before, now, _usd(hit.usd), hit.shield or "none", "yes" if hit.balanced else "no"


def _rows(titles: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(titles)} |"
    yield f"|{' --- |' * len(titles)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def _row(incident: Incident, leg: LostLeg, hit: HitHedge | None) -> tuple[str | float | datetime | None, ...]:
    about = (incident.id, str(incident.kind), incident.account, incident.venue, incident.opened_at, incident.last_at)
    whose = (incident.closed_at, leg.key, leg.symbol, str(leg.side), leg.hedge)
    units = (leg.units_before, leg.adl_units, leg.liquidated_units, leg.unexplained_units, leg.fills)
    money = (leg.average_price, leg.closed_usd if leg.priced_units else None, leg.give_back_usd)
    left = (hit.units, hit.usd, hit.shield) if hit is not None else (None, None, None)
    return (*about, *whose, *units, *money, *left, incident.naked_usd, incident.dollar_seconds)


def _cell(value: str | float | datetime | None) -> str:
    """Text that a spreadsheet would take for a formula is quoted: names come from venues."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    return f"{value:.10g}"


def _text(text: str) -> str:
    """A foreign name inside Markdown."""
    plain = _printable(text)
    return "".join(f"\\{c}" if c in "\\`*_[]<>|#" else c for c in plain)


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)


def _units(value: float) -> str:
    return f"{value:,.8g}"


def _usd(value: float | None) -> str:
    if value is None:
        return UNKNOWN
    return f"{'-' if value < 0 else ''}${abs(value):,.2f}"


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S.%f}"[:-3] + " UTC"
