import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from adlwatch.domain.alert import AlertBook
from adlwatch.store import schema
from adlwatch.store.reader import Reader
from adlwatch.store.schema import APPLICATION_ID, MIGRATIONS, VERSION, NotOurs, connect, connect_to_read, migrate

RELEASED = sorted(Path(__file__).parent.glob("schema_v*.sql"))
"""Dumps of files as each released version wrote them, with a row in every table."""


def version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def tables(connection: sqlite3.Connection) -> dict[str, str]:
    """Tables and indices, as they were made."""
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {name: " ".join(sql.split()) for name, sql in rows}


def counts(connection: sqlite3.Connection) -> dict[str, int]:
    names = [name for name, sql in tables(connection).items() if sql.startswith("CREATE TABLE")]
    return {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names}  # noqa: S608  # our names


def test_a_file_of_nothing_becomes_one_of_this_version(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite3"
    path.touch()
    connection = connect(str(path))
    assert version(connection) == VERSION
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert "sample" in tables(connection)
    connection.close()


def test_every_version_has_its_dump() -> None:
    assert [path.name for path in RELEASED] == [f"schema_v{n + 1}.sql" for n in range(VERSION)]


@pytest.mark.parametrize("dump", RELEASED, ids=lambda path: path.stem)
def test_a_file_of_every_released_version_opens_with_all_its_rows_and_this_versions_tables(dump: Path, tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite3"
    old = sqlite3.connect(path)
    old.executescript(dump.read_text(encoding="utf-8"))
    had = counts(old)
    old.close()
    assert set(had.values()) == {1}
    new, fresh = connect(str(path)), connect(str(tmp_path / "fresh.sqlite3"))
    assert version(new) == VERSION
    assert tables(new) == tables(fresh)
    assert counts(new) == counts(fresh) | had
    new.close()
    fresh.close()
    ever, read = schema.moment(0), Reader(str(path))
    (key,) = read.keys()
    assert len(read.series(key, ever)) == len(read.changes(ever)) == len(read.sightings(ever)) == len(read.fills(ever)) == 1
    assert len(read.incidents(ever)) == len(read.alert_changes(ever)) == len(read.deliveries(ever)) == len(read.decisions()) == 1
    assert len(read.sources()) == len(read.snapshots(ever, ever + timedelta(days=36_500))) == 1
    assert read.kept("alerts", AlertBook) is not None


def test_a_reader_brings_an_older_file_up_to_date_first(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite3"
    path.touch()
    connection = connect_to_read(str(path))
    assert version(connection) == VERSION
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("DELETE FROM sample")
    connection.close()


def test_a_migration_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    connection = connect(str(tmp_path / "h.sqlite3"))
    before = tables(connection)
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, (*MIGRATIONS, "CREATE TABLE more (a); INSERT INTO nowhere VALUES (1)"))
    assert (version(connection), tables(connection)) == (VERSION, before)
    migrate(connection, (*MIGRATIONS, "CREATE TABLE more (a)"))
    assert (version(connection), "more" in tables(connection)) == (VERSION + 1, True)
    connection.close()


def test_a_file_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    path = str(tmp_path / "h.sqlite3")
    connection = connect(path)
    connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()
    for opening in (connect, connect_to_read):
        with pytest.raises(NotOurs, match="later adlwatch"):
            opening(path)


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite3"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE precious (a)")
    connection.close()
    with pytest.raises(NotOurs, match="another program"):
        connect(str(path))
    assert int.from_bytes(b"ADLW", "big") == APPLICATION_ID


def test_times_come_back_to_the_microsecond() -> None:
    at = schema.moment(1_763_812_800_123_456)
    assert at.isoformat() == "2025-11-22T12:00:00.123456+00:00"
    assert schema.micros(at) == 1_763_812_800_123_456
