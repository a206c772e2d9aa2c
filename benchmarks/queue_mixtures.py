"""Held-out crowds that are like markets: mixtures of many kinds of traders, in proportions drawn afresh for each world.

Written and committed before any of it was run, with laws of leverage, holding and exit that neither the estimator nor the
tuning families use. Never tuned on: a version of the estimator that is reported is run on it once. The families differ in
structure:

- `bourse`    counts traders: eight kinds side by side, each with its own plan
- `desks`     counts quantity: a few funds and vaults that trade in slices, market makers, basis desks, small fry
- `frenzy`    arrivals excite each other, leverage follows volatility, exits are contagious, stops trail
- `sessions`  three regions trade by the clock, leave at the session's end or around funding, add margin to losers
"""

from collections.abc import Callable, Mapping

import numpy as np

from adlwatch.domain.queue_priors import VenueKind
from benchmarks.queue_generators import Array, Generator, State
from benchmarks.queue_laws import Mask, columns, crash, diffusion, gain_on_wallet, long_or_short, reverting, trending
from benchmarks.queue_roles import (
    NEVER,
    Draw,
    Role,
    average_in,
    bargainers,
    basis,
    by_plan,
    chasers,
    copiers,
    crowd,
    grids,
    grow,
    holders,
    makers,
    noise,
    plan,
    seers,
    sizes,
    trait,
)

# bourse: eight kinds side by side on an exchange that counts traders

_BOURSE = (
    Role(14.0, noise((2.0, 5.0, 10.0, 20.0, 50.0, 100.0), 6.0)),
    Role(9.0, chasers(3.0, 0.015, 2.5)),
    Role(60.0, bargainers),
    Role(45.0, grids),
    Role(20.0, copiers),
    Role(180.0, basis),
    Role(700.0, holders, standing=True),
    Role(15.0, seers),
)


def _bourse_new(state: State) -> Mapping[str, Array]:
    stir = 1.0 + 2.0 * np.tanh(abs(state.move(0.5)) / 0.01)
    return crowd(state, _BOURSE, (stir, stir, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0))


# desks: by quantity; funds and vaults in slices, makers, basis desks, small fry


def _funds(state: State, count: int) -> Draw:
    rng = state.rng
    side = long_or_short(state, count, 0.5 + 0.2 * np.tanh(state.move(72.0) / 0.08))
    drawn = columns(side, sizes(rng, count, 4000.0, 1.15), rng.triangular(0.3, 1.0, 3.5, count), state.price)
    return plan(state, drawn, rng.gamma(2.0, 70.0, count), stop=rng.uniform(0.3, 0.9, count))


def _vaults(state: State, count: int) -> Draw:
    rng = state.rng
    side = long_or_short(state, count, 0.5 + 0.45 * np.tanh(state.move(36.0) / 0.05))
    drawn = columns(side, sizes(rng, count, 9000.0, 1.3), rng.uniform(1.0, 5.0, count), state.price)
    return plan(state, drawn, rng.exponential(40.0, count), take=0.2 + rng.exponential(0.8, count))


_DESKS = (
    Role(130.0, _funds),
    Role(36.0, _vaults),
    Role(0.9, makers),
    Role(180.0, basis),
    Role(14.0, noise((3.0, 5.0, 10.0, 20.0, 40.0), 5.0)),
    Role(15.0, seers),
    Role(700.0, holders, standing=True),
)


def _desks_new(state: State) -> Mapping[str, Array]:
    stir = 1.0 + 1.5 * np.tanh(abs(state.move(1.0)) / 0.01)
    return crowd(state, _DESKS, (1.0, stir, stir, 1.0, stir, 1.0, 1.0))


def _desks_add(state: State) -> None:
    """Funds and vaults buy in slices over their first two days and sell in slices over their last."""
    sliced = state["role"] <= 1.0
    now, dice = state.now, state.rng.random(len(sliced))
    entering = sliced & (now - state["opened"] < 48.0) & (dice < 0.1 * state.dt)
    leaving = sliced & (state["leave"] - now < 24.0) & (dice > 1.0 - 0.15 * state.dt)
    grow(state, np.where(entering, 0.4, 0.0), 1.0)
    state.columns["size"] = state["size"] * np.where(leaving, 0.7, 1.0)
    state.columns["wallet"] = state["wallet"] * np.where(leaving, 0.8, 1.0)


