"""The contract of an adapter, and the errors it may raise, sorted by what to do next.

SourceError
├── Retry          the venue or the network failed; try again (after `retry_after` seconds where given)
├── RateLimited    we asked too often; wait
├── Refused        credentials are wrong or lack a permission; a human must act
├── BadPayload     a reply we cannot trust: broken JSON, wrong shape, HTML with status 200, empty, null
└── Unsupported    the venue or the configuration asks for something this adapter does not do
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import msgspec
from msgspec import Struct, field

from adlwatch.domain.reading import FailureKind, Reading

if TYPE_CHECKING:
    from adlwatch.adapters.shelf import Shelf


class SourceError(Exception):
    """A fetch that brought nothing; the message is one redacted line fit for the sources screen."""

    kind: ClassVar[FailureKind] = FailureKind.RETRY

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Retry(SourceError):
    """Network trouble or a 5xx."""


class RateLimited(SourceError):
    """HTTP 429, 418 or the venue's own word for it."""

    kind = FailureKind.RATE_LIMITED


class Refused(SourceError):
    """Credentials missing, wrong, expired, or without the permission needed."""

    kind = FailureKind.CREDENTIALS


class BadPayload(SourceError):
    """A reply that must not be read as 'flat'."""

    kind = FailureKind.BAD_PAYLOAD


class Unsupported(SourceError):
    """Something this adapter cannot do, now or later."""

    kind = FailureKind.UNSUPPORTED


ERRORS: Mapping[FailureKind, type[SourceError]] = {e.kind: e for e in (Retry, RateLimited, Refused, BadPayload, Unsupported)}
"""The error that says a kind of failure again."""

Clock = Callable[[], datetime]
"""Returns the current time, timezone-aware UTC; passed in so that tests own it."""


class Adapter(Protocol):
    """One source of readings. Only ever reads."""

    id: str
    kind: str
    interval: float
    """Seconds between the end of one fetch and the start of the next."""
    timeout: float
    """Seconds after which the engine gives up on one fetch."""
    label: str | None
    """MOCK, REPLAY …, shown on screen as long as the source is there; None for real data."""

    async def fetch(self) -> Reading:
        """One complete reading, or a `SourceError`. Cancelling it must leave the adapter usable."""
        ...

    async def close(self) -> None:
        """Release connections; safe to call twice."""
        ...


def pace(adapter: Adapter) -> float:
    """Seconds until the next fetch: the interval, or less where an adapter's `pace` says that it will cost no request."""
    return float(getattr(adapter, "pace", adapter.interval))


def identity(adapter: Adapter) -> str | None:
    """What an adapter reads, in its own `identity`: an address, or a key with its product lines. None where it has none."""
    found: str | None = getattr(adapter, "identity", None)
    return found


class Context(Struct, frozen=True):
    """What every adapter factory is given beside its own options."""

    clock: Clock
    shared: dict[str, Any]
    """Objects that several adapters of one run share (a session, a limiter per metered scope), by name."""
    shelf: "Shelf | None" = None
    """Where market lists are kept between runs; None: nowhere."""
    before: Mapping[str, Reading] = field(default_factory=lambda: MappingProxyType({}))
    """By source id, what an earlier run had read last: an adapter tells the fills since then, if it can."""


class SourceSpec(Struct, frozen=True, kw_only=True):
    """One source to build, as configured: options checked by its kind, or the `problem` why they could not be."""

    id: str
    kind: str
    options: msgspec.Struct | None = None
    problem: str | None = None


class Kind(Struct, frozen=True):
    """One kind of source: its options (strict, frozen) and how to build it. Building must not import a network library."""

    name: str
    options: type[msgspec.Struct]
    create: Callable[[str, Any, Context], Adapter]
    """(source id, options of that type, context) → adapter."""
