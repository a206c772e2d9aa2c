"""What happens along a path to a joint shock, exactly where and in which order.

The grid brackets every change, bisection narrows all brackets at once. Between two grid points only one change is looked for.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from adlwatch.domain.exposure import Exposure, Index
from adlwatch.domain.inputs import Array
from adlwatch.domain.scenario import LADDER, Moved, Ranking, joint, joint_each
from adlwatch.domain.shock import PATH_STEPS, path

HALVINGS = 20
"""A bracket of one percent is narrowed to a hundred-millionth."""
_Mask = npt.NDArray[np.bool_]


class EventKind(StrEnum):
    """What happens to a position on the way."""

    LIGHT = "light"
    LIQUIDATION = "liquidation"
    SHIELD_LOST = "shield-lost"


class Event(Struct, frozen=True):
    """Something that happens along a path."""

    at: float
    """Fraction of the way, 0 to 1."""
    kind: EventKind
    key: str
    """Of the position; for a shield `account:underlying`."""
    move: float
    """Fraction that the mark of its coin has moved by then."""
    mark: float | None = None
    level: int | None = None
    """The light reached."""


def events(book: Exposure, ranking: Ranking, moves: Mapping[str, float], steps: int = PATH_STEPS) -> list[Event]:
    """Lights that go up and liquidations on the straight way to a joint shock, in order.

    A liquidation is where known margin runs out; what it would change for the rest of its account is not imagined.
    """
    way = _Way(book, ranking, path(book, moves, 2)[:, 1] - 1.0)
    at = np.linspace(0.0, 1.0, steps)
    moved = joint(book, ranking, 1.0 + way.ends[:, None] * at)
    found = [
        *_changes(way, EventKind.LIGHT, at, moved.level, lambda m: m.level),
        *_changes(way, EventKind.LIQUIDATION, at, moved.liquidated.astype(float), lambda m: m.liquidated.astype(float)),
    ]
    return sorted(found, key=lambda event: (event.at, event.key))


def shield_loss(holds: Callable[[float], bool], moves: Array = LADDER) -> float | None:
    """The nearest move of the coin, up or down, at which a shield that `holds` at ratio 1 is lost; None: within none."""
    if not holds(1.0):
        return None
    for move in sorted(moves.tolist(), key=abs):
        if not holds(1.0 + move):
            step = min(abs(move), float(np.diff(moves).min()))
            inner, outer = np.array([move - np.sign(move) * step]), np.array([move])
            return float(_narrow(lambda at: np.array([not holds(1.0 + float(at[0]))]), inner, outer)[0])
    return None


class _Way(NamedTuple):
    """A straight way to a joint shock."""

    book: Exposure
    ranking: Ranking
    ends: Array
    """Move of each coin at the end of the way."""


def _changes(way: _Way, kind: EventKind, at: Array, values: Array, measure: Callable[[Moved], Array]) -> list[Event]:
    """Every rise of `values` (positions along the way), narrowed down by measuring in between."""
    which, column = _rises(values)
    inner, outer = at[column - 1], at[column]

    def value(where: Array) -> Array:
        return measure(joint_each(way.book, way.ranking, which, 1.0 + way.ends[:, None] * where))[:, 0]

    before = values[which, column - 1]
    exact = _narrow(lambda middle: np.asarray(value(middle) > before), inner, outer)
    reached = value(exact)
    reached = np.where(reached > before, reached, values[which, column])
    return [
        _event(way, kind, position, where, int(level))
        for position, where, level in zip(which.tolist(), exact.tolist(), reached.tolist(), strict=True)
    ]


def _event(way: _Way, kind: EventKind, position: int, where: float, level: int) -> Event:
    move = float(way.ends[way.book.coin[position]]) * where
    mark = float(way.book.inputs.mark[position]) * (1.0 + move)
    key = way.book.rows[position].position.key
    return Event(where, kind, key, move, mark, level if kind is EventKind.LIGHT else None)


def _rises(values: Array) -> tuple[Index, Index]:
    """(position, column) of every value above all before it, where the first and the one before are known."""
    highest = np.maximum.accumulate(np.nan_to_num(values), axis=1)
    row, column = np.nonzero(highest[:, 1:] > highest[:, :-1])
    known = ~np.isnan(values[row, 0]) & ~np.isnan(values[row, column])
    return row[known], column[known] + 1


def _narrow(reached: Callable[[Array], _Mask], inner: Array, outer: Array) -> Array:
    """The innermost point of each bracket where it is reached; `outer` is where it is known to be."""
    for _ in range(HALVINGS):
        middle = (inner + outer) / 2.0
        there = reached(middle)
        inner, outer = np.where(there, inner, middle), np.where(there, middle, outer)
    return outer
