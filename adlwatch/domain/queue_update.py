"""Keep queues up to date: rebuild those whose market has moved on, and learn from each light a venue shows, once.

Called outside the path from tick to screen; what it returns is frozen, so an assessment may use it at any time.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from math import inf, log
from types import MappingProxyType
from typing import NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from adlwatch.domain.gather import Gathered, PositionRow, gather
from adlwatch.domain.light import LightState, normalise
from adlwatch.domain.model import Market
from adlwatch.domain.queue import Queue, QueueKey
from adlwatch.domain.queue_build import build
from adlwatch.domain.queue_calibration import Observation
from adlwatch.domain.queue_taking import Shore
from adlwatch.domain.rank import score_rows
from adlwatch.domain.reading import SourceState
from adlwatch.domain.settings import Settings
from adlwatch.domain.venue import VenueProfile

CADENCE = 30.0
"""Seconds between two refreshes of a venue's light where its profile states none."""
REBUILDS = 8
"""Queues rebuilt in one call at most, the longest unbuilt first: a rebuild takes some milliseconds."""
LESSONS = 16
"""Queues that learn in one call at most, the longest untaught first: fitting lights takes some milliseconds too."""
TRAIL = timedelta(seconds=90)
"""How long a position's scores are remembered, so that a delayed light meets the score it describes."""
GRAIN = timedelta(seconds=2)
HOUR = timedelta(hours=1)
REMEMBERED = timedelta(days=14)
"""How long open interest is remembered: as long as the candles are."""
MOVED = 0.02
"""Relative change of open interest, and log change of the latest bar's extremes, that are worth a rebuild."""


class Point(NamedTuple):
    """A position's score at a moment."""

    time: datetime
    mark: float
    score: float


class Learned(NamedTuple):
    """The last light of a position that a queue has learned from."""

    described_at: datetime
    level: int


class Lesson(NamedTuple):
    """A light not learned yet: of which position, what it was, what it says."""

    position: str
    shown: Learned
    observation: Observation


MarketKey = tuple[str, str]
"""Venue and symbol."""
OpenInterest = tuple[tuple[datetime, float], ...]
"""Oldest first."""
Stamp = tuple[object, ...]
"""What of a market a queue was built from, coarse enough that noise does not rebuild it."""


