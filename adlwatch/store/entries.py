"""What can be kept, as rows of the history file. Rows are made where they are written: on the writer's thread."""

import zlib
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from adlwatch.domain.alert import Transition
from adlwatch.domain.changes import Change
from adlwatch.domain.incident import Incident
from adlwatch.domain.model import Fill
from adlwatch.domain.reading import SourceState
from adlwatch.domain.samples import Sample
from adlwatch.domain.sighting import Sighting
from adlwatch.domain.snapshot import Snapshot, encode
from adlwatch.store.schema import micros

Row = tuple[Any, ...]
_SAMPLED = ("state", "level", "source", "estimate", "low", "high", "score", "mark", "notional", "distance", "severity")


class Entry(Struct, frozen=True):
    """One statement and the rows it is run for."""

    statement: str
    rows: Callable[[], Iterable[Row]]
    droppable: bool = False
    """Whether it may be left out when the disk can't follow: another like it comes soon."""
    durable: bool = False
    """Whether it has to survive a power cut once it is acknowledged, not only the end of the process."""
    shared: bool = False
    """Whether a process writes it although another one keeps this history."""


def snapshot(each: Snapshot) -> Entry:
    """The whole book at one moment."""
    return Entry(
        "INSERT OR REPLACE INTO snapshot VALUES (?, ?)", lambda: [(micros(each.as_of), pack(encode(each)))], droppable=True
    )


def samples(rows: Sequence[Sample]) -> tuple[Entry, Entry]:
    """Positions at one moment, in the figures that are plotted."""
    return _numbered({row.key for row in rows}, droppable=True), Entry(
        "INSERT OR REPLACE INTO sample SELECT id, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM position WHERE key = ?",
        lambda: ((micros(s.at), *(getattr(s, name) for name in _SAMPLED), s.key) for s in rows),
        droppable=True,
    )


def changes(rows: Sequence[Change]) -> Entry:
    """What changed."""
    return Entry(
        "INSERT INTO change (at, kind, subject, before, after, level, detail) VALUES (?, ?, ?, ?, ?, ?, ?)",
        lambda: ((micros(c.at), c.kind, c.subject, c.before, c.after, c.level, c.detail) for c in rows),
    )


def sightings(rows: Sequence[Sighting]) -> tuple[Entry, Entry]:
    """Lights of venues beside our estimates."""
    return _numbered({row.key for row in rows}), Entry(
        "INSERT OR REPLACE INTO sighting SELECT id, ?, ?, ?, ?, ?, ?, ?, ? FROM position WHERE key = ?",
        lambda: (
            (micros(s.at), s.venue, s.level, s.held, s.held_since and micros(s.held_since), s.estimate, s.low, s.high, s.key)
            for s in rows
        ),
    )


def fills(rows: Sequence[Fill]) -> Entry:
    """Own fills; one that is known already is left as it is. Some venues number them by symbol, and both sides alike."""
    return Entry(
        "INSERT OR IGNORE INTO fill VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        lambda: (
            (f.account, f"{f.symbol}:{f.side}:{f.id}", micros(f.time), f.venue, f.symbol, f.side, f.kind, _text(f)) for f in rows
        ),
        durable=True,
    )


def incidents(rows: Sequence[Incident]) -> Entry:
    """Incidents as they are by now."""
    return Entry(
        "INSERT OR REPLACE INTO incident VALUES (?, ?, ?, ?)",
        lambda: ((i.id, micros(i.opened_at), i.closed_at and micros(i.closed_at), _text(i)) for i in rows),
        durable=True,
    )


def alert_changes(rows: Sequence[Transition]) -> Entry:
    """Transitions of alerts; one that is known already is left as it is."""
    return Entry(
        "INSERT OR IGNORE INTO alert_change VALUES (?, ?, ?, ?, ?)",
        lambda: ((t.id, micros(t.at), t.alert.key, t.change, _text(t)) for t in rows),
        durable=True,
    )


def delivery(transition: str, channel: str, at: datetime, *, delivered: bool, detail: str | None = None) -> Entry:
    """One attempt to tell one transition through one channel, and what came of it."""
    return Entry(
        "INSERT INTO delivery (at, alert_change, channel, delivered, detail) VALUES (?, ?, ?, ?, ?)",
        lambda: [(micros(at), transition, channel, delivered, detail)],
        durable=True,
    )


def kept(name: str, at: datetime, body: msgspec.Struct) -> Entry:
    """One thing that is as it is by now, under its name: the book of all alerts."""
    return Entry("INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", lambda: [(name, micros(at), _text(body))], durable=True)


def decision(key: str, at: datetime, what: str, until: datetime | None, who: str) -> Entry:
    """What a human decided about an alert (`acknowledged`, `snoozed`), for every terminal on this history."""
    return Entry(
        "INSERT INTO decision (at, key, what, until, who) VALUES (?, ?, ?, ?, ?)",
        lambda: [(micros(at), key, what, until and micros(until), who)],
        durable=True,
        shared=True,
    )


def sources(rows: Sequence[SourceState], at: datetime, *, droppable: bool = True) -> Entry:
    """The last known state of each source, to begin with after a restart."""
    return Entry(
        "INSERT OR REPLACE INTO source VALUES (?, ?, ?)",
        lambda: ((s.id, micros(at), pack(msgspec.json.encode(s))) for s in rows),
        droppable=droppable,
    )


def pack(data: bytes) -> bytes:
    """Compressed quickly: a snapshot shrinks to about a tenth."""
    return zlib.compress(data, 1)


def _numbered(keys: Iterable[str], *, droppable: bool = False) -> Entry:
    return Entry("INSERT OR IGNORE INTO position (key) VALUES (?)", lambda: ((key,) for key in keys), droppable=droppable)


def _text(body: msgspec.Struct) -> str:
    return msgspec.json.encode(body).decode()
