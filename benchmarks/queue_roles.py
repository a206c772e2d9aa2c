"""Kinds of traders that the held-out mixtures (`queue_mixtures`) are made of, and how a step draws its newcomers from them.

Written together with the mixtures, before any of it was run; never tuned on.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.queue_generators import COLUMNS, Array, State
from benchmarks.queue_laws import ALIVE, Mask, columns, gain_on_wallet, long_or_short

NEVER = 1e9
MIXING = 1.3
"""Concentration of the Dirichlet law of the proportions: some kinds dominate a world, few are absent."""
Draw = dict[str, Array]


@dataclass(frozen=True, slots=True)
class Role:
    """One kind of trader: about how long one stays, and what a number of newcomers look like."""

    hours: float
    draw: Callable[[State, int], Draw]
    standing: bool = False
    """Whether most were there before the simulation began, with entries from long ago."""


def shares(state: State, count: int) -> Array:
    """Shares of the roles in what is open, drawn once for a world."""
    if "shares" not in state.traits:
        state.traits["shares"] = state.rng.dirichlet(np.full(count, MIXING))
    return state.traits["shares"]


def trait(state: State, name: str, draw: Callable[[np.random.Generator], float]) -> float:
    """A number drawn once for a world."""
    if name not in state.traits:
        state.traits[name] = np.array(draw(state.rng))
    return float(state.traits[name])


def crowd(state: State, roles: Sequence[Role], activity: Sequence[float]) -> Mapping[str, Array]:
    """The newcomers of a step: each role's inflow keeps its share of `ALIVE`, times its activity of the moment."""
    drawn: list[Draw] = []
    for i, (role, share) in enumerate(zip(roles, shares(state, len(roles)), strict=True)):
        if role.standing and state.step == 1:
            found = role.draw(state, int(ALIVE * share))
            found["entry"] = state.price * np.exp(state.rng.normal(0.0, 0.2, len(found["side"])))
        else:
            inflow = ALIVE * share / role.hours * min(state.dt, role.hours) * activity[i]
            found = role.draw(state, int(state.rng.poisson(min(inflow, 1500.0))))
        found["role"] = np.full(len(found["side"]), float(i))
        found.setdefault("entry", np.full(len(found["side"]), state.price))
        drawn.append(found)
    return {name: np.concatenate([_column(d, name) for d in drawn]) for name in COLUMNS}


def _column(drawn: Draw, name: str) -> Array:
    return drawn.get(name, np.zeros(len(drawn["side"])))


def plan(state: State, drawn: Draw, hold: Array, *, stop: Array | float = NEVER, take: Array | float = NEVER) -> Draw:
    """A newcomer's plan: when to leave at the latest, at which loss and which gain on the wallet before that."""
    count = len(drawn["side"])
    return drawn | {
        "leave": state.now + np.maximum(hold, 0.02),
        "stop": np.broadcast_to(np.asarray(stop, dtype=np.float64), count),
        "take": np.broadcast_to(np.asarray(take, dtype=np.float64), count),
    }


def loglogistic(rng: np.random.Generator, count: int, median: float, shape: float) -> Array:
    """Heavy-tailed holding times, 60 days at most."""
    u = rng.uniform(1e-4, 1.0 - 1e-4, count)
    return np.asarray(np.minimum(median * (u / (1.0 - u)) ** (1.0 / shape), 1440.0))


def used(rng: np.random.Generator, count: int, a: float = 1.4, b: float = 2.2) -> Array:
    """Share of the set leverage that is in use (Kumaraswamy's law)."""
    return np.asarray((1.0 - (1.0 - rng.uniform(0, 1, count)) ** (1.0 / b)) ** (1.0 / a)).clip(0.03)


def sizes(rng: np.random.Generator, count: int, median: float, tail: float) -> Array:
    """Notional by a Lomax law."""
    return np.asarray(median * (0.2 + rng.pareto(tail, count)).clip(max=5000.0))


def by_plan(state: State) -> Mask:
    gain = gain_on_wallet(state)
    out = (gain < -state["stop"]) | (gain > state["take"])
    return np.asarray((state["leave"] <= state.now) | (out & (state["hedged"] == 0)))


def noise(menu: Sequence[float], median: float) -> Callable[[State, int], Draw]:
    """No opinion; leverage from a menu of which part is used; nothing but liquidation stops them."""

    def draw(state: State, count: int) -> Draw:
        rng = state.rng
        tilt = trait(state, "menu", lambda r: r.uniform(-0.5, 0.8))
        weight = np.exp(-tilt * np.arange(len(menu)))
        leverage = rng.choice(menu, count, p=weight / weight.sum()) * used(rng, count)
        side = long_or_short(state, count, 0.5)
        return plan(
            state, columns(side, sizes(rng, count, 150.0, 1.6), leverage, state.price), loglogistic(rng, count, median, 1.2)
        )

    return draw


def chasers(back: float, scale: float, median: float) -> Callable[[State, int], Draw]:
    """They go with the last hours' move, stop early and let some profits run."""

    def draw(state: State, count: int) -> Draw:
        rng = state.rng
        side = long_or_short(state, count, 0.5 + 0.42 * np.tanh(state.move(back) / scale))
        leverage = 0.8 + rng.gamma(1.6, 2.6, count)
        hold = np.where(rng.random(count) < 0.6, rng.exponential(median, count), rng.exponential(8.0 * median, count))
        return plan(
            state,
            columns(side, sizes(rng, count, 200.0, 1.8), leverage, state.price),
            hold,
            stop=rng.uniform(0.15, 0.8, count),
            take=0.3 + rng.weibull(0.8, count) * 2.0,
        )

    return draw


