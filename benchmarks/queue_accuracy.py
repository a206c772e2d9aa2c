"""How good is the estimated queue? Against known queues, beside holding the last light and fixed score cut-offs.

    python -m benchmarks.queue_accuracy [--seeds 8] [--tuning] [--plot docs/estimated-queue.svg]

Priors and constants were tuned on the families marked as tuning ones with seeds 1000 and up. Reported are seeds 0 and up, and
the headline counts only families that were never used for tuning. Prints Markdown.
"""

import argparse
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median

import numpy as np

from adlwatch.domain.model import Side
from benchmarks.queue_generators import Generator, World, simulate
from benchmarks.queue_laws import DEPTHS
from benchmarks.queue_laws import FAMILIES as TUNING
from benchmarks.queue_mock import mock_chases, mock_trials
from benchmarks.queue_plot import plot
from benchmarks.queue_trials import CONDITIONS, WARN, WATCH, Chase, Trial, chases, trials
from benchmarks.queue_unseen import FAMILIES as UNSEEN

TUNING_SEED = 1000
POSITIONS = 30
REGIMES = tuple(DEPTHS)
FINE = frozenset(round(-i / 720, 6) for i in range(241))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--tuning", action="store_true", help="tuning families and seeds instead of the reporting ones")
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--part", choices=("all", "generators", "mock"), default="all")
    options = parser.parse_args()
    if options.part != "mock":
        first = TUNING_SEED if options.tuning else options.first
        generators(range(first, first + options.seeds), tuning=options.tuning, svg=options.plot)
    if options.part != "generators":
        print("\n### The mock exchange's truth\n")
        mock = mock_trials()
        table(mock, {}, lambda t: (t.regime, t.condition), sorted({(t.regime, t.condition) for t in mock}))
        going_up(mock_chases())


def generators(seeds: range, *, tuning: bool, svg: Path | None) -> None:
    families = TUNING if tuning else UNSEEN
    unseen = {g.name for g in families if not g.tuning} or {g.name for g in families}
    found, leads = run(families, seeds)
    if svg:
        svg.write_text(plot(found, unseen), encoding="utf-8")
    report(found, {} if tuning else cut_offs(families), unseen)
    going_up([c for c in leads if c.family in unseen])


def run(families: Iterable[Generator], seeds: range) -> tuple[list[Trial], list[Chase]]:
    found: list[Trial] = []
    leads: list[Chase] = []
    for generator in families:
        for regime in REGIMES:
            for seed in seeds:
                world = simulate(generator, seed, regime, WATCH | FINE)
                found += trials(world, np.random.default_rng(seed), POSITIONS)
                leads += chases(world, np.random.default_rng(seed)) if regime != "calm" else []
    return found, leads


def cut_offs(families: Iterable[Generator]) -> dict[str, np.ndarray]:
    """The fixed-threshold baseline at its best: quintiles of each family's own scores in calm tuning worlds."""
    return {g.name: _quintiles(simulate(g, TUNING_SEED + i, "calm", frozenset({0.0})) for i in range(3)) for g in families}


def _quintiles(worlds: Iterable[World]) -> np.ndarray:
    scores = [world.truths[len(world.hours) - 1, side].scores for world in worlds for side in Side]
    return np.quantile(np.concatenate(scores), [0.2, 0.4, 0.6, 0.8])


def report(found: Sequence[Trial], cuts: dict[str, np.ndarray], held_out: set[str]) -> None:
    unseen = [t for t in found if t.family in held_out]
    print("### Families never used for tuning\n")
    table(unseen, cuts, lambda t: (t.regime, t.condition), [(r, c) for r in REGIMES for c in CONDITIONS])
    print("\n### Each family (all conditions but 30 s and 5 min)\n")
    old = [t for t in found if t.condition in {"cold", "1 h", "4 h"}]
    table(old, cuts, lambda t: (t.family, t.regime), [(f, r) for f in dict.fromkeys(t.family for t in found) for r in REGIMES])


def going_up(found: Sequence[Chase]) -> None:
    print("\n### Levels that went up: how long before a 30 s refresh showed it\n")
    print(
        "Seconds by which each was ahead, median and mean; how often it was not at all; and false alarms: how often it spoke of a"
    )
    print("higher level just before a refresh that showed none.\n")
    print("| | up | who | median | mean | not before the refresh | other refreshes | false alarms |")
    print("|---|---:|---|---:|---:|---:|---:|---:|")
    says: Mapping[str, Callable[[Chase], float]] = {
        "the estimate's level": lambda c: c.lead,
        f"a warning at a chance of {WARN:.0%}": lambda c: c.warned,
        "the truth itself": lambda c: c.best,
    }
    for regime in dict.fromkeys(c.regime for c in found):
        here = [c for c in found if c.regime == regime]
        for who, ahead in says.items():
            seconds = [ahead(c) for c in here if c.up]
            false = [ahead(c) > 0 for c in here if not c.up]
            middle = f"{median(seconds):.0f} s | {np.mean(seconds):.0f} s" if seconds else "– | –"
            late = _share(s == 0 for s in seconds)
            print(f"| {regime} | {len(seconds)} | {who} | {middle} | {late} | {len(false)} | {_share(false)} |")


def table(
    found: Sequence[Trial],
    cuts: dict[str, np.ndarray],
    key: Callable[[Trial], tuple[str, str]],
    rows: Iterable[tuple[str, str]],
) -> None:
    print("| | | n | exact | within one | level in 90 % interval | place in 90 % interval | hold | hold within one | cut-offs |")
    print("|---|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    for row in rows:
        here = [t for t in found if key(t) == row]
        if here:
            print(f"| {row[0]} | {row[1]} | {len(here)} | {' | '.join(_cells(here, cuts))} |")


def _cells(here: Sequence[Trial], cuts: dict[str, np.ndarray]) -> list[str]:
    held = [t for t in here if t.held is not None]
    fixed = [(t, 1 + int(np.searchsorted(cuts[t.family], t.score))) for t in here if t.family in cuts]
    return [
        _share(t.level == t.true for t in here),
        _share(abs(t.level - t.true) <= 1 for t in here),
        _share(t.interval[0] <= t.true <= t.interval[1] for t in here),
        _share(t.in_quantile_interval for t in here),
        _share(t.held == t.true for t in held),
        _share(abs((t.held or 0) - t.true) <= 1 for t in held),
        _share(level == t.true for t, level in fixed),
    ]


def _share(hits: Iterable[bool]) -> str:
    seen = list(hits)
    return f"{100 * np.mean(seen):.1f} %" if seen else "–"


if __name__ == "__main__":
    main()
