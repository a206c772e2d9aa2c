"""What would bring one position's light down; computed off the event loop."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.worker import Worker, WorkerState

from adlwatch.tui.actions import bindings
from adlwatch.tui.frame import Frame
from adlwatch.tui.paint import Painter
from adlwatch.tui.remedy_text import remedy_lines
from adlwatch.tui.screens.reading import Reading
from adlwatch.tui.spans import Role, text

if TYPE_CHECKING:
    from adlwatch.domain.remedy import Remedy

GROUP = "remedies"


class RemedyScreen(Reading):
    """Starts at one light below the one shown; f asks for one lower still."""

    SCOPES = ("page", "text", "remedies")
    BINDINGS = bindings(*SCOPES)

    def __init__(self, painter: Painter, key: str, level: int | None, search: "Callable[[str, int], tuple[Remedy, ...]]") -> None:
        super().__init__(painter)
        self.key = key
        self.to = max(1, min(4, (level or 5) - 1))
        self._search = search
        self._found: tuple[Remedy, ...] | None = None
        self._problem = ""

    def on_mount(self) -> None:
        """Compute at once."""
        self._begin()

    def _begin(self) -> None:
        self._found, self._problem = None, ""
        self.run_worker(asyncio.to_thread(self._search, self.key, self.to), group=GROUP, exclusive=True, exit_on_error=False)
        self.show(self.host.frame)

    def on_worker_state_changed(self, event: "Worker.StateChanged") -> None:
        """Show what was found, or why nothing could be."""
        if event.worker.group != GROUP:
            return
        event.stop()
        if event.state is WorkerState.SUCCESS:
            self._found = event.worker.result
        elif event.state is WorkerState.ERROR:
            self._problem = f"could not be computed: {event.worker.error!r}"
        self.show(self.host.frame)

    def show(self, frame: Frame) -> None:
        """The page, whatever is known by now."""
        super().show(frame)
        positions = frame.snapshot.positions if frame.snapshot is not None else ()
        position = next((p for p in positions if p.key == self.key), None)
        lines = remedy_lines(position, self._found, self.to, self.size.width)
        self.page.show([*lines, text(f"  {self._problem}", Role.CRITICAL)] if self._problem else lines)

    def action_lower(self) -> None:
        """One light lower, and from the lowest back to where it began."""
        self.to = self.to - 1 if self.to > 1 else 4
        self._begin()
