"""Tuning crowds at large: the tuning families' traders mixed, with leverage, holding and direction displaced for each world.

The four tuning families are four points; a prior that fits them is too sure of itself anywhere else. Here every world draws
its own proportions of them and moves each one's leverage and holding by a factor, so that the estimator's doubts can be set
to what it does not know. The held-out families and mixtures have no part in it.
"""

import numpy as np

from adlwatch.domain.queue_priors import Basis, VenueKind
from benchmarks.queue_generators import COLUMNS, Array, Generator, PriceLaw, State
from benchmarks.queue_laws import FAMILIES, Mask, reverting, trending

LEVERAGE, HOLDING = 0.5, 0.6
"""Standard deviations of the logarithm of the factors by which a world displaces a family's leverage and holding."""

TIDE, TIDE_HOURS = 0.7, 60.0
"""Standard deviation of the logarithm of the inflow, and hours in which it changes."""


def _traits(state: State) -> dict[str, Array]:
    if "share" not in state.traits:
        rng, count = state.rng, len(FAMILIES)
        state.traits |= {
            "share": rng.dirichlet(np.ones(count)),
            "leverage": np.exp(rng.normal(0.0, LEVERAGE, count)),
            "holding": np.exp(rng.normal(0.0, HOLDING, count)),
            "turned": rng.choice([1.0, -1.0], count, p=[0.6, 0.4]),
        }
    return state.traits


def _tide(state: State) -> float:
    """How many come, over the average: interest in a coin wanders by a factor over days, and open interest with it."""
    before = float(state.traits.get("tide", np.zeros(())))
    faded = float(np.exp(-state.dt / TIDE_HOURS))
    wander = TIDE * float(np.sqrt(1.0 - faded**2)) * float(state.rng.standard_normal())
    state.traits["tide"] = np.array(before * faded + wander)
    return float(np.exp(state.traits["tide"]))


def _new(state: State) -> dict[str, Array]:
    traits, parts, tide = _traits(state), [], _tide(state)
    for i, family in enumerate(FAMILIES):
        drawn = dict(family.newcomers(state))
        held = float(traits["holding"][i])
        kept = state.rng.random(len(drawn["side"])) < min(1.0, float(traits["share"][i]) / held * 0.8 * tide)
        part = {name: drawn.get(name, np.zeros(len(kept)))[kept] for name in COLUMNS}
        absolute = 0.0 if family.name == "disposition" else state.now
        part["leave"] = absolute + (part["leave"] - absolute) * held
        part["wallet"] = part["wallet"] / traits["leverage"][i]
        part["side"] = part["side"] * traits["turned"][i]
        part["entry"] = np.full(int(kept.sum()), state.price)
        part["role"] = np.full(int(kept.sum()), float(i))
        parts.append(part)
    return {name: np.concatenate([part[name] for part in parts]) for name in COLUMNS}


def _leave(state: State) -> Mask:
    gone = np.zeros(len(state["id"]), dtype=np.bool_)
    for i, family in enumerate(FAMILIES):
        gone |= (state["role"] == i) & family.leaving(state)
    return gone


def _add(state: State) -> None:
    for family in FAMILIES:
        if family.adding is not None:
            family.adding(state)


def _blend(name: str, rule: str, price: PriceLaw, basis: Basis = "users", kind: VenueKind = VenueKind.RETAIL) -> Generator:
    return Generator(name, rule, basis, price, _new, _leave, (0.5, 3.0), tuning=True, kind=kind, adding=_add)


BLENDS = (
    _blend("blend-account", "binance-2025", trending),
    _blend("blend-equity", "equity-entry", reverting),
    _blend("blend-value", "value", trending),
    _blend("blend-quantity", "hyperliquid-engine", reverting, "quantity", VenueKind.ONCHAIN),
)
