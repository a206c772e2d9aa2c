"""From a book file's bytes to a `Reading`: pure, with the checks that need more than one row."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import pairwise

from adlwatch.adapters.book.decode import decode, refuse
from adlwatch.adapters.book.file import AccountRow, BookFile, MarketRow, PositionRow
from adlwatch.domain.model import Account, Candle, Contract, HedgeSpec, Holding, Market, Position, VenueLight
from adlwatch.domain.reading import Reading
from adlwatch.strict import nearest

HINT = 200
"""Characters; a longer list of all legs there are helps nobody."""


def parse(data: bytes, name: str, now: datetime) -> Reading:
    """The book in `data` as a reading whose source is `name`; `now` is its time where the file states no `as_of`.

    Raises `BadPayload` with one line that names the file, the path to the place, and what is wrong there.
    """
    book = decode(data, name)
    for path, problem in _contradictions(book):
        refuse(name, path, problem)
    as_of = book.as_of or now
    marks = {(row.venue, row.symbol): row.mark_price for row in book.markets or ()}
    accounts = book.accounts or ()
    return Reading(
        source=name,
        as_of=as_of,
        received_at=now,
        accounts=tuple(_account(row, as_of) for row in accounts),
        positions=tuple(_position(a, p, marks.get((a.venue, p.symbol)), as_of) for a in accounts for p in a.positions or ()),
        holdings=tuple(
            Holding(account=_id(a), venue=a.venue, asset=h.asset, amount=h.amount, as_of=as_of)
            for a in accounts
            for h in a.holdings or ()
        ),
        markets=tuple(_market(row, _contract(book, row), as_of) for row in book.markets or ()),
        hedges=tuple(HedgeSpec(row.name, row.legs) for row in book.hedges or ()),
    )


def _id(row: AccountRow) -> str:
    return row.id or row.venue


def _account(row: AccountRow, as_of: datetime) -> Account:
    return Account(
        id=_id(row),
        venue=row.venue,
        equity=row.equity,
        wallet=row.wallet,
        maintenance_margin=row.maintenance_margin,
        as_of=as_of,
    )


def _position(account: AccountRow, row: PositionRow, market_mark: float | None, as_of: datetime) -> Position:
    """The file's base units become the fixed quote value Q of an inverse contract at the mark.

    That is the position's own mark, else its market's, else the entry price (the value it was opened with).
    """
    contract = row.contract or Contract.LINEAR
    quote = (row.mark_price or market_mark or row.entry_price) if contract is Contract.INVERSE else 1.0
    light = row.venue_light
    return Position(
        account=_id(account),
        venue=account.venue,
        symbol=row.symbol,
        side=row.side,
        size=row.size * quote,
        entry_price=row.entry_price,
        mark_price=row.mark_price,
        contract=contract,
        margin_mode=row.margin_mode,
        isolated_margin=row.isolated_margin,
        leverage=row.leverage,
        maintenance_margin=row.maintenance_margin,
        liquidation_price=row.liquidation_price,
        bankruptcy_price=row.bankruptcy_price,
        venue_light=VenueLight(light.raw, light.as_of or as_of) if light else None,
        as_of=as_of,
    )


def _contract(book: BookFile, market: MarketRow) -> Contract:
    """A market pays as the positions in it do: the file says it there only."""
    rows = (p for a in book.accounts or () if a.venue == market.venue for p in a.positions or () if p.symbol == market.symbol)
    return next((row.contract for row in rows if row.contract), Contract.LINEAR)


def _market(row: MarketRow, contract: Contract, as_of: datetime) -> Market:
    return Market(
        venue=row.venue,
        symbol=row.symbol,
        contract=contract,
        mark_price=row.mark_price,
        index_price=row.index_price,
        funding_rate=row.funding_rate,
        funding_interval_hours=row.funding_interval_hours,
        open_interest=row.open_interest,
        volume_24h=row.volume_24h,
        candles=tuple(Candle(c.time, c.open, c.high, c.low, c.close, c.volume) for c in row.candles or ()),
        as_of=as_of,
    )


def _contradictions(book: BookFile) -> Iterator[tuple[str, str]]:
    """What no row shows alone: names used twice, legs that name nothing, candles out of order."""
    legs = list(_legs(book))
    known = {key for _, key in legs}
    yield from _twice((f"accounts[{i}].id", _id(row)) for i, row in enumerate(book.accounts or ()))
    yield from _twice(legs)
    yield from _twice((f"markets[{i}]", f"{row.venue} {row.symbol}") for i, row in enumerate(book.markets or ()))
    yield from _twice((f"hedges[{i}].name", row.name) for i, row in enumerate(book.hedges or ()))
    for i, hedge in enumerate(book.hedges or ()):
        named = [(f"hedges[{i}].legs[{j}]", leg) for j, leg in enumerate(hedge.legs)]
        yield from _twice(named)
        yield from ((path, _nameless(leg, known)) for path, leg in named if leg not in known)
    for i, market in enumerate(book.markets or ()):
        times = enumerate(pairwise(candle.time for candle in market.candles or ()), 1)
        yield from ((f"markets[{i}].candles[{j}]", "must be later than the one before it") for j, (a, b) in times if b <= a)


def _nameless(leg: str, known: set[str]) -> str:
    hint = nearest(leg, known)
    return f'names no position or holding: "{leg}"{hint if len(hint) < HINT else ""}'


def _legs(book: BookFile) -> Iterator[tuple[str, str]]:
    for i, account in enumerate(book.accounts or ()):
        for j, row in enumerate(account.positions or ()):
            yield f"accounts[{i}].positions[{j}]", f"{_id(account)}:{row.symbol}:{row.side}"
        for j, holding in enumerate(account.holdings or ()):
            yield f"accounts[{i}].holdings[{j}]", f"{_id(account)}:{holding.asset}"


def _twice(named: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    first: dict[str, str] = {}
    for path, name in named:
        if name in first:
            yield path, f'"{name}" is already at {first[name]}'
        first.setdefault(name, path)
