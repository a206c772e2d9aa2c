"""What all Hyperliquid sources of one run share: connections, the request budget of this IP, and public facts."""

import asyncio
from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import Any

from adlwatch.adapters.base import Clock
from adlwatch.adapters.http import Http
from adlwatch.adapters.hyperliquid.cache import Cache
from adlwatch.adapters.hyperliquid.client import CANDLES_PER_WEIGHT, INFO_WEIGHT, STATE_WEIGHT, WEIGHT_PER_MINUTE, Client
from adlwatch.adapters.hyperliquid.markets import COARSE_FOR, FINE_FOR, bars, depth, extended, fine_from
from adlwatch.adapters.hyperliquid.parse import Settle, moment
from adlwatch.adapters.hyperliquid.symbols import USDC_TOKEN, VENUE
from adlwatch.adapters.hyperliquid.types import Abstraction, AssetContext, Role, SpotState, Universe
from adlwatch.adapters.limiter import Limiter
from adlwatch.domain.model import Book, Candle, Pool

MARKETS_SECONDS = 20.0
MODE_SECONDS = 600.0
SPOT_SECONDS = 14.0
"""How old a spot balance may be that is only a hedge leg; one that is margin is asked for at every poll."""
DEXS_SECONDS = 3600.0
ROLE_SECONDS = 86400.0
POOLS_SECONDS = 60.0
BOOKS_SECONDS = 30.0
CANDLES_SECONDS = 600.0
CANDLES_WEIGHT = 2 * INFO_WEIGHT + (COARSE_FOR / timedelta(hours=1) + FINE_FOR / timedelta(minutes=5)) / CANDLES_PER_WEIGHT
LIQUIDATORS = {
    "HLP Liquidator": "0x2e3d94f0562703b25c83308a05046ddaf9a8dd14",
    "HLP Liquidator 2": "0xb0a55f13d22f66e6d495ac98113841b2326e9540",
    "HLP Liquidator 3": "0x5e177e5e39c0f4e421f5865a6d8beed8d921cb70",
}
"""Vaults that take over liquidations: when one goes under, ADL starts, across all coins. Children of the HLP vault
0xdfc24b077bc1425ad1dea75bcb6f8158e10df303 (second-hand: constants in public source code; `vaultDetails` lists them)."""


class Shared:
    """One per API address and run."""

    def __init__(self, api_url: str, clock: Clock, *, keep_free: float, timeout: float) -> None:
        limiter = Limiter(api_url.partition("://")[2].rstrip("/"), WEIGHT_PER_MINUTE, reserve=keep_free)
        self.http = Http(api_url, limiter, timeout=timeout, keyless=True)
        self.client = Client(self.http)
        self.clock = clock
        self.modes: Cache[str, Abstraction] = Cache(MODE_SECONDS, self.client.abstraction, clock)
        self.spots: Cache[str, SpotState] = Cache(SPOT_SECONDS, self.client.spot_state, clock)
        self.roles: Cache[str, Role] = Cache(ROLE_SECONDS, self.client.role, clock)
        self.markets: Cache[str, tuple[Universe, list[AssetContext]]] = Cache(MARKETS_SECONDS, self.client.markets, clock)
        self.dexs: Cache[None, tuple[str, ...]] = Cache(DEXS_SECONDS, lambda _: self.client.dexs(), clock)
        self.tokens: Cache[None, dict[int, str]] = Cache(DEXS_SECONDS, lambda _: self.client.tokens(), clock)
        self.pools: Cache[None, tuple[Pool, ...]] = Cache(POOLS_SECONDS, lambda _: self._load_pools(), clock)
        self.candles: Cache[str, tuple[Candle, ...]] = Cache(CANDLES_SECONDS, self._load_candles, clock)
        self.books: Cache[str, Book] = Cache(BOOKS_SECONDS, self._load_book, clock)
        self._settles: dict[str, Settle] = {"": Settle()}
        self._users: set[str] = set()

    def join(self, source: str) -> None:
        """Keep the connections open for `source`."""
        self._users.add(source)

    async def leave(self, source: str) -> None:
        """Close the connections once nobody uses them."""
        self._users.discard(source)
        if not self._users:
            await self.http.close()

    async def settle(self, dex: str) -> Settle:
        """The token `dex` takes margin in; it never changes, so it is asked for once."""
        if dex not in self._settles:
            token = (await self.markets.get(dex)).value[0].collateral_token
            name = (await self.tokens.get(None)).value.get(token, f"token {token}") if token != USDC_TOKEN else Settle().name
            self._settles[dex] = Settle(token, name)
        return self._settles[dex]

    async def look_closer(self, coins: list[str], notes: list[str]) -> None:
        """Bring depth and candles of `coins` up to date as far as the budget has room beside what cannot wait."""
        room, chosen = self.http.limiter.room(), list[Coroutine[Any, Any, Any]]()
        for coin in coins:
            weight = INFO_WEIGHT if self.candles.last(coin) else CANDLES_WEIGHT
            for cache, cost in ((self.books, STATE_WEIGHT), (self.candles, weight)):
                if cache.due(coin) and cost <= room:
                    room -= cost
                    chosen.append(cache.get_or_old(coin, notes))
        await together(*chosen)
        if missing := [coin for coin in coins if self.candles.last(coin) is None]:
            notes.append(f"candles still to come: {', '.join(missing)}")

    async def _load_book(self, coin: str) -> Book:
        return depth(await self.client.book(coin))

    async def _load_candles(self, coin: str) -> tuple[Candle, ...]:
        now, old = self.clock(), self.candles.last(coin) or ()
        start = old[-1].time if old else fine_from(now)
        if not old:
            old = bars(await self.client.candles(coin, "1h", _millis(now - COARSE_FOR), _millis(now)))
        new = bars(await self.client.candles(coin, "5m", _millis(start), _millis(now)))
        return extended(old, new, now)

    async def _load_pools(self) -> tuple[Pool, ...]:
        states = await together(*map(self.client.clearinghouse_state, LIQUIDATORS.values()))
        return tuple(
            Pool(venue=VENUE, name=name, balance=state.margin_summary.account_value, as_of=moment(state.time))
            for name, state in zip(LIQUIDATORS, states, strict=True)
        )


async def together(*calls: Coroutine[Any, Any, Any]) -> list[Any]:
    """Await all at the same time; the first that fails stops the others and is raised as it is."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(call) for call in calls]
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return [task.result() for task in tasks]


def _millis(at: datetime) -> int:
    return int(at.timestamp() * 1000)
