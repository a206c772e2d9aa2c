"""Columns of the tables and which of them fit: by priority, the first one always there."""

from collections.abc import Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Column:
    """`id` is the method of a row that gives the cell; `least` and `width` in terminal cells; priority 0 stays longest."""

    id: str
    title: str
    least: int
    width: int
    priority: int
    right: bool = True
    flash: bool = True


GAP = 1

BOARD: tuple[Column, ...] = (
    Column("name", "HEDGE / LEG", 18, 24, 0, right=False, flash=False),
    Column("side", "SIDE", 9, 15, 5, right=False, flash=False),
    Column("size", "SIZE", 8, 11, 10),
    Column("notional", "NOTIONAL", 8, 9, 7),
    Column("mark", "MARK", 9, 10, 8),
    Column("pnl", "PnL", 8, 10, 6),
    Column("score", "SCORE", 7, 7, 9),
    Column("lights", "LIGHTS", 10, 25, 1, right=False),
    Column("next_light", "NEXT LIGHT", 14, 15, 4),
    Column("liquidation", "LIQ  ", 6, 6, 3),
    Column("if_closed", "IF CLOSED", 13, 13, 1),
    Column("age", "AGE", 4, 5, 2, flash=False),
)

POSITIONS = (replace(BOARD[0], title="POSITION", least=24, width=34), *BOARD[1:])


def fit(columns: Sequence[Column], cells: int, skip: int = 0) -> tuple[Column, ...]:
    """The columns to draw in `cells`, each with its final width; the first is frozen.

    By default the lowest priorities fall away. With `skip` (the user looks to the right) they stand in their order from the
    `skip`th on, as many as fit. What space is left widens them in order of priority.
    """
    frozen, rest = columns[0], list(columns[max(1, skip) :])
    while rest and _total([frozen, *rest]) > cells:
        rest.remove(rest[-1] if skip else max(rest, key=lambda c: c.priority))
    chosen = [replace(c, width=c.least) for c in (frozen, *rest)]
    spare = max(0, cells - _total([frozen, *rest]))
    for index in sorted(range(len(chosen)), key=lambda i: chosen[i].priority):
        wanted = (frozen, *rest)[index].width - chosen[index].width
        chosen[index] = replace(chosen[index], width=chosen[index].width + min(wanted, spare))
        spare -= min(wanted, spare)
    return tuple(chosen)


def _total(columns: Sequence[Column]) -> int:
    return sum(c.least for c in columns) + GAP * (len(columns) - 1)
