"""What all Aster sources of one run share: connections, request budgets of this IP, and public facts."""

from datetime import datetime

from adlwatch.adapters.aster.client import DEPTH_WEIGHT as BOOK_WEIGHT
from adlwatch.adapters.aster.client import KLINES_WEIGHT, RPC_PER_MINUTE, WEIGHT_PER_MINUTE, Client
from adlwatch.adapters.aster.options import AsterOptions
from adlwatch.adapters.aster.parse import bars, book
from adlwatch.adapters.aster.types import PremiumIndex
from adlwatch.adapters.base import Clock
from adlwatch.adapters.cache import Cache
from adlwatch.adapters.close_up import CloseUp, Costs
from adlwatch.adapters.http import Http
from adlwatch.adapters.keyless import Shared, host
from adlwatch.adapters.limiter import Limiter
from adlwatch.domain.model import Book, Candle

PREMIUM_SECONDS = 10.0
INTERVALS_SECONDS = 3600.0


class AsterShared(Shared):
    """One per RPC address and run; `http` is the RPC, the market data has connections and a budget of its own."""

    def __init__(self, options: AsterOptions, clock: Clock) -> None:
        rpc = Limiter(host(options.api_url), RPC_PER_MINUTE, reserve=options.keep_free)
        super().__init__(options.api_url, clock, rpc, options.timeout)
        limiter = Limiter(host(options.market_url), WEIGHT_PER_MINUTE, reserve=options.keep_free)
        self.market_http = Http(options.market_url, limiter, timeout=options.timeout, keyless=True)
        self.client = Client(self.http, self.market_http)
        self.premiums: Cache[str, PremiumIndex] = Cache(PREMIUM_SECONDS, self.client.premium, clock)
        self.intervals: Cache[None, dict[str, float]] = Cache(INTERVALS_SECONDS, lambda _: self.client.intervals(), clock)
        costs = Costs(book=BOOK_WEIGHT, candles=KLINES_WEIGHT, first_candles=2 * KLINES_WEIGHT)
        self.close_up = CloseUp(limiter, clock, self._load_book, self._load_candles, costs)

    @property
    def limiters(self) -> tuple[Limiter, ...]:
        """The budgets of both addresses."""
        return (self.http.limiter, self.market_http.limiter)

    async def leave(self, source: str) -> None:
        """Close the connections once nobody uses them."""
        await super().leave(source)
        if not self._users:
            await self.market_http.close()

    async def _load_book(self, symbol: str) -> Book:
        return book(await self.client.depth(symbol), self.clock())

    async def _load_candles(self, symbol: str, interval: str, start: datetime, end: datetime) -> tuple[Candle, ...]:
        return bars(await self.client.klines(symbol, interval, start, end))
