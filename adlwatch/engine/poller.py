"""One supervised poller per source: it fetches, waits, fetches again, and never ends by itself."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from random import Random

from adlwatch.adapters.base import Adapter, pace
from adlwatch.adapters.turn import Turn
from adlwatch.domain.reading import Failure, Reading, SourceState
from adlwatch.engine.backoff import delay, held_back
from adlwatch.engine.clock import Clock
from adlwatch.engine.fetch import fetch
from adlwatch.store.states import LastKnown

logger = logging.getLogger(__name__)

Outcome = Reading | Failure


class Poller:
    """Fetches one source for ever. The next attempt is set after the last one has *ended*, so two never overlap.

    `heard` is told how each fetch has ended, once the store has it.
    """

    def __init__(
        self, adapter: Adapter, states: LastKnown, clock: Clock, random: Random, heard: Callable[[Outcome], None]
    ) -> None:
        self.adapter = adapter
        self._states = states
        self._clock = clock
        self._random = random
        self._heard = heard
        self._wake = asyncio.Event()

    async def run(self) -> None:
        """Poll until cancelled."""
        while True:
            await self._wait(await self.attempt())

    async def attempt(self) -> float:
        """Fetch once, put the outcome into the store, and return the seconds until the next attempt."""
        source = self.adapter
        started = self._clock.now()
        turn = Turn(first=self._states[source.id].latency is None, told=self._held_up, now=lambda: self._clock.now().timestamp())
        outcome = await fetch(source, self._clock, turn)
        ended = self._clock.now()
        failed = self._states[source.id].failures
        if isinstance(outcome, Failure):
            wait = delay(outcome, failed + 1, source.interval, self._random)
            self._states.apply_failure(outcome, next_attempt_at=ended + timedelta(seconds=wait))
        else:
            if failed:
                logger.info("%s: answers again after %d failed attempts", source.id, failed)
            wait = pace(source)
            latency = self._latency(outcome, (ended - started).total_seconds() - turn.stood)
            self._states.apply_reading(outcome, latency=latency, next_attempt_at=ended + timedelta(seconds=wait))
        self._heard(outcome)
        return wait

    def retry(self) -> bool:
        """End the present wait; False where the venue has told us to wait, and we do."""
        state = self._states[self.adapter.id]
        if _held(state, self._clock):
            return False
        self._wake.set()
        return True

    def _held_up(self, seconds: float) -> None:
        """The first fetch has to wait for the request budget, which is shown and is no failure."""
        self._states.apply_wait(self.adapter.id, self._clock.now() + timedelta(seconds=seconds))

    def _latency(self, reading: Reading, took: float) -> float:
        """What the venue took; a reading that was carried over, with newer marks perhaps, says nothing about that."""
        known = self._states[self.adapter.id]
        carried = known.reading is not None and known.reading.received_at == reading.received_at
        return known.latency if carried and known.latency is not None else max(0.0, took)

    async def _wait(self, seconds: float) -> None:
        self._wake.clear()
        with suppress(TimeoutError):
            async with self._clock.timeout(seconds):
                await self._wake.wait()


def _held(state: SourceState, clock: Clock) -> bool:
    failure = state.failure
    return failure is not None and clock.now() < failure.at + timedelta(seconds=held_back(failure))
