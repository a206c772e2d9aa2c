"""One limiter per scope a venue meters, shared by all accounts in that scope; an address ban stops the whole venue."""

from dataclasses import dataclass, field
from typing import Any

from adlwatch.adapters.ccxt.venue import Endpoint
from adlwatch.adapters.limiter import Limiter

BAN = 60.0
"""Seconds to stay away after a ban that does not say for how long."""


@dataclass(slots=True)
class Meters:
    """All limiters of one venue."""

    limiters: dict[str, Limiter] = field(default_factory=dict)

    async def take(self, endpoint: Endpoint, account: str) -> None:
        """Wait for room for one call; `RateLimited` while banned or when the wait would be too long."""
        await self._limiter(endpoint, account).acquire(endpoint.weight)

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
