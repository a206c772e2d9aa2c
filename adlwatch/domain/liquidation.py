"""Where positions are liquidated: the venue's price, else computed from margin and maintenance, and said to be.

A position goes when what stands behind it falls to its maintenance margin. Both are linear in the ratio f of its coin's moved
mark to the present one (`domain.exposure`), everything else standing still, so
f = 1 + (backing - maintenance) / (d maintenance - d backing).
Cross positions share the account: all its positions in the coin, and coin collateral, move together.
"""

from collections.abc import Mapping
from datetime import datetime
from math import inf, log

import numpy as np

from adlwatch.domain.exposure import Exposure
from adlwatch.domain.inputs import Array, known
from adlwatch.domain.model import Candle
from adlwatch.domain.snapshot import Liquidation


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
    x, f = book.inputs, ratios(book)
    stated = np.array([row.position.liquidation_price for row in book.rows], dtype=np.float64)
    usable = (stated > 0.0) & np.isfinite(stated)
    price = np.where(usable, stated, np.where(np.isfinite(f), x.mark * f, np.nan))
    distance = x.sign * (x.mark - price) / x.mark
    drifting = np.array([drifts.get(coin) for coin in book.coins], dtype=np.float64)[book.coin]
    unreachable = ~usable & (f == inf)
    columns = (
        known(price),
        known(distance),
        (unreachable | (~usable & ~np.isnan(price))).tolist(),
        unreachable.tolist(),
        known(minutes_to(distance, drifting, x.sign)),
    )
    return list(map(Liquidation, *columns))


def minutes_to(distance: Array, drift: Array, sign: Array) -> Array:
    """Time until the mark has moved by `distance` against a position; NaN where it drifts away or stands still.

    https://docs.paystream.finance/safety-mechanisms acts below 5 minutes.
    """
    against = np.where(sign * drift < 0.0, np.abs(drift), np.nan)
    with np.errstate(over="ignore"):  # at next to no drift it takes for ever
        return np.asarray(np.maximum(distance, 0.0) / against * 60.0)


def drift(candles: tuple[Candle, ...], mark: float | None, now: datetime, hours: float = 1.0) -> float | None:
    """Log move of the mark an hour, over the last `hours` or, by as much as candles are apart, more; None without one so old."""
    if mark is None or not mark > 0.0:
        return None
    for candle in reversed(candles):
        passed = (now - candle.time).total_seconds() / 3600.0
        if passed >= hours and candle.open > 0.0:
            return log(mark / candle.open) / passed
    return None
