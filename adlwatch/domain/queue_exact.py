"""Where a place need not be estimated: a venue that publishes its thresholds, or one whose whole population can be read."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import numpy.typing as npt
from msgspec import Struct
from msgspec.structs import replace

from adlwatch.domain.inputs import Array, Inputs, values
from adlwatch.domain.light import Light, LightSource, LightState
from adlwatch.domain.light_scale import level_of
from adlwatch.domain.queue import Queue, QueueKey
from adlwatch.domain.queue_population import systematic
from adlwatch.domain.queue_priors import Basis
from adlwatch.domain.score import evaluate

LOTS = 20_000
"""Equal lots that a population counted by quantity is cut into: a place is exact to one in so many."""


class Everyone(Struct, frozen=True, eq=False):
    """A whole population as read, (traders,)."""

    inputs: Inputs
    lots: npt.NDArray[np.int64]
    """Index of the trader behind each unit that is counted."""

    def scores(self, rule: str, mark: float) -> Array:
        """Scores of all units at a mark, (1, units); each trader's equity moves by this position's profit."""
        with np.errstate(divide="ignore", invalid="ignore"):
            later = replace(self.inputs, mark=np.array(mark))
            later = replace(later, equity=self.inputs.equity + values(later).pnl - values(self.inputs).pnl)
        return evaluate(rule, later).value[None, self.lots]


def from_everyone(key: QueueKey, rule: str, everyone: Inputs, now: datetime, *, basis: Basis = "users") -> Queue:
    """A queue whose population is the real one, read at `now`; `everyone` has one element a trader of the key's side.

    Repriced at other marks as if nobody traded: an exact place now, a what-if later. It learns from no light: it needs none.
    """
    count = everyone.entry.size
    lots = np.arange(count) if basis == "users" or not count else systematic(everyone.size, LOTS)
    return Queue(
        key=key,
        rule=rule,
        step=f"the whole population, {count} traders",
        built_at=now,
        population=Everyone(everyone, lots) if count else None,
        built_mark=float(everyone.mark.flat[0]) if count else 1.0,
        exact=True,
    )


def from_thresholds(
    score: float | None,
    lower_bounds: Sequence[float],
    *,
    levels: Sequence[int] | None = None,
    of: int | None = None,
    age_seconds: float | None = None,
) -> Light:
    """The light by published lower bounds of a venue's levels, least endangered first (Extended: `deleverageLevels`).

    `levels` are the venue's numbers of those bounds, `of` is how many levels it has: it may leave out levels that nobody is in.
    A venue with fewer than five levels leaves the fifth open: the interval says which fifths its level can mean, if its levels
    are equal shares of the queue. https://docs.extended.exchange/extended-resources/trading/liquidation-logic
    """
    bounds = np.array(lower_bounds, dtype=np.float64)
    if score is None or not np.isfinite(score) or not len(bounds) or np.any(np.diff(bounds) < 0):
        return Light(state=LightState.UNKNOWN, note="no score, or no published thresholds to hold it against")
    count = len(bounds) if of is None else of
    place = max(int(np.searchsorted(bounds, score, side="right")), 1)
    own = place if levels is None else levels[place - 1]
    low, high = level_of((own - 1) / count + 1e-9), level_of(own / count)
    return Light(
        state=LightState.LIT,
        level=level_of((own - 0.5) / count),
        source=LightSource.EXACT,
        interval=(low, high),
        age_seconds=age_seconds,
        raw=own,
        note=f"level {own} of {count} by the venue's published thresholds",
    )
