"""The families that the estimator was never tuned on; written before the tuning, run for the report alone."""

import numpy as np
import numpy.typing as npt

from benchmarks.queue_generators import Array, Generator, State
from benchmarks.queue_laws import arrivals, by_plan, columns, gain_on_wallet, long_or_short, reverting, trending

Mask = npt.NDArray[np.bool_]


# regimes: leverage follows calm and storm, power-law holding, herds, equity moved by other positions


def _regimes_new(state: State) -> dict[str, Array]:
    rng, count = state.rng, arrivals(state, 24.0, busier=6.0)
    storm = min(abs(state.move(24.0)) / 0.05, 2.0)
    leverage = np.exp(rng.normal(np.log(5.0 / (1.0 + 0.5 * storm)), 1.0, count)).clip(0.2, 75.0)
    herd = 0.5 + 0.35 * np.sin(state.now / 5.0) * rng.random()
    notional = np.exp(rng.normal(6.0, 1.3, count))
    return columns(
        long_or_short(state, count, herd),
        notional,
        leverage,
        state.price,
        leave=state.now + 1.5 * (1.0 + rng.pareto(0.9, count)).clip(max=300.0),
        other=notional / leverage * (np.exp(rng.normal(-0.05, 0.3, count)) - 1.0),
        stop=rng.choice([0.25, 0.5, 0.95], count),
        take=rng.choice([0.3, 1.0, 5.0, 50.0], count),
    )


def _regimes_add(state: State) -> None:
    """The rest of the account wanders, 30 % of the wallet a day."""
    shocks = state.rng.standard_normal(len(state["id"])) * 0.3 * np.sqrt(state.dt / 24.0)
    state.columns["other"] = state["other"] + state["wallet"] * shocks


# grids: bots that buy falls and sell rises in steps, average in, and take a few per cent of price; idle at night


def _grids_new(state: State) -> dict[str, Array]:
    rng = state.rng
    awake = 1.0 + 0.7 * np.sin(2.0 * np.pi * state.now / 24.0)
    count = int(rng.binomial(arrivals(state, 28.0, busier=8.0), awake / 1.7))
    against = 0.5 - 0.35 * np.tanh(state.move(1.0) / 0.01)
    leverage = 0.5 + 11.5 * rng.beta(1.3, 3.0, count)
    step = rng.choice([0.004, 0.01, 0.025, 0.06], count, p=[0.3, 0.3, 0.25, 0.15])
    return columns(
        long_or_short(state, count, against),
        np.exp(rng.normal(5.0, 0.8, count)),
        leverage,
        state.price,
        leave=state.now + rng.weibull(0.7, count) * 70.0,
        take=step * leverage,
        stop=rng.uniform(0.5, 2.0, count),
        kind=step,
    )


def _grids_add(state: State) -> None:
    """One step of the grid against them: a third is added, once in ten chances a minute, from money that was set aside."""
    against = -state["side"] * np.log(state.price / state["entry"])
    grow = np.where((against > state["kind"]) & (state.rng.random(len(against)) < 6.0 * state.dt), 1.0 / 3.0, 0.0)
    bought = state["size"] * grow
    state.columns["wallet"] = state["wallet"] * (1.0 + 0.5 * grow)
    state.columns["entry"] = (state["entry"] * state["size"] + state.price * bought) / (state["size"] + bought)
    state.columns["size"] = state["size"] + bought


# carry: shorts are mostly desks with low leverage and the coin beside it, longs are gamblers; the sides have little in common


