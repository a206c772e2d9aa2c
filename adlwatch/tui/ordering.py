"""The order of rows: worst first, or by any text or number; unknown always last. Pure."""

from collections.abc import Callable, Sequence
from math import frexp, isfinite
from typing import TypeVar

from adlwatch.domain.snapshot import HedgeView, HoldingView, PositionView
from adlwatch.tui.fields import LARGEST_FIRST, NUMBERS, TEXTS, Item, Known
from adlwatch.tui.lights import SEVERITY_ORDER

WORST = "worst"

ItemT = TypeVar("ItemT", HedgeView, PositionView | HoldingView)
Beside = Callable[[Item], Sequence[Known]]
"""What else of an item to look at, where it lacks the field itself: a hedge's worst leg, what is left without a position."""


def nothing(_: Item) -> Sequence[Known]:
    """No more than the item itself."""
    return ()


def ordered(items: Sequence[ItemT], sort: str = WORST, *, reverse: bool = False, beside: Beside = nothing) -> list[ItemT]:
    """Sorted; ties keep the worst first."""
    worst = sorted(items, key=_worst, reverse=reverse and sort == WORST)
    if sort == WORST:
        return worst
    keyed = [(_value(item, beside, sort), item) for item in worst]
    known = [pair for pair in keyed if pair[0] is not None]
    known.sort(key=lambda pair: pair[0], reverse=downward(sort, reverse=reverse))  # type: ignore[arg-type, return-value]  # None is filtered out above
    return [item for _, item in known] + [item for value, item in keyed if value is None]


def downward(sort: str, *, reverse: bool) -> bool:
    """Whether large values come first."""
    return (sort in LARGEST_FIRST) is not reverse


def _worst(item: Item) -> tuple[int, int, int, str]:
    if isinstance(item, HoldingView):
        return len(SEVERITY_ORDER), 0, -_magnitude(item.value_usd), item.key
    level = item.light.level if item.light is not None and item.light.level is not None else 0
    if isinstance(item, HedgeView):
        return SEVERITY_ORDER[item.severity], -level, -_magnitude(item.naked_usd), item.name
    return SEVERITY_ORDER[item.severity], -level, -_magnitude(item.notional), item.key


def _magnitude(value: float | None) -> int:
    """Size in steps of a factor of two: lines must not change places with every tick of the mark."""
    return frexp(value)[1] if value and isfinite(value) else 0


def _value(item: Item, beside: Beside, sort: str) -> float | str | None:
    for each in (item, *beside(item)):
        number, text = NUMBERS[type(each)].get(sort), TEXTS[type(each)].get(sort)
        if number is not None and (value := number(each)) is not None:
            return value
        if number is None and text is not None and (words := text(each).casefold()):
            return words
    return None
