"""The mock exchange: its replies are broken by the same events that its scenarios use."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from adlwatch.adapters.base import Context
from adlwatch.adapters.mock import KIND, Options
from adlwatch.adapters.mock.scenarios import Event
from adlwatch.adapters.mock.session import Session
from tests.adapters.conformance.harness import Case, Harness

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
VENUE = "mock-alpha"
PRIVATE = {Case.SERVER_ERROR: "fail", Case.HANG: "hang"}
CORRUPT = {Case.PARTIAL: "missing", Case.HTML: "html", Case.NULL: "empty"}
NO_WIRE = "nothing goes over a wire"
NOT_APPLICABLE = {
    Case.EMPTY: "its accounts always begin with a position",
    Case.UNKNOWN_ENUM: "no scenario makes up a word",
    Case.RATE_LIMITED: "it may be asked as often as one likes",
    Case.REFUSED: "it has no credentials",
    **dict.fromkeys((Case.TIMEOUT, Case.TRUNCATED, Case.EMPTY_BODY, Case.OVERSIZE, Case.REDIRECT), NO_WIRE),
}


class Hanging(Session):
    """A session that tells when a fetch hangs on it."""

    waiting: asyncio.Event

    async def reopened(self) -> None:
        self.waiting.set()
        await super().reopened()


@asynccontextmanager
async def mock(_: Path) -> AsyncIterator[Harness]:
    shared: dict[str, Session] = {}
    adapter = KIND.create("desk", Options(venue="mock-alpha", scenario="calm"), Context(lambda: NOW, shared))
    (session,) = shared.values()
    session.__class__ = Hanging
    assert isinstance(session, Hanging)
    session.waiting = asyncio.Event()

    def show(case: Case) -> None:
        session.do(Event(0.0, "private", VENUE, PRIVATE.get(case, "open")))
        session.do(Event(0.0, "corrupt", VENUE, CORRUPT.get(case, "none")))

    yield Harness(adapter, show, not_applicable=NOT_APPLICABLE, waiting=session.waiting)
