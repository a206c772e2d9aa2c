"""How long the event loop is held: a task that wants to run every few milliseconds, and notes how late it does."""

import asyncio
from contextlib import suppress
from time import perf_counter, thread_time
from typing import Self

EVERY = 0.005


class Stalls:
    """Measures the loop it is entered in, until it is left."""

    def __init__(self) -> None:
        self.worst = 0.0
        """Seconds that a turn came too late, at most."""
        self.busiest = 0.0
        """Seconds of processor time that the loop's thread used between two turns, at most: what a quiet machine would show."""

    def clear(self) -> None:
        """Forget what was noted so far."""
        self.worst = self.busiest = 0.0

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            began, used = perf_counter(), thread_time()
            await asyncio.sleep(EVERY)
            self.worst = max(self.worst, perf_counter() - began - EVERY)
            self.busiest = max(self.busiest, thread_time() - used)
