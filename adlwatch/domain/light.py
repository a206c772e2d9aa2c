"""ADL lights on one scale: 1 to 5, 5 = front of the queue, each level a fifth of it; or a state where no level is honest."""

from enum import StrEnum

from msgspec import Struct


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


class Light(Struct, frozen=True, kw_only=True):
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


UNKNOWN = Light(state=LightState.UNKNOWN)
