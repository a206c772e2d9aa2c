"""The synthetic population: several hypotheses about who holds a side, drawn once and repriced at any mark.

Arrays have the shape (hypotheses, traders). The draws depend on the seed and the queue alone, never on the data, so that a
rebuild with one candle more moves the traders a little instead of throwing the dice again.
"""

from functools import lru_cache
from statistics import NormalDist
from zlib import crc32

import numpy as np
import numpy.typing as npt
from msgspec import Struct
from msgspec.structs import replace

from adlwatch.domain.inputs import Array, Inputs
from adlwatch.domain.queue_path import Path
from adlwatch.domain.queue_priors import Basis, HolderKind, Prior, QueuePriors
from adlwatch.domain.score import evaluate

HYPOTHESES = 16
TRADERS = 128
NOTIONAL = 1_000.0
"""Entry notional of every synthetic trader: scores are ratios, only the rules' floors see it."""
ZERO = 1e-9
"""A price of nothing, as a fraction of the mark: prices do not fall below zero."""
TURNOVER_SHARE: dict[Basis, float] = {"users": 0.5, "quantity": 1.0}
"""Power with which the market's turnover moves the prior's holding times. Open interest and volume are quantities, so where the
queue counts quantity they say how long it is held. Where it counts traders, one that turns over faster than the prior says has
busier traders or a busy few, and nobody tells which, so half (in logarithms) is put down to either."""
LEAST_OPENED, MOST_OPENED = 0.1, 10.0
"""Bounds of a bar's openings over its average: even where all leave somebody enters, and a history is never that exact."""
BUSIER = -0.3
"""Power of leverage in the holding time: double the leverage, a fifth less time."""


class Population(Struct, frozen=True, eq=False):
    """Traders of one side. `size` is in base units (linear) or quote value (inverse), `wallet` in the settle currency."""

    sign: int
    inverse: bool
    entry: Array
    size: Array
    wallet: Array
    hedged: Array
    """1 where equity does not move with the position."""
    stop: Array
    """Loss, as a fraction of the wallet, at which the position is gone (by its holder or by liquidation)."""
    take: Array
    """Profit, as a fraction of the wallet, at which its holder has closed it."""
    maintenance_rate: float

    def scores(self, rule: str, mark: float) -> Array:
        """Scores of all traders at a mark, NaN for those who are no longer there or have none under the rule."""
        pnl = self.pnl(mark)
        equity = np.where(self.hedged == 1, self.wallet, self.wallet + pnl)
        value = self.size / mark if self.inverse else self.size * mark
        maintenance = self.maintenance_rate * value
        columns = Inputs(
            sign=np.array(float(self.sign)),
            entry=self.entry,
            mark=np.array(mark),
            size=self.size,
            inverse=np.array(float(self.inverse)),
            isolated=np.array(0.0),
            margin=equity - pnl,
            equity=equity,
            wallet=self.wallet,
            maintenance=maintenance,
            account_maintenance=maintenance,
            bankruptcy=self._bankruptcy(value, equity, mark),
            leverage=NOTIONAL / self.wallet,
        )
        gone = (pnl <= -self.stop * self.wallet) | (pnl >= self.take * self.wallet)
        return np.where(gone & (self.hedged == 0), np.nan, evaluate(rule, columns).value)

    def without_front(self, rule: str, mark: float, share: float) -> "Population":
        """Those left once a share of every hypothesis, highest scores first, has been closed at a mark."""
        scores = self.scores(rule, mark)
        present = scores.shape[1] - np.isnan(scores).sum(axis=1, keepdims=True)
        last = np.clip(np.ceil((1.0 - share) * present).astype(np.int64) - 1, 0, None)
        limit = np.take_along_axis(np.sort(scores, axis=1), last, axis=1)
        return replace(self, entry=np.where(scores > limit, np.nan, self.entry))

    def pnl(self, mark: float) -> Array:
        """Unrealized profit in the settle currency."""
        if self.inverse:
            return self.sign * self.size * (1.0 / self.entry - 1.0 / mark)
        return self.sign * self.size * (mark - self.entry)

    def _bankruptcy(self, value: Array, equity: Array, mark: float) -> Array:
        """Price at which the equity is gone: about zero for a linear long of less than 1x, never for such an inverse short."""
        if not self.inverse:
            return np.maximum(mark - self.sign * equity / self.size, ZERO * mark)
        at = value + self.sign * equity
        return np.where(at > 0, self.size / np.where(at > 0, at, 1.0), np.inf)


