"""The order of rows: worst first, or by any text or number; unknown always last. Pure."""

from collections.abc import Sequence
from math import frexp, isfinite
from typing import TypeVar

from adlwatch.domain.snapshot import HedgeView, HoldingView, PositionView
from adlwatch.tui.fields import LARGEST_FIRST, NUMBERS, TEXTS, Item
from adlwatch.tui.lights import SEVERITY_ORDER

WORST = "worst"
HEDGE_SORTS = (WORST, "name", "light", "naked", "notional", "pnl", "next", "liq", "age")
POSITION_SORTS = (WORST, "account", "symbol", "venue", "light", "score", "notional", "pnl", "next", "liq", "age")

ItemT = TypeVar("ItemT", HedgeView, PositionView | HoldingView)


def ordered(items: Sequence[ItemT], sort: str = WORST, *, reverse: bool = False) -> list[ItemT]:
    """Sorted; ties keep the worst first."""
    worst = sorted(items, key=_worst, reverse=reverse and sort == WORST)
    if sort == WORST:
        return worst
    keyed = [(_value(item, sort), item) for item in worst]
    known = [pair for pair in keyed if pair[0] is not None]
    down = (sort in LARGEST_FIRST) is not reverse
    known.sort(key=lambda pair: pair[0], reverse=down)  # type: ignore[arg-type, return-value]  # None is filtered out above
    return [item for _, item in known] + [item for value, item in keyed if value is None]


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


def _value(item: Item, sort: str) -> float | str | None:
    text = TEXTS[type(item)].get(sort)
    if text is not None:
        return text(item).casefold()
    number = NUMBERS[type(item)].get(sort)
    return number(item) if number is not None else None
