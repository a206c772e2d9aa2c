"""The history file as its writer has it: opened when needed, moved aside when damaged, replaced by memory when it is not ours."""

import logging
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from uuid import uuid4

from adlwatch.store.entries import Entry
from adlwatch.store.lease import Lease
from adlwatch.store.schema import NotOurs, connect

logger = logging.getLogger(__name__)

_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}

Prepare = Callable[[sqlite3.Connection], object]


class HistoryFile:
    """The file at `path`, or memory where that is None. Used by one thread; `prepare` is given each connection first."""

    def __init__(self, path: Path | None, prepare: Prepare = lambda _: None) -> None:
        self.place = str(path) if path is not None else _memory()
        self._path = path
        self._prepare = prepare
        self._lease = Lease(path) if path is not None else None
        self._connection: sqlite3.Connection | None = None
        self.given_up: str | None = None
        """Why this run is kept in memory only; None where it is not."""

    @property
    def keeping(self) -> bool:
        """Whether this process keeps the history; False while another one does."""
        return self._lease is None or self._lease.held

    def write(self, batch: Sequence[Entry], tidy: Prepare | None = None) -> str | None:
        """Write all or nothing, then tidy. Why it could not be, in one line, or None.

        A damaged file is moved aside, and the batch goes into a new one.
        """
        for last_chance in (False, True):
            try:
                self._work(batch, tidy)
            except sqlite3.Error as error:
                if self._path is not None:  # memory that is closed is gone
                    self.close()
                if last_chance or getattr(error, "sqlite_errorcode", 0) & 0xFF not in _DAMAGED:
                    return f"{self.place}: cannot be written, kept in memory until it can: {error}"
                self._move_aside()
            except OSError as error:
                return f"{self.place}: cannot be opened, kept in memory until it can: {error.strerror or error}"
            else:
                break
        return self.given_up

    def close(self) -> None:
        """Release the file; the next write opens it again."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def give_up(self) -> None:
        """Release the file, and let another process keep it."""
        self.close()
        if self._lease is not None:
            self._lease.give_up()

    def _work(self, batch: Sequence[Entry], tidy: Prepare | None) -> None:
        connection = self._open()
        if self._lease is not None and not self._lease.take():
            batch, tidy = [entry for entry in batch if entry.shared], None
        if batch:
            _commit(connection, batch)
        if tidy is not None:
            tidy(connection)

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            try:
                if self._path is not None:
                    self._path.parent.mkdir(parents=True, exist_ok=True)
                    self._path.touch(mode=0o600)
                self._connection = connect(self.place)
            except NotOurs as reason:
                self.given_up = f"{self.place}: {reason}; this run is kept in memory only"
                self.place, self._path, self._lease = _memory(), None, None
                self._connection = connect(self.place)
            self._prepare(self._connection)
        return self._connection

    def _move_aside(self) -> None:
        """Keep a damaged file for whoever can still read it, under a name that says what it is."""
        if self._path is None:
            return
        aside = next(
            name for n in range(1, 1_000_000) if not (name := self._path.with_name(f"{self._path.name}.damaged-{n}")).exists()
        )
        for ending in ("", "-wal", "-shm"):
            part = self._path.with_name(self._path.name + ending)
            if part.exists():
                part.replace(aside.with_name(aside.name + ending))
        logger.error("history: %s is damaged; moved to %s, and a new one begun", self._path, aside.name)


def _commit(connection: sqlite3.Connection, batch: Iterable[Entry]) -> None:
    """One transaction. An entry that could never be written, by a fault of its own, is logged and left out."""
    batch = tuple(batch)
    connection.execute(f"PRAGMA synchronous = {'FULL' if any(entry.durable for entry in batch) else 'NORMAL'}")
    connection.execute("BEGIN IMMEDIATE")
    try:
        for entry in batch:
            connection.execute("SAVEPOINT entry")
            try:
                connection.executemany(entry.statement, entry.rows())
            except (sqlite3.OperationalError, sqlite3.InternalError):
                raise
            except Exception as error:
                if type(error) is sqlite3.DatabaseError:
                    raise
                logger.exception("history: an entry cannot be written: %s", entry.statement)
                connection.execute("ROLLBACK TO entry")
            connection.execute("RELEASE entry")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _memory() -> str:
    """An SQLite address in memory, for this process only, that a second connection can read."""
    return f"file:adlwatch-{uuid4().hex}?mode=memory&cache=shared"
