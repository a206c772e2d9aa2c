"""The estimated queue of one side of one market: where a score stands among everyone, whatever the mark does.

A light is a quantile among everyone on that side, and everyone's score moves with the mark. So the queue holds a synthetic
population, reprices it at any mark, and corrects the result by every light the venue has shown (`docs/estimated-queue.md`).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import repeat
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
from msgspec import Struct, field
from msgspec.structs import replace

from adlwatch.domain.inputs import Array
from adlwatch.domain.light import Light, LightSource, LightState
from adlwatch.domain.light_scale import level_of
from adlwatch.domain.model import Side
from adlwatch.domain.queue_calibration import Correction, Evidence, Observation, Residual, Spot, fit, logit, posterior, variance
from adlwatch.domain.queue_curve import NOWHERE, Curve, Line, Place, curve_of, likely_levels
from adlwatch.domain.queue_path import Path

KEPT = 24
"""Lights that one queue remembers, newest first."""
WALL_HOURS = 24.0
"""Hours after which a light's correction has faded to 1/e, however quiet the market."""
TURNOVERS = 3.0
"""Times the open interest has to be traded for the same."""
EDGE = 0.05
"""Logits: nearer to a level's end than this, the level would be a matter of rounding."""
MEMO = 4
"""Marks whose exact curve is kept at hand."""
EXACT_MARKS = 4
"""Up to so many distinct marks are repriced exactly; more are read between nodes."""
STEPS = np.array(
    [0.0, 0.005, 0.01, 0.02, 0.03, 0.045, 0.06, 0.08, 0.10, 0.13, 0.16, 0.20, 0.25, 0.30, 0.37, 0.45, 0.55, 0.7, 1.0]
)
NODES = np.exp(np.concatenate((-STEPS[:0:-1], STEPS)))
"""Nodes of a ladder, as ratios to the mark at the time of building: dense near it, 0.37 to 2.7."""
NO_RESIDUAL = Residual(0.0, 1.0)
DIGITS = 4
"""Of a place's deviation: more would be noise, and long numbers in every recorded snapshot."""
NO_DOUBT = np.ones(5)
"""Chances of the levels where the place is exact: whichever it is, it is certain."""
UNPRICED = Curve(np.zeros(0), np.zeros((0, 0)))
"""Stands for a mark that is not in memory."""


class QueueKey(NamedTuple):
    """What a queue is of."""

    venue: str
    symbol: str
    side: Side


class Traders(Protocol):
    """A population that can be repriced."""

    def scores(self, rule: str, mark: float) -> Array:
        """Scores at a mark, (hypotheses, traders), NaN for nobody."""
        ...


