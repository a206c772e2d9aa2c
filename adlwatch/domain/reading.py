"""What an adapter brings back: a `Reading` or a `Failure`; and how healthy a source is, judged only from those and the time."""

from datetime import datetime
from enum import StrEnum
from typing import Self

from msgspec import Struct

from adlwatch.domain.model import Account, AdlWarning, Fill, HedgeSpec, Holding, Market, Pool, Position


class Reading(Struct, frozen=True, kw_only=True):
    """One complete answer of one source: what is not in it does not exist, so an adapter that got half must fail instead.

    `as_of` is the time of the data (the venue's own where it gives one), `received_at` the time we had it.
    """

    source: str
    as_of: datetime
    received_at: datetime
    accounts: tuple[Account, ...] = ()
    positions: tuple[Position, ...] = ()
    holdings: tuple[Holding, ...] = ()
    markets: tuple[Market, ...] = ()
    fills: tuple[Fill, ...] = ()
    """Own fills since the previous reading, oldest first; readings may repeat a fill, its id tells."""
    pools: tuple[Pool, ...] = ()
    warnings: tuple[AdlWarning, ...] = ()
    hedges: tuple[HedgeSpec, ...] = ()
    notes: tuple[str, ...] = ()
    """What this source cannot tell or had to leave out, in plain words for the sources screen."""
    key_may_trade: bool | None = None
    """Whether the API key may do more than read; None where there is no key, or it cannot be asked."""


class FailureKind(StrEnum):
    """A failed fetch, sorted by what to do next."""

    RETRY = "retry"
    RATE_LIMITED = "rate-limited"
    CREDENTIALS = "credentials"
    BAD_PAYLOAD = "bad-payload"
    UNSUPPORTED = "unsupported"


class Failure(Struct, frozen=True, kw_only=True):
    """Why a fetch brought nothing. It never erases the last good reading."""

    source: str
    kind: FailureKind
    message: str
    at: datetime
    retry_after: float | None = None
    """Seconds the venue asked us to wait."""


class Health(StrEnum):
    """How far a source may be trusted now."""

    LIVE = "live"
    LATE = "late"
    STALE = "stale"
    FAILING = "failing"
    AUTH = "auth"
    NEVER = "never"

    blind: bool
    """Whether what we last knew may no longer be acted upon."""

    def __new__(cls, word: str) -> Self:
        """A member that carries its verdict, asked for each position again."""
        member = str.__new__(cls, word)
        member._value_ = word
        member.blind = word not in {"live", "late"}
        return member


class SourceState(Struct, frozen=True, kw_only=True):
    """The last known state of one source: its last good reading and how its latest attempts went."""

    id: str
    kind: str
    interval: float
    """Seconds between the end of one fetch and the start of the next."""
    reading: Reading | None = None
    failure: Failure | None = None
    """The latest failure since the last success; None after a success."""
    failures: int = 0
    """Attempts failed in a row."""
    attempted_at: datetime | None = None
    next_attempt_at: datetime | None = None
    latency: float | None = None
    """Seconds the last successful fetch took."""
    label: str | None = None
    """What is always shown beside it: MOCK, REPLAY; None for real data."""
    first_data_at: datetime | None = None
    """When its first answer is expected, while that fetch waits for room in our own request budget."""
    identity: str | None = None
    """What it reads, whatever it is called: sources of one identity read the same accounts. None where that is not known."""


FAILING_AFTER = 3
LATE_AFTER_INTERVALS = 2.0
STALE_AFTER_INTERVALS = 4.0
STALE_AFTER_LEAST = 15.0


def age_seconds(state: SourceState, now: datetime) -> float | None:
    """Seconds since the time of the data, None before the first reading; a venue clock ahead of ours counts as zero."""
    if state.reading is None:
        return None
    return max(0.0, (now - min(state.reading.as_of, state.reading.received_at)).total_seconds())


def health(state: SourceState, now: datetime) -> Health:
    """Judge a source by the age of its data first, so that a source which hangs without failing still turns stale."""
    if state.failure is not None and state.failure.kind is FailureKind.CREDENTIALS:
        return Health.AUTH
    age = age_seconds(state, now)
    if age is None:
        return Health.FAILING if state.failures >= FAILING_AFTER else Health.NEVER
    if state.failures >= FAILING_AFTER:
        return Health.FAILING
    if age > max(STALE_AFTER_LEAST, STALE_AFTER_INTERVALS * state.interval):
        return Health.STALE
    if state.failures or age > max(2.0, LATE_AFTER_INTERVALS * state.interval):
        return Health.LATE
    return Health.LIVE
