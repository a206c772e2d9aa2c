"""docs/interface.md says what the program does: keys, names for a user's own keys, themes."""

import os
import re
from pathlib import Path

import pytest

from adlwatch.tui import actions
from adlwatch.tui.theme import PALETTES
from tests.tui.harness import UPDATE

DOCUMENT = Path(__file__).parents[2] / "docs" / "interface.md"
BEGIN, END = "<!-- keys -->\n", "<!-- /keys -->\n"


def table() -> str:
    lines = ["| keys | does | name in `[keys]` |", "|---|---|---|"]
    for group in actions.GROUPS:
        lines.append(f"| **{group}** | | |")
        lines += [f"| `{' '.join(a.keys)}` | {a.help} | `{a.id}` |" for a in actions.ACTIONS if a.group == group]
    return "\n".join(lines) + "\n"


def test_the_table_of_keys_is_that_of_the_program() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    written, after = rest.split(END)
    if os.environ.get(UPDATE):
        DOCUMENT.write_text(before + BEGIN + table() + END + after, encoding="utf-8")
        return
    assert written == table()


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
