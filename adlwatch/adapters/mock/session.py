"""One world shared by all sources of a run: built when first asked, moved on by a clock, and mapped to real time."""

import asyncio
import math
import threading
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from msgspec import Struct

from adlwatch.adapters.base import Clock
from adlwatch.adapters.mock.markets import STEP
from adlwatch.adapters.mock.scenarios import Event, Scenario

if TYPE_CHECKING:
    from adlwatch.adapters.mock.world import World

_MOST = 1_200
"""Steps one fetch makes up for; after a longer pause the world has stood still for the rest of it."""


class _Anchor(Struct, frozen=True):
    """From `real` on, the world is at `t` and runs at `speed` world seconds a second."""

    t: float
    real: datetime
    speed: float


class Session:
    """The world and its time. Every source of a run holds the same one."""

    def __init__(self, scenario: Scenario, seed: int, speed: float, clock: Clock) -> None:
        self.scenario, self.seed = scenario, seed
        self.clock = clock
        self._speed = speed
        self._anchors: list[_Anchor] = []
        self._world: World | None = None
        self._waiting: list[Event] = []
        self._building = threading.Lock()
        self._lock = asyncio.Lock()
        self._reopened = asyncio.Event()

    # -- the world -----------------------------------------------------------------------------------------------------

    def build(self) -> "World":
        """The world, made at once if there is none yet (about 40 ms beside importing numpy)."""
        from adlwatch.adapters.mock.world import World  # noqa: PLC0415  # numpy comes after the first frame

        with self._building:
            if self._world is None:
                self._world = World(self.scenario, self.seed)
            return self._world

    async def world(self) -> "World":
        """The world at the clock's time, or as near to it as one fetch can come."""
        async with self._lock:
            world = self._world
            if world is None:
                world = await asyncio.to_thread(self.build)
            now = self.clock()
            if not self._anchors:
                self._anchors.append(_Anchor(0.0, now, self._speed))
            while self._waiting:
                world.do(self._waiting.pop(0))
            due = max(0, math.floor((self.due(now) - world.t) / STEP + 1e-9))
            for _ in range(min(due, _MOST)):
                world.step()
                await asyncio.sleep(0)
            if due > _MOST:
                self._anchors.append(_Anchor(world.t, now, self._speed))
            self._reopened.set()
            self._reopened = asyncio.Event()
            return world

    async def reopened(self) -> None:
        """Wait until the world has moved on: what hangs looks again."""
        await self._reopened.wait()

    def do(self, event: Event) -> None:
        """Let something happen now, or as soon as there is a world."""
        if self._world is None:
            self._waiting.append(event)
        else:
            self._world.do(event)

    # -- time ----------------------------------------------------------------------------------------------------------

    @property
    def label(self) -> str:
        """MOCK, the scenario, and how fast it runs."""
        return f"MOCK {self.scenario.name} ×{self._speed:g}"

    @property
    def speed(self) -> float:
        """World seconds a second."""
        return self._speed

    def due(self, now: datetime) -> float:
        """The world time that belongs to `now`."""
        last = self._anchors[-1]
        return last.t + max(0.0, (now - last.real).total_seconds()) * last.speed

    def set_speed(self, speed: float) -> None:
        """Run at another speed from now on; above 0."""
        if not (math.isfinite(speed) and speed > 0):
            raise ValueError(f"speed {speed}: expected a number above 0")
        self._speed = speed
        if self._anchors:
            now = self.clock()
            self._anchors.append(_Anchor(self.due(now), now, speed))

    def jump(self, t: float) -> None:
        """Skip ahead to world time `t`; the steps between are taken by the next fetch. Never goes back."""
        now = self.clock()
        if not self._anchors:
            self._anchors.append(_Anchor(0.0, now, self._speed))
        if t > self.due(now):
            self._anchors.append(_Anchor(t, now, self._speed))

    def real(self, t: float) -> datetime:
        """The real time at which the world was at `t`; before the start both run alike."""
        latest = None
        for anchor in reversed(self._anchors):
            if t >= anchor.t or anchor is self._anchors[0]:
                speed = anchor.speed if t >= anchor.t else 1.0
                time = anchor.real + timedelta(seconds=(t - anchor.t) / speed)
                return time if latest is None else min(time, latest)
            latest = anchor.real
        raise LookupError("the world has not started")
