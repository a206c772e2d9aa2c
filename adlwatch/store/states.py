"""The last known state of every source. A state is replaced, never changed, so whoever holds one keeps what it saw."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec.structs import replace

from adlwatch.domain.loss import fill_key
from adlwatch.domain.model import Fill
from adlwatch.domain.reading import Failure, Reading, SourceState

OLDER_TAKEN_AFTER = 3
"""Answers in a row that are older than what we have before the source is believed: its clock, not its answer, had been wrong."""
OLDER_NOTE = "Answered with data older than what it gave before; kept the newer"


class LastKnown:
    """Holds one `SourceState` per source, in the order of the configuration. Written only by the engine's pollers."""

    def __init__(self, states: Iterable[SourceState]) -> None:
        self._states = {state.id: state for state in states}
        self._older = dict.fromkeys(self._states, 0)

    def __getitem__(self, source: str) -> SourceState:
        return self._states[source]

    def all(self) -> tuple[SourceState, ...]:
        """Every state, as it is at this moment."""
        return tuple(self._states.values())

    def apply_reading(self, reading: Reading, *, latency: float, next_attempt_at: datetime | None) -> None:
        """Take a good answer: it replaces the last reading, unless it describes an earlier moment (see `_newest`)."""
        state = self._states[reading.source]
        self._states[reading.source] = replace(
            state,
            reading=self._newest(state.reading, reading),
            failure=None,
            failures=0,
            attempted_at=reading.received_at,
            next_attempt_at=next_attempt_at,
            latency=latency,
            first_data_at=None,
        )

    def apply_wait(self, source: str, until: datetime) -> None:
        """Take note that a first fetch waits for its request budget, and when its answer can be expected."""
        self._states[source] = replace(self._states[source], first_data_at=until)

    def apply_failure(self, failure: Failure, *, next_attempt_at: datetime | None) -> None:
        """Take a failed attempt: the last good reading stays."""
        state = self._states[failure.source]
        self._states[failure.source] = replace(
            state,
            failure=failure,
            failures=state.failures + 1,
            attempted_at=failure.at,
            next_attempt_at=next_attempt_at,
            first_data_at=None,
        )

    def _newest(self, known: Reading | None, reading: Reading) -> Reading:
        """The reading to keep. Behind a venue's load balancer replicas lag: time must not run backwards on screen.

        Fills are events, not state: those of an older answer are added, so that none is lost.
        """
        if known is None or _moment(reading) >= _moment(known) or self._older[reading.source] + 1 >= OLDER_TAKEN_AFTER:
            self._older[reading.source] = 0
            return reading
        self._older[reading.source] += 1
        behind = timedelta(seconds=round((_moment(known) - _moment(reading)).total_seconds()))
        notes = tuple(note for note in known.notes if not note.startswith(OLDER_NOTE))
        return replace(known, fills=_union(known.fills, reading.fills), notes=(*notes, f"{OLDER_NOTE} ({behind} behind)."))


def _moment(reading: Reading) -> datetime:
    """The time of the data; a venue clock ahead of ours counts as ours."""
    return min(reading.as_of, reading.received_at)


def _union(known: tuple[Fill, ...], more: tuple[Fill, ...]) -> tuple[Fill, ...]:
    seen = {fill_key(fill) for fill in known}
    return (*known, *(fill for fill in more if fill_key(fill) not in seen))
