"""What changed, as sentences: for screen readers, logs, and whoever reads line by line. Nothing is told by colour or place."""

from collections.abc import Iterable, Iterator

from adlwatch.domain.alert import Transition
from adlwatch.domain.changes import Change, ChangeKind, changes
from adlwatch.domain.incident import Incident, IncidentKind
from adlwatch.domain.snapshot import Severity, Snapshot

_WORDS = {
    ChangeKind.BOOK: "the whole book",
    ChangeKind.HEDGE: "hedge {}",
    ChangeKind.SHIELD: "delta-neutral shield of {}",
    ChangeKind.SEVERITY: "position {}",
    ChangeKind.LIGHT: "ADL light of {}",
    ChangeKind.ESTIMATE: "estimated light of {}",
    ChangeKind.STRESS: "insurance and market stress at {}",
    ChangeKind.HEALTH: "source {}",
}
_UNREMARKABLE = {"ok", "calm", "live", "not-eligible"}
_TAKEN = {
    IncidentKind.ADL: "auto-deleveraged",
    IncidentKind.LIQUIDATION: "liquidated",
    IncidentKind.UNEXPLAINED: "shrunk without an explanation yet",
    IncidentKind.EXPLAINED: "explained: nothing was taken",
}


def lines(before: Snapshot | None, after: Snapshot) -> Iterator[str]:
    """One line for each thing that is not what it was; at first, for each that is not as it should be."""
    told = _since(before, after) if before is not None else _beginning(after)
    for text in told:
        yield _printable(text)


def alert(transition: Transition) -> str:
    """One transition of an alert in words."""
    told = transition.alert
    return _printable(f"alert {transition.change.value}, {told.rule} level {told.level}: {told.text}")


def _beginning(snapshot: Snapshot) -> Iterator[str]:
    yield f"watching {len(snapshot.positions)} positions in {len(snapshot.hedges)} hedges, from {len(snapshot.sources)} sources"
    if snapshot.label is not None:
        yield f"{snapshot.label}: nothing of this is real"
    for change in changes(None, snapshot):
        if change.after not in _UNREMARKABLE and change.kind is not ChangeKind.ESTIMATE:
            yield sentence(change)
    yield from _incidents((), snapshot.incidents)


def _since(before: Snapshot, after: Snapshot) -> Iterator[str]:
    for change in changes(before, after):
        if change.kind is not ChangeKind.ESTIMATE:
            yield sentence(change)
    yield from _incidents(before.incidents, after.incidents)


def sentence(change: Change) -> str:
    """One change in words."""
    about = _WORDS[change.kind].format(change.subject)
    if change.before is None:
        moved = f"is {_value(change.after)}"
    elif change.after is None:
        moved = f"is gone, was {_value(change.before)}"
    else:
        moved = f"went from {_value(change.before)} to {_value(change.after)}"
    return f"{about} {moved}" + (f": {change.detail}" if change.detail else "")


def _value(word: str | None) -> str:
    """A light's level needs its scale said; `blind` needs saying what it means."""
    if word is None:
        return "not there"
    if word[0].isdigit():
        level, _, source = word.partition(" ")
        return f"{level} of 5" + (f" ({source})" if source else "")
    return "blind, we cannot know" if word == Severity.BLIND else word


def _incidents(before: Iterable[Incident], after: Iterable[Incident]) -> Iterator[str]:
    known = {each.id: each for each in before}
    for each in after:
        was = known.get(each.id)
        if was is None or was.kind is not each.kind or was.legs != each.legs:
            yield f"incident {each.id}: {_told(each)}"
        if each.closed_at is not None and (was is None or was.closed_at is None):
            yield f"incident {each.id}: back in balance, {each.dollar_seconds:,.0f} naked dollar-seconds"


def _told(incident: Incident) -> str:
    legs = "; ".join(f"{leg.lost_units:,.6g} of {leg.key}" for leg in incident.legs if leg.lost_units)
    naked = "" if incident.naked_usd is None else f"; naked now ${incident.naked_usd:,.0f}"
    away = ", while adlwatch was not running" if incident.unwatched else ""
    return f"{_TAKEN[incident.kind]}{away}" + (f": {legs}" if legs else "") + naked


def _printable(text: str) -> str:
    """Foreign words may hold what steers a terminal, or forges a line."""
    return "".join(c if c.isprintable() else "?" for c in text)
