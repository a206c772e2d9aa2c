"""What limits the estimated queue? The cold estimate with one of its guesses replaced by the truth, family by family.

    python -m benchmarks.queue_limits [--seeds 1] [--first 60]

Each column gives the estimator what no outsider knows: the true leverages, the true entries, both (drawn apart from each
other), or the whole law of the family, by way of another crowd drawn under it on the same prices: the ceiling of any estimator.
Another crowd of a mixture has other proportions of its kinds of traders, for those are drawn with it.
The last column is an estimator that knows the (other) tuning families exactly and this one not at all. Prints Markdown.
"""

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from msgspec import structs

from adlwatch.domain.model import Side
from adlwatch.domain.queue_calibration import logit
from adlwatch.domain.queue_population import NOTIONAL, Population
from benchmarks.queue_generators import Array, Crowd, Generator, Truth, World, simulate
from benchmarks.queue_laws import FAMILIES as TUNING
from benchmarks.queue_laws import REGIMES
from benchmarks.queue_mixtures import FAMILIES as MIXTURES
from benchmarks.queue_trials import queue_at
from benchmarks.queue_unseen import FAMILIES as MONOCULTURES

FAMILIES = (*TUNING, *MONOCULTURES, *MIXTURES)
COLUMNS = ("as it is", "true leverages", "true entries", "both", "same laws, another crowd", "the tuning families' laws")
GIVEN: Mapping[str, frozenset[str]] = {
    "as it is": frozenset(),
    "true leverages": frozenset({"leverage"}),
    "true entries": frozenset({"entry"}),
    "both": frozenset({"leverage", "entry"}),
}
NOW = frozenset({0.0})


@dataclass(frozen=True, slots=True)
class Score:
    """Shares of the traders of one side of one world."""

    exact: float
    within_one: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--first", type=int, default=60)
    options = parser.parse_args()
    print(f"| family | {' | '.join(COLUMNS)} |\n|---|{'---:|' * len(COLUMNS)}")
    for generator in FAMILIES:
        found: dict[str, list[Score]] = {column: [] for column in COLUMNS}
        for seed in range(options.first, options.first + options.seeds):
            for regime in REGIMES:
                for column, score in measured(generator, seed, regime):
                    found[column].append(score)
        print(f"| {generator.name} | {' | '.join(map(cell, found.values()))} |", flush=True)


def cell(found: list[Score]) -> str:
    """Exact and within one level, in per cent."""
    return f"{100 * np.mean([s.exact for s in found]):.0f} / {100 * np.mean([s.within_one for s in found]):.1f}"


def measured(generator: Generator, seed: int, regime: str) -> list[tuple[str, Score]]:
    """Every column on both sides of one world."""
    world = simulate(generator, seed, regime, NOW)
    last = len(world.hours) - 1
    another = simulate(generator, seed, regime, NOW, crowd=1)
    others = [
        simulate(
            replace(other, name=generator.name, price=generator.price, rule=generator.rule, basis=generator.basis),
            seed,
            regime,
            NOW,
        )
        for other in TUNING
        if other.name != generator.name
    ]
    found = []
    for side in Side:
        truth = world.truths[last, side]
        for column, given in GIVEN.items():
            found.append((column, judged(truth, informed(world, side, given))))
        found.append((COLUMNS[4], judged(truth, read(another.truths[last, side], truth.scores))))
        guesses = [logit(np.clip(read(each.truths[last, side], truth.scores), 1e-3, 1 - 1e-3)) for each in others]
        found.append((COLUMNS[5], judged(truth, 1.0 / (1.0 + np.exp(-np.mean(guesses, axis=0))))))
    return found


def informed(world: World, side: Side, given: frozenset[str]) -> Array:
    """Places as the estimator sees them once it is given some of the truth."""
    last = len(world.hours) - 1
    queue, truth = queue_at(world, last, side), world.truths[last, side]
    if given and truth.crowd and isinstance(queue.population, Population):
        drawn = true_columns(queue.population, truth.crowd, given)
        queue = structs.replace(queue, population=drawn, _curves={}, _nodes={})
    return queue.place(truth.scores, float(world.prices[last]))


def true_columns(population: Population, crowd: Crowd, given: frozenset[str]) -> Population:
    """The population with true leverages or entries, each drawn by the queue's own weight and apart from each other."""
    dice = np.random.default_rng(0)
    shape, chance = population.entry.shape, crowd.weight / crowd.weight.sum()
    entry, leverage = population.entry, NOTIONAL / population.wallet
    if "leverage" in given:
        leverage = np.maximum(dice.choice(crowd.leverage, shape, p=chance), 0.01)
    if "entry" in given:
        entry = dice.choice(crowd.entry, shape, p=chance)
    nobody_leaves = np.full(shape, np.inf)
    return structs.replace(
        population, entry=entry, size=NOTIONAL / entry, wallet=NOTIONAL / leverage, stop=nobody_leaves, take=nobody_leaves
    )


def read(truth: Truth, scores: Array) -> Array:
    """Places of some scores among another crowd."""
    order = np.argsort(truth.scores, kind="stable")
    return np.interp(scores, truth.scores[order], np.maximum.accumulate(truth.quantiles[order]))


def judged(truth: Truth, places: Array) -> Score:
    """Shares of lights exact and within one."""
    off = np.abs(np.clip(np.ceil(5 * places), 1, 5) - truth.levels())
    return Score(float(np.mean(off == 0)), float(np.mean(off <= 1)))


if __name__ == "__main__":
    main()
