"""Put the last known states of all sources side by side: one row a position or holding, priced at the freshest mark we have."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import chain
from math import inf
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from adlwatch.domain.model import Account, HedgeSpec, Holding, Market, Position
from adlwatch.domain.reading import Health, Reading, SourceState, health
from adlwatch.domain.value import unrealized_pnl

MarketKey = tuple[str, str]
"""(venue, symbol)"""


class PositionRow(Struct, frozen=True, gc=False):
    """A position, where it comes from, and the mark it is priced at."""

    key: str
    position: Position
    source: str
    health: Health
    mark: float | None
    as_of: datetime
    """The time of the older of the position and its mark: what the row's age is counted from."""
    market: Market | None
    pnl: float | None
    """Unrealized, at `mark`, in the quote currency."""


class HoldingRow(Struct, frozen=True, gc=False):
    """A holding and where it comes from."""

    key: str
    holding: Holding
    source: str
    health: Health
    as_of: datetime


Row = TypeVar("Row", PositionRow, HoldingRow)


class Gathered(Struct, frozen=True):
    """Everything last known, ready to be assessed. Orders do not depend on the order of sources."""

    positions: tuple[PositionRow, ...]
    holdings: tuple[HoldingRow, ...]
    accounts: Mapping[str, Account]
    equity: Mapping[str, float | None]
    """Account equity at the marks of `positions`, by account id; None where it cannot be known."""
    markets: Mapping[MarketKey, Market]
    hedges: tuple[HedgeSpec, ...]


def gather(sources: Iterable[SourceState], now: datetime) -> Gathered:
    """Collect all last good readings. A failed source keeps its rows; their health says what they are worth."""
    known = [
        (state, state.reading, health(state, now)) for state in sorted(sources, key=lambda s: s.id) if state.reading is not None
    ]
    markets = _freshest(chain.from_iterable(reading.markets for _, reading, _ in known))
    positions = _once(
        [
            _position_row(p, state.id, judged, p.as_of or reading.as_of, markets)
            for state, reading, judged in known
            for p in reading.positions
        ]
    )
    holdings = _once(
        HoldingRow(h.key, h, state.id, judged, h.as_of or reading.as_of)
        for state, reading, judged in known
        for h in reading.holdings
    )
    accounts = _freshest_accounts(known)
    return Gathered(
        positions=positions,
        holdings=holdings,
        accounts=accounts,
        equity=_equities(accounts, positions),
        markets=markets,
        hedges=tuple(spec for _, reading, _ in known for spec in reading.hedges),
    )


def _freshest(markets: Iterable[Market]) -> dict[MarketKey, Market]:
    found: dict[MarketKey, Market] = {}
    for market in markets:
        key = (market.venue, market.symbol)
        other = found.get(key)
        if other is None or _newer(market.as_of, other.as_of):
            found[key] = market
    return found


def _freshest_accounts(known: Iterable[tuple[SourceState, Reading, Health]]) -> dict[str, Account]:
    """By id; where two sources tell of one account, the fresher figures count."""
    found: dict[str, tuple[datetime, Account]] = {}
    for _, reading, _ in known:
        for account in reading.accounts:
            as_of = account.as_of or reading.as_of
            if account.id not in found or as_of > found[account.id][0]:
                found[account.id] = as_of, account
    return {id_: account for id_, (_, account) in found.items()}


def _once(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Rows in the order of their keys; where two sources tell of the same thing, the fresher one counts."""
    kept: dict[str, Row] = {}
    for row in rows:
        known = kept.get(row.key)
        if known is None or row.as_of > known.as_of:
            kept[row.key] = row
    return tuple([kept[key] for key in sorted(kept)])


def _newer(a: datetime | None, b: datetime | None) -> bool:
    return a is not None and (b is None or a > b)


def _position_row(
    position: Position, source: str, judged: Health, as_of: datetime, markets: Mapping[MarketKey, Market]
) -> PositionRow:
    """Of two marks the fresher; one of zero, NaN or infinity is unknown."""
    market = markets.get((position.venue, position.symbol))
    mark, fresher = position.mark_price, None if market is None else market.mark_price
    if mark is not None and not 0.0 < mark < inf:
        position, mark = replace(position, mark_price=None), None
    if market is not None and fresher is not None and 0.0 < fresher < inf:
        then = market.as_of
        if mark is None or (then is not None and then > as_of):
            mark = fresher
            as_of = as_of if then is None else min(as_of, then)
    return PositionRow(position.key, position, source, judged, mark, as_of, market, unrealized_pnl(position, mark))


def _equities(accounts: Mapping[str, Account], rows: Iterable[PositionRow]) -> dict[str, float | None]:
    """Equity moved from the venue's marks to ours; where the venue gave none, wallet plus all unrealized PnL, its definition."""
    moved = dict.fromkeys(accounts, 0.0)
    profit: dict[str, float | None] = dict.fromkeys(accounts, 0.0)
    for row in rows:
        position, ours = row.position, row.pnl
        account = position.account
        if account not in accounts:
            continue
        before = profit[account]
        profit[account] = None if before is None or ours is None else before + ours
        if row.mark != position.mark_price:
            theirs = unrealized_pnl(position, position.mark_price)
            moved[account] += ours - theirs if ours is not None and theirs is not None else 0.0
    return {
        id_: account.equity + moved[id_] if account.equity is not None else _plus(account.wallet, profit[id_])
        for id_, account in accounts.items()
    }


def _plus(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else a + b
