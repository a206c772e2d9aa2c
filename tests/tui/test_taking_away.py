"""Copies and pictures: from every screen, to the terminal's clipboard and to files for the owner's eyes."""

import base64
import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from adlwatch.config.shape import ViewTable
from adlwatch.config.views import SavedViews
from adlwatch.domain.remedy import Remedy
from adlwatch.tui.app import Options, WatchApp
from adlwatch.tui.control import Backend
from tests.tui.harness import Feed, watching
from tests.tui.samples import SNAPSHOT
from tests.tui.test_incidents import ADL

pytestmark = pytest.mark.asyncio

SCREENS = {
    "board": (("1",), "btc-carry"),
    "positions": (("2",), "bin-main"),
    "venues": (("3",), "binance"),
    "venue": (("3", "enter"), "HOW IT DELEVERAGES"),
    "sources": (("5",), "bin-main"),
    "detail": (("1", "j", "j", "enter"), "LADDER"),
    "raw": (("1", "j", "j", "enter", "r"), "No source tells"),
    "remedies": (("1", "j", "j", "f"), "what would bring it"),
    "help": (("1", "question_mark"), "KEYS|MOVING|BOARD"),
    "columns": (("1", "c"), "SIDE"),
    "views": (("1", "v"), "mine"),
    "incident": (("i",), "."),
    "wall": (("1", "w"), "NAKED: naked now"),
}


def nothing(_key: str, _to: int) -> tuple[Remedy, ...]:
    return ()


@pytest.mark.parametrize("name", SCREENS)
async def test_every_screen_can_be_copied_and_drawn(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys, there = SCREENS[name]
    clipboard: list[str] = []
    monkeypatch.setattr(WatchApp, "copy_to_clipboard", lambda _, text: clipboard.append(text))
    feed, options = Feed(), Options(folder=tmp_path, views=views(tmp_path))
    async with watching(SNAPSHOT, options=options, feed=feed, backend=Backend(feed, remedies=nothing), size=(80, 24)) as watch:
        await watch.press("1")
        await watch.tell(replace(SNAPSHOT, incidents=(ADL,)))
        await watch.press(*keys, "y", "ctrl+s")
    assert len(clipboard) == 1
    assert re.search(there, clipboard[0])
    assert (tmp_path / "adlwatch-copy.txt").read_text(encoding="utf-8") == clipboard[0] + "\n"
    (picture,) = pictures(tmp_path)
    assert picture.read_text(encoding="utf-8").startswith("<svg")
    assert picture.stat().st_mode & 0o077 == 0


def pictures(folder: Path) -> list[Path]:
    return list(folder.glob("*.svg"))


def views(folder: Path) -> SavedViews:
    made = SavedViews(folder / "views.toml")
    made.save("mine", ViewTable(filter="!ok"))
    return made


async def test_a_copy_reaches_the_terminal_as_osc_52(monkeypatch: pytest.MonkeyPatch) -> None:
    async with watching(SNAPSHOT) as watch:
        written: list[str] = []
        driver = watch.app._driver
        assert driver is not None
        monkeypatch.setattr(driver, "write", written.append)
        watch.app.copy_text("naked −$1.5k")
        sent = "".join(written)
        assert sent.startswith("\x1b]52;c;")
        assert base64.b64decode(sent.removeprefix("\x1b]52;c;").removesuffix("\a")).decode() == "naked −$1.5k"


async def test_where_there_is_nothing_to_copy_that_is_said() -> None:
    async with watching(SNAPSHOT) as watch:
        await watch.press("4", "y")
        assert "Nothing to copy here" in watch.text()
