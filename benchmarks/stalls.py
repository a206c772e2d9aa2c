"""How long the event loop is held: a task that wants to run every few milliseconds, and notes how late it does."""

import asyncio
from contextlib import suppress
from time import perf_counter
from typing import Self

EVERY = 0.002


class Stalls:
    """Measures the loop it is entered in, until it is left."""

    def __init__(self) -> None:
        self.late: list[float] = []
        """Seconds that each turn came too late."""

    @property
    def worst(self) -> float:
        """The latest, in seconds."""
        return max(self.late, default=0.0)

    def clear(self) -> None:
        """Forget what was noted so far."""
        self.late = []

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def _run(self) -> None:
        while True:
            began = perf_counter()
            await asyncio.sleep(EVERY)
            self.late.append(perf_counter() - began - EVERY)
