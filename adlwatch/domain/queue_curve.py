"""From scores to places and levels: one population's curve at a mark, and the levels an uncertain place may have."""

import numpy as np
from msgspec import Struct

from adlwatch.domain.inputs import Array
from adlwatch.domain.queue_calibration import cdf, logit

CONFIDENCE = 0.9
KNOTS = 32
"""Points at which the curve is computed; between them it is linear."""
BOUNDS = logit(np.array([0.2, 0.4, 0.6, 0.8]))


class Curve(Struct, frozen=True, eq=False):
    """Score against place at one mark: `scores` ascending (n,), `logits` (hypotheses, n)."""

    scores: Array
    logits: Array


def curve_of(scores: Array, knots: int = KNOTS) -> Curve | None:
    """Read every hypothesis' scores (hypotheses, traders; NaN is nobody) at common knots; equal scores share the middle place.

    None where a hypothesis has nobody left.
    """
    ordered = np.sort(scores, axis=1)
    present = ordered.shape[1] - np.isnan(ordered).sum(axis=1)
    if present.min() == 0:
        return None
    pooled = np.sort(ordered[:, :: max(1, ordered.size // max(1024, knots))], axis=None)
    pooled = pooled[: np.count_nonzero(~np.isnan(pooled))]
    at = np.unique(pooled[np.linspace(0, len(pooled) - 1, knots).astype(np.int64)])
    rows = [
        (row[:n].searchsorted(at, "left") + row[:n].searchsorted(at, "right")) / (2.0 * n)
        for row, n in zip(ordered, present.tolist(), strict=True)
    ]
    floor = 0.5 / ordered.shape[1]
    return Curve(at, logit(np.clip(np.stack(rows), floor, 1.0 - floor)))


class Line(Struct, frozen=True, eq=False):
    """Score against corrected place at one mark; `place` never falls."""

    scores: Array
    place: Array
    deviation: Array

    def read(self, scores: Array) -> tuple[Array, Array]:
        """Logits and standard deviations of some scores."""
        return np.interp(scores, self.scores, self.place), np.interp(scores, self.scores, self.deviation)


NOWHERE = Line(np.zeros(1), np.full(1, np.nan), np.full(1, np.nan))
"""A line where nobody is left."""


class Place(Struct, frozen=True, eq=False):
    """Places of several scores; NaN where the score or the queue is unknown."""

    logit: Array
    deviation: Array
    """Standard deviation in logits."""

    @property
    def quantile(self) -> Array:
        """1 is the front."""
        return np.asarray(1.0 / (1.0 + np.exp(-self.logit)), dtype=np.float64)

    def chances(self) -> Array:
        """Probability of each level, (..., 5)."""
        below = cdf((BOUNDS - self.logit[..., None]) / self.deviation[..., None])
        return np.diff(below, axis=-1, prepend=0.0, append=1.0)


def likely_levels(chance: Array, level: int) -> tuple[int, int]:
    """The neighbouring levels around `level` whose joint chance comes nearest to `CONFIDENCE`.

    Always taking enough to reach it would hold the truth far more often than stated: a level is a fifth of the queue.
    """
    low = high = level - 1
    held = float(chance[low])
    while held < CONFIDENCE and (low > 0 or high < 4):
        below = float(chance[low - 1]) if low > 0 else -1.0
        above = float(chance[high + 1]) if high < 4 else -1.0
        more = held + max(below, above)
        if more - CONFIDENCE > CONFIDENCE - held:
            break
        low, high = (low - 1, high) if below > above else (low, high + 1)
        held = more
    return low + 1, high + 1
