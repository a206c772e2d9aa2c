"""One pure step from everything last known to one frozen snapshot: price, score, light, pair, judge."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from adlwatch.domain.gather import HoldingRow, gather
from adlwatch.domain.hedge_view import hedge_view
from adlwatch.domain.pairing import hedges_of, leg_prices, with_hedges
from adlwatch.domain.position_view import assess_positions
from adlwatch.domain.queue import Queue, QueueKey
from adlwatch.domain.reading import SourceState, age_seconds, health
from adlwatch.domain.settings import Settings
from adlwatch.domain.severity import book_severity, rank
from adlwatch.domain.snapshot import HoldingView, Snapshot, SourceView
from adlwatch.domain.underlying import is_cash, of_asset


@dataclass(frozen=True, slots=True)
class States:
    """Everything known: the last state of each source, and the queues estimated from what they said so far."""

    sources: tuple[SourceState, ...]
    queues: Mapping[QueueKey, Queue] = field(default_factory=lambda: MappingProxyType({}))


def assess(states: States, settings: Settings, now: datetime) -> Snapshot:
    """Judge the whole book at `now`. Does not depend on the order of sources; never raises on what a source may say."""
    found = gather(states.sources, now)
    settings = with_hedges(settings, found)
    prices = leg_prices(found, settings)
    hedges = hedges_of(found, prices, settings)
    assessed = assess_positions(found, {leg.key: hedge for hedge in hedges for leg in hedge.legs}, states.queues, settings, now)
    names = {leg.key: hedge.name for hedge in hedges for leg in hedge.legs}
    holdings = tuple(_holding_view(row, prices, settings, names, now) for row in found.holdings)
    ages = {each.view.key: each.view.age_seconds for each in assessed} | {view.key: view.age_seconds for view in holdings}
    by_key = {each.view.key: each for each in assessed}
    views = [hedge_view(hedge, by_key, ages, settings) for hedge in hedges]
    views.sort(key=lambda view: (-rank(view.severity), -abs(view.naked_usd or 0.0), view.name))
    sources = tuple(_source_view(state, now) for state in sorted(states.sources, key=lambda s: s.id))
    blind = sum(source.health.blind for source in sources)
    return Snapshot(
        as_of=now,
        severity=book_severity((*(v.severity for v in views), *(e.view.severity for e in assessed)), blind_sources=blind),
        positions=tuple(each.view for each in assessed),
        hedges=tuple(views),
        sources=sources,
        holdings=holdings,
        label=" ".join(sorted({source.label for source in sources if source.label})) or None,
    )


def _holding_view(
    row: HoldingRow, prices: Mapping[str, float], settings: Settings, belongs: Mapping[str, str], now: datetime
) -> HoldingView:
    holding = row.holding
    asset, multiplier, _ = of_asset(holding.asset, settings.aliases)
    price = 1.0 if is_cash(holding.asset, settings.aliases) else prices.get(asset)
    each = None if price is None else price * multiplier
    return HoldingView(
        key=row.key,
        account=holding.account,
        venue=holding.venue,
        asset=holding.asset,
        underlying=asset,
        amount=holding.amount,
        price=each,
        value_usd=None if each is None else each * holding.amount,
        hedge=belongs.get(row.key),
        collateral=holding.collateral,
        source=row.source,
        as_of=row.as_of,
        age_seconds=max(0.0, (now - row.as_of).total_seconds()),
    )


def _source_view(state: SourceState, now: datetime) -> SourceView:
    return SourceView(
        id=state.id,
        kind=state.kind,
        label=state.label,
        health=health(state, now),
        age_seconds=age_seconds(state, now),
        error=state.failure.message if state.failure else None,
        failures=state.failures,
        last_success=state.reading.received_at if state.reading else None,
        last_attempt=state.attempted_at,
        next_attempt=state.next_attempt_at,
        latency=state.latency,
        interval=state.interval,
        positions=len(state.reading.positions) if state.reading else 0,
        notes=state.reading.notes if state.reading else (),
    )
