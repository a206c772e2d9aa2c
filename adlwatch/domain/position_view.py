"""Assess positions: their scores, lights and liquidation, and how much attention each needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf
from typing import NamedTuple

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
from adlwatch.domain.severity import Assessment, position_severity
from adlwatch.domain.shield import HOLDING
from adlwatch.domain.snapshot import Liquidation, PositionView, Shield, StressLevel
from adlwatch.domain.stress import StressOf
from adlwatch.domain.underlying import of_symbol
from adlwatch.domain.value import base_units, notional, unrealized_pnl
from adlwatch.domain.venue import VenueProfile


class Assessed(NamedTuple):
    """A position's view, and its severity with reasons for whoever judges the hedge."""

    view: PositionView
    assessment: Assessment


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
    liquidations: Mapping[str, Liquidation]
    stress: StressOf
    """By venue and symbol."""


def assess_positions(rows: Sequence[PositionRow], x: Inputs, around: Around) -> list[Assessed]:
    """One view a position, in the order of `rows`, whose columns are `x`."""
    profiles = [around.settings.profiles.get(row.position.venue) for row in rows]
    scores = score_inputs(x, [p.rule if p else None for p in profiles])
    others = score_inputs(x, [p.second_rule if p else None for p in profiles])
    lights = estimates(rows, scores, around.queues, around.now)
    return [
        _assessed(_Ranked(row, profile, _own_score(score, profile), other, estimate), around)
        for row, profile, score, other, estimate in zip(rows, profiles, scores, others, lights, strict=True)
    ]


class _Ranked(NamedTuple):
    row: PositionRow
    profile: VenueProfile | None
    score: Score
    other: Score | None
    estimate: Light


def _own_score(score: Score | None, profile: VenueProfile | None) -> Score:
    if score is not None:
        return score
    if profile is None:
        return Score(rule=NO_RULE, missing=("venue profile",))
    if profile.no_score_state is not None:
        return Score(rule=NO_RULE, note=f"no queue: {profile.no_score_state}")
    return Score(rule=NO_RULE, missing=("published ranking rule",))


def _assessed(ranked: _Ranked, around: Around) -> Assessed:
    row, position = ranked.row, ranked.row.position
    hedge = around.hedges.get(row.key)
    underlying = of_symbol(position.symbol, around.settings.aliases).asset
    shield = around.shields.get((position.account, underlying))
    shielded = shield is not None and shield.state in HOLDING
    estimate = _spared(ranked.estimate) if shielded else ranked.estimate
    light = light_of(row, ranked.profile, estimate, around.now)
    stress = around.stress(position.venue, position.symbol)
    pressure = stress is not None and stress.level is StressLevel.CRITICAL
    assessment = _judged(light, row, around, hedge=hedge, shielded=shielded, pressure=pressure)
    units = base_units(position, row.mark)
    view = PositionView(
        key=row.key,
        account=position.account,
        venue=position.venue,
        symbol=position.symbol,
        side=position.side,
        size=position.size if units is None else units,
        notional=notional(position, row.mark),
        entry_price=position.entry_price,
        mark_price=row.mark,
        unrealized_pnl=unrealized_pnl(position, row.mark),
        score=ranked.score,
        light=light,
        estimate=estimate,
        liquidation=around.liquidations[row.key],
        severity=assessment.severity,
        other_scores=() if ranked.other is None else (ranked.other,),
        next_light=current(around.outlooks.get(row.key), light.level, row.mark),
        underlying=underlying,
        hedge=hedge.name if hedge is not None else None,
        source=row.source,
        contract=position.contract,
        margin_mode=position.margin_mode,
        leverage=position.leverage,
        as_of=row.as_of,
        age_seconds=max(0.0, (around.now - row.as_of).total_seconds()),
        reasons=assessment.reasons,
        stress=stress.level if stress is not None else None,
        stress_age_seconds=stress.age_seconds if stress is not None else None,
    )
    return Assessed(view, assessment)


def _judged(light: Light, row: PositionRow, around: Around, *, hedge: Hedge | None, shielded: bool, pressure: bool) -> Assessment:
    liquidation = around.liquidations[row.key]
    return position_severity(
        light,
        hedged=hedge is not None and hedge.kind is not HedgeKind.UNHEDGED,
        liq_distance=inf if liquidation.unreachable else liquidation.distance,
        liq_minutes=liquidation.minutes,
        blind=row.health.blind,
        shielded=shielded,
        pressure=pressure,
        thresholds=around.settings.thresholds,
    )


def _spared(estimate: Light) -> Light:
    """The estimate of a position that is ranked after all others while its account's shield holds."""
    if estimate.state is not LightState.LIT:
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
    if row.health.blind and light.state is LightState.LIT:
        return replace(light, state=LightState.STALE, note=f"its source is {row.health}")
    return light
