"""The life of the program: the engine's task, signals, what was heard last, and one paint a tick."""

import asyncio
import logging
import signal
from collections import deque
from collections.abc import Callable, Mapping
from datetime import tzinfo
from functools import partial
from pathlib import Path
from time import monotonic
from types import MappingProxyType

from msgspec import Struct, field
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from adlwatch.config.units import Units
from adlwatch.config.views import SavedViews
from adlwatch.domain.snapshot import Snapshot
from adlwatch.tui import format as fmt
from adlwatch.tui import quotes
from adlwatch.tui.actions import bindings, remap
from adlwatch.tui.control import Backend, Offer, Start
from adlwatch.tui.crash import Breakable
from adlwatch.tui.frame import Frame
from adlwatch.tui.history import History
from adlwatch.tui.hypothesis import Hypothesis
from adlwatch.tui.link import UNSENT_LIMIT, LinkLost, unsent
from adlwatch.tui.memory import let_go
from adlwatch.tui.messages import SnapshotArrived
from adlwatch.tui.paint import Painter
from adlwatch.tui.palette import ActionProvider
from adlwatch.tui.screens.board import BoardScreen
from adlwatch.tui.screens.view import View
from adlwatch.tui.tape import Event, events
from adlwatch.tui.theme import DEFAULT, NATIVE, PALETTES
from adlwatch.tui.viewmodel import Choice

logger = logging.getLogger(__name__)

TICK = 0.5
"""Seconds between paints of fresh data; keys paint at once."""
SILENT_AFTER = 5.0
"""Seconds without an assessment after which the screen says so: the engine promises one a second."""
KEPT_EVENTS = 200
OPENING = frozenset({"adl", "liquidation", "unexplained"})
"""Kinds of incident that open their screen by themselves."""
SIGNALS = (("SIGTERM", 143), ("SIGHUP", 129))


class Options(Struct, frozen=True):
    """How the terminal is to look and where it may write."""

    theme: str = DEFAULT
    ascii_only: bool = False
    native_colours: bool = False
    label: str | None = None
    """Shown from the first frame on, before any snapshot can say it."""
    zone: tzinfo | None = None
    folder: Path | None = None
    """Where screenshots, copies and reports go; None: nothing is written."""
    keymap: dict[str, str] = field(default_factory=dict)
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """Ids of the columns after the first, by screen."""
    units: Units = field(default_factory=Units)
    views: SavedViews = field(default_factory=SavedViews)
    view: str | None = None
    """The saved view to begin with; None: the one named `default`, where there is one."""
    wall: bool = False
    """Begin with the wall."""
    offers: tuple[Offer, ...] = ()
    """What the welcome screen offers where there is nothing to start."""


