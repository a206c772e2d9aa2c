"""The numbered screens by name."""

from adlwatch.tui.paint import Painter
from adlwatch.tui.screens.sources import SourcesScreen
from adlwatch.tui.screens.view import View

PANELS: dict[str, type[SourcesScreen]] = {"sources": SourcesScreen}


def create(name: str, painter: Painter) -> View:
    """A new screen of that name; KeyError for a name that is not in the table of actions."""
    return PANELS[name](painter)
