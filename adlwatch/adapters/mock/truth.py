"""The truth about the queues, for tests and benchmarks. No adapter and no reading knows of it."""

import math

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from adlwatch.adapters.mock import adl
from adlwatch.adapters.mock.margin import margins
from adlwatch.adapters.mock.markets import MARKETS, market_index, venue
from adlwatch.adapters.mock.world import World
from adlwatch.domain.model import Side
from adlwatch.domain.score import Inputs


class Place(Struct, frozen=True):
    """A leg's exact place among the users of its side. `quantile` 1 is the front, `level` is ceil(5 · quantile)."""

    quantile: float
    level: int
    users: int
    ahead: int
    ahead_size: float
    """Base units that would be closed before this leg."""
    score: float
    shielded: bool


class Truth:
    """Looks straight into a world, at its present marks."""

    def __init__(self, world: World) -> None:
        self._world = world

    def queue(self, venue_name: str, symbol: str, side: Side) -> adl.Queue:
        """Everyone on a side, front first."""
        world, market = self._world, market_index(venue_name, symbol)
        m = margins(world.traders, world.marks)
        return adl.rank(world.traders, m, market, side.sign, venue(venue_name).rule)

    def ids(self, queue: adl.Queue) -> NDArray[np.int64]:
        """Who stands in a queue, in its order: numbers that stay with a trader for life and are never given again."""
        return self._world.traders.serial[queue.rows]

    def inputs(self, queue: adl.Queue) -> Inputs:
        """What the ranking rule saw of everyone in a queue, in its order: any of them can serve as a position to estimate."""
        world = self._world
        return adl.inputs(world.traders, margins(world.traders, world.marks), queue.rows)

    def place(self, account: str, symbol: str, side: Side) -> Place | None:
        """Where a leg of the user stands; None once it is closed. KeyError for a leg that never was."""
        traders = self._world.traders
        for leg in self._world.you.accounts[account].legs:
            spec = MARKETS[leg.market]
            if spec.symbol == symbol and leg.sign == side.sign:
                if traders.size[leg.row] == 0:
                    return None
                queue = self.queue(spec.venue, symbol, side)
                quantile, ahead = queue.place(leg.row), int((queue.rows == leg.row).argmax())
                return Place(
                    quantile,
                    math.ceil(5 * quantile - 1e-9),
                    len(queue.rows),
                    ahead,
                    float(queue.size[:ahead].sum()),
                    float(queue.score[ahead]),
                    bool(traders.shielded[leg.row]),
                )
        raise KeyError(account, symbol, side)
