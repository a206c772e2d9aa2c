"""The places where the log, crash reports and the history are written."""

import os
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from adlwatch.adapters.shelf import hours
from adlwatch.cli.compose import history_path, shelf
from adlwatch.cli.doctor.finding import Finding, fail, ok, warn
from adlwatch.config import Config
from adlwatch.log import state_directory


def storage(config: Config) -> Iterator[Finding]:
    """The state directory, and the history where it is kept."""
    yield _folder("state directory", state_directory(), "there is no log and no crash report")
    if not config.history.enabled:
        yield ok("history", "is not kept, as configured")
        return
    path = history_path(config)
    if path.exists():
        yield from _file(path)
    else:
        yield _folder("history", path.parent, "nothing is remembered")


def market_lists(config: Config, now: datetime) -> Iterator[Finding]:
    """The market lists that earlier runs have kept, and how old they are."""
    kept = shelf(config)
    if kept is None:
        yield ok("market lists", "are not kept, as configured")
        return
    lists = [f"{name} {hours(at, now)}" for name, at in kept.labels()]
    yield _folder("market lists", kept.folder, "every start asks venues for them again")
    if lists:
        yield ok(
            "market lists", f"{len(lists)} kept: {', '.join(lists)} old; asked for again from {config.market_lists.hours:g} h on"
        )


def _folder(about: str, folder: Path, otherwise: str) -> Finding:
    """A folder that can be written, or that can be made."""
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if there.is_dir() and os.access(there, os.W_OK | os.X_OK):
        return ok(about, f"{folder} can be written" if there == folder else f"{folder} will be made")
    return fail(about, f"{there} cannot be written: {otherwise}", f"chmod u+rwx {there}, or choose another place")


def _file(path: Path) -> Iterator[Finding]:
    if not os.access(path, os.R_OK | os.W_OK):
        yield fail("history", f"{path} cannot be written: nothing is remembered", f"chmod 600 {path}")
        return
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=1.0)
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        finally:
            connection.close()
    except sqlite3.Error as error:
        yield warn("history", f"{path} cannot be read: {error}", "the next run moves it aside and begins another")
    else:
        yield ok("history", f"{path} can be read and written ({path.stat().st_size / 1e6:.1f} MB)")
