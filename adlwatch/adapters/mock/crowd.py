"""The crowd's habits: who opens what and for how long, drawn for the start along the price path and then with the flow."""

from functools import cache

import numpy as np
from msgspec import Struct

from adlwatch.adapters.mock.margin import largest, maintenance
from adlwatch.adapters.mock.markets import (
    HOUR,
    KINDS,
    MAINTENANCE_SHARE,
    MARKETS,
    MAX_LEVERAGE,
    POSITION_LIMIT,
    SIZE_SPREAD,
    UNDERLYINGS,
    YEAR,
)
from adlwatch.adapters.mock.price import MINUTE, History
from adlwatch.adapters.mock.traders import Orders, Rows
from adlwatch.domain.inputs import Array

SIGNAL_SPAN = 3 * HOUR
"""What momentum traders look back on."""
_OVERDRAW = 1.15
"""Candidates drawn for each place at the start: those stopped out or liquidated since they entered are gone."""


@cache
def _table(name: str) -> Array:
    return np.array([getattr(kind, name) for kind in KINDS])


def signal(log_move: Array, underlying: int) -> Array:
    """Move over `SIGNAL_SPAN` in standard deviations of a usual one, within ±3."""
    usual = UNDERLYINGS[underlying].volatility * float(np.sqrt(SIGNAL_SPAN / YEAR))
    clipped: Array = np.clip(log_move / usual, -3.0, 3.0)
    return clipped


def longs(rng: np.random.Generator, kinds: Rows, signals: Array, tilt: float) -> Array:
    """+1 or −1 for each trader; `tilt` is added to the log odds of being long."""
    odds = _table("long_bias")[kinds] + _table("momentum")[kinds] * signals + tilt
    return np.where(rng.random(len(kinds)) < 1 / (1 + np.exp(-odds)), 1.0, -1.0)


def unit_notional(traders: int, open_interest: float) -> float:
    """Factor on a kind's median notional at which `traders` make up `open_interest` USD a side."""
    mean = float(np.dot(_table("share"), _table("size"))) * float(np.exp(SIZE_SPREAD**2 / 2))
    return open_interest / (traders / 2 * mean)


class Taste(Struct, frozen=True):
    """How the crowd of one market differs from its kinds: factors on notional and on leverage."""

    notional: float
    leverage: float


def orders(rng: np.random.Generator, market: int, kinds: Rows, side: Array, price: Array, *, t: float, taste: Taste) -> Orders:
    """Draw the size, money, leverage, holding time and stop of traders who enter at `price`."""
    n = len(kinds)
    z = rng.standard_normal((3, n))
    u = rng.random((4, n))
    leverage = np.clip(
        np.rint(taste.leverage * _table("leverage")[kinds] * np.exp(_table("spread")[kinds] * z[0])), 1.0, MAX_LEVERAGE
    )
    limit = POSITION_LIMIT * MARKETS[market].open_interest
    notional = np.minimum(limit, taste.notional * _table("size")[kinds] * np.exp(SIZE_SPREAD * z[1]))
    isolated = u[0] < _table("isolated")[kinds]
    spare = np.where(isolated, 0.0, _table("spare")[kinds] * np.exp(0.8 * z[2]))
    wallet = notional / leverage * (1 + spare)
    notional = np.minimum(notional, largest(MARKETS[market], wallet, MAINTENANCE_SHARE))
    until = t - _table("holding")[kinds] * np.log1p(-u[1])
    risk = np.minimum(0.9, wallet / notional * (0.3 + 0.5 * u[2]))
    stop = np.where(u[3] < _table("stops")[kinds], price * (1 - side * risk), np.nan)
    return Orders(side * notional / price, wallet, leverage, isolated, until, stop)


class Founding:
    """Draws the population that is there at the start, market by market, along the history."""

    def __init__(self, rng: np.random.Generator, past: History) -> None:
        self._rng, self._past = rng, past
        minutes = past.price.shape[1]
        age = np.arange(minutes, 0, -1) * MINUTE
        self._survival = np.exp(-age / _table("holding")[:, None])
        self._arrived: dict[int, list[Array]] = {}
        """Cumulative weight of entry minutes of each kind, by underlying."""
        self._low = np.minimum.accumulate(past.price[:, ::-1], axis=1)[:, ::-1]
        self._high = np.maximum.accumulate(past.price[:, ::-1], axis=1)[:, ::-1]

    def market(self, market: int, count: int, taste: Taste) -> tuple[Orders, Array]:
        """About `count` orders that were never stopped or liquidated since, and their entry prices."""
        spec = MARKETS[market]
        drawn = int(count * _OVERDRAW)
        kinds = self._rng.choice(len(KINDS), drawn, p=_table("share"))
        minute = self._minutes(spec.underlying, kinds)
        path = self._past.price[spec.underlying]
        price = path[minute] * (1 + spec.basis)
        back = np.maximum(0, minute - int(SIGNAL_SPAN / MINUTE))
        side = longs(self._rng, kinds, signal(np.log(path[minute] / path[back]), spec.underlying), 0.0)
        made = orders(self._rng, market, kinds, side, price, t=0.0, taste=taste)
        worst = np.where(side > 0, self._low[spec.underlying, minute], self._high[spec.underlying, minute]) * (1 + spec.basis)
        equity = made.wallet + made.size * (worst - price)
        alive = (equity > maintenance(spec, np.abs(made.size) * worst)) & ~((worst - made.stop) * side <= 0)
        rows = np.flatnonzero(alive)[:count]
        return made.take(rows), price[rows]

    def _minutes(self, underlying: int, kinds: Rows) -> Rows:
        """Minute of entry of each: trading activity weighted by the chance of still being in."""
        if underlying not in self._arrived:
            self._arrived[underlying] = [np.cumsum(self._past.activity[underlying] * alive) for alive in self._survival]
        u = self._rng.random(len(kinds))
        minute = np.empty(len(kinds), dtype=np.intp)
        for k, cumulative in enumerate(self._arrived[underlying]):
            mine = kinds == k
            minute[mine] = np.searchsorted(cumulative, u[mine] * cumulative[-1])
        last: Rows = np.minimum(minute, self._past.price.shape[1] - 1)
        return last
