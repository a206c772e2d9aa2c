"""Telling channels of alerts: each transition once, in order, however often a receiver or this program fails in between.

A transition is in the history before it is sent and marked there after it was taken, so that a restart goes on where the last
run ended. Only a crash between the two leads to a second message: the same one, with the same key. Of several processes on one
history the one that keeps it delivers.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from random import Random

from msgspec import Struct

from adlwatch.credentials import redact
from adlwatch.domain.alert import Transition
from adlwatch.domain.channel import Channel, message, part
from adlwatch.engine.clock import Clock
from adlwatch.engine.lane import Lane, Sender, Undelivered
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
ENDING = 8.0
"""Seconds that a message under way is given when the program ends."""


Report = Callable[[str, str | None], None]
"""Says that a part of our own fails, and why, or (None) that it works again."""


class Enrolled(Struct, frozen=True):
    """Since when a channel is told: what happened before it was configured is not for it."""

    since: datetime


class Sending(Struct, frozen=True):
    """The message that is under way, by its transitions: kept before it is sent, so that a crash does not change it."""

    transitions: tuple[str, ...]


class Outbox:
    """Delivers what `hear` is told to every channel, each at its own pace."""

    def __init__(
        self,
        channels: Sequence[tuple[Channel, Sender]],
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
        under_way = reader.kept(_sending(lane), Sending)
        lane.under_way = under_way.transitions if under_way is not None else ()
        for transition in reader.undelivered(name, max(enrolled.since, now - TOO_OLD)):
            lane.give(transition)

    async def _deliver(self, lane: Lane) -> None:
        """Tell one channel, for ever."""
        await self._prepare(lane)
        while True:
            await lane.wake.wait()
            lane.wake.clear()
            while lane.waiting:
                await self._tell(lane, lane.take(self._label()))

    async def _prepare(self, lane: Lane) -> None:
        """Make the channel ready before anything has to be told: nobody should learn in an emergency that it never worked."""
        waits = self._waits()
        while True:
            try:
                lane.room = await asyncio.to_thread(lane.send.ready)
            except Exception as error:  # noqa: BLE001  # a hundred plugins raise what they like
                self._failed(lane, _why(error))
                await self._clock.sleep(next(waits))
            else:
                self._report(part(lane.channel.name), None)
                return

    async def _tell(self, lane: Lane, batch: tuple[Transition, ...]) -> None:
        """Send one message until it is taken, always the same one: a receiver that took it unnoticed can tell."""
        waits = self._waits()
        if self._history is not None:
            self._history.put(entries.kept(_sending(lane), self._clock.now(), Sending(tuple(each.id for each in batch))))
        while self._clock.now() - batch[-1].at <= TOO_OLD:
            if await self._attempt(lane, batch):
                return
            await self._clock.sleep(next(waits))
        self._note(lane, batch, f"given up after {TOO_OLD.total_seconds() / 3600:.0f} h")

    def _waits(self) -> Iterator[float]:
        """Seconds between attempts."""
        wait = FIRST_WAIT
        while True:
            yield wait * (1 + self._random.uniform(0, 0.25))
            wait = min(LONGEST_WAIT, wait * 2)

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
        why = None if error is None else _why(error)
        if error is not None and not isinstance(error, Undelivered):
            logger.error("%s: failed as it should not: %s", part(lane.channel.name), why)
        self._note(lane, batch, why)
        return why is None

    def _note(self, lane: Lane, batch: Sequence[Transition], why: str | None) -> None:
        """Keep what came of an attempt, and let a failure be an alert."""
        name, now = lane.channel.name, self._clock.now()
        if self._history is not None:
            self._history.put(*(entries.delivery(t.id, name, now, delivered=why is None, detail=why) for t in batch))
        if why is not None:
            self._failed(lane, why)
            return
        self._report(part(name), None)
        logger.info("%s: told of %s", part(name), ", ".join(t.id for t in batch))

    def _failed(self, lane: Lane, why: str) -> None:
        name = part(lane.channel.name)
        self._report(name, why)
        logger.warning("%s: not told: %s", name, why)


def _why(error: BaseException) -> str:
    """In one line, without any secret."""
    return " ".join(redact(str(error) or repr(error)).split())


def _sending(lane: Lane) -> str:
    """Under which name it is kept what is under way."""
    return f"sending {lane.channel.name}"
