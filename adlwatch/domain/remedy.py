"""What brings a light down: add margin or collateral, cut a hedge, reset the entry, move margin between legs.

Each is searched for the least amount that does it, applied to a copy of the book, and kept only if the book so changed,
gathered and scored afresh, shows the promised light. Where no amount does it, that is the answer. Cheapest first.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from adlwatch.domain.carry import carry_of
from adlwatch.domain.edit import Edits, edited
from adlwatch.domain.exposure import expose
from adlwatch.domain.gather import gather
from adlwatch.domain.hedge import Hedge
from adlwatch.domain.liquidation import liquidations
from adlwatch.domain.model import Contract
from adlwatch.domain.pairing import hedges_of, leg_prices, shields_of, with_hedges
from adlwatch.domain.queue import Queue, QueueKey
from adlwatch.domain.rank import score_rows
from adlwatch.domain.reading import Reading, SourceState
from adlwatch.domain.remedy_edits import Attempt, Subject, add_collateral, add_margin, cut_both, move_margin, reset_entry
from adlwatch.domain.settings import Settings
from adlwatch.domain.shield import HOLDING
from adlwatch.domain.underlying import of_asset, of_symbol

FINEST = 1e-4
"""Amounts are found to one part in ten thousand of the position's notional, rounded up."""
MOST_MARGIN = 10.0
"""Times the notional; needing more than that is called not reachable."""
MOST_CUT = 0.99
"""Cutting more than this is closing."""


class RemedyKind(StrEnum):
    """What is done."""

    ADD_MARGIN = "add-margin"
    ADD_COLLATERAL = "add-collateral"
    CUT = "cut"
    RESET = "reset"
    MOVE_MARGIN = "move-margin"


class Remedy(Struct, frozen=True, kw_only=True):
    """One way to a lower light, or why there is none."""

    kind: RemedyKind
    key: str
    reachable: bool
    reason: str | None = None
    """Why it is not reachable, or what it does besides."""
    level: int | None = None
    """The estimated light after it, recomputed."""
    score: float | None = None
    capital_usd: float | None = None
    """Margin to put up or to move; comes back when the position is closed."""
    fraction: float | None = None
    """Part of the position that is cut."""
    cost_usd: float | None = None
    """Fees, spread and financing; never negative."""
    cost_days: float | None = None
    """Days of the hedge's carry that the cost eats; None where the carry is unknown or not positive."""
    naked_seconds: float | None = None
    naked_usd: float | None = None
    """Exposure while a position is closed and not yet open again."""
    edits: Edits | None = None


Do = Callable[[Subject, float], Attempt | str]
_DO: Mapping[RemedyKind, Do] = {
    RemedyKind.ADD_MARGIN: add_margin,
    RemedyKind.ADD_COLLATERAL: add_collateral,
    RemedyKind.CUT: cut_both,
    RemedyKind.RESET: reset_entry,
    RemedyKind.MOVE_MARGIN: move_margin,
}


_IN_VAIN = {RemedyKind.RESET: "even a position opened now would be further up the queue"}


@dataclass(frozen=True, slots=True)
class _Case:
    """One position to be brought to a light, and everything needed to try."""

    states: tuple[SourceState, ...]
    subject: Subject
    to: int
    queue: Queue
    carry_per_day: float | None
    now: datetime

    @property
    def key(self) -> str:
        return self.subject.row.position.key


class _Placed(NamedTuple):
    """Where a position stands in a book."""

    score: float | None
    level: int | None


def remedies(
    states: Iterable[SourceState],
    queues: Mapping[QueueKey, Queue],
    settings: Settings,
    now: datetime,
    *,
    key: str,
    to: int,
) -> tuple[Remedy, ...]:
    """Every kind of remedy for `key` to come to at most `to` lights: those that do it, cheapest first, then the rest.

    Empty where the estimated light is that low already, as it is while a shield holds. Raises KeyError where there is no such
    position.
    """
    found = gather(states, now)
    settings = with_hedges(settings, found)
    hedges = hedges_of(found, leg_prices(found, settings), settings)
    hedge = {leg.key: hedge for hedge in hedges for leg in hedge.legs}[key]
    subject = Subject.of(found, hedge, key, settings)
    position = subject.row.position
    queue = queues.get(QueueKey(position.venue, position.symbol, position.side))
    if queue is None:
        return tuple(Remedy(kind=kind, key=key, reachable=False, reason="no estimated queue") for kind in RemedyKind)
    carry = carry_of(hedge, {row.key: row.market for row in found.positions if row.market is not None}, now)
    case = _Case(_around(states, hedge, settings.aliases), subject, to, queue, carry.usd_per_day, now)
    level = _placed(case.states, queue, settings, key, now).level
    shield = shields_of(found, hedges, settings).get((position.account, hedge.underlying))
    if (level is not None and level <= to) or (shield is not None and shield.state in HOLDING):
        return ()
    tried = [_search(case, kind) for kind in RemedyKind]
    return tuple(sorted(tried, key=lambda each: (not each.reachable, each.cost_usd or 0.0, each.capital_usd or 0.0)))


