"""What every screen has in common: the top line, a body, the tape and the key hints."""

from collections.abc import Iterator, Sequence
from typing import ClassVar, Protocol, cast

from textual import events
from textual.app import ComposeResult
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from adlwatch.config.shape import ViewTable
from adlwatch.domain.alert import Alert
from adlwatch.tui import actions
from adlwatch.tui.control import Backend, Start
from adlwatch.tui.format import clock
from adlwatch.tui.frame import Frame
from adlwatch.tui.paint import Painter
from adlwatch.tui.spans import Role, Spans, text
from adlwatch.tui.topline import topline
from adlwatch.tui.viewmodel import Choice
from adlwatch.tui.widgets.bar import Bar

SHORT = 16
"""Below this many lines the tape gives its place to the body."""


class Host(Protocol):
    """What a screen may ask of the app."""

    frame: Frame
    painter: Painter
    choices: dict[str, Choice]
    """What the user chose to see, by the name of the screen."""

    def open_detail(self, key: str, keys: tuple[str, ...]) -> None:
        """Show the drill-down of a position or hedge; `keys` are its neighbours in order."""

    def open_remedies(self, key: str) -> None:
        """Show what would bring a position's light down."""

    def open_view(self, name: str, view: ViewTable) -> None:
        """Show a saved view, on its screen."""

    def copy_text(self, value: str) -> None:
        """To the terminal's clipboard and into a file."""

    @property
    def backend(self) -> Backend | None:
        """What runs behind the screen; None before it does."""

    def acknowledge(self, alerts: Sequence[Alert]) -> None:
        """Somebody has seen these."""

    def snooze(self, alerts: Sequence[Alert]) -> None:
        """Nothing of these for an hour."""

    def write_file(self, name: str, content: str) -> None:
        """A file for the user."""

    def begin(self, start: Start) -> None:
        """Start watching, from the welcome screen."""

    def retry(self, source: str | None) -> None:
        """Ask a source (all, for None) again now."""

    def stop_supposing(self) -> None:
        """Show the book as it is."""


class View(Screen[None]):
    """Base of the screens. A subclass gives the body and shows frames; it never fetches and holds no data but the frame."""

    SCOPES: ClassVar[tuple[str, ...]] = ()
    CSS = "View { layout: vertical; } View #tape.-gone { display: none; }"

    def __init__(self, painter: Painter) -> None:
        super().__init__()
        self.painter = painter
        self.top = Bar(painter, raised=True, id="top")
        self.tape = Bar(painter, id="tape")
        self.hints = Bar(painter, raised=True, id="hints")

    @property
    def host(self) -> Host:
        """The app, as far as screens may use it."""
        return cast("Host", self.app)

    def compose(self) -> ComposeResult:
        """Once; nothing is composed again."""
        yield self.top
        yield from self.body()
        yield self.tape
        yield self.hints

    def body(self) -> Iterator[Widget]:
        """The widgets between top line and tape."""
        raise NotImplementedError

    def show(self, frame: Frame) -> None:
        """Show a frame: the bars here, the body in the subclass."""
        self.top.show(topline(frame.live, cells=self.size.width, labels=frame.labels, trouble=frame.trouble))
        self.tape.show(tape(frame))
        self.hints.show(self.hint_spans())

    def render_lines(self, crop: Region) -> list[Strip]:
        """The ground behind the widgets, which cover all of it."""
        return [Strip.blank(crop.width, self.painter.base)] * crop.height

    @property
    def busy(self) -> bool:
        """Whether the user is writing something, which must not be taken from under their hands."""
        return bool(self.query("Prompt"))

    @property
    def selected(self) -> str | None:
        """The key of the position or hedge (`hedge:NAME`) that the user points at."""
        return None

    def hint_spans(self) -> Spans:
        """What the last line says."""
        return self.key_hints(self.size.width)

    def key_hints(self, cells: int) -> Spans:
        """As many key hints as fit, the most useful first."""
        spans: list[tuple[str, Role]] = []
        used = 1
        for action in (a for a in actions.hints(self.SCOPES) if self.app.check_action(*a.call) is not False):
            key = action.hint_key or action.shown_keys.split(" ")[0]
            used += len(key) + len(action.label) + 3
            if used > cells and spans:
                break
            spans += [(" " + key, Role.ACCENT), (f" {action.label} ", Role.DIM)]
        return tuple(spans)

    def on_screen_resume(self) -> None:
        """Whatever happened while another screen was in front is shown at once."""
        self.show(self.host.frame)

    def on_resize(self, event: events.Resize) -> None:
        """Short terminals give the tape's line to the body."""
        self.tape.set_class(event.size.height < SHORT, "-gone")
        self.call_after_refresh(lambda: self.show(self.host.frame))

    def repaint(self) -> None:
        """The palette changed: forget every painted line."""
        for widget in self.query(Widget):
            if (again := getattr(widget, "repaint", None)) is not None:
                again()

    def action_back(self) -> None:
        """Back to the screen before; from the first one, out of the what-if."""
        if len(self.app.screen_stack) > 1:
            self.app.pop_screen()
        else:
            self.host.stop_supposing()

    def action_quit(self) -> None:
        """Leave."""
        self.app.exit()


def tape(frame: Frame) -> Spans:
    """The newest events that fit on a line, newest first."""
    if not frame.events:
        return text(" nothing has happened yet" if frame.snapshot is not None else "", Role.DIM)
    spans: list[tuple[str, Role]] = []
    for event in frame.events[:4]:
        spans += [(f" {clock(event.at, frame.zone)} ", Role.DIM), (event.text, event.role), ("  ", Role.TEXT)]
    return tuple(spans)
