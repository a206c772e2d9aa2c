"""Columns of the tables: which there are, which the user chose, and which of those fit; the first one is always there."""

from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from adlwatch.tui import format as fmt
from adlwatch.tui.ordering import WORST, downward
from adlwatch.tui.spans import Role, Spans


class Column(Struct, frozen=True):
    """`id` is the method of a row that gives the cell; `least` and `width` in terminal cells; priority 0 stays longest."""

    id: str
    title: str
    least: int
    width: int
    priority: int
    right: bool = True
    flash: bool = True
    sort: str = ""
    """The field (`fields.py`) that puts rows in order by this column; empty: none does."""
    about: str = ""
    """What it shows, for the picker."""
    mark: str = ""
    """Behind the title of the column by which the rows are in order: ▼ or ▲."""

    @property
    def heading(self) -> Spans:
        """The title, with its mark where there is one."""
        if not self.mark:
            return ((self.title, Role.DIM),)
        title = self.title.rstrip()
        return ((f"{title[: self.width - 1]}{self.mark}{' ' * (len(self.title) - len(title) - 1)}", Role.ACCENT),)


GAP = 1
NAME = "name"
"""The id of the first column, which is never hidden."""

BOARD: tuple[Column, ...] = (
    Column(NAME, "HEDGE / LEG", 18, 24, 0, right=False, flash=False, sort="name", about="always there"),
    Column("side", "SIDE", 9, 15, 5, right=False, flash=False, sort="side", about="long or short; of a hedge, its kind"),
    Column("size", "SIZE", 8, 11, 10, sort="size", about="of a leg; of a hedge off balance, its net delta"),
    Column("notional", "NOTIONAL", 8, 9, 7, sort="notional", about="at the mark; of a hedge, all legs together"),
    Column("mark", "MARK", 9, 10, 8, sort="mark", about="mark price"),
    Column("pnl", "PnL", 8, 10, 6, sort="pnl", about="unrealized"),
    Column("score", "SCORE", 7, 7, 9, sort="score", about="under the venue's own ranking rule"),
    Column("lights", "LIGHTS", 10, 25, 1, right=False, sort="light", about="place in the ADL queue and where it is known from"),
    Column("next_light", "NEXT LIGHT", 14, 15, 4, sort="next", about="mark at which the light goes up, and how far it is"),
    Column("liquidation", "LIQ  ", 6, 6, 3, sort="liq", about="move of the mark to liquidation"),
    Column("if_closed", "IF CLOSED", 13, 13, 1, sort="naked", about="what is left of the hedge if this leg goes"),
    Column("age", "AGE", 4, 5, 2, flash=False, sort="age", about="of the data"),
)
WIDE = 20
"""Priority from which a column is shown by itself only where all others have their full width."""
MORE: tuple[Column, ...] = (
    Column("venue", "VENUE", 8, 12, 23, right=False, flash=False, sort="venue", about="where the position is"),
    Column("entry", "ENTRY", 9, 10, 26, sort="entry", about="entry price"),
    Column("margin", "MARGIN", 8, 13, 28, right=False, flash=False, sort="leverage", about="cross or isolated, and leverage set"),
    Column("estimate", "ESTIMATE", 10, 16, 29, right=False, sort="estimate", about="our own light, beside the venue's"),
    Column("next_in", "NEXT IN", 8, 8, 21, sort="nextin", about="time to the next light at the drift of the last hour"),
    Column("liq_price", "LIQ PRICE", 9, 10, 27, sort="liqprice", about="liquidation price"),
    Column("liq_in", "LIQ IN", 8, 8, 22, sort="liqin", about="time to liquidation at the drift of the last hour"),
    Column("net", "NET", 13, 13, 24, sort="net", about="net exposure of the hedge as it is"),
    Column("loss", "LOSS / 1%", 9, 9, 25, sort="loss", about="lost per 1 % against what is left if this leg goes"),
    Column("rebuild", "REBUILD", 8, 9, 30, sort="rebuild", about="cost of opening the leg again"),
    Column("carry", "CARRY", 7, 8, 20, sort="carry", about="of the hedge a year, at present rates"),
    Column("basis", "BASIS", 7, 8, 31, sort="basis", about="between the legs of the hedge"),
    Column("shield", "SHIELD", 8, 12, 32, right=False, flash=False, sort="shield", about="delta-neutral protection"),
    Column("stress", "STRESS", 8, 8, 33, right=False, sort="stress", about="of the insurance pool and market behind it"),
)

