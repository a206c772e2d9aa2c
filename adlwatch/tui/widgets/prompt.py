"""The line where a filter is typed."""

from textual import events
from textual.message import Message
from textual.widgets import Input


class Prompt(Input):
    """Says what is typed as it is typed, and whether it is kept (enter) or given up (escape)."""

    DEFAULT_CSS = "Prompt { height: 1; border: none; padding: 0 1; } Prompt:focus { border: none; }"

    class Typed(Message):
        """The text so far."""

        def __init__(self, value: str) -> None:
            super().__init__()
            self.value = value

    class Closed(Message):
        """Enter (kept) or escape."""

        def __init__(self, *, kept: bool) -> None:
            super().__init__()
            self.kept = kept

    def __init__(self, value: str, *, placeholder: str) -> None:
        super().__init__(value, placeholder=placeholder, select_on_focus=False, compact=True)
        self.cursor_blink = False

    def on_mount(self) -> None:
        """Typing goes here."""
        self.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say so."""
        event.stop()
        self.post_message(self.Typed(event.value))

    def on_input_submitted(self) -> None:
        """Keep it."""
        self.post_message(self.Closed(kept=True))

    def on_key(self, event: events.Key) -> None:
        """Escape gives up."""
        if event.key == "escape":
            event.stop()
            self.post_message(self.Closed(kept=False))
