"""From each snapshot to the history: what changed at once, the rest every few seconds; and back from it after a restart."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from adlwatch.domain.alert import AlertBook, Transition
from adlwatch.domain.changes import ChangeKind, changes
from adlwatch.domain.incident import Incident
from adlwatch.domain.loss import fill_key
from adlwatch.domain.model import Fill
from adlwatch.domain.reading import Reading, SourceState
from adlwatch.domain.samples import sample
from adlwatch.domain.sighting import Seen, sightings
from adlwatch.domain.snapshot import Snapshot
from adlwatch.domain.venue import VenueProfile
from adlwatch.engine.ledger import KEPT
from adlwatch.engine.resumed import Resumed
from adlwatch.store import entries
from adlwatch.store.history import History
from adlwatch.store.reader import Unreadable

logger = logging.getLogger(__name__)

SAMPLE_EVERY = timedelta(seconds=60)
SNAPSHOT_EVERY = timedelta(seconds=10)
SOURCES_EVERY = timedelta(seconds=30)
ALERTS = "alerts"
"""The name under which the book of alerts is kept."""
_OF_POSITIONS = {ChangeKind.LIGHT, ChangeKind.ESTIMATE, ChangeKind.SEVERITY}


def resume(history: History, now: datetime) -> Resumed:
    """Read what an earlier run has left; nothing where there was none, or it cannot be read. Blocks."""
    read = history.read
    try:
        sources = {state.id: state for state in read.sources()}
        return Resumed(sources, read.incidents(now - KEPT), read.kept(ALERTS, AlertBook), read.last_snapshot())
    except Unreadable as error:
        logger.info("nothing to resume: %s", error)
        return Resumed()


class Recorder:
    """Hands to the history what the engine finds. Called on the event loop with every snapshot and what it was made of."""

    def __init__(self, history: History, profiles: Mapping[str, VenueProfile], resumed: Resumed | None = None) -> None:
        self.resumed = resumed or Resumed()
        self.history = history
        self._profiles = profiles
        self._before = self.resumed.snapshot
        self._incidents = {incident.id: _matter(incident) for incident in self.resumed.incidents}
        self._readings: dict[str, Reading] = {id_: s.reading for id_, s in self.resumed.sources.items() if s.reading}
        self._seen: dict[str, Seen] = {}
        self._last: dict[str, datetime] = {}
        self._told: list[Transition] = []
        self._bug: str | None = None

    @property
    def fault(self) -> str | None:
        """Why nothing is being kept, in one line; None while all is well."""
        return self._bug or self.history.fault

    def alerted(self, transition: Transition) -> None:
        """An alert has changed; kept with the next assessment, together with all alerts."""
        self._told.append(transition)

    def record(self, snapshot: Snapshot, sources: tuple[SourceState, ...], alerts: AlertBook) -> None:
        """Keep what is worth keeping of an assessment. Never raises: a bug here must not stop what it records."""
        try:
            self._record(snapshot, sources)
            self._alerts(alerts, snapshot.as_of)
            self._bug = None
        except Exception as error:
            if self._bug is None:
                logger.exception("an assessment could not be recorded")
            self._bug = f"bug, see the log: {error!r}"

    def _record(self, snapshot: Snapshot, sources: tuple[SourceState, ...]) -> None:
        fills: list[Fill] = []
        for state in sources:
            if state.reading is not None and state.reading is not self._readings.get(state.id):
                fills += self._heard(state.reading)
        self._changes(snapshot)
        self._lost(fills, snapshot, sources)
        if self._due("snapshot", SNAPSHOT_EVERY, snapshot.as_of):
            self.history.put(entries.snapshot(snapshot))
        if self._due("sources", SOURCES_EVERY, snapshot.as_of):
            self.history.put(entries.sources(sources, snapshot.as_of))
        self._before = snapshot

    def close(self, snapshot: Snapshot, sources: tuple[SourceState, ...], alerts: AlertBook) -> None:
        """Keep how it ended, and let go of the history. Blocks for seconds at most; safe to call twice."""
        self.history.put(entries.snapshot(snapshot), entries.sources(sources, snapshot.as_of))
        self.history.put(entries.kept(ALERTS, snapshot.as_of, alerts))
        self.history.close()

    def _lost(self, fills: Sequence[Fill], snapshot: Snapshot, sources: tuple[SourceState, ...]) -> None:
        """Fills, the incidents they make, and the readings they brought about: all of it outlives the process, or nothing.

        Otherwise a run that goes on where this one was killed would find the same loss once more, or never.
        """
        incidents = self._incidents_of(snapshot)
        held = {fill.account for fill in fills} | {incident.account for incident in incidents}
        concerned = [s for s in sources if s.reading is not None and held & accounts_of(s.reading)]
        kept = [entries.fills(fills)] if fills else []
        kept += [entries.incidents(incidents)] if incidents else []
        kept += [entries.sources(concerned, snapshot.as_of, droppable=False)] if concerned else []
        if kept:
            self.history.put(*kept)

    def _heard(self, reading: Reading) -> list[Fill]:
        """A new reading: its lights beside what we had estimated before it are kept; its new fills."""
        before = self._readings.get(reading.source)
        known = {fill_key(fill) for fill in before.fills} if before is not None else set()
        self._readings[reading.source] = reading
        estimates = {view.key: view.estimate for view in self._before.positions} if self._before is not None else {}
        found = tuple(sightings(reading, self._seen, estimates, self._profiles))
        self._seen |= {sighting.key: seen for seen, sighting in found}
        if found:
            self.history.put(*entries.sightings([sighting for _, sighting in found]))
        return [fill for fill in reading.fills if fill_key(fill) not in known]

    def _changes(self, snapshot: Snapshot) -> None:
        """What changed, and a sample of each position that did; of all of them every minute."""
        found = tuple(changes(self._before, snapshot))
        if found:
            self.history.put(entries.changes(found))
        moved = {change.subject for change in found if change.kind in _OF_POSITIONS}
        every = self._due("sample", SAMPLE_EVERY, snapshot.as_of)
        if rows := [sample(view, snapshot.as_of) for view in snapshot.positions if every or view.key in moved]:
            self.history.put(*entries.samples(rows))

    def _incidents_of(self, snapshot: Snapshot) -> list[Incident]:
        """Incidents that are not what they were; running totals alone count every half minute."""
        every = self._due("incidents", SOURCES_EVERY, snapshot.as_of)
        rows = []
        for incident in snapshot.incidents:
            matter = _matter(incident)
            if self._incidents.get(incident.id) != matter or (every and incident.closed_at is None):
                self._incidents[incident.id] = matter
                rows.append(incident)
        return rows

    def _alerts(self, alerts: AlertBook, now: datetime) -> None:
        """Transitions, and with them the alerts as they then are: both or neither outlive the process."""
        told, self._told = self._told, []
        if told or self._due("alerts", SOURCES_EVERY, now):
            self.history.put(entries.alert_changes(told), entries.kept(ALERTS, now, alerts))

    def _due(self, what: str, every: timedelta, now: datetime) -> bool:
        last = self._last.get(what)
        if last is not None and timedelta(0) <= now - last < every:
            return False
        self._last[what] = now
        return True


def accounts_of(reading: Reading) -> set[str]:
    """Ids of all that a reading speaks of."""
    named = {each.id for each in reading.accounts}
    return named | {each.account for each in reading.positions} | {each.account for each in reading.fills}


def _matter(incident: Incident) -> tuple[object, ...]:
    """What an incident is, without the totals that run on by themselves."""
    return incident.kind, incident.last_at, incident.legs, incident.closed_at
