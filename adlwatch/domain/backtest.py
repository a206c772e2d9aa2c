"""How well a ranking rule reproduces the order in which positions were really closed.

Only closed positions are in such a record: agreement within a run can be measured, the chance of being in it cannot.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from adlwatch.domain.adl_events import AdlFill
from adlwatch.domain.inputs import Array, Inputs
from adlwatch.domain.score import evaluate

Run = Sequence[AdlFill]

MIN_ROWS = 8
"""Shortest run whose order says something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Agreement of scores with the order of execution; 1 is perfect. None where nothing can be compared."""

    rows: int
    """Fills with a known score."""
    pairs: int
    concordance: float | None
    """Share of pairs in which the earlier fill has the higher score, a tie counting half; 0.5 is chance."""
    spearman: float | None
    kendall: float | None
    """Tau-b."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One rule against all runs that are long enough."""

    rule: str
    runs: tuple[tuple[str, Agreement], ...]
    """By run id, in the order of the record."""
    pooled: Agreement
    """Concordance over the pairs within all runs; rank correlations as means over runs weighted by rows."""


@dataclass(frozen=True, slots=True)
class Check:
    """A mechanical regularity: how often it held, out of how many cases."""

    held: int
    cases: int


def scores(rule: str, fills: Iterable[AdlFill]) -> Array:
    """The rule's score of each fill, NaN where unknown. The account stands behind each: margin modes are not on record."""
    fills = tuple(fills)
    x = Inputs.of(
        sign=[fill.side.sign for fill in fills],
        entry=[fill.entry for fill in fills],
        mark=[fill.price for fill in fills],
        size=[fill.before for fill in fills],
        equity=[fill.equity for fill in fills],
        isolated=0,
    )
    return evaluate(rule, x).value


def outcome(rule: str, runs: Iterable[Run], least: int = MIN_ROWS) -> Outcome:
    """Compare one rule with every run of at least `least` fills."""
    found = tuple((run[0].run, agreement(scores(rule, run))) for run in runs if len(run) >= least)
    return Outcome(rule, found, _pooled([each for _, each in found]))


def agreement(ranked: Array) -> Agreement:
    """Agreement of scores listed in the order of execution."""
    known = ranked[~np.isnan(ranked)]
    n = len(known)
    signs = np.sign(known[:, None] - known[None, :])[np.triu_indices(n, 1)]
    if not signs.any():
        return Agreement(rows=n, pairs=signs.size, concordance=0.5 if signs.size else None, spearman=None, kendall=None)
    concordance = float((signs > 0).mean() + (signs == 0).mean() / 2)
    kendall = float(signs.sum() / np.sqrt(np.count_nonzero(signs) * signs.size))
    spearman = float(np.corrcoef(_ranks(known), -np.arange(n))[0, 1])
    return Agreement(rows=n, pairs=signs.size, concordance=concordance, spearman=spearman, kendall=kendall)


def _ranks(values: Array) -> Array:
    """Ranks from 0, ties at their mean."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(count) - (count + 1) / 2)[place]


def _pooled(found: Sequence[Agreement]) -> Agreement:
    return Agreement(
        rows=sum(each.rows for each in found),
        pairs=sum(each.pairs for each in found),
        concordance=_mean([(each.concordance, each.pairs) for each in found]),
        spearman=_mean([(each.spearman, each.rows) for each in found]),
        kendall=_mean([(each.kendall, each.rows) for each in found]),
    )


def _mean(weighted: Iterable[tuple[float | None, int]]) -> float | None:
    known = [(value, weight) for value, weight in weighted if value is not None]
    return sum(value * weight for value, weight in known) / sum(weight for _, weight in known) if known else None


def partial_last(runs: Iterable[Run]) -> Check:
    """A batch closes whole positions; only the last one of a run may be closed in part."""
    partial = [(fill, run[-1]) for run in runs for fill in run if fill.partial]
    return Check(sum(fill is last for fill, last in partial), len(partial))


def carry_over(runs: Iterable[Run]) -> Check:
    """After a partial close the next bankrupt account's run of that market and block goes on with the same holder's rest."""
    cases = [
        (former[-1], latter[0])
        for former, latter in pairwise(runs)
        if former[-1].partial
        and latter[0].from_start
        and (former[-1].market, former[-1].time) == (latter[0].market, latter[0].time)
    ]
    return Check(sum(_continues(last, first) for last, first in cases), len(cases))


def _continues(last: AdlFill, first: AdlFill) -> bool:
    return last.user == first.user and abs(last.before - last.closed - first.before) <= 1e-9 * last.before
