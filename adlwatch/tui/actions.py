"""The one table of keys. Bindings, help, footer hints and the command palette all come from it; no key is bound elsewhere.

`do` is a Textual action: `name` calls `action_name` on the screen (or the app), `name('x')` passes an argument. A scope says
where the key works: `app` everywhere, `list` on screens with a table, `page` on screens with text, the others on one screen.
`hint` orders the footer, lowest first; None keeps an action out of it.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from msgspec import Struct
from textual.binding import Binding


class Action(Struct, frozen=True):
    """One thing a key can do."""

    do: str
    keys: tuple[str, ...]
    label: str
    help: str
    scope: str
    group: str
    hint: int | None = None
    hint_key: str = ""
    """What the footer shows as its key, in place of the first."""
    first: bool = False
    """Taken before whatever has the focus."""

    @property
    def id(self) -> str:
        """Name under which a user's keymap refers to it: the action and its argument."""
        name, arguments = self.call
        return ".".join((self.scope, name, *(str(argument) for argument in arguments)))

    @property
    def call(self) -> tuple[str, tuple[object, ...]]:
        """Method and arguments, as `check_action` takes them."""
        name, _, argument = self.do.partition("(")
        return name, ((argument.strip("')"),) if argument else ())

    @property
    def shown_keys(self) -> str:
        """The keys as help and footer show them."""
        return " ".join(KEY_NAMES.get(key, key) for key in _REMAPPED.get(self.id, self.keys))


KEY_NAMES = {
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "shift+right": "shift+→",
    "shift+left": "shift+←",
    "shift+up": "shift+↑",
    "shift+down": "shift+↓",
    "question_mark": "?",
    "slash": "/",
    "exclamation_mark": "!",
    "colon": ":",
    "plus": "+",
    "minus": "-",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "comma": ",",
    "full_stop": ".",
    "left_parenthesis": "(",
    "right_parenthesis": ")",
    "escape": "esc",
    "pageup": "PgUp",
    "pagedown": "PgDn",
}

_REMAPPED: dict[str, tuple[str, ...]] = {}
"""Keys of the user's own, by id of the action; set once, at the start."""


def remap(keymap: Mapping[str, str]) -> None:
    """Show the user's own keys in place of the table's. Raises KeyError with the first id that no action has."""
    known = {action.id for action in ACTIONS}
    for id_ in keymap:
        if id_ not in known:
            raise KeyError(id_)
    _REMAPPED.clear()
    _REMAPPED.update({id_: tuple(key.strip() for key in keys.split(",")) for id_, keys in keymap.items()})


