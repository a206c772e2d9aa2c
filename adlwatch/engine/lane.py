"""One channel and what waits for it: the most urgent first, and no more at once than the service takes."""

import asyncio
from dataclasses import dataclass, field
from typing import Protocol

from adlwatch.domain.alert import RuleName, Transition
from adlwatch.domain.channel import Channel, Message, message

URGENT = frozenset({RuleName.INCIDENT, RuleName.NAKED, RuleName.LIQUIDATION})
"""What costs money while nobody reads it: told before everything else that waits."""
AT_ONCE = 20
"""Transitions in one message at most: what has piled up during an outage comes in few messages."""


class Undelivered(Exception):
    """A message that was not taken; one line that says why, without any secret."""


class Sender(Protocol):
    """One way out. Both methods block, are called in a thread, and raise `Undelivered`."""

    def ready(self) -> int:
        """Prepare to send; how many characters, title and body, one message may have."""
        ...

    def __call__(self, message: Message) -> None:
        """Send one message."""
        ...


@dataclass(slots=True)
class Lane:
    """One channel and what waits for it."""

    channel: Channel
    send: Sender
    room: int = 0
    """Characters that one message may have; a single transition is sent whatever its length."""
    waiting: list[Transition] = field(default_factory=list)
    under_way: tuple[str, ...] = ()
    """Transitions of the message that the last run may have sent without having noted it: they go first, as that same message."""
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

    def take(self, label: str | None) -> tuple[Transition, ...]:
        """What goes into the next message. `label`: as of `message`, which it makes longer."""
        batch = self._again() or self._fitting(label)
        taken = {transition.id for transition in batch}
        self.waiting = [transition for transition in self.waiting if transition.id not in taken]
        return batch

    def _again(self) -> tuple[Transition, ...]:
        ids, self.under_way = self.under_way, ()
        waiting = {transition.id: transition for transition in self.waiting}
        return tuple(waiting[each] for each in ids) if waiting.keys() >= set(ids) else ()

    def _fitting(self, label: str | None) -> tuple[Transition, ...]:
        """Urgent ones first, each kind in the order it came: so those of one alert stay in theirs."""
        first = sorted(self.waiting, key=lambda transition: transition.alert.rule not in URGENT)[:AT_ONCE]
        count = 1
        while count < len(first) and _length(message(first[: count + 1], label)) <= self.room:
            count += 1
        return tuple(first[:count])


def _length(sent: Message) -> int:
    return len(sent.title) + len(sent.body)
