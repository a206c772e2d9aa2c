"""Incidents: bursts of losses of one account, with running totals. What they left behind is in `aftermath`.

Losses that follow each other within `BURST` are one incident: on 10 October 2025 a third of those hit were hit more than once,
up to 78 times. An incident is unexplained until the venue's own fills say what it was.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

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
    """Everything turned out to be orders, transfers or settlements of the holder's own."""


class LostLeg(Struct, frozen=True, kw_only=True):
    """What one position lost. Units are base units at the price they were closed at."""

    key: str
    venue: str
    symbol: str
    side: Side
    hedge: str | None
    """The hedge it was a leg of."""
    units_before: float
    adl_units: float = 0.0
    liquidated_units: float = 0.0
    unexplained_units: float = 0.0
    fills: int = 0
    priced_units: float = 0.0
    """Units whose closing price is known."""
    closed_usd: float = 0.0
    """Their value at that price."""
    give_back_usd: float | None = None
    """What closing there cost against the mark at that time, positive a loss; None while no mark is known."""

    @property
    def average_price(self) -> float | None:
        """Of the units whose price is known."""
        return self.closed_usd / self.priced_units if self.priced_units else None

    @property
    def lost_units(self) -> float:
        """All that was taken or is unexplained."""
        return self.adl_units + self.liquidated_units + self.unexplained_units


class Ticket(Struct, frozen=True, kw_only=True):
    """One way back to neutral, priced: text to copy, never sent."""

    title: str
    text: str
    cost_usd: float | None
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
    legs: tuple[LostLeg, ...]
    fills: int = 0
    closed_usd: float = 0.0
    give_back_usd: float | None = None
    naked_units: float | None = None
    """Signed units of the underlying naked now, positive long; None where several underlyings are hit or it is unknown."""
    naked_usd: float | None = None
    """Signed exposure now, summed over the hedges hit."""
    dollar_seconds: float = 0.0
    """Integral of |naked_usd| over time since the first loss."""
    measured_at: datetime | None = None
    shield: str | None = None
    """kept or lost; None where there was none, or it is unknown."""
    closed_at: datetime | None = None
    """When the hedges hit were in balance again; None while they are not."""
    tickets: tuple[Ticket, ...] = ()

    @property
    def hedges(self) -> tuple[str, ...]:
        """The hedges hit, each once."""
        return tuple(dict.fromkeys(leg.hedge for leg in self.legs if leg.hedge is not None))


def record(known: Sequence[Incident], found: Compared, hedge_of: Mapping[str, str | None]) -> tuple[Incident, ...]:
    """The incidents after what was found, oldest first. `hedge_of`: the hedge of each position by its key, before the loss."""
    by_account: dict[str, list[Loss]] = defaultdict(list)
    for loss in found.losses:
        by_account[loss.account].append(loss)
    incidents = [_explained(incident, found.explained) for incident in known]
    for losses in by_account.values():
        for burst in _bursts(losses):
            _add(incidents, burst, hedge_of)
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


def _add(incidents: list[Incident], burst: list[Loss], hedge_of: Mapping[str, str | None]) -> None:
    """Join the account's running incident, or open one."""
    first = burst[0]
    for at in range(len(incidents) - 1, -1, -1):
        running = incidents[at]
        if running.account == first.account and first.time - running.last_at <= BURST:
            incidents[at] = _totalled(running, _legs(running.legs, burst, hedge_of), max(running.last_at, burst[-1].time))
            return
    empty = Incident(
        id=f"{first.account}@{first.time:%Y%m%dT%H%M%S}",
        kind=IncidentKind.UNEXPLAINED,
        account=first.account,
        venue=first.venue,
        opened_at=first.time,
        last_at=first.time,
        legs=(),
    )
    incidents.append(_totalled(empty, _legs((), burst, hedge_of), burst[-1].time))


def _legs(known: tuple[LostLeg, ...], burst: list[Loss], hedge_of: Mapping[str, str | None]) -> tuple[LostLeg, ...]:
    legs = {leg.key: leg for leg in known}
    grouped: dict[str, list[Loss]] = defaultdict(list)
    for loss in burst:
        grouped[loss.key].append(loss)
    for key, losses in grouped.items():
        first = losses[0]
        leg = legs.get(key) or LostLeg(
            key=key,
            venue=first.venue,
            symbol=first.symbol,
            side=first.side,
            hedge=hedge_of.get(key),
            units_before=_units(first, first.before),
        )
        legs[key] = _lost(leg, losses)
    return tuple(legs.values())


def _lost(leg: LostLeg, losses: list[Loss]) -> LostLeg:
    """A leg after some losses; fills that explain an earlier shrink are taken off what was unexplained."""
    units = dict.fromkeys(LossKind, 0.0)
    for loss in losses:
        units[loss.kind] += _units(loss, loss.size)
    known = [(_units(loss, loss.size), loss.price, loss.mark) for loss in losses if loss.price is not None]
    backs = [leg.side.sign * size * (mark - price) for size, price, mark in known if mark is not None]
    named = units[LossKind.ADL] + units[LossKind.LIQUIDATION]
    late = min(leg.unexplained_units, named) if not units[LossKind.UNEXPLAINED] else 0.0
    return replace(
        leg,
        adl_units=leg.adl_units + units[LossKind.ADL],
        liquidated_units=leg.liquidated_units + units[LossKind.LIQUIDATION],
        unexplained_units=leg.unexplained_units - late + units[LossKind.UNEXPLAINED],
        fills=leg.fills + sum(loss.fill is not None for loss in losses),
        priced_units=leg.priced_units + sum(size for size, _, _ in known),
        closed_usd=leg.closed_usd + sum(size * price for size, price, _ in known),
        give_back_usd=(leg.give_back_usd or 0.0) + sum(backs) if backs else leg.give_back_usd,
    )


def _explained(incident: Incident, explained: Mapping[str, float]) -> Incident:
    """Take what the holder's own fills explain off an incident that is not closed."""
    if incident.closed_at is not None or not any(leg.key in explained and leg.unexplained_units for leg in incident.legs):
        return incident
    legs = tuple(
        replace(leg, unexplained_units=max(0.0, leg.unexplained_units - explained[leg.key])) if leg.key in explained else leg
        for leg in incident.legs
    )
    return _totalled(incident, legs, incident.last_at)


def _totalled(incident: Incident, legs: tuple[LostLeg, ...], last_at: datetime) -> Incident:
    backs = [leg.give_back_usd for leg in legs if leg.give_back_usd is not None]
    return replace(
        incident,
        kind=_kind(legs),
        last_at=last_at,
        legs=legs,
        fills=sum(leg.fills for leg in legs),
        closed_usd=sum(leg.closed_usd for leg in legs),
        give_back_usd=sum(backs) if backs else None,
        closed_at=None,
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
    price = loss.price if loss.price is not None else loss.mark
    if loss.contract is Contract.LINEAR:
        return size
    return size / price if price else 0.0
