"""The engine: pollers feed the store of last known states, and each change becomes a frozen snapshot for whoever subscribed."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from random import Random

from msgspec.structs import replace

from adlwatch.adapters.base import Adapter
from adlwatch.credentials import redact
from adlwatch.domain.assess import States, assess
from adlwatch.domain.reading import Health, SourceState
from adlwatch.domain.settings import Settings
from adlwatch.domain.snapshot import Severity, Snapshot, SourceView
from adlwatch.engine.clock import Clock
from adlwatch.engine.poller import Poller
from adlwatch.store.states import LastKnown

logger = logging.getLogger(__name__)

SHORTEST = 0.25
"""Seconds between two assessments at least: more often than four times a second nobody reads."""
LONGEST = 1.0
"""Seconds between two assessments at most: ages move and health turns stale although nothing arrives."""
CLOSE_WITHIN = 2.0
"""Seconds that one adapter gets for releasing its connections."""

Subscriber = Callable[[Snapshot], None]


class Engine:
    """Runs all sources of one process. Everything happens on one event loop; `assess` is the longest step on it.

    Raises `ValueError` when two adapters share an id.
    """

    def __init__(self, adapters: Sequence[Adapter], settings: Settings, clock: Clock, *, random: Random | None = None) -> None:
        ids = [adapter.id for adapter in adapters]
        if len(set(ids)) < len(ids):
            raise ValueError(f"two sources share an id: {', '.join(sorted(i for i in set(ids) if ids.count(i) > 1))}")
        self._settings = settings
        self._clock = clock
        self._changed = asyncio.Event()
        self._known = LastKnown(SourceState(id=a.id, kind=a.kind, interval=a.interval, label=a.label) for a in adapters)
        jitter = random or Random()  # noqa: S311  # spreads retries; nothing secret
        self._pollers = {a.id: Poller(a, self._known, clock, jitter, self._changed.set) for a in adapters}
        self._subscribers: list[Subscriber] = []
        self._running: asyncio.Task[None] | None = None
        self._snapshot = Snapshot(as_of=clock.now(), severity=Severity.BLIND)

    @property
    def snapshot(self) -> Snapshot:
        """The latest assessment; empty and BLIND before the first."""
        return self._snapshot

    def subscribe(self, callback: Subscriber) -> Callable[[], None]:
        """Call `callback` on the loop with each new snapshot, until the function returned here is called."""
        self._subscribers.append(callback)
        return lambda: self._subscribers.remove(callback) if callback in self._subscribers else None

    async def run(self) -> None:
        """Poll and assess until cancelled. No failure of a source, of `assess` or of a subscriber ends it."""
        async with asyncio.TaskGroup() as tasks:
            self._running = tasks.create_task(self._assess_for_ever(), name="assess")
            for id_, poller in self._pollers.items():
                tasks.create_task(poller.run(), name=f"poll {id_}")

    async def assess_once(self) -> Snapshot:
        """Fetch every source once, all at the same time, each under its deadline, and assess what came."""
        async with asyncio.TaskGroup() as tasks:
            for poller in self._pollers.values():
                tasks.create_task(poller.attempt())
        self._assess()
        return self._snapshot

    def retry(self, source: str | None = None) -> tuple[str, ...]:
        """Fetch that source now, or all; the ids that will, without those whose venue has told us to wait."""
        asked = [self._pollers[source]] if source is not None else list(self._pollers.values())
        return tuple(poller.adapter.id for poller in asked if poller.retry())

    async def close(self) -> None:
        """Release every adapter's connections. Call it when `run` has ended; safe to call twice."""
        await asyncio.gather(*(self._close(poller.adapter) for poller in self._pollers.values()))

    async def _close(self, adapter: Adapter) -> None:
        try:
            async with self._clock.timeout(CLOSE_WITHIN):
                await adapter.close()
        except Exception:
            logger.exception("%s: could not be closed", adapter.id)

    async def _assess_for_ever(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with self._clock.timeout(LONGEST - SHORTEST):
                    await self._changed.wait()
            self._changed.clear()
            self._assess()
            await self._clock.sleep(SHORTEST)

    def _assess(self) -> None:
        """Make the next snapshot and tell the subscribers; one that raises is logged and keeps nobody else waiting."""
        now = self._clock.now()
        try:
            self._snapshot = assess(States(sources=self._known.all()), self._settings, now)
        except Exception as error:
            logger.exception("the assessment failed")
            self._snapshot = _blinded(self._snapshot, now, error)
        for subscriber in tuple(self._subscribers):
            try:
                subscriber(self._snapshot)
            except Exception:
                logger.exception("a subscriber failed")


def _blinded(last: Snapshot, now: datetime, error: Exception) -> Snapshot:
    """The last snapshot, marked as worth nothing: what cannot be assessed must not look as if it had been."""
    note = SourceView(id="assessment", health=Health.FAILING, age_seconds=None, error=redact(f"bug, see the log: {error!r}"))
    sources = tuple(view for view in last.sources if view.id != note.id)
    return replace(last, as_of=now, severity=Severity.BLIND, sources=(*sources, note))
