"""What lies ahead of each position: the marks at which its light would go up, everybody repriced on the way, and its give-back.

One look takes tens of milliseconds, so it is taken beside the path from tick to screen, a few positions at a time, and kept;
the distance to a kept mark is measured from the mark of the moment (`current`). Where the coming minute may take each place is
seen for all at once.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import exp, isfinite, log1p
from typing import NamedTuple

import numpy as np

from adlwatch.domain.closing import give_back_of
from adlwatch.domain.course import UNKNOWN_COURSE, Course
from adlwatch.domain.exposure import Exposure, expose
from adlwatch.domain.gather import PositionRow, gather
from adlwatch.domain.give_back import GiveBack
from adlwatch.domain.liquidation import drift
from adlwatch.domain.queue import Queue, QueueKey
from adlwatch.domain.queue_calibration import logit
from adlwatch.domain.queue_marks import hours_until, next_marks
from adlwatch.domain.reading import SourceState
from adlwatch.domain.scenario import Ranking, ladder, ranking_of, score_at
from adlwatch.domain.settings import Settings
from adlwatch.domain.snapshot import NextLight

NUDGE = (-0.003, 0.003)
"""Moves of the mark by which it is found how a place leans: what a violent minute does."""
JUST_NOW = 1 / 12
"""Hours whose drift is expected to last another minute: on the tuning crowds five minutes tell more of it than sixty."""


class Outlook(NamedTuple):
    """The next lights of one position, lowest level first, as seen at a moment."""

    seen_at: datetime
    marks: tuple[NextLight, ...]
    give_back: GiveBack | None = None
    """What being closed would lose against the mark; None where it is not known."""
    drift: float | None = None
    """Log move of the mark an hour, over the last; None without candles."""
    course: Course = UNKNOWN_COURSE


def look_ahead(
    known: Mapping[str, Outlook],
    queues: Mapping[QueueKey, Queue],
    sources: Sequence[SourceState],
    settings: Settings,
    now: datetime,
    *,
    count: int,
) -> dict[str, Outlook]:
    """The outlooks by position key, `count` of them seen afresh: those never seen first, then the longest unseen."""
    book = expose(gather(sources, now), settings)
    ranking = ranking_of(book.rows, settings, queues, now)
    kept = {row.key: known[row.key] for row in book.rows if row.key in known}
    seen = {row.key: known[row.key].seen_at for row in book.rows if row.key in known}
    found = {i: queues[key] for i, key in enumerate(ranking.queues) if key is not None and key in queues and book.rows[i].mark}
    due = sorted(found, key=lambda i: (book.rows[i].key in seen, seen.get(book.rows[i].key, now)))
    for i in due[:count]:
        row = book.rows[i]
        marks = next_marks(found[i], score_at(book, ranking, i), row.mark or 0.0, now)
        kept[row.key] = Outlook(now, marks, give_back_of(row, settings), _drift(row, now, 1.0))
    leans = _leans(book, ranking)
    for i, queue in found.items():
        row = book.rows[i]
        if row.key in kept and queue.evidence and isfinite(leans[i]):
            pace, light_mark = (_drift(row, now, JUST_NOW) or 0.0) / 60.0, exp(queue.evidence[-1].log_mark)
            kept[row.key] = kept[row.key]._replace(course=Course(leans[i], pace, light_mark))
    return kept


def _drift(row: PositionRow, now: datetime, hours: float) -> float | None:
    return None if row.market is None else drift(row.market.candles, row.mark, now, hours)


def _leans(book: Exposure, ranking: Ranking) -> list[float]:
    """By how many logits each place moves with the logarithm of its mark, everybody repriced; NaN where it is not known."""
    behind, ahead = logit(ladder(book, ranking, np.array(NUDGE)).quantile).T
    leans: list[float] = ((ahead - behind) / (log1p(NUDGE[1]) - log1p(NUDGE[0]))).tolist()
    return leans


def current(outlook: Outlook | None, level: int | None, mark: float | None) -> NextLight | None:
    """The next light above `level` with its distance from the present mark; None where none is in reach or nothing is known."""
    if outlook is None or level is None or mark is None:
        return None
    for ahead in outlook.marks:
        if ahead.level > level:
            minutes = _minutes(mark, ahead.mark, outlook.drift)
            return NextLight(level=ahead.level, mark=ahead.mark, move=ahead.mark / mark - 1.0, minutes=minutes)
    return None


def _minutes(mark: float, target: float, pace: float | None) -> float | None:
    hours = None if pace is None else hours_until(mark, target, pace)
    return None if hours is None else 60.0 * hours