ACTIONS: tuple[Action, ...] = (
    Action("help", ("question_mark",), "help", "Keys, and what the lights, states and sources mean", "app", "Program", 1),
    Action("command_palette", ("colon", "ctrl+p"), "commands", "Find anything by name", "app", "Program"),
    Action("pause", ("p",), "pause", "Hold the screen still (marked FROZEN); the data goes on behind it", "app", "Program"),
    Action("retry", ("r",), "retry", "Ask every source again now", "list", "Program"),
    Action("theme", ("T",), "theme", "Next colour theme", "app", "Program"),
    Action("save_screen", ("ctrl+s",), "screenshot", "Save the screen as an SVG picture", "app", "Program"),
    Action("quit", ("q",), "quit", "Leave", "panel", "Program", 99),
    Action("quit", ("ctrl+c", "ctrl+q"), "quit", "Leave from anywhere", "app", "Program"),
    Action(
        "what_if",
        ("x",),
        "what-if",
        "Suppose other marks: every screen shows the book as it would be; x again ends it",
        "app",
        "What-if",
        7,
    ),
    Action("move_marks(-1)", ("left",), "−1 %", "What-if only: the marks fall by 1 %", "app", "What-if", 8, first=True),
    Action("move_marks(1)", ("right",), "+1 %", "What-if only: the marks rise by 1 %", "app", "What-if", 8, first=True),
    Action("move_marks(-5)", ("shift+left",), "−5 %", "What-if only: the marks fall by 5 %", "app", "What-if", first=True),
    Action("move_marks(5)", ("shift+right",), "+5 %", "What-if only: the marks rise by 5 %", "app", "What-if", first=True),
    Action(
        "follow", ("b",), "beta", "What-if only: the others follow Bitcoin by their beta, or not", "app", "What-if", first=True
    ),
    Action(
        "resize(-10)",
        ("comma",),
        "size −10 %",
        "What-if only: the position under the cursor is a tenth smaller",
        "app",
        "What-if",
        9,
        first=True,
    ),
    Action(
        "resize(10)",
        ("full_stop",),
        "size +10 %",
        "What-if only: the position under the cursor is a tenth larger",
        "app",
        "What-if",
        first=True,
    ),
    Action(
        "fund(-1)",
        ("left_parenthesis",),
        "margin −",
        "What-if only: it has less margin, by a twentieth of its notional",
        "app",
        "What-if",
        first=True,
    ),
    Action(
        "fund(1)",
        ("right_parenthesis",),
        "margin +",
        "What-if only: it has more margin, by a twentieth of its notional",
        "app",
        "What-if",
        9,
        first=True,
    ),
    Action("aim", ("tab",), "which", "What-if only: move the next underlying, or all together", "app", "What-if", 8, first=True),
    Action("panel('board')", ("1",), "screens", "Hedges, worst first: the board", "app", "Screens", 20, hint_key="1–5"),
    Action("panel('positions')", ("2",), "positions", "Every position and balance in one table", "app", "Screens"),
    Action("panel('venues')", ("3",), "venues", "Stress of pools and markets; how each venue deleverages", "app", "Screens"),
    Action(
        "open_venue", ("enter",), "open", "Every fact about the venue under the cursor, with its source", "venues", "Screens", 4
    ),
    Action("panel('alerts')", ("4",), "alerts", "Open, acknowledged and past alerts", "app", "Screens"),
    Action("wall", ("w",), "wall", "Big type for a second screen: worst state, naked USD, worst hedges", "app", "Screens"),
    Action("incident", ("i",), "incident", "The latest incident: what was taken, what it left, two tickets", "app", "Screens"),
    Action("copy_ticket(1)", ("y",), "copy ticket 1", "Copy the first ticket as text", "incident", "Drill-down", 3),
    Action("copy_ticket(2)", ("Y",), "copy ticket 2", "Copy the second ticket as text", "incident", "Drill-down", 4),
    Action("neighbour(1)", ("n", "right_square_bracket"), "next", "The next incident", "incident", "Drill-down", 5),
    Action("neighbour(-1)", ("N", "left_square_bracket"), "previous", "The incident before", "incident", "Drill-down"),
    Action(
        "acknowledge", ("a",), "acknowledge", "Acknowledge the alert under the cursor: it is told no more", "alerts", "Alerts", 3
    ),
    Action(
        "snooze",
        ("Z",),
        "snooze 1 h",
        "Hear nothing of it for an hour (longer when pressed again), unless it gets worse",
        "alerts",
        "Alerts",
        4,
    ),
    Action(
        "channels", ("c", "enter"), "channels", "Who is told: delivery log of every channel, and a test", "alerts", "Alerts", 5
    ),
    Action(
        "try_channel", ("enter", "t"), "test", "Send a test message through the channel under the cursor", "channels", "Alerts", 3
    ),
    Action(
        "acknowledge",
        ("a",),
        "acknowledge",
        "Acknowledge every alert about the hedge or position under the cursor",
        "book",
        "Alerts",
        7,
    ),
    Action(
        "snooze",
        ("Z",),
        "snooze",
        "Hear nothing about it for an hour (longer when pressed again), unless it gets worse",
        "book",
        "Alerts",
    ),
    Action("acknowledge", ("a",), "acknowledge", "Acknowledge every alert about this hedge or position", "detail", "Alerts"),
    Action("acknowledge", ("a",), "acknowledge", "Acknowledge the alerts about this incident", "incident", "Alerts", 6),
    Action("export", ("e",), "export", "Write the incident into files: Markdown and CSV", "incident", "Drill-down", 5),
    Action(
        "raw", ("r",), "raw fields", "The venue's own fields behind this position, each with its age", "detail", "Drill-down", 7
    ),
    Action("span", ("h",), "history", "The plots over ten minutes, a day, a week", "detail", "Drill-down", 8),
    Action("panel('sources')", ("5",), "sources", "Health of every source, its last error, its next attempt", "app", "Screens"),
    Action("move(-1)", ("up", "k"), "up", "One line up", "list", "Moving"),
    Action("move(1)", ("down", "j"), "down", "One line down", "list", "Moving"),
    Action("page(-1)", ("pageup", "ctrl+b"), "page up", "One screen up", "list", "Moving"),
    Action("page(1)", ("pagedown", "ctrl+f"), "page down", "One screen down", "list", "Moving"),
    Action("top", ("g", "home"), "top", "First line", "list", "Moving"),
    Action("bottom", ("G", "end"), "bottom", "Last line", "list", "Moving"),
    Action("columns(1)", ("greater_than_sign", "shift+right"), "columns", "Look at the columns further right", "list", "Moving"),
    Action("columns(-1)", ("less_than_sign", "shift+left"), "columns back", "Back to the columns on the left", "list", "Moving"),
    Action("back", ("escape", "q", "backspace"), "back", "Back from the wall", "wall", "Screens", 2),
    Action("move(-1)", ("up", "k"), "up", "One line up", "page", "Moving", 10),
    Action("move(1)", ("down", "j"), "down", "One line down", "page", "Moving", 11),
    Action("page(-1)", ("pageup", "ctrl+b"), "page up", "One screen up", "page", "Moving"),
    Action("page(1)", ("pagedown", "ctrl+f", "space"), "page down", "One screen down", "page", "Moving", 12),
    Action("top", ("g", "home"), "top", "First line", "page", "Moving"),
    Action("bottom", ("G", "end"), "bottom", "Last line", "page", "Moving"),
    Action("back", ("escape", "q", "backspace", "left"), "back", "Back to the screen before", "page", "Moving", 2),
    Action(
        "back",
        ("escape", "backspace"),
        "back",
        "Clear the filter, then back to the board, then end the what-if",
        "list",
        "Moving",
    ),
    Action(
        "open", ("enter",), "open", "Why, next lights, what is left: the hedge or position under the cursor", "book", "Board", 4
    ),
    Action("fold", ("space", "right"), "fold", "Fold or unfold the hedge under the cursor", "board", "Board", 5),
    Action("fold_all", ("z",), "fold all", "Fold or unfold every hedge", "board", "Board"),
    Action("fix", ("f",), "fix", "What would bring the light down, with its cost, each verified", "book", "Board", 6),
    Action("fix", ("f",), "fix", "What would bring the light down, with its cost, each verified", "detail", "Drill-down", 4),
    Action("lower", ("f",), "one lower", "What would bring it one light lower still", "remedies", "Drill-down", 4),
    Action(
        "filter", ("slash",), "filter", "Show only what meets words such as  btc  !ok  venue:bybit  light>=4", "book", "Board", 2
    ),
    Action("sort", ("s",), "sort", "Sort by the next column", "book", "Board", 3),
    Action("reverse", ("S",), "reverse", "Turn the order round", "book", "Board"),
    Action("at_risk", ("exclamation_mark",), "at risk", "Only what is warning, critical or blind", "book", "Board", 6),
    Action("choose_columns", ("c",), "columns", "Which columns are shown, and in which order", "book", "Board", 21),
    Action(
        "toggle_column", ("space", "enter"), "show or hide", "Show or hide the column under the cursor", "columns", "Columns", 3
    ),
    Action("shift_column(-1)", ("K", "shift+up"), "up", "The column comes earlier", "columns", "Columns", 4),
    Action("shift_column(1)", ("J", "shift+down"), "down", "The column comes later", "columns", "Columns", 4),
    Action("sort_by", ("s",), "sort by it", "Put the rows in order by it; again turns the order round", "columns", "Columns", 5),
    Action("reset", ("0",), "as they were", "The columns the screen has by itself", "columns", "Columns", 6),
    Action("back", ("q",), "done", "Back to the table", "columns", "Columns", 2),
    Action("views", ("v",), "views", "Saved views: choose one, or save what is shown under a name", "app", "Views", 22),
    Action("open_view", ("enter",), "show it", "Show the view under the cursor", "views", "Views", 3),
    Action("save_view", ("s",), "save", "Save what is shown: filter, order, columns, folds", "views", "Views", 4),
    Action("rename", ("R",), "rename", "Give the saved view under the cursor another name", "views", "Views", 5),
    Action("delete", ("d", "delete"), "delete", "Delete the saved view under the cursor (asks once)", "views", "Views", 6),
    Action("back", ("q",), "back", "Back to the screen before", "views", "Views", 2),
    Action("pick(1)", ("1",), "view", "Show the view of that number", "views", "Views", 7, hint_key="1–9"),
    *(Action(f"pick({n})", (str(n),), f"view {n}", "Show the view of that number", "views", "Views") for n in range(2, 10)),
    Action("copy", ("y",), "copy", "Copy the line under the cursor (terminal clipboard, and a file)", "list", "Program"),
    Action("retry_one", ("enter",), "retry this", "Ask the source under the cursor again now", "sources", "Program", 3),
    Action("choose", ("enter",), "choose", "Begin this way", "welcome", "Program", 1),
    Action("world('down')", ("D",), "mock: fall", "Mock exchange only: every price falls by 5 %", "app", "Mock exchange"),
    Action("world('up')", ("U",), "mock: rise", "Mock exchange only: every price rises by 5 %", "app", "Mock exchange"),
    Action("world('drain')", ("X",), "mock: drain", "Mock exchange only: empty the insurance funds", "app", "Mock exchange"),
    Action("world('cut')", ("O",), "mock: cut off", "Mock exchange only: the private APIs answer 503", "app", "Mock exchange"),
    Action("world('mend')", ("M",), "mock: mend", "Mock exchange only: the private APIs answer again", "app", "Mock exchange"),
    Action("world('jump')", ("J",), "mock: jump", "Mock exchange only: skip to just before the event", "app", "Mock exchange"),
    Action("world('faster')", ("plus",), "mock: faster", "Mock exchange only: double the speed", "app", "Mock exchange"),
    Action("world('slower')", ("minus",), "mock: slower", "Mock exchange only: halve the speed", "app", "Mock exchange"),
    Action("neighbour(1)", ("n", "right_square_bracket"), "next", "The next position or hedge", "detail", "Drill-down", 5),
    Action("neighbour(-1)", ("N", "left_square_bracket"), "previous", "The position or hedge before", "detail", "Drill-down"),
    Action("copy", ("y",), "copy", "Copy the page as text (terminal clipboard, and a file)", "text", "Drill-down", 6),
)

