"""Incidents: bursts of losses of one account, with running totals. What they left behind is measured in `aftermath`.

Losses that follow each other within `BURST` are one incident: on 10 October 2025 a third of those hit were hit more than once,
up to 78 times. An incident is unexplained until the venue's own fills say what it was.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from adlwatch.domain.loss import Compared, Loss, LossKind
from adlwatch.domain.model import Contract, Side

BURST = timedelta(seconds=60)


class IncidentKind(StrEnum):
    """What took the positions, by the venue's own fills."""

    ADL = "adl"
    LIQUIDATION = "liquidation"
    UNEXPLAINED = "unexplained"
    EXPLAINED = "explained"
    """Everything turned out to be orders, transfers or settlements of the holder's own, or an incomplete answer."""


class LostLeg(Struct, frozen=True, kw_only=True):
    """What one position lost. Units are base units of its symbol, an inverse contract's at the price they were closed at."""

    key: str
    account: str
    venue: str
    symbol: str
    side: Side
    units_before: float
    contract: Contract = Contract.LINEAR
    hedge: str | None = None
    """The hedge it was a leg of; None where it was unhedged."""
    adl_units: float = 0.0
    liquidated_units: float = 0.0
    unnamed_units: float = 0.0
    """Closed by fills whose reason the venue's words do not tell us."""
    vanished_units: float = 0.0
    """Gone without any fill."""
    fills: int = 0
    priced_units: float = 0.0
    """Units whose closing price is known."""
    closed_usd: float = 0.0
    """Their value at that price."""
    give_back_usd: float | None = None
    """What closing there cost against the mark at that time, positive a loss; None while no mark is known."""
    mark: float | None = None
    """The last one known when it was lost: a venue may stop telling of a market in which nothing is held."""

    @property
    def average_price(self) -> float | None:
        """Of the units whose price is known."""
        return self.closed_usd / self.priced_units if self.priced_units else None

    @property
    def unexplained_units(self) -> float:
        """All that nothing explains."""
        return self.unnamed_units + self.vanished_units

    @property
    def lost_units(self) -> float:
        """All that was taken or is unexplained."""
        return self.adl_units + self.liquidated_units + self.unexplained_units


class HitHedge(Struct, frozen=True, kw_only=True):
    """One hedge that lost a leg or a part of one. Exposure is signed, positive long; units are those of the underlying."""

    name: str
    underlying: str
    units_before: float | None = None
    """Net before the loss: what the holder had meant it to be."""
    shield_before: str | None = None
    units: float | None = None
    """Net now."""
    usd: float | None = None
    estimated: bool = False
    """True where `usd` is valued at the lost leg's last mark, because no price is known now."""
    shield: str | None = None
    """kept or lost; None where there was none, nothing is left that it could protect, or it is unknown."""
    balanced: bool = False
    """Whether it is in balance again."""


class Ticket(Struct, frozen=True, kw_only=True):
    """One way back to neutral, priced: text to copy, never sent."""

    title: str
    hedge: str
    text: str
    """One order a line: side, size, symbol, venue, account, expected price, cost."""
    cost_usd: float | None = None
    """Fees, spread and depth; None where no price is known."""
    from_depth: bool = False
    """False: priced with an assumed spread."""


class Incident(Struct, frozen=True, kw_only=True):
    """One burst of losses of one account."""

    id: str
    kind: IncidentKind
    account: str
    venue: str
    opened_at: datetime
    last_at: datetime
    legs: tuple[LostLeg, ...] = ()
    hedges: tuple[HitHedge, ...] = ()
    fills: int = 0
    closed_usd: float = 0.0
    give_back_usd: float | None = None
    naked_usd: float | None = None
    """Sum of the |exposure| of the hedges hit: long one coin does not offset short another. None: unknown or not yet measured."""
    dollar_seconds: float = 0.0
    """Integral of `naked_usd` over time since the first loss."""
    measured_at: datetime | None = None
    """When `naked_usd` was last known."""
    closed_at: datetime | None = None
    """When every hedge hit was in balance again; None while one is not."""
    tickets: tuple[Ticket, ...] = ()
    unwatched: bool = False
    """Whether it began while adlwatch was not running, and was found at its start."""


class Standing(NamedTuple):
    """How a position's hedge stood before a loss."""

    hedge: str
    underlying: str
    net_units: float | None
    shield: str


def record(
    known: Sequence[Incident], found: Compared, standings: Mapping[str, Standing], *, unwatched: bool = False
) -> tuple[Incident, ...]:
    """The incidents after what was found, in the order they were opened. `standings`: of hedged positions, by key.

    `unwatched`: it was found between the last reading of an earlier run and the first of this one.
    """
    by_account: dict[str, list[Loss]] = defaultdict(list)
    for loss in found.losses:
        by_account[loss.account].append(loss)
    unexplained = {leg.key: incident.id for incident in known for leg in incident.legs if leg.vanished_units}
    incidents = [_explained(incident, found.explained) for incident in known]
    opened = len(incidents)
    for losses in by_account.values():
        for burst in _bursts(losses):
            _add(incidents, burst, {unexplained[loss.key] for loss in burst if loss.key in unexplained}, standings)
    if unwatched:
        incidents[opened:] = [replace(incident, unwatched=True) for incident in incidents[opened:]]
    return tuple(incidents)


def _bursts(losses: Sequence[Loss]) -> Iterable[list[Loss]]:
    """Losses of one account, oldest first, cut where nothing happened for `BURST`."""
    burst = [losses[0]]
    for loss in losses[1:]:
        if loss.time - burst[-1].time > BURST:
            yield burst
            burst = []
        burst.append(loss)
    yield burst


