"""What a venue took: ADL and liquidation fills, and what vanished without any fill to explain it.

Compared are two readings of one source. Fills and positions need not come together: a fill may be told before the position
shows it, or minutes after. What does not agree yet is kept as `Unsettled`, so that nothing counts twice and a late fill explains
an earlier shrink. A shrink that no fill explains is a loss of kind unexplained, never called ADL.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from adlwatch.domain.model import Contract, Fill, FillKind, Position, Side
from adlwatch.domain.reading import Reading
from adlwatch.domain.underlying import of_symbol

ROUNDING = 1e-6
"""Part of a position below which a difference is the venue's rounding."""
REPEATED = timedelta(hours=48)
"""How long a fill is remembered: venues list those of the last day again and again."""
PATIENCE = timedelta(minutes=15)
"""How long a fill and its position may come apart: some sources ask for fills every ten minutes only."""


class LossKind(StrEnum):
    """Why a position is smaller than it was."""

    ADL = "adl"
    LIQUIDATION = "liquidation"
    UNEXPLAINED = "unexplained"


_TAKEN = {FillKind.ADL: LossKind.ADL, FillKind.LIQUIDATION: LossKind.LIQUIDATION, FillKind.UNKNOWN: LossKind.UNEXPLAINED}


class Loss(Struct, frozen=True, kw_only=True, gc=False):
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


class Unsettled(Struct, frozen=True, kw_only=True):
    """Where fills and positions of one key do not agree. Sizes are in the position's own unit and never negative."""

    changed_at: datetime
    missing: float = 0.0
    """Gone without a fill."""
    entry: float | None = None
    """Entry price of the position that it was missed from."""
    told: float = 0.0
    """Closing fills that came before the position showed them."""
    opened: float = 0.0
    """Opening fills that came before the position showed them."""
    grown: float = 0.0
    """Growth that no fill has told of."""


class Tally(NamedTuple):
    """What has been counted of one source so far."""

    since: datetime
    """The first reading's moment; what was filled before is in its positions."""
    seen: Mapping[str, datetime] = MappingProxyType({})
    """Time of each fill, by `fill_key`."""
    unsettled: Mapping[str, Unsettled] = MappingProxyType({})


class Compared(NamedTuple):
    """What happened between two readings."""

    losses: tuple[Loss, ...]
    """Oldest first."""
    explained: Mapping[str, float]
    """By position key: the part (0 to 1) of what had vanished without a fill that turns out to have a reason, or to be back."""
    tally: Tally


def primed(first: Reading) -> Tally:
    """The tally after the first reading of a source: old fills are no losses."""
    return Tally(first.as_of, {fill_key(fill): fill.time for fill in first.fills})


def compare(before: Reading, after: Reading, tally: Tally) -> Compared:
    """Losses between two readings of one source, in the order they were taken over."""
    fresh = _unseen(after.fills, tally)
    fills = _by_position(fresh.values())
    old = {position.key: position for position in before.positions}
    new = {position.key: position for position in after.positions}
    unsettled = dict(tally.unsettled)
    moved: list[tuple[_Between, float]] = []
    explained: dict[str, float] = {}
    for key in dict.fromkeys((*old, *new, *fills)):
        was, now = old.get(key), new.get(key)
        gone = (was.size if was else 0.0) - (now.size if now else 0.0)
        if not gone and key not in fills:
            continue
        between = _Between(was, now, gone, fills.get(key, ()), after.as_of)
        settled = _settled(unsettled.get(key), between)
        unsettled[key] = settled.rest
        if settled.explained:
            explained[key] = settled.explained
        moved.append((between, settled.vanished))
    marks = {(m.venue, m.symbol): m.mark_price for m in (*before.markets, *after.markets) if m.mark_price} if moved else {}
    losses = [loss for between, vanished in moved for loss in _losses(between, vanished, marks)]
    losses.sort(key=lambda loss: loss.time)
    return Compared(tuple(losses), explained, Tally(tally.since, _remembered(tally, fresh, after.as_of), _open(unsettled)))


def fill_key(fill: Fill) -> str:
    """What tells a fill from all others: some venues number trades by symbol, and both sides of a trade alike."""
    return f"{fill.account}:{fill.symbol}:{fill.side}:{fill.id}"


def _unseen(fills: Iterable[Fill], tally: Tally) -> dict[str, Fill]:
    """Fills that count, each once, by `fill_key`."""
    return {key: fill for fill in fills if fill.time > tally.since and (key := fill_key(fill)) not in tally.seen}


def _by_position(fills: Iterable[Fill]) -> dict[str, tuple[Fill, ...]]:
    """By the key of the position they changed."""
    found: dict[str, list[Fill]] = defaultdict(list)
    for fill in fills:
        found[f"{fill.account}:{fill.symbol}:{fill.side}"].append(fill)
    return {key: tuple(own) for key, own in found.items()}


