"""Assess positions: their scores, lights and liquidation, and how much attention each needs."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from msgspec.structs import replace

from adlwatch.domain.estimate import estimates
from adlwatch.domain.gather import Gathered, PositionRow
from adlwatch.domain.hedge import Hedge, HedgeKind
from adlwatch.domain.light import UNKNOWN, Light, LightState, best, normalise
from adlwatch.domain.position_score import Score
from adlwatch.domain.queue import Queue, QueueKey
from adlwatch.domain.rank import NO_RULE, score_rows
from adlwatch.domain.settings import Settings
from adlwatch.domain.severity import Assessment, position_severity
from adlwatch.domain.snapshot import Liquidation, PositionView
from adlwatch.domain.underlying import of_symbol
from adlwatch.domain.value import adverse_distance, base_units, notional, unrealized_pnl
from adlwatch.domain.venue import VenueProfile


class Assessed(NamedTuple):
    """A position's view, and its severity with reasons for whoever judges the hedge."""

    view: PositionView
    assessment: Assessment


def assess_positions(
    found: Gathered, belongs: Mapping[str, Hedge], queues: Mapping[QueueKey, Queue], settings: Settings, now: datetime
) -> list[Assessed]:
    """One view a position, in the order of `found`. `belongs`: the hedge of each leg by its key."""
    rows = found.positions
    profiles = [settings.profiles.get(row.position.venue) for row in rows]
    scores = score_rows(rows, [p.rule if p else None for p in profiles], found)
    others = score_rows(rows, [p.second_rule if p else None for p in profiles], found)
    lights = estimates(rows, scores, queues, now)
    return [
        _assessed(
            row,
            settings,
            now,
            profile=profile,
            score=_own_score(score, profile),
            other=other,
            estimate=estimate,
            hedge=belongs.get(row.key),
        )
        for row, profile, score, other, estimate in zip(rows, profiles, scores, others, lights, strict=True)
    ]


def _own_score(score: Score | None, profile: VenueProfile | None) -> Score:
    if score is not None:
        return score
    if profile is None:
        return Score(rule=NO_RULE, missing=("venue profile",))
    if profile.no_score_state is not None:
        return Score(rule=NO_RULE, note=f"no queue: {profile.no_score_state}")
    return Score(rule=NO_RULE, missing=("published ranking rule",))


def _assessed(
    row: PositionRow,
    settings: Settings,
    now: datetime,
    *,
    profile: VenueProfile | None,
    score: Score,
    other: Score | None,
    estimate: Light,
    hedge: Hedge | None,
) -> Assessed:
    position = row.position
    light = light_of(row, profile, estimate, now)
    liquidation = liquidation_of(row)
    assessment = position_severity(
        light,
        hedged=hedge is not None and hedge.kind is not HedgeKind.UNHEDGED,
        liq_distance=liquidation.distance,
        blind=row.health.blind,
        thresholds=settings.thresholds,
    )
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
        score=score,
        light=light,
        estimate=estimate,
        liquidation=liquidation,
        severity=assessment.severity,
        other_scores=(other,) if other is not None else (),
        underlying=of_symbol(position.symbol, settings.aliases).asset,
        hedge=hedge.name if hedge is not None else None,
        source=row.source,
        contract=position.contract,
        margin_mode=position.margin_mode,
        leverage=position.leverage,
        as_of=row.as_of,
        age_seconds=max(0.0, (now - row.as_of).total_seconds()),
        reasons=assessment.reasons,
    )
    return Assessed(view, assessment)


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


def liquidation_of(row: PositionRow) -> Liquidation:
    """The venue's liquidation price and how far the mark is from it."""
    price = row.position.liquidation_price
    return Liquidation(price=price, distance=adverse_distance(row.position, row.mark, price))
