"""A hedge as it is shown: its worst leg, what is left naked without it, and how much attention it needs."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from adlwatch.domain.carry import Carry
from adlwatch.domain.hedge import FRACTIONS, Hedge, HedgeKind
from adlwatch.domain.light import LightState
from adlwatch.domain.position_view import Around
from adlwatch.domain.severity import Assessment, hedge_severity, rank, worst
from adlwatch.domain.shield import AT_RISK, NO_SHIELD, NOT_ELIGIBLE, OFF, ON
from adlwatch.domain.shield import UNKNOWN as SHIELD_UNKNOWN
from adlwatch.domain.snapshot import HedgeView, HoldingView, IfClosed, PositionView, Severity, Shield

_LIT, _STALE, _UNHEDGED = LightState.LIT, LightState.STALE, HedgeKind.UNHEDGED
_WORRY = {state: i for i, state in enumerate((AT_RISK, ON, SHIELD_UNKNOWN, OFF, NOT_ELIGIBLE))}
_WHOLE = slice(FRACTIONS.index(1.0), None, len(FRACTIONS))
"""Of what is left if a part is closed, leg by leg: what is left if all of it is."""


class _Takeable(NamedTuple):
    """A leg that can be taken, and what is left without it."""

    view: PositionView
    left: IfClosed


def hedge_view(
    hedge: Hedge,
    positions: Mapping[str, PositionView],
    holdings: Mapping[str, HoldingView],
    around: Around,
    *,
    carry: Carry,
    if_closed: tuple[IfClosed, ...],
) -> HedgeView:
    """One hedge, judged by its legs; `positions` and `holdings` are by leg key, `if_closed` in the order of its legs."""
    takeable = [_Takeable(positions[each.leg], each) for each in if_closed[_WHOLE] if each.leg in positions]
    views = [each.view for each in takeable]
    shield = _weakest(hedge, around.shields)
    judged = _judged(hedge, views, shield, around)
    front, near = max(takeable, key=_danger, default=None), _nearest(views)
    return HedgeView(
        name=hedge.name,
        underlying=hedge.underlying,
        kind=hedge.kind,
        legs=tuple([leg.key for leg in hedge.legs]),
        net_delta=hedge.net_delta,
        hedge_ratio=hedge.hedge_ratio,
        if_closed=if_closed,
        shield=shield,
        severity=judged.severity,
        gross_usd=hedge.gross_usd,
        unrealized_pnl=hedge.unrealized_pnl,
        basis=hedge.basis,
        owner=hedge.owner,
        light=front.view.light if front else None,
        worst_leg=front.view.key if front else None,
        next_light=front.view.next_light if front else None,
        liquidation_distance=near.liquidation.distance if near else None,
        naked_usd=None if hedge.missing and around.waiting else _naked(hedge, front),
        net_usd=hedge.net_usd,
        age_seconds=_age([positions.get(leg.key) or holdings[leg.key] for leg in hedge.legs]),
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
    own = [(leg.account, leg.underlying) for leg in hedge.legs]
    found = [shields[each] for each in own if each in shields]
    return min(found, key=_worry) if found else NO_SHIELD


def _worry(shield: Shield) -> int:
    return _WORRY[shield.state]


def _danger(leg: _Takeable) -> tuple[int, int, float, str]:
    """How likely the leg is to be taken: by light, then severity; among equals the one that leaves most naked."""
    view, light = leg.view, leg.view.light
    level = light.level if light.state is _LIT or light.state is _STALE else None
    return level or 0, rank(view.severity), abs(leg.left.naked_usd or 0.0), view.key


def _nearest(views: Sequence[PositionView]) -> PositionView | None:
    """The one with the nearest liquidation, of those that have one."""
    near = least = None
    for view in views:
        distance = view.liquidation.distance
        if distance is not None and (least is None or distance < least):
            near, least = view, distance
    return near


def _naked(hedge: Hedge, front: _Takeable | None) -> float | None:
    """What is left if the worst leg goes; what is naked already where a leg the user named is gone and no other can go."""
    if front is not None:
        return front.left.naked_usd
    return hedge.net_usd if hedge.missing else None


def _age(legs: Sequence[PositionView | HoldingView]) -> float | None:
    """Seconds since the oldest of what is known."""
    return max([leg.age_seconds for leg in legs if leg.age_seconds is not None], default=None)
