"""The wall: what must be read from across the room, in big type. Pure.

The worst state as a word, what is naked (or would be), and the worst hedges: light, way to the next one, what would be left.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from adlwatch.domain.light import LightState
from adlwatch.domain.snapshot import HedgeView, Snapshot
from adlwatch.tui import format as fmt
from adlwatch.tui.big import HALF, SIZES, THIN, Dot, big, cells, largest
from adlwatch.tui.layout import beside
from adlwatch.tui.lights import SEVERITY_ROLES, bars, level_role, severity_mark
from adlwatch.tui.naked import Naked, naked_first, naked_now, worst_of
from adlwatch.tui.ordering import ordered
from adlwatch.tui.spans import NOTHING, Role, Spans, plain, text

MARGIN = 1
NAME_CELLS, LEAST_NAME = 20, 13
FIGURES = (("LIGHT", "00"), ("NEXT AT", "-99.9%"), ("LEFT NAKED", "$999.9M"))
"""What stands beside a hedge's name, and the widest that it is likely to be."""
LEAST_HEDGES = 2
LEAST_WIDE = 3
"""Where there is room for larger type beside their names."""


@dataclass(frozen=True, slots=True)
class Room:
    """The wall in cells, whether half blocks can be drawn on it, and whether in the terminal's own colours, or none."""

    cells: int
    lines: int
    ascii_only: bool = False
    native: bool = False

    @property
    def small(self) -> Dot:
        """The smallest dot that can be drawn."""
        return THIN if self.ascii_only else HALF

    def type(self, value: str, dot: Dot, role: Role) -> list[Spans]:
        """Big type. Where critical is said by reversing, big letters would be holes in a bright field: drawn as losses."""
        return big(value, dot, Role.LOSS if self.native and role is Role.CRITICAL else role)


@dataclass(frozen=True, slots=True)
class Figure:
    """An amount in big type and what it is."""

    caption: Spans
    words: tuple[str, ...]
    """The same at several lengths, longest first."""
    role: Role


def wall_lines(snapshot: Snapshot | None, trouble: str, room: Room) -> list[Spans]:
    """The whole wall."""
    word, role = state(snapshot, trouble)
    figure = _figure(snapshot, trouble)
    dot = largest(word, room.cells - 2 * MARGIN, _headline(room), room.small)
    shown = next((words for words in figure.words if cells(words, dot) <= room.cells - 2 * MARGIN), figure.words[-1])
    lines = [
        *_indented(room.type(word, dot, role)),
        NOTHING,
        figure.caption,
        *_indented(room.type(shown, dot, figure.role)),
        NOTHING,
    ]
    return [*lines, *_hedges(snapshot, room, room.lines - len(lines))] if snapshot is not None else lines


def state(snapshot: Snapshot | None, trouble: str) -> tuple[str, Role]:
    """The worst of everything in a word: trouble of our own before all."""
    if trouble:
        return "NO DATA", Role.CRITICAL
    if snapshot is None:
        return "STARTING", Role.DIM
    if naked_now(snapshot):
        return "NAKED", Role.CRITICAL
    return snapshot.severity.value.upper(), SEVERITY_ROLES[snapshot.severity]


def in_words(snapshot: Snapshot | None, trouble: str) -> str:
    """The same on one line, to be copied."""
    figure = _figure(snapshot, trouble)
    return f"{state(snapshot, trouble)[0]}: {plain(figure.caption).strip()}: {figure.words[0]}"


def _figure(snapshot: Snapshot | None, trouble: str) -> Figure:
    if trouble or snapshot is None:
        return Figure(text(f" {trouble or 'no reading yet'}", Role.STRONG), ("-",), Role.DIM)
    naked = naked_now(snapshot)
    worst = worst_of(naked)
    if worst is not None:
        more = f" and {fmt.plural(len(naked) - 1, 'hedge')} more" if len(naked) > 1 else ""
        return Figure(
            text(f" naked now: {worst.hedge}{more}", Role.CRITICAL), _amount(worst.usd, worst.underlying), Role.CRITICAL
        )
    hedge = max((h for h in snapshot.hedges if h.naked_usd is not None), key=lambda h: abs(h.naked_usd or 0.0), default=None)
    if hedge is None:
        return Figure(text(" nothing that could be left naked", Role.DIM), ("$0",), Role.DIM)
    caption = text(f" left naked if the worst leg is closed: {hedge.name}", Role.DIM)
    return Figure(caption, _amount(hedge.naked_usd, hedge.underlying), Role.STRONG)


