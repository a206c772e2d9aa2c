"""At which mark the next light comes on, with everybody repriced on the way, and how soon at the present drift."""

from collections.abc import Callable
from datetime import datetime
from math import exp, log

import numpy as np

from adlwatch.domain.inputs import Array
from adlwatch.domain.queue import Queue
from adlwatch.domain.snapshot import NextLight

REACH = 0.5
"""Log move of the mark within which a next light is looked for, up and down."""
GRID = 121
HALVINGS = 20

ScoreAt = Callable[[Array], Array]
"""One position's score at marks (n,), its equity moved along with them; NaN past its liquidation."""


def next_marks(queue: Queue, score_at: ScoreAt, mark: float, now: datetime) -> tuple[NextLight, ...]:
    """The nearest mark at which each higher level would be reached, lowest level first; levels out of reach are left out."""
    marks = mark * np.exp(np.linspace(-REACH, REACH, GRID))
    levels = _levels(queue, score_at, marks, now)
    centre = GRID // 2
    if np.isnan(levels[centre]):
        return ()
    found = []
    for level in range(int(levels[centre]) + 1, 6):
        reached = np.flatnonzero(levels >= level)
        if not len(reached):
            break
        first = int(reached[np.abs(reached - centre).argmin()])
        inner = first - 1 if first > centre else first + 1
        at = _narrow(queue, score_at, level, (float(marks[inner]), float(marks[first])), now)
        found.append(NextLight(level=level, mark=at, move=at / mark - 1.0))
    return tuple(found)


def hours_until(mark: float, target: float, drift: float) -> float | None:
    """Hours until the mark is at `target` at a drift (log move an hour, `Path.drift`); None where it does not drift there."""
    way = log(target / mark)
    return way / drift if way * drift > 0 else None


def _levels(queue: Queue, score_at: ScoreAt, marks: Array, now: datetime) -> Array:
    return np.clip(np.ceil(5.0 * queue.place(score_at(marks), marks, now)), 1.0, 5.0)


def _narrow(queue: Queue, score_at: ScoreAt, level: int, between: tuple[float, float], now: datetime) -> float:
    """The mark between two, of which the second has it, at which a level is first reached; to a millionth of the gap."""
    low, high = log(between[0]), log(between[1])
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        if _levels(queue, score_at, np.array([exp(middle)]), now)[0] >= level:
            high = middle
        else:
            low = middle
    return exp(high)
