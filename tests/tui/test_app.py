"""The whole terminal, keyboard only, on a hand-stepped feed."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from adlwatch.domain.reading import Health
from adlwatch.tui import actions
from adlwatch.tui.app import Options, WatchApp
from adlwatch.tui.screens.board import BoardScreen
from adlwatch.tui.screens.channels import ChannelsScreen
from adlwatch.tui.screens.columns import ColumnsScreen
from adlwatch.tui.screens.detail import DetailScreen
from adlwatch.tui.screens.help import HelpScreen
from adlwatch.tui.screens.incident import IncidentScreen
from adlwatch.tui.screens.panels import PANELS
from adlwatch.tui.screens.raw import RawScreen
from adlwatch.tui.screens.remedies import RemedyScreen
from adlwatch.tui.screens.views import ViewsScreen
from adlwatch.tui.screens.wall import WallScreen
from adlwatch.tui.screens.welcome import WelcomeScreen
from adlwatch.tui.theme import PALETTES
from tests.tui.harness import Feed, expect, watching
from tests.tui.samples import BTC_SHORT, ETH_LONG, SNAPSHOT, lit, source

pytestmark = pytest.mark.asyncio
PUSHED = (
    ChannelsScreen,
    ColumnsScreen,
    DetailScreen,
    HelpScreen,
    IncidentScreen,
    RawScreen,
    RemedyScreen,
    ViewsScreen,
    WallScreen,
    WelcomeScreen,
)


@pytest.mark.parametrize("size", [(80, 24), (140, 40), (60, 20)])
async def test_the_board_looks_as_designed(size: tuple[int, int]) -> None:
    async with watching(SNAPSHOT, size=size) as watch:
        expect(f"board-{size[0]}x{size[1]}", watch.text())


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
async def test_the_drill_down_looks_as_designed(size: tuple[int, int]) -> None:
    async with watching(SNAPSHOT, size=size) as watch:
        await watch.press("j", "j", "enter")
        expect(f"detail-{size[0]}x{size[1]}", watch.text())


async def test_the_sources_look_as_designed() -> None:
    failing = source(
        "okx-2",
        Health.FAILING,
        95.0,
        error="HTTP 503 from the venue",
        failures=4,
        notes=("No fills: the key may not read them.",),
    )
    async with watching(replace(SNAPSHOT, sources=(source("bin-main", label="MOCK"), failing)), size=(100, 20)) as watch:
        await watch.press("5")
        expect("sources-100x20", watch.text())


async def test_before_the_first_reading_the_screen_says_so_and_is_marked_as_mock() -> None:
    async with watching(options=Options(label="MOCK cascade")) as watch:
        assert "no reading yet" in watch.text()
        assert "MOCK cascade" in watch.text()


async def test_the_cursor_stays_on_its_row_while_the_order_changes() -> None:
    async with watching(SNAPSHOT) as watch:
        await watch.press("j", "j")
        calm = tuple(replace(h, severity=SNAPSHOT.hedges[0].severity) for h in SNAPSHOT.hedges)
        await watch.tell(replace(SNAPSHOT, hedges=calm[::-1]))
        await watch.press("enter")
        assert watch.line("LADDER")
        assert BTC_SHORT.symbol in watch.text().splitlines()[1]


async def test_pause_holds_the_board_says_so_and_lets_the_data_go_on() -> None:
    async with watching(SNAPSHOT) as watch:
        await watch.press("p")
        changed = tuple(replace(p, mark_price=1.0) if p.key == BTC_SHORT.key else p for p in SNAPSHOT.positions)
        await watch.tell(replace(SNAPSHOT, positions=changed, sources=(source("bin-main", age=50.0),)))
        assert "FROZEN" in watch.text()
        assert "54,000" in watch.text()
        assert "oldest 50s" in watch.text()
        await watch.press("p")
        assert "FROZEN" not in watch.text()
        assert "54,000" not in watch.text()


async def test_what_happens_is_told_on_the_tape_while_a_dialog_is_open() -> None:
    async with watching(SNAPSHOT) as watch:
        await watch.press("ctrl+p")
        changed = tuple(replace(p, light=lit(5)) if p.key == BTC_SHORT.key else p for p in SNAPSHOT.positions)
        await watch.tell(replace(SNAPSHOT, positions=changed))
        await watch.press("escape")
        assert "venue light 4 → 5" in watch.text()
        assert "▮▮▮▮▮ 5" in watch.text()


async def test_filter_by_typing_and_clear_with_escape() -> None:
    async with watching(SNAPSHOT) as watch:
        await watch.press("slash", *"eth", "enter")
        assert "eth-arb" in watch.text()
        assert "btc-carry" not in watch.text()
        await watch.press("escape")
        assert "btc-carry" in watch.text()


async def test_a_filter_that_cannot_be_read_is_explained_and_hides_nothing() -> None:
    async with watching(SNAPSHOT) as watch:
        await watch.press("slash", *"light:4")
        assert "light>=4" in watch.text().splitlines()[-1]
        assert "btc-carry" in watch.text()


async def test_keys_typed_into_the_filter_do_nothing_else() -> None:
    async with watching(SNAPSHOT) as watch:
        await watch.press("slash", "q", "p", "s")
        assert watch.app.is_running
        assert "FROZEN" not in watch.text()


async def test_sorting_goes_round_and_is_shown() -> None:
    async with watching(SNAPSHOT) as watch:
        await watch.press("s")
        assert "sort name" in watch.text()
        await watch.press("S")
        assert "sort name reversed" in watch.text()


async def test_folding_a_leg_folds_its_hedge_and_puts_the_cursor_there() -> None:
    async with watching(SNAPSHOT) as watch:
        await watch.press("j", "j", "space")
        assert "bin-main  perp" not in watch.text()
        await watch.press("space")
        assert "bin-main  perp" in watch.text()


async def test_the_drill_down_goes_on_updating_and_to_its_neighbours() -> None:
    async with watching(SNAPSHOT) as watch:
        await watch.press("j", "j", "enter")
        changed = tuple(replace(p, mark_price=50_123.0) if p.key == BTC_SHORT.key else p for p in SNAPSHOT.positions)
        await watch.tell(replace(SNAPSHOT, positions=changed))
        assert "50,123" in watch.text()
        await watch.press("n")
        assert "SOL/USDT:USDT" in watch.text()
        await watch.press("q")
        assert watch.in_front(BoardScreen)


async def test_a_position_that_closes_while_open_says_so() -> None:
    async with watching(SNAPSHOT) as watch:
        await watch.press("j", "j", "enter")
        await watch.tell(replace(SNAPSHOT, positions=(ETH_LONG,)))
        assert "no longer there" in watch.text()


async def test_an_engine_that_breaks_is_shown_and_the_program_goes_on() -> None:
    async with watching(feed=Feed(RuntimeError("no such file [/b]"))) as watch:
        await watch.wait(0)
        assert "the engine stopped: RuntimeError: no such file [/b]" in watch.text()
        await watch.press("question_mark")
        assert watch.in_front(HelpScreen)


async def test_silence_of_the_engine_is_said_on_screen() -> None:
    async with watching(SNAPSHOT) as watch:
        await watch.wait(12)
        assert "no assessment for 12 s" in watch.text()
        await watch.tell(SNAPSHOT)
        assert "no assessment" not in watch.text()


async def test_retry_asks_all_sources_or_the_one_under_the_cursor() -> None:
    async with watching(SNAPSHOT) as watch:
        await watch.press("r")
        await watch.press("5", "j", "enter")
        assert watch.feed.asked == [None, "okx-2"]


async def test_the_engine_is_closed_on_the_way_out() -> None:
    async with watching(SNAPSHOT) as watch:
        feed = watch.feed
        await watch.press("q")
    assert feed.closed == 1


async def test_copy_and_screenshot_leave_files_and_say_where(tmp_path: Path) -> None:
    async with watching(SNAPSHOT, options=Options(folder=tmp_path)) as watch:
        await watch.press("j", "j", "y", "ctrl+s")
        assert "bin-main  perp\tshort\t1.5" in (tmp_path / "adlwatch-copy.txt").read_text(encoding="utf-8")
    assert [file.read_text(encoding="utf-8")[:4] for file in files(tmp_path, "*.svg")] == ["<svg"]


def files(folder: Path, pattern: str) -> list[Path]:
    return sorted(folder.glob(pattern))


async def test_a_folder_that_refuses_is_an_error_on_screen(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    async with watching(SNAPSHOT, options=Options(folder=file)) as watch:
        await watch.press("y")
        assert watch.app.is_running


async def test_every_theme_paints_every_screen_and_they_go_round_while_running() -> None:
    themes = [name for name, palette in PALETTES.items() if not palette.native]
    async with watching(SNAPSHOT) as watch:
        pictures = []
        for _ in themes:
            pictures.append(watch.app.export_screenshot())
            await watch.press("2", "1", "T")
            assert "btc-carry" in watch.text()
        assert len({picture.partition("<style>")[2].partition("</style>")[0] for picture in pictures}) == len(themes)
        assert watch.app.painter.palette.name == themes[0]


async def test_no_two_actions_of_a_screen_share_a_key_and_each_has_its_method() -> None:
    screens = (BoardScreen, *PUSHED, *PANELS.values())
    for screen in screens:
        scopes = screen.SCOPES  # type: ignore[attr-defined]  # the table holds classes
        taken: dict[str, str] = {}
        for action in actions.of(*scopes):
            assert hasattr(screen, f"action_{action.do.split('(', maxsplit=1)[0]}"), (screen, action.do)
            for key in action.keys:
                assert key not in taken, (screen, key, taken.get(key), action.do)
                taken[key] = action.do
    for action in actions.of("app"):
        assert hasattr(WatchApp, f"action_{action.do.split('(', maxsplit=1)[0]}")


async def test_every_scope_in_the_table_belongs_to_a_screen() -> None:
    screens = (BoardScreen, *PUSHED, *PANELS.values())
    known = {"app"} | {scope for screen in screens for scope in screen.SCOPES}  # type: ignore[attr-defined]  # as above
    assert {action.scope for action in actions.ACTIONS} <= known
