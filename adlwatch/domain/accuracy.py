"""How well our estimates foresaw the lights that venues showed later, from the history of one's own book.

A light that stays as it is can be foreseen by repeating it, so what counts is moves: there the last light is wrong by definition.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from statistics import median

from msgspec import Struct

from adlwatch.domain.changes import Change
from adlwatch.domain.sighting import Sighting


class Hits(Struct, frozen=True, kw_only=True):
    """Estimates beside the venue's lights. All counts; `of` is what the others are parts of."""

    of: int = 0
    """Lights that we had an estimate for when they arrived."""
    exact: int = 0
    within_one: int = 0
    inside: int = 0
    """Within the estimate's stated 90 % interval."""
    repeated: int = 0
    """Lights that repeating the venue's last one would have foreseen: what the estimate has to beat."""


class Accuracy(Struct, frozen=True, kw_only=True):
    """One venue's report."""

    venue: str
    positions: int
    lights: int
    """Lights that arrived; `every.of` of them could be compared."""
    every: Hits
    moves: Hits
    """Only lights that differ from the one before."""
    ups: int = 0
    """Moves up the queue."""
    ups_led: int = 0
    """Those at which our estimate was there already."""
    lead_seconds: float | None = None
    """Median time by which it was, over those that it led; None where it led none."""


def accuracy(sightings: Iterable[Sighting], estimates: Iterable[Change]) -> tuple[Accuracy, ...]:
    """A report for each venue, by name. `estimates`: every change of an estimate, oldest first."""
    levels: dict[str, list[Change]] = defaultdict(list)
    for change in estimates:
        levels[change.subject].append(change)
    by_venue: dict[str, list[Sighting]] = defaultdict(list)
    for sighting in sightings:
        by_venue[sighting.venue].append(sighting)
    return tuple(_report(venue, rows, levels) for venue, rows in sorted(by_venue.items()))


def _report(venue: str, rows: Sequence[Sighting], levels: Mapping[str, Sequence[Change]]) -> Accuracy:
    ups = [row for row in rows if row.held is not None and row.level > row.held]
    leads = [lead for row in ups if (lead := lead_seconds(row, levels.get(row.key, ()))) is not None]
    return Accuracy(
        venue=venue,
        positions=len({row.key for row in rows}),
        lights=len(rows),
        every=_hits(rows),
        moves=_hits([row for row in rows if row.moved]),
        ups=len(ups),
        ups_led=len(leads),
        lead_seconds=median(leads) if leads else None,
    )


def _hits(rows: Iterable[Sighting]) -> Hits:
    known = [(row, row.estimate) for row in rows if row.estimate is not None]
    return Hits(
        of=len(known),
        exact=sum(row.level == estimate for row, estimate in known),
        within_one=sum(abs(row.level - estimate) <= 1 for row, estimate in known),
        inside=sum((row.low or estimate) <= row.level <= (row.high or estimate) for row, estimate in known),
        repeated=sum(row.held == row.level for row, _ in known),
    )


def lead_seconds(move: Sighting, estimates: Sequence[Change]) -> float | None:
    """Seconds by which our estimate stood at the new level, or above, before the venue showed it; None where it did not.

    Counted without interruption until the light came, and at most since the venue first showed the level before. `estimates`:
    changes of this position's estimate, oldest first.
    """
    led_from: datetime | None = None
    for change in reversed(estimates[: bisect_left(estimates, move.at, key=lambda change: change.at)]):
        if change.level is None or change.level < move.level:
            break
        led_from = change.at if move.held_since is None else max(change.at, move.held_since)
        if led_from == move.held_since:
            break
    return None if led_from is None else (move.at - led_from).total_seconds()
