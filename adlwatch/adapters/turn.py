"""One fetch's turn among all that share a request budget, and the line in which their requests stand."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from heapq import heappop, heappush
from itertools import count

_number = count()


class Turn:
    """Made by whoever runs a fetch and found through `TURN` by every limiter that the fetch comes to.

    `first`: nothing has been heard of the source, so the fetch asks for much more than later ones and gives way to them.
    `told` hears how many seconds such a fetch is likely to stand in line before it may begin.
    """

    def __init__(
        self,
        *,
        first: bool = False,
        told: Callable[[float], None] = lambda _: None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.number = next(_number)
        """Who began earlier has the smaller one."""
        self.first = first
        self.told = told
        self.over = False
        """Set when the fetch has ended, however it did."""
        self.gate = asyncio.Lock()
        """Requests of one fetch are let in together."""
        self._now = now
        self._standing = 0
        self._since = 0.0
        self._stood = 0.0

    def begin(self) -> None:
        """It was held up until this moment: who has begun before it goes before it."""
        self.number = next(_number)

    @contextmanager
    def in_line(self) -> Iterator[None]:
        """A request of this fetch waits for its budget within."""
        if self._standing == 0:
            self._since = self._now()
        self._standing += 1
        try:
            yield
        finally:
            self._standing -= 1
            if self._standing == 0:
                self._stood += self._now() - self._since

    @property
    def stood(self) -> float:
        """Seconds in which some request of it waited for its budget: time that the venue has not taken."""
        return self._stood + (self._now() - self._since if self._standing else 0.0)


TURN: ContextVar[Turn | None] = ContextVar("turn", default=None)
"""The turn of the fetch that runs in this context."""


class Line:
    """Lets through one request at a time, those of the fetch that began first before others: what is begun gets finished."""

    def __init__(self) -> None:
        self._taken = False
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._asked = count()

    @asynccontextmanager
    async def head(self, turn: Turn | None) -> AsyncIterator[None]:
        """Be at the head of the line within; requests that belong to no fetch come as they ask."""
        if self._taken:
            woken = asyncio.get_running_loop().create_future()
            heappush(self._waiting, (next(_number) if turn is None else turn.number, next(self._asked), woken))
            try:
                await woken
            except asyncio.CancelledError:
                if woken.done() and not woken.cancelled():  # called up and cancelled in the same moment
                    self._next()
                raise
        self._taken = True
        try:
            yield
        finally:
            self._next()

    def _next(self) -> None:
        self._taken = False
        while self._waiting and not self._taken:
            woken = heappop(self._waiting)[2]
            if not woken.done():
                woken.set_result(None)
                self._taken = True
