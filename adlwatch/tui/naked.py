"""What is naked already: hedges that have lost a leg, or a part of one, and are not in balance again. Pure."""

from collections.abc import Iterable, Mapping
from math import frexp, inf

from msgspec import Struct

from adlwatch.domain.incident import IncidentKind
from adlwatch.domain.snapshot import HedgeView, Snapshot

LEAST_USD = 1.0
"""Below a dollar nothing is worth a red line."""


class Naked(Struct, frozen=True):
    """Signed USD that a hedge holds unhedged; None where it is not known how much."""

    hedge: str
    underlying: str
    usd: float | None


def naked_now(snapshot: Snapshot) -> Mapping[str, Naked]:
    """By hedge: named legs that are gone, and hedges of open incidents that are out of balance."""
    found = {
        hit.name: Naked(hit.name, hit.underlying, hit.usd)
        for incident in snapshot.incidents
        if incident.closed_at is None and incident.kind is not IncidentKind.EXPLAINED
        for hit in incident.hedges
        if not hit.balanced and (hit.usd is None or abs(hit.usd) >= LEAST_USD)
    }
    return found | {hedge.name: Naked(hedge.name, hedge.underlying, _left(hedge)) for hedge in snapshot.hedges if _broken(hedge)}


def _broken(hedge: HedgeView) -> bool:
    left = _left(hedge)
    return bool(hedge.missing) and not hedge.awaited and (left is None or abs(left) >= LEAST_USD)


def _left(hedge: HedgeView) -> float | None:
    return hedge.net_usd if hedge.net_usd is not None else hedge.naked_usd


def worst_of(naked: Mapping[str, Naked]) -> Naked | None:
    """The largest exposure; one of unknown size only where none is known."""
    return max(naked.values(), key=lambda each: -1.0 if each.usd is None else abs(each.usd), default=None)


def naked_first(hedges: Iterable[HedgeView], naked: Mapping[str, Naked]) -> list[HedgeView]:
    """What is naked already before all others, the largest (and the unknown) first; the others in the order they are in."""
    return sorted(hedges, key=lambda hedge: -_exposed(naked[hedge.name]) if hedge.name in naked else 0.0)


def _exposed(naked: Naked) -> float:
    """In steps of a factor of two: lines must not change places with every tick of the mark."""
    return inf if naked.usd is None else float(max(1, frexp(naked.usd)[1] + 1))
