"""How long things are kept: snapshots and samples ever sparser with age, the rest for a number of days, incidents for good."""

import sqlite3
from datetime import datetime, timedelta
from typing import NamedTuple

from adlwatch.store.schema import micros

DAY = timedelta(days=1)
FREE_PAGES = 2_000
"""Pages given back to the file system at a time."""


class Tier(NamedTuple):
    """Rows of a table older than `after` are thinned to the first of each `every`."""

    table: str
    after: timedelta
    every: timedelta


TIERS = (
    Tier("snapshot", timedelta(hours=1), timedelta(minutes=1)),
    Tier("snapshot", DAY, timedelta(minutes=10)),
    Tier("snapshot", 7 * DAY, timedelta(hours=1)),
    Tier("sample", 2 * DAY, timedelta(minutes=10)),
    Tier("sample", 14 * DAY, timedelta(hours=1)),
)
_DATED = ("snapshot", "sample", "change", "sighting", "alert_change", "delivery", "decision")
_BUCKETS = {
    "snapshot": "DELETE FROM snapshot WHERE at >= :start AND at < :end AND at NOT IN"
    " (SELECT min(at) FROM snapshot WHERE at >= :start AND at < :end GROUP BY at / :every)",
    "sample": "DELETE FROM sample WHERE at >= :start AND at < :end AND (position, at) NOT IN"
    " (SELECT position, min(at) FROM sample WHERE at >= :start AND at < :end GROUP BY position, at / :every)",
}


def tidy(connection: sqlite3.Connection, now: datetime, keep: timedelta) -> None:
    """Thin and remove what is older than it has to be; looks only at what has aged since the last time."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        for tier in TIERS:
            _thin(connection, tier, now)
        oldest = micros(now - keep)
        for table in _DATED:
            connection.execute(f"DELETE FROM {table} WHERE at < ?", (oldest,))  # noqa: S608  # our own table names
        connection.execute("DELETE FROM fill WHERE at < ? AND kind NOT IN ('adl', 'liquidation', 'unknown')", (oldest,))
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.executescript(f"PRAGMA incremental_vacuum({FREE_PAGES})")  # `execute` would step it once: one page


def _thin(connection: sqlite3.Connection, tier: Tier, now: datetime) -> None:
    """Whole buckets only: a bucket that is cut in two keeps two rows, and a third the next time."""
    every = tier.every // timedelta(microseconds=1)
    end = micros(now - tier.after) // every * every
    name = f"{tier.table} {every}"
    start = connection.execute("SELECT until FROM thinned WHERE tier = ?", (name,)).fetchone() or (0,)
    if end > start[0]:
        connection.execute(_BUCKETS[tier.table], {"start": start[0], "end": end, "every": every})
        connection.execute("INSERT OR REPLACE INTO thinned VALUES (?, ?)", (name, end))
