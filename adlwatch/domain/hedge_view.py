"""A hedge as it is shown: its worst leg, what is left naked without it, and how much attention it needs."""

from collections.abc import Iterable, Mapping

from adlwatch.domain.carry import Carry
from adlwatch.domain.hedge import Hedge, HedgeKind
from adlwatch.domain.light import LightState
from adlwatch.domain.position_view import Around, Assessed
from adlwatch.domain.severity import Assessment, hedge_severity, rank, worst
from adlwatch.domain.shield import AT_RISK, NO_SHIELD, NOT_ELIGIBLE, OFF, ON
from adlwatch.domain.shield import UNKNOWN as SHIELD_UNKNOWN
from adlwatch.domain.snapshot import HedgeView, IfClosed, PositionView, Severity, Shield

_LEVELLED = (LightState.LIT, LightState.STALE)
_WORRY = (AT_RISK, ON, SHIELD_UNKNOWN, OFF, NOT_ELIGIBLE)


def hedge_view(
    hedge: Hedge,
    assessed: Mapping[str, Assessed],
    ages: Mapping[str, float | None],
    around: Around,
    *,
    carry: Carry,
    if_closed: tuple[IfClosed, ...],
) -> HedgeView:
    """One hedge, judged by its legs; `assessed` and `ages` (seconds) are by leg key."""
    legs = [assessed[leg.key] for leg in hedge.legs if leg.key in assessed]
    own = ((leg.account, leg.underlying) for leg in hedge.legs)
    shield = _weakest(around.shields[each] for each in own if each in around.shields)
    judged = _judged(hedge, legs, shield, around)
    front = _worst(hedge, [leg.view for leg in legs])
    near = min([leg.view for leg in legs if leg.view.liquidation.distance is not None], key=_distance, default=None)
    gone = next((c for c in hedge.if_closed if front is not None and c.leg == front.key and c.fraction == 1.0), None)
    return HedgeView(
        name=hedge.name,
        underlying=hedge.underlying,
        kind=hedge.kind,
        legs=tuple(leg.key for leg in hedge.legs),
        net_delta=hedge.net_delta,
        hedge_ratio=hedge.hedge_ratio,
        if_closed=if_closed,
        shield=shield,
        severity=judged.severity,
        gross_usd=hedge.gross_usd,
        unrealized_pnl=hedge.unrealized_pnl,
        basis=hedge.basis,
        owner=hedge.owner,
        light=front.light if front else None,
        worst_leg=front.key if front else None,
        next_light=front.next_light if front else None,
        liquidation_distance=near.liquidation.distance if near else None,
        naked_usd=None if hedge.missing and around.waiting else _naked(hedge, gone),
        net_usd=hedge.net_usd,
        age_seconds=max([age for leg in hedge.legs if (age := ages.get(leg.key)) is not None], default=None),
        reasons=judged.reasons,
        carry_usd_per_day=carry.usd_per_day,
        carry_apr=carry.apr,
        carry_missing=carry.missing,
        liquidation_leg=near.key if near else None,
        liquidation_minutes=near.liquidation.minutes if near else None,
        explicit=hedge.explicit,
        missing=hedge.missing,
        awaited=bool(hedge.missing) and around.waiting,
    )


def _judged(hedge: Hedge, legs: list[Assessed], shield: Shield, around: Around) -> Assessment:
    """A leg that no source has told of yet is not a leg lost: while sources are awaited its hedge is blind, not naked."""
    unseen = hedge.missing if around.waiting else ()
    judged = hedge_severity(
        (leg.assessment for leg in legs),
        hedged=hedge.kind is not HedgeKind.UNHEDGED and not unseen,
        explicit=hedge.explicit,
        hedge_ratio=hedge.hedge_ratio,
        net_usd=hedge.net_usd,
        shield_at_risk=shield.state == AT_RISK,
        missing=() if unseen else hedge.missing,
        thresholds=around.settings.thresholds,
    )
    if not unseen:
        return judged
    return Assessment(worst((judged.severity, Severity.BLIND)), (f"not seen yet: {', '.join(unseen)}", *judged.reasons))


def _weakest(shields: Iterable[Shield]) -> Shield:
    """The protection to worry about first: one that is about to go, then one that holds."""
    return min(shields, key=lambda shield: _WORRY.index(shield.state), default=NO_SHIELD)


def _naked(hedge: Hedge, gone: IfClosed | None) -> float | None:
    """What is left if the worst leg goes; what is naked already where a leg the user named is gone and no other can go."""
    if gone is not None:
        return gone.naked_usd
    return hedge.net_usd if hedge.missing else None


def _distance(view: PositionView) -> float:
    return view.liquidation.distance or 0.0


def _worst(hedge: Hedge, legs: list[PositionView]) -> PositionView | None:
    """The leg most likely to be taken: by light, then severity; among equals the one that leaves most naked."""
    left: dict[str, IfClosed] = {c.leg: c for c in hedge.if_closed if c.fraction == 1.0}

    def danger(view: PositionView) -> tuple[int, int, float, str]:
        naked = left[view.key].naked_usd if view.key in left else None
        lit = view.light.level if view.light.state in _LEVELLED else None
        return lit or 0, rank(view.severity), abs(naked or 0.0), view.key

    return max(legs, key=danger, default=None)
