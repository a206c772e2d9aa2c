"""A scenario of the mock exchange watched the way the program watches it: by fetching, failing, keeping and assessing."""

import asyncio
from datetime import UTC, datetime, timedelta

from msgspec import structs

from adlwatch.adapters.base import SourceError
from adlwatch.adapters.mock import VENUES
from adlwatch.adapters.mock.adapter import MockAdapter
from adlwatch.adapters.mock.controls import Controls
from adlwatch.adapters.mock.scenarios import scenario
from adlwatch.adapters.mock.session import Session
from adlwatch.adapters.mock.truth import Truth
from adlwatch.domain.assess import States, assess
from adlwatch.domain.model import Fill, FillKind
from adlwatch.domain.reading import Failure, FailureKind, Reading, SourceState
from adlwatch.domain.settings import Settings
from adlwatch.domain.snapshot import HedgeView, PositionView, Snapshot
from adlwatch.venues import profiles
from tests.turns import turn

START = datetime(2026, 11, 22, 12, tzinfo=UTC)
TURNS = 60
"""Rounds of the event loop after which a fetch that has not come is one that hangs."""


class Story:
    """A small world, its three sources, and what the program would know of them."""

    def __init__(self, name: str, seed: int = 1, traders: int = 4_000) -> None:
        self.now = START
        self.session = Session(structs.replace(scenario(name), traders=traders), seed, 1.0, lambda: self.now)
        self.world = self.session.build()
        self.truth = Truth(self.world)
        self.controls = Controls(self.session)
        self.adapters = {venue: MockAdapter(venue, self.session, venue, frozenset()) for venue in VENUES}
        self.states: dict[str, SourceState] = {v: SourceState(id=v, kind="mock", interval=1.0) for v in VENUES}
        self.fills: dict[str, Fill] = {}

    @property
    def t(self) -> float:
        """Seconds since the first fetch."""
        return (self.now - START).total_seconds()

    @property
    def deleveraged(self) -> bool:
        """Whether anybody, in any market, has been deleveraged so far."""
        return max(self.world.last_adl) >= 0

    async def until(self, t: float, every: float = 1.0) -> Snapshot:
        """Fetch everything every so many seconds up to `t` and assess what is known then."""
        await self.fetch()
        while self.t < t:
            self.now += timedelta(seconds=min(every, t - self.t))
            await self.fetch()
        return assess(States(tuple(self.states.values())), Settings(profiles=profiles()), self.now)

    async def fetch(self) -> None:
        """Ask every source once; one that does not answer is given up."""
        for venue, adapter in self.adapters.items():
            task = asyncio.create_task(adapter.fetch())
            for _ in range(TURNS):
                if task.done():
                    break
                await turn()
            else:
                task.cancel()
            await asyncio.wait([task])
            self.states[venue] = self._after(self.states[venue], task)

    def _after(self, state: SourceState, task: asyncio.Task[Reading]) -> SourceState:
        if task.cancelled():
            return self._failed(state, FailureKind.RETRY, "no answer in time")
        error = task.exception()
        if isinstance(error, SourceError):
            return self._failed(state, error.kind, str(error))
        reading = task.result()
        self.fills |= {fill.id: fill for fill in reading.fills}
        return structs.replace(state, reading=reading, failure=None, failures=0)

    def _failed(self, state: SourceState, kind: FailureKind, message: str) -> SourceState:
        failure = Failure(source=state.id, kind=kind, message=message, at=self.now)
        return structs.replace(state, failure=failure, failures=state.failures + 1)

    def reading(self, venue: str) -> Reading:
        """The last good one of a venue."""
        found = self.states[venue].reading
        assert found is not None
        return found

    def closed_by(self, kind: FillKind, account: str, symbol: str) -> float:
        """Base units of a leg that fills of that kind have closed so far."""
        return sum(f.size for f in self.fills.values() if (f.kind, f.account, f.symbol) == (kind, account, symbol))


def position(snapshot: Snapshot, key: str) -> PositionView | None:
    """A position by its key; None where it is gone."""
    return next((p for p in snapshot.positions if p.key == key), None)


def hedge(snapshot: Snapshot, name: str) -> HedgeView:
    """A hedge by its name."""
    return next(h for h in snapshot.hedges if h.name == name)
