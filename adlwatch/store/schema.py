"""The tables of the history file, and how a file of an earlier version becomes one of this version.

Times are whole microseconds since 1970 UTC. Positions are numbered in `position`, so that a sample is small. Bodies are JSON of
the frozen types that they hold, `packed` ones compressed with zlib.
"""

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

APPLICATION_ID = 0x41444C57  # "ADLW"
BUSY_SECONDS = 5.0

MIGRATIONS = (
    """
    CREATE TABLE position (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE);
    CREATE TABLE snapshot (at INTEGER PRIMARY KEY, packed BLOB NOT NULL);
    CREATE TABLE sample (
      position INTEGER NOT NULL, at INTEGER NOT NULL, state TEXT NOT NULL, level INTEGER, source TEXT, estimate INTEGER,
      low INTEGER, high INTEGER, score REAL, mark REAL, notional REAL, distance REAL, severity TEXT NOT NULL,
      PRIMARY KEY (position, at)
    ) WITHOUT ROWID;
    CREATE TABLE change (
      id INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL, before TEXT, after TEXT,
      level INTEGER, detail TEXT
    );
    CREATE INDEX change_subject ON change (subject, kind, at);
    CREATE INDEX change_at ON change (at);
    CREATE TABLE sighting (
      position INTEGER NOT NULL, at INTEGER NOT NULL, venue TEXT NOT NULL, level INTEGER NOT NULL, held INTEGER,
      held_since INTEGER, estimate INTEGER, low INTEGER, high INTEGER,
      PRIMARY KEY (position, at)
    ) WITHOUT ROWID;
    CREATE INDEX sighting_at ON sighting (at);
    CREATE TABLE fill (
      account TEXT NOT NULL, id TEXT NOT NULL, at INTEGER NOT NULL, venue TEXT NOT NULL, symbol TEXT NOT NULL, side TEXT NOT NULL,
      kind TEXT NOT NULL, body TEXT NOT NULL,
      PRIMARY KEY (account, id)
    ) WITHOUT ROWID;
    CREATE INDEX fill_at ON fill (at);
    CREATE TABLE incident (id TEXT PRIMARY KEY, at INTEGER NOT NULL, closed_at INTEGER, body TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE alert_change (
      id TEXT PRIMARY KEY, at INTEGER NOT NULL, key TEXT NOT NULL, change TEXT NOT NULL, body TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX alert_change_at ON alert_change (at);
    CREATE TABLE delivery (
      id INTEGER PRIMARY KEY, at INTEGER NOT NULL, alert_change TEXT NOT NULL, channel TEXT NOT NULL, delivered INTEGER NOT NULL,
      detail TEXT
    );
    CREATE INDEX delivery_at ON delivery (at);
    CREATE INDEX delivery_of ON delivery (alert_change, channel);
    CREATE TABLE kept (name TEXT PRIMARY KEY, at INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE decision (
      id INTEGER PRIMARY KEY, at INTEGER NOT NULL, key TEXT NOT NULL, what TEXT NOT NULL, until INTEGER, who TEXT NOT NULL
    );
    CREATE TABLE source (id TEXT PRIMARY KEY, at INTEGER NOT NULL, packed BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE thinned (tier TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID
    """,
)
"""`MIGRATIONS[n]` leads from version n to version n + 1. A released one is never changed."""
VERSION = len(MIGRATIONS)


class NotOurs(Exception):
    """A file that must be left alone; the message is one line that says why."""


def connect(place: str) -> sqlite3.Connection:
    """Open or make the file at `place` (a path or an SQLite URI) for writing, in the present version.

    Raises `NotOurs` for a file of a later version or of another program, `sqlite3.Error` for what cannot be read or written.
    """
    connection = sqlite3.connect(
        place, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, uri=place.startswith("file:")
    )
    try:
        _version(connection, VERSION)  # before anything is changed
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def connect_to_read(place: str) -> sqlite3.Connection:
    """Open it for reading, while another connection may go on writing. A file of an earlier version is brought up to date first.

    Raises `NotOurs` and `sqlite3.Error` as `connect` does; the latter also where there is no file.
    """
    if place.startswith("file:"):
        connection = sqlite3.connect(place, uri=True)
        connection.execute("PRAGMA read_uncommitted = 1")  # memory that two threads share knows locks, but no snapshots
        return connection
    address = f"{Path(place).absolute().as_uri()}?mode=ro"
    connection = sqlite3.connect(address, timeout=BUSY_SECONDS, uri=True)
    try:
        if _version(connection, VERSION) < VERSION:
            connect(place).close()
    except BaseException:
        connection.close()
        raise
    return connection


def migrate(connection: sqlite3.Connection, migrations: Sequence[str] = MIGRATIONS) -> None:
    """Bring the file to the present version, in one transaction: it has the old one or the new one, whatever happens."""
    if _version(connection, len(migrations)) == len(migrations):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for script in migrations[_version(connection, len(migrations)) :]:  # asked again: another process may have been faster
            for statement in script.split(";"):
                connection.execute(statement.strip())
        connection.execute(f"PRAGMA user_version = {len(migrations)}")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _version(connection: sqlite3.Connection, known: int) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (owner,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if owner != APPLICATION_ID and (owner or tables):
        raise NotOurs("is a database of another program")
    if version > known:
        raise NotOurs(f"was written by a later adlwatch (format {version}; this one knows {known})")
    return int(version)


def micros(at: datetime) -> int:
    """A time as the file has it."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def moment(at: int) -> datetime:
    """A time of the file, back."""
    return _EPOCH + timedelta(microseconds=at)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
