"""Raw replies of a recording through the real adapters again, to see whether a parser reads them as it did.

The file sets the pace. Each of its lines happens in turn: a fetch begins, a reply comes to whoever has asked for it, a fetch
ends. What an adapter asks that is not in the file fails with one line naming it. Nothing leaves this machine.
"""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from adlwatch.adapters.base import ERRORS, Adapter, Context, Retry, SourceError
from adlwatch.adapters.wire import FETCH, WIRE, Asked, Fetch, Hear, Reply, Send, of_fetch
from adlwatch.domain.reading import Failure, FailureKind, Reading
from adlwatch.domain.recording import Began, Candles, Head, Heard, Line, Pushed, Raw, RecordedSource, outcome_of
from adlwatch.engine.fetch import NO_ANSWER, fetch
from adlwatch.engine.virtual import settle

Outcome = Reading | Failure
Build = Callable[[RecordedSource, Context], Adapter | None]
"""A source as it was recorded → its adapter; None where there is nothing to parse again."""
HUNG_AFTER = 10.0
"""Real seconds for a fetch that waits for no reply: longer than any thread of ours works."""
LONGEST_VALUE = 60
"""Characters of a value that are shown."""
_TIME = re.compile(r"\b\d{12,19}\b|\d{4}-\d\d-\d\d[T ][\d:.]+")


class Parsed(NamedTuple):
    """How one fetch ended then, and how it ends now."""

    at: datetime
    recorded: Outcome
    again: Outcome


@dataclass(slots=True, eq=False)
class _Question:
    asked: Asked
    fetch: Fetch | None
    reply: "asyncio.Future[Raw]"


class Player:
    """The wire of a replay: answers with what was answered then."""

    playing = True

    def __init__(self, start: datetime) -> None:
        self.time = start
        self.missing: Counter[str] = Counter()
        """Requests that are not in the recording, and how often they were made."""
        self._questions: list[_Question] = []
        self._spare: list[Raw] = []
        self._streams: dict[str, Hear] = {}
        self._asked = asyncio.Event()

    def now(self) -> datetime:
        """The recorded time, as the source went by it."""
        return of_fetch(lambda: self.time)

    def timeout(self, _: float) -> AbstractAsyncContextManager[object]:
        """What took too long then is recorded as a failure."""
        return nullcontext()

    async def sleep(self, _: float) -> None:
        """Nobody waits: the file sets the pace."""

    async def ask(self, asked: Asked, send: Send) -> Reply:  # noqa: ARG002  # nothing is sent
        """The recorded reply, when its line comes."""
        fetch = FETCH.get()
        raw = self._kept(asked, fetch)
        if raw is None:
            question = _Question(asked, fetch, asyncio.get_running_loop().create_future())
            self._questions.append(question)
            self._asked.set()
            try:
                raw = await question.reply
            finally:
                self._questions.remove(question)
        if fetch is not None:
            fetch.at = max(fetch.at, raw.at)
        if raw.error is not None:
            raise ERRORS[raw.error](raw.body, retry_after=raw.retry_after)
        return raw.status, raw.headers, raw.body.encode()

    def deliver(self, raw: Raw) -> None:
        """A reply has come: to who waits for it, else it is kept for as long as the fetch it came in runs."""
        for alike in (str, _without_times):
            for question in self._questions:
                if not question.reply.done() and _same(question.asked, raw, alike):
                    question.reply.set_result(raw)
                    return
        self._spare.append(raw)

    def refuse(self, source: str) -> bool:
        """Tell a source that what it waits for will not come; whether it waited for anything."""
        refused = False
        for question in self._questions:
            if question.fetch is not None and question.fetch.source == source and not question.reply.done():
                line = f"not in the recording: {question.asked.scope} {question.asked.text}"
                self.missing[line] += 1
                question.reply.set_exception(Retry(line))
                refused = True
        return refused

    def pushed(self, feed: str, at: datetime, body: bytes | None = None, trouble: str | None = None) -> None:
        """A stream is told what it brought then, if somebody listens to it now."""
        if hear := self._streams.get(feed):
            with suppress(SourceError):  # the next line says how the stream took it
                hear(at, body, trouble)

    def follow(self, feed: str, hear: Hear) -> None:
        """From now on `pushed` goes there."""
        self._streams[feed] = hear

    async def stirs(self, task: "asyncio.Task[Outcome]") -> bool:
        """Whether a fetch that works in a thread, or waits for another source, ends or asks for something after all."""
        self._asked.clear()
        asked = asyncio.create_task(self._asked.wait())
        done, _ = await asyncio.wait({task, asked}, timeout=HUNG_AFTER, return_when=asyncio.FIRST_COMPLETED)
        asked.cancel()
        return bool(done)

    def forget(self, before: datetime) -> None:
        """Let go of replies that nobody asked for."""
        self._spare = [raw for raw in self._spare if raw.at > before]

    def _kept(self, asked: Asked, fetch: Fetch | None) -> Raw | None:
        for raw in self._spare:
            if (fetch is None or raw.at > fetch.began) and _same(asked, raw, _without_times):
                self._spare.remove(raw)
                return raw
        return None


