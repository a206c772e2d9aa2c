"""Foreign text: nothing in it may move the cursor, take an unknown width, or be read as markup."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from adlwatch.tui.layout import folded
from adlwatch.tui.paint import Painter
from adlwatch.tui.spans import ASCII_GLYPHS, Role, plain
from adlwatch.tui.text import clean, cut, to_ascii, width
from adlwatch.tui.theme import PALETTES

TUI = Path(__file__).parents[2] / "adlwatch" / "tui"


def test_escape_sequences_are_dropped_whole() -> None:
    assert clean("\x1b[31mBTC\x1b[0m\x1b]0;title\x07\x9b2J") == "BTC2J"


def test_direction_overrides_joiners_and_combining_marks_are_dropped() -> None:
    assert clean("a\u202eb\u200dc\ufe0fd\u0301\U0001f1e8\U0001f1ed") == "abcd"


def test_markup_stays_text() -> None:
    assert clean("[/b] [red]x[/]") == "[/b] [red]x[/]"


def test_line_breaks_become_spaces() -> None:
    assert clean("a\nb\tc") == "a b c"


def test_cut_text_ends_in_an_ellipsis_and_fits() -> None:
    assert cut("BTC/USDT:USDT", 6) == "BTC/U…"
    assert cut("漢字漢字", 4) == "漢 …"
    assert cut("abc", 3) == "abc"
    assert cut("abc", 1) == "…"


@given(st.text(max_size=40), st.integers(min_value=0, max_value=30), st.booleans())
@settings(max_examples=200)
def test_a_cell_is_exactly_as_wide_as_asked_whatever_is_in_it(value: str, cells: int, ascii_only: bool) -> None:  # noqa: FBT001  # generated
    painter = Painter(PALETTES["dark"], ascii_only=ascii_only)
    painted = "".join(segment.text for segment in painter.cell(((value, Role.TEXT),), cells, painter.base))
    assert width(painted) == cells
    assert not any(unicodedata.category(c).startswith("C") for c in painted)
    assert painted.isascii() or not ascii_only


def test_ascii_keeps_the_width_of_every_glyph() -> None:
    assert to_ascii("▮▮▯ 漢 —") == "##. ?? -"
    assert all(len(stand_in) == 1 == width(glyph) for glyph, stand_in in ASCII_GLYPHS.items())


def test_every_glyph_that_the_program_draws_has_an_ascii_stand_in() -> None:
    drawn = {c for file in TUI.rglob("*.py") for c in file.read_text(encoding="utf-8") if not c.isascii()}
    assert drawn - set(ASCII_GLYPHS) == set()


def test_a_line_too_long_for_a_page_goes_on_below_what_follows_its_label() -> None:
    line = (("  key      ", Role.DIM), ("what it does, in more words than there is room", Role.TEXT))
    assert [plain(part) for part in folded(line, 30)] == [
        "  key      what it does, in",
        "           more words than",
        "           there is room",
    ]
    assert folded(line, 80) == [line]


@pytest.mark.parametrize("value", ["x" * 200, "漢字" * 60, " " * 99, "a\x1b[2Jb " * 30, "https://example.test/" + "y" * 90])
def test_folding_loses_nothing_and_never_overflows(value: str) -> None:
    parts = [plain(part) for part in folded(((value, Role.TEXT),), 37)]
    assert max(cell_len(part) for part in parts) <= 37
    assert "".join(part.strip() for part in parts).replace(" ", "") == clean(value).replace(" ", "")
