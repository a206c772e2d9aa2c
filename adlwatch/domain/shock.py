"""Joint shocks: what each coin does when some are said to move, the rest following Bitcoin by their beta."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

import numpy as np

from adlwatch.domain.exposure import Exposure
from adlwatch.domain.inputs import Array
from adlwatch.domain.model import Candle

LEADER = "BTC"
LEAST_RETURNS = 24
"""Returns both coins must have in common before a beta is measured rather than assumed to be 1."""
LOWEST = -0.95
"""No coin is moved further down than this: a beta is not meant to make a price negative."""
PATH_STEPS = 101


class Shock(NamedTuple):
    """How far each coin of a book moves, as fractions, and which of the moves rest on an assumed beta of 1."""

    moves: Mapping[str, float]
    assumed: tuple[str, ...]


def shock(coins: Iterable[str], given: Mapping[str, float], betas: Mapping[str, float]) -> Shock:
    """Every coin's move: the one given, else beta times Bitcoin's where that is given, else none.

    Raises:
        ValueError: a given move is not above -100 %.

    """
    for coin, move in given.items():
        if not move > -1.0:
            raise ValueError(f"move of {coin}: {move:+.0%} is not above -100%")
    lead = given.get(LEADER, 0.0)
    moves, assumed = {}, []
    for coin in coins:
        if coin in given:
            moves[coin] = given[coin]
        elif coin in betas:
            moves[coin] = max(LOWEST, betas[coin] * lead)
        else:
            moves[coin] = lead
            if lead:
                assumed.append(coin)
    return Shock(moves, tuple(assumed))


def betas(candles: Mapping[str, tuple[Candle, ...]]) -> dict[str, float]:
    """Beta to Bitcoin by coin, from log returns between candles that both have; only where there are enough of them."""
    lead = _closes(candles.get(LEADER, ()))
    found = {}
    for coin, bars in candles.items():
        own = _closes(bars)
        times = sorted(own.keys() & lead.keys())
        if len(times) <= LEAST_RETURNS:
            continue
        x, y = (np.diff(np.log([closes[time] for time in times])) for closes in (lead, own))
        spread = float(np.var(x))
        if spread > 0.0:
            found[coin] = float(np.mean((x - x.mean()) * (y - y.mean()))) / spread
    return found


def path(book: Exposure, moves: Mapping[str, float], steps: int = PATH_STEPS) -> Array:
    """Ratios along the straight way from here to the shock, shape (coins, steps)."""
    ends = np.array([moves.get(coin, 0.0) for coin in book.coins])
    return 1.0 + ends[:, None] * np.linspace(0.0, 1.0, steps)


def _closes(bars: tuple[Candle, ...]) -> dict[datetime, float]:
    return {bar.time: bar.close for bar in bars if bar.close > 0.0}
