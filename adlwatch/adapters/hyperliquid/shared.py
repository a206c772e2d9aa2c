"""What all Hyperliquid sources of one run share: connections, the request budget of this IP, and public facts."""

from datetime import datetime, timedelta

from adlwatch.adapters.base import Clock
from adlwatch.adapters.cache import Cache
from adlwatch.adapters.candles import COARSE_FOR, FINE_FOR
from adlwatch.adapters.close_up import CloseUp, Costs
from adlwatch.adapters.hyperliquid.client import CANDLES_PER_WEIGHT, INFO_WEIGHT, STATE_WEIGHT, WEIGHT_PER_MINUTE, Client
from adlwatch.adapters.hyperliquid.markets import bars, depth
from adlwatch.adapters.hyperliquid.parse import Settle, moment
from adlwatch.adapters.hyperliquid.symbols import USDC_TOKEN, VENUE
from adlwatch.adapters.hyperliquid.types import Abstraction, AssetContext, Role, SpotState, Universe
from adlwatch.adapters.keyless import Shared as KeylessShared
from adlwatch.adapters.keyless import host
from adlwatch.adapters.limiter import Limiter
from adlwatch.adapters.together import together
from adlwatch.domain.model import Book, Candle, Pool

MARKETS_SECONDS = 20.0
MODE_SECONDS = 600.0
SPOT_SECONDS = 14.0
"""How old a spot balance may be that is only a hedge leg; one that is margin is asked for at every poll."""
DEXS_SECONDS = 3600.0
ROLE_SECONDS = 86400.0
POOLS_SECONDS = 60.0
CANDLES_WEIGHT = 2 * INFO_WEIGHT + (COARSE_FOR / timedelta(hours=1) + FINE_FOR / timedelta(minutes=5)) / CANDLES_PER_WEIGHT
LIQUIDATORS = {
    "HLP Liquidator": "0x2e3d94f0562703b25c83308a05046ddaf9a8dd14",
    "HLP Liquidator 2": "0xb0a55f13d22f66e6d495ac98113841b2326e9540",
    "HLP Liquidator 3": "0x5e177e5e39c0f4e421f5865a6d8beed8d921cb70",
}
"""Vaults that take over liquidations: when one goes under, ADL starts, across all coins. Children of the HLP vault
0xdfc24b077bc1425ad1dea75bcb6f8158e10df303 (second-hand: constants in public source code; `vaultDetails` lists them)."""


class Shared(KeylessShared):
    """One per API address and run."""

    def __init__(self, api_url: str, clock: Clock, *, keep_free: float, timeout: float) -> None:
        super().__init__(api_url, clock, Limiter(host(api_url), WEIGHT_PER_MINUTE, reserve=keep_free), timeout)
        self.client = Client(self.http)
        self.modes: Cache[str, Abstraction] = Cache(MODE_SECONDS, self.client.abstraction, clock)
        self.spots: Cache[str, SpotState] = Cache(SPOT_SECONDS, self.client.spot_state, clock)
        self.roles: Cache[str, Role] = Cache(ROLE_SECONDS, self.client.role, clock)
        self.markets: Cache[str, tuple[Universe, list[AssetContext]]] = Cache(MARKETS_SECONDS, self.client.markets, clock)
        self.dexs: Cache[None, tuple[str, ...]] = Cache(DEXS_SECONDS, lambda _: self.client.dexs(), clock)
        self.tokens: Cache[None, dict[int, str]] = Cache(DEXS_SECONDS, lambda _: self.client.tokens(), clock)
        self.pools: Cache[None, tuple[Pool, ...]] = Cache(POOLS_SECONDS, lambda _: self._load_pools(), clock)
        costs = Costs(book=STATE_WEIGHT, candles=INFO_WEIGHT, first_candles=CANDLES_WEIGHT)
        self.close_up = CloseUp(self.http.limiter, clock, self._load_book, self._load_candles, costs)
        self._settles: dict[str, Settle] = {"": Settle()}

    async def settle(self, dex: str) -> Settle:
        """The token `dex` takes margin in; it never changes, so it is asked for once."""
        if dex not in self._settles:
            token = (await self.markets.get(dex)).value[0].collateral_token
            name = (await self.tokens.get(None)).value.get(token, f"token {token}") if token != USDC_TOKEN else Settle().name
            self._settles[dex] = Settle(token, name)
        return self._settles[dex]

    async def _load_book(self, coin: str) -> Book:
        return depth(await self.client.book(coin))

    async def _load_candles(self, coin: str, interval: str, start: datetime, end: datetime) -> tuple[Candle, ...]:
        return bars(await self.client.candles(coin, interval, _millis(start), _millis(end)))

    async def _load_pools(self) -> tuple[Pool, ...]:
        states = await together(*map(self.client.clearinghouse_state, LIQUIDATORS.values()))
        return tuple(
            Pool(venue=VENUE, name=name, balance=state.margin_summary.account_value, as_of=moment(state.time))
            for name, state in zip(LIQUIDATORS, states, strict=True)
        )


def _millis(at: datetime) -> int:
    return int(at.timestamp() * 1000)
