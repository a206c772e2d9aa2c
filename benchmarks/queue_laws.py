"""The families that the estimator was tuned on: laws of price, entry, leverage, holding and exit that differ in structure."""

import numpy as np
import numpy.typing as npt

from adlwatch.domain.queue_priors import VenueKind
from benchmarks.queue_generators import Array, Generator, State

Mask = npt.NDArray[np.bool_]
ALIVE = 4_000.0
"""Traders open at a time, both sides together, about."""


DEPTHS = {"calm": (0.0, 0.0), "dip": (0.01, 0.03), "fall": (0.02, 0.06), "cascade": (0.08, 0.20)}
"""Log depth of the move by regime. In a dip a light of an hour ago holds for 80 %, on the tuning crowds of seeds 1000 to 1002."""
REGIMES = ("calm", "fall", "cascade")
"""Those reported; a dip is for comparing with figures of where holding a light does as well."""


def crash(hours: Array, regime: str, rng: np.random.Generator) -> Array:
    """A move, up in one of three, in waves; it began about an hour ago, and the end is a moment within it."""
    depth = rng.uniform(*DEPTHS[regime]) * (1.0 if rng.random() < 0.35 else -1.0)
    start = -rng.uniform(0.6, 1.3)
    length = -start / rng.uniform(0.35, 1.0)
    done = np.clip((hours - start) / length, 0.0, 1.0)
    waves = np.sin(done * np.pi * rng.integers(2, 5)) * done * (1 - done) * rng.uniform(0.2, 0.8)
    return np.asarray(depth * (done ** rng.uniform(0.7, 1.5) + waves))


def diffusion(hours: Array, rng: np.random.Generator, daily: float, vol_of_vol: float, tails: float) -> Array:
    """Log price with volatility that wanders and Student increments."""
    dt = np.diff(hours, prepend=hours[0] - 1.0) / 24.0
    wander = np.cumsum(rng.standard_normal(len(hours)) * np.sqrt(dt)) * vol_of_vol
    wander -= np.linspace(0, wander[-1], len(hours))
    shocks = rng.standard_t(tails, len(hours)) / np.sqrt(tails / (tails - 2))
    return np.asarray(np.cumsum(daily * np.exp(wander) * np.sqrt(dt) * shocks))


def trending(hours: Array, regime: str, rng: np.random.Generator) -> Array:
    drift = rng.normal(0, 0.012) * (hours - hours[0]) / 24.0
    log = diffusion(hours, rng, rng.uniform(0.02, 0.05), 0.25, 5.0) + drift
    return np.asarray(100.0 * np.exp(log + crash(hours, regime, rng)))


def reverting(hours: Array, regime: str, rng: np.random.Generator) -> Array:
    log = diffusion(hours, rng, rng.uniform(0.03, 0.06), 0.1, 4.0)
    days = np.diff(hours, prepend=hours[0] - 1.0) / 24.0
    pull, level, out = rng.uniform(0.05, 0.3), 0.0, np.empty(len(hours))
    for i, (step, day) in enumerate(zip(np.diff(log, prepend=0.0), days, strict=True)):
        level += step - pull * day * level
        out[i] = level
    jumps = np.cumsum((rng.random(len(hours)) < 0.15 * days) * rng.normal(0, 0.04, len(hours)))
    return np.asarray(100.0 * np.exp(out + jumps + crash(hours, regime, rng)))


def arrivals(state: State, mean_hours: float, *, busier: float = 4.0) -> int:
    """Newcomers of this step: constant inflow that keeps `ALIVE` traders, more when the last ten minutes moved."""
    if state.now - state.hours[0] < 1.0:
        return int(ALIVE * 0.5)
    activity = 1.0 + busier * min(abs(state.move(1 / 6)) / 0.01, 5.0) * 0.25
    return int(state.rng.poisson(min(ALIVE / mean_hours * state.dt * activity, 2000.0)))


def columns(side: Array, notional: Array, leverage: Array, price: float, **extra: Array) -> dict[str, Array]:
    return {"side": side, "size": notional / price, "wallet": notional / leverage, **extra}


def long_or_short(state: State, count: int, chance: Array | float) -> Array:
    return np.where(state.rng.random(count) < chance, 1.0, -1.0)


def gain_on_wallet(state: State) -> Array:
    """Profit over the equity put up."""
    return np.asarray(state.pnl() / state["wallet"])


# retail: lognormal holding, Pareto leverage, trend followers


def _retail_new(state: State) -> dict[str, Array]:
    rng, count = state.rng, arrivals(state, 26.0)
    leverage = np.minimum(1.5 + 2.0 * rng.pareto(1.3, count), 60.0) * rng.uniform(0.4, 1.0, count)
    hold = np.exp(rng.normal(np.log(7.0), 1.6, count)) * np.minimum(1.5, (4.0 / leverage) ** 0.4)
    trend = 0.5 + 0.25 * np.tanh(state.move(12.0) / 0.03)
    return columns(
        long_or_short(state, count, trend),
        np.exp(rng.normal(6.0, 1.2, count)),
        leverage,
        state.price,
        leave=state.now + hold,
        stop=rng.uniform(0.4, 1.5, count),
    )