GROUPS = ("Board", "Columns", "Views", "Drill-down", "Alerts", "What-if", "Moving", "Screens", "Program", "Mock exchange")


def of(*scopes: str) -> Iterator[Action]:
    """The actions of these scopes, in the table's order."""
    return (action for action in ACTIONS if action.scope in scopes)


def bindings(*scopes: str) -> list[Binding | tuple[str, str] | tuple[str, str, str]]:
    """What a screen or the app binds."""
    return [Binding(",".join(a.keys), a.do, a.label, show=False, id=a.id, priority=a.first) for a in of(*scopes)]


def rows(members: Iterable[Action]) -> list[tuple[Action, ...]]:
    """Actions a line: those that follow each other and say the same, as the digits do, are one."""
    return [
        tuple(alike) for _, alike in groupby(members, key=lambda each: (each.scope, each.label.rstrip(" 0123456789"), each.help))
    ]


def hints(scopes: Iterable[str]) -> list[Action]:
    """What the footer of these scopes shows, most useful first; nothing of the app whose keys mean something else here."""
    own = list(of(*scopes))
    taken = {key for action in own for key in action.keys}
    shown = [a for a in (*own, *(a for a in of("app") if not taken.issuperset(a.keys))) if a.hint is not None]
    return sorted(shown, key=lambda a: a.hint or 0)
