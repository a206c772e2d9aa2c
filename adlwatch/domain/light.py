"""ADL lights on one scale: 1 to 5, 5 = front of the queue, each level a fifth of it; or a state where no level is honest."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from adlwatch.domain.light_scale import LEVELS, LightScale, Raw, Read, Value, read
from adlwatch.domain.model import Side

if TYPE_CHECKING:
    from adlwatch.domain.venue import VenueProfile

POLL_ALLOWANCE = 30.0
"""Seconds between two polls of a source that asks as often as venues like to be asked."""
CADENCE_UNKNOWN = 30.0
"""Seconds between a venue's refreshes where it publishes none: Binance, Aster and WhiteBIT publish 30."""


class LightState(StrEnum):
    """What can be said about a place in the queue."""

    LIT = "lit"
    FLAT = "flat"
    NO_QUEUE = "no-queue"
    RANDOM = "random"
    SOCIALISED = "socialised"
    KEEPER = "keeper"
    UNKNOWN = "unknown"
    STALE = "stale"


class LightSource(StrEnum):
    """Where a level comes from; it always travels with the level."""

    VENUE = "venue"
    CALIBRATED = "calibrated"
    MODELLED = "modelled"
    EXACT = "exact"


class Light(Struct, frozen=True, kw_only=True, gc=False):
    """A level 1..5 (5 = closed first) or a state, with its provenance."""

    state: LightState
    level: int | None = None
    source: LightSource | None = None
    quantile: float | None = None
    """Place in the queue as a fraction, 1 = front; level is ceil(5 * quantile)."""
    interval: tuple[int, int] | None = None
    """Lowest and highest level at the stated confidence (90 %) for an estimate; both the level for a venue's own light."""
    age_seconds: float | None = None
    """Seconds since the time this light describes."""
    raw: str | int | float | None = None
    """The venue's own value, on the venue's own scale."""
    observations: int | None = None
    """Venue lights that an estimate has been calibrated with."""
    note: str | None = None
    """One plain sentence: why this state, which step of the estimate, or what disagrees."""
    deviation: float | None = None
    """Of an estimate: standard deviation of its place, in logits of the quantile."""


_CERTAIN = tuple((level, level) for level in range(LEVELS + 1))
"""Intervals of lights that are known."""
_LIT, _UNKNOWN, _VENUE = LightState.LIT, LightState.UNKNOWN, LightSource.VENUE
"""Asked for several times a position and assessment: reading a member off its enumeration costs ten times a name."""
UNKNOWN = Light(state=_UNKNOWN)
LIKELY = 0.06
"""Chance of going up within a minute from which on a light is said to rise; `benchmarks/README.md` has what that is worth."""


def normalise(
    profile: "VenueProfile", raw: Raw, *, side: Side, size: float | None, as_of: datetime | None, now: datetime
) -> Light:
    """The venue's own indicator on our scale. What cannot be read honestly is an unknown light with its raw value and a note.

    `raw` is the value, or the venue's row per side. Without a position (`size` 0) there is no place, whatever the venue shows.
    """
    shown = raw if not isinstance(raw, dict) else None
    silent = profile.no_score_state
    if silent is not None:
        return Light(state=silent, raw=shown, note=profile.facts.rule.note)
    age = None if as_of is None else max(0.0, (now - as_of).total_seconds())
    if size == 0:
        return Light(state=LightState.FLAT, source=_VENUE, age_seconds=age, raw=shown)
    picked, reading = _pick(profile.light, raw, side)
    level = reading.level
    if level is None:
        return Light(state=_UNKNOWN, source=_VENUE, age_seconds=age, raw=picked, note=reading.note)
    return Light(
        state=_LIT,
        level=level,
        source=_VENUE,
        quantile=reading.quantile,
        interval=_CERTAIN[level],
        age_seconds=age,
        raw=picked,
        note=None if profile.light.certain else f"raw {picked}: which end of the venue's scale is the front is our inference",
    )


def _pick(scale: LightScale, raw: Raw, side: Side) -> tuple[Value, Read]:
    """The row of this side. One-way accounts have theirs under `both`, hedge-mode accounts leave that one at its least."""
    if not isinstance(raw, dict):
        return raw, read(scale, raw)
    names = (scale.sides.get("long" if side is Side.LONG else "short"), scale.sides.get("both"))
    rows = [(raw[name], read(scale, raw[name])) for name in names if name is not None and name in raw]
    if not rows:
        return None, Read(None, f"the venue's answer has no row for the {side} side")
    return max(rows, key=lambda row: row[1].level or 0)


def best(venue: Light, estimate: Light, cadence: float | None) -> Light:
    """The most honest single answer: the venue's own while it is fresh and the estimate has not moved away from it.

    Fresh is at most one cadence of the venue (30 s where it publishes none) and 30 s of polling old. An estimate that never saw
    a light of the venue cannot contradict a fresh one: then the model is wrong, not the venue. Where the two disagree the note
    says both. A venue light that has expired with nothing to replace it is stale and keeps its last level.
    """
    if venue.state is not _LIT:
        return _without_level(venue, estimate)
    age = venue.age_seconds
    fresh = age is not None and age <= (CADENCE_UNKNOWN if cadence is None else cadence) + POLL_ALLOWANCE
    if estimate.state is _LIT:
        if fresh and _within(venue.level, estimate.interval):
            return venue
        own = f"{venue.level} venue {'of unknown age' if age is None else f'{age:.0f} s'}"
        if fresh and estimate.source is LightSource.MODELLED:
            return replace(venue, note=f"{own}, est {_span(estimate)} without having seen one" + _and(venue.note))
        return replace(estimate, raw=venue.raw, note=f"{own} → est {_span(estimate)}")
    if fresh:
        return venue
    return replace(venue, state=LightState.STALE, note=f"last seen {'at an unknown time' if age is None else f'{age:.0f} s ago'}")


def _and(note: str | None) -> str:
    return f"; {note}" if note else ""


def _without_level(venue: Light, estimate: Light) -> Light:
    """The venue gave a state. Only where that state is ignorance may an estimate speak for it; one that is stale says why."""
    if venue.state is _UNKNOWN and estimate.state is LightState.STALE:
        return replace(venue, note="; ".join(note for note in (venue.note, estimate.note) if note) or None)
    if venue.state is not _UNKNOWN or estimate.state is not _LIT:
        return venue
    return replace(estimate, raw=venue.raw, note=estimate.note or venue.note)


def _within(level: int | None, interval: tuple[int, int] | None) -> bool:
    return level is not None and (interval is None or interval[0] <= level <= interval[1])


def _span(light: Light) -> str:
    low, high = light.interval or (light.level, light.level)
    return f"{low}" if low == high else f"{low}–{high}"
