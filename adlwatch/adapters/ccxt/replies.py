"""Public replies shared by all accounts of a venue, so that ten accounts do not ask ten times for the same prices."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from adlwatch.adapters.ccxt.venue import Endpoint, Reply

FRESH = timedelta(seconds=10)
MOST = 500
Key = tuple[Endpoint, Any, tuple[tuple[str, str], ...]]


@dataclass(slots=True)
class Replies:
    """The latest reply to each public question; it keeps the time at which it was asked for."""

    kept: dict[Key, Reply[Any]] = field(default_factory=dict)

    def find(self, key: Key, now: datetime) -> Reply[Any] | None:
        """A reply that another account got within the last ten seconds."""
        found = self.kept.get(key)
        return found if found is not None and now - found.at < FRESH else None

    def keep(self, key: Key, reply: Reply[Any]) -> None:
        """Remember a reply, and forget old ones when there are many."""
        if len(self.kept) >= MOST:
            self.kept = {k: r for k, r in self.kept.items() if reply.at - r.at < FRESH}
        self.kept[key] = reply


def public(endpoint: Endpoint) -> bool:
    """Whether its answer is the same for everybody."""
    return any("ublic" in word for word in endpoint.group)


def key_of(endpoint: Endpoint, kind: Any, params: dict[str, Any]) -> Key | None:
    """What makes two questions the same; None for a private one, whose answer belongs to one account."""
    if not public(endpoint):
        return None
    return endpoint, kind, tuple(sorted((name, str(value)) for name, value in params.items()))


def shared_replies(shared: dict[str, Any], venue: str) -> Replies:
    """The replies of a venue, one store for all sources of a run."""
    found = shared.setdefault(f"ccxt.replies.{venue}", Replies())
    if not isinstance(found, Replies):
        raise TypeError(f"ccxt.replies.{venue} is taken")
    return found