class _Draws(Struct, frozen=True):
    """Stratified draws without data: `number[name]` is (hypotheses, 1), `trader[name]` (hypotheses, traders)."""

    rng: np.random.Generator

    def believed(self, prior: Prior, scale: str) -> Array:
        """One value a hypothesis, (hypotheses, 1): the prior's value moved by its doubt."""
        moved = prior.doubt * _normal(HYPOTHESES)[self.rng.permutation(HYPOTHESES)][:, None]
        if scale == "log":
            return prior.value * np.exp(moved)
        if scale == "logit":
            share = min(max(prior.value, 1e-6), 1 - 1e-6)
            return 1.0 / (1.0 + (1.0 / share - 1.0) * np.exp(-moved))
        return prior.value + moved

    def strata(self) -> npt.NDArray[np.int64]:
        """Each trader's stratum, every stratum once a hypothesis."""
        return self.rng.permuted(np.tile(np.arange(TRADERS), (HYPOTHESES, 1)), axis=1)

    def uniform(self) -> Array:
        """Evenly spread over (0, 1) within each hypothesis."""
        return (self.strata() + 0.5) / TRADERS

    def normal(self) -> Array:
        """Standard normal within each hypothesis."""
        return _normal(TRADERS)[self.strata()]


@lru_cache(maxsize=4)
def _normal(count: int) -> Array:
    return np.array([NormalDist().inv_cdf((i + 0.5) / count) for i in range(count)])


class _Laws(Struct, frozen=True):
    """What each trader is like, whatever the price did; all (hypotheses, traders)."""

    leverage: Array
    holding: Array
    """Mean holding time in activity hours."""
    held: Array
    """(hypotheses, 1): share of the volume that opens or closes positions that are held."""
    momentum: Array
    hedged: Array
    age: Array
    """Age over the trader's mean holding time: exponential, which is how the ages of what is open are spread."""
    place: Array
    """Where in the entry bar's range the entry lies."""
    drift: Array
    """Standard normal, for entries older than the candles."""
    stop: Array
    take: Array


def populate(
    priors: QueuePriors,
    path: Path,
    *,
    name: str,
    sign: int,
    inverse: bool,
    maintenance_rate: float,
    basis: Basis,
    seed: int,
) -> Population:
    """Draw the population that the path left behind. `name` is the queue's and separates its dice from other queues'."""
    laws = _laws(priors, path.turnover_hours, TURNOVER_SHARE[basis], np.random.default_rng([seed, crc32(name.encode())]))
    entry, bar = _entries(laws, path)
    stop = np.minimum(laws.stop, 1.0 - np.minimum(maintenance_rate * laws.leverage, 0.9))
    survived = _survived(laws, path, entry, bar, sign=sign, inverse=inverse, stop=stop)
    weight = survived * np.exp(sign * laws.momentum * path.trend[bar]) * _opened(laws, path, bar)
    pick = _resample(weight)
    entry, leverage, hedged, stop, take = (
        np.take_along_axis(column, pick, axis=1) for column in (entry, laws.leverage, laws.hedged, stop, laws.take)
    )
    size = np.full_like(entry, NOTIONAL) if inverse else NOTIONAL / entry
    wallet = (NOTIONAL / entry if inverse else NOTIONAL) / leverage
    return Population(sign, inverse, entry, size, wallet, hedged, stop, take, maintenance_rate)


