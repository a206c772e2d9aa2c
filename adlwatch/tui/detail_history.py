"""The drill-down's plot: score, mark and light over the last minutes or days, on one time line. Pure."""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from adlwatch.tui import format as fmt
from adlwatch.tui.layout import heading
from adlwatch.tui.past import Past
from adlwatch.tui.plot import Curve, plotted, room, shares, steps
from adlwatch.tui.spans import Role, Spans, text

LEAST_SAMPLES = 2
LEAST_CELLS = 40
"""Narrower than this nothing could be told from a plot."""

Series = tuple[list[float], list[float], list[float]]


def longer(what: Past, cells: int, zone: tzinfo | None = None) -> list[Spans]:
    """The same out of the kept history."""
    times = fmt.day_clock(what.start, zone), fmt.day_clock(what.end, zone)
    return _plot(f"HISTORY: {what.title}", what.series, times, cells)


def history(times: Sequence[datetime], series: Series, cells: int, zone: tzinfo | None = None) -> list[Spans]:
    """What this terminal has seen itself."""
    if len(times) < LEAST_SAMPLES:
        return [heading("HISTORY", cells), text("  no history yet", Role.DIM)]
    return _plot("HISTORY", series, (fmt.clock(times[0], zone), fmt.clock(times[-1], zone)), cells)


def _plot(title: str, series: Series, times: tuple[str, str], cells: int) -> list[Spans]:
    """The names of the axes, the drawing, and the lights below it, cell by cell of the same time."""
    marks, scores, levels = series
    score, mark = Curve(scores, fmt.score, "left", "•"), Curve(marks, fmt.price, "right", "braille")
    if score.blank and mark.blank:
        return [heading(title, cells), text("  no history yet", Role.DIM)]
    wide = max(LEAST_CELLS, cells - 1)
    left, width = score.margin, room(score, mark, wide)
    names = (("score ".rjust(left), Role.DIM), ("•", Role.ACCENT), (" " * width, Role.DIM), ("⠒", Role.TEXT), (" mark", Role.DIM))
    lights = (("light ".rjust(left + 1), Role.DIM), *steps(shares(levels, width)))
    return [heading(title, cells), names, *plotted(score, mark, times, wide), lights]
