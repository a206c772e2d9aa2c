"""Venue stress by pool, not by exchange: insurance balances, their drain, distance to the venue's own trigger, market extremes.

Bybit: ADL starts where pnlRatio falls below its trigger, https://bybit-exchange.github.io/docs/v5/market/adl-alert .
Binance rates symbols low, medium, high,
https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api/ADL-Risk .
BloFin, WOO, Bitget: a fund 30 % below its peak of 8 hours. Hyperliquid: the equity of the HLP liquidator vaults was the public
early warning on 10 October 2025. OKX says nothing while all is well: silence is normal there.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from math import sqrt
from statistics import fmean
from typing import NamedTuple

from msgspec import Struct, field

from adlwatch.domain.gather import MarketKey
from adlwatch.domain.model import AdlWarning, Market, Pool
from adlwatch.domain.reading import SourceState
from adlwatch.domain.snapshot import StressLevel, StressView
from adlwatch.domain.underlying import namer

History = Sequence[tuple[datetime, float]]
"""(time, value), oldest first."""
PEAK_WINDOW = timedelta(hours=8)
DRAIN_WINDOW = timedelta(hours=1)
FUNDING_WINDOW = timedelta(days=30)
LEAST_RATES = 30
_WORDS = {
    "low": StressLevel.CALM,
    "normal": StressLevel.CALM,
    "none": StressLevel.CALM,
    "medium": StressLevel.WATCH,
    "high": StressLevel.WARNING,
    "warning": StressLevel.WARNING,
    "adl": StressLevel.CRITICAL,
    "triggered": StressLevel.CRITICAL,
    "adl_risk": StressLevel.CRITICAL,
}
_named = namer({})
_CALM, _UNKNOWN = StressLevel.CALM, StressLevel.UNKNOWN
_LEVELS = (_CALM, StressLevel.WATCH, StressLevel.WARNING, StressLevel.CRITICAL)
_RANK = {level: rank for rank, level in enumerate((_UNKNOWN, *_LEVELS))}


class StressLimits(Struct, frozen=True, kw_only=True):
    """From which figure on a pool or market is stressed; fractions unless said otherwise."""

    drawdown: tuple[float, float, float] = (0.1, 0.2, 0.3)
    """Below the peak of eight hours: watch, warning, critical."""
    trigger_distance: tuple[float, float] = (0.1, 0.05)
    """From the venue's own trigger: watch, warning; critical at the trigger."""
    funding_z: float = 3.0
    """Standard deviations of 30 days of funding."""
    open_interest_jump: float = 0.2
    """Within an hour."""
    index_gap: tuple[float, float] = (0.01, 0.03)
    """Of the mark from the index: watch, warning."""
    stale_hours: float = 26.0
    """A balance older than this says nothing (Bybit's shared pools are a day old)."""
    warning_hours: float = 2.0
    """A venue's warning older than this says nothing (Binance's are half an hour old)."""


_LIMITS = StressLimits()


class Histories(Struct, frozen=True):
    """What was seen before, as far as it was kept. Keys: (venue, pool), or (venue, symbol) for markets."""

    balances: Mapping[tuple[str, str], History] = field(default_factory=dict)
    funding: Mapping[tuple[str, str], History] = field(default_factory=dict)
    open_interest: Mapping[tuple[str, str], History] = field(default_factory=dict)


class _Finding(NamedTuple):
    """One sign of stress."""

    step: int
    """Index into `_LEVELS`."""
    reason: str


def stress_views(
    sources: Iterable[SourceState],
    markets: Mapping[MarketKey, Market],
    now: datetime,
    histories: Histories | None = None,
    limits: StressLimits | None = None,
) -> tuple[StressView, ...]:
    """Every pool of every source, and every market in which a position is held; `markets` are the freshest known."""
    seen, limits = histories or Histories(), limits or _LIMITS
    readings = [state.reading for state in sources if state.reading is not None]
    warnings = {(warning.venue, warning.symbol): warning for reading in readings for warning in reading.warnings}
    pools = {(pool.venue, pool.name): pool for reading in readings for pool in reading.pools}
    held = {(position.venue, position.symbol) for reading in readings for position in reading.positions}
    watched = sorted(held & {*markets, *warnings})
    of_pools = [pool_stress(pool, markets.values(), seen, now, limits) for _, pool in sorted(pools.items())]
    of_markets = [
        market_stress(markets.get(key) or Market(venue=key[0], symbol=key[1]), warnings.get(key), seen, now, limits)
        for key in watched
    ]
    return (*of_pools, *of_markets)


