"""One pure step from everything last known to one frozen snapshot: price, score, light, pair, judge."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType

from msgspec import Struct, field
from msgspec.structs import replace

from adlwatch.domain.aftermath import with_incidents
from adlwatch.domain.carry import Carry, carry_of
from adlwatch.domain.closing import priced
from adlwatch.domain.exposure import expose
from adlwatch.domain.gather import Gathered, HoldingRow, gather
from adlwatch.domain.hedge import Hedge
from adlwatch.domain.hedge_view import hedge_view
from adlwatch.domain.incident import Incident
from adlwatch.domain.inputs import Inputs
from adlwatch.domain.lazy import Lazy
from adlwatch.domain.liquidation import drift, liquidations
from adlwatch.domain.outlook import Outlook
from adlwatch.domain.pairing import hedges_of, leg_prices, shields_of, with_hedges
from adlwatch.domain.position_view import Around, assess_positions
from adlwatch.domain.queue import Queue, QueueKey
from adlwatch.domain.rank import inputs
from adlwatch.domain.reading import SourceState, age_seconds, health
from adlwatch.domain.settings import Settings
from adlwatch.domain.severity import book_severity, rank
from adlwatch.domain.shield import HOLDING
from adlwatch.domain.snapshot import HedgeView, HoldingView, IfClosed, Liquidation, PositionView, Snapshot, SourceView
from adlwatch.domain.stress import Histories, by_market, stress_views
from adlwatch.domain.underlying import is_cash, namer, of_asset
from adlwatch.domain.venue import VenueProfile


class States(Struct, frozen=True):
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
    settings = replace(with_hedges(settings, found), profiles=_profiles(found, settings))
    prices = leg_prices(found, settings)
    hedges = hedges_of(found, prices, settings)
    columns = inputs(found.positions, found)
    protected = shields_of(found, hedges, settings)
    stress = stress_views(states.sources, found.markets, now, states.histories)
    around = Around(
        now=now,
        settings=settings,
        named=namer(settings.aliases),
        waiting=any(state.reading is None for state in states.sources),
        hedges={leg.key: hedge for hedge in hedges for leg in hedge.legs},
        queues=states.queues,
        outlooks=states.outlooks,
        shields=protected,
        sheltered=frozenset([key for key, shield in protected.items() if shield.state in HOLDING]),
        stress=by_market(stress),
    )
    positions = assess_positions(found.positions, columns, _liquidations(found, columns, settings, now), around)
    holdings = tuple(_holding_view(row, prices, around) for row in found.holdings)
    views = _hedge_views(hedges, found, positions, holdings, around)
    sources = tuple(_source_view(state, now) for state in sorted(states.sources, key=lambda s: s.id))
    blind = sum(source.health.blind for source in sources)
    snapshot = Snapshot(
        as_of=now,
        severity=book_severity((*[view.severity for view in views], *[view.severity for view in positions]), blind_sources=blind),
        positions=tuple(positions),
        hedges=tuple(views),
        sources=sources,
        stress=stress,
        holdings=holdings,
        label=" ".join(sorted({source.label for source in sources if source.label})) or None,
    )
    return with_incidents(snapshot, states.incidents, found.markets, settings) if states.incidents else snapshot


def _profiles(found: Gathered, settings: Settings) -> dict[str, VenueProfile]:
    """Those that the book needs, at hand: a profile is asked for many times a position."""
    venues = {row.position.venue for row in found.positions}
    return {venue: profile for venue in venues if (profile := settings.profiles.get(venue)) is not None}


def _hedge_views(
    hedges: Iterable[Hedge],
    found: Gathered,
    positions: Iterable[PositionView],
    holdings: Iterable[HoldingView],
    around: Around,
) -> list[HedgeView]:
    """Worst first. `positions` are in the order of what was found."""
    rows = {row.key: row for row in found.positions}
    markets = {key: row.market for key, row in rows.items() if row.market is not None}
    backs = {key: outlook.give_back for key, outlook in around.outlooks.items()}
    legs: dict[str, PositionView | HoldingView] = {view.key: view for view in holdings}
    legs.update({view.key: view for view in positions})

    def closed(held: tuple[Hedge, Carry]) -> list[IfClosed]:
        hedge, carry = held
        return priced(hedge, rows, backs, around.settings, carry)

    views = []
    for hedge in hedges:
        carry = carry_of(hedge, markets, around.now)
        views.append(hedge_view(hedge, legs, around, carry=carry, if_closed=Lazy(closed, (hedge, carry))))
    return sorted(views, key=lambda view: (-rank(view.severity), -abs(view.naked_usd or 0.0), view.name))


def _liquidations(found: Gathered, columns: Inputs, settings: Settings, now: datetime) -> list[Liquidation]:
    """One a position: the venue's own price, else computed, with the time to it at the drift of the last hour."""
    book = expose(found, settings, columns)
    drifts: dict[str, float | None] = {}
    for row, coin in zip(book.rows, book.coin.tolist(), strict=True):
        asset = book.coins[coin]
        if row.market is not None and row.market.candles and drifts.get(asset) is None:
            drifts[asset] = drift(row.market.candles, row.mark, now)
    return liquidations(book, drifts)


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
    seconds = round((state.first_data_at - now).total_seconds())
    return (f"waiting for budget, first data {f'in {seconds} s' if seconds > 0 else 'soon'}",)
