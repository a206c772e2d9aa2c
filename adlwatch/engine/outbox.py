"""Telling channels of alerts: each transition once, in order, however often a receiver or this program fails in between.

A transition is in the history before it is sent and marked there after it was taken, so that a restart goes on where the last
run ended. Only a crash between the two leads to a second message, which carries the same key. Of several processes on one
history the one that keeps it delivers.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from msgspec import Struct

from adlwatch.credentials import redact
from adlwatch.domain.alert import Transition
from adlwatch.domain.channel import Channel, Message, message, part
from adlwatch.engine.clock import Clock
from adlwatch.store import entries
from adlwatch.store.history import History
from adlwatch.store.reader import Reader, Unreadable

logger = logging.getLogger(__name__)

FIRST_WAIT, LONGEST_WAIT = 5.0, 300.0
"""Seconds between two attempts: doubled after each failure."""
LOOK_EVERY = 5.0
"""Seconds between two looks whether the process that kept the history has ended."""
TOO_OLD = timedelta(hours=24)
"""A transition that could not be told for so long is told no more."""
REMEMBERED = timedelta(days=30)
"""How far back it counts that a channel was told of an alert."""
AT_ONCE = 20
"""Transitions in one message at most: what has piled up during an outage comes in few messages."""
ENDING = 8.0
"""Seconds that a message under way is given when the program ends."""


class Undelivered(Exception):
    """A message that was not taken; one line that says why, without any secret."""


Send = Callable[[Message], None]
"""Sends one message; blocks; raises `Undelivered`. Called in a thread."""
Report = Callable[[str, str | None], None]
"""Says that a part of our own fails, and why, or (None) that it works again."""


class Enrolled(Struct, frozen=True):
    """Since when a channel is told: what happened before it was configured is not for it."""

    since: datetime


@dataclass(slots=True)
class Lane:
    """One channel and what waits for it."""

    channel: Channel
    send: Send
    waiting: deque[Transition] = field(default_factory=deque)
    told: set[str] = field(default_factory=set)
    """Occurrences of alerts that it was, or is about to be, told of."""
    heard: set[str] = field(default_factory=set)
    """Transitions that it was given."""
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    def give(self, transition: Transition) -> None:
        """Have it told, if it wants to be."""
        if transition.id in self.heard:
            return
        self.heard.add(transition.id)
        if self.channel.wants(transition, told=transition.alert.id in self.told):
            self.told.add(transition.alert.id)
            self.waiting.append(transition)
            self.wake.set()

    def take(self) -> tuple[Transition, ...]:
        """What goes into the next message."""
        return tuple(self.waiting.popleft() for _ in range(min(AT_ONCE, len(self.waiting))))


class Outbox:
    """Delivers what `hear` is told to every channel, each at its own pace."""

    def __init__(
        self,
        channels: Sequence[tuple[Channel, Send]],
        clock: Clock,
        history: History | None,
        report: Report,
        *,
        label: Callable[[], str | None] = lambda: None,
        random: Random | None = None,
    ) -> None:
        self._lanes = [Lane(channel, send) for channel, send in channels]
        self._clock, self._history, self._report, self._label = clock, history, report, label
        self._random = random or Random()  # noqa: S311  # spreads retries; nothing secret
        self._begun = clock.now()
        self._early: list[Transition] | None = []
        """What is heard before it is known whether we deliver."""

    def hear(self, transition: Transition) -> None:
        """Have one more transition told. Returns at once."""
        if self._early is not None:
            self._early.append(transition)
            return
        for lane in self._lanes:
            lane.give(transition)

    async def run(self) -> None:
        """Deliver until cancelled."""
        await self._ours()
        await asyncio.to_thread(self._resume)
        early, self._early = self._early or [], None
        for transition in early:
            self.hear(transition)
        async with asyncio.TaskGroup() as tasks:
            for lane in self._lanes:
                tasks.create_task(self._deliver(lane), name=part(lane.channel.name))

    async def _ours(self) -> None:
        """Return when it is on us to deliver: another process that keeps the history does, for as long as it lives."""
        while not await self._safe() and self._history is not None and self._history.fault is None:
            self._early = []
            await self._clock.sleep(LOOK_EVERY)

    async def _safe(self) -> bool:
        """Whether everything handed to the history so far is in it, by us."""
        if self._history is None:
            return True
        return await asyncio.wrap_future(self._history.flush()) and self._history.keeping

    def _resume(self) -> None:
        """Give every channel what the last run could not tell it."""
        if self._history is None:
            return
        now = self._clock.now()
        for lane in self._lanes:
            try:
                self._go_on(lane, self._history.read, now)
            except Unreadable as error:
                logger.warning("%s: what it was told before is not known: %s", part(lane.channel.name), error)

    def _go_on(self, lane: Lane, reader: Reader, now: datetime) -> None:
        name = lane.channel.name
        enrolled = reader.kept(part(name), Enrolled)
        if enrolled is None:
            if self._history is not None:
                self._history.put(entries.kept(part(name), now, Enrolled(self._begun)))
            return
        told = {each.transition for each in reader.deliveries(now - REMEMBERED) if each.channel == name and each.delivered}
        lane.heard |= told
        lane.told |= {transition.rpartition("#")[0] for transition in told}
        for transition in reader.undelivered(name, max(enrolled.since, now - TOO_OLD)):
            lane.give(transition)

    async def _deliver(self, lane: Lane) -> None:
        """Tell one channel, for ever."""
        while True:
            await lane.wake.wait()
            lane.wake.clear()
            while lane.waiting:
                await self._tell(lane, lane.take())

    async def _tell(self, lane: Lane, batch: tuple[Transition, ...]) -> None:
        """Send one message until it is taken, always the same one: a receiver that took it unnoticed can tell."""
        wait = FIRST_WAIT
        while not await self._attempt(lane, batch):
            await self._clock.sleep(wait * (1 + self._random.uniform(0, 0.25)))
            wait = min(LONGEST_WAIT, wait * 2)
            if self._clock.now() - batch[0].at > TOO_OLD:
                self._note(lane, batch, f"given up after {TOO_OLD.total_seconds() / 3600:.0f} h")
                return

    async def _attempt(self, lane: Lane, batch: tuple[Transition, ...]) -> bool:
        """Send one message; whether it was taken. What is under way when the program ends is still seen through."""
        await self._safe()
        sending = asyncio.create_task(asyncio.to_thread(lane.send, message(batch, self._label())))
        try:
            await asyncio.wait({sending})
        except asyncio.CancelledError:
            await asyncio.wait({sending}, timeout=ENDING)
            if sending.done():
                self._outcome(lane, batch, sending)
            raise
        return self._outcome(lane, batch, sending)

    def _outcome(self, lane: Lane, batch: Sequence[Transition], sending: "asyncio.Task[None]") -> bool:
        error = sending.exception()
        why = None if error is None else " ".join(redact(str(error) or repr(error)).split())
        if error is not None and not isinstance(error, Undelivered):
            logger.error("%s: failed as it should not: %s", part(lane.channel.name), why)
        self._note(lane, batch, why)
        return why is None

    def _note(self, lane: Lane, batch: Sequence[Transition], why: str | None) -> None:
        """Keep what came of an attempt, and let a failure be an alert."""
        name, now = lane.channel.name, self._clock.now()
        if self._history is not None:
            self._history.put(*(entries.delivery(t.id, name, now, delivered=why is None, detail=why) for t in batch))
        self._report(part(name), why)
        if why is None:
            logger.info("%s: told of %s", part(name), ", ".join(t.id for t in batch))
        else:
            logger.warning("%s: not told: %s", part(name), why)
