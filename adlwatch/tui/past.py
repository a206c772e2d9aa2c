"""A position's past out of the history, on an even time line: where nobody watched, a gap. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import nan
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adlwatch.domain.samples import Sample

CELLS = 240
SPANS: tuple[tuple[str, timedelta | None], ...] = (
    ("10 minutes", None),
    ("a day", timedelta(days=1)),
    ("a week", timedelta(days=7)),
)
"""What can be looked at; None: what this terminal has seen itself, in full detail."""
HOLDS = ((timedelta(days=2), timedelta(seconds=150)), (timedelta(days=14), timedelta(minutes=25)))
"""Up to this age, for how long a sample stands: two and a half times the pace at which samples of that age are kept."""
LONGEST_HOLD = timedelta(hours=2, minutes=30)


@dataclass(frozen=True, slots=True)
class Past:
    """Marks, scores and light levels in `CELLS` even steps, NaN where unknown."""

    title: str
    start: datetime
    end: datetime
    series: tuple[list[float], list[float], list[float]]


def past(samples: "Sequence[Sample]", title: str, start: datetime, end: datetime) -> Past:
    """Samples (oldest first) laid out between two times."""
    step = (end - start) / CELLS
    found: list[tuple[float, float, float]] = []
    following = 0
    for cell in range(CELLS):
        until = start + step * (cell + 1)
        while following < len(samples) and samples[following].at <= until:
            following += 1
        last = samples[following - 1] if following else None
        stands = last is not None and until - last.at <= max(step, _hold(end - last.at))
        found.append(_values(last) if last is not None and stands else (nan, nan, nan))
    marks, scores, levels = (list(column) for column in zip(*found, strict=True))
    return Past(title, start, end, (marks, scores, levels))


def _hold(age: timedelta) -> timedelta:
    return next((hold for up_to, hold in HOLDS if age <= up_to), LONGEST_HOLD)


def _values(sample: "Sample") -> tuple[float, float, float]:
    mark, score, level = (nan if value is None else float(value) for value in (sample.mark, sample.score, sample.level))
    return mark, score, level
