"""Where positions are liquidated: the venue's price, else computed from margin and maintenance, and said to be.

A position goes when what stands behind it falls to its maintenance margin. Both are linear in the ratio f of its coin's moved
mark to the present one (`domain.exposure`), everything else standing still, so
f = 1 + (backing - maintenance) / (d maintenance - d backing).
Cross positions share the account: all its positions in the coin, and coin collateral, move together.
"""

from collections.abc import Mapping
from math import inf, isnan, log

import numpy as np

from adlwatch.domain.exposure import Exposure
from adlwatch.domain.gather import PositionRow
from adlwatch.domain.inputs import Array
from adlwatch.domain.model import Candle
from adlwatch.domain.snapshot import Liquidation
from adlwatch.domain.value import adverse_distance


def ratios(book: Exposure) -> Array:
    """(n) f at which each position is liquidated; inf: no adverse move does it, NaN: unknown."""
    x, isolated = book.inputs, book.isolated
    with np.errstate(divide="ignore", invalid="ignore"):
        shared = (book.backing - book.cross_maintenance)[book.account]
        room = np.where(isolated, book.own - book.maintenance, shared)
        slope = np.where(isolated, book.own_slope, book.backing_slope[book.pair])
        own = np.where(isolated, book.maintenance_slope, book.cross_maintenance_slope[book.pair])
        f = 1.0 + room / (own - slope)
        adverse = x.sign * (f - 1.0) < 0.0
        reached = np.where(room > 0.0, adverse & (f > 0.0), f > 0.0)
    return np.where(np.isnan(f) | np.isnan(x.isolated), np.nan, np.where(reached, f, inf))


def liquidations(book: Exposure, drifts: Mapping[str, float | None]) -> list[Liquidation]:
    """One a position, in the book's order. `drifts`: fraction per hour by coin, positive rising."""
    return [
        _liquidation(row, f, drifts.get(book.coins[coin]))
        for row, f, coin in zip(book.rows, ratios(book).tolist(), book.coin.tolist(), strict=True)
    ]


def _liquidation(row: PositionRow, f: float, drift: float | None) -> Liquidation:
    price, computed = row.position.liquidation_price, False
    if price is None or not 0.0 < price < inf:
        if f == inf:
            return Liquidation(computed=True, unreachable=True)
        if isnan(f) or row.mark is None:
            return Liquidation()
        price, computed = row.mark * f, True
    distance = adverse_distance(row.position, row.mark, price)
    minutes = None if drift is None else minutes_to(distance, drift, row.position.side.sign)
    return Liquidation(price=price, distance=distance, computed=computed, minutes=minutes)


def minutes_to(distance: float | None, drift: float | None, sign: int) -> float | None:
    """Time until the mark has moved by `distance` against a position; None where it drifts away or stands still.

    https://docs.paystream.finance/safety-mechanisms acts below 5 minutes.
    """
    if distance is None or drift is None or sign * drift >= 0.0:
        return None
    return max(0.0, distance) / abs(drift) * 60.0


def drift(candles: tuple[Candle, ...], mark: float | None, hours: float = 1.0) -> float | None:
    """Fraction per hour the mark has moved by over the last candles that span `hours`; None without a candle old enough."""
    if mark is None or not mark > 0.0 or not candles:
        return None
    last = candles[-1].time
    for candle in reversed(candles):
        passed = (last - candle.time).total_seconds() / 3600.0
        if passed >= hours and candle.close > 0.0:
            return log(mark / candle.close) / passed
    return None
