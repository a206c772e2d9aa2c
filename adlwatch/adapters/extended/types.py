"""Replies of Extended's public API, as far as they are read. Numbers arrive as strings.

Source: https://api.docs.extended.exchange and the samples in ccxt 4.5.90 (ccxt/async_support/extended.py).
"""

from typing import Annotated, Generic, TypeVar

from msgspec import Meta, Struct

T = TypeVar("T")
Number = Annotated[float, Meta(gt=-1e18, lt=1e18)]
NotNegative = Annotated[float, Meta(ge=0, lt=1e18)]
Positive = Annotated[float, Meta(gt=0, lt=1e18)]
Millis = Annotated[int, Meta(gt=1_500_000_000_000, lt=4_000_000_000_000)]
Name = Annotated[str, Meta(min_length=1, max_length=64)]


class Trouble(Struct, frozen=True):
    """Why a request brought nothing."""

    code: int = 0
    message: str = ""


class Reply(Struct, Generic[T], frozen=True):
    """What every reply has: `status` is OK or ERROR, whatever the HTTP status."""

    status: str
    data: T | None = None
    error: Trouble | None = None


class Level(Struct, frozen=True, rename="camel"):
    """One ADL level, 1 least endangered, and the least ranking in it."""

    level: Annotated[int, Meta(ge=1, le=4)]
    ranking_lower_bound: Number


class DeleverageLevels(Struct, frozen=True, rename="camel"):
    """Levels by side; a list may hold fewer than four."""

    short_positions: list[Level] = []
    long_positions: list[Level] = []


class MarketStats(Struct, frozen=True, rename="camel"):
    """Live figures: the funding rate is per hour, `…Base` are in base units."""

    mark_price: Positive
    index_price: NotNegative | None = None
    funding_rate: Number | None = None
    open_interest_base: NotNegative | None = None
    daily_volume_base: NotNegative | None = None
    deleverage_levels: DeleverageLevels | None = None


class RiskTier(Struct, frozen=True, rename="camel"):
    """The initial margin rate of positions up to a value."""

    upper_bound: Positive
    risk_factor: NotNegative


class TradingConfig(Struct, frozen=True, rename="camel"):
    """What trading in a market needs."""

    risk_factor_config: list[RiskTier] = []


class MarketRow(Struct, frozen=True, rename="camel"):
    """One market."""

    name: Name
    market_stats: MarketStats
    trading_config: TradingConfig = TradingConfig()


class CandleRow(Struct, frozen=True):
    """One bar; `T` is its opening time, `v` its volume in base units."""

    T: Millis
    o: Positive
    h: Positive
    l: Positive  # noqa: E741 -- the venue's own name for the low
    c: Positive
    v: NotNegative


class Order(Struct, frozen=True):
    """One price of the order book."""

    price: Positive
    qty: NotNegative


class Orderbook(Struct, frozen=True):
    """Depth, best first."""

    bid: list[Order]
    ask: list[Order]