_USD, _PRICE = 88_888_888.0, 88_888.88
_SAMPLES: dict[str, Callable[[], str]] = {
    "size": lambda: fmt.size(-88_888.0, 88_888.0),
    "notional": lambda: fmt.usd_short(_USD),
    "mark": lambda: fmt.price(_PRICE, 2),
    "entry": lambda: fmt.price(_PRICE, 2),
    "liq_price": lambda: fmt.price(_PRICE, 2),
    "pnl": lambda: fmt.usd(-_USD, plus=True),
    "next_light": lambda: f"{fmt.price(_PRICE, 2)} {fmt.move(-0.888)}",
    "liquidation": lambda: f"{fmt.percent(0.888)}  ",
    "if_closed": lambda: fmt.exposure(-_USD),
    "net": lambda: fmt.exposure(-_USD),
    "loss": lambda: fmt.usd(888_888.0),
    "rebuild": lambda: fmt.usd_short(888_888.0),
    "carry": lambda: fmt.percent(-0.888, 1, plus=True),
    "basis": lambda: fmt.percent(-0.0888, 2, plus=True),
    "balance": lambda: fmt.usd_short(_USD),
    "drain": lambda: fmt.percent(-0.888, 1, plus=True),
    "trigger": lambda: fmt.percent(8.888, 1),
    "gap": lambda: fmt.percent(-0.0888, 2, plus=True),
}
"""The longest that is likely, in the user's units: numbers must not be cut where words may."""

POSITIONS = (replace(BOARD[0], title="POSITION", least=24, width=34, sort="account"), *BOARD[1:])


def chosen(columns: Sequence[Column], ids: Sequence[str]) -> tuple[Column, ...]:
    """The user's own columns after the first, in their order; the first ones stay longest. Without ids, `columns` as they are."""
    known = {column.id: column for column in (*columns, *MORE)}
    own = [replace(known[id_], priority=min(place, WIDE - 1)) for place, id_ in enumerate(ids, 1) if id_ in known]
    return tuple(roomy(column) for column in (columns[0], *(own or columns[1:])))


def with_more(columns: Sequence[Column]) -> tuple[Column, ...]:
    """And behind them those that wide screens show by themselves, and that one finds by looking further right."""
    shown = {column.id for column in columns}
    return (*columns, *(roomy(column) for column in MORE if column.id not in shown))


def roomy(column: Column) -> Column:
    """As wide as its numbers are in the user's units."""
    sample = _SAMPLES.get(column.id)
    needed = len(sample()) if sample is not None else 0
    return column if needed <= column.least else replace(column, least=needed, width=max(needed, column.width))


def marked(columns: Sequence[Column], sort: str, *, reverse: bool) -> tuple[Column, ...]:
    """With a mark on the column by which the rows are in order."""
    mark = "▼" if downward(sort, reverse=reverse) else "▲"
    return tuple(replace(c, mark=mark) if c.sort and c.sort == sort else c for c in columns)


def sorts(columns: Iterable[Column]) -> tuple[str, ...]:
    """What `s` goes through: worst first, then by each column."""
    return (WORST, *(column.sort for column in columns if column.sort))


def fit(columns: Sequence[Column], cells: int, skip: int = 0) -> tuple[Column, ...]:
    """The columns to draw in `cells`, each with its final width; the first is frozen.

    By default the lowest priorities fall away. With `skip` (the user looks to the right) they stand in their order from the
    `skip`th on, as many as fit. What space is left widens them in order of priority, and then shows the columns of wide screens.
    """
    frozen, rest = columns[0], list(columns[max(1, skip) :])
    more = [] if skip else sorted((c for c in rest if c.priority >= WIDE), key=lambda c: c.priority)
    rest = [c for c in rest if c not in more]
    while rest and _total([frozen, *rest]) > cells:
        rest.remove(rest[-1] if skip else max(rest, key=lambda c: c.priority))
    fitted = _widened([frozen, *rest], cells)
    room = cells - sum(c.width + GAP for c in fitted)
    for column in more if len(fitted) + len(more) == len(columns) else ():
        if column.width <= room:
            fitted.append(column)
            room -= column.width + GAP
    return tuple(fitted)


def _widened(columns: list[Column], cells: int) -> list[Column]:
    """As much of their widths as there is room for, the first priorities first."""
    spare = max(0, cells - _total(columns))
    widths = {c.id: c.least for c in columns}
    for column in sorted(columns, key=lambda c: c.priority):
        widths[column.id] += min(column.width - column.least, spare)
        spare -= widths[column.id] - column.least
    return [replace(column, width=widths[column.id]) for column in columns]


def _total(columns: Sequence[Column]) -> int:
    return sum(c.least for c in columns) + GAP * (len(columns) - 1)
