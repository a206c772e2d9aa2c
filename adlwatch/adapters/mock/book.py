"""The order books: quantity rests evenly within reach of the mid, thins when the market runs, is eaten by sweeps and comes back.

A sweep leaves a premium behind it, which fades; the mark is the index with a smoothed premium.
"""

import math

import numpy as np
from numpy.typing import NDArray

from adlwatch.adapters.mock.markets import MARKETS, REACH
from adlwatch.domain.inputs import Array

_REFILL = 6.0
"""Seconds in which an eaten book comes back to 1/e of what is missing."""
_FADE = 15.0
"""Seconds in which a premium falls to 1/e."""
_SMOOTH = 3.0
"""Seconds over which the premium in the mark is averaged."""
_PERMANENT = 0.5
"""Share of a sweep's reach that stays as premium."""
_MARK_BAND = 0.03
"""Furthest the mark may be from the index."""


class Books:
    """Depth and premium of every market; sides are 0 bids, 1 asks."""

    def __init__(self, open_interest: Array) -> None:
        """Open interest in base units."""
        self.usual = open_interest * np.array([m.depth for m in MARKETS])
        self.thickness = np.ones(len(MARKETS))
        """Set by the scenario: 1 as usual."""
        self.resting = np.repeat(self.usual[:, None], 2, axis=1)
        self.basis = np.array([m.basis for m in MARKETS])
        self.premium = self.basis.copy()
        self._smoothed = self.premium.copy()

    def step(self, dt: float, activity: float) -> None:
        """Refill and fade."""
        target = (self.usual * self.thickness / (1 + activity / 4))[:, None]
        self.resting += (target - self.resting) * (1 - math.exp(-dt / _REFILL))
        self.premium += (self.basis - self.premium) * (1 - math.exp(-dt / _FADE))
        self._smoothed += (self.premium - self._smoothed) * (1 - math.exp(-dt / _SMOOTH))

    def mids(self, index: Array) -> Array:
        """Middle of each book; `index` per market."""
        mid: Array = index * (1 + self.premium)
        return mid

    def marks(self, index: Array) -> Array:
        """Mark price of each market; `index` per market."""
        mark: Array = index * (1 + np.clip(self._smoothed, self.basis - _MARK_BAND, self.basis + _MARK_BAND))
        return mark

    def rest(self, market: int, taker: int) -> float:
        """Quantity, above 0, on the side that a taker of sign `taker` hits."""
        return max(float(self.resting[market, 1 if taker > 0 else 0]), 1e-12)

    def quote(self, market: int, taker: int, quantities: Array, mid: float) -> tuple[Array, NDArray[np.bool_]]:
        """Average price of each of `quantities` (base units, in this order) for a taker of sign `taker`, and if the book has it.

        Beyond the book the price is its far end, where the maker takes what it must.
        """
        rest = self.rest(market, taker)
        end = np.cumsum(quantities)
        depth = np.minimum(1.0, (end - quantities / 2) / rest)
        price: Array = mid * (1 + taker * REACH * depth)
        return price, end <= rest

    def take(self, market: int, taker: int, quantity: float) -> None:
        """Remove `quantity` from the side that a taker of sign `taker` hits; push the premium, which arbitrage bounds."""
        side = 1 if taker > 0 else 0
        rest = float(self.resting[market, side])
        self.resting[market, side] = max(0.0, rest - quantity)
        scale = float(self.usual[market])
        moved = float(self.premium[market]) + taker * REACH * _PERMANENT * min(1.0, quantity / max(scale, 1e-12))
        basis = float(self.basis[market])
        self.premium[market] = min(max(moved, basis - REACH), basis + REACH)

    def levels(self, market: int, mid: float, count: int = 5) -> tuple[list[list[float]], list[list[float]]]:
        """Bids and asks as [price, size], best first."""
        bid, ask = (self.resting[market] / count).tolist()
        steps = [REACH * (i + 0.5) / count for i in range(count)]
        return [[mid * (1 - s), bid] for s in steps], [[mid * (1 + s), ask] for s in steps]