def _carry_new(state: State) -> dict[str, Array]:
    rng, count = state.rng, arrivals(state, 45.0)
    side = long_or_short(state, count, 0.62 + 0.1 * np.tanh(state.move(48.0) / 0.08))
    desk = np.where(side < 0, rng.random(count) < 0.55, rng.random(count) < 0.05)
    leverage = np.where(desk, rng.triangular(0.8, 1.2, 3.5, count), rng.choice([3.0, 5.0, 10.0, 25.0, 50.0], count))
    used = np.where(desk, 1.0, rng.uniform(0.1, 0.9, count))
    hold = np.where(desk, rng.gamma(2.0, 60.0, count), np.exp(rng.normal(np.log(9.0), 1.2, count)))
    return columns(
        side,
        np.exp(rng.normal(np.where(desk, 9.0, 6.0), 1.0, count)),
        leverage * used,
        state.price,
        leave=state.now + hold,
        hedged=(desk & (rng.random(count) < 0.5)).astype(float),
        stop=np.where(desk, 9.0, rng.uniform(0.5, 1.0, count)),
        take=np.where(desk, 9.0, rng.lognormal(0.0, 1.0, count)),
    )


# copies: leaders are followed by dozens within the minute, at one price and one multiple, and sold out together


def _copies_new(state: State) -> dict[str, Array]:
    rng = state.rng
    leaders = int(rng.binomial(arrivals(state, 30.0, busier=3.0), 1.0 / 12.0))
    followers = 1 + rng.geometric(1.0 / 12.0, leaders)
    count = int(followers.sum())

    def each(values: Array) -> Array:
        return np.repeat(values, followers)

    side = each(long_or_short(state, leaders, 0.5 + 0.3 * np.tanh(state.move(4.0) / 0.02)))
    multiple = each(rng.choice([2.0, 3.0, 5.0, 10.0, 20.0], leaders, p=[0.2, 0.25, 0.3, 0.2, 0.05]))
    return columns(
        side,
        np.exp(rng.normal(5.5, 1.0, count)),
        multiple * rng.uniform(0.25, 1.0, count),
        state.price,
        leave=state.now + each(np.exp(rng.normal(np.log(12.0), 1.1, leaders))) + rng.uniform(0.0, 0.2, count),
        stop=each(rng.uniform(0.3, 0.9, leaders)) + rng.uniform(0.0, 0.05, count),
        take=each(rng.exponential(0.8, leaders) + 0.1) + rng.uniform(0.0, 0.05, count),
    )


# portfolios: each account holds other coins as well, which move with this one by its own beta


def _portfolios_new(state: State) -> dict[str, Array]:
    rng, count = state.rng, arrivals(state, 36.0, busier=2.0)
    notional = np.exp(rng.normal(6.5, 1.6, count))
    return columns(
        long_or_short(state, count, 0.5 + 0.15 * np.tanh(state.move(24.0) / 0.05)),
        notional,
        np.exp(rng.normal(np.log(2.2), 0.6, count)) * rng.choice([0.5, 1.0, 2.0], count),
        state.price,
        leave=np.exp(rng.normal(np.log(24.0), 1.0, count)),
        kind=rng.normal(0.3, 0.8, count) * notional,
    )


def _portfolios_add(state: State) -> None:
    """The other coins follow this one's last step with the account's beta, long or short."""
    step = state.price / float(state.prices[state.step - 1]) - 1.0
    state.columns["other"] = state["other"] + state["side"] * state["kind"] * step


def _portfolios_leave(state: State) -> Mask:
    """A constant hazard, three times as high once half the wallet is lost."""
    hazard = np.where(gain_on_wallet(state) < -0.5, 3.0, 1.0) / state["leave"]
    return np.asarray(state.rng.random(len(hazard)) < -np.expm1(-hazard * state.dt))


FAMILIES = (
    Generator("regimes", "binance-2025", "users", trending, _regimes_new, by_plan, (0.5, 3.0), adding=_regimes_add),
    Generator("grids", "binance-2025", "users", reverting, _grids_new, by_plan, (0.5, 3.0), adding=_grids_add),
    Generator("carry", "equity-entry", "users", trending, _carry_new, by_plan, (0.5, 3.0)),
    Generator("copies", "binance-2025", "users", reverting, _copies_new, by_plan, (0.5, 3.0)),
    Generator(
        "portfolios", "equity-entry", "users", trending, _portfolios_new, _portfolios_leave, (0.5, 3.0), adding=_portfolios_add
    ),
)
