import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adlwatch.domain.changes import Change, ChangeKind
from adlwatch.domain.snapshot import Severity, Snapshot
from adlwatch.store import entries
from adlwatch.store.entries import Entry
from adlwatch.store.file import HistoryFile
from adlwatch.store.reader import Reader
from adlwatch.store.writer import MOST_DROPPABLE, STALLED_AFTER, TIDY_EVERY, Writer

START = datetime(2026, 11, 22, 12, tzinfo=UTC)
WAIT = 10.0
"""Seconds after which a test gives up; nothing takes as long."""


class Time:
    """A clock that moves when told."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def change(n: int, detail: str = "") -> Entry:
    at = START + timedelta(seconds=n)
    return entries.changes([Change(at=at, kind=ChangeKind.LIGHT, subject=str(n), before="3", after="4", detail=detail)])


def snapshot(n: int) -> Entry:
    return entries.snapshot(Snapshot(as_of=START + timedelta(seconds=n), severity=Severity.OK))


@contextmanager
def writing(file: HistoryFile, monotonic: Time | None = None) -> Iterator[Writer]:
    writer = Writer(file, monotonic=monotonic or Time())
    try:
        yield writer
    finally:
        writer.close()


def subjects(place: str) -> list[str]:
    return [each.subject for each in Reader(place).changes(START)]


def flushed(writer: Writer) -> bool:
    return writer.flush().result(WAIT)


@pytest.mark.parametrize("name", ["h.sqlite3", None])
def test_what_is_put_is_there_after_a_flush_in_a_file_and_in_memory(tmp_path: Path, name: str | None) -> None:
    file = HistoryFile(tmp_path / "deep" / name if name else None)
    with writing(file) as writer:
        writer.put(change(1), change(2))
        assert flushed(writer)
        assert subjects(file.place) == ["1", "2"]
        assert (writer.fault, file.keeping) == (None, True)


def test_closing_writes_what_waits_and_only_the_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite3"
    with writing(HistoryFile(path)) as writer:
        writer.put(change(1))
    writer.close()
    assert subjects(str(path)) == ["1"]
    assert path.stat().st_mode & 0o077 == 0


def test_a_full_disk_is_a_fault_loses_no_event_and_heals(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    full = threading.Event()
    full.set()

    def limit(connection: sqlite3.Connection) -> None:
        if full.is_set():
            connection.execute("PRAGMA max_page_count = 40")

    file = HistoryFile(tmp_path / "h.sqlite3", limit)
    with writing(file) as writer, caplog.at_level(logging.WARNING):
        for n in range(100):
            writer.put(change(n, "x" * 2000))
            if not flushed(writer):
                break
        else:
            pytest.fail("the disk never filled up")
        assert "full" in str(writer.fault)
        assert len(caplog.records) == 1
        writer.put(change(1000), snapshot(1000))
        assert not flushed(writer)
        assert len(caplog.records) == 1
        full.clear()
        assert flushed(writer)
        assert writer.fault is None
        assert subjects(file.place) == [*map(str, range(n + 1)), "1000"]


def test_a_directory_that_cannot_be_made_is_a_fault_and_no_crash(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    with writing(HistoryFile(tmp_path / "taken" / "h.sqlite3")) as writer:
        writer.put(change(1))
        assert not flushed(writer)
        assert "cannot be opened" in str(writer.fault)


def test_a_stalled_disk_blocks_nobody_shows_after_ten_seconds_and_costs_no_event(tmp_path: Path) -> None:
    stalled, reached, time = threading.Event(), threading.Event(), Time()

    def prepare(connection: sqlite3.Connection) -> None:
        reached.set()
        stalled.wait(WAIT)

    file = HistoryFile(tmp_path / "h.sqlite3", prepare)
    with writing(file, time) as writer:
        writer.put(change(0))
        assert reached.wait(WAIT)
        for n in range(1, 3 * MOST_DROPPABLE + 1):
            writer.put(change(n), snapshot(n))
        assert writer.dropped == 2 * MOST_DROPPABLE
        assert writer.fault is None
        time.now = STALLED_AFTER + 1
        assert "has taken nothing for 11 s" in str(writer.fault)
        stalled.set()
        assert flushed(writer)
        assert writer.fault is None
        assert len(subjects(file.place)) == 3 * MOST_DROPPABLE + 1


@pytest.mark.parametrize("damage", [b"not a database, but long enough to have a header" * 50, None])
def test_a_damaged_file_is_moved_aside_with_one_line_and_a_new_one_begun(
    tmp_path: Path, damage: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "h.sqlite3"
    if damage:
        path.write_bytes(damage)
    else:
        with writing(HistoryFile(path)) as writer:
            writer.put(*(change(n, "x" * 3000) for n in range(50)))
        data = bytearray(path.read_bytes())
        data[4096 * 2 :] = b"\x55" * (len(data) - 4096 * 2)
        path.write_bytes(data)
    kept = path.read_bytes()
    file = HistoryFile(path)
    with writing(file) as writer, caplog.at_level(logging.WARNING):
        writer.put(change(1))
        assert flushed(writer)
        assert writer.fault is None
    assert subjects(str(path)) == ["1"]
    assert [record.message for record in caplog.records] == [
        f"history: {path} is damaged; moved to h.sqlite3.damaged-1, and a new one begun"
    ]
    assert (tmp_path / "h.sqlite3.damaged-1").read_bytes()[100:] == kept[100:]  # behind the header, which counts its openings


def test_a_file_of_a_later_version_is_left_alone_and_the_run_is_kept_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite3"
    with closing(sqlite3.connect(path)) as later:
        later.execute("PRAGMA application_id = 0x41444C57")
        later.execute("PRAGMA user_version = 99")
    before = path.read_bytes()
    file = HistoryFile(path)
    with writing(file) as writer:
        writer.put(change(1))
        assert flushed(writer)
        assert "later adlwatch" in str(writer.fault)
        assert "in memory only" in str(writer.fault)
        assert subjects(file.place) == ["1"]
    assert path.read_bytes() == before


def test_only_one_keeps_a_file_but_all_may_decide_and_the_next_takes_over(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite3"
    first, second = HistoryFile(path), HistoryFile(path)
    with writing(second) as other:
        with writing(first) as one:
            one.put(change(1))
            assert flushed(one)
            other.put(change(1), entries.decision("a|v|btc|naked", START, "acknowledged", None, "trader"))
            assert flushed(other)
            assert (first.keeping, second.keeping, other.fault) == (True, False, None)
            assert subjects(str(path)) == ["1"]
            assert [(d.key, d.what, d.until, d.who) for d in Reader(str(path)).decisions()] == [
                ("a|v|btc|naked", "acknowledged", None, "trader")
            ]
        other.put(change(2))
        assert flushed(other)
        assert second.keeping
    assert subjects(str(path)) == ["1", "2"]


def test_an_entry_that_can_never_be_written_is_logged_and_holds_up_no_other(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> list[tuple[object]]:
        raise TypeError("cannot be encoded")

    wrong = Entry("INSERT INTO kept VALUES (?, ?, ?)", lambda: [(1, 2, 3), (1, 2)])
    with writing(HistoryFile(tmp_path / "h.sqlite3")) as writer:
        writer.put(change(1), wrong, Entry("INSERT INTO kept VALUES (?)", broken), change(2))
        assert flushed(writer)
        assert writer.fault is None
    with closing(sqlite3.connect(tmp_path / "h.sqlite3")) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
    assert subjects(str(tmp_path / "h.sqlite3")) == ["1", "2"]
    assert sum("an entry cannot be written" in record.message for record in caplog.records) == 2


def test_the_file_is_tidied_now_and_then(tmp_path: Path) -> None:
    time, tidied = Time(), threading.Event()
    writer = Writer(HistoryFile(tmp_path / "h.sqlite3"), lambda _: tidied.set(), monotonic=time)
    writer.put(change(1))
    assert flushed(writer)
    assert not tidied.is_set()
    time.now = TIDY_EVERY
    assert flushed(writer)
    assert tidied.is_set()
    writer.close()
    assert flushed(writer)
