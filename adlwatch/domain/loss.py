"""What a venue took: ADL and liquidation fills, and what vanished without any fill to explain it.

Compared are two readings of one source. A shrink that no fill explains is a loss of kind unexplained, never called ADL; a fill
that arrives later explains it after all.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from adlwatch.domain.model import Contract, Fill, FillKind, Position, Side
from adlwatch.domain.reading import Reading

ROUNDING = 1e-6
"""Part of a position below which a difference is the venue's rounding."""


class LossKind(StrEnum):
    """Why a position is smaller than it was."""

    ADL = "adl"
    LIQUIDATION = "liquidation"
    UNEXPLAINED = "unexplained"


_TAKEN = {FillKind.ADL: LossKind.ADL, FillKind.LIQUIDATION: LossKind.LIQUIDATION, FillKind.UNKNOWN: LossKind.UNEXPLAINED}


class Loss(NamedTuple):
    """One fill by which the venue took something, or one shrink nothing explains."""

    key: str
    account: str
    venue: str
    symbol: str
    side: Side
    kind: LossKind
    size: float
    """In the position's own unit, positive."""
    before: float
    """Size of the position before."""
    time: datetime
    contract: Contract = Contract.LINEAR
    price: float | None = None
    mark: float | None = None
    fill: str | None = None
    """The venue's id of the fill; None for a shrink without one."""


class Compared(NamedTuple):
    """What happened between two readings."""

    losses: tuple[Loss, ...]
    explained: Mapping[str, float]
    """By position key: size of earlier shrinks that fills have explained as the holder's own after all."""


def compare(before: Reading, after: Reading, seen: Collection[str]) -> Compared:
    """Losses between two readings of one source, oldest first. `seen`: ids of fills already counted."""
    old = {position.key: position for position in before.positions}
    new = {position.key: position for position in after.positions}
    marks = {(m.venue, m.symbol): m.mark_price for m in (*before.markets, *after.markets) if m.mark_price is not None}
    fills: dict[str, list[Fill]] = defaultdict(list)
    for fill in after.fills:
        if fill.id not in seen:
            fills[f"{fill.account}:{fill.symbol}:{fill.side}"].append(fill)
    losses: list[Loss] = []
    explained: dict[str, float] = {}
    for key in dict.fromkeys((*old, *fills)):
        was, now = old.get(key), new.get(key)
        losses += [_taken(fill, was or now, marks) for fill in fills[key] if fill.closes and fill.kind in _TAKEN]
        shrink = (was.size if was else 0.0) - (now.size if now else 0.0)
        left = shrink - sum(fill.size if fill.closes else -fill.size for fill in fills[key])
        if was is not None and left > ROUNDING * was.size:
            losses.append(_vanished(was, left, after.as_of, marks))
        elif left < 0 and fills[key]:
            explained[key] = -left
    return Compared(tuple(sorted(losses, key=lambda loss: loss.time)), explained)


def _taken(fill: Fill, position: Position | None, marks: Mapping[tuple[str, str], float]) -> Loss:
    return Loss(
        key=f"{fill.account}:{fill.symbol}:{fill.side}",
        account=fill.account,
        venue=fill.venue,
        symbol=fill.symbol,
        side=fill.side,
        kind=_TAKEN[fill.kind],
        size=fill.size,
        before=position.size if position is not None else fill.size,
        time=fill.time,
        contract=position.contract if position is not None else Contract.LINEAR,
        price=fill.price,
        mark=fill.mark_price if fill.mark_price is not None else marks.get((fill.venue, fill.symbol)),
        fill=fill.id,
    )


def _vanished(was: Position, size: float, time: datetime, marks: Mapping[tuple[str, str], float]) -> Loss:
    return Loss(
        key=was.key,
        account=was.account,
        venue=was.venue,
        symbol=was.symbol,
        side=was.side,
        kind=LossKind.UNEXPLAINED,
        size=size,
        before=was.size,
        time=time,
        contract=was.contract,
        mark=marks.get((was.venue, was.symbol), was.mark_price),
    )
