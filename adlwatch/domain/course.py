"""Where a place in the queue is heading, and how likely that takes the venue's light up within a minute.

The light says that the place was below the upper end of its level when it was taken, and what has happened since is small beside
what is not known of the place. So the chance is that of crossing the end between the light and a minute from now, given that the
place was below it: not the estimate's chance of being above it already, most of which the light has refuted.
"""

from math import erfc, log, sqrt
from typing import NamedTuple

from adlwatch.domain.light import Light, LightSource, LightState
from adlwatch.domain.queue_curve import BOUNDS

_BOUNDS = tuple(BOUNDS.tolist())
_LIT, _VENUE = LightState.LIT, LightSource.VENUE
WANDER = 0.05
"""Logits by which a place moves in a minute for other reasons than the mark, as others come and go.

With it the chances came true as often as they said on the tuning crowds.
"""
OVERTAKEN = 0.1
"""Where the estimate gives the place less than this chance of having been below the end, the light is not what refutes it."""
MOVES = ((-sqrt(3.0) * WANDER, 1 / 6), (0.0, 2 / 3), (sqrt(3.0) * WANDER, 1 / 6))
"""A normal move by three, and their weights (Gauss-Hermite)."""


class Course(NamedTuple):
    """How a place follows its mark."""

    lean: float
    """Logits of place by log move of the mark, everybody repriced."""
    pace: float
    """Log move of the mark that is expected in the coming minute."""
    light_mark: float
    """The mark at the newest light that the queue has seen."""


UNKNOWN_COURSE = Course(0.0, 0.0, 1.0)
"""Before the queue was looked at with the mark moved."""


def chance_up(shown: Light, estimate: Light, course: Course, mark: float | None) -> float | None:
    """Probability that the venue's light `shown` goes up within a minute.

    None where what is shown is not the venue's own light, or nothing estimates its place.
    """
    level, quantile, deviation = shown.level, estimate.quantile, estimate.deviation
    if shown.state is not _LIT or shown.source is not _VENUE:
        return None
    if level is None or quantile is None or deviation is None or mark is None:
        return None
    return 0.0 if level > len(_BOUNDS) else leaving(level, log(quantile / (1.0 - quantile)), deviation, course, mark)


def leaving(level: int, place: float, deviation: float, course: Course, mark: float) -> float:
    """Probability of a place (logits) being above `level`, 1 to 4, in a minute, given that the newest light showed that level."""
    since = course.lean * log(mark / course.light_mark)
    return crossing(_BOUNDS[level - 1] - place, deviation, since, course.lean * course.pace)


def crossing(gap: float, deviation: float, since: float, ahead: float) -> float:
    """Probability of being above an end in a minute for a place that was below it at the light; all in logits.

    It is estimated to be `gap` below the end, give or take `deviation`, to have moved `since`, and to be about to move `ahead`.
    """
    root = deviation * sqrt(2.0)
    below = 0.5 * erfc(-(gap + since) / root)
    if below < OVERTAKEN:
        return 0.5 * erfc(gap / root)
    crossed = 0.0
    for wander, weight in MOVES:
        move = ahead + wander
        if move > -since:
            crossed += weight * (below - 0.5 * erfc((move - gap) / root))
    return crossed / below