def _remembered(tally: Tally, fresh: Mapping[str, Fill], now: datetime) -> Mapping[str, datetime]:
    if not fresh:
        return tally.seen
    kept = {key: time for key, time in tally.seen.items() if now - time <= REPEATED}
    return kept | {key: fill.time for key, fill in fresh.items()}


def _open(unsettled: Mapping[str, Unsettled]) -> Mapping[str, Unsettled]:
    return {key: rest for key, rest in unsettled.items() if rest.missing or rest.told or rest.opened or rest.grown}


class _Between(NamedTuple):
    """One position between two readings."""

    was: Position | None
    now: Position | None
    gone: float
    """Size before less size after."""
    fills: tuple[Fill, ...]
    time: datetime


class _Settled(NamedTuple):
    rest: Unsettled
    vanished: float = 0.0
    explained: float = 0.0


def _settled(known: Unsettled | None, between: _Between) -> _Settled:
    """Set what is gone against what fills tell, then against what was left open before."""
    rest = known or Unsettled(changed_at=between.time)
    if between.time - rest.changed_at > PATIENCE:
        rest = replace(rest, told=0.0, opened=0.0, grown=0.0)
    closed = sum(fill.size for fill in between.fills if fill.closes)
    opened = sum(fill.size for fill in between.fills if not fill.closes)
    more = between.gone - closed + opened
    scale = max(p.size for p in (between.was, between.now) if p is not None) if between.was or between.now else closed + opened
    if abs(more) <= ROUNDING * scale:
        return _Settled(rest)
    rest = replace(rest, changed_at=between.time)
    return _less_than_told(rest, between, more, opened) if more > 0.0 else _more_than_told(rest, between, -more, closed)


def _less_than_told(rest: Unsettled, between: _Between, size: float, opened: float) -> _Settled:
    """By `size` less is there than fills say: growth told late, a close told early, a loss, or an opening told early.

    Only what has visibly shrunk is a loss.
    """
    late = min(size, opened, rest.grown)
    early = min(size - late, rest.told)
    vanished = min(size - late - early, max(0.0, between.gone))
    return _Settled(
        replace(
            rest,
            grown=rest.grown - late,
            told=rest.told - early,
            missing=rest.missing + vanished,
            entry=between.was.entry_price if between.was is not None and vanished else rest.entry,
            opened=rest.opened + (size - late - early - vanished),
        ),
        vanished=vanished,
    )


def _more_than_told(rest: Unsettled, between: _Between, size: float, closed: float) -> _Settled:
    """By `size` more is there than fills say: growth told early, a close told late or early, a loss that is back, or growth.

    What comes back at the very entry price it had was never gone: the venue's answer had been incomplete.
    """
    early = min(size, rest.opened)
    size -= early
    late = min(size, closed, rest.missing)
    size -= late
    told = min(size, closed - late)
    size -= told
    as_it_was = between.now is not None and between.now.entry_price == rest.entry
    back = min(size, rest.missing - late) if as_it_was else 0.0
    missing = rest.missing - late - back
    if missing <= ROUNDING * rest.missing:
        missing = 0.0
    return _Settled(
        replace(
            rest,
            opened=rest.opened - early,
            missing=missing,
            told=rest.told + told,
            grown=rest.grown + (size - back),
        ),
        explained=1.0 - missing / rest.missing if rest.missing else 0.0,
    )


def _losses(between: _Between, vanished: float, marks: Mapping[tuple[str, str], float]) -> Iterator[Loss]:
    """What fills tell, and what vanished; at the market's mark, else the position's own. `marks` by venue and symbol."""
    position = between.now or between.was
    own = position.mark_price if position is not None else None
    for fill in between.fills:
        if fill.closes and fill.kind in _TAKEN:
            yield _taken(fill, between.was or position, marks.get((fill.venue, fill.symbol), own))
    if between.was is not None and vanished and not _expired(between.was, between.time):
        mark = marks.get((between.was.venue, between.was.symbol), own)
        yield _vanished(between.was, vanished, between.time, mark)


def _expired(position: Position, now: datetime) -> bool:
    """Whether it is a future that has been settled: some venues tell of no fill for that."""
    expiry = of_symbol(position.symbol, {}).expiry
    return expiry is not None and now.date() >= expiry


def _taken(fill: Fill, position: Position | None, mark: float | None) -> Loss:
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
        mark=fill.mark_price if fill.mark_price is not None else mark,
        fill=fill.id,
    )


def _vanished(was: Position, size: float, time: datetime, mark: float | None) -> Loss:
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
        mark=mark,
    )