# frenzy: self-exciting arrivals, leverage by volatility, contagious exits, trailing stops


def pumping(hours: Array, regime: str, rng: np.random.Generator) -> Array:
    """Volatility in clusters, and pumps that are half given back."""
    days = np.diff(hours, prepend=hours[0] - 1.0) / 24.0
    log = diffusion(hours, rng, rng.uniform(0.04, 0.08), 0.5, 3.5)
    for at in rng.uniform(hours[0], -12.0, rng.poisson(4)):
        since = np.maximum(hours - at, 0.0)
        log += rng.normal(0.03, 0.06) * (1.0 - np.exp(-since / 2.0)) * (0.5 + 0.5 * np.exp(-since / 18.0))
    return np.asarray(100.0 * np.exp(log - 0.0005 * np.cumsum(days) + crash(hours, regime, rng)))


def _heat(state: State) -> float:
    """Excitement: fed by moves of the last minutes, forgotten over three hours."""
    before = float(state.traits.get("heat", np.zeros(())))
    now = before * np.exp(-state.dt / 3.0) + 12.0 * abs(state.move(max(state.dt, 1 / 12))) * min(state.dt, 0.5)
    state.traits["heat"] = np.array(now)
    return float(min(0.5 + 8.0 * now, 5.0))


def _gamblers(state: State, count: int) -> Draw:
    """Leverage aims at a volatility: less of it when the day was wild. Their stop trails: `peak` is what it trails."""
    rng = state.rng
    wild = max(abs(state.move(24.0)), abs(state.move(4.0)), 0.01)
    leverage = (rng.lognormal(np.log(0.12), 0.7, count) / wild).clip(0.5, 60.0)
    side = long_or_short(state, count, 0.5 + 0.3 * np.tanh(state.move(1.0) / 0.02))
    drawn = columns(side, sizes(rng, count, 100.0, 1.9), leverage, state.price)
    return plan(state, drawn, rng.weibull(0.6, count) * 5.0, stop=rng.uniform(0.3, 0.9, count))


def _farmers(state: State, count: int) -> Draw:
    """Airdrop farmers: as many long as short, for whole days."""
    rng = state.rng
    drawn = columns(long_or_short(state, count, 0.5), rng.uniform(200.0, 900.0, count), rng.uniform(0.8, 5.0, count), state.price)
    return plan(state, drawn, 24.0 * rng.geometric(0.25, count) + rng.uniform(0.0, 1.0, count))


_FRENZY = (
    Role(6.0, _gamblers),
    Role(12.0, chasers(18.0, 0.06, 5.0)),
    Role(90.0, _farmers),
    Role(60.0, bargainers),
    Role(45.0, grids),
    Role(180.0, basis),
    Role(700.0, holders, standing=True),
)


def _frenzy_new(state: State) -> Mapping[str, Array]:
    heat = _heat(state)
    return crowd(state, _FRENZY, (heat, heat, 1.0, 0.5 + 0.5 * heat, 1.0, 1.0, 1.0))


def _frenzy_leave(state: State) -> Mask:
    """The plan; a trailing stop for gamblers and chasers; and panic, which spreads with the speed of the fall."""
    gain = gain_on_wallet(state)
    state.columns["peak"] = np.maximum(state["peak"], gain)
    trailed = (state["role"] <= 1.0) & (gain < 0.6 * state["peak"] - state["stop"] * 0.5)
    fear = 6.0 * abs(state.move(1 / 6)) / 0.02 * (gain < -0.25) * (state["hedged"] == 0)
    return np.asarray(by_plan(state) | trailed | (state.rng.random(len(gain)) < -np.expm1(-fear * state.dt)))


# sessions: three regions by the clock; out at the session's end or around funding; margin added to losers


