"""`adlwatch-snapshot/1`: everything the program knows at one moment, frozen. Every front end shows or ships this and only this.

Field names are part of the format: added within version 1, never renamed. Unknown is null, times are ISO 8601 UTC.
Frozen, none of it can be part of a cycle; what there are thousands of is therefore left out of garbage collection.
"""

from datetime import datetime
from enum import StrEnum
from typing import Literal

import msgspec
from msgspec import Struct

from adlwatch.domain.alert import Alert
from adlwatch.domain.incident import Incident
from adlwatch.domain.lazy import Row
from adlwatch.domain.light import LIKELY, Light, LightSource
from adlwatch.domain.model import Contract, MarginMode, Side
from adlwatch.domain.position_score import Score
from adlwatch.domain.reading import Health


class Severity(StrEnum):
    """How much attention something needs; BLIND: we cannot know. `docs/severity.md` has the table."""

    OK = "ok"
    WATCH = "watch"
    WARNING = "warning"
    CRITICAL = "critical"
    BLIND = "blind"


class StressLevel(StrEnum):
    """How troubled a pool or market is."""

    CALM = "calm"
    WATCH = "watch"
    WARNING = "warning"
    CRITICAL = "critical"
    UNKNOWN = "unknown"


class Liquidation(Struct, frozen=True, gc=False):
    """Distance is the fraction the mark has to move against the position, 0 or below: at or past it."""

    price: float | None = None
    distance: float | None = None
    computed: bool = False
    """True where we computed the price; False where the venue gave it."""
    unreachable: bool = False
    """True where no price liquidates the position; price and distance are then None."""
    minutes: float | None = None
    """Time to it at the present drift; None where the drift is away from it or unknown."""


class NextLight(Struct, frozen=True, kw_only=True, gc=False):
    """The mark at which the light would go up one level."""

    level: int
    mark: float
    move: float
    """Fraction the mark has to move, signed."""
    minutes: float | None = None
    """Time to it at the drift of the last hour; None where the drift is away from it or unknown."""


class PositionView(Struct, frozen=True, gc=False):
    """One position, assessed."""

    key: str
    account: str
    venue: str
    symbol: str
    side: Side
    size: float
    """Base units at the current mark."""
    notional: float | None
    entry_price: float
    mark_price: float | None
    unrealized_pnl: float | None
    """In the quote currency (USD for a USD inverse contract)."""
    score: Score
    light: Light
    estimate: Light
    liquidation: Liquidation
    severity: Severity
    other_scores: tuple[Score, ...] = ()
    """Scores under competing rules, shown beside and never substituted."""
    next_light: NextLight | None = None
    underlying: str = ""
    hedge: str | None = None
    source: str = ""
    contract: Contract = Contract.LINEAR
    margin_mode: MarginMode | None = None
    leverage: float | None = None
    as_of: datetime | None = None
    age_seconds: float | None = None
    reasons: tuple[str, ...] = ()
    """Why this severity, worst first, in words."""
    stress: StressLevel | None = None
    """Of its insurance pool and market, the worse; None where nothing is known of either."""
    stress_age_seconds: float | None = None
    contracts: float | None = None
    """The size as the venue counts it, where it counts contracts that are not base units."""
    chance_up: float | None = None
    """Probability, by our estimate, that the venue's light goes up within a minute; None where it is not what is shown."""

    @property
    def rising(self) -> bool:
        """Whether the light may well go up within a minute. An estimate that never saw one of the venue cannot tell."""
        return self.chance_up is not None and self.chance_up >= LIKELY and self.estimate.source is LightSource.CALIBRATED


class HoldingView(Struct, frozen=True, kw_only=True, gc=False):
    """One spot or collateral balance that takes part in a hedge or could."""

    key: str
    account: str
    venue: str
    asset: str
    underlying: str
    amount: float
    price: float | None
    value_usd: float | None
    hedge: str | None = None
    collateral: bool = False
    source: str = ""
    as_of: datetime | None = None
    age_seconds: float | None = None


class IfClosed(Struct, frozen=True, gc=False):
    """What is left of a hedge when a fraction of one leg is taken away. Signed: positive is long."""

    leg: str
    fraction: float
    naked_units: float | None
    naked_usd: float | None
    loss_per_1pct: float | None
    """USD lost per 1 % move against the naked exposure; never negative."""
    give_back_low_usd: float | None = None
    """What closing at the venue's price loses against the mark, likely at least; an estimate."""
    give_back_high_usd: float | None = None
    """The same, likely at most."""
    rebuild_usd: float | None = None
    """Fees, spread and depth of opening the closed part again."""
    rebuild_from_depth: bool | None = None
    """False where an assumed spread stands in for the order book."""
    carry_days: float | None = None
    """Days of the hedge's carry that the high give-back and rebuilding eat; None where the carry is unknown or not positive."""


