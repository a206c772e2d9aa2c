"""The estimated queue of one side of one market: where a score stands among everyone, whatever the mark does.

A light is a quantile among everyone on that side, and everyone's score moves with the mark. So the queue holds a synthetic
population, reprices it at any mark, and corrects the result by every light the venue has shown (`docs/estimated-queue.md`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from adlwatch.domain.inputs import Array
from adlwatch.domain.light import Light, LightSource, LightState
from adlwatch.domain.model import Contract, Market, Side
from adlwatch.domain.queue_calibration import (
    Correction,
    Evidence,
    Observation,
    Residual,
    Spot,
    cdf,
    fit,
    logit,
    posterior,
    variance,
)
from adlwatch.domain.queue_path import Path, walk
from adlwatch.domain.queue_population import Population, populate
from adlwatch.domain.queue_priors import Basis, QueuePriors

CONFIDENCE = 0.9
MAINTENANCE = 0.005
"""Maintenance rate where the market states none: the lowest tier of most venues."""
KNOTS = 48
"""Points at which the curve from score to quantile is computed; between them it is linear."""
KEPT = 24
"""Lights that one queue remembers, newest first."""
WALL_HOURS = 24.0
"""Hours after which a light's correction has faded to 1/e, however quiet the market."""
TURNOVERS = 3.0
"""Times the open interest has to be traded for the same."""
BOUNDS = logit(np.array([0.2, 0.4, 0.6, 0.8]))
NO_RESIDUAL = Residual(0.0, 1.0)
MEMO = 4
"""Marks whose repriced population a queue keeps at hand."""


class QueueKey(NamedTuple):
    """What a queue is of."""

    venue: str
    symbol: str
    side: Side


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Score against place at one mark: `scores` ascending (n,), `logits` (hypotheses, n)."""

    scores: Array
    logits: Array


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Places of several scores; NaN where the score or the queue is unknown."""

    logit: Array
    deviation: Array
    """Standard deviation in logits."""

    @property
    def quantile(self) -> Array:
        """1 is the front."""
        return np.asarray(1.0 / (1.0 + np.exp(-self.logit)), dtype=np.float64)

    def chances(self) -> Array:
        """Probability of each level, (n, 5)."""
        below = cdf((BOUNDS[None] - self.logit[:, None]) / self.deviation[:, None])
        return np.diff(below, axis=1, prepend=0.0, append=1.0)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Queue:
    """A frozen estimate. `population` is None where nothing can be said; `exact` where it is the real one."""

    key: QueueKey
    rule: str
    step: str
    """Which inputs were missing, in plain words, and what the estimate does without them."""
    built_at: datetime
    population: Population | None = None
    path: Path | None = None
    residual: Residual = NO_RESIDUAL
    exact: bool = False
    evidence: tuple[Evidence, ...] = ()
    correction: Correction | None = None
    _memo: dict[float, Curve | None] = field(default_factory=dict, repr=False)

    def curve(self, mark: float) -> Curve | None:
        """The population's scores at a mark as a curve; None where nobody is left or no score can be computed."""
        if mark not in self._memo:
            while len(self._memo) >= MEMO:
                self._memo.pop(next(iter(self._memo)))
            self._memo[mark] = None if self.population is None else _curve(self.population.scores(self.rule, mark))
        return self._memo[mark]

    def place(self, score: npt.ArrayLike, mark: npt.ArrayLike, now: datetime | None = None) -> Array:
        """Quantiles (1 = front) of scores at marks, shapes broadcast; the population is repriced at each distinct mark."""
        return self.locate(score, mark, now).quantile

    def locate(self, score: npt.ArrayLike, mark: npt.ArrayLike, now: datetime | None = None) -> Place:
        """As `place`, with the uncertainty."""
        scores, marks = np.broadcast_arrays(np.asarray(score, dtype=np.float64), np.asarray(mark, dtype=np.float64))
        where, deviation = np.full(scores.shape, np.nan), np.full(scores.shape, np.nan)
        for at in np.unique(marks[np.isfinite(marks) & (marks > 0)]).tolist():
            curve = self.curve(at)
            if curve is not None:
                here = marks == at
                place, spread = self._corrected(curve, at, now or self.built_at)
                where[here] = np.interp(scores[here], curve.scores, place)
                deviation[here] = np.interp(scores[here], curve.scores, spread)
        return Place(where, deviation)

    def _corrected(self, curve: Curve, mark: float, now: datetime) -> tuple[Array, Array]:
        """Logits along a curve, never falling, and their standard deviations."""
        mean = curve.logits.mean(axis=0)
        if self.correction is None:
            return mean, np.sqrt(variance(curve.logits, self.residual))
        count = len(mean)
        clock = np.full(count, self._clock((now - self.built_at).total_seconds() / 3600.0))
        spot = Spot(curve.logits, np.full(count, np.log(mark)), clock)
        shift, left = posterior(self.correction, spot, self.residual)
        return np.maximum.accumulate(mean + shift), np.sqrt(left)

    def _clock(self, hours_later: float) -> float:
        """Fading time since `built_at`."""
        turnover = self.path.turnover_hours if self.path else None
        return hours_later * (1.0 / WALL_HOURS + (1.0 / (TURNOVERS * turnover) if turnover else 0.0))

    def observe(self, observations: Iterable[Observation], now: datetime) -> "Queue":
        """The queue after some lights; an observation that cannot be placed (no population, unknown score) teaches nothing."""
        seen = [found for o in observations if (found := self._evidence(o)) is not None]
        return self if not seen else self.recalled((*self.evidence, *seen), now)

    def recalled(self, evidence: Iterable[Evidence], now: datetime) -> "Queue":
        """The queue as it is with this evidence and no other; only the newest `KEPT` of it count."""
        kept = sorted((e for e in evidence if e.described_at <= now), key=lambda e: e.order)[-KEPT:]
        if not kept or self.path is None:
            return replace(self, evidence=(), correction=None)
        hours = np.array([(self.built_at - e.described_at).total_seconds() / 3600.0 for e in kept])
        turnover = self.path.turnover_hours
        clock = -hours / WALL_HOURS - (self.path.activity_at(hours) / (TURNOVERS * turnover) if turnover else 0.0)
        return replace(self, evidence=tuple(kept), correction=fit(kept, clock, self.residual))

    def _evidence(self, seen: Observation) -> Evidence | None:
        curve = self.curve(seen.mark) if seen.mark > 0 and not self.exact else None
        if curve is None or not np.isfinite(seen.score):
            return None
        logits = np.array([np.interp(seen.score, curve.scores, row) for row in curve.logits])
        low, high = float(logit(seen.lowest)), float(logit(seen.highest))
        return Evidence(logits, float(np.log(seen.mark)), low, high, seen.described_at)

    def light(self, score: float | None, mark: float | None, now: datetime) -> Light:
        """The estimated light of one position."""
        return self.lights([score], [mark], now)[0]

    def lights(self, scores: Sequence[float | None], marks: Sequence[float | None], now: datetime) -> list[Light]:
        """The estimated lights of several positions in this queue."""
        score, mark = (np.array([np.nan if v is None else v for v in column]) for column in (scores, marks))
        place = self.locate(score, mark, now)
        quantiles, chances = place.quantile.tolist(), place.chances()
        return [self._light(q, chance) for q, chance in zip(quantiles, chances, strict=True)]

    def _light(self, quantile: float, chance: Array) -> Light:
        if np.isnan(quantile):
            reason = self.step if self.population is None else "the position's own score or the mark is unknown"
            return Light(state=LightState.UNKNOWN, note=reason)
        level = min(max(int(np.ceil(5.0 * quantile)), 1), 5)
        if self.exact:
            return Light(
                state=LightState.LIT,
                level=level,
                source=LightSource.EXACT,
                quantile=quantile,
                interval=(level, level),
                note=self.step,
            )
        return Light(
            state=LightState.LIT,
            level=level,
            source=LightSource.CALIBRATED if self.evidence else LightSource.MODELLED,
            quantile=quantile,
            interval=likely_levels(chance, level),
            observations=len(self.evidence),
            note=self.step,
        )


