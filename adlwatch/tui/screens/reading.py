"""Screens whose body is a page of text."""

from collections.abc import Iterator

from textual.widget import Widget

from adlwatch.tui.paint import Painter
from adlwatch.tui.screens.view import View
from adlwatch.tui.spans import plain
from adlwatch.tui.widgets.page import Page


class Reading(View):
    """A view around one page."""

    def __init__(self, painter: Painter) -> None:
        super().__init__(painter)
        self.page = Page(painter, id="page")

    def body(self) -> Iterator[Widget]:
        """The page."""
        yield self.page

    def action_move(self, step: int) -> None:
        """Lines."""
        self.page.move(step)

    def action_page(self, pages: int) -> None:
        """Screens."""
        self.page.page(pages)

    def action_top(self) -> None:
        """The first line."""
        self.page.move_to(0)

    def action_bottom(self) -> None:
        """The last screen."""
        self.page.move_to(1_000_000)

    def action_copy(self) -> None:
        """The page as text."""
        self.host.copy_text("\n".join(plain(line).rstrip() for line in self.page.shown))
