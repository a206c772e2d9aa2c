"""What adapters that read by public address have in common: options, the refusal of keys, and connections shared by a run."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, TypeVar

from msgspec import Meta, Struct

from adlwatch.adapters.base import Clock, Context
from adlwatch.adapters.http import Http
from adlwatch.adapters.limiter import Limiter

T = TypeVar("T")
ApiUrl = Annotated[str, Meta(pattern=r"^https?://[^/?#]+/?$")]
Seconds = Annotated[float, Meta(gt=0)]


class KeylessOptions(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Options of every such source."""

    interval: Seconds = 5.0
    """Seconds between the end of one fetch and the start of the next."""
    timeout: Seconds = 10.0
    """Seconds one request may take."""
    keep_free: Annotated[float, Meta(ge=0, lt=1)] = 0.2
    """Share of this IP's request budget left for the user's other programs."""


def check_address(text: str, pattern: str, meant: str) -> None:
    """Raise `ValueError` for what is no public address, without repeating it: it may be a key or a seed phrase."""
    if re.fullmatch(r"(0x)?[0-9a-fA-F]{64}", text) or len(text.split()) >= 12:
        raise ValueError(f"this looks like a private key: take it out of the file; an address is {meant}")
    if not re.fullmatch(pattern, text):
        raise ValueError(f"must be a public address: {meant}")


def check_evm_address(text: str) -> None:
    """As `check_address`, for addresses of Ethereum's kind."""
    check_address(text, r"0x[0-9a-fA-F]{40}", "0x and 40 hex digits")


class Shared:
    """The connections and the request budget of one API address, closed when the last source has left."""

    def __init__(self, api_url: str, clock: Clock, limiter: Limiter, timeout: float) -> None:
        self.http = Http(api_url, limiter, timeout=timeout, keyless=True)
        self.clock = clock
        self._users: set[str] = set()

    @property
    def limiters(self) -> tuple[Limiter, ...]:
        """The budgets of every scope it asks in."""
        return (self.http.limiter,)

    def join(self, source: str) -> None:
        """Keep the connections open for `source`."""
        self._users.add(source)

    async def leave(self, source: str) -> None:
        """Close the connections once nobody uses them."""
        self._users.discard(source)
        if not self._users:
            await self.http.close()


SKEW_SECONDS = 10.0


def clock_note(as_of: datetime, now: datetime) -> tuple[str, ...]:
    """What to say where the venue's time and ours are far apart."""
    behind = (now - as_of).total_seconds()
    if abs(behind) <= SKEW_SECONDS:
        return ()
    return (f"the venue's time differs by {behind:.0f} s from this machine's: its data is old, or our clock is wrong",)


def share(context: Context, name: str, make: Callable[[], T]) -> T:
    """The one object called `name` in this run, as the first source that asks for it makes it."""
    if name not in context.shared:
        context.shared[name] = make()
    found: T = context.shared[name]
    return found


def host(api_url: str) -> str:
    """The name of a metered scope: the host that is asked."""
    return api_url.partition("://")[2].rstrip("/")
