"""What humans decided about alerts, shared through the history: acknowledged in one terminal is acknowledged in all."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

from adlwatch.domain.alert import AlertBook, Change, Transition
from adlwatch.engine.clock import Clock
from adlwatch.store import entries
from adlwatch.store.history import History
from adlwatch.store.reader import Decision, Unreadable

logger = logging.getLogger(__name__)

LOOK_EVERY = 2.0
BACK = timedelta(days=1)
"""Older decisions than this are not looked at after a start: what they were about is kept with the alerts themselves."""
ACKNOWLEDGED, SNOOZED = "acknowledged", "snoozed"


class Desk(Protocol):
    """Where alerts can be acknowledged: the engine."""

    @property
    def alerts(self) -> AlertBook:
        """All alerts."""
        ...

    def acknowledge(self, key: str, by: str) -> bool:
        """Somebody has seen it."""
        ...

    def snooze(self, key: str, until: datetime) -> bool:
        """Nothing more of it until then."""
        ...


class Decisions:
    """Carries decisions made here to the history, and those made elsewhere from it."""

    def __init__(self, desk: Desk, history: History, clock: Clock, who: str) -> None:
        self._desk, self._history, self._clock, self._who = desk, history, clock, who
        self._seen = 0
        self._applying = False

    def hear(self, transition: Transition) -> None:
        """Keep a decision that was made in this process."""
        what = _DECIDED.get(transition.change)
        if what is None or self._applying:
            return
        alert = transition.alert
        who = alert.acknowledged_by or self._who
        self._history.put(entries.decision(alert.key, transition.at, what, alert.snoozed_until, who))

    async def run(self) -> None:
        """Apply what is decided elsewhere, until cancelled."""
        while True:
            try:
                found = await asyncio.to_thread(self._history.read.decisions, self._seen)
            except Unreadable as error:
                logger.debug("decisions: %s", error)
            else:
                for each in found:
                    self._seen = each.id
                    self._apply(each)
            await self._clock.sleep(LOOK_EVERY)

    def _apply(self, decision: Decision) -> None:
        """Do what was decided, unless the alert has moved on since."""
        alert = self._desk.alerts.alerts.get(decision.key)
        now = self._clock.now()
        if alert is None or now - decision.at > BACK or decision.at < (alert.raised_at or alert.opened_at):
            return
        self._applying = True
        try:
            if decision.what == ACKNOWLEDGED:
                self._desk.acknowledge(decision.key, decision.who)
            elif decision.what == SNOOZED and decision.until is not None and decision.until != alert.snoozed_until:
                self._desk.snooze(decision.key, decision.until)
        finally:
            self._applying = False


_DECIDED: Mapping[Change, str] = {Change.ACKNOWLEDGED: ACKNOWLEDGED, Change.SNOOZED: SNOOZED}
