"""The road the price took, as those who entered along it saw it: entry prices by activity, and extremes since.

Activity is traded volume measured in average hours: one unit is what the market trades in an average hour of the candles, so
entries spread evenly over activity are entries weighted by volume. Without volumes it is plain time.
"""

from collections.abc import Iterable
from datetime import datetime
from math import sqrt

import numpy as np
from msgspec import Struct

from adlwatch.domain.inputs import Array
from adlwatch.domain.model import Candle, Market

DAY = 24.0
MOST_GROWN = 1e6
"""Bound of a bar's growth over the present open interest, against what cannot be true."""
LEAST_HISTORY = 6.0
"""Hours of open-interest history below which it says nothing about who entered when."""


class Path(Struct, frozen=True, eq=False):
    """Bars oldest first; `edges` and `hours` have one element more than the bars."""

    hours: Array
    """Hours since the first bar at the bars' edges; the last is now."""
    edges: Array
    """Activity up to each edge, in average hours."""
    low: Array
    high: Array
    lowest_after: Array
    """Lowest price after each bar, up to now."""
    highest_after: Array
    trend: Array
    """Move of the day before each bar, in standard deviations of a day's move."""
    daily_volatility: float
    weighted_by_volume: bool
    last: float
    """The latest price."""
    drift: float
    """Log move of the price over the last hour."""
    turnover_hours: float | None
    """Average hours in which the open interest is traded once; None without open interest or volume."""
    grown: Array | None = None
    """What each bar added to the open interest, in average hours of volume; None without its history or without turnover."""

    def activity_at(self, hours_ago: Array) -> Array:
        """Activity between a moment and now, negative for a moment to come; beyond the bars at the average rate."""
        at = self.hours[-1] - hours_ago
        inside = self.edges[-1] - np.interp(at, self.hours, self.edges)
        return np.asarray(inside + np.maximum(-at, 0.0) + np.minimum(hours_ago, 0.0), dtype=np.float64)


def walk(market: Market, now: datetime) -> Path | None:
    """The path of a market's candles up to `now`; None where there is no usable candle."""
    bars = _usable(market.candles, now)
    if not bars:
        return None
    starts = np.array([(bar.time - bars[0].time).total_seconds() / 3600.0 for bar in bars])
    end = (now - bars[0].time).total_seconds() / 3600.0
    hours = np.append(starts, end)
    low, high, close = (np.array([getattr(bar, name) for bar in bars]) for name in ("low", "high", "close"))
    volume = np.array([np.nan if bar.volume is None else bar.volume for bar in bars])
    rate = _rate(volume, np.diff(hours))
    last = market.mark_price if market.mark_price and 0 < market.mark_price < np.inf else float(close[-1])
    volatility, trend = _trend(hours, close)
    turnover = _turnover(market, hours, volume, rate)
    return Path(
        hours=hours,
        edges=np.concatenate(([0.0], np.cumsum(np.diff(hours) if rate is None else volume_hours(volume, rate, np.diff(hours))))),
        low=low,
        high=high,
        lowest_after=_after(np.minimum, low, last),
        highest_after=_after(np.maximum, high, last),
        trend=trend,
        daily_volatility=volatility,
        weighted_by_volume=rate is not None,
        last=last,
        drift=float(np.log(last) - np.interp(end - 1.0, hours[1:], np.log(close))),
        turnover_hours=turnover,
        grown=None if turnover is None else _grown(market, bars[0].time, hours, turnover),
    )


def _usable(candles: Iterable[Candle], now: datetime) -> list[Candle]:
    """In order of time, up to now, with finite positive prices; of two bars that open together the finer (smaller volume) one."""
    found: dict[datetime, Candle] = {}
    for bar in candles:
        if bar.time >= now or not 0 < bar.low <= bar.high < np.inf or not 0 < bar.close < np.inf:
            continue
        other = found.get(bar.time)
        if other is None or (bar.volume or 0.0) < (other.volume or 0.0):
            found[bar.time] = bar
    return [found[time] for time in sorted(found)]


def _rate(volume: Array, duration: Array) -> float | None:
    """Average volume an hour over the bars that state one; None where none was traded or stated."""
    known = volume >= 0
    total = float(volume[known].sum())
    return total / float(duration[known].sum()) if total > 0 else None


def volume_hours(volume: Array, rate: float, duration: Array) -> Array:
    """Volumes in average hours; a bar that states none counts as an average one."""
    return np.where(volume >= 0, volume / rate, duration)


def _after(extreme: np.ufunc, prices: Array, last: float) -> Array:
    """The extreme of all bars after each bar and of the latest price."""
    following = np.append(prices[1:], last)
    return np.asarray(extreme.accumulate(following[::-1])[::-1], dtype=np.float64)


def _trend(hours: Array, close: Array) -> tuple[float, Array]:
    """Daily volatility from the bars' own moves, and each bar's move over the day before it in that unit, within ±2."""
    moves = np.diff(np.log(close), prepend=np.log(close[0]))
    span = max(float(hours[-1]), 1e-9) / DAY
    volatility = max(sqrt(float(np.sum(moves**2)) / span), 1e-6)
    log_close = np.log(close)
    before = np.interp(hours[1:] - DAY, hours[1:], log_close)
    return volatility, np.clip((log_close - before) / volatility, -2.0, 2.0)


def _turnover(market: Market, hours: Array, volume: Array, rate: float | None) -> float | None:
    """Open interest over the average hourly volume; the 24 h volume, where stated, sets the scale of the candles' volumes."""
    if not market.open_interest or not market.open_interest > 0:
        return None
    stated = market.volume_24h if market.volume_24h and market.volume_24h > 0 else None
    if rate is None:
        return None if stated is None else market.open_interest / (stated / DAY)
    if stated is not None:
        recent = hours[1:] > hours[-1] - DAY
        in_candles = float(np.nansum(volume[recent])) / float(np.diff(hours)[recent].sum()) * DAY
        rate *= stated / in_candles if in_candles > 0 else 1.0
    return market.open_interest / rate


def _grown(market: Market, start: datetime, hours: Array, turnover: float) -> Array | None:
    """Growth of the open interest in each bar; none before its history begins."""
    points = {time: value for time, value in market.open_interest_history if 0 < value < np.inf}
    at = np.array([(time - start).total_seconds() / 3600.0 for time in sorted(points)])
    if not len(at) or min(hours[-1], at[-1]) - max(hours[0], at[0]) < LEAST_HISTORY:
        return None
    open_interest = np.interp(hours, at, [points[time] for time in sorted(points)])
    with np.errstate(over="ignore"):  # beyond all measure is as good as very much
        grown = np.clip(np.diff(open_interest) / open_interest[-1], -MOST_GROWN, MOST_GROWN)
    return np.asarray(grown * turnover, dtype=np.float64)
