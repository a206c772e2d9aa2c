"""What only the terminal can judge of the configuration: themes, keys, columns, views. One clear line for what is wrong."""

from typing import TYPE_CHECKING

import click

from adlwatch.config import Config, ConfigError
from adlwatch.config.views import SavedViews
from adlwatch.strict import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable

FILE = "views.toml"


def saved_views(config: Config) -> SavedViews:
    """Those of the configuration, and those saved in the state directory."""
    from adlwatch.log import state_directory  # noqa: PLC0415  # only with a screen

    return SavedViews(state_directory() / FILE, config.views)


def check_looks(config: Config, views: SavedViews, begin_with: str | None) -> None:
    """Refuse what names nothing there is. Textual may be imported from here on; raises `click.ClickException`."""
    from adlwatch.tui.actions import ACTIONS  # noqa: PLC0415  # needs the environment settled
    from adlwatch.tui.saved import column_problem, problem  # noqa: PLC0415  # as above
    from adlwatch.tui.theme import PALETTES  # noqa: PLC0415  # as above

    if config.display.theme is not None:
        _known(config.display.theme, PALETTES, "theme")
    for name in config.keys:
        _known(name, (action.id for action in ACTIONS), "action", f"{config.path}: [keys]: ")
    for screen in ("board", "positions"):
        if found := column_problem(getattr(config.display.columns, screen)):
            raise click.ClickException(f"{config.path}: [display] columns.{screen}: {found}")
    for name, view in config.views.items():
        if found := problem(view):
            raise click.ClickException(f"{config.path}: [views] {name} {found}")
    if begin_with is not None:
        _begin_with(views, begin_with)


def _begin_with(views: SavedViews, name: str) -> None:
    from adlwatch.tui.saved import problem  # noqa: PLC0415  # as above

    try:
        there_are = {**views.configured, **views.saved()}
    except ConfigError as broken:
        raise click.ClickException(str(broken)) from None
    _known(name, there_are, "view")
    if found := problem(there_are[name]):
        raise click.ClickException(f"--view {name}: {found}")


def _known(name: str, known: "Iterable[str]", what: str, place: str = "") -> None:
    there_are = list(known)
    if name not in there_are:
        hint = nearest(name, there_are) if there_are else "; there are none yet"
        raise click.ClickException(f'{place}no such {what} "{name}"{hint}')
