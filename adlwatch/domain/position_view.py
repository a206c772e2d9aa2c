"""Assess positions: their scores, lights and liquidation, and how much attention each needs."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import repeat
from math import inf

from msgspec import Struct
from msgspec.structs import replace

from adlwatch.domain.course import UNKNOWN_COURSE, chance_up
from adlwatch.domain.estimate import estimates
from adlwatch.domain.gather import PositionRow
from adlwatch.domain.hedge import Hedge, HedgeKind
from adlwatch.domain.inputs import Inputs
from adlwatch.domain.light import UNKNOWN, Light, LightState, best, normalise
from adlwatch.domain.outlook import Outlook, current
from adlwatch.domain.position_score import Score
from adlwatch.domain.queue import Queue, QueueKey
from adlwatch.domain.rank import NO_RULE, score_inputs
from adlwatch.domain.reading import Health
from adlwatch.domain.settings import Settings
from adlwatch.domain.severity import position_severity
from adlwatch.domain.snapshot import Liquidation, PositionView, Shield, StressLevel
from adlwatch.domain.stress import StressOf
from adlwatch.domain.underlying import Underlying
from adlwatch.domain.value import base_units, notional
from adlwatch.domain.venue import VenueProfile

_UNHEDGED, _CRITICAL, _LIT = HedgeKind.UNHEDGED, StressLevel.CRITICAL, LightState.LIT


class Around(Struct, frozen=True):
    """What a position is judged in the light of, looked up by position key unless said otherwise."""

    now: datetime
    settings: Settings
    named: Callable[[str], Underlying]
    """Of a symbol, under the user's aliases."""
    waiting: bool
    """Whether some source has never answered: what nobody has told of may still exist."""
    hedges: Mapping[str, Hedge]
    queues: Mapping[QueueKey, Queue]
    outlooks: Mapping[str, Outlook]
    shields: Mapping[tuple[str, str], Shield]
    """By account and underlying."""
    sheltered: frozenset[tuple[str, str]]
    """Those of them that hold."""
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
    shown = _shown(rows, profiles, around.now)
    facts = {
        venue: _Venue(None if profile is None else profile.cadence, _no_score(profile)) for venue, profile in profiles.items()
    }
    found = zip([facts[venue] for venue in venues], shown, scores, others, lights, liquidations, strict=True)
    return list(map(_view, rows, found, repeat(around)))


class _Venue(Struct, frozen=True, gc=False):
    """What holds for all positions at a venue."""

    cadence: float | None
    no_score: Score
    """Stands where there is none, and says why."""


def _shown(rows: Sequence[PositionRow], profiles: Mapping[str, VenueProfile | None], now: datetime) -> list[Light]:
    """What the venues themselves show. One answer has many positions at one moment and few levels: each is read once."""
    known: dict[tuple[object, ...], Light] = {}
    lights = []
    for row in rows:
        position, shown = row.position, row.position.venue_light
        raw, as_of = (None, None) if shown is None else (shown.raw, shown.as_of or row.as_of)
        key = position.venue, raw.__class__, raw, as_of, position.size == 0
        light = known.get(key)
        if light is None:
            profile = profiles[position.venue]
            light = known[key] = (
                replace(UNKNOWN, note=f"no profile for venue {position.venue}")
                if profile is None
                else normalise(profile, raw, side=position.side, size=position.size, as_of=as_of, now=now)
            )
        lights.append(light)
    return lights


def _no_score(profile: VenueProfile | None) -> Score:
    """Why there is none."""
    if profile is None:
        return Score(rule=NO_RULE, missing=("venue profile",))
    if profile.no_score_state is not None:
        return Score(rule=NO_RULE, note=f"no queue: {profile.no_score_state}")
    return Score(rule=NO_RULE, missing=("published ranking rule",))


_Found = tuple[_Venue, Light, Score | None, Score | None, Light, Liquidation]
"""What was found out about a position, all at once: what its venue shows, its score, that by the competing rule, the estimate."""


def _view(row: PositionRow, found: _Found, around: Around) -> PositionView:
    venue, shown, score, other, estimate, liquidation = found
    position, mark, underlying = row.position, row.mark, around.named(row.position.symbol).asset
    hedge, outlook = around.hedges.get(row.key), around.outlooks.get(row.key)
    stress = around.stress(position.venue, position.symbol)
    if shielded := (position.account, underlying) in around.sheltered:
        estimate = _spared(estimate)
    light = _best(row.health, shown, estimate, venue.cadence)
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
    return PositionView(  # in the order of its fields: Python makes a dictionary of more than 15 keywords
        row.key,
        position.account,
        position.venue,
        position.symbol,
        position.side,
        base_units(position, mark) or position.size,
        notional(position, mark),
        position.entry_price,
        mark,
        row.pnl,
        venue.no_score if score is None else score,
        light,
        estimate,
        liquidation,
        judged.severity,
        () if other is None else (other,),
        None if outlook is None else current(outlook, light.level, mark),
        underlying,
        hedge.name if hedge is not None else None,
        row.source,
        position.contract,
        position.margin_mode,
        position.leverage,
        row.as_of,
        max(0.0, (around.now - row.as_of).total_seconds()),
        judged.reasons,
        stress.level if stress is not None else None,
        stress.age_seconds if stress is not None else None,
        position.contracts,
        chance_up(light, estimate, UNKNOWN_COURSE if outlook is None else outlook.course, mark),
    )


def _spared(estimate: Light) -> Light:
    """The estimate of a position that is ranked after all others while its account's shield holds."""
    if estimate.state is not _LIT:
        return estimate
    return replace(
        estimate,
        level=1,
        quantile=None,
        interval=(1, 1),
        deviation=None,
        note=f"shield on: ranked last; light {estimate.level} without it",
    )


def _best(health: Health, shown: Light, estimate: Light, cadence: float | None) -> Light:
    """The best honest light; stale, with the last level, where the source may not be trusted now."""
    light = best(shown, estimate, cadence)
    if health.blind and light.state is _LIT:
        return replace(light, state=LightState.STALE, note=f"its source is {health}")
    return light
