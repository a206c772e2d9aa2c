"""docs/interface.md says what the program does: keys, names for a user's own keys, themes."""

import os
import re
from pathlib import Path

import pytest

from adlwatch.config.units import Units
from adlwatch.tui import actions
from adlwatch.tui.columns import BOARD, MORE
from adlwatch.tui.fields import NUMBER_NAMES, TEXT_NAMES
from adlwatch.tui.theme import PALETTES
from tests.tui.harness import UPDATE

DOCUMENT = Path(__file__).parents[2] / "docs" / "interface.md"
BEGIN, END = "<!-- keys -->\n", "<!-- /keys -->\n"


def ends(of: list[str]) -> list[str]:
    return of if len(of) == 1 else [of[0], of[-1]]


def table() -> str:
    lines = ["| keys | does | name in `[keys]` |", "|---|---|---|"]
    for group in actions.GROUPS:
        lines.append(f"| **{group}** | | |")
        for alike in actions.rows(a for a in actions.ACTIONS if a.group == group):
            keys, names = (
                (" … ".join(f"`{each}`" for each in ends(of)))
                for of in ([" ".join(a.keys) for a in alike], [a.id for a in alike])
            )
            lines.append(f"| {keys} | {alike[0].help} | {names} |")
    return "\n".join(lines) + "\n"


def test_the_table_of_keys_is_that_of_the_program() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    written, after = rest.split(END)
    if os.environ.get(UPDATE):
        DOCUMENT.write_text(before + BEGIN + table() + END + after, encoding="utf-8")
        return
    assert written == table()


def test_every_column_and_field_is_described() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    described = dict(re.findall(r"^\| `(\w+)` \| `(\w+)` \|", text, re.MULTILINE))
    assert described == {column.id: column.sort for column in (*BOARD[1:], *MORE)}
    for name in (*TEXT_NAMES, *NUMBER_NAMES):
        assert f"`{name}`" in text, name


def test_every_unit_is_described() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    for name in Units.__struct_fields__:
        assert re.search(rf"^{name} = ", text, re.MULTILINE), name


def test_every_theme_is_described() -> None:
    assert set(re.findall(r"^\| `([a-z]+)` \|", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)) >= set(PALETTES)


def test_a_users_own_keys_are_shown_in_place_of_the_tables() -> None:
    try:
        actions.remap({"board.fold": "o, f5"})
        assert next(a for a in actions.ACTIONS if a.id == "board.fold").shown_keys == "o f5"
        with pytest.raises(KeyError, match=r"board\.nothing"):
            actions.remap({"board.nothing": "x"})
    finally:
        actions.remap({})


def test_no_two_actions_have_the_same_name() -> None:
    names = [action.id for action in actions.ACTIONS]
    assert len(set(names)) == len(names)
