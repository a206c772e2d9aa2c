"""Trials against the mock exchange: every trader of its queues is a position, its own ranking is the truth."""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from msgspec.structs import replace

from adlwatch.adapters.mock import VENUES, Options, session
from adlwatch.adapters.mock.adapter import MockAdapter
from adlwatch.adapters.mock.markets import MARKETS
from adlwatch.adapters.mock.truth import Truth as MockTruth
from adlwatch.domain.course import UNKNOWN_COURSE
from adlwatch.domain.model import Market, Side
from adlwatch.domain.queue import Queue
from adlwatch.domain.queue_build import build
from adlwatch.domain.queue_taking import Taking, ebb
from adlwatch.domain.score import evaluate
from adlwatch.venues import profiles
from benchmarks.queue_generators import Array, Truth
from benchmarks.queue_trials import Chase, Trial, headings, judge, leads, observed, placed, says

START = datetime(2026, 11, 22, 12, tzinfo=UTC)
RUNS = (("calm", 1), ("calm", 2), ("cascade", 1), ("cascade", 2), ("squeeze", 1), ("alt-gap", 1))
LIGHT_AT = 15.0
"""Seconds into the scenario at which the light is shown: before anything happens."""
ASKED_AFTER = {"30 s": 30.0, "5 min": 300.0}
POSITIONS = 30
CHASES = (("cascade", 1), ("cascade", 2), ("squeeze", 1))
CHASED = 6
"""Positions a queue whose lights are watched through the first three minutes, second by second."""
WATCHED = 180
REFRESH = 30


@dataclass(frozen=True, slots=True)
class Sight:
    """What the venues publish at a moment, and the truth behind it, by market and side."""

    time: datetime
    markets: dict[tuple[str, str], Market]
    truths: dict[tuple[str, str, Side], Truth]
    rules: dict[str, str]


def mock_trials() -> list[Trial]:
    """Cold and with a light of before the events, in scenarios calm and not."""
    return [trial for name, seed in RUNS for trial in _run(name, seed)]


def _run(name: str, seed: int) -> Iterator[Trial]:
    moments = (LIGHT_AT, *(LIGHT_AT + after for after in ASKED_AFTER.values()))
    first, *later = asyncio.run(_sights(name, seed, moments))
    rng = np.random.default_rng(seed)
    for condition, sight in zip(ASKED_AFTER, later, strict=True):
        for key in sight.truths:
            yield from _estimate(f"mock {name}", condition, (first, sight), key, rng)


def mock_chases() -> list[Chase]:
    """Who sees a light go up first in a crash of seconds: the estimate, or the venue's refresh every 30 s."""
    return [chase for name, seed in CHASES for chase in _chased(name, seed)]


def _chased(name: str, seed: int) -> Iterator[Chase]:
    sights = asyncio.run(_sights(name, seed, tuple(float(t) for t in range(1, WATCHED + 1))))
    rng = np.random.default_rng(seed)
    for key in sights[0].truths:
        ids = sorted(set.intersection(*(set(sight.truths[key].ids.tolist()) for sight in sights)))
        ours = rng.choice(ids, min(CHASED, len(ids)), replace=False)
        said, true = _followed(sights, key, ours)
        for n in range(len(ours)):
            yield from leads((key[0], f"mock {name}"), said[:, n], true[:, n], every=REFRESH, seconds=1.0)


def _followed(sights: list[Sight], key: tuple[str, str, Side], ours: Array) -> tuple[Array, Array]:
    """What is said (seconds, positions, 2, 4), see `says`, and true levels; at a refresh it is what was said before it."""
    venue, symbol, side = key
    profile = profiles()[venue]
    queue, tide, takings, courses = None, None, list[Taking](), [UNKNOWN_COURSE] * len(ours)
    said, true = np.zeros((len(sights), len(ours), 2, 4)), np.zeros((len(sights), len(ours)))
    for n, sight in enumerate(sights):
        market, truth = sight.markets[venue, symbol], sight.truths[key]
        tide, taking = ebb(tide, market, side, queue.path.daily_volatility if queue and queue.path else np.inf, sight.time)
        takings += [taking] if taking else []
        if queue is None or taking or n % (2 * REFRESH) == 0:
            rule, known = sight.rules[venue], queue.evidence if queue else ()
            basis = profile.quantile_basis or "users"
            fresh = build(rule, profile.priors, market, side, sight.time, 7, basis=basis, takings=takings)
            queue = fresh.recalled(known, sight.time)
        rows = np.array([np.flatnonzero(truth.ids == i)[0] for i in ours])
        mark = float(market.mark_price or np.nan)
        said[n] = says(queue.locate(truth.scores[rows], mark, sight.time), courses, mark)
        true[n] = truth.levels()[rows]
        if n % REFRESH == 0:
            queue = queue.observe([observed(truth, int(i), mark, sight.time) for i in rows], sight.time)
            courses = headings(queue, rows, truth.score_at, market, sight.time)
    return said, true


