"""Recording raw replies: every source is listened to, and its time moves with its own replies only.

So a recording holds every time that a source went by, and parsing it again gives the same readings to the last digit.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from adlwatch.adapters.base import Adapter, Clock, SourceError, SourceSpec, identity, pace
from adlwatch.adapters.wire import FETCH, TOLD, WIRE, Asked, Fetch, Hear, Reply, Send, of_fetch
from adlwatch.credentials import SCHEMES, hide
from adlwatch.domain.reading import Reading
from adlwatch.domain.recording import Began, Line, Pushed, Raw

LEFT_OUT = "env:RECORDED"
"""Stands in a recording where the configuration names a secret."""


class Taping:
    """The wire between the sources and the world while they are recorded; `write` is told every line."""

    playing = False

    def __init__(self, write: Callable[[Line], None], clock: Clock) -> None:
        self._write = write
        self._clock = clock

    def now(self) -> datetime:
        """The time for sources."""
        return of_fetch(self._clock)

    async def ask(self, asked: Asked, send: Send) -> Reply:
        """Let it be asked, and note what comes back."""
        try:
            status, headers, body = await send()
        except SourceError as error:
            self._note(asked, 0, str(error), error=error.kind, retry_after=error.retry_after)
            raise
        kept = {name: headers[name] for name in TOLD if name in headers}
        self._note(asked, status, body.decode(errors="replace"), headers=kept)
        return status, headers, body

    def pushed(self, feed: str, at: datetime, body: bytes | None = None, trouble: str | None = None) -> None:
        """Note what a stream brought."""
        self._write(Pushed(at=at, feed=feed, body=None if body is None else hide(body.decode(errors="replace")), trouble=trouble))

    def follow(self, feed: str, hear: Hear) -> None:
        """Streams bring by themselves what they bring."""

    def tape(self, source: Adapter) -> Adapter:
        """The source, with this wire between it and the world."""
        return Taped(source, self)

    def begin(self, source: str) -> Fetch:
        """Note that a source is asked."""
        at = self._clock()
        self._write(Began(at=at, source=source))
        return Fetch(source, at, at)

    def _note(self, asked: Asked, status: int, body: str, **more: Any) -> None:
        at, fetch = self._clock(), FETCH.get()
        if fetch is not None:
            fetch.at = at
        source = fetch.source if fetch is not None else ""
        line = Raw(
            at=at, source=source, scope=asked.scope, name=asked.name, asked=asked.text, status=status, body=hide(body), **more
        )
        self._write(line)


class Taped:
    """A source that is recorded, itself unchanged."""

    def __init__(self, inner: Adapter, taping: Taping) -> None:
        self.inner = inner
        self.id = inner.id
        self.kind = inner.kind
        self.interval = inner.interval
        self.timeout = inner.timeout
        self.label = inner.label
        self.identity = identity(inner)
        self._taping = taping

    @property
    def pace(self) -> float:
        """The source's own."""
        return pace(self.inner)

    async def fetch(self) -> Reading:
        """The source's own reading."""
        wire, fetch = WIRE.set(self._taping), self._taping.begin(self.id)
        token = FETCH.set(fetch)
        try:
            return await self.inner.fetch()
        finally:
            fetch.over = True
            self.label = self.inner.label  # the mock's tells its speed
            FETCH.reset(token)
            WIRE.reset(wire)

    async def close(self) -> None:
        """Release what the source holds."""
        await self.inner.close()


def recorded_options(spec: SourceSpec) -> dict[str, Any] | None:
    """What a source was configured with, without its secrets or where they are; None where it could not be read."""
    if spec.options is None:
        return None
    plain: dict[str, Any] = msgspec.to_builtins(spec.options)
    return {name: LEFT_OUT if _is_reference(value) else value for name, value in plain.items()}


def _is_reference(value: object) -> bool:
    return isinstance(value, str) and value.partition(":")[0] in SCHEMES and ":" in value
