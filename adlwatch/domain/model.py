"""What the program knows about accounts and markets, in the field's own words.

Everything here is frozen. `None` means unknown and is never read as zero. Prices are in the settle currency's unit per base
unit (for practical purposes USD), times are timezone-aware UTC datetimes, rates are fractions (0.0001 = 1 bp).
"""

from datetime import datetime
from enum import StrEnum
from typing import Self

from msgspec import Struct


class Side(StrEnum):
    """Direction of a position or of an exposure."""

    LONG = "long"
    SHORT = "short"

    sign: int
    """+1 for long, -1 for short."""

    def __new__(cls, word: str) -> Self:
        """A member that carries its sign: read millions of times, it must cost no call."""
        member = str.__new__(cls, word)
        member._value_ = word
        member.sign = 1 if word == "long" else -1
        return member

    @property
    def opposite(self) -> "Side":
        """The other side."""
        return Side.SHORT if self is Side.LONG else Side.LONG


class Contract(StrEnum):
    """How a contract pays: linear in quote currency, or inverse (a fixed quote value, paid in coin)."""

    LINEAR = "linear"
    INVERSE = "inverse"


class MarginMode(StrEnum):
    """Whether a position has its own margin or shares the account's."""

    ISOLATED = "isolated"
    CROSS = "cross"


class VenueLight(Struct, frozen=True, gc=False):
    """The venue's own ADL indicator, raw and on the venue's own scale; the venue's profile knows how to read it."""

    raw: str | int | float | None
    as_of: datetime | None = None


class Position(Struct, frozen=True, kw_only=True, gc=False):
    """One open perp or dated future.

    `size` is always positive. Linear: base units. Inverse: the fixed quote value Q (for example 10,000 USD), because that is
    the quantity which stays constant while the price moves; `domain.value.base_units` converts at a mark.
    """

    account: str
    venue: str
    symbol: str
    side: Side
    size: float
    entry_price: float
    mark_price: float | None = None
    contract: Contract = Contract.LINEAR
    margin_mode: MarginMode | None = None
    isolated_margin: float | None = None
    """Margin assigned to an isolated position, without its unrealized PnL, in the settle currency."""
    leverage: float | None = None
    """The leverage *set* at the venue; never used as effective leverage without saying so."""
    maintenance_margin: float | None = None
    liquidation_price: float | None = None
    bankruptcy_price: float | None = None
    venue_light: VenueLight | None = None
    as_of: datetime | None = None
    raw: tuple[tuple[str, str], ...] = ()
    """The venue's own fields as text, for the drill-down's raw view only."""
    contracts: float | None = None
    """The size as the venue counts it, where it counts contracts that are not base units."""

    @property
    def key(self) -> str:
        """Stable identity across readings: account, symbol and side."""
        return f"{self.account}:{self.symbol}:{self.side}"


class Holding(Struct, frozen=True, kw_only=True, gc=False):
    """A spot or collateral balance; a negative amount is a borrow."""

    account: str
    venue: str
    asset: str
    amount: float
    collateral: bool = False
    """True where the coin serves as margin of this account (it still counts as a spot leg, and is marked as such)."""
    as_of: datetime | None = None

    @property
    def key(self) -> str:
        """Stable identity across readings: account and asset."""
        return f"{self.account}:{self.asset}"


class Account(Struct, frozen=True, kw_only=True, gc=False):
    """One margin account (or sub-account) at one venue. Amounts in USD terms of the account's settle currency."""

    id: str
    venue: str
    equity: float | None = None
    """Wallet balance plus all unrealized PnL: what stands behind cross positions."""
    wallet: float | None = None
    maintenance_margin: float | None = None
    owner: str | None = None
    """Owner group: hedges are paired only within one. None is the default group."""
    delta_neutral_mode: bool | None = None
    """Whether the venue's delta-neutral protection is switched on for this account; None where we cannot tell."""
    portfolio_margin: bool | None = None
    as_of: datetime | None = None


class Candle(Struct, frozen=True, array_like=True, gc=False):
    """One bar: opening time, prices, volume in base units (None where the venue does not say)."""

    time: datetime
    open: float
    high: float
    low: float
    close: float
    volume: float | None = None


class Book(Struct, frozen=True, kw_only=True, gc=False):
    """Order-book depth, best first: (price, size in base units) levels."""

    bids: tuple[tuple[float, float], ...] = ()
    asks: tuple[tuple[float, float], ...] = ()
    as_of: datetime | None = None


class LevelBounds(Struct, frozen=True, kw_only=True, gc=False):
    """A venue's published bounds of its own ADL levels: (level, least score in it), least endangered first, by side."""

    long: tuple[tuple[int, float], ...] = ()
    short: tuple[tuple[int, float], ...] = ()
    levels: int
    """How many levels the venue has; it may list fewer."""


class Market(Struct, frozen=True, kw_only=True, gc=False):
    """Public facts about one instrument. Open interest and volume are in base units."""

    venue: str
    symbol: str
    contract: Contract = Contract.LINEAR
    mark_price: float | None = None
    index_price: float | None = None
    funding_rate: float | None = None
    """Rate per funding interval, as a fraction; positive: longs pay shorts."""
    funding_interval_hours: float | None = None
    open_interest: float | None = None
    volume_24h: float | None = None
    candles: tuple[Candle, ...] = ()
    book: Book | None = None
    maintenance_rate: float | None = None
    """Maintenance margin as a fraction of notional in the lowest tier."""
    as_of: datetime | None = None
    level_bounds: LevelBounds | None = None
    """Where the venue publishes them, a position's place follows from its score alone."""
    open_interest_history: tuple[tuple[datetime, float], ...] = ()
    """(time, open interest), oldest first, about hourly. Only its relative changes are used, so any one unit will do."""


class FillKind(StrEnum):
    """Why a position changed, by the venue's own marker; UNKNOWN is never read as ADL."""

    ADL = "adl"
    LIQUIDATION = "liquidation"
    ORDER = "order"
    SETTLEMENT = "settlement"
    UNKNOWN = "unknown"


class Fill(Struct, frozen=True, kw_only=True, gc=False):
    """One own fill. `side` is the side of the *position* it changed, `size` is positive and in the position's unit."""

    id: str
    account: str
    venue: str
    symbol: str
    side: Side
    size: float
    price: float
    time: datetime
    kind: FillKind
    closes: bool = True
    """True where the fill reduced the position, False where it opened or added."""
    mark_price: float | None = None
    fee: float | None = None
    realized_pnl: float | None = None


class Pool(Struct, frozen=True, kw_only=True, gc=False):
    """An insurance pool as the venue shows it. `symbols` is empty where the pool serves the whole venue."""

    venue: str
    name: str
    balance: float | None = None
    symbols: tuple[str, ...] = ()
    as_of: datetime | None = None


class AdlWarning(Struct, frozen=True, kw_only=True, gc=False):
    """A venue's own public ADL warning for a market: its word, and the numbers it is based on where given."""

    venue: str
    symbol: str
    state: str
    value: float | None = None
    trigger: float | None = None
    as_of: datetime | None = None


class HedgeSpec(Struct, frozen=True, gc=False):
    """A hedge named by the user: leg keys as `account:symbol:side` or `account:asset`."""

    name: str
    legs: tuple[str, ...]
