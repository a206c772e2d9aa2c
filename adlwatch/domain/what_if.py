"""A book as it would be at other marks, sizes and margins: the same sources changed, to be assessed like any other."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from adlwatch.domain.collateral import coin_collateral
from adlwatch.domain.edit import Edits, adjusted, edited
from adlwatch.domain.gather import Gathered, gather
from adlwatch.domain.model import Market, Position
from adlwatch.domain.reading import Reading, SourceState
from adlwatch.domain.settings import Settings
from adlwatch.domain.shock import LEADER, betas, shock
from adlwatch.domain.underlying import of_symbol
from adlwatch.domain.what_if_report import longest_candles

EVERYTHING = "*"
"""In place of an underlying: all that are not named."""
_LATER = timedelta(milliseconds=1)
"""A moved mark is fresher than any other."""


class Suppose(Struct, frozen=True, kw_only=True):
    """What is supposed. Moves are fractions above -1 by underlying (`*`: every other); sizes and margins go by position key."""

    moves: Mapping[str, float] = {}
    follow: bool = False
    """Whether the underlyings that are not named follow Bitcoin by their beta (1 where it is not known)."""
    sizes: Mapping[str, float] = {}
    """Times its present size; 0 closes it."""
    margins: Mapping[str, float] = {}
    """USD added to an isolated position's margin, or to a cross one's account."""


def supposed(sources: Iterable[SourceState], what: Suppose, settings: Settings, now: datetime) -> tuple[SourceState, ...]:
    """The sources as they would read.

    What a venue derived from its own marks (light, liquidation price) says nothing at others and is dropped. Equity follows:
    profit with `gather`, which carries it from the venue's marks to ours, and collateral in coin here.
    """
    known = _adjusted(tuple(sources), what, now)
    found = gather(known, now)
    move = _moves(found, what, settings)
    worth = coin_collateral(found, settings)
    gained: dict[str, float] = {}
    for (account, coin), usd in worth.items():
        if move(coin):
            gained[account] = gained.get(account, 0.0) + usd * move(coin)
    return _moved(
        edited(known, Edits(equity=gained)), found, lambda symbol: 1.0 + move(of_symbol(symbol, settings.aliases).asset), now
    )


def _adjusted(known: tuple[SourceState, ...], what: Suppose, now: datetime) -> tuple[SourceState, ...]:
    """One position after the other: each sees what the one before did to the account they share."""
    for key in sorted({*what.sizes, *what.margins}):
        row = next((row for row in gather(known, now).positions if row.key == key), None)
        if row is not None:
            edits = adjusted(row, ratio=what.sizes.get(key, 1.0), margin_usd=what.margins.get(key, 0.0))
            known = edited(known, edits)
    return known


def _moves(found: Gathered, what: Suppose, settings: Settings) -> Callable[[str], float]:
    """How far an underlying moves, as a fraction."""
    rest = what.moves.get(EVERYTHING, 0.0)
    named = {coin: move for coin, move in what.moves.items() if coin != EVERYTHING}
    if not what.follow:
        return lambda coin: named.get(coin, rest)
    given = {LEADER: rest, **named}
    measured = longest_candles(found, settings)
    coins = {*measured, *(of_symbol(row.position.symbol, settings.aliases).asset for row in found.positions)}
    chosen = shock(coins, given, betas(measured)).moves
    return lambda coin: chosen.get(coin, given[LEADER])


def _moved(
    known: Iterable[SourceState], found: Gathered, factor: Callable[[str], float], now: datetime
) -> tuple[SourceState, ...]:
    marks = {row.key: row.mark for row in found.positions}

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
