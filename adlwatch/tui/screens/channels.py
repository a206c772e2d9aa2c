"""Who is told of alerts: what came of every attempt, and a test. The log is read off the event loop."""

import asyncio
from collections.abc import Iterator

from textual.widget import Widget

from adlwatch.tui.actions import bindings
from adlwatch.tui.channel_rows import CHANNELS, ChannelRow, log_lines
from adlwatch.tui.control import Delivery
from adlwatch.tui.frame import Frame
from adlwatch.tui.paint import Painter
from adlwatch.tui.screens.listing import Listing
from adlwatch.tui.spans import Role, Spans, text
from adlwatch.tui.widgets.page import Page

RELOAD = 5.0
"""Seconds between two looks into the log."""
NONE: tuple[Spans, ...] = (
    text("Nobody is told: no [[channel]] is configured.", Role.STRONG),
    text("How to add one: docs/alerts.md, config.example.toml.", Role.DIM),
)


class ChannelsScreen(Listing):
    """A line a channel, and below the table its delivery log."""

    SCOPES = ("panel", "list", "channels")
    BINDINGS = bindings(*SCOPES)
    CSS = "ChannelsScreen Page { height: 60%; }"

    def __init__(self, painter: Painter) -> None:
        super().__init__(painter, CHANNELS)
        self.log_page = Page(painter, id="log")
        self._log: tuple[Delivery, ...] = ()
        self._problem = ""
        self._trying: dict[str, str] = {}

    def body(self) -> Iterator[Widget]:
        """Table and log."""
        yield self.table
        yield self.log_page

    def on_mount(self) -> None:
        """The keys belong to the table; the log is read at once, and again while one looks."""
        self.table.focus()
        self._reload()
        self.set_interval(RELOAD, self._reload)

    def _reload(self) -> None:
        self.run_worker(self._load(), group="deliveries", exclusive=True)

    async def _load(self) -> None:
        backend = self.host.backend
        try:
            self._log = tuple(await asyncio.to_thread(backend.deliveries)) if backend is not None else ()
            self._problem = ""
        except OSError as error:
            self._problem = f"the log cannot be read: {error}"
        self.show(self.host.frame)

    def show(self, frame: Frame) -> None:
        """The channels and the log of the one under the cursor."""
        super().show(frame)
        names = self.host.backend.channels if self.host.backend is not None else ()
        rows = [
            ChannelRow(name, tuple(d for d in self._log if d.channel == name), self._trying.get(name, ""), frame.zone)
            for name in names
        ]
        self.table.show(rows, notice=NONE if not rows else ())
        self._show_log()

    def _show_log(self) -> None:
        row = self.table.cursor_row
        if self._problem:
            self.log_page.show((text(f"  {self._problem}", Role.CRITICAL),))
        else:
            self.log_page.show(log_lines(row.log, row.zone) if isinstance(row, ChannelRow) else ())

    def action_move(self, step: int) -> None:
        """Move and show the next one's log."""
        super().action_move(step)
        self._show_log()

    def action_try_channel(self) -> None:
        """Send a test through the one under the cursor."""
        row, backend = self.table.cursor_row, self.host.backend
        if isinstance(row, ChannelRow) and backend is not None and backend.try_channel is not None:
            self._trying[row.name_] = "… sending"
            self.show(self.host.frame)
            self.run_worker(self._try(row.name_), group="try")

    async def _try(self, name: str) -> None:
        backend = self.host.backend
        if backend is None or backend.try_channel is None:
            return
        try:
            await asyncio.to_thread(backend.try_channel, name)
        except OSError as error:
            self._trying[name] = "✖ test failed"
            self.notify(f"{name}: not taken: {error}", severity="error", markup=False)
        else:
            self._trying[name] = "● test taken"
            self.notify(f"{name} took the test", markup=False, timeout=3)
        self.show(self.host.frame)