class Queues(Struct, frozen=True):
    """All estimated queues and what is needed to carry them on."""

    by_key: Mapping[QueueKey, Queue] = field(default_factory=lambda: MappingProxyType({}))
    stamps: Mapping[QueueKey, Stamp] = field(default_factory=lambda: MappingProxyType({}))
    trails: Mapping[str, tuple[Point, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """By position key, oldest first."""
    learned: Mapping[str, Learned] = field(default_factory=lambda: MappingProxyType({}))
    """By position key."""
    shores: Mapping[QueueKey, Shore] = field(default_factory=lambda: MappingProxyType({}))
    """Who has left the front of each queue."""
    interest: Mapping[MarketKey, OpenInterest] = field(default_factory=lambda: MappingProxyType({}))
    """Open interest of each market as we saw it, by the hour."""


def update(queues: Queues, sources: Iterable[SourceState], settings: Settings, now: datetime) -> Queues:
    """The queues after what the sources say at `now`. A queue is kept as long as a position stands in it."""
    found = gather(sources, now)
    ranked = [(row, profile) for row in found.positions if (profile := _ranking(row, settings)) is not None]
    interest = _interest(queues.interest, (row.market for row, _ in ranked), now)
    wanted = {_key(row): (_with_history(row.market, interest), profile) for row, profile in ranked if row.market is not None}
    shores = {key: _shore(queues, key, market, now) for key, (market, _) in wanted.items()}
    rebuilt, stamps = _rebuild(queues, wanted, shores, settings, now)
    trails = _trails(queues.trails, ranked, found, now)
    lessons = _lessons(ranked, found, trails, queues.learned, now)
    ready = [key for key in lessons if key in rebuilt]
    ready.sort(key=lambda key: (rebuilt[key].taught_at is not None, rebuilt[key].taught_at or now, key))
    learned = {key: light for key, light in queues.learned.items() if key in trails}
    for key in ready[:LESSONS]:
        rebuilt[key] = rebuilt[key].observe((lesson.observation for lesson in lessons[key]), now)
        learned |= {lesson.position: lesson.shown for lesson in lessons[key]}
    return Queues(
        by_key=MappingProxyType(rebuilt),
        stamps=MappingProxyType(stamps),
        trails=MappingProxyType(trails),
        learned=MappingProxyType(learned),
        shores=MappingProxyType(shores),
        interest=MappingProxyType(interest),
    )


def _interest(
    known: Mapping[MarketKey, OpenInterest], markets: Iterable[Market | None], now: datetime
) -> dict[MarketKey, OpenInterest]:
    """What is remembered of the open interest of the markets we stand in: a point an hour."""
    remembered = {}
    for market in markets:
        if market is None:
            continue
        key = (market.venue, market.symbol)
        points = known.get(key, ())
        if market.open_interest and market.open_interest > 0 and (not points or now - points[-1][0] >= HOUR):
            points = (*(point for point in points if now - point[0] <= REMEMBERED), (now, market.open_interest))
        remembered[key] = points
    return remembered


def _with_history(market: Market, interest: Mapping[MarketKey, OpenInterest]) -> Market:
    """The market with our own history of its open interest where the venue tells none."""
    own = interest[market.venue, market.symbol]
    return replace(market, open_interest_history=own) if len(own) > 1 and not market.open_interest_history else market


def _shore(queues: Queues, key: QueueKey, market: Market, now: datetime) -> Shore:
    """Without a queue nobody knows what an ordinary move of this market is, so none is a run."""
    path = queues.by_key[key].path if key in queues.by_key else None
    return queues.shores.get(key, Shore()).after(market, key.side, path.daily_volatility if path else inf, now)


def _lessons(
    ranked: list[tuple[PositionRow, VenueProfile]],
    found: Gathered,
    trails: Mapping[str, tuple[Point, ...]],
    learned: Mapping[str, Learned],
    now: datetime,
) -> Mapping[QueueKey, list[Lesson]]:
    """Lights not learned from yet, by queue.

    A delta-neutral account is ranked after all others whatever its score: its light says nothing about the queue.
    """
    lessons: dict[QueueKey, list[Lesson]] = defaultdict(list)
    for row, profile in ranked:
        account, key = found.accounts.get(row.position.account), row.position.key
        shown = _shown(row, profile, now)
        if shown is None or (account is not None and account.delta_neutral_mode) or not _fresh(shown, learned.get(key), profile):
            continue
        observation = _observation(shown, trails[key])
        if observation is not None:
            lessons[_key(row)].append(Lesson(key, shown, observation))
    return lessons


def _key(row: PositionRow) -> QueueKey:
    return QueueKey(row.position.venue, row.position.symbol, row.position.side)


def _ranking(row: PositionRow, settings: Settings) -> VenueProfile | None:
    """The profile of a venue that ranks."""
    profile = settings.profiles.get(row.position.venue)
    return profile if profile is not None and profile.rule is not None else None


def _rebuild(
    queues: Queues,
    wanted: Mapping[QueueKey, tuple[Market, VenueProfile]],
    shores: Mapping[QueueKey, Shore],
    settings: Settings,
    now: datetime,
) -> tuple[dict[QueueKey, Queue], dict[QueueKey, Stamp]]:
    kept = {key: queue for key, queue in queues.by_key.items() if key in wanted}
    stamps = {key: queues.stamps[key] for key in kept}
    fresh = {key: (*stamp(market), shores[key].takings) for key, (market, _) in wanted.items()}
    due = [key for key in wanted if stamps.get(key) != fresh[key]]
    for key in sorted(due, key=lambda k: (k in kept, kept[k].built_at if k in kept else now, k))[:REBUILDS]:
        market, profile = wanted[key]
        basis, takings = profile.quantile_basis or "users", shores[key].takings
        queue = build(profile.rule or "", profile.priors, market, key.side, now, settings.seed, basis=basis, takings=takings)
        kept[key] = queue.recalled(kept[key].evidence, now) if key in kept else queue
        stamps[key] = fresh[key]
    return kept, stamps


def stamp(market: Market) -> Stamp:
    """The market's candles and open interest as far as they matter to a queue."""
    known = len(market.open_interest_history)
    interest = round(log(market.open_interest) / MOVED) if market.open_interest and market.open_interest > 0 else None
    if not market.candles:
        return (0, known, interest)
    last = market.candles[-1]
    extremes = (round(log(price) / MOVED) if price > 0 else None for price in (last.low, last.high))
    return (len(market.candles), last.time, *extremes, known, interest)


def _trails(
    old: Mapping[str, tuple[Point, ...]], ranked: list[tuple[PositionRow, VenueProfile]], found: Gathered, now: datetime
) -> dict[str, tuple[Point, ...]]:
    scores = score_rows([row for row, _ in ranked], [profile.rule for _, profile in ranked], found)
    trails = {}
    for (row, _), score in zip(ranked, scores, strict=True):
        trail = tuple(point for point in old.get(row.position.key, ()) if now - point.time <= TRAIL)
        value = score.value if score is not None else None
        time = row.market.as_of or row.as_of if row.market is not None else row.as_of
        if value is not None and row.mark is not None and (not trail or time - trail[-1].time >= GRAIN):
            trail = (*trail, Point(time, row.mark, value))
        trails[row.position.key] = trail
    return trails


def _shown(row: PositionRow, profile: VenueProfile, now: datetime) -> Learned | None:
    """The venue's light of a position and the moment it describes: half a cadence before we read it, where it does not say."""
    light = row.position.venue_light
    if light is None:
        return None
    read_at = row.position.as_of or row.as_of
    described = light.as_of or read_at - timedelta(seconds=(profile.cadence or CADENCE) / 2.0)
    own = normalise(profile, light.raw, side=row.position.side, size=row.position.size, as_of=described, now=now)
    return Learned(described, own.level) if own.state is LightState.LIT and own.level is not None else None


def _fresh(shown: Learned, last: Learned | None, profile: VenueProfile) -> bool:
    """Whether this light has not been learned yet: another level, or a refresh later."""
    if last is None:
        return True
    later = (shown.described_at - last.described_at).total_seconds()
    return later > 0 and (shown.level != last.level or later >= (profile.cadence or CADENCE) * 0.9)


def _observation(shown: Learned, trail: tuple[Point, ...]) -> Observation | None:
    """The light with the score it describes: the remembered one nearest to its moment."""
    if not trail:
        return None
    near = min(trail, key=lambda point: abs(point.time - shown.described_at))
    return Observation(near.score, near.mark, (shown.level - 1) / 5.0, shown.level / 5.0, shown.described_at)
