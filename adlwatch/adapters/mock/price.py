"""Index prices: a common factor and each underlying's own noise, stochastic volatility, rare jumps, and the scenario's moves.

The two weeks before the start are drawn at once, minute by minute, and bent so that they end at the start price.
"""

import math

import numpy as np
from msgspec import Struct

from adlwatch.adapters.mock.markets import DAY, HOUR, UNDERLYINGS, YEAR
from adlwatch.domain.inputs import Array

HISTORY = 14 * DAY
MINUTE = 60.0
_REVERSION = 1 / (8 * HOUR)
"""Speed at which log volatility returns to its mean."""
_VOL_OF_VOL = 0.45
"""Stationary standard deviation of log volatility."""
_JUMPS_PER_DAY = 3.0
_JUMP = 0.004
"""Standard deviation of a jump at 50 % annual volatility."""
_DRIFT = -0.05
"""Log return of the fortnight before the start: shorts opened in it sit on profit."""


class History(Struct, frozen=True):
    """Minutes before the start, oldest first: `price` and `activity` have shape (underlyings, minutes); activity averages 1."""

    price: Array
    activity: Array


def _sigmas() -> Array:
    return np.array([u.volatility for u in UNDERLYINGS])


def _correlated(common: Array, own: Array) -> Array:
    factor = np.sqrt([u.factor for u in UNDERLYINGS])[:, None]
    mixed: Array = factor * common + np.sqrt(1 - factor**2) * own
    return mixed


def history(rng: np.random.Generator) -> History:
    """Draw the fortnight before the start."""
    hours, minutes = int(HISTORY / HOUR), int(HISTORY / MINUTE)
    log_vol = np.empty(hours)
    value, keep = 0.0, math.exp(-HOUR * _REVERSION)
    for i, z in enumerate(rng.standard_normal(hours).tolist()):
        value = keep * value + _VOL_OF_VOL * math.sqrt(1 - keep**2) * z
        log_vol[i] = value
    vol = np.repeat(np.exp(log_vol - _VOL_OF_VOL**2), 60)
    n = len(UNDERLYINGS)
    scale = _sigmas()[:, None] * math.sqrt(MINUTE / YEAR) * vol
    returns = scale * _correlated(rng.standard_normal(minutes), rng.standard_normal((n, minutes)))
    jumps = rng.random(minutes) < _JUMPS_PER_DAY * MINUTE / DAY
    returns[:, jumps] += _JUMP * (_sigmas()[:, None] / 0.5) * rng.standard_normal(int(jumps.sum()))
    path = np.cumsum(returns, axis=1)
    tilt = (path[:, -1:] - _DRIFT) * np.linspace(0, 1, minutes)
    path -= tilt
    activity = vol * (0.5 + 0.5 * np.abs(returns) / scale.mean(axis=1, keepdims=True))
    start = np.array([u.price for u in UNDERLYINGS])[:, None]
    return History(start * np.exp(path - path[:, -1:]), activity / activity.mean(axis=1, keepdims=True))


class Move(Struct, frozen=True):
    """A scripted log return per underlying, spread evenly from `start` over `length` seconds."""

    start: float
    length: float
    returns: tuple[float, ...]


class Prices:
    """The live index of each underlying."""

    def __init__(self, first: Array) -> None:
        self.index = first.copy()
        self.activity = 1.0
        """Trading intensity against an average minute: volatility, and how much just moved."""
        self.calm = 1.0
        """Multiplier of volatility set by the scenario."""
        self._log_vol = 0.0
        self._stir = 0.0
        self._moves: list[Move] = []
        self._sigmas = _sigmas()

    def add(self, move: Move) -> None:
        """Let a scripted move happen."""
        self._moves.append(move)

    def step(self, rng: np.random.Generator, t: float, dt: float) -> None:
        """From `t` to `t + dt`."""
        keep = math.exp(-dt * _REVERSION)
        z = rng.standard_normal(2 + len(UNDERLYINGS))
        self._log_vol = keep * self._log_vol + _VOL_OF_VOL * math.sqrt(1 - keep**2) * float(z[0])
        vol = self.calm * math.exp(self._log_vol - _VOL_OF_VOL**2)
        scale = self._sigmas * math.sqrt(dt / YEAR) * vol
        returns = scale * _correlated(z[1:2], z[2:, None])[:, 0]
        if rng.random() < _JUMPS_PER_DAY * dt / DAY * self.calm:
            returns += _JUMP * (self._sigmas / 0.5) * rng.standard_normal()
        returns += self._scripted(t, dt)
        self.index *= np.exp(returns)
        self._stir = self._stir * math.exp(-dt / 120) + float(np.abs(returns[0])) / 0.02
        self.activity = min(20.0, 0.5 * vol * (1 + self._stir))

    def _scripted(self, t: float, dt: float) -> Array:
        total = np.zeros(len(UNDERLYINGS))
        for move in self._moves:
            overlap = min(t + dt, move.start + move.length) - max(t, move.start)
            if overlap > 0:
                total += np.array(move.returns) * (overlap / move.length)
        self._moves = [m for m in self._moves if m.start + m.length > t + dt]
        return total
