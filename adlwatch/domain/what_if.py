"""A book as it would be at other marks: the same sources with their markets moved, to be assessed like any other."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from msgspec.structs import replace

from adlwatch.domain.gather import gather
from adlwatch.domain.model import Market, Position
from adlwatch.domain.reading import Reading, SourceState
from adlwatch.domain.underlying import of_symbol

EVERYTHING = "*"
"""In place of an underlying: all that are not named."""
_LATER = timedelta(milliseconds=1)
"""A moved mark is fresher than any other."""


def moved(
    sources: Iterable[SourceState], moves: Mapping[str, float], aliases: Mapping[str, str], now: datetime
) -> tuple[SourceState, ...]:
    """The sources as they would read with marks moved by fractions, by underlying (`*`: every other).

    What a venue derived from its own marks (light, liquidation price) says nothing at others and is dropped. Equity follows
    with `gather`, which carries it from the venue's marks to ours; that of collateral in coin does not.
    """
    known = tuple(sources)
    marks = {row.key: row.mark for row in gather(known, now).positions}

    def factor(symbol: str) -> float:
        return 1.0 + moves.get(of_symbol(symbol, aliases).asset, moves.get(EVERYTHING, 0.0))

    def reading(before: Reading) -> Reading:
        listed = {(market.venue, market.symbol) for market in before.markets}
        unlisted = [_market(p, marks[p.key]) for p in before.positions if (p.venue, p.symbol) not in listed]
        return replace(
            before,
            markets=tuple(_scaled(market, factor(market.symbol), now) for market in (*before.markets, *unlisted)),
            positions=tuple(_bare(p, marks[p.key]) if factor(p.symbol) != 1.0 else p for p in before.positions),
        )

    return tuple(state if state.reading is None else replace(state, reading=reading(state.reading)) for state in known)


def _market(position: Position, mark: float | None) -> Market:
    return Market(venue=position.venue, symbol=position.symbol, contract=position.contract, mark_price=mark)


def _scaled(market: Market, factor: float, now: datetime) -> Market:
    if factor == 1.0 or market.mark_price is None:
        return market
    index = market.index_price * factor if market.index_price is not None else None
    return replace(market, mark_price=market.mark_price * factor, index_price=index, as_of=now + _LATER)


def _bare(position: Position, mark: float | None) -> Position:
    return replace(position, mark_price=position.mark_price or mark, venue_light=None, liquidation_price=None)
