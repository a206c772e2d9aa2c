"""Where a place in the queue is heading, and how likely that takes the venue's light up within a minute.

The light says that the place was below the upper end of its level a moment ago, and a minute's move is small beside what is not
known of the place. So the chance is that of crossing the end in that time, given that the place was below it: not the estimate's
chance of being above it already, which a fresh light has refuted.
"""

from math import erfc, hypot, log, sqrt
from typing import NamedTuple

from adlwatch.domain.light import Light, LightSource, LightState
from adlwatch.domain.queue_curve import BOUNDS

_BOUNDS = tuple(BOUNDS.tolist())
_LIT, _VENUE = LightState.LIT, LightSource.VENUE
MINUTES_A_DAY = 1440.0
WANDER = 0.05
"""Logits by which a place moves in a minute for other reasons than the mark, as others come and go.

With it the chances came true as often as they said on the tuning crowds.
"""
OVERTAKEN = 0.1
"""Where the estimate gives the place less than this chance of being below the end, the mark has left the light behind."""
MOVES = ((-sqrt(3.0), 1 / 6), (0.0, 2 / 3), (sqrt(3.0), 1 / 6))
"""A normal move by three: deviations from the mean, and weights (Gauss-Hermite)."""


class Course(NamedTuple):
    """What is expected of a place in the coming minute, in logits."""

    mean: float
    spread: float
    """Standard deviation."""


UNKNOWN_COURSE = Course(0.0, WANDER)
"""Before the queue was looked at with the mark moved."""


def course(lean: float, pace: float, daily_volatility: float) -> Course:
    """`lean`: logits of place by log move of the mark; `pace`: the mark's log move an hour; volatility: of a day's log move."""
    return Course(lean * pace / 60.0, hypot(lean * daily_volatility / sqrt(MINUTES_A_DAY), WANDER))


def chance_up(shown: Light, estimate: Light, heading: Course) -> float | None:
    """Probability that the venue's light `shown` goes up within a minute.

    None where what is shown is not the venue's own light, or nothing estimates its place.
    """
    level, quantile, deviation = shown.level, estimate.quantile, estimate.deviation
    if shown.state is not _LIT or shown.source is not _VENUE:
        return None
    if level is None or quantile is None or deviation is None:
        return None
    return 0.0 if level > len(_BOUNDS) else crossing(_BOUNDS[level - 1] - log(quantile / (1.0 - quantile)), deviation, heading)


def crossing(gap: float, deviation: float, heading: Course) -> float:
    """Probability of being above an end in a minute for a place below it: by the estimate, by `gap`, give or take `deviation`."""
    root = deviation * sqrt(2.0)
    below = 0.5 * erfc(-gap / root)
    if below < OVERTAKEN:
        return 1.0 - below
    crossed = 0.0
    for at, weight in MOVES:
        move = heading.mean + at * heading.spread
        if move > 0.0:
            crossed += weight * (below - 0.5 * erfc((move - gap) / root))
    return crossed / below
