"""The history plot: score and mark on one time line, each with an axis of its own, drawn by plotext; light levels as digits.

What was not known is not drawn: every stretch of known values is a line of its own. The drawing comes back as text, so that it
scrolls, is copied and translated to ASCII with the page it stands on; which line is which is told by its shape, not by colour.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import inf, isfinite, isinf, isnan, nan

from textual_plotext import Plot

from adlwatch.tui.lights import level_role
from adlwatch.tui.spans import Role, Spans

HEIGHT = 8
"""Lines of the drawing itself; the axis and its times take two more."""
SIDE = 9
"""Cells for the values of an axis."""
DOTS = 2
"""Points that fit beside each other in a cell."""
_ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
_PIECE = re.compile(r"(?P<mark>[\u2801-\u28ff]+)|(?P<score>•+)|[^\u2801-\u28ff•]+")


@dataclass(frozen=True, slots=True)
class Curve:
    """One series, oldest first, NaN where unknown; `shown` writes a value at its axis."""

    values: Sequence[float]
    shown: Callable[[float], str]
    side: str
    marker: str

    @property
    def known(self) -> list[float]:
        """The finite values."""
        return [value for value in self.values if isfinite(value)]

    @property
    def blank(self) -> bool:
        """Whether nothing of it can be drawn."""
        return all(isnan(value) for value in self.values)

    @property
    def margin(self) -> int:
        """Cells beside the axis."""
        return max(len(word) for word in self.ticks()[1])

    def heights(self) -> list[float]:
        """The values between 0, the least, and 1, the greatest; those without end lie at the edge."""
        low, high = min(self.known, default=0.0) / 2, max(self.known, default=0.0) / 2  # halves, because a span could overflow
        return [_share(value, low, high - low) for value in self.values]

    def ticks(self) -> tuple[list[float], list[str]]:
        """Heights of least, middle and greatest value, and how these are written: nothing where nothing is known."""
        low, high = min(self.known, default=0.0), max(self.known, default=0.0)
        marks = {0.0: low, 0.5: low / 2 + high / 2, 1.0: high} if high / 2 > low / 2 else {0.5: low}
        words = [self.shown(value) if self.known else "" for value in marks.values()]
        if -inf in self.values:
            words[0] = self.shown(-inf)
        if inf in self.values:
            words[-1] = self.shown(inf)
        return list(marks), [f"{word:>{SIDE}}" if self.side == "left" else f"{word:<{SIDE}}" for word in words]


def plotted(score: Curve, mark: Curve, times: Sequence[str], cells: int) -> list[Spans]:
    """The drawing in `cells`, with the times of its first and last sample below it."""
    plot, most = Plot(), DOTS * room(score, mark, cells)
    bare = sum(curve.margin for curve in (score, mark) if curve.blank)  # plotext gives no room to an axis without a curve
    plot._set_size(cells - bare, HEIGHT + 2)  # noqa: SLF001  # as its own widget does: `plotsize` is cut to the size of standard output
    plot.clear_color()
    for curve in (mark, score):  # the later one lies on top
        _draw(plot, curve, most)
    last = max(1, min(len(mark.values), most) - 1)
    plot.xlim(0, last)
    plot.xticks([0, last], list(times))
    plot.xaxes(True, False)
    before = " " * score.margin if score.blank else ""
    return [_spans(before + line) for line in _ESCAPE.sub("", plot.build()).splitlines()]


def _draw(plot: Plot, curve: Curve, most: int) -> None:
    for places, heights in stretches(squeezed(curve.heights(), most)):
        plot.plot(places, heights, marker=curve.marker, yside=curve.side)
    plot.ylim(0, 1, yside=curve.side)  # type: ignore[arg-type]  # its stub has a number where plotext takes a name
    plot.yticks(*curve.ticks(), yside=curve.side)  # type: ignore[arg-type]  # as above


def room(score: Curve, mark: Curve, cells: int) -> int:
    """Cells between the two axes of a drawing that takes `cells`."""
    return max(1, cells - score.margin - mark.margin - 2)


def _share(value: float, low: float, span: float) -> float:
    """What stands still lies in the middle."""
    if isinf(value):
        return 1.0 if value > 0 else 0.0
    return (value / 2 - low) / span if span else value * 0 + 0.5


def _spans(line: str) -> Spans:
    roles = {"mark": Role.TEXT, "score": Role.ACCENT}
    return tuple((piece.group(), roles.get(piece.lastgroup or "", Role.DIM)) for piece in _PIECE.finditer(line))


def stretches(values: Sequence[float]) -> Iterator[tuple[list[int], list[float]]]:
    """Places and values of each run of known values."""
    places: list[int] = []
    for place, value in enumerate([*values, nan]):
        if not isnan(value):
            places.append(place)
        elif places:
            yield places, [values[p] for p in places]
            places = []


def squeezed(values: Sequence[float], most: int) -> list[float]:
    """At most so many values: the latest of every equal share; a share without a known one is a gap."""
    return shares(values, most) if len(values) > most else list(values)


def shares(values: Sequence[float], cells: int) -> list[float]:
    """The latest known value in each of `cells` equal shares of the time, NaN where none was known."""
    if not values:
        return [nan] * cells
    step = len(values) / cells
    parts = (values[int(i * step) : max(int(i * step) + 1, int((i + 1) * step))] for i in range(cells))
    return [next((value for value in reversed(part) if not isnan(value)), nan) for part in parts]


def steps(levels: Sequence[float]) -> Spans:
    """Light levels over time as digits in their own colours; unknown is a gap."""
    return tuple((" ", Role.DIM) if isnan(level) else (str(int(level)), level_role(int(level))) for level in levels)
