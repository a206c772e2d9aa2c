"""What a source has to show to take part in the conformance suite.

To bring in an adapter: write an async context manager that yields a `Harness` and put it into `HARNESSES` in
`test_conformance.py`. `show` makes whatever stands behind the source (a loopback server, a file, a simulation) behave as the
case says from the next fetch on. A case that cannot happen is declared in `not_applicable` with the reason.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from adlwatch.adapters.base import Adapter


class Case(StrEnum):
    """How a source may answer."""

    HEALTHY = "healthy"
    EMPTY = "an account without positions"
    PARTIAL = "only part of the answer"
    UNKNOWN_ENUM = "an unknown word in a value that decides something"
    RATE_LIMITED = "rate limited with Retry-After"
    REFUSED = "credentials refused"
    SERVER_ERROR = "a server error"
    TIMEOUT = "no answer in time"
    HANG = "no answer at all until cancelled"
    TRUNCATED = "an answer that breaks off"
    HTML = "a web page with status 200"
    NULL = "null with status 200"
    EMPTY_BODY = "nothing with status 200"
    OVERSIZE = "an answer larger than any real one"
    REDIRECT = "a redirect"


RETRY_AFTER = 7.0
"""Seconds that the rate-limited case asks to wait."""


@dataclass
class Harness:
    """One source and the world behind it."""

    adapter: Adapter
    show: Callable[[Case], None]
    not_applicable: Mapping[Case, str] = field(default_factory=dict)
    waiting: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once the hang case has been reached."""
    forgive: Callable[[], None] = lambda: None
    """End the wait that a rate limit asked for."""
    asked: Callable[[], int] = lambda: 0
    """Requests (or their weight) sent so far."""
    led_astray: Callable[[], int] = lambda: 0
    """Requests that arrived where a redirect pointed."""


Open = Callable[[Path], AbstractAsyncContextManager[Harness]]
"""Opens a harness whose requests time out within milliseconds; the path is an empty directory."""
