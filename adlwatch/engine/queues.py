"""Keeping the estimated queues, beside the path from tick to screen: rebuilding one takes longer than assessing a book."""

import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple

from adlwatch.domain.outlook import Outlook, look_ahead
from adlwatch.domain.queue_update import Queues, update
from adlwatch.domain.reading import SourceState
from adlwatch.domain.settings import Settings
from adlwatch.engine.unread import UnreadLights

logger = logging.getLogger(__name__)

LOOK_EVERY = timedelta(seconds=2)
"""Time between two looks ahead: one takes tens of milliseconds of a core."""


class Kept(NamedTuple):
    """What is carried from one update to the next."""

    queues: Queues = Queues()
    outlooks: Mapping[str, Outlook] = MappingProxyType({})


Offload = Callable[[Callable[[], Kept]], Awaitable[Kept]]
"""Runs a computation off the event loop, as `asyncio.to_thread` does."""


class QueueKeeper:
    """The queues as last updated, and why the last update failed, if it did. A failure keeps the queues that there are."""

    def __init__(self, settings: Settings) -> None:
        self.kept = Kept()
        self.fault: str | None = None
        self._settings = settings
        self._unread = UnreadLights(settings.profiles)
        self._looked_at: datetime | None = None

    async def update(self, sources: tuple[SourceState, ...], now: datetime, offload: Offload) -> bool:
        """Learn from what the sources say; some queues at a time, so that none waits long. Whether any light may differ now."""
        known, fault = self.kept, self.fault
        with self._noted():
            self.kept = await offload(lambda: self._carried_on(known, sources, now))
        lights_may_differ = self.kept.queues.by_key != known.queues.by_key or self.kept.outlooks != known.outlooks
        return lights_may_differ or self.fault != fault

    def settle(self, sources: tuple[SourceState, ...], now: datetime) -> None:
        """Build every queue that these sources allow, and learn every light, for a single assessment."""
        with self._noted():
            self._unread.heard(sources)
            queues, before = self.kept.queues, None
            while before != (queues.stamps, queues.learned):
                before = (queues.stamps, queues.learned)
                queues = update(queues, sources, self._settings, now)
            self.kept = self.kept._replace(queues=queues)

    def _carried_on(self, known: Kept, sources: tuple[SourceState, ...], now: datetime) -> Kept:
        self._unread.heard(sources)
        queues = update(known.queues, sources, self._settings, now)
        if self._looked_at is not None and now - self._looked_at < LOOK_EVERY:
            return known._replace(queues=queues)
        self._looked_at = now
        return Kept(queues, look_ahead(known.outlooks, queues.by_key, sources, self._settings, now, count=1))

    @contextmanager
    def _noted(self) -> Iterator[None]:
        """Note and log what goes wrong inside."""
        self.fault = None
        try:
            yield
        except Exception as error:
            logger.exception("the queues could not be updated")
            self.fault = f"bug, see the log: {error!r}"
