"""How often a venue may be asked: one `Limiter` per scope that the venue meters, shared by every source in that scope.

Nobody is refused for want of budget: a request waits in line for it. What is scarce is spread:

- up to `FREELY` of the budget goes out at once; from there on the rest is spread over the time until there is plenty again, so
  that sources grow a little older together, and none goes blind while the window empties;
- first fetches, which cost a multiple of later ones, are let in as long as they find room within that, then one at a time.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from dataclasses import dataclass

from adlwatch.adapters import wire
from adlwatch.adapters.base import RateLimited
from adlwatch.adapters.turn import TURN, Line, Turn

FREELY = 0.6
"""Share of the budget that may go out at once."""
FIRST = 0.05
"""Share of the budget that a first fetch is taken to need as long as it runs."""
APART = 1 / 6
"""Share of the window in which one first fetch is expected to be through once what may go out at once is gone."""
TINY = 1e-3
"""Seconds that are not worth waiting for; a sleep may end that much early."""
LOOK = 1.0
"""Seconds between two looks at whether a first fetch may begin."""


@dataclass(slots=True)
class _Opening:
    """A first fetch under way: since when, and what it has spent."""

    at: float
    spent: float = 0.0


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
        now: Callable[[], float] = wire.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.scope = scope
        self.budget = limit * (1 - reserve)
        self.window = window
        """Seconds."""
        self._now = now
        self._sleep = sleep
        self._spent: deque[tuple[float, float]] = deque()
        self._line = Line()
        self._door = asyncio.Lock()
        self._banned_until = 0.0
        self._before_door = 0
        self._next_at = float("-inf")
        self._first: dict[Turn, _Opening] = {}
        """First fetches under way."""

    async def acquire(self, weight: float) -> None:
        """Spend `weight`, waiting in line for it; a cancelled wait spends nothing. Raises `RateLimited` while banned."""
        turn = TURN.get()
        if wire.playing():  # the replies come when they came
            self._refuse_while_banned()
            self.charge(weight)
            return
        with turn.in_line() if turn is not None else nullcontext():
            if turn is not None and turn.first:
                await self._let_in(turn)
            async with self._line.head(turn):
                self._refuse_while_banned()
                while (wait := self._wait(weight)) > TINY:
                    await self._sleep(wait)
                    self._refuse_while_banned()
                self.charge(weight)

    def charge(self, weight: float) -> None:
        """Count weight that a reply turned out to cost, without waiting."""
        self._spent.append((self._now(), weight))
        turn = TURN.get()
        if turn is not None and turn in self._first:
            self._first[turn].spent += weight

    def room(self) -> float:
        """Weight that may go to something optional: half the budget stays for what cannot wait, all of it for first fetches."""
        held_up = self._before_door or self._now() < self._banned_until
        return 0.0 if held_up else max(0.0, self.budget / 2 - self.used())

    def used(self) -> float:
        """Weight spent within the last window."""
        oldest = self._now() - self.window
        while self._spent and self._spent[0][0] <= oldest:
            self._spent.popleft()
        return sum(weight for _, weight in self._spent)

    def ban(self, seconds: float) -> None:
        """Let nobody in this scope ask for `seconds`."""
        self._banned_until = max(self._banned_until, self._now() + seconds)

    async def _let_in(self, turn: Turn) -> None:
        """Wait until a first fetch may begin; its further requests then stand in line like any other."""
        async with turn.gate:
            if turn in self._first:
                return
            if self._before_door or self._wait_before_door() > 0:
                turn.told(self._wait_before_door() + (1 + self._before_door) * self.window * APART)
            self._before_door += 1
            try:
                async with self._door:
                    while (wait := self._wait_before_door()) > TINY:
                        self._refuse_while_banned()
                        await self._sleep(min(wait, LOOK))
                    self._first[turn] = _Opening(self._now())
                    turn.begin()
            finally:
                self._before_door -= 1

    def _refuse_while_banned(self) -> None:
        left = self._banned_until - self._now()
        if left > 0:
            raise RateLimited(f"{self.scope}: the venue asked us to wait", retry_after=left)

    def _wait_before_door(self) -> float:
        """Seconds until the next first fetch may begin.

        None where it has room beside the others; else it waits for their end, and half as long again, for those already read.
        """
        now = self._now()
        for turn in [turn for turn in self._first if turn.over]:
            self._next_at = now + (now - self._first.pop(turn).at) / 2
        need = self.budget * FIRST
        expected = sum(max(0.0, need - opening.spent) for opening in self._first.values())
        if self._fits_in(need + expected, self.budget * FREELY) <= 0:
            return 0.0
        return self.window * APART if self._first else max(0.0, self._next_at - now)

    def _wait(self, weight: float) -> float:
        """Seconds until `weight` may go out."""
        need = min(weight, self.budget)
        plenty_in = self._fits_in(need, self.budget * FREELY)
        if plenty_in <= 0:
            return 0.0
        left = self.budget - self.used()
        spread = self._spent[-1][0] + plenty_in * need / max(left, need) - self._now()
        return max(self._fits_in(need, self.budget), spread)

    def _fits_in(self, weight: float, budget: float) -> float:
        """Seconds until `weight` fits into `budget`; at the latest when everything spent is forgotten."""
        excess = self.used() + weight - budget
        for at, spent in self._spent:
            if excess <= 0:
                return 0.0
            excess -= spent
            if excess <= 0:
                return at + self.window - self._now()
        return self._spent[-1][0] + self.window - self._now() if excess > 0 and self._spent else 0.0
