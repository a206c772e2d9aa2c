"""Venue profiles: one TOML a venue, read when it is asked for.

Other packages add venues by an entry point in the group `adlwatch.venues`: its name is the venue's id, its object the TOML as
bytes or the path of a file. A built-in profile cannot be replaced that way.
"""

import logging
from collections.abc import Iterator, Mapping
from functools import cache
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from adlwatch.domain.venue import VenueProfile
from adlwatch.venues.profile_toml import ProfileError, parse

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "adlwatch.venues"
HERE = Path(__file__).parent
"""Where our own profiles stand; importlib.resources is slow to import."""

logger = logging.getLogger(__name__)


class Profiles(Mapping[str, VenueProfile]):
    """Profiles by venue id. Listing the ids reads no profile; a profile is parsed once."""

    def __init__(self) -> None:
        self._built_in = frozenset(file.stem for file in HERE.glob("*.toml"))
        self._parsed: dict[str, VenueProfile] = {}

    def __getitem__(self, venue: str) -> VenueProfile:
        """The profile; KeyError for an unknown venue, ProfileError for a broken profile."""
        if venue not in self._parsed:
            name, data = self._read(venue)
            profile = parse(data, name)
            if profile.id != venue:
                raise ProfileError(f"{name}: id: '{profile.id}', expected '{venue}'")
            self._parsed[venue] = profile
        return self._parsed[venue]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._built_in | _added().keys()))

    def __len__(self) -> int:
        return len(self._built_in | _added().keys())

    def __contains__(self, venue: object) -> bool:
        return venue in self._built_in or venue in _added()

    def _read(self, venue: str) -> tuple[str, bytes]:
        if venue in self._built_in:
            file = f"{venue}.toml"
            return file, HERE.joinpath(file).read_bytes()
        point = _added()[venue]
        return f"{venue} ({point.value})", _content(point)


@cache
def _added() -> "dict[str, EntryPoint]":
    from importlib.metadata import entry_points  # noqa: PLC0415  # slow to import, and built-in venues need none of it

    return {point.name: point for point in entry_points(group=GROUP)}


def _content(point: "EntryPoint") -> bytes:
    where = f"{point.name} ({point.value})"
    try:
        found = point.load()
        if isinstance(found, bytes):
            return found
        if isinstance(found, str | PathLike):
            return Path(found).read_bytes()
    except (ImportError, AttributeError, OSError) as error:
        raise ProfileError(f"{where}: cannot be read: {error}") from error
    raise ProfileError(f"{where}: expected the TOML as bytes or a path, not {type(found).__name__}")


@cache
def profiles() -> Profiles:
    """All known venues."""
    return Profiles()


class Readable(Mapping[str, VenueProfile]):
    """Profiles for an assessment: a broken one is as good as none, and is logged once. No venue blinds the others."""

    def __init__(self, every: Mapping[str, VenueProfile]) -> None:
        self._every = every
        self._broken: set[str] = set()

    def __getitem__(self, venue: str) -> VenueProfile:
        """The profile; KeyError for an unknown venue or a broken profile."""
        if venue in self._broken:
            raise KeyError(venue)
        try:
            return self._every[venue]
        except ProfileError as error:
            self._broken.add(venue)
            logger.error("the profile of %s cannot be used: %s", venue, error)  # noqa: TRY400  # one line says it all
            raise KeyError(venue) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._every)

    def __len__(self) -> int:
        return len(self._every)
