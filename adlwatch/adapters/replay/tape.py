"""A recording as sources: each answers what it answered then, at the same moments of the recorded time."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from adlwatch.adapters.base import ERRORS, BadPayload, Clock, Unsupported
from adlwatch.domain.loss import fill_key
from adlwatch.domain.model import Fill
from adlwatch.domain.reading import Failure, Reading
from adlwatch.domain.recording import RecordedSource

LABEL = "REPLAY"
FOREVER = 1e9
"""Seconds no recording lasts: what hung then is recorded as a failure, so nothing has to be given up now."""

Outcome = Reading | Failure


class Ended(Unsupported):
    """Nothing more was recorded."""


@dataclass(frozen=True, slots=True)
class ReplayTime:
    """The recorded time: what it is, and how to wait for a part of it to pass."""

    now: Clock
    sleep: Callable[[float], Awaitable[None]]


class Tape:
    """All outcomes of a recording, read as far as the time has come: a day of readings would not fit into memory."""

    def __init__(self, outcomes: Iterator[tuple[datetime, Outcome]]) -> None:
        self.fault: str | None = None
        """Why it ends early, in one line."""
        self._outcomes = outcomes
        self._due: dict[str, list[Outcome]] = defaultdict(list)
        self._next = self._read()

    @property
    def next_at(self) -> datetime | None:
        """When something comes next; None at the end."""
        return self._next[0] if self._next is not None else None

    def take(self, source: str, now: datetime) -> list[Outcome]:
        """What is due of a source and has not been taken yet, oldest first."""
        while self._next is not None and self._next[0] <= now:
            self._due[self._next[1].source].append(self._next[1])
            self._next = self._read()
        return self._due.pop(source, [])

    def _read(self) -> tuple[datetime, Outcome] | None:
        try:
            return next(self._outcomes, None)
        except ValueError as error:
            self.fault = str(error)
            return None


class Replay:
    """One recorded source. Always labelled, whatever it was when it was recorded."""

    pace = 0.0
    """It waits by itself for what comes next: with pushed marks that is often sooner than its interval."""

    def __init__(self, source: RecordedSource, tape: Tape, time: ReplayTime, *, ends: bool = False) -> None:
        """`ends`: raise `Ended` after the last answer, in place of waiting for ever."""
        self.id = source.id
        self.kind = source.kind
        self.interval = source.interval
        self.timeout = FOREVER
        self.label: str | None = f"{LABEL} {source.label}" if source.label else LABEL
        self.identity = source.identity
        self._tape = tape
        self._time = time
        self._ends = ends
        self._missed: list[Fill] = []

    async def fetch(self) -> Reading:
        """The latest that is due, or the next thing to come; after the last one nothing ever does."""
        while not (due := self._tape.take(self.id, self._time.now())):
            if self._tape.fault is not None:
                raise BadPayload(self._tape.fault)
            at = self._tape.next_at
            if at is None and self._ends:
                raise Ended("the recording has ended")
            await self._time.sleep(FOREVER if at is None else max(0.0, (at - self._time.now()).total_seconds()))
        self._missed += [fill for outcome in due[:-1] if isinstance(outcome, Reading) for fill in outcome.fills]
        outcome = due[-1]
        if isinstance(outcome, Failure):
            raise ERRORS[outcome.kind](outcome.message, retry_after=outcome.retry_after)
        missed, self._missed = self._missed, []
        return replace(outcome, fills=_union(missed, outcome.fills)) if missed else outcome

    async def close(self) -> None:
        """Nothing is held."""


def _union(missed: Iterable[Fill], fills: Iterable[Fill]) -> tuple[Fill, ...]:
    return tuple({fill_key(fill): fill for fill in (*missed, *fills)}.values())
