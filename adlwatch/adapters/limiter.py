"""How often a venue may be asked: one `Limiter` per scope that the venue meters, shared by every source in that scope."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable

from adlwatch.adapters.base import RateLimited


class Limiter:
    """Spends at most `limit * (1 - reserve)` weight in any `window` seconds; the rest stays free for the user's own tools.

    A ban from the venue stops everybody in the scope until it ends: asking on would make it longer.
    """

    def __init__(
        self,
        scope: str,
        limit: float,
        *,
        window: float = 60.0,
        reserve: float = 0.2,
        patience: float = 5.0,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.scope = scope
        self.budget = limit * (1 - reserve)
        self.window = window
        """Seconds."""
        self._patience = patience
        self._now = now
        self._sleep = sleep
        self._spent: deque[tuple[float, float]] = deque()
        self._turn = asyncio.Lock()
        self._banned_until = 0.0

    async def acquire(self, weight: float) -> None:
        """Spend `weight`, waiting in line for it; a cancelled wait spends nothing.

        Raises `RateLimited` while banned, or where the wait would be longer than the patience.
        """
        async with self._turn:
            self._refuse_while_banned()
            wait = self._wait(weight)
            if wait > self._patience:
                raise RateLimited(f"{self.scope}: our own request budget is used up", retry_after=wait)
            if wait > 0:
                await self._sleep(wait)
                self._refuse_while_banned()
            self.charge(weight)

    def charge(self, weight: float) -> None:
        """Count weight that a reply turned out to cost, without waiting."""
        self._spent.append((self._now(), weight))

    def room(self) -> float:
        """Weight that may go to something optional: half the budget stays for what cannot wait."""
        return max(0.0, self.budget / 2 - self.used()) if self._now() >= self._banned_until else 0.0

    def used(self) -> float:
        """Weight spent within the last window."""
        oldest = self._now() - self.window
        while self._spent and self._spent[0][0] <= oldest:
            self._spent.popleft()
        return sum(weight for _, weight in self._spent)

    def ban(self, seconds: float) -> None:
        """Let nobody in this scope ask for `seconds`."""
        self._banned_until = max(self._banned_until, self._now() + seconds)

    def _refuse_while_banned(self) -> None:
        left = self._banned_until - self._now()
        if left > 0:
            raise RateLimited(f"{self.scope}: the venue asked us to wait", retry_after=left)

    def _wait(self, weight: float) -> float:
        """Seconds until `weight` fits into the window."""
        excess = self.used() + weight - self.budget
        for at, spent in self._spent:
            if excess <= 0:
                return 0.0
            excess -= spent
            if excess <= 0:
                return at + self.window - self._now()
        return 0.0 if excess <= 0 else self.window
