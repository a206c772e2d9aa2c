"""The whole book at other marks, in one pass: scores, places in the queue, liquidations, account equity.

A ladder moves one coin at a time, everything else standing still, which is how liquidation prices are quoted. A joint shock moves
every coin by its own ratio, and cross positions share the equity that all positions of their account leave. Nothing is closed on
the way: what a liquidation would change for the rest of the account is not imagined.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from msgspec import Struct
from msgspec.structs import replace

from adlwatch.domain.exposure import Exposure, Index
from adlwatch.domain.gather import PositionRow
from adlwatch.domain.inputs import Array, Inputs
from adlwatch.domain.queue import Queue, QueueKey
from adlwatch.domain.score import evaluate
from adlwatch.domain.settings import Settings

Key = TypeVar("Key")
Place = Callable[[Array, Array], Array]
"""Quantiles (1 = front) of scores at marks, as `domain.queue.Queue.place`."""
LADDER = np.linspace(-0.5, 0.5, 101)
"""Moves of a price ladder: -50 % to +50 % in steps of 1 %."""
_CHUNK = 512


class Ranking(Struct, frozen=True):
    """How the positions of a book are ranked: rule and queue of each (None: unknown), and the queues that there are."""

    rules: tuple[str | None, ...]
    queues: tuple[QueueKey | None, ...]
    places: Mapping[QueueKey, Place]


def ranking_of(rows: Sequence[PositionRow], settings: Settings, queues: Mapping[QueueKey, Queue], now: datetime) -> Ranking:
    """Rules and queues of these positions."""
    profiles = [settings.profiles.get(row.position.venue) for row in rows]
    keys = tuple(QueueKey(row.position.venue, row.position.symbol, row.position.side) for row in rows)
    places = {key: partial(queues[key].place, now=now) for key in keys if key in queues}
    return Ranking(tuple(profile.rule if profile is not None else None for profile in profiles), keys, places)


class Moved(Struct, frozen=True):
    """Positions (first axis) at moved marks (second axis); NaN is unknown."""

    factor: Array
    """Moved mark / present mark."""
    mark: Array
    score: Array
    quantile: Array
    """Estimated place in the queue, 1 = front."""
    equity: Array
    """The account's, USD."""
    room: Array
    """USD left before liquidation; zero or less: liquidated."""

    @property
    def level(self) -> Array:
        """Estimated light, 1 to 5."""
        return np.clip(np.ceil(5.0 * self.quantile), 1.0, 5.0)

    @property
    def liquidated(self) -> npt.NDArray[np.bool_]:
        """True where known to be past liquidation."""
        return np.asarray(self.room <= 0.0)


class _Drive(Struct, frozen=True):
    """What the marks do to some positions: all arrays (m, k), amounts in USD."""

    factor: Array
    equity: Array
    backing: Array
    maintenance: Array
    """Of the account's cross positions."""


def ladder(book: Exposure, ranking: Ranking, moves: Array = LADDER) -> Moved:
    """Every position at every move (fractions, shape (k,)) of its own coin."""
    return _assemble(book, ranking, lambda which: _alone(book, which, 1.0 + np.broadcast_to(moves, (len(which), len(moves)))))


def alone(book: Exposure, ranking: Ranking, which: Index, factors: Array) -> Moved:
    """Some positions, each at its own ratios (shape (m, k)) of its own coin."""
    return _rank(book, ranking, which, _alone(book, which, factors))


def score_at(book: Exposure, ranking: Ranking, position: int) -> Callable[[Array], Array]:
    """One position's score by its own mark, its account's equity moved along; NaN where it is past liquidation."""
    which, now = np.array([position]), book.inputs.mark[position]
    unplaced = replace(ranking, places={})

    def scores(marks: Array) -> Array:
        moved = alone(book, unplaced, which, np.asarray(marks)[None] / now)
        return np.asarray(np.where(moved.liquidated, np.nan, moved.score)[0])

    return scores


def joint(book: Exposure, ranking: Ranking, factors: Array) -> Moved:
    """Every position while each coin moves by its own ratios, shape (coins, k); k states of the world."""
    equity, backing, maintenance = account_amounts(book, factors)

    def drive(which: Index) -> _Drive:
        at = book.account[which]
        return _Drive(factors[book.coin[which]], equity[at], backing[at], maintenance[at])

    return _assemble(book, ranking, drive)


