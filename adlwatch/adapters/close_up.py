"""Depth and candles of the markets that are held, brought up to date as far as the request budget has room."""

from collections.abc import Awaitable, Callable, Coroutine, Iterable
from datetime import datetime
from typing import Any, Literal, NamedTuple

from adlwatch.adapters.base import Clock
from adlwatch.adapters.cache import Cache
from adlwatch.adapters.candles import COARSE_FOR, extended, fine_from
from adlwatch.adapters.limiter import Limiter
from adlwatch.adapters.together import together
from adlwatch.domain.model import Book, Candle

BOOKS_SECONDS = 30.0
CANDLES_SECONDS = 600.0
LoadBook = Callable[[str], Awaitable[Book]]
LoadCandles = Callable[[str, Literal["5m", "1h"], datetime, datetime], Awaitable[tuple[Candle, ...]]]
"""(market, resolution, from, to) → bars that open in between, oldest first."""


class Costs(NamedTuple):
    """What the requests cost in the venue's weight."""

    book: float = 1.0
    candles: float = 1.0
    """Bars since the last ones."""
    first_candles: float = 2.0
    """Two weeks of hours and a day of five minutes."""


class CloseUp:
    """Caches of one venue, by the venue's own name of a market."""

    def __init__(self, limiter: Limiter, clock: Clock, book: LoadBook, candles: LoadCandles, costs: Costs) -> None:
        self.books: Cache[str, Book] = Cache(BOOKS_SECONDS, book, clock)
        self.candles: Cache[str, tuple[Candle, ...]] = Cache(CANDLES_SECONDS, self._load, clock)
        self._limiter = limiter
        self._clock = clock
        self._load_candles = candles
        self._costs = costs

    async def look(self, markets: Iterable[str], notes: list[str]) -> None:
        """Load what is due and fits beside what cannot wait; say which candles are still to come."""
        room, chosen = self._limiter.room(), list[Coroutine[Any, Any, Any]]()
        names = list(dict.fromkeys(markets))
        for name in names:
            weight = self._costs.candles if self.candles.last(name) else self._costs.first_candles
            if self.books.due(name) and self._costs.book <= room:
                room -= self._costs.book
                chosen.append(self.books.get_or_old(name, notes))
            if self.candles.due(name) and weight <= room:
                room -= weight
                chosen.append(self.candles.get_or_old(name, notes))
        await together(*chosen)
        if missing := [name for name in names if self.candles.last(name) is None]:
            notes.append(f"candles still to come: {', '.join(missing)}")

    async def _load(self, market: str) -> tuple[Candle, ...]:
        now, old = self._clock(), self.candles.last(market) or ()
        start = old[-1].time if old else fine_from(now)
        if not old:
            old = await self._load_candles(market, "1h", now - COARSE_FOR, now)
        return extended(old, await self._load_candles(market, "5m", start, now), now)