class Queue(Struct, frozen=True, eq=False, kw_only=True):
    """A frozen estimate. `population` is None where nothing can be said; `exact` where it is the real one."""

    key: QueueKey
    rule: str
    step: str
    """Which inputs were missing, in plain words, and what the estimate does without them."""
    built_at: datetime
    population: Traders | None = None
    path: Path | None = None
    built_mark: float = 1.0
    """Mark at the time of building: where the ladder's nodes are anchored."""
    residual: Residual = NO_RESIDUAL
    exact: bool = False
    evidence: tuple[Evidence, ...] = ()
    correction: Correction | None = None
    misfit: float = 0.0
    """Logits by which the fit misses the newest light; 0 where it meets it."""
    _curves: dict[float, Curve | None] = field(default_factory=dict)
    _nodes: dict[float, Curve | None] = field(default_factory=dict)

    @property
    def taught_at(self) -> datetime | None:
        """The moment that the newest light learned describes."""
        return self.evidence[-1].described_at if self.evidence else None

    def place(self, score: npt.ArrayLike, mark: npt.ArrayLike, now: datetime | None = None) -> Array:
        """Quantiles (1 = front) of scores at marks, shapes broadcast; the population is repriced at each distinct mark."""
        return self.locate(score, mark, now).quantile

    def locate(self, score: npt.ArrayLike, mark: npt.ArrayLike, now: datetime | None = None) -> Place:
        """As `place`, with the uncertainty. A few marks are priced exactly; a ladder of many is read between fixed nodes."""
        scores, marks = np.broadcast_arrays(np.asarray(score, dtype=np.float64), np.asarray(mark, dtype=np.float64))
        found = Place(np.full(scores.shape, np.nan), np.full(scores.shape, np.nan))
        usable = (marks > 0) & np.isfinite(marks)
        distinct = np.unique(marks[usable])
        if self.population is None or not len(distinct):
            return found
        if len(distinct) <= EXACT_MARKS:
            lines = self._lines(distinct.tolist(), now)
            for at in distinct.tolist():
                here = marks == at
                found.logit[here], found.deviation[here] = lines[at].read(scores[here])
            return found
        nodes = np.unique(np.concatenate((NODES * self.built_mark, list(self._curves))))
        right = np.where(usable, np.clip(np.searchsorted(nodes, marks), 1, len(nodes) - 1), 0)
        used = [i for i in np.unique(right).tolist() if i]
        lines = self._lines(nodes[sorted({j for i in used for j in (i - 1, i)})].tolist(), now)
        for i in used:
            here = right == i
            share = np.clip(np.log(marks[here] / nodes[i - 1]) / np.log(nodes[i] / nodes[i - 1]), 0.0, 1.0)
            low, high = (lines[float(nodes[j])].read(scores[here]) for j in (i - 1, i))
            found.logit[here], found.deviation[here] = (a + share * (b - a) for a, b in zip(low, high, strict=True))
        return found

    def _lines(self, marks: Sequence[float], now: datetime | None) -> dict[float, Line]:
        """Score against corrected place at each mark, all corrected in one go."""
        curves = {mark: self._curve(mark) for mark in marks}
        known = {mark: curve for mark, curve in curves.items() if curve is not None}
        lines = dict.fromkeys(marks, NOWHERE)
        if not known:
            return lines
        logits = np.concatenate([curve.logits for curve in known.values()], axis=1)
        sizes = [len(curve.scores) for curve in known.values()]
        mean = logits.mean(axis=0)
        if self.correction is None:
            left = variance(logits, self.residual)
        else:
            later = ((now or self.built_at) - self.built_at).total_seconds() / 3600.0
            spot = Spot(logits, np.repeat(np.log(list(known)), sizes), np.full(len(mean), self._clock(later)))
            shift, left = posterior(self.correction, spot, self.residual)
            mean = mean + shift
        ends = np.cumsum(sizes)[:-1]
        for (mark, curve), place, rest in zip(known.items(), np.split(mean, ends), np.split(left, ends), strict=True):
            lines[mark] = Line(curve.scores, np.maximum.accumulate(place), np.sqrt(rest))
        return lines

    def _curve(self, mark: float) -> Curve | None:
        """The population's curve at a mark, from memory where it is a node or was asked for a moment ago.

        Several threads may share a queue: what they could meet half done is only ever added or dropped whole.
        """
        for memo in (self._nodes, self._curves):
            known = memo.get(mark, UNPRICED)
            if known is not UNPRICED:
                return known
        curve = self._priced(mark)
        if np.abs(NODES * self.built_mark - mark).min() <= 1e-12 * mark:
            self._nodes[mark] = curve
        else:
            for old in list(self._curves)[: 1 - MEMO]:
                self._curves.pop(old, None)
            self._curves[mark] = curve
        return curve

    def _priced(self, mark: float) -> Curve | None:
        if self.population is None:
            return None
        scores = self.population.scores(self.rule, mark)
        return curve_of(scores, scores.size) if self.exact else curve_of(scores)

    def _clock(self, hours_later: float) -> float:
        """Fading time since `built_at`."""
        turnover = self.path.turnover_hours if self.path else None
        return hours_later * (1.0 / WALL_HOURS + (1.0 / (TURNOVERS * turnover) if turnover else 0.0))

    def observe(self, observations: Iterable[Observation], now: datetime) -> "Queue":
        """The queue after some lights; an observation that cannot be placed (no population, unknown score) teaches nothing."""
        seen = [found for o in observations if (found := self._evidence(o)) is not None]
        return self.recalled((*self.evidence, *seen), now) if seen else self

    def recalled(self, evidence: Iterable[Evidence], now: datetime) -> "Queue":
        """The same queue with this evidence and no other, of which the newest `KEPT` up to `now` count."""
        known = sorted((e for e in evidence if e.described_at <= now), key=lambda e: e.order)
        kept = sorted({e.about: e for e in known}.values(), key=lambda e: e.order)[-KEPT:]
        if not kept or self.path is None:
            return replace(self, evidence=(), correction=None, misfit=0.0)
        hours = np.array([(self.built_at - e.described_at).total_seconds() / 3600.0 for e in kept])
        turnover = self.path.turnover_hours
        clock = -hours / WALL_HOURS - (self.path.activity_at(hours) / (TURNOVERS * turnover) if turnover else 0.0)
        fitted = replace(self, evidence=tuple(kept), correction=fit(kept, clock, self.residual), misfit=0.0)
        return replace(fitted, misfit=_misfit(fitted, kept[-1]))

    def _evidence(self, seen: Observation) -> Evidence | None:
        if self.exact or not (seen.mark > 0 and np.isfinite(seen.score)):
            return None
        curve = self._curve(seen.mark)
        if curve is None:
            return None
        logits = np.array([np.interp(seen.score, curve.scores, row) for row in curve.logits])
        low, high = float(logit(seen.lowest)), float(logit(seen.highest))
        return Evidence(logits, float(np.log(seen.mark)), low, high, seen.described_at, seen.score)

    def light(self, score: float | None, mark: float | None, now: datetime) -> Light:
        """The estimated light of one position."""
        return self.lights([score], [mark], now)[0]

    def lights(self, scores: Sequence[float | None], marks: Sequence[float | None], now: datetime) -> list[Light]:
        """The estimated lights of several positions in this queue."""
        score, mark = (np.array([np.nan if v is None else v for v in column]) for column in (scores, marks))
        place = self.locate(score, mark, now)
        chances = repeat(NO_DOUBT) if self.exact else place.chances()
        shown = (1.0 / (1.0 + np.exp(-place.logit - self.misfit))).tolist()
        columns = place.quantile.tolist(), place.deviation.round(DIGITS).tolist(), shown, chances
        return [self._light(*each) for each in zip(*columns, strict=False)]

    def _light(self, quantile: float, deviation: float, shown: float, chance: Array) -> Light:
        """`shown`: the place if the fit errs here as it does at the newest light; the interval holds it too."""
        if quantile != quantile:  # noqa: PLR0124  # NaN is not itself
            reason = self.step if self.population is None else "the position's score or mark is unknown, or nobody else is left"
            return Light(state=LightState.UNKNOWN, note=reason)
        level = level_of(quantile)
        estimated = LightSource.CALIBRATED if self.evidence else LightSource.MODELLED
        return Light(
            state=LightState.LIT,
            level=level,
            source=LightSource.EXACT if self.exact else estimated,
            quantile=quantile,
            interval=_holding(likely_levels(chance, level), level_of(shown)),
            observations=len(self.evidence),
            note=self.step,
            deviation=None if self.exact else deviation,
        )


def _misfit(fitted: Queue, newest: Evidence) -> float:
    """Logits from where the newest light's score stands to just inside the nearest end of what the venue said of it."""
    place = float(fitted.locate(newest.score, np.exp(newest.log_mark), newest.described_at).logit)
    inside = min(max(place, newest.lowest + EDGE), newest.highest - EDGE)
    return inside - place if place < newest.lowest or place > newest.highest else 0.0


def _holding(interval: tuple[int, int], level: int) -> tuple[int, int]:
    """The interval, widened to hold a level."""
    return min(interval[0], level), max(interval[1], level)
