"""Trials of the estimated queue in a world with a known one: positions picked at random, with and without an old light."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from adlwatch.domain.course import UNKNOWN_COURSE, Course, leaving
from adlwatch.domain.light import LIKELY
from adlwatch.domain.light_scale import level_of
from adlwatch.domain.liquidation import drift
from adlwatch.domain.model import Market, Side
from adlwatch.domain.outlook import JUST_NOW, NUDGE
from adlwatch.domain.queue import Queue
from adlwatch.domain.queue_build import build
from adlwatch.domain.queue_calibration import Observation
from adlwatch.domain.queue_curve import CONFIDENCE, Place, likely_levels
from adlwatch.domain.queue_priors import default_priors
from benchmarks.queue_generators import Array, Truth, World

Indices = npt.NDArray[np.int64]
AGES = {"30 s": 1 / 120, "5 min": 1 / 12, "1 h": 1.0, "4 h": 4.0}
SEVERAL = 5
"""Positions of ours in the queue, where each has shown its light."""
OF_SEVERAL = f"1 h of {SEVERAL}"
CONDITIONS = ("cold", *AGES, OF_SEVERAL)
WATCH = frozenset({0.0, *(-age for age in AGES.values())})
WITHIN_90 = 1.645
REFRESH = 6
"""Steps of 5 s between two refreshes of the venue's light."""
WARN = LIKELY
"""Chance of going up within a minute at which the board says so."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One position, estimated once."""

    family: str
    regime: str
    condition: str
    score: float
    true_quantile: float
    true: int
    estimate: float
    level: int
    interval: tuple[int, int]
    in_quantile_interval: bool
    by_lot: float
    """Share of this trial that an interval of exactly 90 % would hold: the level at its edge is taken by lot."""
    held: int | None
    """What holding the last light says."""


@dataclass(frozen=True, slots=True)
class Chase:
    """One refresh of a light below 5: for how many seconds before it a higher level had been said, to stay."""

    family: str
    regime: str
    up: bool
    """Whether the refresh showed a higher level; where it did not, what was said was a false alarm."""
    lead: float
    """Of the estimate: its level."""
    warned: float
    """Of a warning at a chance of `WARN`."""
    best: float
    """Of the truth itself."""
    chance: float
    """Of going up within a minute, as the warning had it just before the refresh."""
    came: bool
    """Whether it did."""


def queue_at(world: World, step: int, side: Side) -> Queue:
    """The estimate from what was public at a step."""
    g = world.generator
    return build(g.rule, default_priors(g.kind), world.market(step), side, world.time(step), 7, basis=g.basis)


def trials(world: World, rng: np.random.Generator, count: int) -> list[Trial]:
    """`count` positions a side and condition; none where nobody is left on a side, or nobody of those with an old light."""
    last, label = len(world.hours) - 1, (world.generator.name, world.regime)
    now, mark = world.time(last), float(world.prices[last])
    found = []
    for side in Side:
        truth, queue = world.truths[last, side], queue_at(world, last, side)
        if not len(truth.ids):
            continue
        picked = rng.choice(len(truth.ids), count)
        found += judge(label, "cold", truth, picked, queue.locate(truth.scores[picked], mark), None)
        for condition, age in AGES.items():
            step = world.step_at(-age)
            then, before = world.truths[step, side], queue_at(world, step, side)
            _, at_now, at_then = np.intersect1d(truth.ids, then.ids, return_indices=True)
            picked = rng.choice(len(at_now), count if len(at_now) else 0)
            at_now, at_then = at_now[picked], at_then[picked]
            lights = [observed(then, int(j), float(world.prices[step]), world.time(step)) for j in at_then]
            wiser = [queue.recalled(before.observe([light], world.time(step)).evidence, now) for light in lights]
            held = then.levels()[at_then].tolist()
            found += judge(label, condition, truth, at_now, placed(wiser, truth.scores[at_now], mark, now), held)
            if condition == "1 h":
                groups = [[lights[(n + k) % len(lights)] for k in range(SEVERAL)] for n in range(len(lights))]
                wiser = [queue.recalled(before.observe(group, world.time(step)).evidence, now) for group in groups]
                found += judge(label, OF_SEVERAL, truth, at_now, placed(wiser, truth.scores[at_now], mark, now), held)
    return found


def placed(queues: Sequence[Queue], scores: Array, mark: float, now: datetime) -> Place:
    """Each score in its own queue: one that has learned from the light of that position alone."""
    places = [queue.locate(score, mark, now) for queue, score in zip(queues, scores, strict=True)]
    return Place(np.array([p.logit for p in places]), np.array([p.deviation for p in places]))


def observed(truth: Truth, i: int, mark: float, at: datetime) -> Observation:
    """The light of trader `i` as the venue would show it."""
    level = int(truth.levels()[i])
    return Observation(float(truth.scores[i]), mark, (level - 1) / 5, level / 5, at)


def judge(  # noqa: PLR0917  # a table's columns
    label: tuple[str, str], condition: str, truth: Truth, picked: Indices, place: Place, held: Sequence[int] | None
) -> list[Trial]:
    """Hold estimates against the truth; `label` is family and regime."""
    levels, chances = truth.levels(), place.chances()
    found = []
    for n, i in enumerate(picked.tolist()):
        true = float(truth.quantiles[i])
        estimate = float(place.quantile[n])
        off = abs(np.log(true / (1 - true)) - place.logit[n]) / place.deviation[n]
        found.append(
            Trial(
                family=label[0],
                regime=label[1],
                condition=condition,
                score=float(truth.scores[i]),
                true_quantile=true,
                true=int(levels[i]),
                estimate=estimate,
                level=level_of(estimate),
                interval=likely_levels(chances[n], level_of(estimate)),
                in_quantile_interval=bool(off <= WITHIN_90),
                by_lot=held_by_lot(chances[n], level_of(estimate), int(levels[i])),
                held=None if held is None else held[n],
            )
        )
    return found


