"""A clock that stands still until told, and sources that do what a test says."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from adlwatch.domain.reading import Reading
from adlwatch.engine.virtual import VirtualClock, settle
from adlwatch.store.history import History
from tests.turns import threads

__all__ = ["START", "FrozenClock", "Source", "hang", "inline", "running", "settle", "until"]
START = datetime(2026, 11, 22, 12, tzinfo=UTC)


class FrozenClock(VirtualClock):
    """Time moves only by `advance`, and stops at every moment something waits for."""

    def __init__(self, now: datetime = START) -> None:
        super().__init__(now)


T = TypeVar("T")
Step = float | BaseException | Callable[[], Awaitable[Reading]]


class Source:
    """An adapter that plays its steps, the last one for ever.

    A number is a reading whose data is that many seconds old, an exception is raised, a function is awaited.
    """

    kind = "fake"
    label: str | None = None

    def __init__(self, clock: FrozenClock, *steps: Step, id_: str = "a", interval: float = 2.0, timeout: float = 10.0) -> None:
        self.id = id_
        self.interval = interval
        self.timeout = timeout
        self.started: list[datetime] = []
        self.running = 0
        self.most_running = 0
        self.closed = 0
        self._clock = clock
        self._steps = list(steps or (0.0,))

    async def fetch(self) -> Reading:
        self.started.append(self._clock.now())
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            return await self._play(self._steps.pop(0) if len(self._steps) > 1 else self._steps[0])
        finally:
            self.running -= 1

    async def close(self) -> None:
        self.closed += 1

    async def _play(self, step: Step) -> Reading:
        if isinstance(step, BaseException):
            raise step
        return self.reading(step) if isinstance(step, int | float) else await step()

    def reading(self, age: float = 0.0) -> Reading:
        now = self._clock.now()
        return Reading(source=self.id, as_of=now - timedelta(seconds=age), received_at=now)


async def inline(compute: Callable[[], T]) -> T:
    """Where the engine would use a thread."""
    return compute()


async def hang() -> Reading:
    """Answers never."""
    await asyncio.Event().wait()
    raise AssertionError


@asynccontextmanager
async def running(run: Coroutine[Any, Any, None]) -> AsyncIterator[asyncio.Task[None]]:
    """The coroutine as a task, cancelled at the end; whatever else ends it fails the test."""
    task = asyncio.create_task(run)
    await settle()
    yield task
    assert not task.done(), "it ended by itself"
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def until(condition: Callable[[], bool], *, clock: FrozenClock, history: History | None = None) -> None:
    """Let threads and the history's writer do what they have to do; time goes on by a second whenever they are done."""
    async with asyncio.timeout(10):
        while True:
            await threads().quiet()
            if history is not None:
                await asyncio.wrap_future(history.flush())
            await settle()
            if condition():
                return
            await clock.advance(1)
