"""From typed positions and public markets to a priced account: pure.

https://docs.extended.exchange/extended-resources/trading/liquidation-logic (page of 6 April 2026): longs and shorts are ranked
apart, each level has a published lower bound, level 4 is closed first.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from adlwatch.adapters.base import BadPayload
from adlwatch.adapters.extended.options import ExtendedOptions, TypedPosition
from adlwatch.adapters.extended.types import CandleRow, Level, MarketRow, Orderbook, RiskTier
from adlwatch.domain.model import Account, Book, Candle, LevelBounds, MarginMode, Market, Position, Side

VENUE = "extended"
LEVELS = 4
FUNDING_HOURS = 1.0
"""https://docs.extended.exchange/extended-resources/trading/funding-payments"""
TYPED_NOTE = "positions and balance are as typed in the configuration: what happens at the venue does not show here"
RATE_NOTE = "a maintenance margin rate that you did not type in is half of the market's initial one, which is inferred"
BALANCE_NOTE = "without balance in the configuration the equity is unknown, so there is no score and no light"


def symbol(name: str) -> str:
    """The unified symbol: `BTC-USD`, whose USD is USDC, is `BTC/USDC:USDC`."""
    base, _, quote = name.rpartition("-")
    quote = "USDC" if quote == "USD" else quote
    return f"{base}/{quote}:{quote}"


def positions(source: str, options: ExtendedOptions, markets: Mapping[str, MarketRow], at: datetime) -> tuple[Position, ...]:
    """The typed positions at the venue's marks."""
    return tuple(_position(source, typed, markets[typed.market], at) for typed in options.positions)


def _position(source: str, typed: TypedPosition, market: MarketRow, at: datetime) -> Position:
    mark = market.market_stats.mark_price
    rate = typed.maintenance_rate or _rate(market.trading_config.risk_factor_config, typed.size * mark)
    return Position(
        account=source,
        venue=VENUE,
        symbol=symbol(typed.market),
        side=Side(typed.side),
        size=typed.size,
        entry_price=typed.entry_price,
        mark_price=mark,
        margin_mode=MarginMode.CROSS,
        maintenance_margin=None if rate is None else typed.size * mark * rate,
        as_of=at,
    )


def _rate(tiers: list[RiskTier], value: float) -> float | None:
    """Maintenance rate of a position worth `value`: half of its tier's initial rate."""
    ordered = sorted(tiers, key=lambda tier: tier.upper_bound)
    return next((tier.risk_factor / 2 for tier in ordered if value <= tier.upper_bound), None)


def account(source: str, options: ExtendedOptions, held: tuple[Position, ...], at: datetime) -> Account:
    """The typed account: its equity follows from the balance and the marks."""
    needed = [position.maintenance_margin for position in held]
    return Account(
        id=source,
        venue=VENUE,
        wallet=options.balance,
        maintenance_margin=None if None in needed else sum(margin or 0.0 for margin in needed),
        as_of=at,
    )


def market(row: MarketRow, candles: tuple[Candle, ...] | None, book: Book | None, at: datetime) -> Market:
    """One market with the bounds of its levels, as of before asking: the reply has no time of its own."""
    stats = row.market_stats
    return Market(
        venue=VENUE,
        symbol=symbol(row.name),
        mark_price=stats.mark_price,
        index_price=stats.index_price or None,
        funding_rate=stats.funding_rate,
        funding_interval_hours=FUNDING_HOURS,
        open_interest=stats.open_interest_base,
        volume_24h=stats.daily_volume_base,
        candles=candles or (),
        book=book,
        maintenance_rate=_rate(row.trading_config.risk_factor_config, 0.0),
        as_of=at,
        level_bounds=_bounds(row),
    )


def _bounds(row: MarketRow) -> LevelBounds | None:
    levels = row.market_stats.deleverage_levels
    if levels is None:
        return None
    long, short = (_side(row.name, side) for side in (levels.long_positions, levels.short_positions))
    return LevelBounds(long=long, short=short, levels=LEVELS)


def _side(name: str, levels: list[Level]) -> tuple[tuple[int, float], ...]:
    """Bounds by level. Raises `BadPayload` where they do not rise with the level."""
    ordered = sorted((level.level, level.ranking_lower_bound) for level in levels)
    numbers, bounds = [number for number, _ in ordered], [bound for _, bound in ordered]
    if len(set(numbers)) < len(numbers) or bounds != sorted(bounds):
        raise BadPayload(f"markets: {name}: deleverageLevels that do not rise")
    return tuple(ordered)


def bars(rows: list[CandleRow]) -> tuple[Candle, ...]:
    """Candles of a reply."""
    return tuple(Candle(datetime.fromtimestamp(row.T / 1000, UTC), row.o, row.h, row.l, row.c, row.v) for row in rows)


def depth(reply: Orderbook, at: datetime) -> Book:
    """The order book of a reply, which has no time of its own."""
    bids, asks = (tuple((order.price, order.qty) for order in side) for side in (reply.bid, reply.ask))
    return Book(bids=bids, asks=asks, as_of=at)


def notes(options: ExtendedOptions) -> Iterator[str]:
    """What typed positions cannot tell."""
    if options.positions:
        yield TYPED_NOTE
        if options.balance is None:
            yield BALANCE_NOTE
    if any(position.maintenance_rate is None for position in options.positions):
        yield RATE_NOTE
