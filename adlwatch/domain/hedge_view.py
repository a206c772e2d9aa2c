"""A hedge as it is shown: its worst leg, what is left naked without it, and how much attention it needs."""

from collections.abc import Mapping, Sequence

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


_Takeable = tuple[PositionView, IfClosed]
"""A leg that can be taken, and what is left without it."""


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
    legs = [positions.get(leg.key) or holdings[leg.key] for leg in hedge.legs]
    takeable = [(leg, left) for leg, left in zip(legs, if_closed[_WHOLE], strict=True) if isinstance(leg, PositionView)]
    shield = _weakest(hedge, around.shields)
    judged = _judged(hedge, [view for view, _ in takeable], shield, around)
    front, near = max(takeable, key=_danger, default=None), _nearest(takeable)
    view = front[0] if front is not None else None
    return HedgeView(  # in the order of its fields: Python makes a dictionary of more than 15 keywords
        hedge.name,
        hedge.underlying,
        hedge.kind,
        tuple([leg.key for leg in legs]),
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
    found = [shield for leg in hedge.legs if (shield := shields.get((leg.account, leg.underlying))) is not None]
    return min(found, key=_worry) if found else NO_SHIELD


def _worry(shield: Shield) -> int:
    return _WORRY[shield.state]


def _danger(leg: _Takeable) -> tuple[int, int, float, str]:
    """How likely the leg is to be taken: by light, then severity; among equals the one that leaves most naked."""
    view, left = leg
    light = view.light
    level = light.level if light.state is _LIT or light.state is _STALE else None
    return level or 0, rank(view.severity), abs(left.naked_usd or 0.0), view.key


def _nearest(legs: Sequence[_Takeable]) -> PositionView | None:
    """The one with the nearest liquidation, of those that have one."""
    near = least = None
    for view, _ in legs:
        distance = view.liquidation.distance
        if distance is not None and (least is None or distance < least):
            near, least = view, distance
    return near


def _naked(hedge: Hedge, front: _Takeable | None) -> float | None:
    """What is left if the worst leg goes; what is naked already where a leg the user named is gone and no other can go."""
    if front is not None:
        return front[1].naked_usd
    return hedge.net_usd if hedge.missing else None


def _age(legs: Sequence[PositionView | HoldingView]) -> float | None:
    """Seconds since the oldest of what is known."""
    ages = [leg.age_seconds for leg in legs if leg.age_seconds is not None]
    return max(ages) if ages else None
