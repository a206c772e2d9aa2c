"""The tables `[[channel]]` and `[heartbeat]`: who is told of alerts, and who is told that all is well."""

import re
from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct

from adlwatch.config.sources import under
from adlwatch.domain.alert import RuleName
from adlwatch.domain.channel import Channel
from adlwatch.strict import Misfit

PLAIN = ("bell", "desktop")
"""What needs no address."""
NAME = re.compile(r"[\w.@+-]+")
_REFERENCE = re.compile(r"(env|file|cmd|keyring):.+", re.DOTALL)
_EXPECTED = "an address is a secret: expected env:NAME, file:PATH, cmd:PROGRAM or keyring:SERVICE/USER"


class ChannelTable(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One `[[channel]]` as written. The defaults are those of `Channel`."""

    name: str
    url: str
    """`bell`, `desktop`, or where the Apprise URL is found: env:NAME, file:PATH, cmd:PROGRAM, keyring:SERVICE/USER."""
    rules: tuple[RuleName, ...] = ()
    least_level: Annotated[int, Meta(ge=1, le=3)] = 1
    escalations_only: bool = False

    @property
    def channel(self) -> Channel:
        """Whom to tell what."""
        return Channel(name=self.name, rules=self.rules, least_level=self.least_level, escalations_only=self.escalations_only)


class Heartbeat(Struct, frozen=True, forbid_unknown_fields=True):
    """A dead man's switch: this address is asked for as long as the program works and sees."""

    url: str
    every: Annotated[float, Meta(ge=5, le=3600)] = 60.0
    """Seconds."""


def checked(channels: Sequence[ChannelTable], heartbeat: Heartbeat | None) -> None:
    """Raise `Misfit` for a name that is taken or no name, and for an address written out in the file."""
    taken: set[str] = set()
    for index, each in enumerate(channels):
        with under("channel", index):
            if not NAME.fullmatch(each.name):
                raise Misfit(("name",), f'"{each.name}" may hold only letters, digits and . _ @ + -')
            if each.name in taken:
                raise Misfit(("name",), f'"{each.name}" is the name of an earlier channel: give each its own')
            taken.add(each.name)
            if each.url not in PLAIN and not _REFERENCE.fullmatch(each.url):
                raise Misfit(("url",), f"{_EXPECTED}, or {' or '.join(PLAIN)}")
    if heartbeat is not None and not _REFERENCE.fullmatch(heartbeat.url):
        raise Misfit(("heartbeat", "url"), _EXPECTED)
