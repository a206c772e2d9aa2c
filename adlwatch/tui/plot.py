"""Small plots out of text: a line of eighths for a series, true gaps, its least and greatest value beside it. Pure."""

from collections.abc import Sequence
from math import inf, isfinite, isnan, nan

from adlwatch.tui.lights import level_role
from adlwatch.tui.spans import Role, Span, Spans

EIGHTHS = "▁▂▃▄▅▆▇█"


def squeezed(values: Sequence[float], cells: int) -> list[float]:
    """The latest of every equal share of the values, at most one a cell; a share without a known value is a gap."""
    if len(values) <= cells:
        return list(values)
    step = len(values) / cells
    shares = (values[int(i * step) : int((i + 1) * step)] for i in range(cells))
    return [next((value for value in reversed(share) if not isnan(value)), nan) for share in shares]


def bars(values: Sequence[float], height: int, role: Role = Role.ACCENT) -> list[Spans]:
    """A plot of columns, `height` lines high, highest line first; scaled between the least and the greatest known value."""
    known = [value for value in values if isfinite(value)]
    if not known:
        return [(("no history yet", Role.DIM),)]
    low, high = min(known), max(known)
    filled = [_filled(value, low, high, 8 * height) for value in values]
    return [tuple(_cell(eighths, line, role) for eighths in filled) for line in range(height - 1, -1, -1)]


def _filled(value: float, low: float, high: float, whole: int) -> int | None:
    """Eighths of a line that a column fills, at least one; None for a gap."""
    if isnan(value):
        return None
    share = 1.0 if value == inf else 0.5 if high == low else max(0.0, min(1.0, (value - low) / (high - low)))
    return 1 + round(share * (whole - 1))


def _cell(filled: int | None, line: int, role: Role) -> Span:
    here = 0 if filled is None else min(8, filled - 8 * line)
    return (EIGHTHS[here - 1], role) if here > 0 else (" ", Role.DIM)


def steps(levels: Sequence[float]) -> Spans:
    """Light levels over time as digits in their own colours; unknown is a gap."""
    return tuple((" ", Role.DIM) if isnan(level) else (str(int(level)), level_role(int(level))) for level in levels)
