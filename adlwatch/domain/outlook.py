"""What lies ahead of each position: the marks at which its light would go up, everybody repriced on the way, and its give-back.

One look takes tens of milliseconds, so it is taken beside the path from tick to screen, a few positions at a time, and kept;
the distance to a kept mark is measured from the mark of the moment (`current`). How places lean on the mark is found for a couple
of hundred at a time.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from math import exp, log1p
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
from adlwatch.domain.scenario import Ranking, alone, ranking_of, score_at
from adlwatch.domain.settings import Settings
from adlwatch.domain.snapshot import NextLight

NUDGE = (-0.003, 0.003)
"""Moves of the mark by which it is found how a place leans: what a violent minute does."""
JUST_NOW = 1 / 12
"""Hours whose drift is expected to last another minute: on the tuning crowds five minutes tell more of it than sixty."""


LEANS = 200
"""Positions whose lean is found in one look, the longest unseen first, queue by queue: a queue takes a millisecond."""
LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Outlook(NamedTuple):
    """The next lights of one position, lowest level first, as seen at a moment."""

    seen_at: datetime
    marks: tuple[NextLight, ...]
    give_back: GiveBack | None = None
    """What being closed would lose against the mark; None where it is not known."""
    drift: float | None = None
    """Log move of the mark an hour, over the last; None without candles."""
    course: Course = UNKNOWN_COURSE
    leant_at: datetime = LONG_AGO
    """When the lean of `course` was found."""


UNSEEN = Outlook(LONG_AGO, ())


def look_ahead(
    known: Mapping[str, Outlook],
    queues: Mapping[QueueKey, Queue],
    sources: Sequence[SourceState],
    settings: Settings,
    now: datetime,
    *,
    count: int,
) -> dict[str, Outlook]:
    """The outlooks by position key, `count` of them and the courses of `LEANS` seen afresh: the longest unseen first."""
    book = expose(gather(sources, now), settings)
    ranking = ranking_of(book.rows, settings, queues, now)
    kept = {row.key: known[row.key] for row in book.rows if row.key in known}
    found = {i: queues[key] for i, key in enumerate(ranking.queues) if key is not None and key in queues and book.rows[i].mark}
    before = [kept.get(row.key, UNSEEN) for row in book.rows]
    for i in sorted(found, key=lambda i: before[i].seen_at)[:count]:
        row = book.rows[i]
        marks, back = next_marks(found[i], score_at(book, ranking, i), row.mark or 0.0, now), give_back_of(row, settings)
        kept[row.key] = before[i]._replace(seen_at=now, marks=marks, give_back=back, drift=_drift(row, now, 1.0))
    taught = {i: exp(queue.evidence[-1].log_mark) for i, queue in found.items() if queue.evidence}
    turn = sorted(taught, key=lambda i: (before[i].leant_at, ranking.queues[i] or ()))
    leans = _leans(book, ranking, turn[:LEANS])
    for i, light_mark in taught.items():
        row = book.rows[i]
        lean, at = (leans[i], now) if i in leans else (before[i].course.lean, before[i].leant_at)
        heading = Course(lean, (_drift(row, now, JUST_NOW) or 0.0) / 60.0, light_mark)
        kept[row.key] = kept.get(row.key, UNSEEN)._replace(course=heading, leant_at=at)
    return kept


def _drift(row: PositionRow, now: datetime, hours: float) -> float | None:
    return None if row.market is None else drift(row.market.candles, row.mark, now, hours)


def _leans(book: Exposure, ranking: Ranking, which: Sequence[int]) -> dict[int, float]:
    """By how many logits a place moves with the logarithm of its mark, everybody repriced; 0 where it is not known."""
    factors = 1.0 + np.broadcast_to(np.array(NUDGE), (len(which), len(NUDGE)))
    behind, ahead = logit(alone(book, ranking, np.array(which, dtype=np.int64), factors).quantile).T
    leans = np.nan_to_num((ahead - behind) / (log1p(NUDGE[1]) - log1p(NUDGE[0])), posinf=0.0, neginf=0.0)
    return dict(zip(which, leans.tolist(), strict=True))


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