def _retail_leave(state: State) -> Mask:
    return np.asarray((state["leave"] <= state.now) | (gain_on_wallet(state) < -state["stop"]))


# disposition: leverage in steps, winners sold and losers kept, faders


def _disposition_new(state: State) -> dict[str, Array]:
    rng, count = state.rng, arrivals(state, 20.0, busier=2.0)
    steps = rng.choice([1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0], count, p=[0.08, 0.1, 0.15, 0.22, 0.25, 0.15, 0.05])
    fade = 0.5 - 0.2 * np.tanh(state.move(6.0) / 0.02)
    return columns(
        long_or_short(state, count, fade),
        np.exp(rng.normal(6.0, 1.0, count)),
        steps * rng.beta(2.0, 1.5, count).clip(0.05),
        state.price,
        leave=np.exp(rng.normal(np.log(18.0), 0.8, count)),
        hedged=(rng.random(count) < 0.05).astype(float),
    )


def _disposition_leave(state: State) -> Mask:
    gain = gain_on_wallet(state)
    hazard = np.where(gain > 0.05, 2.0 + 2.0 * np.minimum(gain, 2.0), np.where(gain < -0.05, 0.5, 1.0)) / state["leave"]
    return np.asarray(state.rng.random(len(gain)) < -np.expm1(-hazard * state.dt))


# informed: a quarter knows the coming day's direction; bimodal leverage; stops and targets


def _informed_new(state: State) -> dict[str, Array]:
    rng, count = state.rng, arrivals(state, 30.0)
    informed = rng.random(count) < 0.25
    hint = np.sign(state.coming(24.0)) if state.now < -24.0 else 0.0
    chance = np.where(informed, 0.5 + 0.3 * hint, 0.5 + 0.1 * np.tanh(state.move(3.0) / 0.02))
    degen = rng.random(count) < 0.45
    leverage = np.where(degen, rng.gamma(6.0, 2.0, count), rng.gamma(4.0, 0.5, count)).clip(0.2, 80.0)
    hold = np.where(degen, rng.gamma(0.6, 14.0, count), rng.gamma(0.8, 90.0, count)) * np.where(informed, 1.5, 1.0)
    return columns(
        long_or_short(state, count, chance),
        np.exp(rng.normal(6.0, 1.4, count)),
        leverage,
        state.price,
        leave=state.now + hold + 0.02,
        stop=rng.uniform(0.3, 0.9, count),
        take=rng.exponential(1.2, count) + 0.2,
        hedged=(~degen & (rng.random(count) < 0.15)).astype(float),
    )


def by_plan(state: State) -> Mask:
    gain = gain_on_wallet(state)
    out = (gain < -state["stop"]) | (gain > state["take"])
    return np.asarray((state["leave"] <= state.now) | (out & (state["hedged"] == 0)))


# whales: counted by quantity; Pareto sizes, low leverage where large; scaled entries; hedges in the account


def _whales_new(state: State) -> dict[str, Array]:
    rng, count = state.rng, arrivals(state, 40.0, busier=3.0)
    notional = 100.0 * (1.0 + rng.pareto(1.25, count)).clip(max=2000.0)
    leverage = (9.0 * (notional / 100.0) ** -0.25 * np.exp(rng.normal(0, 0.5, count))).clip(0.3, 40.0)
    large = notional > 1500.0
    hold = np.where(large, rng.uniform(0.0, 320.0, count), rng.uniform(0.0, 60.0, count))
    return columns(
        long_or_short(state, count, 0.5),
        notional,
        leverage,
        state.price,
        leave=state.now + hold,
        hedged=(large & (rng.random(count) < 0.3)).astype(float),
        kind=(rng.random(count) < 0.5).astype(float),
    )


def _whales_add(state: State) -> None:
    """Half of them scale in over their first day: size, entry and margin grow together."""
    young = (state["kind"] == 1) & (state.now - state["opened"] < 24.0)
    grow = np.where(young & (state.rng.random(len(young)) < 0.08 * state.dt), 0.5, 0.0)
    bought = state["size"] * grow
    state.columns["wallet"] = state["wallet"] * (1.0 + grow)
    state.columns["entry"] = (state["entry"] * state["size"] + state.price * bought) / (state["size"] + bought)
    state.columns["size"] = state["size"] + bought


def _whales_leave(state: State) -> Mask:
    return np.asarray(state["leave"] <= state.now)


FAMILIES = (
    Generator("retail", "binance-2025", "users", trending, _retail_new, _retail_leave, (0.6, 2.0), tuning=True),
    Generator("disposition", "equity-entry", "users", reverting, _disposition_new, _disposition_leave, (0.6, 2.0), tuning=True),
    Generator("informed", "value", "users", reverting, _informed_new, by_plan, (0.5, 3.0), tuning=True),
    Generator(
        "whales",
        "hyperliquid-engine",
        "quantity",
        trending,
        _whales_new,
        _whales_leave,
        (0.5, 3.0),
        tuning=True,
        kind=VenueKind.ONCHAIN,
        adding=_whales_add,
    ),
)
