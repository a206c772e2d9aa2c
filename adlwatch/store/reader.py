"""Asking the history file. Every call opens it anew, so a reader may live in any thread or process, beside whoever writes it."""

import logging
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

import msgspec

from adlwatch.domain.alert import Transition
from adlwatch.domain.changes import Change, ChangeKind
from adlwatch.domain.incident import Incident
from adlwatch.domain.light import LightSource, LightState
from adlwatch.domain.model import Fill
from adlwatch.domain.reading import SourceState
from adlwatch.domain.samples import Sample
from adlwatch.domain.sighting import Sighting
from adlwatch.domain.snapshot import Severity, Snapshot
from adlwatch.store.schema import NotOurs, connect_to_read, micros, moment

logger = logging.getLogger(__name__)

T = TypeVar("T")
_SAMPLES = """
    SELECT at, state, level, source, estimate, low, high, score, mark, notional, distance, severity
    FROM sample JOIN position ON id = position WHERE key = ? AND at >= ? ORDER BY at
"""
_SIGHTINGS = """
    SELECT at, key, venue, level, held, held_since, estimate, low, high
    FROM sighting JOIN position ON id = position WHERE at >= ? ORDER BY at
"""


class Unreadable(Exception):
    """A history that cannot be read; the message is one line that names the file."""


class Decision(NamedTuple):
    """What a human decided about an alert, in any terminal on this history."""

    id: int
    at: datetime
    key: str
    what: str
    until: datetime | None
    who: str


class Delivery(NamedTuple):
    """One attempt to tell one transition of an alert."""

    at: datetime
    transition: str
    channel: str
    delivered: bool
    detail: str | None


