"""Assess positions: their scores, lights and liquidation, and how much attention each needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf

from msgspec.structs import replace

from adlwatch.domain.estimate import estimates
from adlwatch.domain.gather import PositionRow
from adlwatch.domain.hedge import Hedge, HedgeKind
from adlwatch.domain.inputs import Inputs
from adlwatch.domain.light import UNKNOWN, Light, LightState, best, normalise
from adlwatch.domain.outlook import Outlook, current
from adlwatch.domain.position_score import Score
from adlwatch.domain.queue import Queue, QueueKey
from adlwatch.domain.rank import NO_RULE, score_inputs
from adlwatch.domain.settings import Settings
from adlwatch.domain.severity import position_severity
from adlwatch.domain.shield import HOLDING
from adlwatch.domain.snapshot import Liquidation, PositionView, Shield, StressLevel
from adlwatch.domain.stress import StressOf
from adlwatch.domain.underlying import of_symbol
from adlwatch.domain.value import base_units, notional, unrealized_pnl
from adlwatch.domain.venue import VenueProfile

_UNHEDGED, _CRITICAL, _LIT = HedgeKind.UNHEDGED, StressLevel.CRITICAL, LightState.LIT


@dataclass(frozen=True, slots=True)
class Around:
    """What a position is judged in the light of, looked up by position key unless said otherwise."""

    now: datetime
    settings: Settings
    waiting: bool
    """Whether some source has never answered: what nobody has told of may still exist."""
    hedges: Mapping[str, Hedge]
    queues: Mapping[QueueKey, Queue]
    outlooks: Mapping[str, Outlook]
    shields: Mapping[tuple[str, str], Shield]
    """By account and underlying."""
    stress: StressOf
    """By venue and symbol."""


def assess_positions(
    rows: Sequence[PositionRow], x: Inputs, liquidations: Sequence[Liquidation], around: Around
) -> list[PositionView]:
    """One view a position, in the order of `rows`, whose columns are `x`."""
    venues = [row.position.venue for row in rows]
    profiles = {venue: around.settings.profiles.get(venue) for venue in set(venues)}
    rules = {venue: (p.rule, p.second_rule) if p else (None, None) for venue, p in profiles.items()}
    scores = score_inputs(x, [rules[venue][0] for venue in venues])
    others = score_inputs(x, [rules[venue][1] for venue in venues])
    lights = estimates(rows, scores, around.queues, around.now)
    return [
        _view(row, profiles[row.position.venue], around, score=score, other=other, estimate=estimate, liquidation=liquidation)
        for row, score, other, estimate, liquidation in zip(rows, scores, others, lights, liquidations, strict=True)
    ]


def _no_score(profile: VenueProfile | None) -> Score:
    """Why there is none."""
    if profile is None:
        return Score(rule=NO_RULE, missing=("venue profile",))
    if profile.no_score_state is not None:
        return Score(rule=NO_RULE, note=f"no queue: {profile.no_score_state}")
    return Score(rule=NO_RULE, missing=("published ranking rule",))


def _view(
    row: PositionRow,
    profile: VenueProfile | None,
    around: Around,
    *,
    score: Score | None,
    other: Score | None,
    estimate: Light,
    liquidation: Liquidation,
) -> PositionView:
    position, mark = row.position, row.mark
    hedge = around.hedges.get(row.key)
    underlying = of_symbol(position.symbol, around.settings.aliases).asset
    shield = around.shields.get((position.account, underlying))
    shielded = shield is not None and shield.state in HOLDING
    estimate = _spared(estimate) if shielded else estimate
    light = light_of(row, profile, estimate, around.now)
    stress = around.stress(position.venue, position.symbol)
    judged = position_severity(
        light,
        hedged=hedge is not None and hedge.kind is not _UNHEDGED,
        liq_distance=inf if liquidation.unreachable else liquidation.distance,
        liq_minutes=liquidation.minutes,
        blind=row.health.blind,
        shielded=shielded,
        pressure=stress is not None and stress.level is _CRITICAL,
        thresholds=around.settings.thresholds,
    )
    units, age = base_units(position, mark), (around.now - row.as_of).total_seconds()
    return PositionView(  # in the order of its fields: Python makes a dictionary of more than 15 keywords
        row.key,
        position.account,
        position.venue,
        position.symbol,
        position.side,
        position.size if units is None else units,
        notional(position, mark),
        position.entry_price,
        mark,
        unrealized_pnl(position, mark),
        _no_score(profile) if score is None else score,
        light,
        estimate,
        liquidation,
        judged.severity,
        () if other is None else (other,),
        current(around.outlooks.get(row.key), light.level, mark),
        underlying,
        hedge.name if hedge is not None else None,
        row.source,
        position.contract,
        position.margin_mode,
        position.leverage,
        row.as_of,
        max(0.0, age),
        judged.reasons,
        stress.level if stress is not None else None,
        stress.age_seconds if stress is not None else None,
        position.contracts,
    )


def _spared(estimate: Light) -> Light:
    """The estimate of a position that is ranked after all others while its account's shield holds."""
    if estimate.state is not _LIT:
        return estimate
    return replace(
        estimate, level=1, quantile=None, interval=(1, 1), note=f"shield on: ranked last; light {estimate.level} without it"
    )


def light_of(row: PositionRow, profile: VenueProfile | None, estimate: Light, now: datetime) -> Light:
    """The best honest light; stale, with the last level, where the source may not be trusted now."""
    if profile is None:
        return replace(UNKNOWN, note=f"no profile for venue {row.position.venue}")
    shown = row.position.venue_light
    own = normalise(
        profile,
        shown.raw if shown else None,
        side=row.position.side,
        size=row.position.size,
        as_of=shown.as_of or row.as_of if shown else None,
        now=now,
    )
    light = best(own, estimate, profile.cadence)
    if row.health.blind and light.state is _LIT:
        return replace(light, state=LightState.STALE, note=f"its source is {row.health}")
    return light
