"""Time that costs nothing: it stands still while anything runs, and jumps to the next moment that something waits for."""

import asyncio
import heapq
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from itertools import count

TURNS = 20
"""Rounds of the event loop after which everything that waits for nothing but time has come to wait for it."""
LEFT_IN = 100


class VirtualClock:
    """A clock for programs without a world outside: replays, simulations, tests. Same program, same order of events."""

    def __init__(self, start: datetime) -> None:
        self._now = start
        self._order = count()
        self._due: list[tuple[datetime, int, Callable[[], None]]] = []
        self._done: set[int] = set()

    def now(self) -> datetime:
        """The moment at which time stands."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Return when time has moved on by that much."""
        woken = asyncio.Event()
        async with self._due_in(seconds, woken.set):
            await woken.wait()

    @asynccontextmanager
    async def timeout(self, seconds: float) -> AsyncIterator[None]:
        """As `asyncio.timeout`, in this time."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(None) as inner, self._due_in(seconds, lambda: inner.reschedule(loop.time())):
            yield

    async def advance(self, seconds: float) -> None:
        """Move on, and let whatever is due on the way happen, in order."""
        end = self._now + timedelta(seconds=seconds)
        await settle()
        while self._due and self._due[0][0] <= end:
            at, number, wake = heapq.heappop(self._due)
            if number in self._done:
                self._done.remove(number)
                continue
            self._now = max(self._now, at)
            wake()
            await settle()
        self._now = end

    @asynccontextmanager
    async def _due_in(self, seconds: float, wake: Callable[[], None]) -> AsyncIterator[None]:
        number, woken = next(self._order), False

        def once() -> None:
            nonlocal woken
            woken = True
            wake()

        heapq.heappush(self._due, (self._now + timedelta(seconds=seconds), number, once))
        try:
            yield
        finally:
            if not woken:
                self._forget(number)

    def _forget(self, number: int) -> None:
        """Take out what nobody waits for any more, now and then: a deadline far ahead would otherwise stay for ever."""
        self._done.add(number)
        if len(self._done) > max(LEFT_IN, len(self._due) // 2):
            self._due = [entry for entry in self._due if entry[1] not in self._done]
            heapq.heapify(self._due)
            self._done.clear()


async def settle() -> None:
    """Let every task run until it waits for time, or for the world outside."""
    for _ in range(TURNS):
        await asyncio.sleep(0)