def likely_levels(chance: Array, level: int) -> tuple[int, int]:
    """The fewest neighbouring levels around `level` that hold the truth with `CONFIDENCE`."""
    low = high = level - 1
    held = float(chance[level - 1])
    while held < CONFIDENCE and (low > 0 or high < 4):
        below = float(chance[low - 1]) if low > 0 else -1.0
        above = float(chance[high + 1]) if high < 4 else -1.0
        if below > above:
            low -= 1
        else:
            high += 1
        held += max(below, above)
    return low + 1, high + 1


def _curve(scores: Array) -> Curve | None:
    """Sort each hypothesis' scores and read all of them at common knots."""
    ordered = np.sort(scores, axis=1)
    alive = ordered.shape[1] - np.isnan(ordered).sum(axis=1)
    if alive.min() == 0:
        return None
    pooled = np.sort(ordered[:, :: max(1, ordered.shape[1] // 64)], axis=None)
    pooled = pooled[: np.count_nonzero(~np.isnan(pooled))]
    knots = np.unique(pooled[np.linspace(0, len(pooled) - 1, KNOTS).astype(np.int64)])
    rows = [
        (np.searchsorted(row[:n], knots, "left") + np.searchsorted(row[:n], knots, "right")) / (2.0 * n)
        for row, n in zip(ordered, alive, strict=True)
    ]
    floor = 0.5 / ordered.shape[1]
    return Curve(knots, logit(np.clip(np.stack(rows), floor, 1.0 - floor)))


def build(  # noqa: PLR0917  # the agreed signature
    profile_rule: str,
    priors: QueuePriors,
    market: Market,
    side: Side,
    now: datetime,
    seed: int,
    *,
    basis: Basis = "users",
) -> Queue:
    """Estimate a queue from what is public about its market; `step` says what was missing. Deterministic for a seed."""
    key = QueueKey(market.venue, market.symbol, side)
    path = walk(market, now)
    if path is None:
        return Queue(key=key, rule=profile_rule, step="no candles: the queue is unknown", built_at=now)
    population = populate(
        priors,
        path,
        name=":".join(key),
        sign=side.sign,
        inverse=market.contract is Contract.INVERSE,
        maintenance_rate=market.maintenance_rate if market.maintenance_rate is not None else MAINTENANCE,
        basis=basis,
        seed=seed,
    )
    residual = Residual(priors.disagreement.value, 2.0 * path.daily_volatility)
    return Queue(key=key, rule=profile_rule, step=_step(path), built_at=now, population=population, path=path, residual=residual)


def _step(path: Path) -> str:
    entries = "entries weighted by volume" if path.weighted_by_volume else "no volume in the candles: entries weighted by time"
    holding = "holding time from turnover" if path.turnover_hours else "no open interest or no volume: holding time is assumed"
    return f"{entries}; {holding}"