def _amount(usd: float | None, underlying: str) -> tuple[str, ...]:
    if usd is None:
        return (f"? {underlying}", "?")
    amount, side = fmt.usd_short(abs(usd)), "long" if usd > 0 else "short"
    return (f"{amount} {side} {underlying}", f"{amount} {side}", amount)


def _headline(room: Room) -> int:
    """Lines that each of the two big lines may take: what the first hedges leave, but the least square type before any hedge."""
    least = SIZES[-1].height()
    return max((room.lines - _least(room)) // 2, least if room.lines >= 2 * least + 4 else 0)


def _least(room: Room) -> int:
    """Lines that captions and the first hedges take."""
    if _wide(room):
        return 4 + LEAST_WIDE * (SIZES[-1].height() + 1)
    return 4 + LEAST_HEDGES * room.small.height()


def _wide(room: Room) -> bool:
    """Whether square dots fit beside the names."""
    return NAME_CELLS + cells("00 -99.9% $999.9M", SIZES[-1]) <= room.cells


def _hedges(snapshot: Snapshot, room: Room, lines: int) -> list[Spans]:
    """As many of the worst as fit, those that are naked first."""
    naked = naked_now(snapshot)
    worst = naked_first(ordered(snapshot.hedges), naked)
    dot = _dot(room, lines, len(worst))
    places = _places(room, dot)
    height = dot.height() + (1 if dot.down else 0)
    head = ((" " * places[0], Role.DIM), *(_padded(c, w) for (c, _), w in zip(FIGURES, places[1:], strict=True) if w))
    rows = [line for hedge in worst[: max(0, (lines - 1) // height)] for line in _hedge(hedge, naked, room, dot, places)]
    return [head, *rows] if rows else []


def _dot(room: Room, lines: int, hedges: int) -> Dot:
    """Square dots where two hedges, or all, still fit, else the smallest there are."""
    return SIZES[-1] if _wide(room) and (lines - 1) // (SIZES[-1].height() + 1) >= min(LEAST_HEDGES, hedges) else room.small


def _places(room: Room, dot: Dot) -> tuple[int, int, int, int]:
    """Widths of the name and of the three figures; the way to the next light (0) is left out where not all of them fit."""
    light, way, left = (cells(widest, dot) + 2 * dot.across for _, widest in FIGURES)
    way = way if LEAST_NAME + light + way + left <= room.cells else 0
    return max(LEAST_NAME, min(NAME_CELLS + 10, room.cells - light - way - left)), light, way, left


def _hedge(hedge: HedgeView, naked: Mapping[str, Naked], room: Room, dot: Dot, places: tuple[int, int, int, int]) -> list[Spans]:
    is_naked = hedge.name in naked
    left = hedge.net_usd if is_naked else hedge.naked_usd
    following = hedge.next_light
    figures = (
        (_level(hedge), level_role(hedge.light.level if hedge.light is not None else None)),
        (fmt.move(following.move) if following is not None else "-", Role.TEXT),
        (fmt.usd_short(abs(left)) if left is not None else "?", Role.CRITICAL if is_naked else Role.TEXT),
    )
    lines: list[Spans] = _name(hedge, naked=is_naked)
    lines += [NOTHING] * (dot.height() - len(lines))
    before = places[0]
    for (words, role), width in zip(figures, places[1:], strict=True):
        lines = beside(lines, room.type(words, dot, role), before) if width else lines
        before += width
    return [*lines, *([NOTHING] if dot.down else [])]


def _name(hedge: HedgeView, *, naked: bool) -> list[Spans]:
    mark: Spans = (
        (("✖ NAKED", Role.CRITICAL),)
        if naked
        else (severity_mark(hedge.severity), (f" {hedge.severity.value}", SEVERITY_ROLES[hedge.severity]))
    )
    return [
        text(f" {hedge.name}", Role.STRONG),
        ((" ", Role.TEXT), *mark, (f" {hedge.underlying}", Role.DIM)),
        ((" ", Role.TEXT), *bars(hedge.light)),
    ]


def _level(hedge: HedgeView) -> str:
    light = hedge.light
    if light is None or light.state is LightState.UNKNOWN:
        return "?"
    if light.state is LightState.LIT and light.level is not None:
        return str(light.level)
    return f"{light.level}?" if light.level is not None else "-"


def _indented(lines: list[Spans]) -> list[Spans]:
    return [((" " * MARGIN, Role.TEXT), *line) for line in lines]


def _padded(words: str, cells_: int) -> tuple[str, Role]:
    return words.ljust(cells_), Role.DIM
