"""Keeping the estimated queues, beside the path from tick to screen: rebuilding one takes longer than assessing a book."""

import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from adlwatch.domain.queue_update import Queues, update
from adlwatch.domain.reading import SourceState
from adlwatch.domain.settings import Settings

logger = logging.getLogger(__name__)

Offload = Callable[[Callable[[], Queues]], Awaitable[Queues]]
"""Runs a computation off the event loop, as `asyncio.to_thread` does."""


class QueueKeeper:
    """The queues as last updated, and why the last update failed, if it did. A failure keeps the queues that there are."""

    def __init__(self, settings: Settings) -> None:
        self.queues = Queues()
        self.fault: str | None = None
        self._settings = settings

    async def update(self, sources: tuple[SourceState, ...], now: datetime, offload: Offload) -> bool:
        """Learn from what the sources say; some queues at a time, so that none waits long. Whether any light may differ now."""
        known, fault = self.queues, self.fault
        with self._kept():
            self.queues = await offload(lambda: update(known, sources, self._settings, now))
        return self.queues.by_key != known.by_key or self.fault != fault

    def settle(self, sources: tuple[SourceState, ...], now: datetime) -> None:
        """Build every queue that these sources allow, for a single assessment."""
        with self._kept():
            before = None
            while before != self.queues.stamps:
                before, self.queues = self.queues.stamps, update(self.queues, sources, self._settings, now)

    @contextmanager
    def _kept(self) -> Iterator[None]:
        """Note and log what goes wrong inside."""
        self.fault = None
        try:
            yield
        except Exception as error:
            logger.exception("the queues could not be updated")
            self.fault = f"bug, see the log: {error!r}"
