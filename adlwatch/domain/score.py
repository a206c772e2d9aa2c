"""Ranking scores over arrays: evaluate a rule, and say by name what is missing where it has no result."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from adlwatch.domain.inputs import Array, Inputs, bankruptcy_distance, values
from adlwatch.domain.rules import RULES, Rule

__all__ = ["NEEDS", "RULES", "Inputs", "Rule", "Scores", "evaluate"]

Mask = npt.NDArray[np.bool_]


class Scores(Struct, frozen=True):
    """Scores under one rule, NaN where unknown. `missing` holds only inputs that something lacks, as masks of `value`'s shape."""

    value: Array
    pnl_ratio: Array
    effective_leverage: Array
    terms: Mapping[str, Array]
    missing: Mapping[str, Mask]


def _isolated_equity(x: Inputs) -> Array:
    return x.margin + values(x).pnl


NEEDS: Mapping[str, Callable[[Inputs], Mask]] = MappingProxyType(
    {
        "entry_price": lambda x: ~(x.entry > 0),
        "mark_price": lambda x: ~(x.mark > 0),
        "size": lambda x: ~(x.size > 0),
        "margin_mode": lambda x: np.isnan(x.isolated),
        "isolated_margin": lambda x: (x.isolated == 1) & np.isnan(x.margin),
        "position_margin": lambda x: np.isnan(x.margin),
        "margin+pnl>0": lambda x: _isolated_equity(x) <= 0,
        "equity": lambda x: (x.isolated == 0) & np.isnan(x.equity),
        "equity>0": lambda x: np.where(x.isolated == 1, _isolated_equity(x), x.equity) <= 0,
        "account_equity": lambda x: np.isnan(x.equity),
        "account_equity>0": lambda x: x.equity <= 0,
        "wallet": lambda x: (x.isolated == 0) & np.isnan(x.wallet),
        "maintenance_margin": lambda x: np.isnan(np.where(x.isolated == 1, x.maintenance, x.account_maintenance)),
        "position_maintenance_margin": lambda x: ~(x.maintenance > 0),
        "account_maintenance_margin": lambda x: ~(x.account_maintenance > 0),
        "isolated formula": lambda x: x.isolated == 1,
        "bankruptcy_price": lambda x: ~(x.bankruptcy > 0) & ~((x.isolated == 1) & ~np.isnan(x.margin)),
        "mark within bankruptcy": lambda x: bankruptcy_distance(x, values(x)) <= 0,
        "leverage": lambda x: ~(x.leverage > 0),
    }
)
"""Input by name → where it is missing. A name ending in `>0` is an input that is known but cannot be divided by."""


def evaluate(rule: str, x: Inputs) -> Scores:
    """Score every position under a rule; raises KeyError for a rule that does not exist."""
    spec = RULES[rule]
    with np.errstate(divide="ignore", invalid="ignore"):
        ranked = spec.rank(x)
        unknown = np.isnan(ranked.value)
        missing = {name: mask for name in spec.needs if (mask := unknown & NEEDS[name](x)).any()} if unknown.any() else {}
    return Scores(ranked.value, ranked.pnl_ratio, ranked.effective_leverage, ranked.terms, MappingProxyType(missing))
