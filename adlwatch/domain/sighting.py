"""Each light that a venue shows, beside what we had estimated until it arrived: what the estimate is judged by.

An estimate learns from every light, so one made after the arrival proves nothing. Compared is the estimate of the assessment
before; and since a light that stays as it was is no hard test, moves are kept apart (see `accuracy`).
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from msgspec import Struct

from adlwatch.domain.light import Light, LightState, normalise
from adlwatch.domain.model import Position
from adlwatch.domain.reading import Reading
from adlwatch.domain.venue import VenueProfile

EVERY = timedelta(seconds=60)
"""Time between two sightings of a light that stays as it is; one that moves is always kept."""


class Sighting(Struct, frozen=True, kw_only=True):
    """One light of a venue as it arrived."""

    at: datetime
    key: str
    venue: str
    level: int
    held: int | None
    """The level the venue showed before; None at the first sight."""
    held_since: datetime | None
    """When that level was first seen."""
    estimate: int | None
    """Our level just before; None where we had none."""
    low: int | None = None
    high: int | None = None

    @property
    def moved(self) -> bool:
        """Whether the venue showed another level before."""
        return self.held is not None and self.held != self.level


class Seen(Struct, frozen=True):
    """What was last seen of one position's light at its venue."""

    raw: str | int | float | None
    level: int
    since: datetime
    kept_at: datetime


def sightings(
    reading: Reading, seen: Mapping[str, Seen], estimates: Mapping[str, Light], profiles: Mapping[str, VenueProfile]
) -> Iterator[tuple[Seen, Sighting]]:
    """The lights in a reading that are worth keeping, each with what is then to be remembered in `seen` under its key."""
    for position in reading.positions:
        profile, sent, last = profiles.get(position.venue), position.venue_light, seen.get(position.key)
        if profile is None or sent is None or sent.raw is None:
            continue
        now = reading.received_at
        if last is not None and last.raw == sent.raw and now - last.kept_at < EVERY:
            continue
        light = normalise(profile, sent.raw, side=position.side, size=position.size, as_of=sent.as_of, now=now)
        if light.state is LightState.LIT and light.level is not None:
            yield _sighted(position, light.level, last, estimates.get(position.key), now)


def _sighted(position: Position, level: int, last: Seen | None, estimate: Light | None, now: datetime) -> tuple[Seen, Sighting]:
    raw = position.venue_light.raw if position.venue_light else None
    since = last.since if last is not None and last.level == level else now
    lit = estimate if estimate is not None and estimate.state is LightState.LIT else None
    low, high = (lit.interval if lit else None) or (None, None)
    return Seen(raw, level, since, now), Sighting(
        at=now,
        key=position.key,
        venue=position.venue,
        level=level,
        held=last.level if last is not None else None,
        held_since=last.since if last is not None else None,
        estimate=lit.level if lit else None,
        low=low,
        high=high,
    )
