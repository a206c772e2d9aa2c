"""Between the sources and what they ask: where a recording listens, and where a replay answers in the world's place.

Without a `Wire` in the context nothing stands between: requests leave, and time is the machine's.
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

import msgspec

from adlwatch.credentials import hide

Reply = tuple[int, Mapping[str, str], bytes]
"""Status, headers by lower-case name, body."""
Send = Callable[[], Awaitable[Reply]]
Hear = Callable[[datetime, bytes | None, str | None], None]
TOLD = ("date", "retry-after", "mtime-ns")
"""The headers that any of us reads; the last one is a file's."""


class Asked(NamedTuple):
    """One request, without anything secret or signed."""

    scope: str
    """The host, the venue or the file that is asked."""
    name: str
    """What is asked for, in the venue's own word."""
    text: str = ""
    """What tells it from all other requests of its scope: account where that matters, method, path, parameters."""


@dataclass(slots=True, eq=False)
class Fetch:
    """One fetch under way. Its time stands still between its own events, so that a replay can have the very same times."""

    source: str
    began: datetime
    at: datetime
    """Its start, or its latest reply."""
    over: bool = False
    """What it left running (a stream) goes by the time of day again."""


class Wire(Protocol):
    """Stands between all sources of a run and what they ask."""

    playing: bool
    """Whether it answers by itself, and nothing may leave."""

    def now(self) -> datetime:
        """The time, as sources see it."""
        ...

    async def ask(self, asked: Asked, send: Send) -> Reply:
        """The reply, or the `SourceError` in its place."""
        ...

    def pushed(self, feed: str, at: datetime, body: bytes | None = None, trouble: str | None = None) -> None:
        """A stream brings a message, or fares differently, or (neither) begins anew. Only where it does not play."""
        ...

    def follow(self, feed: str, hear: Hear) -> None:
        """Have a stream told all of this in its place. Only where it plays."""
        ...


WIRE: ContextVar[Wire | None] = ContextVar("adlwatch_wire", default=None)
FETCH: ContextVar[Fetch | None] = ContextVar("adlwatch_fetch", default=None)


def of_fetch(otherwise: Callable[[], datetime]) -> datetime:
    """The time of the fetch that this runs in, else the other one."""
    fetch = FETCH.get()
    return otherwise() if fetch is None or fetch.over else fetch.at


async def ask(asked: Asked, send: Send) -> Reply:
    """Every request of every source goes through here."""
    wire = WIRE.get()
    return await (send() if wire is None else wire.ask(asked, send))


async def ask_plain(asked: Asked, answer: Callable[[], Awaitable[object]]) -> object:
    """The same for what answers with plain objects: only a wire has them made into JSON and back."""

    async def send() -> Reply:
        return 200, {}, msgspec.json.encode(await answer())

    wire = WIRE.get()
    return await answer() if wire is None else msgspec.json.decode((await wire.ask(asked, send))[2])


def text(*parts: object) -> str:
    """The text of a request: words as they are, everything else as JSON in a fixed order; no secret that we know."""
    words = (part if isinstance(part, str) else msgspec.json.encode(part, order="deterministic").decode() for part in parts)
    return hide(" ".join(word for word in words if word not in ("", "null", "{}")))


def playing() -> bool:
    """Whether everything is answered from a recording."""
    wire = WIRE.get()
    return wire is not None and wire.playing


def monotonic() -> float:
    """Seconds that request budgets are counted in; the recorded ones in a replay."""
    wire = WIRE.get()
    return wire.now().timestamp() if wire is not None and wire.playing else time.monotonic()
