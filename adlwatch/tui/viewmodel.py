"""The board as rows: a pure function of a snapshot and what the user chose to see."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from adlwatch.domain.reading import Health
from adlwatch.domain.snapshot import HedgeView, HoldingView, PositionView, Severity, Snapshot
from adlwatch.tui import filter as filters
from adlwatch.tui.lights import SEVERITY_ORDER
from adlwatch.tui.rows import HedgeRow, HoldingRow, PositionRow, Row

AT_RISK = frozenset({Severity.WARNING, Severity.CRITICAL, Severity.BLIND})

Order = Callable[[HedgeView], float | str | None]


def _largest(value: float | None) -> float | None:
    return -abs(value) if value is not None else None


SORTS: Mapping[str, Order] = MappingProxyType(
    {
        "worst": lambda _: None,
        "name": lambda h: h.name.casefold(),
        "light": lambda h: -h.light.level if h.light is not None and h.light.level is not None else None,
        "naked": lambda h: _largest(h.naked_usd),
        "size": lambda h: _largest(h.gross_usd),
        "pnl": lambda h: h.unrealized_pnl,
        "liq": lambda h: h.liquidation_distance,
        "next": lambda h: abs(h.next_light.move) if h.next_light is not None else None,
        "age": lambda h: _largest(h.age_seconds),
    }
)
"""What `s` steps through. Unknown values come last, whichever the order; ties fall back to worst first."""


@dataclass(frozen=True, slots=True)
class BoardChoice:
    """What the user chose to see. `folds` holds only what they folded or unfolded themselves."""

    sort: str = "worst"
    reverse: bool = False
    filter: str = ""
    at_risk: bool = False
    folds: Mapping[str, bool] = field(default_factory=lambda: MappingProxyType({}))

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

    @classmethod
    def of(cls, snapshot: Snapshot) -> "Book":
        """Index a snapshot once."""
        return cls(
            snapshot,
            {p.key: p for p in snapshot.positions},
            {h.key: h for h in snapshot.holdings},
            {s.id: s.health for s in snapshot.sources},
        )


def board_rows(snapshot: Snapshot, choice: BoardChoice) -> list[Row]:
    """Every line of the board in order; raises FilterError where the filter can't be read."""
    book = Book.of(snapshot)
    test = filters.parse(choice.filter)
    rows: list[Row] = []
    for hedge in sorted_hedges(snapshot.hedges, choice):
        if (choice.at_risk and hedge.severity not in AT_RISK) or (test is not None and not _meets(hedge, book, test)):
            continue
        rows.extend(_hedge_rows(hedge, book, unfolded=choice.unfolded(hedge)))
    return rows


def sorted_hedges(hedges: Sequence[HedgeView], choice: BoardChoice) -> list[HedgeView]:
    """Worst first, then by the chosen column; unknown last."""
    worst = sorted(hedges, key=_worst, reverse=choice.reverse and choice.sort == "worst")
    if choice.sort == "worst":
        return worst
    order = SORTS[choice.sort]
    known = [h for h in worst if order(h) is not None]
    unknown = [h for h in worst if order(h) is None]
    return sorted(known, key=order, reverse=choice.reverse) + unknown  # type: ignore[arg-type]  # None is filtered out above


def _worst(hedge: HedgeView) -> tuple[int, int, float, str]:
    level = hedge.light.level if hedge.light is not None and hedge.light.level is not None else 0
    return SEVERITY_ORDER[hedge.severity], -level, -abs(hedge.naked_usd or 0.0), hedge.name


def _hedge_rows(hedge: HedgeView, book: Book, *, unfolded: bool) -> list[Row]:
    legs = [row for key in hedge.legs if (row := _leg_row(key, hedge, book)) is not None]
    if len(legs) == 1 and isinstance(legs[0], PositionRow) and hedge.kind == "unhedged":
        only = legs[0]
        return [PositionRow(only.position, hedge, 0, only.health)]
    healths = [leg.health for leg in legs if leg.health is not None]
    blind = next((h for h in healths if h.blind), None) or next((h for h in healths if h is not Health.LIVE), None)
    head = HedgeRow(hedge, unfolded, blind)
    return [head, *legs] if unfolded else [head]


def _leg_row(key: str, hedge: HedgeView, book: Book) -> Row | None:
    if (position := book.positions.get(key)) is not None:
        return PositionRow(position, hedge, 1, book.health.get(position.source))
    if (holding := book.holdings.get(key)) is not None:
        return HoldingRow(holding, hedge, book.health.get(holding.source))
    return None


def _meets(hedge: HedgeView, book: Book, test: filters.Test) -> bool:
    own = filters.of_hedge(hedge)
    legs = [_leg_subject(key, hedge, book) for key in hedge.legs]
    if not any(leg is not None for leg in legs):
        return test(own)
    merged = (
        filters.Subject(own.texts | leg.texts, _fill(leg.numbers, own.numbers), hedge.severity) for leg in legs if leg is not None
    )
    return any(test(subject) for subject in merged)


def _fill(leg: Mapping[str, float | None], hedge: Mapping[str, float | None]) -> dict[str, float | None]:
    return {name: leg[name] if leg.get(name) is not None else hedge.get(name) for name in {*leg, *hedge}}


def _leg_subject(key: str, hedge: HedgeView, book: Book) -> filters.Subject | None:
    if (position := book.positions.get(key)) is not None:
        return filters.of_position(position, hedge.kind)
    holding = book.holdings.get(key)
    return filters.of_holding(holding) if holding is not None else None
