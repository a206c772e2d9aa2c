"""Time as the engine sees it: passed in, so that tests own it."""

import asyncio
import time
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Everything the engine may ask of time."""

    def now(self) -> datetime:
        """The current time, timezone-aware UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after that time."""
        ...

    def timeout(self, seconds: float) -> AbstractAsyncContextManager[object]:
        """Cancel the body after that time and raise `TimeoutError`, as `asyncio.timeout` does."""
        ...


LEAST = 0.1
"""Real seconds that anything waits for in faster time: more than ten steps a second help nobody."""


class FasterClock:
    """A time of its own from `start` on, that runs at `speed` of its seconds a real one."""

    def __init__(self, start: datetime, speed: float) -> None:
        self._start = start
        self._speed = speed
        self._began = time.monotonic()

    def now(self) -> datetime:
        """Its own time."""
        return self._start + timedelta(seconds=(time.monotonic() - self._began) * self._speed)

    async def sleep(self, seconds: float) -> None:
        """As `asyncio.sleep`, in its own time."""
        await asyncio.sleep(max(seconds / self._speed, LEAST))

    def timeout(self, seconds: float) -> AbstractAsyncContextManager[object]:
        """As `asyncio.timeout`, in its own time."""
        return asyncio.timeout(max(seconds / self._speed, LEAST))


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """Wall-clock time, UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """As `asyncio.sleep`."""
        await asyncio.sleep(seconds)

    def timeout(self, seconds: float) -> AbstractAsyncContextManager[object]:
        """As `asyncio.timeout`."""
        return asyncio.timeout(seconds)
