"""When to ask for own fills: at once when a position shrank, else once in a while."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from adlwatch.domain.model import Fill, Position
from adlwatch.domain.reading import Reading

BACK = timedelta(days=7)
"""How long ago a fill may have happened that an earlier run did not see: what happened before is the user's own to know."""
TRIES = 3
"""Polls that ask for the fills behind a shrink, for they may be listed a moment later than the state shows it."""


class FillPace:
    """Watches the sizes of one source's positions from reading to reading."""

    def __init__(self, before: Reading | None = None) -> None:
        """`before`: what an earlier run had read last."""
        self._sizes = {position.key: position.size for position in before.positions} if before is not None else {}
        self._tries: dict[str, int] = {}
        self._asked_at: datetime | None = None

    def look(self, positions: Iterable[Position], now: datetime) -> None:
        """Take note of what there is at this reading; the first one counts as asked."""
        sizes = {position.key: position.size for position in positions}
        self._tries |= {key: TRIES for key, size in self._sizes.items() if sizes.get(key, 0.0) < size}
        self._sizes = sizes
        self._asked_at = self._asked_at or now

    @property
    def shrunk(self) -> tuple[str, ...]:
        """Keys of the positions that became smaller or vanished, and whose fills have not been seen yet."""
        return tuple(self._tries)

    def due(self, now: datetime, every: timedelta) -> bool:
        """Whether fills should be asked for."""
        return bool(self._tries) or self._asked_at is None or not timedelta(0) <= now - self._asked_at < every

    def asked(self, now: datetime, fills: Iterable[Fill]) -> None:
        """Fills were asked for; those that closed something explain its shrink."""
        self._asked_at = now
        seen = {f"{fill.account}:{fill.symbol}:{fill.side}" for fill in fills if fill.closes}
        self._tries = {key: left - 1 for key, left in self._tries.items() if left > 1 and key not in seen}


def since(before: Reading | None, now: datetime) -> datetime | None:
    """From when on fills are to be told where an earlier run has ended; None where there was none."""
    return None if before is None else max(before.as_of, now - BACK)
