"""The venues' own ADL lights: quantised, computed every 30 s, and at times frozen or missing."""

import math

from msgspec import Struct

from adlwatch.adapters.mock import adl
from adlwatch.adapters.mock.accounts import You
from adlwatch.adapters.mock.margin import Margins
from adlwatch.adapters.mock.markets import LIGHT_CADENCE, MARKETS, VENUES, venue
from adlwatch.adapters.mock.traders import Traders


def encode(scale: str, level: int) -> int | float:
    """A level 1..5 (5 = front) on a venue's own raw scale."""
    match scale:
        case "0..4":
            return level - 1
        case "1=front":
            return 6 - level
        case "0..1":
            return level / 5
    raise ValueError(scale)


class Shown(Struct, frozen=True):
    """What a venue shows of one leg, and when it worked it out."""

    level: int
    t: float


class Lights:
    """Lights as last published, by row."""

    def __init__(self) -> None:
        self.shown: dict[int, Shown] = {}
        self.mode = {v.name: "served" for v in VENUES}
        self._next = 0.0

    def due(self, t: float) -> bool:
        """Whether the venues work out their lights at `t`."""
        return t >= self._next

    def publish(self, t: float, traders: Traders, m: Margins, you: You) -> None:
        """Work out the light of each of the user's legs, where the venue is not frozen."""
        self._next = t + LIGHT_CADENCE
        for row, leg in you.legs.items():
            spec = MARKETS[leg.market]
            if self.mode[spec.venue] == "frozen":
                continue
            if traders.size[row] == 0:
                self.shown.pop(row, None)
                continue
            queue = adl.rank(traders, m, leg.market, leg.sign, venue(spec.venue).rule)
            self.shown[row] = Shown(math.ceil(5 * queue.place(row) - 1e-9), t)

    def raw(self, row: int, venue_name: str) -> tuple[int | float, float] | None:
        """(raw value, when it was worked out) as served, None where the venue shows none."""
        shown = self.shown.get(row)
        if shown is None or self.mode[venue_name] == "hidden":
            return None
        return encode(venue(venue_name).light, shown.level), shown.t
