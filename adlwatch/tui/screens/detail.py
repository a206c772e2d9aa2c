"""The drill-down of one position or hedge."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from adlwatch.tui.actions import bindings
from adlwatch.tui.alert_rows import about
from adlwatch.tui.detail import detail_lines
from adlwatch.tui.frame import Frame
from adlwatch.tui.paint import Painter
from adlwatch.tui.past import SPANS, Past, past
from adlwatch.tui.screens.raw import RawScreen
from adlwatch.tui.screens.reading import Reading
from adlwatch.tui.spans import Spans, plain
from adlwatch.tui.venue_text import venue_text

if TYPE_CHECKING:
    from adlwatch.domain.samples import Sample

COPY_WIDTH = 100


class DetailScreen(Reading):
    """Follows its key through the snapshots; n and N go to its neighbours on the board."""

    SCOPES = ("page", "text", "detail")
    BINDINGS = bindings(*SCOPES)

    def __init__(self, painter: Painter, key: str, keys: tuple[str, ...]) -> None:
        super().__init__(painter)
        self.key = key
        self.keys = keys
        self._span = 0
        self._past: Past | None = None

    def show(self, frame: Frame) -> None:
        """The key's page in this frame."""
        super().show(frame)
        self.page.show(self.lines(frame, self.size.width))

    def lines(self, frame: Frame, cells: int) -> list[Spans]:
        """The page as wide as asked."""
        positions = frame.snapshot.positions if frame.snapshot is not None else ()
        venue = next((p.venue for p in positions if p.key == self.key), "")
        return detail_lines(frame, self.key, venue_text(venue), cells, self._past)

    def action_neighbour(self, step: int) -> None:
        """The next line of the board, or the one before."""
        if self.key in self.keys:
            self.key = self.keys[(self.keys.index(self.key) + step) % len(self.keys)]
            self._past = None
            self.page.move_to(0)
            self.show(self.host.frame)
            self._look_back()

    @property
    def selected(self) -> str | None:
        """What the page is about."""
        return self.key

    def action_acknowledge(self) -> None:
        """Every alert about it."""
        live = self.host.frame.live
        if live is not None:
            self.host.acknowledge(about(live, self.key))

    def action_raw(self) -> None:
        """The fields behind it."""
        self.app.push_screen(RawScreen(self.painter, self.key))

    def action_span(self) -> None:
        """Plots over a longer time, and back to the last minutes."""
        self._span = (self._span + 1) % len(SPANS)
        self._look_back()

    def _look_back(self) -> None:
        """Read the chosen span; the history blocks, so off the loop."""
        title, span = SPANS[self._span]
        backend, live = self.host.backend, self.host.frame.live
        if span is None or live is None or backend is None or backend.past is None:
            self._past = None
            self.show(self.host.frame)
        else:
            self.run_worker(self._read(backend.past, title, live.as_of - span, live.as_of), group="past", exclusive=True)

    async def _read(
        self, read: "Callable[[str, datetime], Sequence[Sample]]", title: str, start: datetime, end: datetime
    ) -> None:
        key = self.key
        try:
            samples = await asyncio.to_thread(read, key, start)
        except OSError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        if key == self.key:
            self._past = past(samples, title, start, end)
            self.show(self.host.frame)

    def action_fix(self) -> None:
        """What would bring this light down."""
        self.host.open_remedies(self.key)

    def action_copy(self) -> None:
        """The page as text."""
        self.host.copy_text("\n".join(plain(line).rstrip() for line in self.lines(self.host.frame, COPY_WIDTH)))
