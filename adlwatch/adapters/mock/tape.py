"""Candles and volume of every market: 5-minute bars of the last day, hourly ones before, always growing."""

from collections import deque

import numpy as np

from adlwatch.adapters.mock.markets import DAY, HOUR, MARKETS
from adlwatch.adapters.mock.price import HISTORY, MINUTE, History
from adlwatch.domain.inputs import Array

Bar = tuple[float, float, float, float, float, float]
"""Opening time in seconds since the start, open, high, low, close, volume in base units."""

FINE = 300.0
_MOST = int(HISTORY / FINE)
"""Bars kept."""


def _bars(price: Array, volume: Array, start: float, span: float) -> list[Bar]:
    per = int(span / MINUTE)
    p, v = price.reshape(-1, per), volume.reshape(-1, per)
    times = start + span * np.arange(len(p))
    columns = (times, p[:, 0], p.max(axis=1), p.min(axis=1), p[:, -1], v.sum(axis=1))
    return list(zip(*(c.tolist() for c in columns), strict=True))


class Tape:
    """Bars of one market."""

    def __init__(self, market: int, past: History, open_interest: float) -> None:
        """`open_interest` in base units."""
        spec = MARKETS[market]
        self._rate = spec.turnover * open_interest / DAY
        price = past.price[spec.underlying] * (1 + spec.basis)
        volume = past.activity[spec.underlying] * self._rate * MINUTE
        cut = int((HISTORY - DAY) / MINUTE)
        hourly = _bars(price[:cut], volume[:cut], -HISTORY, HOUR)
        self.closed = deque([*hourly, *_bars(price[cut:], volume[cut:], -DAY, FINE)], maxlen=_MOST)
        self._open = -FINE
        """When the bar in work opened; the first live trade opens a new one."""
        self._bar = [0.0, 0.0, 0.0, 0.0, 0.0]

    def trade(self, t: float, dt: float, price: float, activity: float, extra: float) -> None:
        """Record a step at `price`; `extra` is volume beyond the usual flow (liquidations)."""
        volume = self._rate * dt * activity + extra
        if t >= self._open + FINE:
            self._close()
            self._open = t - t % FINE
            self._bar = [price, price, price, price, volume]
            return
        bar = self._bar
        bar[1], bar[2], bar[3], bar[4] = max(bar[1], price), min(bar[2], price), price, bar[4] + volume

    def _close(self) -> None:
        if (bar := self.bar()) is not None:
            self.closed.append(bar)

    def bar(self) -> Bar | None:
        """The bar in work, None before the first trade."""
        o, h, low, c, v = self._bar
        return (self._open, o, h, low, c, v) if self._open >= 0 else None

    def since(self, t: float) -> list[Bar]:
        """Bars that opened at or after `t`, oldest first, the one in work last."""
        bar = self.bar()
        bars = [bar] if bar is not None and bar[0] >= t else []
        for closed in reversed(self.closed):
            if closed[0] < t:
                break
            bars.append(closed)
        return bars[::-1]

    def volume_24h(self, t: float) -> float:
        """Base units traded in about the 24 h before `t`."""
        return sum(bar[5] for bar in self.since(t - DAY))
