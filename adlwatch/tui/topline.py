"""The top line: what is worst, what would be left naked, how old the oldest data is, and whether any of it is real. Pure."""

from collections import Counter
from collections.abc import Mapping

from adlwatch.domain.snapshot import HedgeView, Severity, Snapshot
from adlwatch.tui import format as fmt
from adlwatch.tui.layout import fitted
from adlwatch.tui.lights import SEVERITY_ROLES, severity_mark
from adlwatch.tui.naked import LEAST_USD, Naked, naked_now, worst_of
from adlwatch.tui.spans import Role, Spans, plain
from adlwatch.tui.text import clean, width

SHOWN = (Severity.CRITICAL, Severity.WARNING, Severity.BLIND, Severity.WATCH)
NARROW = 110
"""Cells beside the labels below which words are short."""
SMALL = 100
"""Cells below which the program's own name is short as well."""


def topline(snapshot: Snapshot | None, *, cells: int, labels: tuple[str, ...] = (), trouble: str = "") -> Spans:
    """The whole line in `cells`; `labels` (MOCK, FROZEN) stand at its right end, `trouble` replaces the figures."""
    tail = "  ".join(labels)
    name = "ADLWATCH" if cells >= SMALL else "ADL"
    room = cells - width(tail) - 2 * bool(tail)
    left = (
        (" ", Role.TEXT),
        (name, Role.ACCENT),
        ("  ", Role.TEXT),
        *_middle(snapshot, room, room - len(name) - 3, trouble),
    )
    tail_spans: Spans = ((f" {tail} ", Role.LABEL),) if tail else ()
    return (*fitted(left, max(0, cells - width(plain(tail_spans)))), *tail_spans)


def _middle(snapshot: Snapshot | None, room: int, left: int, trouble: str) -> Spans:
    """Worded for the `room` beside the labels: counts, the first part, and those others that `left` cells hold whole."""
    if trouble:
        return (("✖ ", Role.CRITICAL), (trouble, Role.CRITICAL))
    if snapshot is None:
        return (("starting …", Role.DIM),)
    wide = room >= NARROW
    naked = naked_now(snapshot)
    could, oldest = _if_closed(snapshot, naked, wide=wide), _oldest(snapshot, wide=wide)
    # What is comes before what could be.
    parts = (_already(naked), oldest, could) if naked else (could, oldest)
    gap = "   " if wide else "  "
    spans = _counts(snapshot, wide=wide)
    for part in parts:
        longer = (*spans, (gap, Role.TEXT), *part)
        spans = longer if part and (part is parts[0] or width(clean(plain(longer))) <= left) else spans
    return spans


def _counts(snapshot: Snapshot, *, wide: bool) -> Spans:
    waiting = sum(1 for h in snapshot.hedges if _only_waiting(h))
    counts = Counter(h.severity for h in snapshot.hedges if not _only_waiting(h))
    shown = [s for s in SHOWN if counts[s]]
    if waiting and not shown:
        return ((f"… {waiting} waiting for a source", Role.DIM),)
    if not shown:
        return (severity_mark(snapshot.severity), (f" {snapshot.severity.value}", SEVERITY_ROLES[snapshot.severity]))
    spans: list[tuple[str, Role]] = []
    for severity in shown[:3]:
        word = f" {severity.value}" if wide or not spans else ""
        spans += [(" · " if wide else " ", Role.DIM)] if spans else []
        spans += [severity_mark(severity), (f" {counts[severity]}{word}", SEVERITY_ROLES[severity])]
    return tuple(spans)


def _only_waiting(hedge: HedgeView) -> bool:
    """Blind for no other reason than that a source has not answered yet."""
    return hedge.awaited and hedge.severity is Severity.BLIND


def _already(naked: Mapping[str, Naked]) -> Spans:
    worst = worst_of(naked)
    if worst is None:
        return ()
    more = f" and {len(naked) - 1} more" if len(naked) > 1 else ""
    much = "unknown" if worst.usd is None else fmt.exposure(worst.usd)
    return ((f"NAKED NOW {much} {worst.underlying}{more}", Role.CRITICAL),)


def _if_closed(snapshot: Snapshot, naked: Mapping[str, Naked], *, wide: bool) -> Spans:
    """What the worst leg would leave, of the hedges that still have all of theirs."""
    whole = [h for h in snapshot.hedges if h.naked_usd is not None and h.name not in naked]
    worst = max(whole, key=lambda h: abs(h.naked_usd or 0.0), default=None)
    if worst is None or worst.naked_usd is None or (naked and not wide):
        return ()
    if naked and abs(worst.naked_usd) < LEAST_USD:
        return ()
    role = Role.STRONG if abs(worst.naked_usd) >= 0.5 else Role.DIM
    return (
        ("naked if worst leg closes " if wide else "risks ", Role.DIM),
        (f"{fmt.exposure(worst.naked_usd)} {worst.underlying}", role),
    )


def _oldest(snapshot: Snapshot, *, wide: bool) -> Spans:
    ages = [s.age_seconds for s in snapshot.sources if s.age_seconds is not None]
    silent = sum(1 for s in snapshot.sources if s.age_seconds is None)
    if not ages:
        return ((("no data yet" if silent else "no sources"), Role.BLIND),)
    blind = sum(1 for s in snapshot.sources if s.health.blind)
    words = f"{'oldest data ' if wide else 'oldest '}{fmt.age(max(ages))}"
    if blind:
        return ((words, Role.WARNING), (f"  {blind} of {len(snapshot.sources)} sources blind", Role.WARNING))
    return ((words, Role.DIM),)
