"""The alerts as they stand, and whoever wants to hear of their transitions."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from msgspec.structs import replace

from adlwatch.credentials import redact
from adlwatch.domain.alert import AlertBook, Transition
from adlwatch.domain.alerts import Evaluated, acknowledge, evaluate, shown, snooze
from adlwatch.domain.settings import Settings
from adlwatch.domain.snapshot import Snapshot

logger = logging.getLogger(__name__)

Listener = Callable[[Transition], None]


class Alarms:
    """Carries the alerts from snapshot to snapshot. `book`: the alerts of an earlier run."""

    def __init__(self, settings: Settings, book: AlertBook | None = None) -> None:
        self.book = book or AlertBook()
        self._settings = settings
        self._faults: dict[str, str] = {}
        self._listeners: list[Listener] = []

    def on_transition(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with each transition, until the function returned here is called."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def report(self, part: str, why: str | None) -> None:
        """A part of our own fails (an alert from the next snapshot on), or works again (None)."""
        if why is None:
            self._faults.pop(part, None)
        else:
            self._faults[part] = redact(why)

    def look(self, snapshot: Snapshot) -> tuple[Snapshot, tuple[Transition, ...]]:
        """The snapshot with its alerts, and what is to be told."""
        found = evaluate(self.book, snapshot, self._settings, self._faults)
        self.book = found.book
        return replace(snapshot, alerts=shown(found.book)), found.transitions

    def acknowledge(self, key: str, by: str, now: datetime) -> bool:
        """Whether there was an open alert of that key which nobody had acknowledged."""
        return self._commanded(acknowledge(self.book, key, by, now))

    def snooze(self, key: str, until: datetime, now: datetime) -> bool:
        """Whether there was an open alert of that key, and `until` is in the future."""
        return self._commanded(snooze(self.book, key, until, now))

    def tell(self, transitions: Iterable[Transition]) -> None:
        """Hand transitions to the listeners; one that raises is logged and keeps nobody else from hearing."""
        for transition in transitions:
            for listener in tuple(self._listeners):
                try:
                    listener(transition)
                except Exception:
                    logger.exception("a listener to alerts failed")

    def _commanded(self, done: Evaluated) -> bool:
        self.book = done.book
        self.tell(done.transitions)
        return bool(done.transitions)
