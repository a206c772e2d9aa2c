"""What a ranking rule may look at, as arrays, and the values that every rule derives from it."""

from typing import Self

import numpy as np
import numpy.typing as npt
from msgspec import Struct, field

Array = npt.NDArray[np.float64]


def _unknown() -> Array:
    return np.array(np.nan)


class Inputs(Struct, frozen=True, kw_only=True):
    """Columns of equal length, or shapes that broadcast together (marks of shape (5, 1) against 4,000 traders); NaN is unknown.

    Amounts are in the settle currency: quote units for a linear contract, coin for an inverse one. `equity` is what the
    venue would see at this `mark`: whoever moves the mark moves the equity too.
    """

    sign: Array
    """+1 long, -1 short."""
    entry: Array
    mark: Array
    size: Array
    """Base units (linear) or the fixed quote value Q (inverse), positive."""
    inverse: Array = field(default_factory=lambda: np.array(0.0))
    """1 for an inverse contract, 0 for a linear one."""
    isolated: Array = field(default_factory=_unknown)
    """1 isolated, 0 cross."""
    margin: Array = field(default_factory=_unknown)
    """Margin assigned to the position, without its unrealized PnL."""
    equity: Array = field(default_factory=_unknown)
    """Account equity: wallet and all unrealized PnL."""
    wallet: Array = field(default_factory=_unknown)
    maintenance: Array = field(default_factory=_unknown)
    """Maintenance margin of the position."""
    account_maintenance: Array = field(default_factory=_unknown)
    """Maintenance margin of the account."""
    bankruptcy: Array = field(default_factory=_unknown)
    """Bankruptcy price."""
    leverage: Array = field(default_factory=_unknown)
    """The leverage set at the venue."""

    @classmethod
    def of(cls, **columns: npt.ArrayLike) -> Self:
        """The same from lists, numbers or booleans."""
        return cls(**{name: np.asarray(column, dtype=np.float64) for name, column in columns.items()})

    def take(self, which: npt.NDArray[np.int64]) -> Self:
        """Some of the positions; every column must be one-dimensional and as long as the others."""
        return type(self)(**{name: getattr(self, name)[which] for name in self.__struct_fields__})


class Values(Struct, frozen=True):
    """Derived amounts, positive where they are sizes, in the settle currency. To be computed with numpy's warnings off."""

    pnl: Array
    """U, unrealized PnL: s·q·(M−E) linear, s·Q·(1/E−1/M) inverse."""
    entry_value: Array
    """|EV|: q·E linear, Q/E inverse."""
    notional: Array
    """|MV|: q·M linear, Q/M inverse."""


def known(column: Array) -> list[float | None]:
    """The numbers of a column, None where it is NaN."""
    numbers: list[float | None] = column.tolist()
    if np.isnan(column).any():
        numbers = [None if number != number else number for number in numbers]  # noqa: PLR0124  # NaN is not itself
    return numbers


def positive(amount: Array) -> Array:
    """The amount where it is above zero, else unknown: a price, size or equity of 0 or less cannot be divided by."""
    return np.where(amount > 0, amount, np.nan)


def value_at(x: Inputs, price: Array) -> Array:
    """|Value| of each position at a price."""
    if not x.inverse.any():
        return x.size * price
    return np.where(x.inverse == 1, x.size / price, x.size * price)


def values(x: Inputs) -> Values:
    """Entry value, notional and unrealized PnL; an inverse contract's value falls while its price rises."""
    entry_value = value_at(x, positive(x.entry))
    notional = value_at(x, positive(x.mark))
    gain = x.sign * (notional - entry_value)
    return Values(gain if not x.inverse.any() else np.where(x.inverse == 1, -gain, gain), entry_value, notional)


def backing(x: Inputs, pnl: Array) -> Array:
    """A: margin and unrealized PnL for an isolated position, account equity for a cross one; unknown where 0 or less."""
    return positive(np.where(x.isolated == 1, x.margin + pnl, np.where(x.isolated == 0, x.equity, np.nan)))


def bankruptcy_distance(x: Inputs, v: Values) -> Array:
    """MV−BV, negative past bankruptcy: from the bankruptcy price; without one it is margin and PnL of an isolated position."""
    own = np.where(x.isolated == 1, x.margin + v.pnl, np.nan)
    if np.isnan(x.bankruptcy).all():
        return own
    gap = x.sign * (v.notional - value_at(x, positive(x.bankruptcy)))
    gap = np.where(x.inverse == 1, -gap, gap)
    return np.where(np.isnan(gap), own, gap)
