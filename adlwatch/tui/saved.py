"""Saved views: what of a screen is kept under a name, and whether what was kept can still be shown. Pure."""

from collections.abc import Iterable
from types import MappingProxyType

from adlwatch.config.shape import ViewTable
from adlwatch.strict import nearest
from adlwatch.tui.columns import BOARD, MORE, NAME
from adlwatch.tui.fields import NUMBER_NAMES, TEXT_NAMES
from adlwatch.tui.filter import FilterError, parse
from adlwatch.tui.ordering import WORST
from adlwatch.tui.viewmodel import Choice

FIRST = "default"
"""The view of this name is shown at the start."""
COLUMN_IDS = tuple(column.id for column in (*BOARD, *MORE) if column.id != NAME)
SORT_NAMES = (WORST, *TEXT_NAMES, *NUMBER_NAMES)


def choice_of(name: str, view: ViewTable) -> Choice:
    """What to show."""
    folds = {**dict.fromkeys(view.unfolded, True), **dict.fromkeys(view.folded, False)}
    return Choice(view.sort, view.reverse, view.filter, view.at_risk, MappingProxyType(folds), view.columns, name)


def view_of(screen: str, choice: Choice) -> ViewTable:
    """What to keep of a screen."""
    return ViewTable(
        screen="positions" if screen == "positions" else "board",
        filter=choice.filter,
        sort=choice.sort,
        reverse=choice.reverse,
        at_risk=choice.at_risk,
        columns=choice.columns,
        unfolded=tuple(name for name, open_ in choice.folds.items() if open_),
        folded=tuple(name for name, open_ in choice.folds.items() if not open_),
    )


def problem(view: ViewTable) -> str:
    """Why a view can't be shown, beginning with the key; empty where it can."""
    if view.sort not in SORT_NAMES:
        return f'sort: nothing is sorted by "{view.sort}"{nearest(view.sort, SORT_NAMES)}'
    if found := column_problem(view.columns):
        return f"columns: {found}"
    try:
        parse(view.filter)
    except FilterError as error:
        return f"filter: {error}"
    return ""


def column_problem(ids: Iterable[str]) -> str:
    """Which of these is no column, or stands there twice; empty where all are."""
    seen: set[str] = set()
    for id_ in ids:
        if id_ not in COLUMN_IDS:
            return f'there is no column "{id_}"{nearest(id_, COLUMN_IDS)}'
        if id_ in seen:
            return f'"{id_}" stands there twice'
        seen.add(id_)
    return ""


def in_words(view: ViewTable) -> str:
    """What it shows, on one line."""
    parts: list[str] = [view.screen]
    parts += [f"/{view.filter}"] if view.filter else []
    parts += ["at risk only"] if view.at_risk else []
    parts += [f"sort {view.sort}{' reversed' if view.reverse else ''}"] if view.sort != WORST or view.reverse else []
    parts += [f"columns {' '.join(view.columns)}"] if view.columns else []
    return "  ".join(parts)
