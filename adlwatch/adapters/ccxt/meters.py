"""One limiter per scope a venue meters, shared by all accounts in that scope; an address ban stops the whole venue."""

from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from adlwatch.adapters.base import RateLimited
from adlwatch.adapters.ccxt.venue import Endpoint
from adlwatch.adapters.limiter import Limiter

BAN = 60.0
"""Seconds to stay away after a ban that does not say for how long."""
LONG_WINDOW = 30.0
"""Seconds from which on a spent window is worth sparing."""
optional: ContextVar[bool] = ContextVar("adlwatch_ccxt_optional", default=False)
"""Whether what is being read can wait: then half the budget stays for what cannot."""


class Deferred(RateLimited):
    """Not now: the budget is left for positions and accounts."""


@dataclass(slots=True)
class Meters:
    """All limiters of one venue."""

    limiters: dict[str, Limiter] = field(default_factory=dict)

    async def take(self, endpoint: Endpoint, account: str) -> None:
        """Wait for room for one call; `RateLimited` while banned or when the wait would be too long.

        `Deferred` where the call can wait and half of a long window is spent; a short one is simply waited for.
        """
        limiter = self._limiter(endpoint, account)
        if optional.get() and endpoint.meter.window >= LONG_WINDOW and limiter.room() < endpoint.weight:
            raise Deferred(f"{limiter.scope}: the request budget is left for positions")
        await limiter.acquire(endpoint.weight)

    def stop(self, endpoint: Endpoint, account: str, seconds: float | None, *, whole_venue: bool) -> None:
        """The venue said stop: nobody of that scope asks again before the time is over."""
        named = self._limiter(endpoint, account)
        for limiter in self.limiters.values() if whole_venue else (named,):
            limiter.ban(BAN if seconds is None else seconds)

    def _limiter(self, endpoint: Endpoint, account: str) -> Limiter:
        meter = endpoint.meter
        scope = f"{meter.name}/{account}" if meter.per_account else meter.name
        if scope not in self.limiters:
            self.limiters[scope] = Limiter(scope, meter.limit, window=meter.window)
        return self.limiters[scope]


def shared_meters(shared: dict[str, Any], venue: str) -> Meters:
    """The meters of a venue, one for all sources of a run."""
    found = shared.setdefault(f"ccxt.meters.{venue}", Meters())
    if not isinstance(found, Meters):
        raise TypeError(f"ccxt.meters.{venue} is taken")
    return found
