"""Those who are gone from the front: what a sudden loss of open interest in a running move says about the winners' queue.

Every position that is closed on one side is closed or passed on upon the other. When open interest falls while the price runs in
a side's favour, that side's holders leave: deleveraged, which takes the front of the queue, or taking profits, which takes those
with much of it. Nobody announces either in time, but open interest is public at once.
"""

from datetime import datetime, timedelta
from math import log
from typing import NamedTuple

from adlwatch.domain.model import Market, Side

WINDOW = timedelta(minutes=10)
"""How long a fall of open interest and a move of the mark count as one event."""
LOST = 0.02
"""Share of the open interest that has to go before it counts: less comes and goes all day."""
RUN = 0.5
"""Move in the side's favour, in standard deviations of a day's move, that has to come with it."""
KEPT = timedelta(hours=24)
"""How long a taking is remembered: by then most who were there have left anyway."""


class Taking(NamedTuple):
    """A share of a queue that left from its front when the mark stood at `mark`."""

    time: datetime
    mark: float
    share: float


class Tide(NamedTuple):
    """Where an event is counted from: the mark at its beginning and the open interest not accounted for yet."""

    since: datetime
    mark: float
    interest: float


def ebb(
    tide: Tide | None, market: Market, side: Side, daily_volatility: float, now: datetime
) -> tuple[Tide | None, Taking | None]:
    """The tide after a reading of the market, and what has left the front of this side since the last taking, if anything."""
    mark, interest = market.mark_price, market.open_interest
    if not (mark and mark > 0 and interest and interest > 0):
        return tide, None
    if tide is None or now - tide.since > WINDOW:
        return Tide(now, mark, interest), None
    tide = tide._replace(interest=max(tide.interest, interest))
    lost = 1.0 - interest / tide.interest
    if lost < LOST or side.sign * log(mark / tide.mark) < RUN * daily_volatility:
        return tide, None
    return tide._replace(interest=interest), Taking(now, mark, lost)


class Shore(NamedTuple):
    """What is remembered of one queue's leavers."""

    tide: Tide | None = None
    takings: tuple[Taking, ...] = ()

    def after(self, market: Market, side: Side, daily_volatility: float, now: datetime) -> "Shore":
        """The memory after a reading of the market."""
        tide, taking = ebb(self.tide, market, side, daily_volatility, now)
        kept = tuple(each for each in self.takings if now - each.time <= KEPT)
        return Shore(tide, (*kept, taking) if taking else kept)
