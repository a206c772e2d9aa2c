"""The live table: what it paints, and where its cursor stays."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.strip import Strip

from adlwatch.tui.columns import Column
from adlwatch.tui.paint import Painter
from adlwatch.tui.spans import Role, Spans, text
from adlwatch.tui.theme import PALETTES
from adlwatch.tui.widgets.live_table import LiveTable

COLUMNS = (
    Column("name", "NAME", 8, 8, 0, right=False, flash=False),
    Column("price", "PRICE", 8, 8, 1),
    Column("far", "FAR", 30, 30, 2),
)
FORMATTED: list[str] = []


@dataclass(frozen=True)
class Item:
    key: str
    value: int = 0

    def name(self, _cells: int) -> Spans:
        FORMATTED.append(self.key)
        return text(self.key)

    def price(self, _cells: int) -> Spans:
        return text(str(self.value))

    def far(self, _cells: int) -> Spans:
        return text(f"far {self.value}")


class Painted(LiveTable[Item]):
    """Remembers which lines were asked for."""

    lines: list[int]

    def line(self, y: int) -> Strip:
        self.lines.append(y)
        return super().line(y)


class Host(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.table = Painted(COLUMNS, Painter(PALETTES["dark"]))
        self.table.lines = []

    def compose(self) -> ComposeResult:
        yield self.table


@asynccontextmanager
async def table_of(items: Sequence[Item], size: tuple[int, int] = (20, 11)) -> AsyncIterator[tuple[Painted, Pilot[None]]]:
    app = Host()
    async with app.run_test(size=size) as pilot:
        app.table.show(items)
        await pilot.pause()
        app.table.lines.clear()
        FORMATTED.clear()
        yield app.table, pilot


def items(count: int, **values: int) -> list[Item]:
    return [Item(f"k{i}", values.get(f"k{i}", 0)) for i in range(count)]


def shown(table: Painted) -> list[str]:
    return [
        table.render_line(y).text.split()[0] if table.render_line(y).text.strip() else "" for y in range(1, table.size.height)
    ]


@pytest.mark.asyncio
async def test_a_changed_row_repaints_its_own_line_only() -> None:
    async with table_of(items(500)) as (table, pilot):
        table.show(items(500, k3=7))
        await pilot.pause()
        assert table.lines == [4]


@pytest.mark.asyncio
async def test_rows_off_screen_are_neither_formatted_nor_painted() -> None:
    async with table_of(items(500)) as (table, pilot):
        table.show(items(500, k300=7))
        await pilot.pause()
        assert table.lines == []
        assert set(FORMATTED) == {f"k{i}" for i in range(10)}


@pytest.mark.asyncio
async def test_nothing_changed_paints_nothing() -> None:
    async with table_of(items(50)) as (table, pilot):
        table.show(items(50))
        await pilot.pause()
        assert table.lines == []


@pytest.mark.asyncio
async def test_a_changed_cell_flashes_until_the_following_update_and_no_longer() -> None:
    async with table_of(items(5)) as (table, pilot):
        table.show(items(5, k3=7))
        await pilot.pause()
        flash = table._painter.style(Role.TEXT, table._painter.base, flash=True)
        assert [s.text.strip() for s in table.render_line(4) if s.style == flash] == ["7"]
        table.lines.clear()
        table.show(items(5, k3=7))
        await pilot.pause()
        assert table.lines == [4]
        assert not [s for s in table.render_line(4) if s.style == flash]
        table.lines.clear()
        table.show(items(5, k3=7))
        await pilot.pause()
        assert table.lines == []


@pytest.mark.asyncio
async def test_the_cursor_stays_on_its_key_and_screen_line_when_rows_are_sorted() -> None:
    async with table_of(items(500)) as (table, pilot):
        table.move_to(100)
        before = shown(table).index("k100")
        table.show(items(500)[::-1])
        await pilot.pause()
        assert table.cursor_row == Item("k100")
        assert shown(table).index("k100") == before


@pytest.mark.asyncio
async def test_the_cursor_stays_on_its_key_when_rows_above_come_and_go() -> None:
    async with table_of(items(100)) as (table, pilot):
        table.move_to(50)
        before = shown(table).index("k50")
        table.show(items(100)[20:])
        await pilot.pause()
        assert (table.cursor_row, shown(table).index("k50")) == (Item("k50"), before)


@pytest.mark.asyncio
async def test_when_the_row_under_the_cursor_goes_the_cursor_stays_in_its_place() -> None:
    async with table_of(items(10)) as (table, _):
        table.move_to(4)
        table.show([item for item in items(10) if item.key != "k4"])
        assert table.cursor_row == Item("k5")


@pytest.mark.asyncio
async def test_an_empty_table_has_no_cursor_and_shows_its_notice() -> None:
    async with table_of(items(10)) as (table, pilot):
        table.show([], notice=(text("nothing here"),))
        await pilot.pause()
        assert table.cursor_row is None
        assert "nothing here" in table.render_line(2).text
        table.move(3)
        table.show(items(10))
        assert table.cursor_row == Item("k0")


@pytest.mark.asyncio
async def test_moving_the_cursor_repaints_two_lines() -> None:
    async with table_of(items(500)) as (table, pilot):
        table.move(1)
        await pilot.pause()
        assert sorted(table.lines) == [1, 2]


@pytest.mark.asyncio
async def test_the_cursor_scrolls_no_more_than_needed_and_stops_at_the_ends() -> None:
    async with table_of(items(50)) as (table, pilot):
        table.move_to(10)
        await pilot.pause()
        assert shown(table)[-1] == "k10"
        table.move_to(10_000)
        await pilot.pause()
        assert shown(table)[-1] == "k49"
        table.move(-10_000)
        await pilot.pause()
        assert shown(table)[0] == "k0"


@pytest.mark.asyncio
async def test_the_name_column_stays_while_the_others_move() -> None:
    async with table_of(items(3), size=(40, 6)) as (table, _):
        assert "PRICE" in table.render_line(0).text
        table.shift_columns(1)
        table.shift_columns(1)
        assert table.render_line(0).text.split() == ["NAME", "FAR"]
        assert table.render_line(1).text.split() == ["k0", "far", "0"]


@pytest.mark.asyncio
async def test_a_smaller_window_keeps_the_cursor_in_sight() -> None:
    async with table_of(items(100)) as (table, pilot):
        table.move_to(9)
        await pilot.resize_terminal(20, 5)
        await pilot.pause()
        assert "k9" in shown(table)