class Reader:
    """What the history at `place` (a path, or an SQLite address in memory) knows. All methods raise `Unreadable`; all block."""

    def __init__(self, place: str) -> None:
        self.place = place

    def keys(self) -> tuple[str, ...]:
        """Every position there are samples of."""
        return tuple(key for (key,) in self._rows("SELECT key FROM position ORDER BY key"))

    def series(self, key: str, since: datetime) -> tuple[Sample, ...]:
        """One position over time, oldest first: at least once a minute while it was watched, sparser with age."""
        return tuple(_sample(key, row) for row in self._rows(_SAMPLES, (key, micros(since))))

    def changes(self, since: datetime, kind: ChangeKind | None = None, subject: str | None = None) -> tuple[Change, ...]:
        """What changed, oldest first."""
        rows = self._rows(
            "SELECT at, kind, subject, before, after, level, detail FROM change"
            " WHERE at >= :since AND (:kind IS NULL OR kind = :kind) AND (:subject IS NULL OR subject = :subject) ORDER BY id",
            {"since": micros(since), "kind": kind, "subject": subject},
        )
        return tuple(_change(row) for row in rows)

    def sightings(self, since: datetime) -> tuple[Sighting, ...]:
        """Lights of venues beside our estimates, oldest first."""
        return tuple(_sighting(row) for row in self._rows(_SIGHTINGS, (micros(since),)))

    def fills(self, since: datetime) -> tuple[Fill, ...]:
        """Own fills, oldest first."""
        return _bodies(self._rows("SELECT body FROM fill WHERE at >= ? ORDER BY at, id", (micros(since),)), Fill)

    def incidents(self, since: datetime) -> tuple[Incident, ...]:
        """Incidents opened since then, and those still open, oldest first."""
        rows = self._rows("SELECT body FROM incident WHERE at >= ? OR closed_at IS NULL ORDER BY at, id", (micros(since),))
        return _bodies(rows, Incident)

    def kept(self, name: str, type_: type[T]) -> T | None:
        """What was last kept under that name."""
        return next(iter(_bodies(self._rows("SELECT body FROM kept WHERE name = ?", (name,)), type_)), None)

    def alert_changes(self, since: datetime) -> tuple[Transition, ...]:
        """What happened to alerts, oldest first."""
        rows = self._rows("SELECT body FROM alert_change WHERE at >= ? ORDER BY at, id", (micros(since),))
        return _bodies(rows, Transition)

    def undelivered(self, channel: str, since: datetime) -> tuple[Transition, ...]:
        """Transitions that this channel has not taken yet, oldest first."""
        rows = self._rows(
            "SELECT body FROM alert_change AS change WHERE at >= ? AND NOT EXISTS"
            " (SELECT 1 FROM delivery WHERE alert_change = change.id AND channel = ? AND delivered) ORDER BY at, id",
            (micros(since), channel),
        )
        return _bodies(rows, Transition)

    def deliveries(self, since: datetime) -> tuple[Delivery, ...]:
        """Attempts to tell alerts, oldest first."""
        rows = self._rows(
            "SELECT at, alert_change, channel, delivered, detail FROM delivery WHERE at >= ? ORDER BY id", (micros(since),)
        )
        return tuple(Delivery(moment(at), told, channel, bool(taken), detail) for at, told, channel, taken, detail in rows)

    def decisions(self, after: int = 0) -> tuple[Decision, ...]:
        """What was decided about alerts, after the one of that number."""
        rows = self._rows("SELECT id, at, key, what, until, who FROM decision WHERE id > ? ORDER BY id", (after,))
        return tuple(Decision(id_, moment(at), key, what, _time(until), who) for id_, at, key, what, until, who in rows)

    def sources(self) -> tuple[SourceState, ...]:
        """The last known state of every source."""
        return _bodies(self._rows("SELECT packed FROM source ORDER BY id"), SourceState, zlib.decompress)

    def snapshots(self, since: datetime, until: datetime) -> tuple[Snapshot, ...]:
        """The whole book, oldest first: every few seconds at first, sparser with age."""
        rows = self._rows("SELECT packed FROM snapshot WHERE at >= ? AND at < ? ORDER BY at", (micros(since), micros(until)))
        return _bodies(rows, Snapshot, zlib.decompress)

    def last_snapshot(self) -> Snapshot | None:
        """The latest one; None where there is none, or it cannot be read any more."""
        rows = self._rows("SELECT packed FROM snapshot ORDER BY at DESC LIMIT 1")
        return next(iter(_bodies(rows, Snapshot, zlib.decompress)), None)

    def _rows(self, question: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[tuple[Any, ...]]:
        try:
            with closing(connect_to_read(self.place)) as connection:
                return connection.execute(question, values).fetchall()
        except (sqlite3.Error, NotOurs) as error:
            raise Unreadable(f"{self.place}: cannot be read: {error}") from None


def _sample(key: str, row: tuple[Any, ...]) -> Sample:
    at, state, level, source, estimate, low, high, score, mark, notional, distance, severity = row
    return Sample(
        at=moment(at),
        key=key,
        state=LightState(state),
        level=level,
        source=LightSource(source) if source else None,
        estimate=estimate,
        low=low,
        high=high,
        score=score,
        mark=mark,
        notional=notional,
        distance=distance,
        severity=Severity(severity),
    )


def _change(row: tuple[Any, ...]) -> Change:
    at, kind, subject, before, after, level, detail = row
    return Change(at=moment(at), kind=ChangeKind(kind), subject=subject, before=before, after=after, level=level, detail=detail)


def _sighting(row: tuple[Any, ...]) -> Sighting:
    at, key, venue, level, held, since, estimate, low, high = row
    return Sighting(
        at=moment(at),
        key=key,
        venue=venue,
        level=level,
        held=held,
        held_since=_time(since),
        estimate=estimate,
        low=low,
        high=high,
    )


def _time(at: int | None) -> datetime | None:
    return None if at is None else moment(at)


def _bodies(rows: Iterable[tuple[Any, ...]], type_: type[T], unpack: Callable[[Any], Any] = lambda body: body) -> tuple[T, ...]:
    """Each row's body as that type. One that cannot be read any more is logged and left out: the others can."""
    decoder, found = msgspec.json.Decoder(type_), []
    for (body,) in rows:
        try:
            found.append(decoder.decode(unpack(body)))
        except (zlib.error, msgspec.DecodeError) as error:
            logger.warning("history: a %s cannot be read: %s", type_.__name__, error)
    return tuple(found)
