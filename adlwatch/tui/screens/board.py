"""The board: hedges worst first, each unfolding to its legs."""

from collections.abc import Iterator
from dataclasses import replace
from types import MappingProxyType

from textual.widget import Widget

from adlwatch.tui.actions import bindings
from adlwatch.tui.columns import BOARD
from adlwatch.tui.filter import FilterError, parse
from adlwatch.tui.frame import Frame
from adlwatch.tui.notices import board_notice
from adlwatch.tui.paint import Painter
from adlwatch.tui.rows import HedgeRow, Row
from adlwatch.tui.screens.listing import Listing
from adlwatch.tui.spans import Role, Spans, plain
from adlwatch.tui.viewmodel import SORTS, BoardChoice, board_rows
from adlwatch.tui.widgets.prompt import Prompt


class BoardScreen(Listing):
    """Default screen; what the user chose to see is its only state."""

    SCOPES = ("panel", "list", "book", "board")
    BINDINGS = bindings(*SCOPES)

    def __init__(self, painter: Painter) -> None:
        super().__init__(painter, BOARD)
        self.choice = BoardChoice()
        self.rows: list[Row] = []

    def body(self) -> Iterator[Widget]:
        """The table, and the prompt of the filter while it is asked for."""
        yield self.table

    def on_mount(self) -> None:
        """The keys belong to the table."""
        self.table.focus()

    def show(self, frame: Frame) -> None:
        """Rows of this frame."""
        super().show(frame)
        snapshot = frame.snapshot
        self.rows = board_rows(snapshot, self.choice) if snapshot is not None else []
        notice = board_notice(snapshot, filtered=self.choice.filter, at_risk=self.choice.at_risk)
        self.table.show(self.rows, notice=notice if not self.rows else ())

    def hint_spans(self) -> Spans:
        """What is chosen first, then the keys."""
        chosen = (
            [f"sort {self.choice.sort}{' ↑' if self.choice.reverse else ''}"]
            if self.choice.sort != "worst" or self.choice.reverse
            else []
        )
        chosen += ["at risk only"] if self.choice.at_risk else []
        chosen += [f"/{self.choice.filter}"] if self.choice.filter else []
        marks: Spans = tuple((f" {word} ", Role.LABEL) for word in chosen)
        return (*marks, *super().hint_spans())

    def choose(self, choice: BoardChoice) -> None:
        """See something else; the cursor stays on its key."""
        self.choice = choice
        self.show(self.host.frame)

    def action_open(self) -> None:
        """Drill down."""
        row = self.table.cursor_row
        if row is not None:
            self.host.open_detail(row.key, tuple(r.key for r in self.rows))

    def action_fold(self) -> None:
        """Fold or unfold the hedge under the cursor, or the one this leg belongs to."""
        row = self.table.cursor_row
        hedge = getattr(row, "hedge", None)
        if hedge is None:
            return
        folds = {**self.choice.folds, hedge.name: not self.choice.unfolded(hedge)}
        self.choose(replace(self.choice, folds=MappingProxyType(folds)))
        self.table.show_cursor_on(f"hedge:{hedge.name}")

    def action_fold_all(self) -> None:
        """Unfold all if any is folded, else fold all."""
        snapshot = self.host.frame.snapshot
        hedges = snapshot.hedges if snapshot is not None else ()
        unfold = any(isinstance(row, HedgeRow) and not row.open for row in self.rows)
        self.choose(replace(self.choice, folds=MappingProxyType({h.name: unfold for h in hedges})))

    def action_sort(self) -> None:
        """The next order."""
        names = list(SORTS)
        following = names[(names.index(self.choice.sort) + 1) % len(names)]
        self.choose(replace(self.choice, sort=following, reverse=False))

    def action_reverse(self) -> None:
        """The other way round."""
        self.choose(replace(self.choice, reverse=not self.choice.reverse))

    def action_at_risk(self) -> None:
        """Only what needs attention, or all."""
        self.choose(replace(self.choice, at_risk=not self.choice.at_risk))

    def action_back(self) -> None:
        """Clear what hides rows."""
        self.choose(replace(self.choice, filter="", at_risk=False))

    async def action_filter(self) -> None:
        """Ask for a filter."""
        if not self.query(Prompt):
            await self.mount(Prompt(self.choice.filter), before=self.tape)

    def on_prompt_changed(self, message: Prompt.Changed) -> None:
        """Filter while typing; a term that can't be read yet is named and the last good filter stays."""
        message.stop()
        try:
            parse(message.value)
        except FilterError as problem:
            self.hints.show(((f" {problem} ", Role.WARNING),))
        else:
            self.choose(replace(self.choice, filter=message.value.strip()))

    async def on_prompt_closed(self, message: Prompt.Closed) -> None:
        """Give the keys back to the table."""
        message.stop()
        await self.query(Prompt).remove()
        self.table.focus()
        self.choose(self.choice if message.kept else replace(self.choice, filter=""))

    def action_copy(self) -> None:
        """The line under the cursor as text."""
        row = self.table.cursor_row
        if row is not None:
            cells = (plain(getattr(row, column.id)(column.width)) for column in BOARD)
            self.host.copy_text("\t".join(cell.strip() for cell in cells))
