"""One pure step from everything last known to one frozen snapshot: price, score, light, pair, judge."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from adlwatch.domain.aftermath import with_incidents
from adlwatch.domain.carry import carry_of
from adlwatch.domain.closing import priced
from adlwatch.domain.exposure import expose
from adlwatch.domain.gather import Gathered, HoldingRow, gather
from adlwatch.domain.hedge import Hedge
from adlwatch.domain.hedge_view import hedge_view
from adlwatch.domain.incident import Incident
from adlwatch.domain.inputs import Inputs
from adlwatch.domain.liquidation import drift, liquidations
from adlwatch.domain.outlook import Outlook
from adlwatch.domain.pairing import hedges_of, leg_prices, shields_of, with_hedges
from adlwatch.domain.position_view import Around, Assessed, assess_positions
from adlwatch.domain.queue import Queue, QueueKey
from adlwatch.domain.rank import inputs
from adlwatch.domain.reading import SourceState, age_seconds, health
from adlwatch.domain.settings import Settings
from adlwatch.domain.severity import book_severity, rank
from adlwatch.domain.snapshot import HedgeView, HoldingView, Liquidation, Snapshot, SourceView
from adlwatch.domain.stress import Histories, by_market, stress_views
from adlwatch.domain.underlying import is_cash, of_asset


@dataclass(frozen=True, slots=True)
class States:
    """Everything known: the last state of each source, and the queues estimated from what they said so far."""

    sources: tuple[SourceState, ...]
    queues: Mapping[QueueKey, Queue] = field(default_factory=lambda: MappingProxyType({}))
    outlooks: Mapping[str, Outlook] = field(default_factory=lambda: MappingProxyType({}))
    """The next lights of positions, by key."""
    histories: Histories = field(default_factory=Histories)
    """What pools and markets were before."""
    incidents: tuple[Incident, ...] = ()
    """As the last snapshot left them, and what was found since."""


def assess(states: States, settings: Settings, now: datetime) -> Snapshot:
    """Judge the whole book at `now`. Does not depend on the order of sources; never raises on what a source may say."""
    found = gather(states.sources, now)
    settings = with_hedges(settings, found)
    prices = leg_prices(found, settings)
    hedges = hedges_of(found, prices, settings)
    columns = inputs(found.positions, found)
    protected = shields_of(found, hedges, settings)
    stress = stress_views(states.sources, now, states.histories)
    around = Around(
        now=now,
        settings=settings,
        waiting=any(state.reading is None for state in states.sources),
        hedges={leg.key: hedge for hedge in hedges for leg in hedge.legs},
        queues=states.queues,
        outlooks=states.outlooks,
        shields=protected,
        liquidations=_liquidations(found, columns, settings),
        stress=by_market(stress),
    )
    assessed = assess_positions(found.positions, columns, around)
    holdings = tuple(_holding_view(row, prices, around) for row in found.holdings)
    ages = {each.view.key: each.view.age_seconds for each in assessed} | {view.key: view.age_seconds for view in holdings}
    by_key = {each.view.key: each for each in assessed}
    views = _hedge_views(hedges, found, by_key, ages, around)
    sources = tuple(_source_view(state, now) for state in sorted(states.sources, key=lambda s: s.id))
    blind = sum(source.health.blind for source in sources)
    snapshot = Snapshot(
        as_of=now,
        severity=book_severity((*(v.severity for v in views), *(e.view.severity for e in assessed)), blind_sources=blind),
        positions=tuple(each.view for each in assessed),
        hedges=tuple(views),
        sources=sources,
        stress=stress,
        holdings=holdings,
        label=" ".join(sorted({source.label for source in sources if source.label})) or None,
    )
    return with_incidents(snapshot, states.incidents, found.markets, settings) if states.incidents else snapshot


def _hedge_views(
    hedges: Iterable[Hedge], found: Gathered, assessed: Mapping[str, Assessed], ages: Mapping[str, float | None], around: Around
) -> list[HedgeView]:
    """Worst first."""
    rows = {row.key: row for row in found.positions}
    markets = {key: row.market for key, row in rows.items() if row.market is not None}
    backs = {key: outlook.give_back for key, outlook in around.outlooks.items()}
    views = []
    for hedge in hedges:
        carry = carry_of(hedge, markets, around.now)
        closed = priced(hedge, rows, backs, around.settings, carry)
        views.append(hedge_view(hedge, assessed, ages, around, carry=carry, if_closed=closed))
    return sorted(views, key=lambda view: (-rank(view.severity), -abs(view.naked_usd or 0.0), view.name))


def _liquidations(found: Gathered, columns: Inputs, settings: Settings) -> dict[str, Liquidation]:
    """By position key: the venue's own price, else computed, with the time to it at the drift of the last hour."""
    if not found.positions:
        return {}
    book = expose(found, settings, columns)
    drifts: dict[str, float | None] = {}
    for row, coin in zip(book.rows, book.coin.tolist(), strict=True):
        asset = book.coins[coin]
        if row.market is not None and drifts.get(asset) is None:
            drifts[asset] = drift(row.market.candles, row.mark)
    return {row.key: each for row, each in zip(book.rows, liquidations(book, drifts), strict=True)}


def _holding_view(row: HoldingRow, prices: Mapping[str, float], around: Around) -> HoldingView:
    settings, hedge = around.settings, around.hedges.get(row.key)
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
        hedge=hedge.name if hedge is not None else None,
        collateral=holding.collateral,
        source=row.source,
        as_of=row.as_of,
        age_seconds=max(0.0, (around.now - row.as_of).total_seconds()),
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
        notes=(*_held_up(state, now), *(state.reading.notes if state.reading else ())),
        key_may_trade=bool(state.reading and state.reading.key_may_trade),
    )


def _held_up(state: SourceState, now: datetime) -> tuple[str, ...]:
    """Why a source that nothing is wrong with has not answered yet."""
    if state.first_data_at is None:
        return ()
    seconds = max(1, round((state.first_data_at - now).total_seconds()))
    return (f"waiting for budget, first data in {seconds} s",)
