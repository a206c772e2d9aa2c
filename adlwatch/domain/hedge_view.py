"""A hedge as it is shown: its worst leg, what is left naked without it, and how much attention it needs."""

from collections.abc import Mapping, Sequence

from adlwatch.domain.carry import Carry
from adlwatch.domain.hedge import Hedge, HedgeKind
from adlwatch.domain.light import LightState
from adlwatch.domain.position_view import Around
from adlwatch.domain.severity import Assessment, hedge_severity, rank, worst
from adlwatch.domain.shield import AT_RISK, NO_SHIELD, NOT_ELIGIBLE, OFF, ON
from adlwatch.domain.shield import UNKNOWN as SHIELD_UNKNOWN
from adlwatch.domain.snapshot import HedgeView, HoldingView, IfClosed, PositionView, Severity, Shield

_LIT, _STALE, _UNHEDGED = LightState.LIT, LightState.STALE, HedgeKind.UNHEDGED
_WORRY = {state: i for i, state in enumerate((AT_RISK, ON, SHIELD_UNKNOWN, OFF, NOT_ELIGIBLE))}

_Takeable = tuple[PositionView, float | None]
"""A leg that can be taken, and the USD left naked without it."""


def hedge_view(
    hedge: Hedge,
    views: Mapping[str, PositionView | HoldingView],
    around: Around,
    *,
    carry: Carry,
    if_closed: Sequence[IfClosed],
) -> HedgeView:
    """One hedge, judged by its legs; `views` are by leg key."""
    keys = tuple([leg.key for leg in hedge.legs])
    legs = list(map(views.__getitem__, keys))
    positions = [leg for leg in legs if isinstance(leg, PositionView)]
    shield = _weakest(hedge, around.shields)
    judged = _judged(hedge, positions, shield, around)
    front, near = _front(hedge, legs), _nearest(positions)
    view = front[0] if front is not None else None
    return HedgeView(  # in the order of its fields: Python makes a dictionary of more than 15 keywords
        hedge.name,
        hedge.underlying,
        hedge.kind,
        keys,
        hedge.net_delta,
        hedge.hedge_ratio,
        if_closed,
        shield,
        judged.severity,
        hedge.gross_usd,
        hedge.unrealized_pnl,
        hedge.basis,
        hedge.owner,
        view.light if view is not None else None,
        view.key if view is not None else None,
        view.next_light if view is not None else None,
        near.liquidation.distance if near is not None else None,
        None if hedge.missing and around.waiting else _naked(hedge, front),
        hedge.net_usd,
        _age(legs),
        judged.reasons,
        carry.usd_per_day,
        carry.apr,
        carry.missing,
        near.key if near is not None else None,
        near.liquidation.minutes if near is not None else None,
        hedge.explicit,
        hedge.missing,
        bool(hedge.missing) and around.waiting,
        view is not None and view.rising,
    )


def _judged(hedge: Hedge, legs: Sequence[PositionView], shield: Shield, around: Around) -> Assessment:
    """A leg that no source has told of yet is not a leg lost: while sources are awaited its hedge is blind, not naked."""
    unseen = hedge.missing if around.waiting else ()
    judged = hedge_severity(
        legs,
        hedged=hedge.kind is not _UNHEDGED and not unseen,
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


def _weakest(hedge: Hedge, shields: Mapping[tuple[str, str], Shield]) -> Shield:
    """The protection to worry about first: one that is about to go, then one that holds."""
    weakest = None
    for leg in hedge.legs:
        shield = shields.get((leg.account, leg.underlying))
        if shield is not None and (weakest is None or _WORRY[shield.state] < _WORRY[weakest.state]):
            weakest = shield
    return NO_SHIELD if weakest is None else weakest


def _front(hedge: Hedge, legs: Sequence[PositionView | HoldingView]) -> _Takeable | None:
    """The leg most likely to be taken: by light, then severity; among equals the one that leaves most naked."""
    front = most = None
    for view, units in zip(legs, hedge.units, strict=True):
        if isinstance(view, PositionView):
            light, naked = view.light, hedge.naked_usd(units)
            level = light.level if light.state is _LIT or light.state is _STALE else None
            danger = level or 0, rank(view.severity), abs(naked or 0.0), view.key
            if most is None or danger > most:
                front, most = (view, naked), danger
    return front


def _nearest(positions: Sequence[PositionView]) -> PositionView | None:
    """The one with the nearest liquidation, of those that have one."""
    near = least = None
    for view in positions:
        distance = view.liquidation.distance
        if distance is not None and (least is None or distance < least):
            near, least = view, distance
    return near


def _naked(hedge: Hedge, front: _Takeable | None) -> float | None:
    """What is left if the worst leg goes; what is naked already where a leg the user named is gone and no other can go."""
    if front is not None:
        return front[1]
    return hedge.net_usd if hedge.missing else None


def _age(legs: Sequence[PositionView | HoldingView]) -> float | None:
    """Seconds since the oldest of what is known."""
    ages = [leg.age_seconds for leg in legs if leg.age_seconds is not None]
    return max(ages) if ages else None
