"""Markets with known queues, built on assumptions that the estimator does not share.

One bookkeeping (`simulate`) steps price, entries, exits and liquidations of some thousand traders over four weeks; each
generator brings its own laws of price, leverage, size, holding and exit:

- `retail`       lognormal holding times, Pareto leverage, trend followers          (tuning family)
- `disposition`  fixed leverage steps, winners sold fast and losers kept, faders    (tuning family)
- `informed`     a quarter knows the coming day's direction, bimodal leverage, stops and targets, jumps (tuning family)
- `whales`       counted by quantity: Pareto sizes, a few hold most, scaled entries, hedged accounts    (tuning family)
- `regimes`      leverage follows calm and storm, holding by power law, herds enter together, equity moved by other positions
- `grids`        bots that average in against the move and take a few per cent of price, idle at night
- `carry`        shorts are desks with low leverage and hedges, longs gamblers
- `copies`       a dozen follow each leader at one price, with one multiple, and leave together
- `portfolios`   every account's equity follows the coin by its own beta
- `bourse`, `desks`, `frenzy`, `sessions`  mixtures of many kinds of traders, in proportions drawn for each world

The truth (every trader's score) is recorded at the steps asked for; the estimator gets only what a venue publishes.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from zlib import crc32

import numpy as np
import numpy.typing as npt

from adlwatch.domain.model import Candle, Contract, Market, Side
from adlwatch.domain.queue_priors import Basis, VenueKind
from adlwatch.domain.score import Inputs, evaluate

Array = npt.NDArray[np.float64]
PriceLaw = Callable[[Array, str, np.random.Generator], Array]
"""Prices at the hours of a grid, of a regime."""
END = datetime(2026, 1, 29, tzinfo=UTC)
MAINTENANCE = 0.005
FINE_HOURS = 1.0 / 3.0
"""The last twenty minutes are stepped every 5 seconds."""
COLUMNS = ("id", "side", "entry", "size", "wallet", "other", "hedged", "leave", "stop", "take", "opened", "kind", "role", "peak")


def hours_grid() -> Array:
    """Hours before the end, negative, rising to 0."""
    return np.unique(
        np.round(
            np.concatenate(
                (
                    np.arange(-28 * 24.0, -14 * 24.0, 1.0),
                    np.arange(-14 * 24.0, -24.0, 1 / 12),
                    np.arange(-24.0, -FINE_HOURS, 1 / 60),
                    np.arange(-FINE_HOURS, 1e-9, 1 / 720),
                )
            ),
            6,
        )
    )


@dataclass(frozen=True, slots=True)
class Crowd:
    """What everyone on a side holds; `weight` is what the queue counts."""

    entry: Array
    leverage: Array
    """Entry notional over the equity put up."""
    weight: Array
    age: Array
    """Hours since the position was opened."""


@dataclass(frozen=True, slots=True)
class Truth:
    """Everyone on a side at one step."""

    ids: npt.NDArray[np.int64]
    scores: Array
    quantiles: Array
    """Place in the queue, 1 = front, a trader counted half to himself."""
    crowd: Crowd | None
    """None where nobody asks for it."""
    score_at: Callable[[float], Array]
    """Everyone's scores at another mark, everything else as it is."""

    def levels(self) -> npt.NDArray[np.int64]:
        """Lights, 1 to 5."""
        return np.clip(np.ceil(5 * self.quantiles), 1, 5).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Generator:
    """The laws of one family. Each law gets the simulation's state and its dice."""

    name: str
    rule: str
    basis: Basis
    price: PriceLaw
    newcomers: Callable[["State"], Mapping[str, Array]]
    leaving: Callable[["State"], npt.NDArray[np.bool_]]
    making: tuple[float, float]
    """Range of the volume traded for every unit of position opened or closed."""
    tuning: bool = False
    kind: VenueKind = VenueKind.RETAIL
    adding: Callable[["State"], None] | None = None
    """Adds to open positions in place."""


