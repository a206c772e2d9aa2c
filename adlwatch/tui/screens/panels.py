"""The numbered screens by name."""

from collections.abc import Callable

from adlwatch.tui.paint import Painter
from adlwatch.tui.screens.alerts import AlertsScreen
from adlwatch.tui.screens.positions import PositionsScreen
from adlwatch.tui.screens.sources import SourcesScreen
from adlwatch.tui.screens.venues import VenuesScreen
from adlwatch.tui.screens.view import View

PANELS: dict[str, Callable[[Painter], View]] = {
    "positions": PositionsScreen,
    "venues": VenuesScreen,
    "alerts": AlertsScreen,
    "sources": SourcesScreen,
}
