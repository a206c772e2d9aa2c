"""Auto-deleveraging: rank the winning side by the venue's rule and close it from the front against bankrupt accounts.

As on 10 October 2025: whole positions are closed down the queue, only the last is partly closed, and the next bankrupt account
continues with that same trader at the remaining size.
"""

import numpy as np
from msgspec import Struct

from adlwatch.adapters.mock.margin import Margins, Moment
from adlwatch.adapters.mock.traders import Rows, Traders
from adlwatch.domain.inputs import Array
from adlwatch.domain.score import Inputs, evaluate

_LEAST_PRICE = 1e-4
"""Bankruptcy price, as a fraction of the mark, of a long that nothing can bankrupt; the rules want one above zero."""


class Queue(Struct, frozen=True):
    """One side of one market, front first. Delta-neutral accounts under a shield come after everyone else."""

    rows: Rows
    score: Array
    size: Array
    """Base units, positive."""

    def place(self, row: int) -> float:
        """Quantile among the users of the side, 1 = front; NaN for a row that is not in it."""
        found = np.flatnonzero(self.rows == row)
        return 1.0 - int(found[0]) / len(self.rows) if found.size else float("nan")


class Closed(Struct, frozen=True):
    """One batch of ADL fills, in execution order. Arrays over fills but for `queue`."""

    t: float
    market: int
    mark: float
    queue: Queue
    bankrupt: Rows
    winner: Rows
    size: Array
    price: Array
    pnl: Array


def inputs(traders: Traders, m: Margins, rows: Rows) -> Inputs:
    """What the ranking rules may look at, for positions in `rows`."""
    bankruptcy = np.maximum(m.bankruptcy(traders, rows), _LEAST_PRICE * m.mark[rows])
    return Inputs(
        sign=np.sign(traders.size[rows]),
        entry=traders.entry[rows],
        mark=m.mark[rows],
        size=np.abs(traders.size[rows]),
        isolated=traders.isolated[rows].astype(np.float64),
        margin=np.where(traders.isolated[rows], traders.wallet[traders.ledger[rows]], np.nan),
        equity=m.equity[rows],
        wallet=traders.wallet[traders.ledger[rows]],
        maintenance=m.maintenance[rows],
        account_maintenance=m.required[rows],
        bankruptcy=bankruptcy,
        leverage=traders.leverage[rows],
    )


def rank(traders: Traders, m: Margins, market: int, sign: int, rule: str) -> Queue:
    """The queue of one side (`sign` of its positions). A position without a score is at the back of the unshielded."""
    segment = traders.segments[market]
    rows = np.flatnonzero(traders.size[segment] * sign > 0) + segment.start
    score = evaluate(rule, inputs(traders, m, rows)).value
    order = np.argsort(-score, kind="stable")
    shielded = traders.shielded[rows[order]]
    if shielded.any():
        order = np.concatenate([order[~shielded], order[shielded]])
    rows = rows[order]
    return Queue(rows, score[order], np.abs(traders.size[rows]))


def matches(demand: Array, supply: Array) -> tuple[Rows, Rows, Array]:
    """Pair two lines of quantities in order: (index into demand, index into supply, quantity) of each fill.

    What demand asks beyond the supply is left.
    """
    a, b = np.cumsum(demand), np.cumsum(supply)
    top = min(float(a[-1]), float(b[-1])) if len(a) and len(b) else 0.0
    ends = np.sort(np.concatenate([a, b]))
    ends = np.append(ends[ends < top], top) if top > 0 else ends[:0]
    sizes = np.diff(ends, prepend=0.0)
    middle = ends - sizes / 2
    keep = sizes > 1e-12 * max(top, 1e-300)
    return np.searchsorted(a, middle)[keep], np.searchsorted(b, middle)[keep], sizes[keep]


def close(traders: Traders, moment: Moment, queue: Queue, bankrupt: Rows, prices: Array) -> Closed:
    """Close `bankrupt` rows at `prices` (one each) against the front of `queue`.

    Passed over is who is under liquidation too, and a winner whom the worst of these prices would itself bankrupt: nobody
    could pay for that.
    """
    m, market = moment.margins, traders.market(int(bankrupt[0]))
    sign, mark = int(np.sign(traders.size[bankrupt[0]])), float(moment.marks[market])
    gap = max(0.0, float(np.max(sign * (prices - mark))))
    equity = m.equity[queue.rows]
    able = (equity > gap * queue.size) & (equity >= m.required[queue.rows])
    line = Queue(queue.rows[able], queue.score[able], queue.size[able])
    j, i, size = matches(np.abs(traders.size[bankrupt]), line.size)
    losers, winners, price = bankrupt[j], line.rows[i], prices[j]
    _settle(traders, losers, sign * size, price)
    pnl = _settle(traders, winners, -sign * size, price)
    return Closed(moment.t, market, mark, line, losers, winners, size, price, pnl)


def _settle(traders: Traders, rows: Rows, sizes: Array, prices: Array) -> Array:
    """Close parts of rows that may repeat; returns the realized PnL of each part."""
    pnl: Array = sizes * (prices - traders.entry[rows])
    np.add.at(traders.wallet, traders.ledger[rows], pnl)
    before = np.abs(traders.size[rows])
    np.subtract.at(traders.size, rows, sizes)
    traders.size[rows[np.abs(traders.size[rows]) <= 1e-9 * before]] = 0.0
    return pnl
