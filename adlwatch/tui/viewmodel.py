"""The rows of board and positions: pure functions of a snapshot and what the user chose to see."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from adlwatch.domain.reading import Health
from adlwatch.domain.snapshot import HedgeView, HoldingView, PositionView, Severity, Snapshot
from adlwatch.tui.fields import Item, Known, Subject, whole
from adlwatch.tui.filter import parse
from adlwatch.tui.naked import Naked, naked_now
from adlwatch.tui.ordering import WORST, ordered
from adlwatch.tui.rows import FlatHoldingRow, FlatPositionRow, HedgeRow, HoldingRow, PositionRow, Row

AT_RISK = frozenset({Severity.WARNING, Severity.CRITICAL, Severity.BLIND})


@dataclass(frozen=True, slots=True)
class Choice:
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


@dataclass(frozen=True, slots=True)
class Book:
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

    def leg(self, key: str) -> PositionView | HoldingView | None:
        """A leg by its key."""
        return self.positions.get(key) or self.holdings.get(key)


def board_rows(snapshot: Snapshot, choice: Choice) -> list[Row]:
    """Every line of the board in order; raises FilterError where the filter can't be read."""
    book, test = Book.of(snapshot), parse(choice.filter)
    rows: list[Row] = []
    for hedge in ordered(snapshot.hedges, choice.sort, reverse=choice.reverse, beside=book.worst_leg):
        if not choice.at_risk or hedge.severity in AT_RISK:
            legs = [leg for key in hedge.legs if (leg := book.leg(key)) is not None]
            if test is None or any(test(subject) for subject in _subjects(hedge, legs)):
                rows.extend(_hedge_rows(hedge, legs, book, unfolded=choice.unfolded(hedge)))
    return rows


def position_rows(snapshot: Snapshot, choice: Choice) -> list[Row]:
    """Every position and balance, one line each; raises FilterError where the filter can't be read."""
    book, test = Book.of(snapshot), parse(choice.filter)
    items: list[PositionView | HoldingView] = [*snapshot.positions, *snapshot.holdings]
    if choice.at_risk:
        items = [item for item in items if isinstance(item, PositionView) and item.severity in AT_RISK]
    if test is not None:
        items = [item for item in items if test(Subject((item, *book.closed(item))))]
    return [_flat_row(item, book) for item in ordered(items, choice.sort, reverse=choice.reverse, beside=book.closed)]


def _subjects(hedge: HedgeView, legs: list[PositionView | HoldingView]) -> list[Subject]:
    return [Subject((leg, hedge)) for leg in legs] or [Subject((hedge,))]


def _hedge_rows(hedge: HedgeView, legs: list[PositionView | HoldingView], book: Book, *, unfolded: bool) -> list[Row]:
    whole = not hedge.missing and hedge.name not in book.naked
    if len(legs) == 1 and isinstance(legs[0], PositionView) and hedge.kind == "unhedged" and whole:
        return [PositionRow(legs[0], hedge, 0, _health(legs[0], book))]
    head = HedgeRow(hedge, unfolded, _worst_health(legs, book), hedge.name in book.naked)
    if not unfolded:
        return [head]
    return [head, *(_leg_row(leg, hedge, book) for leg in legs)]


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
