"""Margin of everyone at once: equity, maintenance by tiers, who is under it, and where each would be bankrupt."""

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from adlwatch.adapters.mock.markets import MARKETS, Market
from adlwatch.adapters.mock.traders import Traders
from adlwatch.domain.inputs import Array


def maintenance(market: Market, notional: Array) -> Array:
    """Maintenance margin in USD of `notional` USD: each tier's rate on the part above its floor.

    That is the largest of the straight lines rate · notional − deduction.
    """
    (_, rate), *higher = market.tiers
    deduction = 0.0
    result: Array = notional * rate
    for floor, tier_rate in higher:
        deduction += floor * (tier_rate - rate)
        rate = tier_rate
        result = np.maximum(result, notional * rate - deduction)
    return result


def largest(market: Market, wallet: Array, share: float) -> Array:
    """The notional whose maintenance margin is `share` of `wallet`: what a position is capped at."""
    (_, rate), *higher = market.tiers
    deduction, budget = 0.0, wallet * share
    result: Array = budget / rate
    for floor, tier_rate in higher:
        deduction += floor * (tier_rate - rate)
        rate = tier_rate
        result = np.minimum(result, (budget + deduction) / rate)
    return result


class Margins(Struct, frozen=True):
    """Arrays over rows, valid for one set of marks. `equity` and `required` are those of the ledger behind the row."""

    mark: Array
    pnl: Array
    notional: Array
    maintenance: Array
    equity: Array
    required: Array

    def under(self) -> NDArray[np.intp]:
        """Rows whose ledger has less than its maintenance margin."""
        return np.flatnonzero(self.equity < self.required)

    def bankruptcy(self, traders: Traders, rows: NDArray[np.intp]) -> Array:
        """Mark at which the ledger behind each row (which must hold a position) has nothing left, other marks unchanged."""
        price: Array = self.mark[rows] - self.equity[rows] / traders.size[rows]
        return price


class Moment(Struct, frozen=True):
    """What everyone sees in one step. Arrays over markets, but for `margins`."""

    t: float
    marks: Array
    last_marks: Array
    mids: Array
    margins: Margins


def margins(traders: Traders, marks: Array) -> Margins:
    """Judge everyone at `marks` (one a market)."""
    mark = np.empty(traders.rows)
    for segment, value in zip(traders.segments, marks.tolist(), strict=True):
        mark[segment] = value
    pnl = (mark - traders.entry) * traders.size
    notional = np.abs(traders.size) * mark
    needed = np.empty(traders.rows)
    for segment, market in zip(traders.segments, MARKETS, strict=True):
        needed[segment] = maintenance(market, notional[segment])
    equity = traders.wallet[: traders.rows] + pnl
    required = needed.copy()
    own = np.flatnonzero(traders.ledger >= traders.rows)
    if own.size:
        ledgers = traders.ledger[own]
        extra = len(traders.wallet) - traders.rows
        at = ledgers - traders.rows
        equity[own] = traders.wallet[ledgers] + np.bincount(at, weights=pnl[own], minlength=extra)[at]
        required[own] = np.bincount(at, weights=needed[own], minlength=extra)[at]
    return Margins(mark, pnl, notional, needed, equity, required)