def bargainers(state: State, count: int) -> Draw:
    """They fade the day's move, sell a small gain and sit on losses."""
    rng = state.rng
    side = long_or_short(state, count, 0.5 - 0.35 * np.tanh(state.move(24.0) / 0.04))
    leverage = rng.choice([1.0, 2.0, 3.0, 5.0, 10.0], count) * used(rng, count, 2.0, 1.5)
    return plan(
        state,
        columns(side, sizes(rng, count, 180.0, 2.0), leverage, state.price),
        loglogistic(rng, count, 70.0, 1.5),
        take=0.04 + rng.exponential(0.25, count),
    )


def grids(state: State, count: int) -> Draw:
    """Bots that average in; `kind` is their step, `adding` does the rest."""
    rng = state.rng
    leverage = rng.uniform(0.5, 6.0, count)
    step = rng.uniform(0.005, 0.05, count)
    drawn = columns(long_or_short(state, count, 0.6), sizes(rng, count, 90.0, 2.5), leverage, state.price, kind=step)
    return plan(state, drawn, loglogistic(rng, count, 50.0, 1.3), take=2.0 * step * leverage, stop=rng.uniform(0.6, 3.0, count))


def copiers(state: State, count: int) -> Draw:
    """Followers of a few leaders, in at one price and out together."""
    rng = state.rng
    leaders = max(1, count // 15) if count else 0
    of = rng.integers(0, max(leaders, 1), count)
    side = long_or_short(state, leaders + 1, 0.5 + 0.2 * np.tanh(state.move(6.0) / 0.02))[of]
    multiple, hold = rng.uniform(1.0, 12.0, leaders + 1)[of], loglogistic(rng, leaders + 1, 14.0, 1.4)[of]
    take, stop = (0.1 + rng.exponential(0.7, leaders + 1))[of], rng.uniform(0.2, 0.95, leaders + 1)[of]
    drawn = columns(side, sizes(rng, count, 120.0, 2.2), multiple * rng.uniform(0.5, 1.0, count), state.price)
    return plan(state, drawn, hold, stop=stop, take=take)


def basis(state: State, count: int) -> Draw:
    """Carry desks on the side that earns funding in this world; most with the coin beside it."""
    rng = state.rng
    short = trait(state, "carry", lambda r: r.choice([0.9, 0.9, 0.2]))
    drawn = columns(
        long_or_short(state, count, 1.0 - short),
        sizes(rng, count, 2500.0, 1.5),
        rng.uniform(0.7, 2.2, count),
        state.price,
        hedged=(rng.random(count) < 0.65).astype(float),
    )
    return plan(state, drawn, rng.gamma(1.5, 130.0, count))


def holders(state: State, count: int) -> Draw:
    """Long-term holders: little leverage, weeks to months, mostly long."""
    rng = state.rng
    long = trait(state, "holders", lambda r: r.uniform(0.55, 0.9))
    drawn = columns(
        long_or_short(state, count, long), sizes(rng, count, 600.0, 1.4), np.exp(rng.normal(0.1, 0.6, count)), state.price
    )
    return plan(state, drawn, rng.exponential(900.0, count), take=rng.uniform(0.5, 4.0, count))


def makers(state: State, count: int) -> Draw:
    """Market makers: against the last minutes, gone within the hour or two."""
    rng = state.rng
    side = long_or_short(state, count, 0.5 - 0.4 * np.tanh(state.move(0.25) / 0.003))
    drawn = columns(side, sizes(rng, count, 1500.0, 1.8), rng.uniform(0.5, 4.0, count), state.price)
    return plan(state, drawn, rng.exponential(0.9, count))


def seers(state: State, count: int) -> Draw:
    """Two thirds of them know the sign of the coming half day."""
    rng = state.rng
    hint = np.sign(state.coming(12.0)) if state.now < -12.0 else 0.0
    drawn = columns(
        long_or_short(state, count, 0.5 + 0.33 * hint),
        sizes(rng, count, 500.0, 1.7),
        1.0 + rng.exponential(2.5, count),
        state.price,
    )
    return plan(
        state,
        drawn,
        2.0 + rng.exponential(16.0, count),
        stop=rng.uniform(0.2, 0.6, count),
        take=0.5 + rng.exponential(1.5, count),
    )


def average_in(state: State) -> None:
    """Grid bots (`kind` is their step) add a quarter when a step under water, from money set aside."""
    against = -state["side"] * np.log(state.price / state["entry"])
    due = (state["kind"] > 0) & (against > state["kind"]) & (state.rng.random(len(against)) < 4.0 * state.dt)
    grow(state, np.where(due, 0.25, 0.0), 0.7)


def grow(state: State, share: Array, margin: float) -> None:
    """Positions grow by a share at the price of the moment; the wallet by so much of that share."""
    bought = state["size"] * share
    state.columns["wallet"] = state["wallet"] * (1.0 + margin * share)
    state.columns["entry"] = (state["entry"] * state["size"] + state.price * bought) / (state["size"] + bought)
    state.columns["size"] = state["size"] + bought
