"""The drill-down of a position or a hedge as lines of text: a pure function of a snapshot and a key."""

from collections.abc import Sequence

from adlwatch.domain.snapshot import HedgeView, PositionView, Severity
from adlwatch.tui import detail_exposure as exposure
from adlwatch.tui import detail_score as scored
from adlwatch.tui import format as fmt
from adlwatch.tui.detail_history import history, longer
from adlwatch.tui.detail_score import VenueText
from adlwatch.tui.frame import Frame
from adlwatch.tui.layout import beside, folded, heading, table
from adlwatch.tui.lights import SEVERITY_ROLES, bars, severity_mark
from adlwatch.tui.past import Past
from adlwatch.tui.rows import KIND_WORDS, leg_symbol
from adlwatch.tui.spans import NOTHING, Role, Spans, text
from adlwatch.tui.viewmodel import Book

TWO_COLUMNS = 110
HEDGE_PREFIX = "hedge:"


def detail_lines(frame: Frame, key: str, venue: VenueText, cells: int, past: Past | None = None) -> list[Spans]:
    """Everything known about one key in a frame, in one column or two as the width allows; `past`: of a longer time."""
    snapshot = frame.snapshot
    if snapshot is None:
        return []
    book = Book.of(snapshot)
    if key.startswith(HEDGE_PREFIX):
        hedge = next((h for h in snapshot.hedges if h.name == key.removeprefix(HEDGE_PREFIX)), None)
        return _gone(key) if hedge is None else _hedge_page(hedge, book, cells)
    position = book.positions.get(key)
    if position is not None:
        return _position_page(position, frame, book, venue, cells, past=past)
    holding = book.holdings.get(key)
    owner = next((h for h in snapshot.hedges if holding is not None and h.name == holding.hedge), None)
    return _hedge_page(owner, book, cells) if owner is not None else _gone(key)


def _gone(key: str) -> list[Spans]:
    return [NOTHING, text(f"  {key} is no longer there: closed, or its source no longer names it.", Role.WARNING)]


def _title(name: str, what: str, severity: Severity, reasons: Sequence[str]) -> list[Spans]:
    mark, role = severity_mark(severity)
    head: Spans = ((f" {mark} {severity.value}", role), (f"  {name}", Role.STRONG), (f"  {what}", Role.DIM))
    return [head, *(text(f"  {reason}", SEVERITY_ROLES[severity]) for reason in reasons), NOTHING]


def _position_page(
    position: PositionView, frame: Frame, book: Book, venue: VenueText, cells: int, *, past: Past | None
) -> list[Spans]:
    hedge = next((h for h in book.snapshot.hedges if h.name == position.hedge), None)
    what = f"{position.symbol} {position.side.value} at {venue.title or position.venue}"
    title = _title(position.account, f"{what}, in hedge {hedge.name}" if hedge else what, position.severity, position.reasons)
    source = next((s for s in book.snapshot.sources if s.id == position.source), None)
    column = cells // 2 if cells >= TWO_COLUMNS else cells
    if past is not None:
        plots = longer(past, column - 1, frame.zone)
    else:
        plots = history(frame.history.times, frame.history.of(position.key), column - 1, frame.zone)
    left = [scored.why(position, venue, column - 1), scored.lights(position, column - 1), plots]
    right = [exposure.ladder(position, column)]
    if hedge is not None:
        right += [exposure.if_closed(hedge, _names(hedge, book), column, position.key), exposure.shield(hedge.shield, column)]
    right += [exposure.position_facts(position, column), exposure.source_facts(source, position, column)]
    return [*title, *_columns(left, right, cells)]


def _hedge_page(hedge: HedgeView, book: Book, cells: int) -> list[Spans]:
    what = f"{KIND_WORDS.get(hedge.kind, hedge.kind)} on {hedge.underlying}"
    column = cells // 2 if cells >= TWO_COLUMNS else cells
    left = [_legs(hedge, book, column - 1), exposure.hedge_facts(hedge, column - 1)]
    right = [exposure.if_closed(hedge, _names(hedge, book), column), exposure.shield(hedge.shield, column)]
    return [*_title(hedge.name, what, hedge.severity, hedge.reasons), *_columns(left, right, cells)]


def _legs(hedge: HedgeView, book: Book, cells: int) -> list[Spans]:
    rows: list[Sequence[Spans]] = []
    for key in hedge.legs:
        position, holding = book.positions.get(key), book.holdings.get(key)
        if position is not None:
            moved = fmt.move(position.next_light.move) if position.next_light is not None else fmt.UNKNOWN
            name = f"{position.account} {leg_symbol(position)}"
            rows.append((text(name), text(position.side.value), text(fmt.size(position.size)), bars(position.light), text(moved)))
        elif holding is not None:
            side = "long" if holding.amount >= 0 else "short"
            rows.append(
                (
                    text(f"{holding.account} {holding.asset} spot"),
                    text(side),
                    text(fmt.size(abs(holding.amount))),
                    NOTHING,
                    NOTHING,
                )
            )
    head = tuple(text(word, Role.DIM) for word in ("leg", "side", "size", "light", "next at"))
    return [heading("LEGS", cells), *table([head, *rows], right=frozenset({2, 4}))]


def _names(hedge: HedgeView, book: Book) -> dict[str, str]:
    positions = (book.positions[key] for key in hedge.legs if key in book.positions)
    return {p.key: f"{p.account} {p.side.value}" for p in positions} | {
        h.key: f"{h.account} {h.asset}" for key in hedge.legs if (h := book.holdings.get(key)) is not None
    }


def _columns(left: Sequence[list[Spans]], right: Sequence[list[Spans]], cells: int) -> list[Spans]:
    if cells < TWO_COLUMNS:
        return _stacked([*left, *right])
    room = cells // 2
    return beside(_folded(left, room - 1), _folded(right, room), room)


def _folded(sections: Sequence[list[Spans]], cells: int) -> list[Spans]:
    return [part for line in _stacked(sections) for part in folded(line, cells)]


def _stacked(sections: Sequence[list[Spans]]) -> list[Spans]:
    return [line for section in sections for line in (*section, NOTHING)]
