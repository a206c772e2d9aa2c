"""What all Hyperliquid sources of one run share: connections, the request budget of this IP, and public facts."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from msgspec import Struct

from adlwatch.adapters.base import Clock, SourceError
from adlwatch.adapters.http import Http
from adlwatch.adapters.hyperliquid.client import CANDLES_PER_WEIGHT, INFO_WEIGHT, WEIGHT_PER_MINUTE, Client
from adlwatch.adapters.hyperliquid.markets import COARSE_FOR, FINE_FOR, bars, extended
from adlwatch.adapters.hyperliquid.parse import Settle, moment
from adlwatch.adapters.hyperliquid.symbols import USDC_TOKEN, VENUE
from adlwatch.adapters.hyperliquid.types import Abstraction, AssetContext, Role, SpotState, Universe
from adlwatch.adapters.limiter import Limiter
from adlwatch.domain.model import Candle, Pool

K = TypeVar("K")
V = TypeVar("V")
RETRY_AFTER = timedelta(seconds=30)
MARKETS_SECONDS = 20.0
MODE_SECONDS = 600.0
SPOT_SECONDS = 14.0
"""How old a spot balance may be that is only a hedge leg; one that is margin is asked for at every poll."""
DEXS_SECONDS = 3600.0
ROLE_SECONDS = 86400.0
POOLS_SECONDS = 60.0
CANDLES_SECONDS = 600.0
CANDLES_WEIGHT = 2 * INFO_WEIGHT + (COARSE_FOR / timedelta(hours=1) + FINE_FOR / timedelta(minutes=5)) / CANDLES_PER_WEIGHT
LIQUIDATORS = {
    "HLP Liquidator": "0x2e3d94f0562703b25c83308a05046ddaf9a8dd14",
    "HLP Liquidator 2": "0xb0a55f13d22f66e6d495ac98113841b2326e9540",
    "HLP Liquidator 3": "0x5e177e5e39c0f4e421f5865a6d8beed8d921cb70",
}
"""Vaults that take over liquidations: when one goes under, ADL starts, across all coins. Children of the HLP vault
0xdfc24b077bc1425ad1dea75bcb6f8158e10df303 (second-hand: constants in public source code; `vaultDetails` lists them)."""


class Dated(Struct, Generic[V], frozen=True):
    """A value and when we had it."""

    value: V
    at: datetime


class Cache(Generic[K, V]):
    """Values loaded at most once per `seconds` and key, however many ask at the same time."""

    def __init__(self, seconds: float, load: Callable[[K], Awaitable[V]], clock: Clock) -> None:
        self._lasts = timedelta(seconds=seconds)
        self._load = load
        self._clock = clock
        self._values: dict[K, Dated[V]] = {}
        self._failed: dict[K, Dated[str]] = {}
        self._turns: dict[K, asyncio.Lock] = {}

    async def get(self, key: K, *, fresh: bool = False) -> Dated[V]:
        """The value, loaded where it is older than allowed, or in any case. Raises what loading raises."""
        async with self._turns.setdefault(key, asyncio.Lock()):
            if fresh or self.due(key):
                self._values[key] = Dated(await self._load(key), self._clock())
            return self._values[key]

    async def get_or_old(self, key: K, notes: list[str]) -> Dated[V] | None:
        """The value, or the last one with a note where it cannot be had; for what must not fail a whole reading.

        After a failure it is not asked for again for a while: what is optional must not use up the budget.
        """
        failed = self._failed.get(key)
        if failed is None or not timedelta(0) <= self._clock() - failed.at < RETRY_AFTER:
            try:
                found = await self.get(key)
            except SourceError as error:
                failed = self._failed[key] = Dated(str(error), self._clock())
            else:
                self._failed.pop(key, None)
                return found
        notes.append(failed.value)
        return self._values.get(key)

    async def need(self, key: K, notes: list[str]) -> Dated[V]:
        """As `get_or_old`, but raises where there has never been a value; for what a reading cannot do without."""
        if key not in self._values:
            return await self.get(key)
        return await self.get_or_old(key, notes) or self._values[key]

    def due(self, key: K) -> bool:
        """Whether the value of `key` would have to be loaded."""
        found = self._values.get(key)
        return found is None or not timedelta(0) <= self._clock() - found.at < self._lasts


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
        self.candles: dict[str, tuple[Candle, ...]] = {}
        self._bars: Cache[str, tuple[Candle, ...]] = Cache(CANDLES_SECONDS, self._load_candles, clock)
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

    async def extend_candles(self, coins: list[str], notes: list[str]) -> None:
        """Bring the bars of `coins` up to date as far as the budget has room beside what cannot wait."""
        room, chosen = self.http.limiter.room(), []
        for coin in filter(self._bars.due, coins):
            weight = CANDLES_WEIGHT if coin not in self.candles else INFO_WEIGHT
            if weight <= room:
                room -= weight
                chosen.append(self._bars.get_or_old(coin, notes))
        await together(*chosen)
        if missing := [coin for coin in coins if coin not in self.candles]:
            notes.append(f"candles still to come: {', '.join(missing)}")

    async def _load_candles(self, coin: str) -> tuple[Candle, ...]:
        now, old = self.clock(), self.candles.get(coin, ())
        start = old[-1].time if old else now - FINE_FOR
        if not old:
            old = bars(await self.client.candles(coin, "1h", _millis(now - COARSE_FOR), _millis(now)))
        new = bars(await self.client.candles(coin, "5m", _millis(start), _millis(now)))
        self.candles[coin] = extended(old, new, now)
        return self.candles[coin]

    async def _load_pools(self) -> tuple[Pool, ...]:
        states = [(name, await self.client.clearinghouse_state(user)) for name, user in LIQUIDATORS.items()]
        return tuple(
            Pool(venue=VENUE, name=name, balance=state.margin_summary.account_value, as_of=moment(state.time))
            for name, state in states
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
