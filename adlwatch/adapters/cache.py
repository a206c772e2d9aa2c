"""Values that are asked for once in a while and shared by all who need them."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from msgspec import Struct

from adlwatch.adapters.base import Clock, SourceError

K = TypeVar("K")
V = TypeVar("V")
RETRY_AFTER = timedelta(seconds=30)
AHEAD = timedelta(minutes=1)
"""How far a value may lie ahead of its reader: two sources need not go by the very same clock. Beyond that it is mistrusted."""


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
        if failed is None or not -AHEAD <= self._clock() - failed.at < RETRY_AFTER:
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

    def last(self, key: K) -> V | None:
        """The last value, however old, without loading it."""
        found = self._values.get(key)
        return found.value if found else None

    def due(self, key: K) -> bool:
        """Whether the value of `key` would have to be loaded."""
        found = self._values.get(key)
        return found is None or not -AHEAD <= self._clock() - found.at < self._lasts
