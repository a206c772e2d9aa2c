"""The drill-down's plots: mark, score and light over the last minutes, on one time line. Pure."""

from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from math import isfinite

from adlwatch.tui import format as fmt
from adlwatch.tui.layout import heading
from adlwatch.tui.past import Past
from adlwatch.tui.plot import bars, squeezed, steps
from adlwatch.tui.spans import Role, Spans, text

SCALE = 11
HEIGHT = 3
LEAST_SAMPLES = 2

Series = tuple[list[float], list[float], list[float]]


def longer(what: Past, cells: int, zone: tzinfo | None = None) -> list[Spans]:
    """The same out of the kept history."""
    span = f"{fmt.day_clock(what.start, zone)} → {fmt.day_clock(what.end, zone)}"
    return _plots(f"HISTORY: {what.title}", what.series, span, cells)


def history(times: Sequence[datetime], series: Series, cells: int, zone: tzinfo | None = None) -> list[Spans]:
    """Three plots below each other; what was not known leaves a hole."""
    if len(times) < LEAST_SAMPLES:
        return [heading("HISTORY", cells), text("  no history yet", Role.DIM)]
    return _plots("HISTORY", series, f"{fmt.clock(times[0], zone)} → {fmt.clock(times[-1], zone)}", cells)


def _plots(title: str, series: Series, span: str, cells: int) -> list[Spans]:
    lines = [heading(title, cells)]
    room = max(8, cells - SCALE - 4)
    marks, scores, levels = (squeezed(values, room) for values in series)
    lines += _plot("mark", marks, fmt.price)
    lines += _plot("score", scores, fmt.score)
    lines.append(((f"  {'light':<{SCALE}}", Role.DIM), *steps(levels)))
    return [*lines, ((" " * (SCALE + 2), Role.TEXT), (span, Role.DIM))]


def _plot(name: str, values: Sequence[float], shown: Callable[[float], str]) -> list[Spans]:
    known = [value for value in values if isfinite(value)]
    drawn = bars(values, HEIGHT)
    labels = [f"{name}", "", ""] if not known else [shown(max(known)), name, shown(min(known))]
    return [((f"  {label:<{SCALE}}", Role.DIM), *line) for label, line in zip(labels, drawn, strict=False)]
