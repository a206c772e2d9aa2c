"""The shape of an `adlwatch-book/1` file.

Numbers are finite; sizes and prices are positive; sizes, open interest and volumes are in base units; times are ISO 8601
with a zone. A key that is missing or null is unknown, except for the few that a position cannot do without.
"""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from adlwatch.domain.model import Contract, MarginMode, Side

Name = Annotated[str, Meta(min_length=1)]
Positive = Annotated[float, Meta(gt=0)]
NotNegative = Annotated[float, Meta(ge=0)]
Time = Annotated[datetime, Meta(tz=True)]


class LightRow(Struct, frozen=True, forbid_unknown_fields=True):
    """The venue's own ADL value on the venue's own scale."""

    raw: str | int | float | None
    as_of: Time | None = None


class PositionRow(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One open position; `size` is in base units for inverse contracts too."""

    symbol: Name
    side: Side
    size: Positive
    entry_price: Positive
    mark_price: Positive | None = None
    contract: Contract | None = None
    margin_mode: MarginMode | None = None
    isolated_margin: float | None = None
    leverage: Positive | None = None
    maintenance_margin: NotNegative | None = None
    liquidation_price: Positive | None = None
    bankruptcy_price: float | None = None
    venue_light: LightRow | None = None


class HoldingRow(Struct, frozen=True, forbid_unknown_fields=True):
    """A spot balance; negative is a borrow."""

    asset: Name
    amount: float


class AccountRow(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One margin account; `id` defaults to the venue's."""

    venue: Name
    id: Name | None = None
    equity: float | None = None
    wallet: float | None = None
    maintenance_margin: NotNegative | None = None
    positions: tuple[PositionRow, ...] | None = None
    holdings: tuple[HoldingRow, ...] | None = None


class CandleRow(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """`[time, open, high, low, close, volume]`."""

    time: Time
    open: Positive
    high: Positive
    low: Positive
    close: Positive
    volume: NotNegative | None = None


class MarketRow(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Public facts about one instrument."""

    venue: Name
    symbol: Name
    mark_price: Positive | None = None
    index_price: Positive | None = None
    funding_rate: float | None = None
    funding_interval_hours: Positive | None = None
    open_interest: NotNegative | None = None
    volume_24h: NotNegative | None = None
    candles: tuple[CandleRow, ...] | None = None


class HedgeRow(Struct, frozen=True, forbid_unknown_fields=True):
    """A named hedge; legs are `account:symbol:side` or `account:asset`."""

    name: Name
    legs: Annotated[tuple[Name, ...], Meta(min_length=1)]


class BookFile(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The whole file."""

    format: Literal["adlwatch-book/1"]
    as_of: Time | None = None
    accounts: tuple[AccountRow, ...] | None = None
    markets: tuple[MarketRow, ...] | None = None
    hedges: tuple[HedgeRow, ...] | None = None
