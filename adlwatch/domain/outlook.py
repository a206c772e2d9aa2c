"""What lies ahead of each position: the marks at which its light would go up, everybody repriced on the way, and its give-back.

One look takes tens of milliseconds, so it is taken beside the path from tick to screen, a few positions at a time, and kept;
the distance to a kept mark is measured from the mark of the moment (`current`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from adlwatch.domain.closing import give_back_of
from adlwatch.domain.exposure import expose
from adlwatch.domain.gather import gather
from adlwatch.domain.give_back import GiveBack
from adlwatch.domain.liquidation import drift
from adlwatch.domain.queue import Queue, QueueKey
from adlwatch.domain.queue_marks import hours_until, next_marks
from adlwatch.domain.reading import SourceState
from adlwatch.domain.scenario import ranking_of, score_at
from adlwatch.domain.settings import Settings
from adlwatch.domain.snapshot import NextLight


class Outlook(NamedTuple):
    """The next lights of one position, lowest level first, as seen at a moment."""

    seen_at: datetime
    marks: tuple[NextLight, ...]
    give_back: GiveBack | None = None
    """What being closed would lose against the mark; None where it is not known."""
    drift: float | None = None
    """Log move of the mark an hour, over the last; None without candles."""


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
        pace = None if row.market is None else drift(row.market.candles, row.mark)
        kept[row.key] = Outlook(now, marks, give_back_of(row, settings), pace)
    return kept


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
