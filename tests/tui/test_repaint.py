"""What arrives at the terminal in pieces is what a whole frame would have shown, cell by cell with its colours."""

import asyncio
from dataclasses import dataclass
from random import Random

import pyte
import pyte.screens
import pytest
from rich.console import RenderableType
from textual.app import App, ComposeResult
from textual.screen import Screen

from adlwatch.tui.columns import Column
from adlwatch.tui.paint import Painter
from adlwatch.tui.spans import Role, Spans, text
from adlwatch.tui.theme import PALETTES
from adlwatch.tui.widgets.live_table import LiveTable

SIZE = (50, 12)
HOPS = 30
COLUMNS = (
    Column("name", "NAME", 8, 8, 0, right=False, flash=False),
    Column("price", "PRICE", 8, 8, 1),
    Column("light", "LIGHT", 8, 8, 2, right=False),
    Column("size", "SIZE", 8, 8, 3),
    Column("age", "AGE", 4, 4, 4, flash=False),
)


@dataclass(frozen=True)
class Item:
    key: str
    values: tuple[int, ...]

    def name(self, _cells: int) -> Spans:
        return text(self.key, Role.STRONG)

    def price(self, _cells: int) -> Spans:
        return text(str(self.values[0]), Role.GAIN if self.values[0] % 2 else Role.LOSS)

    def light(self, _cells: int) -> Spans:
        return (("▮" * self.values[1], Role.WARNING), ("▯" * (5 - self.values[1]), Role.DIM))

    def size(self, _cells: int) -> Spans:
        return text(str(self.values[2]))

    def age(self, _cells: int) -> Spans:
        return text(f"{self.values[3]}s", Role.DIM)


class Host(App[None]):
    """Sends what it would write to a terminal that is emulated."""

    def __init__(self) -> None:
        super().__init__()
        self.table: LiveTable[Item] = LiveTable(COLUMNS, Painter(PALETTES["dark"]))
        self.terminal = pyte.Screen(*SIZE)
        self.stream = pyte.Stream(self.terminal)

    def compose(self) -> ComposeResult:
        yield self.table

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        if renderable is not None:
            self.stream.feed(renderable.render_segments(self.console).replace("\n", ""))  # type: ignore[union-attr]  # an update

    def whole(self) -> pyte.Screen:
        """A terminal that got the whole frame at once."""
        terminal = pyte.Screen(*SIZE)
        update = self.screen._compositor.render_full_update()
        pyte.Stream(terminal).feed(update.render_segments(self.console).replace("\n", "\r\n"))
        return terminal

    async def settled(self) -> None:
        for _ in range(HOPS):
            await asyncio.sleep(0)
        self.screen._on_timer_update()


def cells(terminal: pyte.Screen) -> list[list[object]]:
    """What can be seen of each: of a blank only its ground."""
    return [[seen(terminal.buffer[y][x]) for x in range(terminal.columns)] for y in range(terminal.lines)]


def seen(cell: pyte.screens.Char) -> object:
    return cell.bg if cell.data == " " and not cell.reverse else cell


def happen(table: LiveTable[Item], rows: list[Item], random: Random) -> list[Item]:
    """Something that moves, changes, sorts, adds or takes away."""
    what = random.randrange(8)
    if what == 0:
        table.move(random.choice((-30, -3, -1, 1, 2, 40)))
    elif what == 1:
        random.shuffle(rows)
    elif what == 2:
        del rows[random.randrange(len(rows) + 1) :]
    elif what == 3:
        rows = [*rows, *(Item(f"n{random.random():.4f}", (1, 2, 3, 4)) for _ in range(random.randrange(9)))]
    else:
        share, column = random.choice((0.05, 0.3, 1.0)), random.randrange(4)
        rows = [changed(row, column, random) if random.random() < share else row for row in rows]
    table.show(list(rows))
    return rows


def changed(row: Item, column: int, random: Random) -> Item:
    return Item(row.key, (*row.values[:column], random.randrange(6), *row.values[column + 1 :]))


@pytest.mark.asyncio
@pytest.mark.parametrize("seed", range(4))
async def test_pieces_make_the_same_picture_as_the_whole(seed: int) -> None:
    random, app = Random(seed), Host()
    async with app.run_test(size=SIZE):
        rows = [Item(f"k{i}", (i, i % 6, 1, 1)) for i in range(20)]
        app.table.show(rows)
        await app.settled()
        for step in range(60):
            rows = happen(app.table, rows, random)
            await app.settled()
            assert cells(app.terminal) == cells(app.whole()), (seed, step)