class Shield(Struct, frozen=True, kw_only=True, gc=False):
    """Delta-neutral protection of an account at a venue that has one."""

    state: str
    """on, off, at-risk, not-eligible, unknown"""
    ratio: float | None = None
    threshold: float | None = None
    headroom_units: float | None = None
    headroom_usd: float | None = None
    cliff: str | None = None
    account: str | None = None
    rule: str | None = None
    note: str | None = None
    cliff_leg: str | None = None
    """The leg whose partial close would end the protection first."""
    cliff_fraction: float | None = None
    """The part of that leg, above which the rest is unprotected."""


class HedgeView(Struct, frozen=True, gc=False):
    """A hedge or an unhedged position, assessed."""

    name: str
    underlying: str
    kind: str
    """cash-and-carry, reverse-carry, perp-perp, calendar, unhedged"""
    legs: tuple[str, ...]
    net_delta: float | None
    """Units of the underlying, positive long."""
    hedge_ratio: float | None
    """Smaller side over larger side, 1 = fully hedged, 0 = unhedged."""
    if_closed: Row[IfClosed]
    shield: Shield
    severity: Severity
    gross_usd: float | None = None
    unrealized_pnl: float | None = None
    basis: float | None = None
    owner: str | None = None
    light: Light | None = None
    """The worst light among the legs."""
    worst_leg: str | None = None
    next_light: NextLight | None = None
    liquidation_distance: float | None = None
    """The nearest liquidation among the legs."""
    naked_usd: float | None = None
    """Signed USD exposure left if the worst leg is closed in full."""
    net_usd: float | None = None
    age_seconds: float | None = None
    reasons: tuple[str, ...] = ()
    carry_usd_per_day: float | None = None
    """Funding, basis and borrowing at present rates; negative: it costs."""
    carry_apr: float | None = None
    """The same a year, on one side's notional."""
    carry_missing: tuple[str, ...] = ()
    """What is not in it because it is not known."""
    liquidation_leg: str | None = None
    """The leg with the nearest liquidation: the other end at which the hedge can break."""
    liquidation_minutes: float | None = None
    """Time to it at the drift of the last hour; None where the drift is away from it or unknown."""
    explicit: bool = False
    """True where the user named the legs: only then is an imbalance known to be unintended."""
    missing: tuple[str, ...] = ()
    """Legs the user named that no source shows."""
    awaited: bool = False
    """Whether a source that has not answered yet may still show them: then they are not lost."""
    rising: bool = False
    """Whether the worst leg's light may well go up within a minute."""


class StressView(Struct, frozen=True, kw_only=True, gc=False):
    """One insurance pool, or one market's own signs (`pool` is then None), assessed. Fractions unless said otherwise."""

    venue: str
    level: StressLevel
    pool: str | None = None
    symbols: tuple[str, ...] = ()
    """Markets it concerns; empty where it serves the whole venue."""
    balance: float | None = None
    drain_per_hour: float | None = None
    """Share of the balance lost in the last hour; negative: it grows."""
    hours_to_empty: float | None = None
    drawdown: float | None = None
    """Below the peak of eight hours."""
    coverage: float | None = None
    """Balance over the open interest of its members that we know, in USD."""
    trigger_distance: float | None = None
    """From the venue's own ADL trigger; zero or below: past it."""
    warning: str | None = None
    """The venue's own word."""
    funding_z: float | None = None
    """Standard deviations of the present funding rate from 30 days of it."""
    open_interest_jump: float | None = None
    index_gap: float | None = None
    """Mark over index minus 1."""
    reasons: tuple[str, ...] = ()
    as_of: datetime | None = None
    age_seconds: float | None = None


class SourceView(Struct, frozen=True, kw_only=True):
    """One source and how its fetches go."""

    id: str
    health: Health
    age_seconds: float | None
    error: str | None
    kind: str = ""
    label: str | None = None
    failures: int = 0
    last_success: datetime | None = None
    last_attempt: datetime | None = None
    next_attempt: datetime | None = None
    latency: float | None = None
    interval: float | None = None
    positions: int = 0
    notes: tuple[str, ...] = ()
    key_may_trade: bool = False
    """True where the API key is known to allow more than reading."""


class Snapshot(Struct, frozen=True, kw_only=True):
    """The whole book at `as_of`."""

    format: Literal["adlwatch-snapshot/1"] = "adlwatch-snapshot/1"
    as_of: datetime
    severity: Severity
    positions: tuple[PositionView, ...] = ()
    hedges: tuple[HedgeView, ...] = ()
    sources: tuple[SourceView, ...] = ()
    stress: tuple[StressView, ...] = ()
    incidents: tuple[Incident, ...] = ()
    """Open ones and recent ones, in the order they were opened."""
    alerts: tuple[Alert, ...] = ()
    """Open ones worst first, then resolved ones, latest first."""
    holdings: tuple[HoldingView, ...] = ()
    label: str | None = None
    """MOCK, REPLAY or WHAT-IF where anything in here is not real."""


_ENCODER = msgspec.json.Encoder(enc_hook=tuple)
_DECODER = msgspec.json.Decoder(Snapshot)


def encode(snapshot: Snapshot) -> bytes:
    """One line of JSON, no line break at its end."""
    return _ENCODER.encode(snapshot)


def decode(data: bytes | str) -> Snapshot:
    """The snapshot back, equal to what was encoded."""
    return _DECODER.decode(data)
