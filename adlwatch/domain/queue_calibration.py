"""What the venue's own lights teach: a correction of the modelled quantile, in logits, with its remaining uncertainty.

The model's error is taken as a Gaussian process over place, mark and time. Its covariance has two parts: how the hypotheses
of the population disagree among themselves, and a residual that no hypothesis explains. A light is an interval observation of
the process at the moment it describes. All observations are fitted together by expectation propagation (Minka 2001; Rasmussen
and Williams, Gaussian Processes for Machine Learning, 2006, section 3.6), so their order cannot matter.
"""

from collections.abc import Sequence
from datetime import datetime
from math import erfc, pi, sqrt

import numpy as np
from msgspec import Struct

from adlwatch.domain.inputs import Array

REACH = 1.2
"""Logits of place over which one light informs about the residual error elsewhere in the queue."""
NOISE = 0.1
"""Standard deviation in logits of one light: rounding of times and prices."""
GRAIN = 0.1
"""Logits of place within which two lights of one level say the same."""
HYPOTHESIS_FADING = 0.25
"""How fast belief in the hypotheses fades, relative to the residual."""
SWEEPS = 30
SETTLED = 1e-3
"""Relative change of the fit's precisions at which it is done."""
FAR = 5.0
"""Standard deviations beyond which an interval counts as its nearer end (asymptotic moments)."""


class Observation(Struct, frozen=True):
    """A light the venue showed: with score `score` at `mark`, the quantile lay in (lowest, highest] at `described_at`."""

    score: float
    mark: float
    lowest: float
    highest: float
    described_at: datetime


class Evidence(Struct, frozen=True, eq=False):
    """An observation as the population saw it at the time: `logits` are the hypotheses' own, one each."""

    logits: Array
    log_mark: float
    lowest: float
    highest: float
    """Bounds in logits, infinite at the ends of the queue."""
    described_at: datetime
    score: float = float("nan")
    """The score that had this light."""

    @property
    def about(self) -> tuple[float, int]:
        """What it says, coarsely. The newest that says it speaks for all: lights repeated are no independent witnesses."""
        return (self.lowest, round(float(self.logits.mean()) / GRAIN))

    @property
    def order(self) -> tuple[datetime, float, float, float]:
        """A canonical order, so that arithmetic does not depend on the order of arrival."""
        return (self.described_at, self.log_mark, float(self.logits.mean()), self.lowest)


class Residual(Struct, frozen=True):
    """Size and reach of what the hypotheses do not explain."""

    deviation: float
    """Standard deviation in logits."""
    mark_scale: float
    """Log move of the mark over which it is forgotten."""


class Spot(Struct, frozen=True, eq=False):
    """Places to compare: hypotheses' logits (hypotheses, n), log marks and clock, both (n,)."""

    logits: Array
    log_mark: Array
    clock: Array
    """Fading time: differences of one make the residual's correlation fall to 1/e."""


class Correction(Struct, frozen=True, eq=False):
    """The fitted observations: apply with `posterior`."""

    spot: Spot
    pull: Array
    certainty: Array
    conflict: float
    """Root mean square, in logits, by which the fit misses the lights' intervals: how much they contradict each other."""


def logit(quantile: Array | float) -> Array:
    """Log odds; infinite at 0 and 1."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(quantile) - np.log1p(-np.asarray(quantile)), dtype=np.float64)


def covariance(a: Spot, b: Spot, residual: Residual) -> Array:
    """Prior covariance (len a, len b) of the model's error."""
    mean_a, mean_b = a.logits.mean(axis=0), b.logits.mean(axis=0)
    hypotheses = (a.logits - mean_a).T @ (b.logits - mean_b) / (len(a.logits) - 1 or 1)
    apart = np.abs(a.clock[:, None] - b.clock[None])
    place = np.exp(-0.5 * ((mean_a[:, None] - mean_b[None]) / REACH) ** 2)
    moved = np.exp(-np.abs(a.log_mark[:, None] - b.log_mark[None]) / residual.mark_scale)
    faded: Array = hypotheses * np.exp(-HYPOTHESIS_FADING * apart)
    faded += residual.deviation**2 * place * moved * np.exp(-apart)
    return faded


def variance(logits: Array, residual: Residual) -> Array:
    """Prior variance at each of n places: the diagonal of `covariance`."""
    return np.asarray(logits.var(axis=0, ddof=min(1, len(logits) - 1)) + residual.deviation**2, dtype=np.float64)


