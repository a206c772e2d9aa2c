"""The market list of one exchange as ccxt has it: parsed in a thread, kept on disk, shared by all its accounts.

ccxt takes 30 ms of processor time for 600 markets and 140 ms for 2,400, in one go. In a thread of its own, with an event loop of
its own, that holds up nobody; its requests still leave through the one door, on the loop that owns the connections.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from adlwatch.adapters.base import Clock
from adlwatch.adapters.ccxt.errors import one_line
from adlwatch.adapters.ccxt.load import uncollected
from adlwatch.adapters.shelf import Shelf, age_note

logger = logging.getLogger(__name__)
RELOAD = timedelta(hours=6)
"""Age from which on a list is asked for again where no shelf says otherwise."""
AGAIN = timedelta(seconds=60)
"""Shortest time between two loads, whatever asks for them."""
Ask = Callable[..., Awaitable[Any]]
Make = Callable[[], Any]
"""A guarded instance without a door, of its own throttler."""


class Markets(Struct, frozen=True):
    """What ccxt makes of a market list, in its own words."""

    markets: dict[str, Any]
    currencies: dict[str, Any]
    helpers: dict[str, Any] = {}
    """Options that its parsers look up markets by."""


class MarketList:
    """The list of one exchange. `edition` is ccxt's version: another one may write it differently."""

    def __init__(self, exchange: str, edition: str, shelf: Shelf | None, clock: Clock) -> None:
        self._name = f"{exchange} markets"
        self._edition = edition
        self._shelf = shelf
        self._clock = clock
        self._turn = asyncio.Lock()
        self._loaded: Any = None
        self._at: datetime | None = None
        self._tried_at: datetime | None = None
        self._from_disk = False
        self._refreshing: asyncio.Task[None] | None = None

    async def give(self, exchange: Any, make: Make, ask: Ask) -> None:
        """Have `exchange` know the markets; an old list is asked for again while it is used. Raises what asking raises."""
        async with self._turn:
            if self._loaded is None:
                await self._find(make)
            if self._loaded is None:
                await self._load(make, ask)
        exchange.set_markets_from_exchange(self._loaded)
        if self._old() and (self._refreshing is None or self._refreshing.done()):
            self._refreshing = asyncio.create_task(self._refresh(make, ask), name=f"refresh {self._name}")

    async def renew(self, make: Make, ask: Ask) -> bool:
        """Ask again because something is not in the list; False where that has been done just now."""
        async with self._turn:
            if self._tried_at is not None and timedelta(0) <= self._clock() - self._tried_at < AGAIN:
                return False
            await self._load(make, ask)
            return True

    async def close(self) -> None:
        """End a refresh under way."""
        if self._refreshing is not None:
            self._refreshing.cancel()
            await asyncio.gather(self._refreshing, return_exceptions=True)

    def note(self) -> tuple[str, ...]:
        """What to say of a list that this run has not asked for."""
        return (age_note(self._name, self._at, self._clock()),) if self._from_disk and self._at is not None else ()

    def _old(self) -> bool:
        now, at = self._clock(), self._at
        if at is None or (self._tried_at is not None and timedelta(0) <= now - self._tried_at < AGAIN):
            return False
        return self._shelf.old(at, now) if self._shelf is not None else not timedelta(0) <= now - at < RELOAD

    async def _refresh(self, make: Make, ask: Ask) -> None:
        try:
            async with self._turn:
                await self._load(make, ask)
        except Exception as error:  # noqa: BLE001 -- ccxt's parsers fail in every way; the old list stays
            logger.warning("%s: could not be asked for again: %s", self._name, one_line(f"{type(error).__name__}: {error}"))

    async def _find(self, make: Make) -> None:
        """The list of an earlier run."""
        shelf = self._shelf
        kept = None if shelf is None else await asyncio.to_thread(shelf.get, self._name, Markets, self._edition)
        if kept is not None:
            self._loaded, self._at, self._from_disk = await asyncio.to_thread(_indexed, make, kept.data), kept.at, True

    async def _load(self, make: Make, ask: Ask) -> None:
        now = self._tried_at = self._clock()
        self._loaded = await asyncio.to_thread(_asked, make, ask, asyncio.get_running_loop())
        self._at, self._from_disk = now, False
        if self._shelf is not None:
            await asyncio.to_thread(self._keep, self._shelf, now)

    def _keep(self, shelf: Shelf, at: datetime) -> None:
        exchange = self._loaded
        names = exchange.options.get("marketHelperProps", ())
        helpers = {name: exchange.options[name] for name in names if name in exchange.options}
        shelf.put(self._name, Markets(exchange.markets, exchange.currencies or {}, helpers), at, self._edition)


def _asked(make: Make, ask: Ask, loop: asyncio.AbstractEventLoop) -> Any:
    """An instance that has loaded its markets: everything here runs in a thread, but for the requests."""
    exchange = make()

    async def across(*request: Any) -> Any:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(_coroutine(ask(*request)), loop))

    exchange.door = across
    with uncollected():
        asyncio.run(exchange.load_markets())
    return exchange


async def _coroutine(answer: Awaitable[Any]) -> Any:
    return await answer


def _indexed(make: Make, kept: Markets) -> Any:
    exchange = make()
    exchange.options.update(kept.helpers)
    with uncollected():
        exchange.set_markets(list(kept.markets.values()), kept.currencies)
    return exchange
