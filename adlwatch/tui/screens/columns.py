"""Which columns a table shows, in which order, and by which of them its rows are in order."""

from dataclasses import dataclass

from msgspec.structs import replace

from adlwatch.tui.actions import bindings
from adlwatch.tui.columns import MORE, Column, chosen
from adlwatch.tui.frame import Frame
from adlwatch.tui.ordering import downward
from adlwatch.tui.paint import Painter
from adlwatch.tui.screens.listing import Listing
from adlwatch.tui.spans import Role, Spans, text
from adlwatch.tui.viewmodel import Choice

COLUMNS = (
    Column("name", "COLUMN", 16, 24, 0, right=False, flash=False),
    Column("order", "ORDER", 8, 10, 1, right=False, flash=False),
    Column("about", "SHOWS", 52, 60, 2, right=False, flash=False),
)


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """One column that may be shown."""

    column: Column
    shown: bool
    sorted: str = ""
    """How the rows are in order by it; empty where they are not."""

    @property
    def key(self) -> str:
        """Its id."""
        return self.column.id

    def name(self, _cells: int) -> Spans:
        """Whether it is shown, and its title."""
        role = Role.STRONG if self.shown else Role.DIM
        return ((" [x] " if self.shown else " [ ] ", Role.ACCENT if self.shown else Role.DIM), (self.column.title.strip(), role))

    def order(self, _cells: int) -> Spans:
        """Whether the rows are in order by it."""
        return text(self.sorted, Role.ACCENT)

    def about(self, _cells: int) -> Spans:
        """What it says."""
        return text(self.column.about, Role.TEXT if self.shown else Role.DIM)


class ColumnsScreen(Listing):
    """The columns shown first, in their order, then those that are not."""

    SCOPES = ("list", "columns")
    BINDINGS = bindings(*SCOPES)

    def __init__(self, painter: Painter, of: str, default: tuple[Column, ...]) -> None:
        super().__init__(painter, COLUMNS)
        self._of = of
        self._default = default

    def on_mount(self) -> None:
        """The keys belong to the table."""
        self.table.focus()

    def show(self, frame: Frame) -> None:
        """What is chosen, at once."""
        super().show(frame)
        self.table.show(column_rows(self._default, self._choice))

    @property
    def _choice(self) -> Choice:
        return self.host.choices.get(self._of, Choice())

    @property
    def _ids(self) -> list[str]:
        return [column.id for column in chosen(self._default, self._choice.columns)[1:]]

    def _take(self, ids: list[str]) -> None:
        usual = ids == [column.id for column in self._default[1:]]
        self._change(replace(self._choice, columns=() if usual else tuple(ids), view=""))

    def _change(self, choice: Choice) -> None:
        self.host.choices[self._of] = choice
        self.show(self.host.frame)

    def action_toggle_column(self) -> None:
        """Show the one under the cursor, or hide it and go on to the next; the last one stays."""
        row, ids = self.table.cursor_row, self._ids
        if row is None:
            return
        if row.key not in ids:
            self._take([*ids, row.key])
        elif len(ids) > 1:
            self._take([id_ for id_ in ids if id_ != row.key])
            self.table.move_to(ids.index(row.key))

    def action_shift_column(self, step: int) -> None:
        """Change places with its neighbour."""
        row, ids = self.table.cursor_row, self._ids
        if row is None or row.key not in ids:
            return
        place = ids.index(row.key)
        other = place + step
        if 0 <= other < len(ids):
            ids[place], ids[other] = ids[other], ids[place]
            self._take(ids)

    def action_sort_by(self) -> None:
        """In order by the one under the cursor, or the other way round."""
        row, choice = self.table.cursor_row, self._choice
        if isinstance(row, ColumnRow) and row.column.sort:
            again = choice.sort == row.column.sort
            self._change(replace(choice, sort=row.column.sort, reverse=again and not choice.reverse, view=""))

    def action_reset(self) -> None:
        """What the screen has by itself."""
        self._take([column.id for column in self._default[1:]])

    def action_back(self) -> None:
        """To the table, and nowhere further."""
        self.app.pop_screen()


def column_rows(default: tuple[Column, ...], choice: Choice) -> list[ColumnRow]:
    """A line a column."""
    shown = chosen(default, choice.columns)
    ids = {column.id for column in shown}
    hidden = [column for column in (*default, *MORE) if column.id not in ids]
    words = "▼ largest" if downward(choice.sort, reverse=choice.reverse) else "▲ smallest"
    return [
        ColumnRow(column, column.id in ids, words if column.sort and column.sort == choice.sort else "")
        for column in (*shown[1:], *hidden)
    ]