def _placed(states: Iterable[SourceState], queue: Queue, settings: Settings, key: str, now: datetime) -> _Placed:
    """Score and estimated light of a position in a book, gathered and scored afresh."""
    found = gather(states, now)
    row = next(row for row in found.positions if row.position.key == key)
    profile = settings.profiles.get(row.position.venue)
    (score,) = score_rows([row], [profile.rule if profile is not None else None], found)
    value = score.value if score is not None else None
    return _Placed(value, queue.light(value, row.mark, now).level)


def _search(case: _Case, kind: RemedyKind) -> Remedy:
    """The least amount that does it."""
    notional = abs(case.subject.row.position.size * (case.subject.row.mark or 0.0))
    if case.subject.row.position.contract is Contract.INVERSE:
        notional = case.subject.row.position.size
    most = {RemedyKind.CUT: MOST_CUT, RemedyKind.RESET: 1.0}.get(kind, MOST_MARGIN * notional)
    amount, inner = (most if kind is RemedyKind.RESET else most * FINEST), 0.0
    while (tried := _try(case, kind, amount)) is None or not tried.reachable:
        if tried is not None or amount >= most:
            return tried or _failed(case, kind, _IN_VAIN.get(kind, "no amount brings the light that far down"))
        inner, amount = amount, min(most, amount * 2.0)
    best = tried
    while kind is not RemedyKind.RESET and amount - inner > FINEST * max(amount, FINEST * most):
        middle = (inner + amount) / 2.0
        tried = _try(case, kind, middle)
        if tried is not None and tried.reachable:
            best, amount = tried, middle
        else:
            inner = middle
    return _guarded(case, best)


def _try(case: _Case, kind: RemedyKind, amount: float) -> Remedy | None:
    """The remedy with this amount; None where it is not enough; not reachable where it cannot be done."""
    attempt = _DO[kind](case.subject, amount)
    if isinstance(attempt, str):
        return _failed(case, kind, attempt)
    where = _placed(edited(case.states, attempt.edits), case.queue, case.subject.settings, case.key, case.now)
    if where.level is None:
        return _failed(case, kind, "the score after it cannot be computed")
    if where.level > case.to:
        return None
    carry = case.carry_per_day
    return Remedy(
        kind=kind,
        key=case.key,
        reachable=True,
        reason=attempt.note,
        level=where.level,
        score=where.score,
        capital_usd=attempt.capital_usd,
        fraction=attempt.fraction,
        cost_usd=attempt.cost_usd,
        cost_days=attempt.cost_usd / carry if carry is not None and carry > 0.0 else None,
        naked_seconds=attempt.naked_seconds,
        naked_usd=attempt.naked_usd,
        edits=attempt.edits,
    )


def _guarded(case: _Case, remedy: Remedy) -> Remedy:
    """Moving margin must not bring the giving leg near its own liquidation."""
    if remedy.kind is not RemedyKind.MOVE_MARGIN or remedy.edits is None:
        return remedy
    limit = case.subject.settings.thresholds.liquidation_warning
    book = expose(gather(edited(case.states, remedy.edits), case.now), case.subject.settings)
    for row, after in zip(book.rows, liquidations(book, {}), strict=True):
        key = row.position.key
        giving = key in remedy.edits.positions and key != case.key
        if giving and not after.unreachable and (after.distance is None or after.distance <= limit):
            away = "unknown" if after.distance is None else f"{after.distance:.1%} away"
            return _failed(case, remedy.kind, f"it would leave the liquidation of {key} {away}")
    return remedy


def _failed(case: _Case, kind: RemedyKind, reason: str) -> Remedy:
    return Remedy(kind=kind, key=case.key, reachable=False, reason=reason)


def _around(states: Iterable[SourceState], hedge: Hedge, aliases: Mapping[str, str]) -> tuple[SourceState, ...]:
    """The sources with only the accounts that the hedge touches: what is tried again and again should be small."""
    accounts = {leg.account for leg in hedge.legs}

    def small(reading: Reading) -> Reading:
        positions = tuple(p for p in reading.positions if p.account in accounts)
        holdings = tuple(h for h in reading.holdings if h.account in accounts)
        coins = {of_symbol(p.symbol, aliases).asset for p in positions} | {of_asset(h.asset, aliases).asset for h in holdings}
        return replace(
            reading,
            positions=positions,
            holdings=holdings,
            accounts=tuple(a for a in reading.accounts if a.id in accounts),
            markets=tuple(m for m in reading.markets if of_symbol(m.symbol, aliases).asset in coins),
        )

    return tuple(state if state.reading is None else replace(state, reading=small(state.reading)) for state in states)