@dataclass(slots=True)
class State:
    """The market while it is stepped."""

    rng: np.random.Generator
    hours: Array
    prices: Array
    step: int = 0
    seen: int = 0
    """Traders so far."""
    columns: dict[str, Array] = field(default_factory=lambda: {name: np.zeros(0) for name in COLUMNS})
    traits: dict[str, Array] = field(default_factory=dict)
    """What a family drew once for this world, or carries from step to step."""

    def __getitem__(self, name: str) -> Array:
        return self.columns[name]

    @property
    def now(self) -> float:
        """Hours before the end, negative."""
        return float(self.hours[self.step])

    @property
    def price(self) -> float:
        """The mark."""
        return float(self.prices[self.step])

    @property
    def dt(self) -> float:
        """Hours since the step before."""
        return float(self.hours[self.step] - self.hours[max(self.step - 1, 0)])

    def move(self, back_hours: float) -> float:
        """Log move of the last so many hours."""
        return float(np.log(self.price / np.interp(self.now - back_hours, self.hours, self.prices)))

    def coming(self, hours: float) -> float:
        """Log move of the next so many hours: only the informed may look."""
        return float(np.log(np.interp(self.now + hours, self.hours, self.prices) / self.price))

    def pnl(self) -> Array:
        """Everyone's unrealized profit."""
        return np.asarray(self["side"] * self["size"] * (self.price - self["entry"]))

    def equity(self) -> Array:
        """What stands behind everyone's position."""
        pnl = self.pnl()
        return np.asarray(self["wallet"] + self["other"] + np.where(self["hedged"] == 1, 0.0, pnl))


@dataclass(frozen=True, slots=True)
class World:
    """One simulated market and what is known about it."""

    generator: Generator
    regime: str
    hours: Array
    prices: Array
    volume: Array
    open_interest: Array
    truths: Mapping[tuple[int, Side], Truth]

    def step_at(self, hours: float) -> int:
        """Index of the first step at or after a time (hours before the end, negative)."""
        return int(np.searchsorted(self.hours, hours - 1e-6))

    def time(self, step: int) -> datetime:
        """Time of a step."""
        return END + timedelta(hours=float(self.hours[step]))

    def market(self, step: int) -> Market:
        """What a venue publishes: hourly candles for 14 days, 5-minute candles for the last day, open interest, 24 h volume."""
        end = float(self.hours[step])
        day = np.floor(end) - 24.0
        edges = np.concatenate((np.arange(np.floor(end) - 14 * 24.0, day, 1.0), np.arange(day, end - 1e-6, 1 / 12)))
        recent = (self.hours > end - 24.0) & (self.hours <= end)
        return Market(
            venue=self.generator.name,
            symbol="COIN/USDT:USDT",
            contract=Contract.LINEAR,
            mark_price=float(self.prices[step]),
            open_interest=float(self.open_interest[step]),
            volume_24h=float(self.volume[recent].sum()),
            candles=tuple(self._candles(edges, step)),
            maintenance_rate=MAINTENANCE,
            as_of=self.time(step),
            open_interest_history=tuple(self._interest(end, step)),
        )

    def _interest(self, end: float, step: int) -> Iterator[tuple[datetime, float]]:
        """Hourly open interest of the last 14 days, and that of the moment."""
        for hour in np.arange(np.floor(end) - 14 * 24.0, end - 1e-6, 1.0):
            yield END + timedelta(hours=float(hour)), float(self.open_interest[self.step_at(hour)])
        yield self.time(step), float(self.open_interest[step])

    def _candles(self, edges: Array, step: int) -> list[Candle]:
        starts = np.append(np.searchsorted(self.hours, edges - 1e-6), step)
        return [
            Candle(
                time=END + timedelta(hours=float(edge)),
                open=float(self.prices[first]),
                high=float(self.prices[first : last + 1].max()),
                low=float(self.prices[first : last + 1].min()),
                close=float(self.prices[last]),
                volume=float(self.volume[first + 1 : last + 1].sum()),
            )
            for edge, first, last in zip(edges, starts[:-1], starts[1:], strict=True)
        ]


