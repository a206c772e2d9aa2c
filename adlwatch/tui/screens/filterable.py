"""Tables whose rows and columns the user chooses: board and positions."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from msgspec.structs import replace

from adlwatch.domain.alert import Alert
from adlwatch.domain.snapshot import Snapshot
from adlwatch.tui.alert_rows import about
from adlwatch.tui.columns import Column, chosen, marked, sorts, with_more
from adlwatch.tui.filter import FilterError, parse
from adlwatch.tui.frame import Frame
from adlwatch.tui.notices import board_notice
from adlwatch.tui.ordering import WORST
from adlwatch.tui.paint import Painter
from adlwatch.tui.rows import HedgeRow, Row
from adlwatch.tui.screens.listing import Listing
from adlwatch.tui.spans import Role, Spans, plain
from adlwatch.tui.text import clean, width
from adlwatch.tui.viewmodel import Choice

if TYPE_CHECKING:
    from adlwatch.tui.widgets.prompt import Prompt

RowsOf = Callable[[Snapshot, Choice], Sequence[Row]]


class Filterable(Listing):
    """What the user chose to see is kept by the app, under the screen's name, for as long as the program runs."""

    NAME: ClassVar[str]
    COLUMNS: ClassVar[tuple[Column, ...]]

    def __init__(self, painter: Painter, rows: RowsOf) -> None:
        super().__init__(painter, self.COLUMNS)
        self.rows: Sequence[Row] = ()
        self._rows_of = rows
        self._explained = ""
        self._looked_at: Snapshot | None = None
        self._looked_by = Choice()

    @property
    def choice(self) -> Choice:
        """What the user chose to see."""
        return self.host.choices.setdefault(self.NAME, Choice())

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns chosen, whether they fit or not."""
        return chosen(self.COLUMNS, self.choice.columns)

    def on_mount(self) -> None:
        """The keys belong to the table."""
        self.table.focus()

    def show(self, frame: Frame) -> None:
        """Rows of this frame."""
        snapshot = frame.snapshot
        columns = self.columns if self.choice.columns else with_more(self.columns)
        self.table.use_columns(marked(columns, self.choice.sort, reverse=self.choice.reverse))
        if self._looked_at is not snapshot or self._looked_by != self.choice:
            self._looked_at, self._looked_by = snapshot, self.choice
            self.rows = self._rows_of(snapshot, self.choice) if snapshot is not None else ()
        super().show(frame)  # its hints count the rows
        notice = board_notice(snapshot, filtered=self.choice.filter, at_risk=self.choice.at_risk)
        self.table.show(self.rows, notice=notice if not self.rows else ())

    def hint_spans(self) -> Spans:
        """What is chosen first, then the keys; while a filter can't be read, why."""
        if self._explained:
            return ((f" {self._explained}", Role.WARNING),)
        marks: Spans = tuple(
            span for word in (*_words(self.choice), *self._left()) for span in ((f" {word} ", Role.LABEL), (" ", Role.TEXT))
        )
        return (*marks, *self.key_hints(self.size.width - width(clean(plain(marks)))))

    def _left(self) -> list[str]:
        """How much of it all is shown, where something is hidden."""
        snapshot = self.host.frame.snapshot
        if snapshot is None or not (self.choice.filter or self.choice.at_risk):
            return []
        shown, there_are = self.counted(snapshot)
        return [f"{shown:,} of {there_are:,}"]

    def counted(self, snapshot: Snapshot) -> tuple[int, int]:
        """How many things are shown, and how many there are."""
        return len(self.rows), len(snapshot.positions) + len(snapshot.holdings)

    def choose(self, **changes: Any) -> None:
        """See something else; the cursor stays on its key. It is no longer the saved view it was."""
        self.host.choices[self.NAME] = replace(self.choice, **{"view": "", **changes})
        self.show(self.host.frame)

    def action_open(self) -> None:
        """Drill down."""
        row = self.table.cursor_row
        if row is not None:
            self.host.open_detail(row.key, tuple(r.key for r in self.rows))

    @property
    def selected(self) -> str | None:
        """The key under the cursor."""
        row = self.table.cursor_row
        return row.key if row is not None else None

    def action_acknowledge(self) -> None:
        """Every alert about what is under the cursor."""
        self.host.acknowledge(self._alerts())

    def action_snooze(self) -> None:
        """The same, for an hour."""
        self.host.snooze(self._alerts())

    def _alerts(self) -> tuple[Alert, ...]:
        live = self.host.frame.live
        return about(live, self.selected) if live is not None and self.selected is not None else ()

    def action_fix(self) -> None:
        """What would bring the light under the cursor down; of a hedge, that of its worst leg."""
        row = self.table.cursor_row
        if isinstance(row, HedgeRow):
            self.host.open_remedies(row.hedge.worst_leg or "")
        elif row is not None:
            self.host.open_remedies(row.key)

    def action_sort(self) -> None:
        """The next order."""
        there_are = sorts(self.columns)
        place = there_are.index(self.choice.sort) if self.choice.sort in there_are else -1
        self.choose(sort=there_are[(place + 1) % len(there_are)], reverse=False)

    def action_reverse(self) -> None:
        """The other way round."""
        self.choose(reverse=not self.choice.reverse)

    def action_at_risk(self) -> None:
        """Only what needs attention, or all."""
        self.choose(at_risk=not self.choice.at_risk)

    def action_back(self) -> None:
        """Clear what hides rows; with nothing hidden, back."""
        if self.choice.filter or self.choice.at_risk:
            self.choose(filter="", at_risk=False)
        else:
            super().action_back()

    async def action_filter(self) -> None:
        """Ask for a filter."""
        from adlwatch.tui.widgets.prompt import Prompt  # noqa: PLC0415  # Textual's input is not part of the first frame

        if not self.query(Prompt):
            await self.mount(Prompt(self.choice.filter, placeholder="btc  !ok  venue:bybit  light>=4"), before=self.tape)

    def on_prompt_typed(self, message: "Prompt.Typed") -> None:
        """Filter while typing; while a term can't be read, nothing is hidden and the term is explained."""
        self._explained = _unreadable(message.value)
        self.choose(filter="" if self._explained else message.value.strip())

    async def on_prompt_closed(self, message: "Prompt.Closed") -> None:
        """Give the keys back to the table; what can't be read stays in the prompt."""
        if message.kept and self._explained:
            return
        self._explained = ""
        await self.query("Prompt").remove()
        self.table.focus()
        if not message.kept:
            self.choose(filter="")
        self.show(self.host.frame)

    def action_choose_columns(self) -> None:
        """Which columns, in which order."""
        from adlwatch.tui.screens.columns import ColumnsScreen  # noqa: PLC0415  # not part of the first frame

        self.app.push_screen(ColumnsScreen(self.painter, self.NAME, self.COLUMNS))


def _words(choice: Choice) -> list[str]:
    """What is chosen, other than the worst of everything first."""
    turned = " reversed" if choice.reverse else ""
    found = [f"view {choice.view}"] if choice.view else []
    found += [f"sort {choice.sort}{turned}"] if choice.sort != WORST or choice.reverse else []
    found += ["at risk only"] if choice.at_risk else []
    return [*found, f"/{choice.filter}"] if choice.filter else found


def _unreadable(expression: str) -> str:
    """Why a filter can't be read; empty where it can."""
    try:
        parse(expression)
    except FilterError as problem:
        return str(problem)
    return ""
