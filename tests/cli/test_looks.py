"""What only the terminal can judge of the configuration, in one line before the screen opens."""

from pathlib import Path

import click
import pytest

from adlwatch.cli.looks import check_looks
from adlwatch.cli.options import Launch
from adlwatch.cli.run_tui import options
from adlwatch.config import parse
from adlwatch.config.shape import ViewTable
from adlwatch.config.views import SavedViews

PLACE = Path("config.toml")
SAVED = {"hot": ViewTable(sort="light")}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[display]\ntheme = "drak"', 'no such theme "drak"; did you mean "dark"?'),
        ('[keys]\n"book.sotr" = "o"', 'config.toml: [keys]: no such action "book.sotr"; did you mean "book.sort"?'),
        ('[display.columns]\nboard = ["lihgts"]', '[display] columns.board: there is no column "lihgts"; did you mean "lights"?'),
        ('[display.columns]\npositions = ["age", "age"]', '[display] columns.positions: "age" stands there twice'),
        ('[views.x]\nsort = "lite"', '[views] x sort: nothing is sorted by "lite"; did you mean "light"?'),
        ('[views.x]\nfilter = "light:4"', "[views] x filter: “light:” needs a comparison, as in light>=4"),
        ('[views.x]\ncolumns = ["name"]', '[views] x columns: there is no column "name"'),
    ],
)
def test_a_name_that_is_none_is_told_with_its_place_and_the_nearest_one(text: str, told: str) -> None:
    with pytest.raises(click.ClickException) as error:
        check_looks(parse(text, PLACE), SavedViews(), None)
    assert told in error.value.message


@pytest.mark.parametrize(
    ("name", "views", "told"),
    [
        ("hto", SAVED, 'no such view "hto"; did you mean "hot"?'),
        ("hot", {}, 'no such view "hot"; there are none yet'),
        ("odd", {"odd": ViewTable(sort="beauty")}, '--view odd: sort: nothing is sorted by "beauty"'),
    ],
)
def test_a_view_to_begin_with_has_to_be_one(name: str, views: dict[str, ViewTable], told: str) -> None:
    with pytest.raises(click.ClickException) as error:
        check_looks(parse("", PLACE), SavedViews(None, views), name)
    assert told in error.value.message


def test_a_broken_file_of_views_is_told_only_where_one_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "views.toml").write_text("[", encoding="utf-8")
    broken = SavedViews(tmp_path / "views.toml", SAVED)
    check_looks(parse("", PLACE), broken, None)
    with pytest.raises(click.ClickException, match="is not TOML"):
        check_looks(parse("", PLACE), broken, "hot")


def test_what_is_right_is_let_through() -> None:
    text = '[display]\ntheme = "light"\n[display.columns]\nboard = ["carry"]\n[views.x]\nsort = "carry"\n[keys]\n"app.wall" = "o"'
    check_looks(parse(text, PLACE), SavedViews(None, SAVED), "hot")


def test_what_the_command_line_and_the_file_say_reaches_the_screen() -> None:
    text = """
        [display]
        notional = "full"
        theme = "light"
        [display.columns]
        positions = ["age"]
        [views.hot]
        filter = "!ok"
    """
    made = options(Launch(mock=True, wall=True, view="hot"), parse(text, PLACE))
    assert (made.wall, made.view, made.theme, made.units.notional) == (True, "hot", "light", "full")
    assert made.columns == {"board": (), "positions": ("age",)}
    assert made.views.configured == {"hot": ViewTable(filter="!ok")}
