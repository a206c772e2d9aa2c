"""What a hedge earns by being held, and how much of that an auto-deleveraging eats.

APR = rate x 8,760 / interval hours, so venues with unequal funding intervals compare. A positive rate is paid by longs to shorts.
"""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from adlwatch.domain.hedge import Hedge
from adlwatch.domain.leg import Leg
from adlwatch.domain.model import Market

HOURS_A_YEAR = 8_760.0


class Carry(Struct, frozen=True, kw_only=True, gc=False):
    """Income of a hedge at present rates, in USD and as APR on the hedged notional. None where nothing is known."""

    usd_per_day: float | None
    """Sum of what is known; see `missing`."""
    apr: float | None
    """On half the gross: one side of the hedge."""
    missing: tuple[str, ...] = ()
    """What is not in the sum."""
    break_even_days: float | None = None
    """Days of carry that pay for opening and closing the hedge; None where it earns nothing."""


class AdlCost(Struct, frozen=True):
    """What one auto-deleveraging costs a hedge, against its carry."""

    usd: float
    days: float | None
    """Days of carry it eats; None where the carry is unknown or not positive."""
    deadly_per_year: float | None
    """How many a year would take the whole carry. No probability is guessed: this is the one that kills the trade."""


def apr(rate: float, interval_hours: float) -> float:
    """Yearly rate of a funding rate per interval, not compounded."""
    return rate * HOURS_A_YEAR / interval_hours


def carry_of(
    hedge: Hedge,
    markets: Mapping[str, Market],
    now: datetime,
    *,
    borrow_apr: Mapping[str, float] | None = None,
    round_trip_usd: float | None = None,
) -> Carry:
    """The carry of a hedge. `markets` by leg key; `borrow_apr` by underlying; `round_trip_usd` opens and closes it once."""
    missing: list[str] = []
    yearly: list[float] = []
    price, borrow = hedge.price, borrow_apr or {}
    for leg in hedge.legs:
        found = _yearly(leg, markets.get(leg.key), price, now, borrow)
        if isinstance(found, str):
            missing.append(found)
        elif found is not None:
            yearly.append(found)
    if not yearly:
        return Carry(usd_per_day=None, apr=None, missing=tuple(missing))
    total = sum(yearly)
    side = hedge.gross_usd / 2.0 if hedge.gross_usd else None
    daily = total / 365.0
    return Carry(
        usd_per_day=daily,
        apr=total / side if side else None,
        missing=tuple(missing),
        break_even_days=round_trip_usd / daily if round_trip_usd is not None and daily > 0.0 else None,
    )


def adl_cost(usd: float, carry: Carry) -> AdlCost:
    """One auto-deleveraging that costs `usd` (give-back and rebuilding) in terms of the carry."""
    daily = carry.usd_per_day
    if daily is None or daily <= 0.0:
        return AdlCost(usd, None, None)
    return AdlCost(usd, usd / daily, 365.0 * daily / usd if usd > 0.0 else None)


def _yearly(
    leg: Leg, market: Market | None, reference: float | None, now: datetime, borrow: Mapping[str, float]
) -> float | str | None:
    """USD a year, or what is missing; None where holding the leg neither earns nor costs."""
    price = leg.price or reference
    if leg.units is None or price is None:
        return f"exposure of {leg.key}"
    notional = leg.units * price
    if not leg.derivative:
        if leg.sign > 0:
            return None
        rate = borrow.get(leg.underlying)
        return f"borrow rate of {leg.underlying}" if rate is None else notional * rate
    if leg.expiry is not None:
        return _converging(leg, market, now)
    if market is None or market.funding_rate is None or not market.funding_interval_hours:
        return f"funding of {leg.key}"
    return -notional * apr(market.funding_rate, market.funding_interval_hours)


def _converging(leg: Leg, market: Market | None, now: datetime) -> float | str:
    """A dated future comes to its index by expiry: the basis, spread over the days left."""
    index = market.index_price if market is not None else None
    days = (
        (datetime(leg.expiry.year, leg.expiry.month, leg.expiry.day, 8, tzinfo=now.tzinfo) - now).total_seconds() / 86_400.0
        if leg.expiry
        else 0.0
    )
    if index is None or leg.price is None or leg.units is None or days <= 0.0:
        return f"basis of {leg.key}"
    return -leg.units * (leg.price - index) / days * 365.0