def held_by_lot(chance: Array, level: int, true: int, stated: float = CONFIDENCE) -> float:
    """Chance that the truth is in a set of neighbouring levels around `level` whose last one is taken at random.

    It is taken just often enough that the set would hold the truth as often as stated, were the chances right: a measure of
    the chances alone, without the rounding to whole levels.
    """
    low = high = level - 1
    held = float(chance[low])
    if held >= stated:
        return stated / held * (true == level)
    while True:
        below = float(chance[low - 1]) if low > 0 else -1.0
        above = float(chance[high + 1]) if high < 4 else -1.0
        inside = low < true <= high + 1
        low, high = (low - 1, high) if below > above else (low, high + 1)
        before, held = held, held + max(below, above)
        if held >= stated or high - low == 4:
            last = (stated - before) / (held - before) if held > before else 1.0
            return 1.0 if inside else last * (low < true <= high + 1)


def chases(world: World, rng: np.random.Generator, positions: int = 10) -> list[Chase]:
    """Watch some positions through the last twenty minutes, a refresh every 30 s, for who sees a level go up first."""
    first = world.step_at(-1 / 3)
    steps = range(first, len(world.hours))
    found = []
    for side in Side:
        ids = set(world.truths[first, side].ids.tolist()).intersection(world.truths[steps[-1], side].ids.tolist())
        if not ids:
            continue
        ours = rng.choice(sorted(ids), min(positions, len(ids)), replace=False)
        said, true = _watch(world, side, steps, ours)
        for n in range(len(ours)):
            found += leads((world.generator.name, world.regime), said[:, n], true[:, n], every=REFRESH, seconds=5.0)
    return found


def _watch(world: World, side: Side, steps: range, ours: Indices) -> tuple[Array, Array]:
    """What is said (steps, positions, 2, 4), see `says`, and true levels; at a refresh it is what was said before it."""
    queue, courses = queue_at(world, steps[0], side), [UNKNOWN_COURSE] * len(ours)
    said, true = np.zeros((len(steps), len(ours), 2, 4)), np.zeros((len(steps), len(ours)))
    for n, step in enumerate(steps):
        if n % 60 == 0 and n:
            queue = queue_at(world, step, side).recalled(queue.evidence, world.time(step))
        truth, mark, now = world.truths[step, side], float(world.prices[step]), world.time(step)
        rows = np.array([np.flatnonzero(truth.ids == i)[0] for i in ours])
        said[n] = says(queue.locate(truth.scores[rows], mark, now), courses, mark)
        true[n] = truth.levels()[rows]
        if n % REFRESH == 0:
            queue = queue.observe([observed(truth, int(i), mark, now) for i in rows], now)
            courses = headings(queue, rows, truth.score_at, world.market(step), now)
    return said, true


def headings(queue: Queue, rows: Indices, score_at: Callable[[float], Array], market: Market, now: datetime) -> list[Course]:
    """Where some positions are heading, as `adlwatch.domain.outlook` sees it of one's own, just after a light."""
    mark = market.mark_price or np.nan
    behind, ahead = (queue.locate(score_at(at)[rows], at, now).logit for at in mark * (1.0 + np.array(NUDGE)))
    pace = (drift(market.candles, mark, now, JUST_NOW) or 0.0) / 60.0
    leans = (ahead - behind) / np.diff(np.log1p(NUDGE))
    return [Course(lean, pace, mark) if np.isfinite(lean) else UNKNOWN_COURSE for lean in leans.tolist()]


def says(place: Place, courses: Sequence[Course], mark: float) -> Array:
    """Chances (positions, 2, 4): of being in level 2 to 5 or more, and of a light of 1 to 4 going up within a minute."""
    or_more = np.cumsum(place.chances()[:, :0:-1], axis=-1)[:, ::-1]
    places = zip(place.logit.tolist(), place.deviation.tolist(), courses, strict=True)
    within = [[leaving(level, *each, mark) for level in range(1, 5)] for each in places]
    return np.stack((or_more, np.array(within)), axis=1)


def leads(label: tuple[str, str], said: Array, true: Array, *, every: int, seconds: float) -> list[Chase]:
    """Who had said before each refresh that the light would be higher than at the one before.

    `said` (steps, 2, 4) is what `says` returns; there is one step every so many `seconds`, a refresh every so many steps, and
    at most two refreshes back count.
    """
    found = []
    for at in range(2 * every, len(true), every):
        shown = true[at - every]
        up, target = bool(true[at] > shown), int(max(true[at], shown + 1))
        if target <= 5:
            likely, warned = said[:, 0, target - 2], said[:, 1, target - 2]
            lead, spoken, best = (
                seconds * _lasted(each, at, 2 * every) for each in (likely > 0.5, warned >= WARN, true >= target)
            )
            came = bool(true[min(at - 1 + round(60 / seconds), len(true) - 1)] > shown)
            found.append(Chase(*label, up, lead, spoken, best, float(said[at - 1, 1, int(shown) - 1]), came))
    return found


def _lasted(said: npt.NDArray[np.bool_], at: int, most: int) -> int:
    """Steps just before `at`, `most` of them at most, for which it had been said without a break."""
    before = said[at - most + 1 : at][::-1]
    return len(before) if before.all() else int(np.argmin(before))
