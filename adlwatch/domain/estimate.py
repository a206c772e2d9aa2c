"""The estimated light of every position, each queue asked once for all positions that stand in it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace

from adlwatch.domain.gather import PositionRow
from adlwatch.domain.light import UNKNOWN, Light, LightState
from adlwatch.domain.model import LevelBounds, Market, Side
from adlwatch.domain.position_score import Score
from adlwatch.domain.queue import Queue, QueueKey
from adlwatch.domain.queue_exact import from_thresholds

BOUNDS_LAST = 120.0
"""Seconds that published bounds are worth holding a score against."""


def estimates(
    rows: Sequence[PositionRow], scores: Sequence[Score | None], queues: Mapping[QueueKey, Queue], now: datetime
) -> list[Light]:
    """One light a row: by the venue's published bounds where there are any, else by its queue; unknown without either."""
    members: dict[QueueKey, list[int]] = defaultdict(list)
    lights = [UNKNOWN] * len(rows)
    for i, row in enumerate(rows):
        if row.market is not None and row.market.level_bounds is not None:
            lights[i] = _by_bounds(row.market, row.market.level_bounds, row.position.side, scores[i], now)
        elif queues and (key := QueueKey(row.position.venue, row.position.symbol, row.position.side)) in queues:
            members[key].append(i)
    for key, indices in members.items():
        own = [score.value if (score := scores[i]) is not None else None for i in indices]
        found = queues[key].lights(own, [rows[i].mark for i in indices], now)
        for i, light in zip(indices, found, strict=True):
            lights[i] = light
    return lights


def _by_bounds(market: Market, bounds: LevelBounds, side: Side, score: Score | None, now: datetime) -> Light:
    """The light by bounds that the venue published; stale where they are older than a market moves in."""
    listed = bounds.long if side is Side.LONG else bounds.short
    age = None if market.as_of is None else max(0.0, (now - market.as_of).total_seconds())
    light = from_thresholds(
        score.value if score is not None else None,
        [bound for _, bound in listed],
        levels=[level for level, _ in listed],
        of=bounds.levels,
        age_seconds=age,
    )
    if light.state is LightState.LIT and (age is None or age > BOUNDS_LAST):
        return replace(light, state=LightState.STALE, note=f"{light.note}, which are {_aged(age)}")
    return light


def _aged(age: float | None) -> str:
    return "of an unknown time" if age is None else f"{age:.0f} s old"
