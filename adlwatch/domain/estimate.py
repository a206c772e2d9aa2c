"""The estimated light of every position, each queue asked once for all positions that stand in it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from adlwatch.domain.gather import PositionRow
from adlwatch.domain.light import UNKNOWN, Light
from adlwatch.domain.position_score import Score
from adlwatch.domain.queue import Queue, QueueKey


def estimates(
    rows: Sequence[PositionRow], scores: Sequence[Score | None], queues: Mapping[QueueKey, Queue], now: datetime
) -> list[Light]:
    """One light a row; unknown where there is no queue for it."""
    members: dict[QueueKey, list[int]] = defaultdict(list)
    for i, row in enumerate(rows):
        key = QueueKey(row.position.venue, row.position.symbol, row.position.side)
        if key in queues:
            members[key].append(i)
    lights = [UNKNOWN] * len(rows)
    for key, indices in members.items():
        own = [score.value if (score := scores[i]) is not None else None for i in indices]
        found = queues[key].lights(own, [rows[i].mark for i in indices], now)
        for i, light in zip(indices, found, strict=True):
            lights[i] = light
    return lights
