"""How good is the estimated queue? Against known queues, beside holding the last light and fixed score cut-offs.

    python -m benchmarks.queue_accuracy --part mixtures [--seeds 3] [--first 60] [--matched] [--plot docs/estimated-queue.svg]

Parts: `mixtures` of many kinds of traders, `monocultures` of one kind, the `mock` exchange's truth, and `tuning`, the families
that priors and constants were chosen on, with seeds 1000 and up. The others, and seeds below 1000, were never used for that.
`--matched`: instead of the three regimes one in which holding a light of an hour ago is right in 80 %. Prints Markdown.
"""

import argparse
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median

import numpy as np

from adlwatch.domain.model import Side
from benchmarks.queue_blends import BLENDS
from benchmarks.queue_generators import Generator, World, simulate
from benchmarks.queue_laws import FAMILIES as TUNING
from benchmarks.queue_laws import REGIMES
from benchmarks.queue_mixtures import FAMILIES as MIXTURES
from benchmarks.queue_mock import mock_chases, mock_trials
from benchmarks.queue_plot import plot
from benchmarks.queue_trials import CONDITIONS, WARN, WATCH, Chase, Trial, chases, trials
from benchmarks.queue_unseen import FAMILIES as MONOCULTURES

TUNING_SEED = 1000
POSITIONS = 30
MATCHED = ("dip",)
PARTS = {"mixtures": MIXTURES, "monocultures": MONOCULTURES, "tuning": (*TUNING, *BLENDS)}
COLUMNS = (
    "exact",
    "within one",
    "level in 90 % interval",
    "the same, edges by lot",
    "place in 90 % interval",
    "hold",
    "hold within one",
    "cut-offs",
)
FINE = frozenset(round(-i / 720, 6) for i in range(241))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", choices=(*PARTS, "mock"), required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first", type=int, default=60, help=f"first seed; those tuned on begin at {TUNING_SEED}")
    parser.add_argument("--matched", action="store_true")
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    if options.part == "mock":
        print("\n### The mock exchange's truth\n")
        mock = mock_trials()
        table(mock, {}, lambda t: (t.regime, t.condition), sorted({(t.regime, t.condition) for t in mock}))
        going_up(mock_chases())
    else:
        seeds = range(options.first, options.first + options.seeds)
        generators(options.part, seeds, MATCHED if options.matched else REGIMES, options.plot)


def generators(part: str, seeds: range, regimes: Sequence[str], svg: Path | None) -> None:
    found, leads = run(PARTS[part], seeds, regimes)
    if svg:
        svg.write_text(plot(found), encoding="utf-8")
    report(part, found, regimes, cut_offs(PARTS[part]))
    going_up(leads)


def run(families: Iterable[Generator], seeds: range, regimes: Sequence[str]) -> tuple[list[Trial], list[Chase]]:
    found: list[Trial] = []
    leads: list[Chase] = []
    for generator in families:
        for regime in regimes:
            for seed in seeds:
                world = simulate(generator, seed, regime, WATCH | FINE)
                found += trials(world, np.random.default_rng(seed), POSITIONS)
                leads += chases(world, np.random.default_rng(seed))
    return found, leads


def cut_offs(families: Iterable[Generator]) -> dict[str, np.ndarray]:
    """The fixed-threshold baseline at its best: quintiles of each family's own scores in calm tuning worlds."""
    return {g.name: _quintiles(simulate(g, TUNING_SEED + i, "calm", frozenset({0.0})) for i in range(3)) for g in families}


def _quintiles(worlds: Iterable[World]) -> np.ndarray:
    scores = [world.truths[len(world.hours) - 1, side].scores for world in worlds for side in Side]
    return np.quantile(np.concatenate(scores), [0.2, 0.4, 0.6, 0.8])


def report(part: str, found: Sequence[Trial], regimes: Sequence[str], cuts: dict[str, np.ndarray]) -> None:
    print(f"### {part.capitalize()}\n")
    table(found, cuts, lambda t: (t.regime, t.condition), [(r, c) for r in regimes for c in CONDITIONS])
    print("\n### Each family (all conditions but 30 s and 5 min)\n")
    old = [t for t in found if t.condition in {"cold", "1 h", "4 h"}]
    table(old, cuts, lambda t: (t.family, t.regime), [(f, r) for f in dict.fromkeys(t.family for t in found) for r in regimes])


def going_up(found: Sequence[Chase]) -> None:
    print("\n### Levels that went up: how long before a 30 s refresh showed it\n")
    print(
        "Seconds by which each was ahead, median and mean; how often it was not at all; and false alarms: how often it spoke of a"
    )
    print(
        "higher level just before a refresh that showed none. Of those the warning spoke of just before it: the chance it gave of"
    )
    print("going up within a minute, and how often that came true.\n")
    print("| | up | who | median | mean | not before the refresh | other refreshes | false alarms | chance given | came true |")
    print("|---|---:|---|---:|---:|---:|---:|---:|---:|---:|")
    says: Mapping[str, Callable[[Chase], float]] = {
        "the estimate's level": lambda c: c.lead,
        f"the warning, from {WARN:.0%}": warned,
        "the truth itself": lambda c: c.best,
    }
    for regime in dict.fromkeys(c.regime for c in found):
        here = [c for c in found if c.regime == regime]
        for who, ahead in says.items():
            seconds = [ahead(c) for c in here if c.up]
            false = [ahead(c) > 0 for c in here if not c.up]
            middle = f"{median(seconds):.0f} s | {np.mean(seconds):.0f} s" if seconds else "– | –"
            late = _share(s == 0 for s in seconds)
            odds = _odds(here) if ahead is warned else "– | –"
            print(f"| {regime} | {len(seconds)} | {who} | {middle} | {late} | {len(false)} | {_share(false)} | {odds} |")


def warned(chase: Chase) -> float:
    """Seconds by which the board's arrow was ahead."""
    return chase.warned


def _odds(chases: Sequence[Chase]) -> str:
    spoken = [c for c in chases if c.chance >= WARN]
    return f"{_share(c.chance for c in spoken)} | {_share(c.came for c in spoken)}"


def table(
    found: Sequence[Trial],
    cuts: dict[str, np.ndarray],
    key: Callable[[Trial], tuple[str, str]],
    rows: Iterable[tuple[str, str]],
) -> None:
    print(f"| | | n | {' | '.join(COLUMNS)} |")
    print(f"|---|---|---:|{'---:|' * len(COLUMNS)}")
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
        _share(t.by_lot for t in here),
        _share(t.in_quantile_interval for t in here),
        _share(t.held == t.true for t in held),
        _share(abs((t.held or 0) - t.true) <= 1 for t in held),
        _share(level == t.true for t, level in fixed),
    ]


def _share(hits: Iterable[float]) -> str:
    seen = list(hits)
    return f"{100 * np.mean(seen):.1f} %" if seen else "–"


if __name__ == "__main__":
    main()