def seasonal(hours: Array, regime: str, rng: np.random.Generator) -> Array:
    """More volatile in the afternoon than at night, with a slow drift that turns."""
    days = np.diff(hours, prepend=hours[0] - 1.0) / 24.0
    clock = 1.0 + 0.6 * np.sin(2.0 * np.pi * (hours % 24.0) / 24.0 - 1.0)
    shocks = rng.standard_t(4.5, len(hours)) * np.sqrt(days) * clock * rng.uniform(0.015, 0.04)
    turn = 0.05 * np.sin(2.0 * np.pi * hours / rng.uniform(150.0, 400.0) + rng.uniform(0.0, 6.28))
    return np.asarray(100.0 * np.exp(np.cumsum(shocks) + turn + crash(hours, regime, rng)))


def _region(offset: float) -> Callable[[State, int], Draw]:
    """Day traders of one region: its own usual leverage and leaning; all out by the session's end."""

    def draw(state: State, count: int) -> Draw:
        rng = state.rng
        usual = trait(state, f"leverage {offset}", lambda r: r.lognormal(1.1, 0.5))
        lean = trait(state, f"lean {offset}", lambda r: r.normal(0.0, 0.25))
        side = long_or_short(state, count, 0.5 + 0.4 * np.tanh(lean + lean * state.move(8.0) / 0.02))
        leverage = usual * rng.uniform(0.25, 2.5, count)
        left = (offset + 9.0 - state.now) % 24.0
        drawn = columns(side, sizes(rng, count, 200.0, 2.0), leverage, state.price)
        return plan(state, drawn, rng.uniform(0.0, 1.0, count) * left, stop=rng.choice([0.5, 1.0, NEVER], count))

    return draw


def _swingers(state: State, count: int) -> Draw:
    """Held over whole funding intervals; the account's other coins move its equity; losers are topped up (`adding`)."""
    rng = state.rng
    notional, leverage = sizes(rng, count, 400.0, 1.7), 0.4 + rng.beta(1.2, 3.5, count) * 14.0
    drawn = columns(
        long_or_short(state, count, 0.5 + 0.25 * np.tanh(state.move(40.0) / 0.06)),
        notional,
        leverage,
        state.price,
        other=notional / leverage * (np.exp(rng.normal(0.0, 0.5, count)) - 1.0) * 0.8,
        peak=np.ones(count),
    )
    hold = np.asarray(8.0 * rng.geometric(0.12, count) - state.now % 8.0, dtype=np.float64)
    return plan(state, drawn, hold, take=0.2 + rng.exponential(1.0, count))


_REGIONS = (0.0, 7.0, 14.0)
_SESSIONS = (
    *(Role(5.0, _region(offset)) for offset in _REGIONS),
    Role(60.0, _swingers),
    Role(20.0, copiers),
    Role(180.0, basis),
    Role(700.0, holders, standing=True),
)


def _sessions_new(state: State) -> Mapping[str, Array]:
    open_now = tuple(2.2 if (state.now - offset) % 24.0 < 9.0 else 0.15 for offset in _REGIONS)
    return crowd(state, _SESSIONS, (*open_now, 1.0, 1.0, 1.0, 1.0))


def _sessions_add(state: State) -> None:
    """Swing traders (marked by `peak`) who lost half their wallet add half of it, now and then."""
    poor = (state["peak"] == 1.0) & (gain_on_wallet(state) < -0.5) & (state.rng.random(len(state["id"])) < 0.3 * state.dt)
    state.columns["wallet"] = state["wallet"] * np.where(poor, 1.5, 1.0)


FAMILIES = (
    Generator("bourse", "binance-2025", "users", trending, _bourse_new, by_plan, (0.5, 3.0), adding=average_in),
    Generator(
        "desks",
        "hyperliquid-engine",
        "quantity",
        reverting,
        _desks_new,
        by_plan,
        (0.5, 3.0),
        kind=VenueKind.ONCHAIN,
        adding=_desks_add,
    ),
    Generator("frenzy", "value", "users", pumping, _frenzy_new, _frenzy_leave, (0.5, 3.0), adding=average_in),
    Generator("sessions", "equity-entry", "users", seasonal, _sessions_new, by_plan, (0.5, 3.0), adding=_sessions_add),
)
