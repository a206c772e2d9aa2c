"""The recent past of every position for the drill-down's plots: mark, score and light at a steady pace, gaps kept as gaps.

Held in flat arrays, twelve bytes a position and sample, so that thousands of positions cost a few megabytes.
"""

from array import array
from datetime import datetime, timedelta
from math import nan

from adlwatch.domain.snapshot import PositionView, Snapshot

PACE = timedelta(seconds=2)
SLOWER = timedelta(milliseconds=2)
"""Added to the pace for every position: a sample of thousands takes milliseconds that a key may be waiting for."""
SAMPLES = 300
"""Ten minutes."""
FIELDS = 3


class History:
    """Samples of all positions on one time line. Grows to `SAMPLES`, then forgets the oldest half at a time."""

    def __init__(self) -> None:
        self.times: list[datetime] = []
        self._series: dict[str, array[float]] = {}

    def record(self, snapshot: Snapshot) -> None:
        """Take a sample, unless the last one is too fresh; positions that are not there get a gap."""
        if self.times and timedelta(0) <= snapshot.as_of - self.times[-1] < PACE + SLOWER * len(snapshot.positions):
            return
        if len(self.times) >= 2 * SAMPLES:
            self._forget()
        for position in snapshot.positions:
            series = self._series.get(position.key)
            if series is None:
                series = self._series[position.key] = array("f")
            series.extend([nan] * (FIELDS * len(self.times) - len(series)))
            series.extend(_sample(position))
        self.times.append(snapshot.as_of)

    def of(self, key: str) -> tuple[list[float], list[float], list[float]]:
        """Marks, scores and light levels of a position, oldest first, NaN where unknown; as many as there are times."""
        series = self._series.get(key, array("f"))
        whole = [*series, *[nan] * (FIELDS * len(self.times) - len(series))]
        return whole[0::FIELDS], whole[1::FIELDS], whole[2::FIELDS]

    def _forget(self) -> None:
        self.times = self.times[-SAMPLES:]
        kept = {key: series[FIELDS * SAMPLES :] for key, series in self._series.items()}
        self._series = {key: series for key, series in kept.items() if len(series)}


def _sample(position: PositionView) -> tuple[float, float, float]:
    values = (position.mark_price, position.score.value, position.light.level)
    mark, score, level = (float(value) if value is not None else nan for value in values)
    return mark, score, level
