"""At which price a deleveraged position would be closed, against the mark: a range, because it depends on who goes bankrupt.

Most venues close the winner at the bankruptcy price of the liquidated side. Who that would be is read off the recent price path
and the leverage prior: holders of the other side who entered along the path, are still there, and whose margin one more gap
takes. The further their bankruptcy prices lie from the mark after the gap, the more is given back.
"""

from collections.abc import Sequence
from math import log
from statistics import NormalDist

import numpy as np
from msgspec import Struct

from adlwatch.domain.inputs import Array
from adlwatch.domain.model import Candle, Side
from adlwatch.domain.queue_priors import QueuePriors
from adlwatch.domain.venue import ClosingPrice

PREVIOUS_MARK_GAP = 0.00717
"""Mean distance of close and mark over Hyperliquid's auto-deleveraging of October 2025, by notional: 15.08 M of 2,103 M USD.
https://github.com/pluriholonomic/autodeleveraging-analysis"""
BARS = 168
_LEVERAGES = tuple(NormalDist().inv_cdf((i + 0.5) / 9) for i in range(9))


class GiveBack(Struct, frozen=True):
    """What closing at the venue's price loses against the mark, as fractions of notional: the middle 80 % of what is likely."""

    low: float
    high: float
    note: str


def give_back(rule: ClosingPrice | None, side: Side, candles: Sequence[Candle], priors: QueuePriors) -> GiveBack | None:
    """Give-back of a winning position on `side`; None where the venue's closing price is unknown or nothing is closed."""
    if rule in (ClosingPrice.MARK, ClosingPrice.REFERENCE):
        return GiveBack(0.0, 0.0, f"closed at the {rule} price")
    if rule is ClosingPrice.PREVIOUS_MARK:
        return GiveBack(0.0, PREVIOUS_MARK_GAP, "closed at the mark before: up to the mean seen in October 2025")
    gap = worst_gap(candles, side)
    if rule is not ClosingPrice.BANKRUPTCY or gap is None:
        return None
    prices, weights = _bankruptcies(side, candles, priors)
    mark = candles[-1].close
    after = mark * (1.0 + side.sign * gap)
    hit = side.sign * (prices - mark) >= 0.0
    hit &= (side.sign * (prices - after) <= 0.0) & (weights > 0.0)
    if not hit.any():
        return GiveBack(0.0, gap, f"nobody known to go bankrupt in a gap of {gap:.1%}: anywhere in it")
    lost = side.sign * (after - prices[hit]) / after
    low, high = _quantiles(lost, weights[hit])
    return GiveBack(
        low, high, f"bankruptcy prices within a gap of {gap:.1%}, the largest move of the last {min(len(candles), BARS)} bars"
    )


def worst_gap(candles: Sequence[Candle], side: Side) -> float | None:
    """The largest move of one bar in favour of a side, as a fraction; None without candles."""
    moves = [
        (bar.high / bar.open - 1.0 if side is Side.LONG else 1.0 - bar.low / bar.open)
        for bar in candles[-BARS:]
        if bar.open > 0.0
    ]
    return max(0.0, *moves) if moves else None


def _bankruptcies(side: Side, candles: Sequence[Candle], priors: QueuePriors) -> tuple[Array, Array]:
    """Bankruptcy prices of the other side's holders and their weights: every bar's close at every likely leverage."""
    bars = candles[-BARS:]
    entries = np.array([bar.close for bar in bars])
    volume = np.array([1.0 if bar.volume is None else bar.volume for bar in bars])
    reached = (
        side.sign
        * np.maximum.accumulate(np.array([side.sign * (bar.high if side is Side.LONG else bar.low) for bar in bars])[::-1])[::-1]
    )
    later = np.append(reached[1:], entries[-1])[:, None]
    prices, weights = [], []
    for kind in priors.kinds:
        leverage = np.exp(log(kind.leverage.value) + kind.leverage_spread.value * np.array(_LEVERAGES))
        own = entries[:, None] * (1.0 + side.sign / leverage)
        prices.append(own)
        weights.append(np.where(side.sign * (own - later) >= 0.0, volume[:, None] * kind.share.value, 0.0))
    return np.concatenate(prices).ravel(), np.concatenate(weights).ravel()


def _quantiles(values: Array, weights: Array) -> tuple[float, float]:
    """10th and 90th percentile by weight."""
    order = np.argsort(values)
    share = np.cumsum(weights[order]) / weights.sum()
    low, high = values[order][np.searchsorted(share, [0.1, 0.9]).clip(max=len(values) - 1)].tolist()
    return low, high