def _add(incidents: list[Incident], burst: list[Loss], same: set[str], standings: Mapping[str, Standing]) -> None:
    """Join the incident that the burst explains (`same`) or follows, or open one."""
    first, last = burst[0], burst[-1]
    for at in range(len(incidents) - 1, -1, -1):
        running = incidents[at]
        near = running.opened_at - last.time <= BURST and first.time - running.last_at <= BURST
        if running.account == first.account and (near or running.id in same):
            incidents[at] = _hit(running, burst, standings)
            return
    taken = {incident.id for incident in incidents}
    name = f"{first.account}@{first.time:%Y%m%dT%H%M%S}"
    empty = Incident(
        id=next(free for n in range(1, len(taken) + 2) if (free := name if n == 1 else f"{name}-{n}") not in taken),
        kind=IncidentKind.UNEXPLAINED,
        account=first.account,
        venue=first.venue,
        opened_at=first.time,
        last_at=first.time,
    )
    incidents.append(_hit(empty, burst, standings))


def _hit(incident: Incident, burst: list[Loss], standings: Mapping[str, Standing]) -> Incident:
    """An incident after more losses; it is open again."""
    legs = {leg.key: leg for leg in incident.legs}
    hedges = {hedge.name: hedge for hedge in incident.hedges}
    grouped: dict[str, list[Loss]] = defaultdict(list)
    for loss in burst:
        grouped[loss.key].append(loss)
    for key, losses in grouped.items():
        stood = standings.get(key)
        legs[key] = _lost(legs.get(key) or _leg(losses[0], stood), losses)
        if stood is not None and stood.hedge not in hedges and legs[key].hedge == stood.hedge:
            hedges[stood.hedge] = HitHedge(
                name=stood.hedge, underlying=stood.underlying, units_before=stood.net_units, shield_before=stood.shield
            )
    opened_at, last_at = min(incident.opened_at, burst[0].time), max(incident.last_at, burst[-1].time)
    hit = replace(incident, opened_at=opened_at, last_at=last_at, hedges=tuple(hedges.values()), closed_at=None)
    return _totalled(hit, tuple(legs.values()))


def _leg(first: Loss, stood: Standing | None) -> LostLeg:
    return LostLeg(
        key=first.key,
        account=first.account,
        venue=first.venue,
        symbol=first.symbol,
        side=first.side,
        contract=first.contract,
        hedge=stood.hedge if stood is not None else None,
        units_before=_units(first, first.before),
    )


def _lost(leg: LostLeg, losses: list[Loss]) -> LostLeg:
    units = dict.fromkeys(LossKind, 0.0)
    unnamed = 0.0
    for loss in losses:
        size = _units(loss, loss.size)
        units[loss.kind] += size
        unnamed += size if loss.kind is LossKind.UNEXPLAINED and loss.fill is not None else 0.0
    priced = [(_units(loss, loss.size), loss.price, loss.mark) for loss in losses if loss.price is not None]
    backs = [leg.side.sign * size * (mark - price) for size, price, mark in priced if mark is not None]
    return replace(
        leg,
        adl_units=leg.adl_units + units[LossKind.ADL],
        liquidated_units=leg.liquidated_units + units[LossKind.LIQUIDATION],
        unnamed_units=leg.unnamed_units + unnamed,
        vanished_units=leg.vanished_units + units[LossKind.UNEXPLAINED] - unnamed,
        fills=leg.fills + sum(loss.fill is not None for loss in losses),
        priced_units=leg.priced_units + sum(size for size, _, _ in priced),
        closed_usd=leg.closed_usd + sum(size * price for size, price, _ in priced),
        give_back_usd=(leg.give_back_usd or 0.0) + sum(backs) if backs else leg.give_back_usd,
        mark=next((loss.mark for loss in reversed(losses) if loss.mark is not None), leg.mark),
    )


def _explained(incident: Incident, explained: Mapping[str, float]) -> Incident:
    """Take off an incident what has a reason after all."""
    if not any(leg.key in explained and leg.vanished_units for leg in incident.legs):
        return incident
    legs = tuple(
        replace(leg, vanished_units=leg.vanished_units * (1.0 - explained[leg.key])) if leg.key in explained else leg
        for leg in incident.legs
    )
    totalled = _totalled(incident, legs)
    if totalled.kind is not IncidentKind.EXPLAINED:
        return totalled
    return replace(totalled, naked_usd=None, dollar_seconds=0.0, measured_at=None, tickets=())


def _totalled(incident: Incident, legs: tuple[LostLeg, ...]) -> Incident:
    backs = [leg.give_back_usd for leg in legs if leg.give_back_usd is not None]
    return replace(
        incident,
        kind=_kind(legs),
        legs=legs,
        fills=sum(leg.fills for leg in legs),
        closed_usd=sum(leg.closed_usd for leg in legs),
        give_back_usd=sum(backs) if backs else None,
    )


def _kind(legs: Iterable[LostLeg]) -> IncidentKind:
    """ADL before liquidation before unexplained."""
    if any(leg.adl_units for leg in legs):
        return IncidentKind.ADL
    if any(leg.liquidated_units for leg in legs):
        return IncidentKind.LIQUIDATION
    return IncidentKind.UNEXPLAINED if any(leg.unexplained_units for leg in legs) else IncidentKind.EXPLAINED


def _units(loss: Loss, size: float) -> float:
    """Base units of a size; an inverse contract's at the price it was closed at, else the mark."""
    if loss.contract is Contract.LINEAR:
        return size
    price = loss.price if loss.price is not None else loss.mark
    return size / price if price else 0.0
