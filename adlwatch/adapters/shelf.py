"""Market lists kept on disk between runs: what a venue lists hardly changes, and asking for it makes every start slow.

One JSON file a list, replaced as a whole. Whatever is wrong with a file, it is passed over with a line in the log.
"""

import logging
import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Struct

T = TypeVar("T")
logger = logging.getLogger(__name__)
MAX_AGE = timedelta(hours=24)


class Listed(Struct, Generic[T], frozen=True):
    """A list as it stands on the shelf."""

    name: str
    edition: str
    """What the list's shape depends on; one of another edition is not read."""
    at: datetime
    """When the venue was asked."""
    data: T


class _Label(Struct, frozen=True):
    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Shelf:
    """The lists in one folder. All methods block: call those that read or write whole lists off the event loop."""

    folder: Path
    max_age: timedelta = MAX_AGE
    """From which age on a list is asked for again; until the answer is there the old one is used."""

    def get(self, name: str, kind: type[T], edition: str = "") -> Listed[T] | None:
        """The list of that name; None where there is none that can be read."""
        path = self._path(name)
        try:
            found: Listed[T] = msgspec.json.decode(path.read_bytes(), type=Listed[kind])  # type: ignore[valid-type]  # mypy knows no type made from a value
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
            logger.warning("market list %s is passed over: %s: %s", path, type(error).__name__, error)
            return None
        if (found.name, found.edition) != (name, edition) or found.at.utcoffset() is None:
            logger.info("market list %s is of another edition (%s) and is passed over", path, found.edition)
            return None
        return found

    def put(self, name: str, data: Any, at: datetime, edition: str = "") -> None:
        """Keep the list, or say in the log why not."""
        path = self._path(name)
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor, draft = tempfile.mkstemp(dir=self.folder, prefix=".list-")
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(msgspec.json.encode(Listed(name, edition, at, data)))
                Path(draft).replace(path)
            except BaseException:
                Path(draft).unlink(missing_ok=True)
                raise
        except (OSError, TypeError, ValueError) as error:
            logger.warning("market list %s cannot be kept: %s: %s", path, type(error).__name__, error)

    def old(self, at: datetime, now: datetime) -> bool:
        """Whether a list of that time should be asked for again; also one from the future."""
        return not timedelta(0) <= now - at < self.max_age

    def labels(self) -> Iterator[tuple[str, datetime]]:
        """Name and time of every list that can be read."""
        for path in sorted(self.folder.glob("*.json")):
            try:
                label = msgspec.json.decode(path.read_bytes(), type=_Label)
            except (OSError, msgspec.DecodeError, UnicodeDecodeError):
                continue
            if label.at.utcoffset() is not None:
                yield label.name, label.at

    def _path(self, name: str) -> Path:
        return self.folder / f"{re.sub(r'[^A-Za-z0-9_-]+', '-', name)}.json"


def age_note(name: str, at: datetime, now: datetime) -> str:
    """How old a list is, for the sources screen."""
    return f"{name}: from disk, {hours(at, now)} old"


def hours(at: datetime, now: datetime) -> str:
    """The age of a list in words."""
    minutes = max(0.0, (now - at).total_seconds() / 60)
    return f"{minutes / 60:.0f} h" if minutes >= 60 else f"{minutes:.0f} min"
