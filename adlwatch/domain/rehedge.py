"""Two ways back to neutral after a loss, priced: reopen the closed leg, or close the other one. Only ever text to copy."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from math import floor, log10
from typing import NamedTuple

from msgspec.structs import replace

from adlwatch.domain.costs import TradeCost, trade_cost
from adlwatch.domain.incident import HitHedge, LostLeg, Ticket
from adlwatch.domain.model import Book, Contract, Market, Side
from adlwatch.domain.settings import Settings
from adlwatch.domain.snapshot import HedgeView, HoldingView, PositionView
from adlwatch.domain.underlying import of_asset, of_symbol

FRESH = timedelta(seconds=60)
"""Depth older than this is not what one would trade against."""
_DIGITS = 8


class Surroundings(NamedTuple):
    """What there is to trade, and at which prices."""

    now: datetime
    positions: Mapping[str, PositionView]
    holdings: Mapping[str, HoldingView]
    markets: Mapping[tuple[str, str], Market]
    """By venue and symbol."""
    settings: Settings


class _Line(NamedTuple):
    """A leg that can be traded. Units are those of the underlying."""

    account: str
    venue: str
    symbol: str
    units: float
    """How many at most."""
    multiplier: float
    price: float | None
    """USD per unit of the symbol."""
    spot: bool = False
    closes: bool = False
    contract: Contract = Contract.LINEAR


def tickets(hit: HitHedge, lost: Iterable[LostLeg], view: HedgeView, around: Surroundings) -> tuple[Ticket, ...]:
    """The tickets for one hedge; none where it is in balance, or its exposure unknown."""
    if hit.balanced or hit.units is None:
        return ()
    needed = (hit.units_before or 0.0) - hit.units
    side = Side.LONG if needed > 0.0 else Side.SHORT
    reopen = [_lost_line(leg, around) for leg in lost if leg.hedge == hit.name and leg.side is side]
    price = hit.usd / hit.units if hit.usd is not None and hit.units else None
    close = [line for key in view.legs if (line := _held_line(key, side.opposite, price, around)) is not None]
    offers = (("Reopen the closed leg", reopen), ("Close the other leg", close))
    return tuple(
        _filled(Ticket(title=title, hedge=hit.name, text=""), lines, abs(needed), side, around)
        for title, lines in offers
        if lines
    )


def _lost_line(leg: LostLeg, around: Surroundings) -> _Line:
    factor = of_symbol(leg.symbol, around.settings.aliases).multiplier
    market, position = around.markets.get((leg.venue, leg.symbol)), around.positions.get(leg.key)
    price = position.mark_price if position is not None else market.mark_price if market is not None else None
    price = next((each for each in (price, leg.mark, leg.average_price) if each is not None), None)
    return _Line(leg.account, leg.venue, leg.symbol, leg.lost_units * factor, factor, price, contract=leg.contract)


def _held_line(key: str, side: Side, price: float | None, around: Surroundings) -> _Line | None:
    """The leg, if it is on that side; `price` (USD per unit of the underlying) serves where a balance has none of its own."""
    position, holding = around.positions.get(key), around.holdings.get(key)
    if position is not None and position.side is side:
        factor = of_symbol(position.symbol, around.settings.aliases).multiplier
        return _Line(
            position.account,
            position.venue,
            position.symbol,
            position.size * factor,
            factor,
            position.mark_price,
            closes=True,
            contract=position.contract,
        )
    if holding is not None and holding.amount * side.sign > 0.0:
        factor = of_asset(holding.asset, around.settings.aliases).multiplier
        size = abs(holding.amount) * factor
        each = price * factor if holding.price is None and price is not None else holding.price
        return _Line(holding.account, holding.venue, holding.asset, size, factor, each, spot=True)
    return None


def _filled(ticket: Ticket, lines: list[_Line], needed: float, side: Side, around: Surroundings) -> Ticket:
    """Orders over the lines, the largest first, until what is needed is reached."""
    texts: list[str] = []
    costs: list[TradeCost | None] = []
    for line in sorted(lines, key=lambda each: (-each.units, each.account, each.symbol)):
        units = min(line.units, needed) / line.multiplier
        if units <= 0.0:
            break
        needed -= units * line.multiplier
        cost = _cost(line, units, side, around)
        texts.append(_text(line, units, side, cost))
        costs.append(cost)
    known = [cost for cost in costs if cost is not None]
    return replace(
        ticket,
        text="\n".join(texts),
        cost_usd=sum(cost.usd for cost in known) if len(known) == len(costs) else None,
        from_depth=all(cost is not None and cost.from_depth for cost in costs),
    )


def _cost(line: _Line, units: float, side: Side, around: Surroundings) -> TradeCost | None:
    if line.price is None:
        return None
    costs, profile = around.settings.costs, around.settings.profiles.get(line.venue)
    market = None if line.spot else around.markets.get((line.venue, line.symbol))
    taker = profile.taker_fee if profile is not None else None
    fee = costs.spot_fee if line.spot else costs.taker_fee if taker is None else taker
    book = _fresh(market.book, around.now) if market is not None else None
    return trade_cost(units, line.price, side, book, fee=fee, half_spread=costs.half_spread)


def _fresh(book: Book | None, now: datetime) -> Book | None:
    return book if book is not None and book.as_of is not None and now - book.as_of <= FRESH else None


def _text(line: _Line, units: float, side: Side, cost: TradeCost | None) -> str:
    verb = "BUY" if side is Side.LONG else "SELL"
    what = f"{line.symbol} spot" if line.spot else line.symbol
    tail = ", reduce-only" if line.closes else ""
    where = f"at {line.venue}, account {line.account}{tail}"
    if cost is None or cost.price is None or line.price is None:
        return f"{verb} {_plain(units)} {what} {where}: price unknown"
    size = _plain(units) if line.contract is Contract.LINEAR else f"{_plain(units * line.price)} USD of"
    priced = "its order book" if cost.from_depth else "an assumed spread"
    least = "at least " if cost.thin else ""
    return f"{verb} {size} {what} {where}: expect {_plain(cost.price)}, costs {least}${cost.usd:,.2f}, by {priced}"


def _plain(value: float) -> str:
    """Eight significant digits, never an exponent: it is to be copied into an order form."""
    decimals = max(0, _DIGITS - 1 - floor(log10(value))) if value > 0.0 else 0
    text = f"{value:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