def joint_each(book: Exposure, ranking: Ranking, which: Index, factors: Array) -> Moved:
    """Position `which[e]` in the state of the world `factors[:, e]`; results have the shape (e, 1)."""
    equity, backing, maintenance = account_amounts(book, factors)
    at, world = book.account[which], np.arange(len(which))
    own = factors[book.coin[which], world]
    drive = _Drive(*(each[:, None] for each in (own, equity[at, world], backing[at, world], maintenance[at, world])))
    return _rank(book, ranking, which, drive)


def _alone(book: Exposure, which: Index, factors: Array) -> _Drive:
    account, pair, step = book.account[which], book.pair[which], factors - 1.0
    return _Drive(
        factors,
        book.equity[account][:, None] + book.equity_slope[pair][:, None] * step,
        book.backing[account][:, None] + book.backing_slope[pair][:, None] * step,
        book.cross_maintenance[account][:, None] + book.cross_maintenance_slope[pair][:, None] * step,
    )


def account_amounts(book: Exposure, factors: Array) -> tuple[Array, Array, Array]:
    """Equity, backing and cross maintenance of every account, shape (accounts, k); a coin that stands still adds nothing."""
    step = factors[book.pair_coin] - 1.0

    def moved(start: Array, slope: Array) -> Array:
        total = np.repeat(start[:, None], step.shape[1], axis=1)
        np.add.at(total, book.pair_account, np.where(step == 0.0, 0.0, slope[:, None] * step))
        return total

    return (
        moved(book.equity, book.equity_slope),
        moved(book.backing, book.backing_slope),
        moved(book.cross_maintenance, book.cross_maintenance_slope),
    )


def _assemble(book: Exposure, ranking: Ranking, drive: Callable[[Index], _Drive]) -> Moved:
    """In slices that stay in the processor's cache."""
    every = np.arange(len(book.rows))
    parts = [
        _rank(book, ranking, every[i : i + _CHUNK], drive(every[i : i + _CHUNK])) for i in range(0, max(len(every), 1), _CHUNK)
    ]
    return Moved(*(np.concatenate([getattr(part, name) for part in parts]) for name in Moved.__struct_fields__))


def _rank(book: Exposure, ranking: Ranking, which: Index, drive: _Drive) -> Moved:
    mark = book.inputs.mark[which][:, None] * drive.factor
    x = _moved_inputs(book, which, mark, drive)
    score, quantile = np.full(mark.shape, np.nan), np.full(mark.shape, np.nan)
    for rule, own in _groups([ranking.rules[i] for i in which]):
        score[own] = evaluate(rule, _rows(x, own)).value
    for queue, own in _groups([ranking.queues[i] for i in which]):
        place = ranking.places.get(queue)
        if place is not None:
            quantile[own] = place(score[own], mark[own])
    return Moved(drive.factor, mark, score, quantile, drive.equity, _room(book, which, x, drive))


def _groups(names: Sequence[Key | None]) -> list[tuple[Key, Index]]:
    found: dict[Key, list[int]] = {}
    for i, name in enumerate(names):
        if name is not None:
            found.setdefault(name, []).append(i)
    return [(name, np.array(own)) for name, own in found.items()]


def _moved_inputs(book: Exposure, which: Index, mark: Array, drive: _Drive) -> Inputs:
    """The rules' inputs at moved marks, shape (m, k) or (m, 1); amounts in coin for inverse contracts."""
    shape, names = book.account.shape, Inputs.__struct_fields__
    column = {name: np.broadcast_to(getattr(book.inputs, name), shape)[which][:, None] for name in names}
    inverse = column["inverse"] == 1
    coin = np.where(inverse, mark, 1.0) if inverse.any() else 1.0
    held = column["account_maintenance"] * np.where(inverse, column["mark"], 1.0)
    risen = drive.maintenance - book.cross_maintenance[book.account[which]][:, None]
    return Inputs(
        **{
            **column,
            "mark": mark,
            "equity": drive.equity / coin,
            "maintenance": column["maintenance"] * np.where(inverse, 1.0 / drive.factor, drive.factor),
            "account_maintenance": (held + risen) / coin,
        }
    )


def _rows(x: Inputs, own: Index) -> Inputs:
    if len(own) == len(x.mark):
        return x
    return Inputs(**{name: getattr(x, name)[own] for name in Inputs.__struct_fields__})


def _room(book: Exposure, which: Index, x: Inputs, drive: _Drive) -> Array:
    step = drive.factor - 1.0
    isolated = np.asarray(x.isolated == 1)
    own = book.own[which][:, None] + book.own_slope[which][:, None] * step
    kept = book.maintenance[which][:, None] + book.maintenance_slope[which][:, None] * step
    room = np.where(isolated, own - kept, drive.backing - drive.maintenance)
    return np.where(np.isnan(x.isolated), np.nan, room)