def simulate(generator: Generator, seed: int, regime: str, watch: frozenset[float], crowd: int = 0) -> World:
    """Step a market; the truth is kept at the times of `watch` (hours before the end) for both sides.

    Another `crowd` is another draw of the traders under the same laws on the same prices.
    """
    name = crc32(f"{generator.name} {regime}".encode())
    hours = hours_grid()
    prices = generator.price(hours, regime, np.random.default_rng([seed, name]))
    rng = np.random.default_rng([seed, name, 1 + crowd])
    state = State(rng, hours, prices)
    making = float(rng.uniform(*generator.making))
    volume, interest = np.zeros(len(hours)), np.zeros(len(hours))
    kept = {int(np.searchsorted(hours, at - 1e-6)) for at in watch}
    truths: dict[tuple[int, Side], Truth] = {}
    for step in range(1, len(hours)):
        state.step = step
        traded = _exits(state, generator) + _entries(state, generator)
        volume[step] = making * traded
        interest[step] = max(state["size"][state["side"] > 0].sum(), state["size"][state["side"] < 0].sum())
        if step in kept:
            truths.update({(step, side): _truth(state, generator, side) for side in Side})
    return World(generator, regime, hours, prices, volume, interest, truths)


def _exits(state: State, generator: Generator) -> float:
    """Liquidate, then let leave who wants to; returns the quantity closed."""
    if not len(state["id"]):
        return 0.0
    gone = state.equity() <= MAINTENANCE * state["size"] * state.price
    gone |= generator.leaving(state)
    if not gone.any():
        return 0.0
    closed = float(state["size"][gone].sum())
    state.columns = {name: column[~gone] for name, column in state.columns.items()}
    return closed


def _entries(state: State, generator: Generator) -> float:
    """Let newcomers in and holders add; returns the quantity opened."""
    before = float(state["size"].sum())
    if generator.adding is not None and len(state["id"]):
        generator.adding(state)
    fresh = dict(generator.newcomers(state))
    count = len(fresh["side"])
    if count:
        fresh["id"] = np.arange(state.seen, state.seen + count, dtype=np.float64)
        state.seen += count
        fresh.setdefault("entry", np.full(count, state.price))
        fresh["opened"] = np.full(count, state.now)
        empty = np.zeros(count)
        state.columns = {name: np.concatenate((state[name], fresh.get(name, empty))) for name in COLUMNS}
    return float(state["size"].sum()) - before


def _truth(state: State, generator: Generator, side: Side) -> Truth:
    here = state["side"] == side.sign
    column = {name: values[here] for name, values in state.columns.items()}
    score_at = partial(_scores, column, generator.rule, side.sign)
    scores = score_at(state.price)
    weight = column["size"] if generator.basis == "quantity" else np.ones(len(scores))
    order = np.argsort(scores, kind="stable")
    reached = np.empty(len(scores))
    reached[order] = np.cumsum(weight[order]) - 0.5 * weight[order]
    leverage = column["size"] * column["entry"] / (column["wallet"] + column["other"])
    crowd = Crowd(column["entry"], leverage, weight, state.now - column["opened"])
    return Truth(column["id"].astype(np.int64), scores, reached / weight.sum(), crowd, score_at)


def _scores(column: Mapping[str, Array], rule: str, sign: int, mark: float) -> Array:
    pnl = sign * column["size"] * (mark - column["entry"])
    margin = column["wallet"] + column["other"]
    equity = np.where(column["hedged"] == 1, margin, margin + pnl)
    maintenance = MAINTENANCE * column["size"] * mark
    return evaluate(
        rule,
        Inputs.of(
            sign=float(sign),
            entry=column["entry"],
            mark=mark,
            size=column["size"],
            isolated=0.0,
            margin=equity - pnl,
            equity=equity,
            wallet=column["wallet"],
            maintenance=maintenance,
            account_maintenance=maintenance,
            bankruptcy=np.maximum(mark - sign * equity / column["size"], 1e-9 * mark),
        ),
    ).value