async def _sights(name: str, seed: int, moments: tuple[float, ...]) -> list[Sight]:
    clock = [START]
    world = session(Options(scenario=name, seed=seed), lambda: clock[0])
    adapters = [MockAdapter(venue, world, venue, frozenset()) for venue in VENUES]
    seen = []
    for moment in moments:
        readings = []
        while clock[0] < START + timedelta(seconds=moment):
            clock[0] = min(clock[0] + timedelta(seconds=60), START + timedelta(seconds=moment))
            readings = [await adapter.fetch() for adapter in adapters]
        markets = {(m.venue, m.symbol): m for reading in readings for m in reading.markets}
        truth = MockTruth(await world.world())
        rules = {str(venue): str(profiles()[venue].rule) for venue in VENUES}
        truths = {(m.venue, m.symbol, side): _truth(truth, m.venue, m.symbol, side, rules) for m in MARKETS for side in Side}
        seen.append(Sight(clock[0], markets, truths, rules))
    return seen


def _truth(truth: MockTruth, venue: str, symbol: str, side: Side, rules: dict[str, str]) -> Truth:
    """Shielded accounts are ranked last whatever their score; the estimate is not asked about them."""
    queue = truth.queue(venue, symbol, side)
    x, rule, count = truth.inputs(queue), rules[venue], len(queue.rows)

    def score_at(mark: float) -> Array:
        ratio, gain = mark / x.mark, x.sign * x.size * (mark - x.mark)
        risen = x.account_maintenance + x.maintenance * (ratio - 1.0)
        moved = {"mark": x.mark * ratio, "equity": x.equity + gain, "maintenance": x.maintenance * ratio}
        return evaluate(rule, replace(x, **moved, account_maintenance=risen)).value

    return Truth(truth.ids(queue), evaluate(rule, x).value, 1.0 - (np.arange(count) + 0.5) / count, None, score_at)


def _estimate(
    family: str, condition: str, sights: tuple[Sight, Sight], key: tuple[str, str, Side], rng: np.random.Generator
) -> Iterator[Trial]:
    venue, symbol, side = key
    profile, rule = profiles()[venue], sights[1].rules[venue]
    markets = [sight.markets[venue, symbol] for sight in sights]

    def built(n: int, takings: Iterable[Taking]) -> Queue:
        basis = profile.quantile_basis or "users"
        return build(rule, profile.priors, markets[n], side, sights[n].time, 7, basis=basis, takings=takings)

    before = built(0, ())
    tide, _ = ebb(None, markets[0], side, np.inf, sights[0].time)
    _, taking = ebb(tide, markets[1], side, before.path.daily_volatility if before.path else np.inf, sights[1].time)
    now = built(1, [taking] if taking else [])
    marks = [float(sight.markets[venue, symbol].mark_price or np.nan) for sight in sights]
    old, new = (sight.truths[key] for sight in sights)
    _, at_now, at_then = np.intersect1d(new.ids, old.ids, return_indices=True)
    known = np.isfinite(new.scores[at_now]) & np.isfinite(old.scores[at_then])
    picked = rng.choice(np.flatnonzero(known), min(POSITIONS, int(known.sum())), replace=False)
    at_now, at_then = at_now[picked], at_then[picked]
    yield from judge((venue, family), "cold", new, at_now, now.locate(new.scores[at_now], marks[1], sights[1].time), None)
    wiser = [
        now.recalled(before.observe([observed(old, int(j), marks[0], sights[0].time)], sights[0].time).evidence, sights[1].time)
        for j in at_then
    ]
    place = placed(wiser, new.scores[at_now], marks[1], sights[1].time)
    held: list[int] = old.levels()[at_then].tolist()
    yield from judge((venue, family), condition, new, at_now, place, held)
