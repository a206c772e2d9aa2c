"""The application: what screens may ask for, and the actions that work on every screen."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace
from textual.command import CommandPalette

from adlwatch.config.shape import ConfigError, ViewTable
from adlwatch.domain.alert import Alert
from adlwatch.domain.snapshot import PositionView
from adlwatch.tui.alert_rows import HEDGE_PREFIX
from adlwatch.tui.control import Backend, meddle
from adlwatch.tui.format import clock, plural
from adlwatch.tui.hypothesis import Hypothesis
from adlwatch.tui.incident_text import foremost
from adlwatch.tui.saved import FIRST, choice_of, problem
from adlwatch.tui.screens.view import View
from adlwatch.tui.shell import Options, Shell
from adlwatch.tui.theme import PALETTES

__all__ = ["Options", "WatchApp"]


SNOOZE = timedelta(hours=1)


class WatchApp(Shell):
    """One process, one screen stack: the board at its bottom, everything else on top."""

    @property
    def backend(self) -> Backend | None:
        """What runs behind the screen; None before it does."""
        return self._backend

    def on_mount(self) -> None:
        """Begin with the view, and on the wall, where that is wanted."""
        if self._start is None:
            return
        view = self._views().get(self.options.view or FIRST)
        if view is not None and not problem(view):
            self.open_view(self.options.view or FIRST, view)
        if self.options.wall:
            self.action_wall()

    def _views(self) -> Mapping[str, ViewTable]:
        try:
            return {**self.options.views.configured, **self.options.views.saved()}
        except ConfigError as broken:
            self.notify(str(broken), severity="error", markup=False)
            return self.options.views.configured

    # What screens may ask for.

    def open_detail(self, key: str, keys: tuple[str, ...]) -> None:
        """Drill down."""
        from adlwatch.tui.screens.detail import DetailScreen  # noqa: PLC0415  # not part of the first frame

        self.push_screen(DetailScreen(self.painter, key, keys))

    def open_remedies(self, key: str) -> None:
        """What would bring a light down."""
        from adlwatch.tui.screens.remedies import RemedyScreen  # noqa: PLC0415  # not part of the first frame

        positions = self._latest.positions if self._latest is not None else ()
        position = next((p for p in positions if p.key == key), None)
        if position is None or self._backend is None or self._backend.remedies is None:
            self.notify("Remedies are for a position that has a light: put the cursor on one", markup=False, timeout=3)
            return
        self.push_screen(RemedyScreen(self.painter, key, position.light.level, self._backend.remedies))

    def open_view(self, name: str, view: ViewTable) -> None:
        """Show a saved view, on its screen."""
        self.choices[view.screen] = choice_of(name, view)
        self.action_panel(view.screen)

    def copy_text(self, value: str) -> None:
        """To the terminal's clipboard (OSC 52, which no terminal confirms) and to a file."""
        self.copy_to_clipboard(value)
        self._write("adlwatch-copy.txt", value + "\n", "Copied; also in", otherwise="Copied")

    def acknowledge(self, alerts: Sequence[Alert]) -> None:
        """Somebody has seen these."""
        done = sum(self._backend.engine.acknowledge(a.key, self._backend.user) for a in alerts) if self._backend else 0
        self._say(f"Acknowledged {plural(done, 'alert')}" if done else "Nothing to acknowledge here")

    def snooze(self, alerts: Sequence[Alert]) -> None:
        """Nothing of these for an hour from now, or from when they would be heard again."""
        if self._backend is None or self._latest is None:
            return
        now = self._latest.as_of
        until = [(a, max(now, a.snoozed_until or now) + SNOOZE) for a in alerts]
        times = [time for alert, time in until if self._backend.engine.snooze(alert.key, time)]
        self._say(f"Snoozed until {clock(max(times), self.options.zone)}" if times else "Nothing to snooze here")

    def write_file(self, name: str, content: str) -> None:
        """A file for the user, in the folder where all of them go."""
        self._write(name, content, "Saved")

    def _say(self, words: str) -> None:
        self.notify(words, markup=False, timeout=3)

    def retry(self, source: str | None) -> None:
        """Ask a source again now."""
        asked = self._backend.engine.retry(source) if self._backend is not None else ()
        self.notify(
            f"Asking {', '.join(asked)}" if asked else "Nobody to ask now: told to wait, or still starting",
            markup=False,
            timeout=2,
        )

    # Actions of scope `app`.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """No keys of a simulated world without one, none of the other screens before there is something to watch."""
        if action == "world":
            return self._backend is not None and self._backend.world is not None
        if action == "what_if":
            return self._backend is not None and self._backend.what_if is not None
        if action in ("move_marks", "aim", "follow", "resize", "fund"):
            return self._hypothesis is not None
        if action == "incident":
            return foremost(self._latest) is not None
        if action in ("panel", "pause", "views", "wall"):
            return self._start is not None
        return super().check_action(action, parameters)

    def action_world(self, what: str) -> None:
        """Do something to the simulated world; it shows in the next reading."""
        if self._backend is None or self._backend.world is None:
            return
        done = meddle(self._backend.world, what)
        self.notify(done, title="MOCK", markup=False, timeout=3)

    def action_panel(self, name: str) -> None:
        """One of the numbered screens, on top of the board and nothing else."""
        from adlwatch.tui.screens.panels import PANELS  # noqa: PLC0415  # not part of the first frame

        while len(self.screen_stack) > 1:
            self.pop_screen()
        if name != "board":
            self.push_screen(PANELS[name](self.painter))

    def action_views(self) -> None:
        """The saved views; what may be saved is the look of the table in front, or next behind it."""
        from adlwatch.tui.screens.filterable import Filterable  # noqa: PLC0415  # not part of the first frame
        from adlwatch.tui.screens.views import ViewsScreen  # noqa: PLC0415  # as above

        if not isinstance(self.screen, ViewsScreen):
            of = next((screen.NAME for screen in reversed(self.screen_stack) if isinstance(screen, Filterable)), "board")
            self.push_screen(ViewsScreen(self.painter, self.options.views, of))

    def action_wall(self) -> None:
        """Big type, or back from it."""
        from adlwatch.tui.screens.wall import WallScreen  # noqa: PLC0415  # not part of the first frame

        if isinstance(self.screen, WallScreen):
            self.pop_screen()
        else:
            self.push_screen(WallScreen(self.painter))

    def action_incident(self) -> None:
        """The latest incident."""
        incident = foremost(self._latest)
        if incident is not None:
            self.show_incident(incident.id)

    def action_command_palette(self) -> None:
        """Every action by name."""
        if not any(isinstance(screen, CommandPalette) for screen in self.screen_stack):
            self.push_screen(CommandPalette(placeholder="Search", id="--command-palette"))

    def action_help(self) -> None:
        """Help on the screen in front."""
        from adlwatch.tui.screens.help import HelpScreen  # noqa: PLC0415  # not part of the first frame

        if not isinstance(self.screen, HelpScreen) and isinstance(self.screen, View):
            self.push_screen(HelpScreen(self.painter, self.screen.SCOPES))

    def action_what_if(self) -> None:
        """Suppose other marks, or stop supposing."""
        self._hypothesis = Hypothesis() if self._hypothesis is None else None
        self.paint()

    def stop_supposing(self) -> None:
        """Show the book as it is."""
        if self._hypothesis is not None:
            self.action_what_if()

    def action_move_marks(self, percent: int) -> None:
        """Move the supposed marks; everything on screen is assessed anew."""
        if self._hypothesis is not None:
            self._hypothesis = self._hypothesis.moved(percent)
            self.paint()

    def action_follow(self) -> None:
        """Let the others follow Bitcoin by their beta, or stay where they are."""
        if self._hypothesis is not None:
            self._hypothesis = replace(self._hypothesis, follow=not self._hypothesis.follow)
            self.paint()

    def action_resize(self, percent: int) -> None:
        """Another size of the position in front."""
        if self._hypothesis is not None and (position := self._in_front()) is not None:
            self._hypothesis = self._hypothesis.resized(position, percent)
            self.paint()

    def action_fund(self, steps: int) -> None:
        """Another margin of the position in front."""
        if self._hypothesis is not None and (position := self._in_front()) is not None:
            self._hypothesis = self._hypothesis.funded(position, steps)
            self.paint()

    def _in_front(self) -> PositionView | None:
        """The position, as it is, that the screen in front points at; of a hedge, its worst leg."""
        key = self.screen.selected if isinstance(self.screen, View) else None
        latest = self._latest
        if key is None or latest is None:
            return None
        hedge = next((h for h in latest.hedges if f"{HEDGE_PREFIX}{h.name}" == key), None)
        wanted = key if hedge is None else hedge.worst_leg
        found = next((p for p in latest.positions if p.key == wanted), None)
        if found is None:
            self.notify("Size and margin are of a position: put the cursor on one", markup=False, timeout=3)
        return found

    def action_aim(self) -> None:
        """Move the next underlying, or all."""
        if self._hypothesis is not None and self._latest is not None:
            self._hypothesis = self._hypothesis.aimed(self._latest)
            self.paint()

    def action_pause(self) -> None:
        """Hold the picture; the top line and the tape go on."""
        self._held = None if self._held is not None else self._latest
        self.paint()

    def action_theme(self) -> None:
        """The next palette; the terminal's own colours can't be left, they were chosen before the start."""
        if self.painter.palette.native:
            return
        names = [name for name, palette in PALETTES.items() if not palette.native]
        following = names[(names.index(self.painter.palette.name) + 1) % len(names)]
        self.painter.use(PALETTES[following])
        self._take_theme()
        for screen in self.screen_stack:
            if isinstance(screen, View):
                screen.repaint()

    def action_save_screen(self) -> None:
        """An SVG of the screen."""
        self._write(
            f"adlwatch-{datetime.now().astimezone():%Y%m%d-%H%M%S}.svg", self.export_screenshot(title="adlwatch"), "Saved"
        )

    def _write(self, name: str, content: str, done: str, *, otherwise: str = "There is no folder to write into") -> None:
        if self.options.folder is None:
            self._say(otherwise)
            return
        path = self.options.folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)  # what is held is the owner's business
            path.write_text(content, encoding="utf-8")
        except OSError as error:
            self.notify(f"{path}: {error.strerror}", severity="error", markup=False)
        else:
            self.notify(f"{done} {path}", markup=False, timeout=3)
