"""The programs that `benchmarks.live_table` measures: `python -m benchmarks.live_table_app empty|ours|datatable ROWS HZ`.

All three count the keys they get on a line of their own, so that the time from key to paint can be read off the terminal.
"""

import asyncio
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING

from msgspec.structs import replace

from adlwatch.tui.environment import Terminal, prepare

if TYPE_CHECKING:
    from textual.app import App

    from adlwatch.domain.snapshot import PositionView, Snapshot

SIZE = 0.01  # standard deviation of a tick's move


LEGS = 4
"""Positions of a hedge; with the hedge's own line five rows."""


def snapshots(rows: int) -> "Iterator[Snapshot]":
    """Hedges in trouble, so that all are unfolded; they and all positions change every time: mark, value, profit, score."""
    from tests.tui.samples import BTC_CARRY, BTC_SHORT, SNAPSHOT, source  # noqa: PLC0415  # after the environment is settled

    random = Random(1)
    names = [f"hedge-{i:04}" for i in range(rows // (LEGS + 1))]
    held = [replace(BTC_SHORT, key=f"{n}:{i}", account=f"account-{i}", hedge=n) for n in names for i in range(LEGS)]
    keys = [tuple(f"{name}:{i}" for i in range(LEGS)) for name in names]
    hedges = [replace(BTC_CARRY, name=name, legs=legs, worst_leg=legs[0]) for name, legs in zip(names, keys, strict=True)]
    while True:
        held = [moved(position, random.gauss(0, SIZE)) for position in held]
        hedges = [replace(h, gross_usd=(h.gross_usd or 0) * 1.001, unrealized_pnl=random.gauss(0, 100)) for h in hedges]
        yield replace(SNAPSHOT, positions=tuple(held), hedges=tuple(hedges), holdings=(), sources=(source("bin-main"),))


def moved(position: "PositionView", move: float) -> "PositionView":
    """After a move of the mark."""
    return replace(
        position,
        mark_price=(position.mark_price or 1) * (1 + move),
        notional=(position.notional or 0) * (1 + move),
        unrealized_pnl=(position.unrealized_pnl or 0) * (1 + move),
        score=replace(position.score, value=(position.score.value or 0) * (1 + move)),
    )


class Feed:
    """An engine that tells a changed snapshot so often."""

    def __init__(self, rows: int, hertz: float) -> None:
        self._snapshots = snapshots(rows)
        self._pause = 1 / hertz
        self._tell: Callable[[Snapshot], None] = lambda _: None

    def subscribe(self, callback: "Callable[[Snapshot], None]") -> Callable[[], None]:
        """Only one at a time."""
        self._tell = callback
        return lambda: None

    async def run(self) -> None:
        """For ever."""
        for snapshot in self._snapshots:
            self._tell(snapshot)
            await asyncio.sleep(self._pause)

    def retry(self, source: str | None = None) -> tuple[str, ...]:
        """Nobody to ask."""
        return (source,) if source else ()

    def acknowledge(self, key: str, by: str) -> bool:  # noqa: ARG002  # as above
        """No alert to acknowledge."""
        return False

    def snooze(self, key: str, until: datetime) -> bool:  # noqa: ARG002  # as above
        """No alert to snooze."""
        return False

    async def close(self) -> None:
        """Nothing to release."""


def ours(rows: int, hertz: float) -> "App[None]":
    """The real program on its board."""
    from adlwatch.tui.app import WatchApp  # noqa: PLC0415  # as above
    from adlwatch.tui.control import Backend  # noqa: PLC0415  # as above
    from adlwatch.tui.screens.board import BoardScreen  # noqa: PLC0415  # as above
    from adlwatch.tui.spans import Role, Spans  # noqa: PLC0415  # as above

    keys = 0

    class Counted(BoardScreen):
        def hint_spans(self) -> Spans:
            return ((f"K{keys}.", Role.TEXT),)

        def action_move(self, step: int) -> None:
            nonlocal keys
            super().action_move(step)
            keys += 1
            self.hints.show(self.hint_spans())

    class Measured(WatchApp):
        def get_default_screen(self) -> Counted:
            return Counted(self.painter)

    return Measured(lambda: Backend(Feed(rows, hertz)))


def datatable(rows: int, hertz: float) -> "App[None]":
    """The same cells in Textual's DataTable, updated cell by cell."""
    from rich.text import Text  # noqa: PLC0415  # as above
    from textual.app import App, ComposeResult  # noqa: PLC0415  # as above
    from textual.widgets import DataTable, Static  # noqa: PLC0415  # as above

    from adlwatch.tui.columns import BOARD, fit  # noqa: PLC0415  # as above
    from adlwatch.tui.spans import plain  # noqa: PLC0415  # as above
    from adlwatch.tui.viewmodel import Choice, board_rows  # noqa: PLC0415  # as above

    columns = fit(BOARD, 140)

    class Table(App[None]):
        BINDINGS = [("j", "move(1)", ""), ("k", "move(-1)", "")]  # noqa: RUF012  # Textual's own form
        CSS = "DataTable { height: 1fr; } #count { dock: bottom; height: 1; }"
        keys = 0

        def compose(self) -> ComposeResult:
            yield DataTable[Text](cursor_type="row")
            yield Static("K0.", id="count")

        def on_mount(self) -> None:
            self.table = self.query_one(DataTable)
            for column in columns:
                self.table.add_column(column.title, width=column.width, key=column.id)
            self.shown: dict[tuple[str, str], str] = {}
            self.feed = snapshots(rows)
            self.fill()
            self.table.focus()
            self.set_interval(1 / hertz, self.fill)

        def fill(self) -> None:
            for row in board_rows(next(self.feed), Choice(sort="name")):
                cells = {c.id: plain(getattr(row, c.id)(c.width)) for c in columns}
                if row.key not in self.table.rows:
                    self.table.add_row(*(Text(cell) for cell in cells.values()), key=row.key)
                for column in [c for c, cell in cells.items() if self.shown.get((row.key, c), cell) != cell]:
                    self.table.update_cell(row.key, column, Text(cells[column]))
                self.shown |= {(row.key, column): cell for column, cell in cells.items()}

        def action_move(self, step: int) -> None:
            self.table.move_cursor(row=self.table.cursor_row + step)
            self.keys += 1
            self.query_one("#count", Static).update(f"K{self.keys}.", layout=False)

    return Table()


def empty(_rows: int, _hertz: float) -> "App[None]":
    """Nothing but the count of keys."""
    from textual import events  # noqa: PLC0415  # as above
    from textual.app import App, ComposeResult  # noqa: PLC0415  # as above
    from textual.widgets import Static  # noqa: PLC0415  # as above

    class Empty(App[None]):
        keys = 0

        def compose(self) -> ComposeResult:
            yield Static("K0.", id="count")

        def on_key(self, _: events.Key) -> None:
            self.keys += 1
            self.query_one("#count", Static).update(f"K{self.keys}.", layout=False)

    return Empty()


if __name__ == "__main__":
    import gc

    from adlwatch.tui.memory import GARBAGE

    prepare(Terminal(native_colours=False, unicode=True))
    made = {"empty": empty, "ours": ours, "datatable": datatable}[sys.argv[1]](int(sys.argv[2]), float(sys.argv[3]))
    gc.freeze()
    gc.set_threshold(*GARBAGE)
    made.run(mouse=False)
