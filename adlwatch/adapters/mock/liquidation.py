"""Accounts under their maintenance margin: closed in the book, in part or whole, while the fund pays what is missing.

What neither book nor fund can carry is auto-deleveraged.
"""

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from adlwatch.adapters.mock import adl
from adlwatch.adapters.mock.book import Books
from adlwatch.adapters.mock.fund import Funds
from adlwatch.adapters.mock.margin import Moment
from adlwatch.adapters.mock.markets import MARKETS, venue
from adlwatch.adapters.mock.traders import Rows, Traders
from adlwatch.domain.inputs import Array

_HEALTHY = 1.25
"""Equity over maintenance margin that a partial liquidation aims at."""
_WHOLE = 0.75
"""A position that would have to be cut by more than this is closed whole."""
_SLICE = 0.25
"""Largest part of the resting quantity that the position of a solvent account is sold into in one step."""


class Liquidated(Struct, frozen=True):
    """Closings in the book of one market: arrays over rows; `size` is signed like the position."""

    market: int
    mark: float
    rows: Rows
    size: Array
    price: Array
    fee: Array


def _first_of_each(ledgers: Rows) -> Rows:
    """Where each ledger stands first: an account with several positions is liquidated one position a step, the largest first."""
    order = np.argsort(ledgers, kind="stable")
    new = np.ones(len(order), dtype=np.bool_)
    new[1:] = ledgers[order][1:] != ledgers[order][:-1]
    return np.sort(order[new])


class _Claims(Struct, frozen=True):
    """Accounts to be liquidated on one side of one market, most insolvent first, and what closing each in the book would do."""

    rows: Rows
    size: Array
    """Signed, what is to be closed."""
    price: Array
    fee: Array
    missing: Array
    """USD that the fund would have to add."""
    urgent: NDArray[np.bool_]
    """False for a solvent account that waits because the book is empty."""


class Liquidations:
    """The engine of all venues; it moves money between traders, makers and funds and keeps none."""

    def __init__(self, traders: Traders, books: Books, funds: Funds) -> None:
        self._traders, self._books, self._funds = traders, books, funds
        self._venues = tuple(venue(m.venue) for m in MARKETS)

    def run(self, moment: Moment) -> list[Liquidated | adl.Closed]:
        """Deal with everyone who is under their maintenance margin."""
        under = moment.margins.under()
        under = under[self._traders.size[under] != 0]
        under = under[np.argsort(-moment.margins.notional[under], kind="stable")]
        under = np.sort(under[_first_of_each(self._traders.ledger[under])])
        events: list[Liquidated | adl.Closed] = []
        if not under.size:
            return events
        for market, segment in enumerate(self._traders.segments):
            mine = under[(under > segment.start) & (under < segment.stop)]
            for sign in (1, -1):
                rows = mine[self._traders.size[mine] * sign > 0]
                if rows.size:
                    events += self._side(moment, market, rows)
        return events

    def _side(self, moment: Moment, market: int, rows: Rows) -> list[Liquidated | adl.Closed]:
        claims = self._claims(moment, market, rows)
        flow = np.where(claims.urgent, claims.fee - claims.missing, 0.0)
        balance = float(self._funds.balance[MARKETS[market].pool])
        covered = np.logical_and.accumulate(balance + np.cumsum(flow) >= 0.0)
        booked = claims.urgent & (covered | (claims.missing == 0.0))
        broke = claims.urgent & ~booked
        events: list[Liquidated | adl.Closed] = []
        if booked.any():
            events.append(self._book(moment, market, claims, booked))
        if broke.any():
            events.append(self._deleverage(moment, market, claims.rows[broke]))
        return events

    def _claims(self, moment: Moment, market: int, rows: Rows) -> _Claims:
        traders, m, mark = self._traders, moment.margins, float(moment.marks[market])
        rows = rows[np.lexsort((rows, m.equity[rows] / m.notional[rows]))]
        equity = m.equity[rows]
        fraction = 1 - equity / (_HEALTHY * m.required[rows])
        spared = (m.notional[rows] > MARKETS[market].tiers[1][0]) & (fraction < _WHOLE) & (equity > 0)
        size = traders.size[rows] * np.where(spared, fraction, 1.0)
        taker = -int(np.sign(size[0]))
        slices = _SLICE * self._books.rest(market, taker)
        sliced = (np.abs(size) > slices) & (equity > 0)
        size = np.where(sliced, -taker * slices, size)
        partial = spared | sliced
        price, inside = self._books.quote(market, taker, np.abs(size), float(moment.mids[market]))
        left = equity + size * (price - mark)
        fee = np.clip(left, 0.0, self._venues[market].liquidation_fee * np.abs(size) * mark)
        missing = np.where(partial, 0.0, np.maximum(0.0, -left))
        return _Claims(rows, size, price, fee, missing, inside | (equity <= 0))

    def _book(self, moment: Moment, market: int, claims: _Claims, booked: NDArray[np.bool_]) -> Liquidated:
        traders, rows, sizes, price = self._traders, claims.rows[booked], claims.size[booked], claims.price[booked]
        fee, missing = claims.fee[booked], claims.missing[booked]
        traders.close(rows, sizes, price)
        quantity = float(sizes.sum())
        traders.trade_maker(market, quantity, float(np.dot(sizes, price)) / quantity)
        self._books.take(market, -int(np.sign(quantity)), abs(quantity))
        np.add.at(traders.wallet, traders.ledger[rows], missing - fee)
        self._funds.settle(MARKETS[market].pool, float((fee - missing).sum()))
        return Liquidated(market, float(moment.marks[market]), rows, sizes, price, fee)

    def _deleverage(self, moment: Moment, market: int, rows: Rows) -> adl.Closed:
        traders, spec = self._traders, self._venues[market]
        sign = int(np.sign(traders.size[rows[0]]))
        prices = moment.margins.bankruptcy(traders, rows)
        if spec.closing == "previous-mark":
            prices = sign * np.maximum(sign * prices, sign * float(moment.last_marks[market]))
        queue = adl.rank(traders, moment.margins, market, -sign, spec.rule)
        return adl.close(traders, moment, queue, rows, prices)