class Shell(Breakable):
    """Starts the engine after the first frame, notes what it says, and hands the screen in front a frame a tick."""

    CSS = """
    Screen { layers: base; }
    CommandPalette { background: $background 60%; }
    CommandPalette #--input { border: none; padding: 1 2; }
    CommandPalette CommandList, CommandPalette CommandList:focus { border: none; scrollbar-size-vertical: 0; }
    CommandPalette #--results { border: none; }
    CommandPalette LoadingIndicator { display: none; }
    SearchIcon { display: none; }
    Toast { border-left: none; border-right: none; }
    """
    BINDINGS = bindings("app")
    COMMANDS = {ActionProvider}  # noqa: RUF012  # Textual's own form
    TITLE = "adlwatch"
    ENABLE_COMMAND_PALETTE = True

    def __init__(self, start: Start | None, options: Options | None = None, *, clock: Callable[[], float] = monotonic) -> None:
        self.options = options or Options()
        name = NATIVE if self.options.native_colours else self.options.theme
        self.painter = Painter(PALETTES[name], ascii_only=self.options.ascii_only)
        fmt.use(self.options.units)
        super().__init__()
        self.frame = Frame(labels=(self.options.label,) if self.options.label else (), zone=self.options.zone)
        self._start = start
        self._backend: Backend | None = None
        self._clock = clock
        self._heard_at = clock()
        self._latest: Snapshot | None = None
        self._held: Snapshot | None = None
        self._hypothesis: Hypothesis | None = None
        self._events: deque[Event] = deque(maxlen=KEPT_EVENTS)
        self._history = History()
        self.choices: dict[str, Choice] = {screen: Choice(columns=ids) for screen, ids in self.options.columns.items()}
        self._incidents: set[str] = set()
        self._fault = ""
        self._take_theme()

    def get_default_screen(self) -> Screen[None]:
        """The board is the bottom of the stack."""
        return BoardScreen(self.painter)

    def on_mount(self) -> None:
        """Nothing that costs time: the first frame comes first, then the engine."""
        remap(self.options.keymap)
        self.set_keymap(self.options.keymap)
        self._catch_signals()
        self.set_interval(TICK, self.tick)
        if self._start is not None:
            self.call_after_refresh(self._begin)
        else:
            self._welcome()

    async def on_unmount(self) -> None:
        """Release what the engine holds; Textual awaits this, also after a signal."""
        if self._backend is not None:
            await self._backend.engine.close()

    def _catch_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for name, code in SIGNALS:
            number = getattr(signal, name, None)
            if number is not None and hasattr(loop, "add_signal_handler"):
                try:
                    loop.add_signal_handler(number, partial(self.exit, None, code))
                except (NotImplementedError, RuntimeError, ValueError):  # Windows, or not the main thread
                    return

    def _welcome(self) -> None:
        from adlwatch.tui.screens.welcome import WelcomeScreen  # noqa: PLC0415  # only where nothing is configured

        self.push_screen(WelcomeScreen(self.painter, self.options.offers))

    def begin(self, start: Start) -> None:
        """Start what the user has chosen."""
        self._start = start
        self._heard_at = self._clock()
        self.pop_screen()
        self._begin()

    def _begin(self) -> None:
        self.run_worker(self._watch(), name="engine", group="engine", exit_on_error=False)

    async def _watch(self) -> None:
        """Build the engine off the loop (it imports numpy and what the sources need), then run it until the app ends."""
        if self._start is None:
            return
        self._backend = await asyncio.to_thread(self._start)
        forget = self._backend.engine.subscribe(self._heard)
        try:
            await self._backend.engine.run()
        finally:
            forget()

    def _heard(self, snapshot: Snapshot) -> None:
        self.post_message(SnapshotArrived(snapshot))

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A worker that broke is shown and logged; what was known stays on screen, marked."""
        if event.state is WorkerState.ERROR and event.worker.group == "engine":
            error = event.worker.error
            logger.error("the engine stopped", exc_info=error)
            self._fault = f"the engine stopped: {type(error).__name__}: {error}"
            self.paint()

    def on_snapshot_arrived(self, message: SnapshotArrived) -> None:
        """Note it; painting waits for the tick, except for the first."""
        first = self._latest is None
        self._events.extendleft(events(self._latest, message.snapshot))
        self._latest = message.snapshot
        self._history.record(message.snapshot)
        if self.options.units.price == "venue" and self._backend is not None:
            quotes.note(self._backend.sources())
        self._heard_at = self._clock()
        opened = self._opened_incident(message.snapshot)
        if first or opened is not None:
            self.paint()
        if opened is not None and not first and isinstance(self.screen, View) and not self.screen.busy:
            self.show_incident(opened)

    def _opened_incident(self, snapshot: Snapshot) -> str | None:
        """The worst of the incidents heard of for the first time: its screen opens by itself, once, unless the user is typing."""
        fresh = [each for each in snapshot.incidents if each.id not in self._incidents and each.kind.value in OPENING]
        self._incidents.update(each.id for each in fresh)
        return max(fresh, key=lambda each: each.naked_usd or 0.0).id if fresh else None

    def show_incident(self, incident: str) -> None:
        """One incident on top of whatever is in front."""
        from adlwatch.tui.screens.incident import IncidentScreen  # noqa: PLC0415  # not part of the first frame

        if isinstance(self.screen, IncidentScreen):
            self.screen.turn_to(incident)
        else:
            self.push_screen(IncidentScreen(self.painter, incident))

    def tick(self) -> None:
        """Paint what is fresh, unless the terminal has not taken the last frame; leave when the terminal is gone."""
        let_go()
        try:
            if unsent() < UNSENT_LIMIT:
                self.paint()
        except LinkLost:
            self.exit(return_code=SIGNALS[1][1])

    def paint(self) -> None:
        """Hand the frame to the screen in front (behind a dialog)."""
        picture = self._picture()
        self.frame = Frame(
            snapshot=picture,
            live=self._latest if self._hypothesis is None else picture,
            events=tuple(self._events),
            labels=self._labels(),
            trouble=self._trouble(),
            zone=self.options.zone,
            history=self._history,
        )
        front = next((screen for screen in reversed(self.screen_stack) if isinstance(screen, View)), None)
        if front is not None:
            front.show(self.frame)

    def _picture(self) -> Snapshot | None:
        """What the screens show: the book as it is, held, or as it would be."""
        if self._hypothesis is not None and self._backend is not None and self._backend.what_if is not None:
            return self._backend.what_if(self._hypothesis)
        return self._held or self._latest

    def _labels(self) -> tuple[str, ...]:
        own = self._latest.label if self._latest is not None else self.options.label
        frozen = f"FROZEN at {self._held.as_of:%H:%M:%S} UTC" if self._held is not None else None
        supposed = self._hypothesis.label if self._hypothesis is not None else None
        return tuple(label for label in (supposed, frozen, own) if label)

    def _trouble(self) -> str:
        silent = self._clock() - self._heard_at
        if self._fault or silent < SILENT_AFTER or self._start is None:
            return self._fault
        return f"no assessment for {silent:.0f} s: what you see is old"

    def _take_theme(self) -> None:
        theme = self.painter.palette.textual_theme()
        if theme is not None:
            self.register_theme(theme)
            self.theme = theme.name