def _laws(priors: QueuePriors, turnover_hours: float | None, turnover_share: float, rng: np.random.Generator) -> _Laws:
    draws = _Draws(rng)
    held = draws.believed(priors.held_volume, "logit")
    shares = np.stack([draws.believed(kind.share, "logit") for kind in priors.kinds])
    shares /= shares.sum(axis=0)
    kind = (draws.uniform()[None] > np.cumsum(shares, axis=0)[:-1]).sum(axis=0)
    parts = [_kind_laws(k, draws) for k in priors.kinds]
    leverage, hours, momentum, hedged = (np.choose(kind, columns) for columns in zip(*parts, strict=True))
    if turnover_hours is not None:
        rates = sum(share / part[1].mean(axis=1, keepdims=True) for share, part in zip(shares, parts, strict=True))
        hours = hours * (rates * 2.0 * turnover_hours / held) ** turnover_share
    return _Laws(
        leverage=leverage,
        holding=hours,
        held=held,
        momentum=momentum,
        hedged=hedged,
        age=-np.log(draws.uniform()),
        place=draws.uniform(),
        drift=draws.normal(),
        stop=draws.believed(priors.stop_loss, "log") * np.exp(0.3 * draws.normal()),
        take=draws.believed(priors.take_profit, "log") * np.exp(0.7 * draws.normal()),
    )


def _kind_laws(kind: HolderKind, draws: _Draws) -> tuple[Array, Array, Array, Array]:
    """Leverage, holding hours, momentum, hedged."""
    excess = draws.believed(kind.leverage_spread, "log") * draws.normal()
    leverage = draws.believed(kind.leverage, "log") * np.exp(excess)
    hours = draws.believed(kind.holding_hours, "log") * np.exp(BUSIER * excess)
    momentum = np.broadcast_to(draws.believed(kind.momentum, "plain"), leverage.shape)
    hedged = (draws.uniform() < draws.believed(kind.hedged, "logit")).astype(np.float64)
    return np.clip(leverage, 0.05, 125.0), hours, momentum, hedged


def _entries(laws: _Laws, path: Path) -> tuple[Array, npt.NDArray[np.int64]]:
    """Entry price and bar of each trader; those older than the candles entered near the first one, the farther the older."""
    at = path.edges[-1] - laws.age * laws.holding
    bar = np.clip(np.searchsorted(path.edges, at, side="right") - 1, 0, len(path.low) - 1)
    entry = path.low[bar] + (path.high - path.low)[bar] * laws.place
    days_before = np.clip(-at, 0.0, 24.0 * 90) / 24.0
    return entry * np.exp(path.daily_volatility * np.sqrt(days_before) * laws.drift), bar


def _opened(laws: _Laws, path: Path, bar: npt.NDArray[np.int64]) -> Array:
    """How much more of the bar's held volume opened positions than in a market that stays as large as it is.

    Openings less closings are what the open interest grew by, openings and closings together are the held volume.
    """
    if path.grown is None:
        return np.ones(bar.shape)
    held = np.maximum(laws.held * np.diff(path.edges), 1e-9)
    return np.take_along_axis(np.clip(1.0 + path.grown / held, LEAST_OPENED, MOST_OPENED), bar, axis=1)


def _survived(
    laws: _Laws, path: Path, entry: Array, bar: npt.NDArray[np.int64], *, sign: int, inverse: bool, stop: Array
) -> Array:
    """1 for a trader whom no price since entry stopped out, liquidated or carried to the target."""
    against, favour = (path.lowest_after, path.highest_after) if sign > 0 else (path.highest_after, path.lowest_after)
    worst, best = (sign * _move(entry, extreme[bar], inverse=inverse) * laws.leverage for extreme in (against, favour))
    return np.asarray(((worst > -stop) & (best < laws.take)) | (laws.hedged == 1), dtype=np.float64)


def _move(entry: Array, price: Array, *, inverse: bool) -> Array:
    """Profit of a long over its entry value."""
    return 1.0 - entry / price if inverse else price / entry - 1.0


def _resample(weight: Array) -> npt.NDArray[np.int64]:
    """Indices of as many traders with equal weight, hypothesis by hypothesis; where nobody has weight, all count alike."""
    weight = np.where(weight.sum(axis=1, keepdims=True) > 0, weight, 1.0)
    return np.stack([systematic(row, weight.shape[1]) for row in weight])


def systematic(weight: Array, count: int) -> npt.NDArray[np.int64]:
    """`count` indices that stand for the weights (n,) with equal weight, by systematic resampling."""
    reached: Array = np.cumsum(weight)
    steps = (np.arange(count) + 0.5) / count * reached[-1]
    return np.asarray(np.minimum(reached.searchsorted(steps), len(weight) - 1), dtype=np.int64)
