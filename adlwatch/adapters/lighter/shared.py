"""What all Lighter sources of one run share: connections, the request budget of this IP, and public facts."""

from datetime import datetime

from adlwatch.adapters.base import Clock
from adlwatch.adapters.cache import Cache
from adlwatch.adapters.close_up import CloseUp, Costs
from adlwatch.adapters.keyless import Shared, host
from adlwatch.adapters.lighter.client import REQUESTS_PER_MINUTE, Client
from adlwatch.adapters.lighter.options import LighterOptions
from adlwatch.adapters.lighter.parse import VENUE, bars, chosen, depth
from adlwatch.adapters.lighter.types import MarketRow
from adlwatch.adapters.limiter import Limiter
from adlwatch.domain.model import Book, Candle, Pool

PUBLIC_SECONDS = 60.0


class LighterShared(Shared):
    """One per API address and run."""

    def __init__(self, options: LighterOptions, clock: Clock) -> None:
        limiter = Limiter(host(options.api_url), REQUESTS_PER_MINUTE, reserve=options.keep_free)
        super().__init__(options.api_url, clock, limiter, options.timeout)
        self.client = Client(self.http)
        self.markets: Cache[None, dict[int, MarketRow]] = Cache(PUBLIC_SECONDS, lambda _: self.client.markets(), clock)
        self.rates: Cache[None, dict[int, float]] = Cache(PUBLIC_SECONDS, lambda _: self._load_rates(), clock)
        self.funds: Cache[int, Pool] = Cache(PUBLIC_SECONDS, self._load_fund, clock)
        self.close_up = CloseUp(limiter, clock, self._load_book, self._load_candles, Costs())

    async def _load_rates(self) -> dict[int, float]:
        """Market → Lighter's own rate, as listed."""
        return {row.market_id: row.rate for row in await self.client.funding_rates() if row.exchange == VENUE}

    async def _load_fund(self, index: int) -> Pool:
        """An insurance fund is an account like any other; that its asset value is what backs liquidations is inferred."""
        at = self.clock()
        (row,) = chosen(await self.client.accounts("index", str(index)), None, index)
        return Pool(venue=VENUE, name=f"insurance fund {index}", balance=row.total_asset_value, as_of=at)

    async def _load_book(self, market: str) -> Book:
        return depth(await self.client.orders(market), self.clock())

    async def _load_candles(self, market: str, resolution: str, start: datetime, end: datetime) -> tuple[Candle, ...]:
        return bars(await self.client.candles(market, resolution, start, end))
