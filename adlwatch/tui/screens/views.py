"""Saved views: choose one, save what is shown, rename, delete."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from msgspec.structs import replace
from textual.widget import Widget

from adlwatch.config.shape import ConfigError, ViewTable
from adlwatch.config.views import SavedViews
from adlwatch.tui.actions import bindings
from adlwatch.tui.columns import Column
from adlwatch.tui.frame import Frame
from adlwatch.tui.layout import wrapped
from adlwatch.tui.paint import Painter
from adlwatch.tui.saved import in_words, problem, view_of
from adlwatch.tui.screens.listing import Listing
from adlwatch.tui.spans import Role, Spans, text
from adlwatch.tui.viewmodel import Choice
from adlwatch.tui.widgets.page import Page
from adlwatch.tui.widgets.prompt import Prompt

COLUMNS = (
    Column("name", "VIEW", 20, 28, 0, right=False, flash=False),
    Column("shows", "SHOWS", 30, 80, 1, right=False, flash=False),
    Column("where", "FROM", 7, 8, 2, right=False, flash=False),
)
NONE: tuple[Spans, ...] = (
    text("No views yet.", Role.STRONG),
    text("Filter, sort, fold and choose columns, then v and s: the view is kept under a name.", Role.DIM),
)


@dataclass(frozen=True, slots=True)
class ViewRow:
    """One view."""

    key: str
    """Its name."""
    view: ViewTable
    saved: bool
    """False where it stands in the configuration, which is not ours to write."""
    digit: str
    current: bool

    def name(self, _cells: int) -> Spans:
        """The key that takes it, and its name."""
        return ((f" {self.digit or ' '} ", Role.ACCENT), (self.key, Role.STRONG), (" ●" if self.current else "", Role.ACCENT))

    def shows(self, _cells: int) -> Spans:
        """What it shows, or why it can't."""
        found = problem(self.view)
        return text(f"✖ {found}", Role.WARNING) if found else text(in_words(self.view))

    def where(self, _cells: int) -> Spans:
        """Who keeps it."""
        return text("saved" if self.saved else "config", Role.DIM)


class ViewsScreen(Listing):
    """`of` is the screen whose look may be saved."""

    SCOPES = ("list", "views")
    BINDINGS = bindings(*SCOPES)
    CSS = "ViewsScreen #said { height: 3; }"

    def __init__(self, painter: Painter, views: SavedViews, of: str) -> None:
        super().__init__(painter, COLUMNS)
        self._views = views
        self._of = of
        self._renamed = ""
        self._doomed = ""
        self.said = Page(painter, id="said")

    def body(self) -> Iterator[Widget]:
        """Table, and what is said to what was done."""
        yield self.table
        yield self.said

    def on_mount(self) -> None:
        """The keys belong to the table."""
        self.table.focus()

    def show(self, frame: Frame) -> None:
        """The file is read anew: other sessions save as well."""
        super().show(frame)
        try:
            saved = self._views.saved()
        except ConfigError as broken:
            saved = {}
            self._say(str(broken), Role.CRITICAL)
        rows = view_rows(self._views.configured, saved, self.host.choices)
        self.table.show(rows, notice=NONE if not rows else ())

    def _say(self, words: str, role: Role = Role.OK) -> None:
        self.said.show(wrapped(words, self.size.width, role, indent=" "))

    def action_open_view(self) -> None:
        """The one under the cursor."""
        row = self.table.cursor_row
        if isinstance(row, ViewRow):
            self._open(row)

    def action_pick(self, digit: int) -> None:
        """The one of that number."""
        row = next((row for row in self.table.rows if isinstance(row, ViewRow) and row.digit == str(digit)), None)
        if row is not None:
            self._open(row)

    def _open(self, row: ViewRow) -> None:
        if found := problem(row.view):
            self._say(f"“{row.key}” can't be shown: {found}", Role.WARNING)
        else:
            self.host.open_view(row.key, row.view)

    async def action_save_view(self) -> None:
        """What is shown, under a name."""
        self._say(f"A name for the {self._of} as it is: enter saves, esc gives up", Role.STRONG)
        await self._ask(self.host.choices.get(self._of, Choice()).view)

    async def action_rename(self) -> None:
        """The saved one under the cursor."""
        row = self.table.cursor_row
        if isinstance(row, ViewRow) and row.saved:
            self._renamed = row.key
            self._say(f"Another name for “{row.key}”: enter takes it, esc gives up", Role.STRONG)
            await self._ask(row.key)
        elif row is not None:
            self._say("This one stands in config.toml: change its name there", Role.WARNING)

    async def _ask(self, value: str) -> None:
        if not self.query(Prompt):
            await self.mount(Prompt(value, placeholder=""), before=self.tape)

    async def on_prompt_closed(self, message: Prompt.Closed) -> None:
        """Save or rename, unless it was given up."""
        name = self.query_one(Prompt).value.strip()
        await self.query(Prompt).remove()
        self.table.focus()
        renamed, self._renamed = self._renamed, ""
        self._say("")
        if not message.kept or not name:
            return
        if renamed:
            self._do(lambda: self._views.rename(renamed, name), f"“{renamed}” is “{name}” from here on")
            return
        choice = self.host.choices.get(self._of, Choice())
        if self._do(lambda: self._views.save(name, view_of(self._of, choice)), f"Saved as “{name}”"):
            self.host.choices[self._of] = replace(choice, view=name)
        self.show(self.host.frame)
        self.table.show_cursor_on(name)

    def action_delete(self) -> None:
        """The saved one under the cursor, when asked a second time."""
        row = self.table.cursor_row
        if not isinstance(row, ViewRow):
            return
        if not row.saved:
            self._say("This one stands in config.toml: take it out there", Role.WARNING)
        elif self._doomed != row.key:
            self._doomed = row.key
            self._say(f"Again to delete “{row.key}”", Role.WARNING)
        else:
            self._do(lambda: self._views.delete(row.key), f"“{row.key}” is deleted")
            self._doomed = ""

    def _do(self, what: Callable[[], str], done: str) -> bool:
        try:
            note = what()
        except ConfigError as refused:
            self._say(str(refused), Role.CRITICAL)
            return False
        self.show(self.host.frame)
        self._say(note or done, Role.WARNING if note else Role.OK)
        return True

    def action_move(self, step: int) -> None:
        """Move; what was to be deleted is not."""
        super().action_move(step)
        self._doomed = ""

    def action_back(self) -> None:
        """To the screen before, and nowhere further."""
        self.app.pop_screen()


def view_rows(configured: Mapping[str, ViewTable], saved: Mapping[str, ViewTable], shown: Mapping[str, Choice]) -> list[ViewRow]:
    """A line a view; one that was saved stands for the configured one of its name."""
    current = {choice.view for choice in shown.values()}
    views = {**configured, **saved}
    return [
        ViewRow(name, view, name in saved, str(place) if place <= 9 else "", name in current)
        for place, (name, view) in enumerate(views.items(), 1)
    ]
