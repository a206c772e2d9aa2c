"""What pools and markets were before, as far as stress needs it: thinned, bounded, in memory."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from adlwatch.domain.reading import Reading
from adlwatch.domain.stress import DRAIN_WINDOW, FUNDING_WINDOW, PEAK_WINDOW, Histories

Key = tuple[str, str]
Points = tuple[tuple[datetime, float], ...]

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


class Past:
    """Remembers insurance balances and open interest by the minute and funding by the hour, no longer than they are asked for."""

    def __init__(self) -> None:
        self._balances = _Series(MINUTE, PEAK_WINDOW)
        self._interest = _Series(MINUTE, 2 * DRAIN_WINDOW)
        self._funding = _Series(HOUR, FUNDING_WINDOW)

    def hear(self, reading: Reading) -> None:
        """Note what a reading says; values that it carries over from an earlier one are not noted twice."""
        for pool in reading.pools:
            self._balances.note((pool.venue, pool.name), pool.as_of or reading.as_of, pool.balance)
        for market in reading.markets:
            key, time = (market.venue, market.symbol), market.as_of or reading.as_of
            self._interest.note(key, time, market.open_interest)
            self._funding.note(key, time, market.funding_rate)

    @property
    def histories(self) -> Histories:
        """All of it, frozen; cheap, because nothing is copied."""
        return Histories(balances=self._balances.kept, funding=self._funding.kept, open_interest=self._interest.kept)


class _Series:
    """Points by key, `apart` from each other at least and no older than `window`. Replaced, never changed."""

    def __init__(self, apart: timedelta, window: timedelta) -> None:
        self._apart = apart
        self._window = window
        self.kept: Mapping[Key, Points] = {}

    def note(self, key: Key, time: datetime, value: float | None) -> None:
        points = self.kept.get(key, ())
        if value is None or (points and time - points[-1][0] < self._apart):
            return
        recent = tuple(point for point in points if time - point[0] <= self._window)
        self.kept = {**self.kept, key: (*recent, (time, value))}