def fit(evidence: Sequence[Evidence], clock: Array, residual: Residual) -> Correction:
    """Fit all observations at once. When they contradict each other, trust each of them less and say by how much."""
    spot = Spot(np.stack([e.logits for e in evidence], axis=1), np.array([e.log_mark for e in evidence]), clock)
    prior = covariance(spot, spot, residual)
    mean = spot.logits.mean(axis=0)
    low, high = (np.array([getattr(e, name) for e in evidence]) - mean for name in ("lowest", "highest"))
    pull, certainty = _propagate(prior, low, high, NOISE)
    missed = _missed(prior @ pull, low, high)
    conflict = sqrt(float(np.mean(missed**2)))
    if conflict > NOISE:
        pull, certainty = _propagate(prior, low, high, sqrt(NOISE**2 + 4.0 * conflict**2))
    return Correction(spot, pull, certainty, conflict if conflict > NOISE else 0.0)


def posterior(correction: Correction, at: Spot, residual: Residual) -> tuple[Array, Array]:
    """Shift in logits and its remaining variance at each place of `at`."""
    shared = covariance(at, correction.spot, residual)
    left = variance(at.logits, residual) - np.sum((shared @ correction.certainty) * shared, axis=1)
    near = np.exp(-np.abs(at.clock[:, None] - correction.spot.clock[None])).max(axis=1)
    return shared @ correction.pull, np.maximum(left, 1e-4) + near * correction.conflict**2


def _missed(fitted: Array, low: Array, high: Array) -> Array:
    return np.maximum(np.maximum(low - fitted, fitted - high), 0.0)


def _propagate(prior: Array, low: Array, high: Array, noise: float) -> tuple[Array, Array]:
    """Expectation propagation for interval observations: (K + 1/precision)^-1 applied to the sites' means, and that inverse."""
    count = len(low)
    precision, weighted = np.zeros(count), np.zeros(count)
    for _ in range(SWEEPS):
        marginal = _marginal(prior, precision)
        spread = np.diag(marginal)
        mean = marginal @ weighted
        free = 1.0 / np.maximum(1.0 / spread - precision, 1e-6)
        centre = free * (mean / spread - weighted)
        new_mean, new_spread = _truncated(centre, free, low, high, noise)
        target = np.clip(1.0 / new_spread - 1.0 / free, 0.0, 1e6)
        moved = new_mean / new_spread - centre / free
        change = float(np.max(np.abs(target - precision) / (1.0 + precision)))
        precision, weighted = 0.5 * precision + 0.5 * target, 0.5 * weighted + 0.5 * moved
        if change < SETTLED:
            break
    certainty = _certainty(prior, precision)
    return weighted - certainty @ (prior @ weighted), certainty


def _certainty(prior: Array, precision: Array) -> Array:
    """(K + 1/precision)^-1, well behaved at a precision of 0."""
    root = np.sqrt(precision)
    inner = np.eye(len(root)) + root[:, None] * prior * root[None]
    return np.asarray(root[:, None] * np.linalg.inv(inner) * root[None], dtype=np.float64)


def _marginal(prior: Array, precision: Array) -> Array:
    return prior - prior @ _certainty(prior, precision) @ prior


def cdf(x: Array) -> Array:
    """Standard normal distribution function."""
    return np.array([0.5 * erfc(-v / sqrt(2.0)) for v in x.ravel().tolist()]).reshape(x.shape)


def _density(x: Array) -> Array:
    return np.exp(-0.5 * np.where(np.isinf(x), 0.0, x) ** 2) / sqrt(2.0 * pi) * np.isfinite(x)


def _truncated(centre: Array, spread: Array, low: Array, high: Array, noise: float) -> tuple[Array, Array]:
    """Mean and variance of a Gaussian known to lie, with Gaussian noise, between `low` and `high`."""
    scale = np.sqrt(spread + noise**2)
    a, b = (low - centre) / scale, (high - centre) / scale
    near = np.where(a > FAR, a, np.where(b < -FAR, b, np.nan))
    mass = np.maximum(cdf(b) - cdf(a), 1e-12)
    da, db = _density(a), _density(b)
    first = (da - db) / mass
    second = (np.where(np.isfinite(a), a, 0.0) * da - np.where(np.isfinite(b), b, 0.0) * db) / mass
    shrink = np.where(np.isnan(near), second - first**2, 1.0 / near**2 - 1.0)
    mean = centre + spread / scale * np.where(np.isnan(near), first, near + 1.0 / near)
    return mean, np.clip(spread + spread**2 / scale**2 * shrink, 1e-6, spread)
