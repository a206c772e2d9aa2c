"""The rows of board and positions: pure functions of a snapshot and what the user chose to see."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import overload

from msgspec import Struct, field

from adlwatch.domain.reading import Health
from adlwatch.domain.snapshot import HedgeView, HoldingView, PositionView, Severity, Snapshot
from adlwatch.tui.fields import Item, Known, Subject, whole
from adlwatch.tui.filter import parse
from adlwatch.tui.naked import Naked, naked_first, naked_now
from adlwatch.tui.ordering import WORST, ordered
from adlwatch.tui.rows import FlatHoldingRow, FlatPositionRow, HedgeRow, HoldingRow, PositionRow, Row

AT_RISK = frozenset({Severity.WARNING, Severity.CRITICAL, Severity.BLIND})


class Choice(Struct, frozen=True):
    """What the user chose to see. `folds` holds only what they folded or unfolded themselves."""

    sort: str = WORST
    reverse: bool = False
    filter: str = ""
    at_risk: bool = False
    folds: Mapping[str, bool] = field(default_factory=lambda: MappingProxyType({}))
    columns: tuple[str, ...] = ()
    """Ids of the columns after the first, in their order; empty: those the screen has by itself."""
    view: str = ""
    """The saved view this is, as long as it is."""

    def unfolded(self, hedge: HedgeView) -> bool:
        """Hedges in trouble open themselves until the user says otherwise."""
        return self.folds.get(hedge.name, hedge.severity in (Severity.WARNING, Severity.CRITICAL))


class Book(Struct, frozen=True):
    """A snapshot with its parts by key."""

    snapshot: Snapshot
    positions: Mapping[str, PositionView]
    holdings: Mapping[str, HoldingView]
    health: Mapping[str, Health]
    hedges: Mapping[str, HedgeView]
    naked: Mapping[str, Naked]

    @classmethod
    def of(cls, snapshot: Snapshot) -> "Book":
        """Index a snapshot once."""
        return cls(
            snapshot,
            {p.key: p for p in snapshot.positions},
            {h.key: h for h in snapshot.holdings},
            {s.id: s.health for s in snapshot.sources},
            {h.name: h for h in snapshot.hedges},
            naked_now(snapshot),
        )

    def worst_leg(self, item: Item) -> tuple[Known, ...]:
        """The leg that stands for its hedge in what only legs have: score, mark, venue."""
        found = self.positions.get(item.worst_leg or next(iter(item.legs), "")) if isinstance(item, HedgeView) else None
        return () if found is None else (found,)

    def closed(self, item: Item) -> tuple[Known, ...]:
        """What is left of its hedge without the whole of a position or balance."""
        if isinstance(item, HedgeView) or (hedge := self.hedges.get(item.hedge or "")) is None:
            return ()
        return tuple(closed for closed in whole(hedge) if closed.leg == item.key)

    def legs(self, hedge: HedgeView) -> list[PositionView | HoldingView]:
        """Those legs of a hedge that are there."""
        found = (self.positions.get(key) or self.holdings.get(key) for key in hedge.legs)
        return [leg for leg in found if leg is not None]


class Rows(Sequence[Row]):
    """Rows that are made when they are looked at: of thousands only a screenful is."""

    def __init__(self, makers: Sequence[Callable[[], Row]]) -> None:
        self._makers = makers

    def __len__(self) -> int:
        return len(self._makers)

    @overload
    def __getitem__(self, index: int) -> Row: ...

    @overload
    def __getitem__(self, index: slice) -> "Rows": ...

    def __getitem__(self, index: int | slice) -> "Row | Rows":
        return Rows(self._makers[index]) if isinstance(index, slice) else self._makers[index]()


def board_rows(snapshot: Snapshot, choice: Choice) -> Rows:
    """Every line of the board in order; raises FilterError where the filter can't be read."""
    book, test = Book.of(snapshot), parse(choice.filter)
    makers: list[Callable[[], Row]] = []
    hedges = ordered(snapshot.hedges, choice.sort, reverse=choice.reverse, beside=book.worst_leg)
    for hedge in naked_first(hedges, book.naked) if choice.sort == WORST and not choice.reverse else hedges:
        if not choice.at_risk or hedge.severity in AT_RISK:
            legs = book.legs(hedge)
            if test is None or any(test(subject) for subject in _subjects(hedge, legs)):
                makers += _hedge_rows(hedge, legs, book, unfolded=choice.unfolded(hedge))
    return Rows(makers)


def position_rows(snapshot: Snapshot, choice: Choice) -> Rows:
    """Every position and balance, one line each; raises FilterError where the filter can't be read."""
    book, test = Book.of(snapshot), parse(choice.filter)
    items: list[PositionView | HoldingView] = [*snapshot.positions, *snapshot.holdings]
    if choice.at_risk:
        items = [item for item in items if isinstance(item, PositionView) and item.severity in AT_RISK]
    if test is not None:
        items = [item for item in items if test(Subject((item, *book.closed(item))))]
    rows = ordered(items, choice.sort, reverse=choice.reverse, beside=book.closed)
    return Rows([partial(_flat_row, item, book) for item in rows])


def _subjects(hedge: HedgeView, legs: list[PositionView | HoldingView]) -> list[Subject]:
    return [Subject((leg, hedge)) for leg in legs] or [Subject((hedge,))]


def _hedge_rows(
    hedge: HedgeView, legs: list[PositionView | HoldingView], book: Book, *, unfolded: bool
) -> list[Callable[[], Row]]:
    whole = not hedge.missing and hedge.name not in book.naked
    if len(legs) == 1 and isinstance(legs[0], PositionView) and hedge.kind == "unhedged" and whole:
        return [partial(_alone, legs[0], hedge, book)]
    head = partial(_head, hedge, book, unfolded=unfolded)
    return [head, *(partial(_leg_row, leg, hedge, book) for leg in legs)] if unfolded else [head]


def _alone(position: PositionView, hedge: HedgeView, book: Book) -> Row:
    return PositionRow(position, hedge, 0, _health(position, book))


def _head(hedge: HedgeView, book: Book, *, unfolded: bool) -> Row:
    return HedgeRow(hedge, unfolded, _worst_health(book.legs(hedge), book), hedge.name in book.naked)


def _leg_row(leg: PositionView | HoldingView, hedge: HedgeView, book: Book) -> Row:
    health = _health(leg, book)
    return PositionRow(leg, hedge, 1, health) if isinstance(leg, PositionView) else HoldingRow(leg, hedge, health)


def _flat_row(item: PositionView | HoldingView, book: Book) -> Row:
    hedge, health = book.hedges.get(item.hedge or ""), _health(item, book)
    return FlatPositionRow(item, hedge, 1, health) if isinstance(item, PositionView) else FlatHoldingRow(item, hedge, health)


def _health(item: PositionView | HoldingView, book: Book) -> Health | None:
    return book.health.get(item.source)


def _worst_health(legs: list[PositionView | HoldingView], book: Book) -> Health | None:
    healths = [health for leg in legs if (health := _health(leg, book)) is not None and health is not Health.LIVE]
    return next((health for health in healths if health.blind), healths[0] if healths else None)
