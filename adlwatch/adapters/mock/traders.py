"""Everyone who holds a position: one struct of arrays, a segment of rows a market, and the money behind each row.

Row `i` of the crowd is backed by ledger `i`; the accounts of the user have ledgers of their own behind the last row, each of
which may back several cross positions. The first row of a segment is the market's maker, who takes the other side of every
trade in the book with real money: so open interest long equals short, and every gain is somebody's loss.
"""

from itertools import accumulate

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from adlwatch.domain.inputs import Array

Rows = NDArray[np.intp]

_DUST = 1e-3
"""USD that rounding may leave."""


class Orders(Struct, frozen=True):
    """Positions about to be opened in one market: parallel arrays. `size` is signed base units, `wallet` USD."""

    size: Array
    wallet: Array
    leverage: Array
    isolated: NDArray[np.bool_]
    until: Array
    stop: Array

    def take(self, rows: Rows | slice) -> "Orders":
        """Some of them."""
        return Orders(
            self.size[rows], self.wallet[rows], self.leverage[rows], self.isolated[rows], self.until[rows], self.stop[rows]
        )


class Traders:
    """Positions and ledgers. A free row has size 0, stop NaN, until infinity and an empty ledger."""

    def __init__(self, capacities: tuple[int, ...], own_ledgers: int) -> None:
        rows = sum(capacities)
        self.segments = tuple(slice(end - n, end) for n, end in zip(capacities, accumulate(capacities), strict=True))
        self.rows = rows
        self.size = np.zeros(rows)
        self.entry = np.zeros(rows)
        self.leverage = np.ones(rows)
        self.isolated = np.zeros(rows, dtype=np.bool_)
        self.until = np.full(rows, np.inf)
        self.stop = np.full(rows, np.nan)
        self.shielded = np.zeros(rows, dtype=np.bool_)
        self.owned = np.zeros(rows, dtype=np.bool_)
        """Rows of the user's accounts: never closed by the crowd's habits."""
        self.ledger = np.arange(rows)
        self.wallet = np.zeros(rows + own_ledgers)
        self.serial = np.zeros(rows, dtype=np.int64)
        """Who holds a row: rows are used again, serial numbers are not."""
        self._came = 0
        self.deposits = 0.0
        """Money brought in less money taken out, USD."""
        self._free = [np.arange(s.stop - 1, s.start, -1) for s in self.segments]
        """Stacks of free rows; the first `_left` of each are on it."""
        self._left = [len(stack) for stack in self._free]

    def market(self, row: int) -> int:
        """The market of a row."""
        return next(i for i, segment in enumerate(self.segments) if row < segment.stop)

    def maker(self, market: int) -> int:
        """Row of the market's maker."""
        return self.segments[market].start

    def holders(self, market: int) -> int:
        """Rows of a market that are taken."""
        segment = self.segments[market]
        return segment.stop - segment.start - self._left[market]

    def room(self, market: int) -> int:
        """Free rows of a market."""
        return self._left[market]

    def endow(self, ledger: int, amount: float) -> None:
        """Bring money to a ledger from outside (negative: take it out)."""
        self.wallet[ledger] += amount
        self.deposits += amount

    def open(self, market: int, orders: Orders, price: float | Array) -> Rows:
        """Open the crowd's positions at `price` without a counterparty: the caller settles with the maker. Returns their rows."""
        n = min(len(orders.size), self.room(market))
        rows = self._take(market, n)
        taken = orders.take(slice(0, n))
        self.size[rows] = taken.size
        self.entry[rows] = price if isinstance(price, float) else price[:n]
        self.leverage[rows] = taken.leverage
        self.isolated[rows] = taken.isolated
        self.until[rows] = taken.until
        self.stop[rows] = taken.stop
        self.wallet[rows] = taken.wallet
        self.deposits += float(taken.wallet.sum())
        self._number(rows)
        return rows

    def place(self, market: int, ledger: int | None, size: float, entry: float, leverage: float, *, isolated: bool) -> int:
        """Give one of the user's accounts a position; `ledger` None backs it by the row's own ledger. Returns its row."""
        row = int(self._take(market, 1)[0])
        self.size[row], self.entry[row], self.leverage[row] = size, entry, leverage
        self.isolated[row], self.owned[row] = isolated, True
        self.ledger[row] = row if ledger is None else ledger
        self._number(np.array([row]))
        return row

    def _take(self, market: int, count: int) -> Rows:
        end = self._left[market]
        self._left[market] = end - count
        return self._free[market][end - count : end][::-1].copy()

    def _number(self, rows: Rows) -> None:
        self.serial[rows] = np.arange(self._came + 1, self._came + 1 + len(rows))
        self._came += len(rows)

    def close(self, rows: Rows, sizes: Array, prices: float | Array) -> Array:
        """Close signed `sizes` (same sign as the position) of distinct rows at `prices`; returns the realized PnL of each."""
        pnl: Array = sizes * (prices - self.entry[rows])
        np.add.at(self.wallet, self.ledger[rows], pnl)
        left = self.size[rows] - sizes
        self.size[rows] = np.where(np.abs(left) < 1e-12 * np.abs(self.size[rows]), 0.0, left)
        return pnl

    def trade_maker(self, market: int, size: float, price: float) -> None:
        """The maker takes signed `size` at `price`: adds to its position, or realizes what it reduces."""
        row = self.maker(market)
        held, entry = float(self.size[row]), float(self.entry[row])
        if held * size >= 0:
            total = held + size
            self.entry[row] = price if total == 0 else (held * entry + size * price) / total
        else:
            closed = -size if abs(size) <= abs(held) else held
            self.wallet[row] += closed * (price - entry)
            if abs(size) > abs(held):
                self.entry[row] = price
        self.size[row] = held + size

    def retire(self, market: int, rows: Rows) -> None:
        """Free rows of a market's crowd that hold nothing; what is left in their ledgers leaves the market."""
        if (self.wallet[rows] < -_DUST).any():
            raise ArithmeticError("somebody left with a debt that nobody has paid")
        end = self._left[market]
        self._left[market] = end + len(rows)
        self._free[market][end : end + len(rows)] = rows[::-1]
        self.deposits -= float(self.wallet[rows].sum())
        self.wallet[rows] = 0.0
        self.size[rows] = 0.0
        self.stop[rows] = np.nan
        self.until[rows] = np.inf
        self.isolated[rows] = False
