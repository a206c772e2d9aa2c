"""The raw fields behind one position."""

from adlwatch.tui.actions import bindings
from adlwatch.tui.frame import Frame
from adlwatch.tui.paint import Painter
from adlwatch.tui.raw_text import raw_lines, raw_parts
from adlwatch.tui.screens.reading import Reading


class RawScreen(Reading):
    """Follows its key; ages run."""

    SCOPES = ("page", "text")
    BINDINGS = bindings(*SCOPES)

    def __init__(self, painter: Painter, key: str) -> None:
        super().__init__(painter)
        self.key = key

    def show(self, frame: Frame) -> None:
        """The fields as last read: neither held by pause nor supposed."""
        super().show(frame)
        backend, live = self.host.backend, frame.live
        if backend is not None and live is not None:
            self.page.show(raw_lines(raw_parts(backend.sources(), self.key), live.as_of, self.size.width))
