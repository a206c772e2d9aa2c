"""The engine: pollers feed the store of last known states, and each change becomes a frozen snapshot for whoever subscribed."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING

from msgspec.structs import replace

from adlwatch.adapters.base import Adapter, identity
from adlwatch.credentials import redact
from adlwatch.domain.aftermath import standings
from adlwatch.domain.alert import AlertBook
from adlwatch.domain.assess import States, assess
from adlwatch.domain.reading import Health, Reading, SourceState
from adlwatch.domain.same_account import counted_once, shared_accounts
from adlwatch.domain.settings import Settings
from adlwatch.domain.snapshot import Severity, Snapshot, SourceView
from adlwatch.engine.alarms import Alarms, Listener
from adlwatch.engine.clock import Clock
from adlwatch.engine.ledger import Ledger
from adlwatch.engine.past import Past
from adlwatch.engine.poller import Outcome, Poller
from adlwatch.engine.queues import Offload, QueueKeeper
from adlwatch.engine.resumed import Resumed
from adlwatch.store.states import LastKnown

if TYPE_CHECKING:
    from adlwatch.engine.recorder import Recorder
    from adlwatch.store.history import History

logger = logging.getLogger(__name__)

SHORTEST = 0.25
"""Seconds between two assessments at least, but for a loss: more often than four times a second nobody reads."""
LONGEST = 1.0
"""Seconds between two assessments at most: ages move and health turns stale although nothing arrives."""
BREATH = 0.01
"""Seconds between taking in a loss and assessing it."""
LEARN_EVERY = 1.0
"""Seconds between two updates of the queues at least."""
CLOSE_WITHIN = 2.0
"""Seconds that one adapter gets for releasing its connections."""

Subscriber = Callable[[Snapshot], None]
Service = Callable[[], Awaitable[None]]
Hearer = Callable[[datetime, Outcome], None]


class Engine:
    """Runs all sources of one process on one event loop.

    The longest steps on it: `assess`, some 30 ms of processor time for 1,000 positions, and taking in 11,279 fills, some 50 ms.

    `recorder` keeps what happens, and knows what an earlier run has left: incidents and alerts are carried on, and the first
    snapshot shows the last known state of each source, marked with its age.

    Raises `ValueError` when two adapters share an id.
    """

    def __init__(
        self,
        adapters: Sequence[Adapter],
        settings: Settings,
        clock: Clock,
        *,
        random: Random | None = None,
        offload: Offload = asyncio.to_thread,
        recorder: "Recorder | None" = None,
    ) -> None:
        ids = [adapter.id for adapter in adapters]
        if len(set(ids)) < len(ids):
            raise ValueError(f"two sources share an id: {', '.join(sorted(i for i in set(ids) if ids.count(i) > 1))}")
        self._settings = settings
        self._clock = clock
        self._offload = offload
        self._changed = asyncio.Event()
        self._lost = asyncio.Event()
        self._heard = asyncio.Event()
        self._recorder = recorder
        resumed = recorder.resumed if recorder is not None else Resumed()
        self._known = LastKnown(_begin(adapter, resumed.sources.get(adapter.id)) for adapter in adapters)
        self._keeper = QueueKeeper(settings)
        self._past = Past()
        self._doubled: set[str] = set()
        self._ledger = Ledger(resumed.incidents)
        self._alarms = Alarms(settings, resumed.alerts)
        if recorder is not None:
            self._alarms.on_transition(recorder.alerted)
        self._ledger.resume(self._known.all())
        if resumed.sources:
            self._changed.set()  # what is known is shown before anything is fetched
        jitter = random or Random()  # noqa: S311  # spreads retries; nothing secret
        self._pollers = {a.id: Poller(a, self._known, clock, jitter, self._on_outcome) for a in adapters}
        self._subscribers: list[Subscriber] = []
        self._hearers: list[Hearer] = []
        self._services: dict[str, Service] = {}
        self._snapshot = Snapshot(as_of=clock.now(), severity=Severity.BLIND)

    @property
    def snapshot(self) -> Snapshot:
        """The latest assessment; empty and BLIND before the first."""
        return self._snapshot

    @property
    def history(self) -> "History | None":
        """Where what happens is kept; None where nothing is."""
        return self._recorder.history if self._recorder is not None else None

    @property
    def states(self) -> States:
        """Everything known now, for questions about a changed book: what-if and remedies."""
        kept = self._keeper.kept
        return States(
            sources=self._sources(),
            queues=kept.queues.by_key,
            outlooks=kept.outlooks,
            histories=self._past.histories,
            incidents=self._ledger.incidents,
        )

    def _sources(self) -> tuple[SourceState, ...]:
        """The last known states, each account once. What is told twice is logged when it is found."""
        states = self._known.all()
        shared = shared_accounts(states)
        for line in {each.line for each in shared} - self._doubled:
            logger.warning("%s", line)
            self._doubled.add(line)
        return counted_once(states, shared) if shared else states

    def subscribe(self, callback: Subscriber) -> Callable[[], None]:
        """Call `callback` on the loop with each new snapshot, until the function returned here is called."""
        self._subscribers.append(callback)
        return lambda: self._subscribers.remove(callback) if callback in self._subscribers else None

    def on_outcome(self, callback: Hearer) -> None:
        """Call `callback`, which must not raise, on the loop with the time and outcome of every fetch."""
        self._hearers.append(callback)

    @property
    def alerts(self) -> AlertBook:
        """All alerts, with what their rules remember."""
        return self._alarms.book

    def on_transition(self, callback: Listener) -> Callable[[], None]:
        """Call `callback` on the loop with each transition of an alert, until the function returned here is called."""
        return self._alarms.on_transition(callback)

    def acknowledge(self, key: str, by: str) -> bool:
        """Somebody has seen the open alert of that key; False where there is none, or it was acknowledged before."""
        return self._commanded(done=self._alarms.acknowledge(key, by, self._clock.now()))

    def snooze(self, key: str, until: datetime) -> bool:
        """Hear nothing of the open alert of that key until then, unless it steps up; False where there is none."""
        return self._commanded(done=self._alarms.snooze(key, until, self._clock.now()))

    def report(self, part: str, why: str | None) -> None:
        """A part of our own fails (a channel, for example), which is an alert; None: it works again."""
        self._alarms.report(part, why)
        self._changed.set()

    def serve(self, name: str, service: Service) -> None:
        """Run `service` beside the pollers, from `run` on, until it is cancelled; should it fail, that is an alert of `name`."""
        self._services[name] = service

    async def run(self) -> None:
        """Poll and assess until cancelled. No failure of a source, of `assess` or of a subscriber ends it."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._assess_for_ever(), name="assess")
            tasks.create_task(self._learn_for_ever(), name="learn")
            for id_, poller in self._pollers.items():
                tasks.create_task(poller.run(), name=f"poll {id_}")
            for name, service in self._services.items():
                tasks.create_task(self._serve(name, service), name=name)

    async def assess_once(self) -> Snapshot:
        """Fetch every source once, all at the same time, each under its deadline, and assess what came."""
        async with asyncio.TaskGroup() as tasks:
            for poller in self._pollers.values():
                tasks.create_task(poller.attempt())
        self._keeper.settle(self._sources(), self._clock.now())
        self._assess()
        return self._snapshot

    def retry(self, source: str | None = None) -> tuple[str, ...]:
        """Fetch that source now, or all; the ids of those that will, without those whose venue has told us to wait."""
        return tuple(id_ for id_, poller in self._pollers.items() if source in (None, id_) and poller.retry())

    async def close(self) -> None:
        """Release every adapter's connections. Call it when `run` has ended; safe to call twice."""
        await asyncio.gather(*(self._close(poller.adapter) for poller in self._pollers.values()))
        if self._recorder is not None:
            await asyncio.to_thread(self._recorder.close, self._snapshot, self._known.all(), self.alerts)

    async def _close(self, adapter: Adapter) -> None:
        try:
            async with self._clock.timeout(CLOSE_WITHIN):
                await adapter.close()
        except Exception:
            logger.exception("%s: could not be closed", adapter.id)

    def _commanded(self, *, done: bool) -> bool:
        if done:
            self._changed.set()
        return done

    def _on_outcome(self, outcome: Outcome) -> None:
        for hearer in self._hearers:
            hearer(self._clock.now(), outcome)
        if isinstance(outcome, Reading):
            self._past.hear(outcome)
        if self._ledger.hear(self._known.all(), lambda: standings(self._snapshot)):
            self._lost.set()
        self._changed.set()
        self._heard.set()

    async def _serve(self, name: str, service: Service) -> None:
        try:
            await service()
        except Exception as error:
            logger.exception("%s failed", name)
            self.report(name, f"bug, see the log: {error!r}")

    async def _assess_for_ever(self) -> None:
        while True:
            await self._within(LONGEST - SHORTEST, self._changed)
            await self._next()
            if await self._within(SHORTEST, self._lost):  # a loss is told at once; what follows it so soon waits
                await self._next()
                await self._clock.sleep(SHORTEST)

    async def _next(self) -> None:
        """Assess. Taking in thousands of fills takes as long: between the two whoever else is on the loop has a turn."""
        if self._lost.is_set():
            await self._clock.sleep(BREATH)
        self._assess()

    async def _within(self, seconds: float, event: asyncio.Event) -> bool:
        """Wait for it, no longer than that; whether it came."""
        with suppress(TimeoutError):
            async with self._clock.timeout(seconds):
                return await event.wait()
        return False

    async def _learn_for_ever(self) -> None:
        await self._clock.sleep(SHORTEST)  # the first row comes before the first estimate
        while True:
            await self._heard.wait()
            self._heard.clear()
            if await self._keeper.update(self._sources(), self._clock.now(), self._offload):
                self._changed.set()
            await self._clock.sleep(LEARN_EVERY)

    def _assess(self) -> None:
        """Make the next snapshot and tell the subscribers; one that raises is logged and keeps nobody else waiting."""
        self._changed.clear()
        self._lost.clear()
        now = self._clock.now()
        try:
            snapshot = assess(self.states, self._settings, now)
            self._ledger.incidents = snapshot.incidents
            self._snapshot = _faulty(snapshot, "queues", self._keeper.fault) if self._keeper.fault else snapshot
            if self._recorder is not None and (fault := self._recorder.fault):
                self._snapshot = _faulty(self._snapshot, "history", fault)
        except Exception as error:
            logger.exception("the assessment failed")
            # What cannot be assessed must not look as if it had been: the last snapshot stays, marked as worth nothing.
            stale = replace(self._snapshot, as_of=now, severity=Severity.BLIND, incidents=self._ledger.incidents)
            self._snapshot = _faulty(stale, "assessment", f"bug, see the log: {error!r}")
        self._alert()
        if self._recorder is not None:
            self._recorder.record(self._snapshot, self._known.all(), self.alerts)
        for subscriber in tuple(self._subscribers):
            try:
                subscriber(self._snapshot)
            except Exception:
                logger.exception("a subscriber failed")

    def _alert(self) -> None:
        """Put the alerts into the snapshot, and tell what has changed of them before anything slower happens."""
        try:
            self._snapshot, transitions = self._alarms.look(self._snapshot)
        except Exception as error:
            logger.exception("the alerts failed")
            blind = replace(self._snapshot, severity=Severity.BLIND)
            self._snapshot = _faulty(blind, "alerts", f"bug, see the log: {error!r}")
        else:
            self._alarms.tell(transitions)


def _begin(adapter: Adapter, earlier: SourceState | None) -> SourceState:
    """The state of a source before its first fetch: what an earlier run last knew of it, if it was the same kind of source."""
    own = (adapter.kind, adapter.label, identity(adapter))
    same = earlier is not None and (earlier.kind, earlier.label, earlier.identity) == own
    return SourceState(
        id=adapter.id,
        kind=adapter.kind,
        interval=adapter.interval,
        label=adapter.label,
        reading=earlier.reading if earlier is not None and same else None,
        identity=identity(adapter),
    )


def _faulty(snapshot: Snapshot, part: str, error: str) -> Snapshot:
    """The snapshot with a failing part of our own beside the sources, where the user looks for what is wrong."""
    view = SourceView(id=part, kind="adlwatch", health=Health.FAILING, age_seconds=None, error=redact(error))
    return replace(snapshot, sources=(*(each for each in snapshot.sources if each.id != part), view))
