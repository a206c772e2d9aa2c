"""Saved views, by keyboard."""

from pathlib import Path

import pytest

from adlwatch.config.shape import ViewTable
from adlwatch.config.views import SavedViews
from adlwatch.tui.app import Options
from adlwatch.tui.saved import choice_of, problem, view_of
from adlwatch.tui.screens.board import BoardScreen
from adlwatch.tui.screens.positions import PositionsScreen
from adlwatch.tui.screens.views import ViewsScreen
from tests.tui.harness import Feed, watching
from tests.tui.samples import SNAPSHOT

CONFIGURED = {"ethers": ViewTable(screen="positions", filter="eth", sort="liq")}


def options(path: Path, **more: str) -> Options:
    return Options(views=SavedViews(path / "views.toml", CONFIGURED), view=more.get("view"))


@pytest.mark.asyncio
async def test_a_view_is_saved_and_shown_again_in_another_session(tmp_path: Path) -> None:
    async with watching(SNAPSHOT, options=options(tmp_path)) as watch:
        await watch.press("slash", *"btc", "enter", "c", "space", "q", "s", "S", "v", "s", *"mine", "enter")
        assert "Saved as “mine”" in watch.text()
        assert "1–9 view" in watch.text()
        assert "1–5 screens" not in watch.text()
        assert "● " in watch.line("mine")
        await watch.press("q")
        assert "view mine" in watch.text()
        await watch.press("s")
        assert "view mine" not in watch.text()
    async with watching(SNAPSHOT, options=options(tmp_path)) as watch:
        assert "eth-arb" in watch.text()
        await watch.press("v", "2")
        assert watch.in_front(BoardScreen)
        assert "/btc" in watch.text()
        assert "sort name reversed" in watch.text()
        assert "SIDE" not in watch.text().splitlines()[1]
        assert "eth-arb" not in watch.text()


@pytest.mark.asyncio
async def test_a_view_goes_to_its_own_screen_from_any_other(tmp_path: Path) -> None:
    async with watching(SNAPSHOT, options=options(tmp_path)) as watch:
        await watch.press("5", "v", "enter")
        assert watch.in_front(PositionsScreen)
        assert "okx-2  ETH" in watch.text()
        assert "bin-main" not in watch.text().split("\n", 2)[2].rsplit("\n", 2)[0]


@pytest.mark.asyncio
async def test_a_saved_view_is_renamed_and_deleted_when_asked_twice(tmp_path: Path) -> None:
    async with watching(SNAPSHOT, options=options(tmp_path)) as watch:
        await watch.press("v", "s", "a", "enter", "R", "b", "enter")
        assert "“a” is “ab” from here on" in watch.text()
        await watch.press("d")
        assert "Again to delete “ab”" in watch.text()
        await watch.press("k", "j", "d", "escape", "v", "G")
        assert watch.line("  2 ab") or watch.line(" 2 ab")
        await watch.press("d", "d")
        assert "“ab” is deleted" in watch.text()
    assert "[views" not in (tmp_path / "views.toml").read_text(encoding="utf-8")


@pytest.mark.asyncio
async def test_what_stands_in_the_configuration_is_not_changed_from_here(tmp_path: Path) -> None:
    async with watching(SNAPSHOT, options=options(tmp_path)) as watch:
        await watch.press("v", "R")
        assert "change its name there" in watch.text()
        await watch.press("d")
        assert "take it out there" in watch.text()
        await watch.press("escape")
        assert watch.in_front(BoardScreen)


@pytest.mark.asyncio
async def test_a_broken_file_is_said_and_kept(tmp_path: Path) -> None:
    (tmp_path / "views.toml").write_text("[views", encoding="utf-8")
    async with watching(SNAPSHOT, options=options(tmp_path), size=(200, 30)) as watch:
        await watch.press("v")
        assert "is not TOML" in watch.text()
        assert "ethers" in watch.text()
        await watch.press("s", "n", "enter")
        assert "moved to views.toml.damaged-1" in watch.text()
    assert (tmp_path / "views.toml.damaged-1").read_text(encoding="utf-8") == "[views"


@pytest.mark.asyncio
async def test_a_view_of_another_version_is_listed_with_what_is_wrong_and_not_opened(tmp_path: Path) -> None:
    SavedViews(tmp_path / "views.toml").save("odd", ViewTable(sort="beauty"))
    async with watching(SNAPSHOT, options=options(tmp_path)) as watch:
        await watch.press("v", "2")
        assert watch.in_front(ViewsScreen)
        assert 'nothing is sorted by "beauty"' in watch.text()


@pytest.mark.asyncio
async def test_an_empty_name_and_escape_save_nothing(tmp_path: Path) -> None:
    async with watching(SNAPSHOT, options=options(tmp_path)) as watch:
        await watch.press("v", "s", "enter", "s", "x", "escape")
        assert watch.in_front(ViewsScreen)
    assert not (tmp_path / "views.toml").exists()


@pytest.mark.parametrize(("view", "shown"), [("ethers", "okx-2  ETH"), (None, "bin-main  perp")])
@pytest.mark.asyncio
async def test_the_program_begins_with_the_view_it_is_told_to(tmp_path: Path, view: str | None, shown: str) -> None:
    chosen = Options(views=SavedViews(tmp_path / "views.toml", CONFIGURED), view=view)
    async with watching(SNAPSHOT, options=chosen) as watch:
        assert shown in watch.text()


@pytest.mark.asyncio
async def test_the_view_named_default_is_there_from_the_start(tmp_path: Path) -> None:
    SavedViews(tmp_path / "views.toml").save("default", ViewTable(filter="sol"))
    async with watching(SNAPSHOT, options=options(tmp_path), feed=Feed()) as watch:
        assert "view default" in watch.text()
        assert "btc-carry" not in watch.text().split("\n", 1)[1]


def test_a_view_says_again_what_was_chosen() -> None:
    view = ViewTable(filter="btc", sort="liq", reverse=True, at_risk=True, columns=("age",), unfolded=("a",), folded=("b",))
    assert view_of("board", choice_of("x", view)) == view


@pytest.mark.parametrize(
    ("view", "told"),
    [
        (ViewTable(sort="ligth"), 'did you mean "light"?'),
        (ViewTable(columns=("carry", "lihgts")), 'did you mean "lights"?'),
        (ViewTable(columns=("age", "age")), '"age" stands there twice'),
        (ViewTable(filter="light:4"), "filter: “light:” needs a comparison"),
        (ViewTable(columns=("name",)), 'there is no column "name"'),
        (ViewTable(sort="carry", filter="!ok", columns=("carry",)), ""),
    ],
)
def test_what_cannot_be_shown_says_why_with_the_nearest_right_name(view: ViewTable, told: str) -> None:
    assert told in problem(view)
    assert bool(problem(view)) == bool(told)