def _same(asked: Asked, raw: Raw, alike: Callable[[str], str]) -> bool:
    return asked.scope == raw.scope and alike(asked.text) == alike(raw.asked)


def _without_times(text: str) -> str:
    """A changed program may ask from another moment on."""
    return _TIME.sub("…", text)


class Reparse:
    """Plays one recording; `player` knows afterwards what was missing."""

    def __init__(self, head: Head, build: Build) -> None:
        self.player = Player(head.started)
        context = Context(clock=self.player.now, shared={})
        made = ((source.id, build(source, context)) for source in head.sources)
        self._adapters = {id_: adapter for id_, adapter in made if adapter is not None}
        self._running: dict[str, tuple[Fetch, asyncio.Task[Outcome]]] = {}
        self._candles: Candles = {}

    async def run(self, lines: Iterable[Line]) -> AsyncIterator[Parsed]:
        """Every fetch of the recording that has ended, in the same order."""
        try:
            for line in lines:
                self.player.time = max(self.player.time, line.at if not isinstance(line, Head) else line.started)
                match line:
                    case Began(source=source) if source in self._adapters:
                        self._begin(line)
                    case Raw():
                        self.player.deliver(line)
                    case Pushed():
                        self.player.pushed(
                            line.feed, line.at, line.body if line.body is None else line.body.encode(), line.trouble
                        )
                    case Heard() if (recorded := outcome_of(line, self._candles)) is not None:
                        yield Parsed(line.at, recorded, await self._ended(recorded))
                await settle()
        finally:
            for _, task in self._running.values():
                task.cancel()
            for adapter in self._adapters.values():
                await adapter.close()

    def _begin(self, line: Began) -> None:
        begun = Fetch(line.source, line.at, line.at)
        self._running[line.source] = begun, asyncio.create_task(self._fetch(begun))

    async def _fetch(self, begun: Fetch) -> Outcome:
        WIRE.set(self.player)
        FETCH.set(begun)
        try:
            return await fetch(self._adapters[begun.source], self.player)
        finally:
            begun.over = True

    async def _ended(self, recorded: Outcome) -> Outcome:
        """How the fetch ends now; what was not asked for again is as it was."""
        begun, task = self._running.pop(recorded.source, (None, None))
        if begun is None or task is None:
            return recorded
        while not task.done():
            await settle()
            if _given_up(recorded) or not (task.done() or self.player.refuse(recorded.source) or await self.player.stirs(task)):
                break
        self.player.forget(min((each.began for each, _ in self._running.values()), default=self.player.time))
        if not task.done():
            task.cancel()
            await asyncio.wait({task})
            return recorded if _given_up(recorded) else _stuck(recorded.source, self.player.time)
        return _dated(task.result(), recorded, self.player.time)


def _given_up(recorded: Outcome) -> bool:
    """Whether the engine lost its patience then: nothing more came, and it never ended."""
    return isinstance(recorded, Failure) and recorded.message.startswith(NO_ANSWER)


def _stuck(source: str, at: datetime) -> Failure:
    line = "waits for what another source has asked for, which is not in the recording"
    return Failure(source=source, kind=FailureKind.RETRY, message=line, at=at)


def _dated(again: Outcome, recorded: Outcome, now: datetime) -> Outcome:
    """A failure as of when it failed then; what is left of a wait of our own was counted on a clock that is not recorded."""
    if not isinstance(again, Failure):
        return again
    if not isinstance(recorded, Failure):
        return replace(again, at=now)
    same = (again.kind, again.message) == (recorded.kind, recorded.message)
    return replace(again, at=recorded.at, retry_after=recorded.retry_after if same else again.retry_after)


def difference(recorded: Outcome, again: Outcome) -> str | None:
    """The first place where two outcomes are not the same, with both values; None where there is none."""
    if type(recorded) is not type(again):
        return f"{_worded(again)}, was {_worded(recorded)}"
    return _differs(msgspec.to_builtins(recorded), msgspec.to_builtins(again), "")


def _worded(outcome: Outcome) -> str:
    return outcome.message if isinstance(outcome, Failure) else "a reading"


def _differs(a: Any, b: Any, place: str) -> str | None:
    if isinstance(a, dict) and isinstance(b, dict):
        return next((found for key in a if (found := _differs(a[key], b[key], f"{place}.{key}"))), None)
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        pairs = enumerate(zip(a, b, strict=True))
        return next((found for n, (one, other) in pairs if (found := _differs(one, other, f"{place}[{n}]"))), None)
    return None if a == b else f"{place.removeprefix('.')} is {_short(b)}, was {_short(a)}"


def _short(value: Any) -> str:
    text = f"{len(value)} of them" if isinstance(value, list) else str(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"