def pool_stress(
    pool: Pool, markets: Iterable[Market], histories: Histories, now: datetime, limits: StressLimits | None = None
) -> StressView:
    """One insurance pool. `markets`: those known of its venue; its members are picked out of them."""
    limits = limits or _LIMITS
    history = histories.balances.get((pool.venue, pool.name), ())
    age = None if pool.as_of is None else max(0.0, (now - pool.as_of).total_seconds())
    drained = _drain(history, pool.balance, now)
    drawdown = _drawdown(history, pool.balance, now)
    found = []
    if pool.balance is not None and pool.balance <= 0.0:
        found.append(_Finding(3, f"pool at {pool.balance:,.0f}"))
    if drawdown is not None:
        found.append(_Finding(sum([drawdown >= limit for limit in limits.drawdown]), f"{drawdown:.0%} below its peak of 8 h"))
    known = pool.balance is not None and (age is None or age <= limits.stale_hours * 3600.0)
    return StressView(
        venue=pool.venue,
        pool=pool.name,
        symbols=pool.symbols,
        level=_UNKNOWN if not known else _level(found) if found else _CALM,
        balance=pool.balance,
        drain_per_hour=drained,
        hours_to_empty=1.0 / drained if drained is not None and drained > 0.0 else None,
        drawdown=drawdown,
        coverage=_coverage(pool, markets),
        reasons=_reasons(found) if known else ("balance unknown" if pool.balance is None else "balance too old",),
        as_of=pool.as_of,
        age_seconds=age,
    )


def market_stress(
    market: Market, warning: AdlWarning | None, histories: Histories, now: datetime, limits: StressLimits | None = None
) -> StressView:
    """One market's own signs: the venue's warning, extremes of funding, open interest and price."""
    limits = limits or _LIMITS
    if warning is not None and warning.as_of is not None and now - warning.as_of > timedelta(hours=limits.warning_hours):
        warning = None
    venue, symbol, as_of = market.venue, market.symbol, market.as_of
    funding, interest = histories.funding.get((venue, symbol)), histories.open_interest.get((venue, symbol))
    z = None if funding is None else _z_score(funding, market.funding_rate, now)
    jump = None if interest is None else _jump(interest, market.open_interest, now)
    gap, distance, found = _index_gap(market), None, []
    if warning is not None:
        distance, as_of = _trigger_distance(warning), warning.as_of or as_of
        found = _warned(warning, distance, limits)
    if z is not None and abs(z) >= limits.funding_z:
        found.append(_Finding(1, f"funding {z:+.1f} standard deviations from 30 days"))
    if jump is not None and abs(jump) >= limits.open_interest_jump:
        found.append(_Finding(1, f"open interest {jump:+.0%} in an hour"))
    if gap is not None and abs(gap) >= limits.index_gap[0]:
        found.append(_Finding(1 + (abs(gap) >= limits.index_gap[1]), f"mark {gap:+.1%} from the index"))
    if venue == "hyperliquid" and _unbacked(symbol):
        found.append(_Finding(1, "no backstop vault: ADL is expected"))
    silent = gap is None and warning is None and z is None and jump is None
    return StressView(
        venue=venue,
        symbols=(symbol,),
        level=_level(found) if found else _UNKNOWN if silent else _CALM,
        warning=None if warning is None else warning.state,
        trigger_distance=distance,
        funding_z=z,
        open_interest_jump=jump,
        index_gap=gap,
        reasons=_reasons(found) if found else (),
        as_of=as_of,
        age_seconds=None if as_of is None else max(0.0, (now - as_of).total_seconds()),
    )


StressOf = Callable[[str, str], StressView | None]
"""The most stressed of a market (venue, symbol) and its pools; None where nothing is known of any."""


