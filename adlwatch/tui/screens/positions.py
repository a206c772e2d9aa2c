"""Every position and balance in one table, whatever it belongs to."""

from adlwatch.tui.actions import bindings
from adlwatch.tui.columns import POSITIONS
from adlwatch.tui.paint import Painter
from adlwatch.tui.screens.filterable import Filterable
from adlwatch.tui.viewmodel import position_rows


class PositionsScreen(Filterable):
    """One line a position."""

    SCOPES = ("panel", "list", "book", "positions")
    BINDINGS = bindings(*SCOPES)
    NAME = "positions"
    COLUMNS = POSITIONS

    def __init__(self, painter: Painter) -> None:
        super().__init__(painter, position_rows)
