import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from adlwatch.domain.changes import Change, ChangeKind
from adlwatch.domain.incident import Incident, IncidentKind
from adlwatch.domain.light import LightState
from adlwatch.domain.model import Fill, FillKind, Side
from adlwatch.domain.samples import Sample
from adlwatch.domain.snapshot import Severity, Snapshot
from adlwatch.store import entries
from adlwatch.store.entries import Entry
from adlwatch.store.retention import tidy
from adlwatch.store.schema import connect, micros

NOW = datetime(2026, 11, 22, 12, 0, 30, tzinfo=UTC)
DAY = timedelta(days=1)
KEEP = 30 * DAY


@pytest.fixture
def file() -> Iterator[sqlite3.Connection]:
    connection = connect(":memory:")
    yield connection
    connection.close()


def put(file: sqlite3.Connection, *rows: Entry) -> None:
    for row in rows:
        file.executemany(row.statement, row.rows())


def sampled(file: sqlite3.Connection, key: str, ages: list[timedelta]) -> None:
    for age in ages:
        put(
            file,
            *entries.samples(
                [
                    Sample(
                        at=NOW - age,
                        key=key,
                        state=LightState.UNKNOWN,
                        level=None,
                        source=None,
                        estimate=None,
                        low=None,
                        high=None,
                        score=None,
                        mark=None,
                        notional=None,
                        distance=None,
                        severity=Severity.OK,
                    )
                ]
            ),
        )


def snapshots(file: sqlite3.Connection, start: timedelta, end: timedelta, every: timedelta) -> None:
    age = start
    while age > end:
        put(file, entries.snapshot(Snapshot(as_of=NOW - age, severity=Severity.OK)))
        age -= every


def count(file: sqlite3.Connection, table: str, younger: timedelta, than: timedelta = timedelta(0)) -> int:
    question = f"SELECT count(*) FROM {table} WHERE at >= ? AND at < ?"  # noqa: S608  # our own names
    found = file.execute(question, (micros(NOW - younger), micros(NOW - than))).fetchone()
    return int(found[0])


def test_snapshots_grow_sparser_with_age(file: sqlite3.Connection) -> None:
    second, hour = timedelta(seconds=1), timedelta(hours=1)
    snapshots(file, 8 * DAY, 7 * DAY, 300 * second)
    snapshots(file, 3 * DAY, 3 * DAY - 2 * hour, 20 * second)
    snapshots(file, 4 * hour, timedelta(0), 10 * second)
    tidy(file, NOW, KEEP)
    assert count(file, "snapshot", 8 * DAY, 7 * DAY) in (24, 25)
    assert count(file, "snapshot", 3 * DAY, 3 * DAY - 2 * hour) in (12, 13)
    assert count(file, "snapshot", 4 * hour, 2 * hour) in (120, 121)
    assert count(file, "snapshot", hour) == 360


def test_thinning_again_and_again_is_thinning_once(file: sqlite3.Connection) -> None:
    ages = [n * timedelta(seconds=60) for n in range(3 * 24 * 60)]
    sampled(file, "a:BTC:short", ages)
    sampled(file, "b:BTC:short", ages[::7])
    for minutes in range(0, 600, 7):
        tidy(file, NOW - timedelta(minutes=600 - minutes), KEEP)
    tidy(file, NOW, KEEP)
    often = file.execute("SELECT position, at FROM sample ORDER BY position, at").fetchall()
    other = connect(":memory:")
    sampled(other, "a:BTC:short", ages)
    sampled(other, "b:BTC:short", ages[::7])
    tidy(other, NOW, KEEP)
    assert often == other.execute("SELECT position, at FROM sample ORDER BY position, at").fetchall()
    assert count(other, "sample", 3 * DAY, 2 * DAY + timedelta(minutes=10)) == pytest.approx(2 * 24 * 6, abs=4)
    other.close()


def test_what_is_too_old_goes_but_incidents_and_what_made_them_stay(file: sqlite3.Connection) -> None:
    fill = {"account": "a", "venue": "v", "symbol": "BTC", "side": Side.SHORT, "size": 1.0, "price": 9.0}
    for age in (KEEP + DAY, KEEP - DAY):
        at = NOW - age
        put(
            file,
            entries.changes([Change(at=at, kind=ChangeKind.LIGHT, subject="a", before=None, after="3 venue")]),
            entries.snapshot(Snapshot(as_of=at, severity=Severity.OK)),
            entries.delivery("t", "telegram", at, delivered=True),
            entries.fills([Fill(id=f"{kind}{age}", time=at, kind=kind, **fill) for kind in FillKind]),  # type: ignore[arg-type]  # mixed values
            entries.incidents(
                [Incident(id=f"{age}", kind=IncidentKind.ADL, account="a", venue="v", opened_at=at, last_at=at, closed_at=at)]
            ),
        )
    tidy(file, NOW, KEEP)
    left = {table: count(file, table, 100 * DAY) for table in ("change", "snapshot", "delivery", "incident", "fill")}
    assert left == {"change": 1, "snapshot": 1, "delivery": 1, "incident": 2, "fill": 5 + 3}


def test_a_file_that_shrinks_gives_its_pages_back(file: sqlite3.Connection) -> None:
    snapshots(file, 10 * DAY, 9 * DAY, timedelta(seconds=60))
    before = file.execute("PRAGMA page_count").fetchone()[0]
    tidy(file, NOW, DAY)
    assert file.execute("PRAGMA page_count").fetchone()[0] < before / 2


def test_a_tidying_that_fails_changes_nothing(file: sqlite3.Connection) -> None:
    snapshots(file, 10 * DAY, 9 * DAY, timedelta(seconds=600))
    before = count(file, "snapshot", 20 * DAY)
    file.execute("DROP TABLE decision")
    with pytest.raises(sqlite3.OperationalError):
        tidy(file, NOW, DAY)
    assert count(file, "snapshot", 20 * DAY) == before
    assert not file.in_transaction