def by_market(views: Iterable[StressView]) -> StressOf:
    """Look stress up by market, in constant time."""
    own: dict[tuple[str, str], StressView | None] = {}
    shared: dict[str, StressView | None] = {}
    for view in views:
        venue = view.venue
        if not view.symbols:
            shared[venue] = _worse(shared.get(venue), view)
        for symbol in view.symbols:
            key = venue, symbol
            own[key] = _worse(own[key], view) if key in own else view
    worst = {key: _worse(view, shared.get(key[0])) for key, view in own.items()} if shared else own
    return lambda venue, symbol: worst.get((venue, symbol)) or shared.get(venue)


def _worse(one: StressView | None, other: StressView | None) -> StressView | None:
    if one is None or other is None:
        return one or other
    return one if _RANK[one.level] >= _RANK[other.level] else other


def _warned(warning: AdlWarning, distance: float | None, limits: StressLimits) -> list[_Finding]:
    said = _WORDS.get(warning.state.lower())
    found = [_Finding(1 if said is None else _LEVELS.index(said), f"the venue says {warning.state}")]
    if distance is not None:
        near = 3 if distance <= 0.0 else sum(distance <= limit for limit in limits.trigger_distance)
        found.append(_Finding(near, f"{distance:.0%} from the venue's ADL trigger"))
    return found


def _trigger_distance(warning: AdlWarning) -> float | None:
    """How far the ratio may still fall: pnlRatio - trigger (both negative at Bybit)."""
    return None if warning.value is None or warning.trigger is None else warning.value - warning.trigger


def _unbacked(symbol: str) -> bool:
    """Markets deployed by others on Hyperliquid (`dex:NAME`) have no backstop liquidator vault."""
    return ":" in symbol.partition("/")[0]


def _drain(history: History, balance: float | None, now: datetime) -> float | None:
    """Share of the balance lost per hour over the last hour that was seen."""
    before = _an_hour_ago(history, now)
    if balance is None or before is None or before[1] <= 0.0:
        return None
    time, value = before
    return (value - balance) / value / ((now - time).total_seconds() / 3600.0)


def _an_hour_ago(history: History, now: datetime) -> tuple[datetime, float] | None:
    """The latest that is at least that old."""
    return next((each for each in reversed(history) if now - each[0] >= DRAIN_WINDOW), None)


def _drawdown(history: History, balance: float | None, now: datetime) -> float | None:
    peak = max((value for time, value in history if now - time <= PEAK_WINDOW), default=None)
    return None if balance is None or peak is None or peak <= 0.0 else max(0.0, (peak - balance) / peak)


def _coverage(pool: Pool, markets: Iterable[Market]) -> float | None:
    interests = [
        market.open_interest * market.mark_price
        for market in markets
        if market.venue == pool.venue
        and (not pool.symbols or market.symbol in pool.symbols)
        and market.open_interest is not None
        and market.mark_price is not None
    ]
    total = sum(interests)
    return None if pool.balance is None or not total else pool.balance / total


def _z_score(history: History, rate: float | None, now: datetime) -> float | None:
    if rate is None or len(history) < LEAST_RATES:
        return None
    rates = [value for time, value in history if now - time <= FUNDING_WINDOW]
    if len(rates) < LEAST_RATES:
        return None
    mean = fmean(rates)
    spread = sqrt(fmean((each - mean) ** 2 for each in rates))
    return (rate - mean) / spread if spread > 0.0 else None


def _jump(history: History, interest: float | None, now: datetime) -> float | None:
    before = _an_hour_ago(history, now) if history and interest is not None else None
    return None if interest is None or before is None or before[1] <= 0.0 else interest / before[1] - 1.0


def _index_gap(market: Market) -> float | None:
    """Mark over index minus 1; None for a dated future, whose basis is no stress."""
    mark, index = market.mark_price, market.index_price
    return None if not mark or not index or _named(market.symbol).expiry is not None else mark / index - 1.0


def _level(found: list[_Finding]) -> StressLevel:
    return _LEVELS[max([finding.step for finding in found])]


def _reasons(found: list[_Finding]) -> tuple[str, ...]:
    return tuple(finding.reason for finding in sorted(found, key=lambda f: -f.step) if finding.step)
