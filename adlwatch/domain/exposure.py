"""The whole book as columns that can be moved: how PnL, equity, margin and maintenance follow the marks.

Every amount is in USD and linear in the ratio f = moved mark / present mark of its coin, so a moved book is one multiplication:
a linear position's PnL moves by s·q·M·(f-1), an inverse one's (valued at the mark) by s·Q·M/E·(f-1), coin collateral by
amount·M·(f-1); maintenance follows the notional, which for an inverse contract stands still.
"""

from collections.abc import Sequence
from math import isfinite
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from adlwatch.domain.collateral import coin_collateral
from adlwatch.domain.gather import Gathered, PositionRow
from adlwatch.domain.inputs import Array, Inputs
from adlwatch.domain.rank import inputs
from adlwatch.domain.settings import Settings
from adlwatch.domain.underlying import namer
from adlwatch.domain.value import notional

Index = npt.NDArray[np.int64]


class Exposure(Struct, frozen=True, kw_only=True):
    """Columns by position (n), by account (a), and by pair of account and coin (p). NaN is unknown."""

    rows: tuple[PositionRow, ...]
    inputs: Inputs
    """What the ranking rules look at, at the present marks."""
    accounts: tuple[str, ...]
    coins: tuple[str, ...]
    account: Index
    """(n) index into `accounts`."""
    coin: Index
    """(n) index into `coins`."""
    pair: Index
    """(n) index into the pairs."""
    pair_account: Index
    pair_coin: Index
    pnl_slope: Array
    """(n) dU/df."""
    maintenance: Array
    """(n) maintenance margin at the present mark."""
    maintenance_slope: Array
    """(n)"""
    own: Array
    """(n) margin and PnL of an isolated position; NaN for a cross one."""
    own_slope: Array
    """(n)"""
    equity: Array
    """(a) wallet and all unrealized PnL."""
    equity_slope: Array
    """(p)"""
    backing: Array
    """(a) equity without what isolated positions have for themselves: what stands behind cross positions."""
    backing_slope: Array
    """(p)"""
    cross_maintenance: Array
    """(a)"""
    cross_maintenance_slope: Array
    """(p)"""

    @property
    def isolated(self) -> npt.NDArray[np.bool_]:
        """(n) whether a position has its own margin; False also where that is unknown."""
        return np.asarray(self.inputs.isolated == 1)


def expose(found: Gathered, settings: Settings, x: Inputs | None = None) -> Exposure:
    """Lay the gathered positions and their accounts out as columns; `x` are the inputs of `found.positions`, if at hand."""
    rows, x = found.positions, inputs(found.positions, found) if x is None else x
    named = namer(settings.aliases)
    assets = [named(row.position.symbol).asset for row in rows]
    held = coin_collateral(found, settings)
    ids = [row.position.account for row in rows]
    accounts = tuple(dict.fromkeys([*ids, *(name for name, _ in held)]))
    coins = tuple(dict.fromkeys([*assets, *(asset for _, asset in held)]))
    account, coin = _index(accounts, ids), _index(coins, assets)
    pairs = _Pairs.of(account, coin, _index(accounts, [name for name, _ in held]), _index(coins, [asset for _, asset in held]))
    slope = x.sign * np.where(x.inverse == 1, x.size / x.entry, x.size) * x.mark
    margin = np.where(np.isfinite(x.margin), x.margin, np.nan)
    per_unit = np.where(x.inverse == 1, x.mark, 1.0)
    maintenance = _maintenance(rows, x, per_unit)
    maintenance_slope = np.where(x.inverse == 1, 0.0, maintenance)
    cross = x.isolated != 1
    held_slope = pairs.total(np.array([_number(value) for value in held.values()]), held=True)
    equity = np.array([_number(found.equity.get(name)) for name in accounts])
    own = margin * per_unit + _pnl(x)
    cross_maintenance = np.bincount(account, np.where(cross, maintenance, 0.0), len(accounts))
    return Exposure(
        rows=rows,
        inputs=x,
        accounts=accounts,
        coins=coins,
        account=account,
        coin=coin,
        pair=pairs.of_position,
        pair_account=pairs.account,
        pair_coin=pairs.coin,
        pnl_slope=slope,
        maintenance=maintenance,
        maintenance_slope=maintenance_slope,
        own=own,
        own_slope=slope + np.where(x.inverse == 1, margin * x.mark, 0.0),
        equity=equity,
        equity_slope=pairs.total(slope) + held_slope,
        backing=equity - np.bincount(account, np.where(cross, 0.0, own), len(accounts)),
        backing_slope=pairs.total(np.where(cross, slope, 0.0)) + held_slope,
        cross_maintenance=np.where(np.isnan(cross_maintenance), _stated(found, accounts, account, cross), cross_maintenance),
        cross_maintenance_slope=pairs.total(np.where(cross, maintenance_slope, 0.0)),
    )


class _Pairs(NamedTuple):
    """Every (account, coin) that has a position or collateral, numbered."""

    of_position: Index
    of_held: Index
    account: Index
    coin: Index

    @classmethod
    def of(cls, account: Index, coin: Index, held_account: Index, held_coin: Index) -> Self:
        coins = 1 + max(coin.max(initial=0), held_coin.max(initial=0))
        both = np.concatenate([account * coins + coin, held_account * coins + held_coin])
        found, number = np.unique(both, return_inverse=True)
        return cls(number[: len(account)], number[len(account) :], found // coins, found % coins)

    def total(self, amounts: Array, *, held: bool = False) -> Array:
        """Sum by pair."""
        totals = np.bincount(self.of_held if held else self.of_position, amounts, len(self.account))
        return np.asarray(totals, dtype=np.float64)


def _index(names: Sequence[str], of: Sequence[str]) -> Index:
    place = {name: i for i, name in enumerate(names)}
    return np.array([place[each] for each in of], dtype=np.int64)


def _number(value: float | None) -> float:
    """NaN for what is unknown or not finite."""
    return value if value is not None and isfinite(value) else np.nan


def _maintenance(rows: Sequence[PositionRow], x: Inputs, per_unit: Array) -> Array:
    """USD: the venue's figure, else the lowest tier's rate on the notional."""
    stated = np.where(np.isfinite(x.maintenance), x.maintenance, np.nan) * per_unit
    for i, row in enumerate(rows):
        if row.position.maintenance_margin is None and row.market is not None:
            stated[i] = _number(row.market.maintenance_rate) * _number(notional(row.position, row.mark))
    return stated


def _pnl(x: Inputs) -> Array:
    """USD at the mark."""
    with np.errstate(divide="ignore", invalid="ignore"):
        pnl = x.sign * x.size * np.where(x.inverse == 1, x.mark / x.entry - 1.0, x.mark - x.entry)
    return np.where(np.isfinite(pnl), pnl, np.nan)


def _stated(found: Gathered, accounts: Sequence[str], account: Index, cross: npt.NDArray[np.bool_]) -> Array:
    """The venue's account maintenance, where no position is isolated (it is not said whether theirs is in it)."""
    alone = np.bincount(account, ~cross, len(accounts)) == 0
    known = [found.accounts[name].maintenance_margin if name in found.accounts else None for name in accounts]
    return np.where(alone, [_number(each) for each in known], np.nan)
