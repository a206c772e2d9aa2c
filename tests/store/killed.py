"""Keeps a history in a process that is killed with SIGKILL at any moment, again and again, and counts what was lost.

Run as a program of its own: `python killed.py FILE TIMES SEED`. Prints one line of JSON.
"""

import json
import os
import random
import signal
import sqlite3
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from adlwatch.domain.alert import Alert, AlertBook, RuleName, Transition
from adlwatch.domain.alert import Change as AlertChange
from adlwatch.domain.changes import Change, ChangeKind
from adlwatch.domain.model import Fill, FillKind, Side
from adlwatch.store import entries
from adlwatch.store.file import HistoryFile
from adlwatch.store.reader import Reader
from adlwatch.store.retention import tidy
from adlwatch.store.writer import Writer

START = datetime(2026, 11, 22, 12, tzinfo=UTC)


def fill(n: int) -> Fill:
    at = START + timedelta(seconds=n)
    return Fill(id=str(n), account="a", venue="v", symbol="BTC", side=Side.SHORT, size=1, price=n, time=at, kind=FillKind.ADL)


def change(n: int) -> Change:
    return Change(
        at=START + timedelta(seconds=n), kind=ChangeKind.LIGHT, subject="a:BTC:short", before="3", after="4", detail="x" * 500
    )


def told(n: int) -> tuple[entries.Entry, entries.Entry]:
    """A transition of an alert, and the alerts as they then are."""
    alert = Alert(key=str(n), rule=RuleName.NAKED, level=1, text="naked", opened_at=START)
    transition = Transition(id=str(n), change=AlertChange.RAISED, at=START + timedelta(seconds=n), alert=alert)
    return entries.alert_changes([transition]), entries.kept("alerts", transition.at, AlertBook(alerts={str(n): alert}))


def checkpoint_often(connection: sqlite3.Connection) -> None:
    """So that kills also meet the moments at which the log is copied back into the file."""
    connection.execute("PRAGMA wal_autocheckpoint = 8")


def keep(path: Path, first: int, said: int) -> None:
    """The process that is killed: writes on and on, and says each number once the history has acknowledged it."""
    writer = Writer(
        HistoryFile(path, lambda c: c.execute("PRAGMA wal_autocheckpoint = 8")), lambda c: tidy(c, START, timedelta(1))
    )
    n = first
    while True:
        writer.put(entries.changes([change(n)]), entries.fills([fill(n)]), *told(n))
        if not writer.flush().result():
            os.write(said, b"refused\n")
        os.write(said, b"%d\n" % n)
        n += 1


def killed(path: Path, first: int, after: int, chance: random.Random) -> int:
    """Let a process keep the history, and kill it some time after it has acknowledged so many; the last number it told."""
    mine, its = os.pipe()
    child = os.fork()
    if child == 0:
        keep(path, first, its)
    os.close(its)
    with os.fdopen(mine, "rb") as lines:
        last = first - 1
        for _ in range(after):
            last = int(lines.readline())
        for _ in range(chance.randrange(20_000)):
            pass
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        for line in lines:
            if line.endswith(b"\n"):
                last = int(line)
    return last


def main(path: Path, times: int, seed: int) -> None:
    chance = random.Random(seed)
    first, missing = 0, 0
    for _ in range(times):
        last = killed(path, first, chance.randrange(1, 8), chance)
        since, read = START + timedelta(seconds=first), Reader(str(path))
        fills = {int(each.id) for each in read.fills(since)}
        moved = {(each.at - START) // timedelta(seconds=1) for each in read.changes(since)}
        alerts = {int(each.id) for each in read.alert_changes(since)}
        missing += len(set(range(first, last + 1)) - (fills & moved & alerts))
        first = max(fills | moved | alerts) + 1
    read = Reader(str(path))
    missing += first - min(len(read.fills(START)), len(read.changes(START)), len(read.alert_changes(START)))
    kept = read.kept("alerts", AlertBook)
    missing += kept is None or list(kept.alerts) != [str(first - 1)]
    damaged = [name.name for name in path.parent.iterdir() if "damaged" in name.name]
    print(json.dumps({"kills": times, "acknowledged": first, "missing": missing, "damaged": damaged}))  # noqa: T201  # its answer


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
