"""The board: hedges worst first, each unfolding to its legs."""

from types import MappingProxyType

from msgspec.structs import replace

from adlwatch.domain.snapshot import Snapshot
from adlwatch.tui.actions import bindings
from adlwatch.tui.columns import BOARD
from adlwatch.tui.frame import Frame
from adlwatch.tui.paint import Painter
from adlwatch.tui.rows import HedgeRow
from adlwatch.tui.screens.filterable import Filterable
from adlwatch.tui.viewmodel import board_rows


class BoardScreen(Filterable):
    """The default screen."""

    SCOPES = ("panel", "list", "book", "board")
    BINDINGS = bindings(*SCOPES)
    NAME = "board"
    COLUMNS = BOARD

    def __init__(self, painter: Painter) -> None:
        super().__init__(painter, board_rows)

    def show(self, frame: Frame) -> None:
        """A hedge that opened itself in trouble stays open when it calms down: lines don't vanish under the cursor."""
        choice, hedges = self.choice, frame.snapshot.hedges if frame.snapshot is not None else ()
        opened = {h.name: True for h in hedges if choice.unfolded(h)}
        if not opened.keys() <= choice.folds.keys():
            self.host.choices[self.NAME] = replace(choice, folds=MappingProxyType({**opened, **choice.folds}))
        super().show(frame)

    def counted(self, snapshot: Snapshot) -> tuple[int, int]:
        """Hedges."""
        return len({row.hedge.name for row in self.rows if row.hedge is not None}), len(snapshot.hedges)

    def action_fold(self) -> None:
        """Fold or unfold the hedge under the cursor, or the one this leg belongs to."""
        hedge = getattr(self.table.cursor_row, "hedge", None)
        if hedge is None:
            return
        folds = {**self.choice.folds, hedge.name: not self.choice.unfolded(hedge)}
        self.choose(folds=MappingProxyType(folds))
        self.table.show_cursor_on(f"hedge:{hedge.name}")

    def action_fold_all(self) -> None:
        """Unfold all if any is folded, else fold all."""
        snapshot = self.host.frame.snapshot
        hedges = snapshot.hedges if snapshot is not None else ()
        unfold = any(isinstance(row, HedgeRow) and not row.open for row in self.rows)
        self.choose(folds=MappingProxyType({h.name: unfold for h in hedges}))
