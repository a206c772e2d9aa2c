"""Recorded times as if they were now: order and spacing stay, ages too, apart from what a higher speed does to them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from adlwatch.domain.model import Candle, Market
from adlwatch.domain.reading import Reading


@dataclass(frozen=True, slots=True)
class Shift:
    """From `start` on, recorded time runs from `now` at `speed` of its seconds a second; before that both ran alike."""

    start: datetime
    now: datetime
    speed: float
    _bars: dict[tuple[str, str], tuple[tuple[Candle, ...], tuple[Candle, ...]]] = field(default_factory=dict)
    """By venue and symbol: bars as last recorded, and as they were moved."""

    def time(self, recorded: datetime) -> datetime:
        """The time it has here."""
        since = recorded - self.start
        return self.now + (since if recorded < self.start else since / self.speed)

    def recorded(self, now: datetime) -> datetime:
        """The recorded time that it is."""
        return self.start + (now - self.now) * self.speed

    def reading(self, recorded: Reading) -> Reading:
        """The reading with every time in it moved."""
        markets = tuple(self._market(market) for market in recorded.markets)
        moved: Reading = self._moved(replace(recorded, markets=()))
        return replace(moved, markets=markets)

    def _market(self, market: Market) -> Market:
        bare: Market = self._moved(replace(market, candles=()))
        return replace(bare, candles=self._candles((market.venue, market.symbol), market.candles))

    def _candles(self, place: tuple[str, str], bars: tuple[Candle, ...]) -> tuple[Candle, ...]:
        """Thousands of bars, of which hardly one is new: those that are the very same as before are not moved again."""
        old, done = self._bars.get(place, ((), ()))
        start = next((n for n, bar in enumerate(old) if bars and bar is bars[0]), len(old))
        same = 0
        for bar, known in zip(bars, old[start:], strict=False):
            if bar is not known:
                break
            same += 1
        moved = (*done[start : start + same], *(self._moved(bar) for bar in bars[same:]))
        self._bars[place] = bars, moved
        return moved

    def _moved(self, value: Any) -> Any:
        match value:
            case datetime():
                return self.time(value)
            case Struct():
                fields = {name: getattr(value, name) for name in value.__struct_fields__}
                changed = {name: new for name, old in fields.items() if (new := self._moved(old)) is not old}
                return replace(value, **changed) if changed else value
            case tuple() if value and not isinstance(value[0], str | int | float):
                return tuple(self._moved(each) for each in value)
            case _:
                return value
