"""What all Extended sources of one run share: connections and the request budget of this IP, depth and candles."""

from datetime import datetime

from adlwatch.adapters.base import Clock
from adlwatch.adapters.close_up import CloseUp, Costs
from adlwatch.adapters.extended.client import REQUESTS_PER_MINUTE, Client
from adlwatch.adapters.extended.options import ExtendedOptions
from adlwatch.adapters.extended.parse import bars, depth
from adlwatch.adapters.keyless import Shared, host
from adlwatch.adapters.limiter import Limiter
from adlwatch.domain.model import Book, Candle


class ExtendedShared(Shared):
    """One per API address and run."""

    def __init__(self, options: ExtendedOptions, clock: Clock) -> None:
        limiter = Limiter(host(options.api_url), REQUESTS_PER_MINUTE, reserve=options.keep_free)
        super().__init__(options.api_url, clock, limiter, options.timeout)
        self.client = Client(self.http)
        self.close_up = CloseUp(limiter, clock, self._load_book, self._load_candles, Costs())

    async def _load_book(self, market: str) -> Book:
        return depth(await self.client.orderbook(market), self.clock())

    async def _load_candles(self, market: str, resolution: str, start: datetime, end: datetime) -> tuple[Candle, ...]:
        return bars(await self.client.candles(market, resolution, start, end))
