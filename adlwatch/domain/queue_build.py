"""Where queues come from: what is public about a market, or the whole population where a venue shows it."""

from collections.abc import Iterable
from datetime import datetime

from adlwatch.domain.model import Contract, Market, Side
from adlwatch.domain.queue import Queue, QueueKey
from adlwatch.domain.queue_calibration import Residual
from adlwatch.domain.queue_path import Path, walk
from adlwatch.domain.queue_population import populate
from adlwatch.domain.queue_priors import Basis, QueuePriors
from adlwatch.domain.queue_taking import Taking

MAINTENANCE = 0.005
"""Maintenance rate where the market states none: the lowest tier of most venues."""
LEAST_HOURS = 24.0
"""A path shorter than this does not show where those who are in the queue entered."""
MARK_REACH = 2.0
"""Moves of the mark, in daily standard deviations, over which the residual is forgotten."""


def build(  # noqa: PLR0917  # one argument an input of the estimate
    profile_rule: str,
    priors: QueuePriors,
    market: Market,
    side: Side,
    now: datetime,
    seed: int,
    *,
    basis: Basis = "users",
    takings: Iterable[Taking] = (),
) -> Queue:
    """Estimate a queue from what is public about its market; `step` says what was missing. Deterministic for a seed.

    `takings` are those gone from its front that the candles cannot show, oldest first.
    """
    key = QueueKey(market.venue, market.symbol, side)
    path = walk(market, now)
    if path is None or path.hours[-1] < LEAST_HOURS:
        return Queue(key=key, rule=profile_rule, step="less than a day of candles: the queue is unknown", built_at=now)
    population = populate(
        priors,
        path,
        name=":".join(key),
        sign=side.sign,
        inverse=market.contract is Contract.INVERSE,
        maintenance_rate=market.maintenance_rate if market.maintenance_rate is not None else MAINTENANCE,
        basis=basis,
        seed=seed,
    )
    for taking in takings:
        population = population.without_front(profile_rule, taking.mark, taking.share)
    return Queue(
        key=key,
        rule=profile_rule,
        step=_step(path),
        built_at=now,
        population=population,
        path=path,
        built_mark=path.last,
        residual=Residual(priors.disagreement.value, MARK_REACH * path.daily_volatility),
    )


def _step(path: Path) -> str:
    entries = "entries weighted by volume" if path.weighted_by_volume else "no volume in the candles: entries weighted by time"
    if path.grown is not None:
        entries += " and growth of open interest"
    holding = "holding time from turnover" if path.turnover_hours else "no open interest or volume: holding time assumed"
    return f"{entries}; {holding}"
