"""What all dYdX sources of one run share: connections, the request budget of this IP, and public facts."""

from datetime import datetime

from adlwatch.adapters.base import Clock
from adlwatch.adapters.cache import Cache
from adlwatch.adapters.close_up import CloseUp, Costs
from adlwatch.adapters.dydx.client import REQUESTS, WINDOW_SECONDS, Client
from adlwatch.adapters.dydx.options import DydxOptions
from adlwatch.adapters.dydx.parse import bars, depth
from adlwatch.adapters.dydx.types import PerpetualMarket
from adlwatch.adapters.keyless import Shared, host
from adlwatch.adapters.limiter import Limiter
from adlwatch.domain.model import Book, Candle

MARKETS_SECONDS = 20.0


class DydxShared(Shared):
    """One per indexer and run."""

    def __init__(self, options: DydxOptions, clock: Clock) -> None:
        limiter = Limiter(host(options.api_url), REQUESTS, window=WINDOW_SECONDS, reserve=options.keep_free)
        super().__init__(options.api_url, clock, limiter, options.timeout)
        self.client = Client(self.http)
        self.markets: Cache[None, dict[str, PerpetualMarket]] = Cache(MARKETS_SECONDS, lambda _: self.client.markets(), clock)
        self.close_up = CloseUp(limiter, clock, self._load_book, self._load_candles, Costs())

    async def _load_book(self, ticker: str) -> Book:
        return depth(await self.client.orderbook(ticker), self.clock())

    async def _load_candles(self, ticker: str, resolution: str, start: datetime, end: datetime) -> tuple[Candle, ...]:
        return bars(await self.client.candles(ticker, resolution, start, end))
