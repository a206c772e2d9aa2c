"""What it costs when a leg is closed: give-back at the venue's price, rebuilding from depth, days of carry."""

from collections.abc import Mapping

from msgspec import Struct

from adlwatch.domain.carry import Carry, adl_cost
from adlwatch.domain.costs import trade_cost
from adlwatch.domain.gather import PositionRow
from adlwatch.domain.give_back import GiveBack, give_back
from adlwatch.domain.hedge import FRACTIONS, Hedge
from adlwatch.domain.model import Book, Side
from adlwatch.domain.settings import Settings
from adlwatch.domain.snapshot import IfClosed
from adlwatch.domain.value import base_units


def give_back_of(row: PositionRow, settings: Settings) -> GiveBack | None:
    """What being closed by its venue's rule would lose a position against the mark; takes a tenth of a millisecond."""
    profile = settings.profiles.get(row.position.venue)
    if profile is None:
        return None
    candles = row.market.candles if row.market is not None else ()
    return give_back(profile.closing_price, row.position.side, candles, profile.priors)


class _Terms(Struct, frozen=True, gc=False):
    """On what terms a position is closed and opened again."""

    units: float
    mark: float
    side: Side
    back: GiveBack | None
    depth: Book | None
    fee: float
    half_spread: float


def priced(
    hedge: Hedge, rows: Mapping[str, PositionRow], backs: Mapping[str, GiveBack | None], settings: Settings, carry: Carry
) -> tuple[IfClosed, ...]:
    """`hedge.if_closed` with its costs; `rows` and `backs` by leg key. Balances, which ADL cannot take, stay unpriced."""
    found: list[IfClosed] = []
    for leg, units in zip(hedge.legs, hedge.units, strict=True):
        row = rows.get(leg.key)
        terms = None if row is None else _terms(row, backs.get(leg.key), settings)
        found += hedge.without(leg.key, units) if terms is None else _priced(hedge, leg.key, units, terms, carry)
    return tuple(found)


def _terms(row: PositionRow, back: GiveBack | None, settings: Settings) -> _Terms | None:
    position, mark = row.position, row.mark
    units = base_units(position, mark)
    if mark is None or units is None:
        return None
    profile, costs = settings.profiles.get(position.venue), settings.costs
    fee = profile.taker_fee if profile is not None else None
    depth = row.market.book if row.market is not None else None
    return _Terms(units, mark, position.side, back, depth, costs.taker_fee if fee is None else fee, costs.half_spread)


def _priced(hedge: Hedge, key: str, exposure: float | None, terms: _Terms, carry: Carry) -> list[IfClosed]:
    units, mark, back, depth = terms.units, terms.mark, terms.back, terms.depth
    assumed = terms.fee + terms.half_spread
    low = high = days = None
    found = []
    for fraction in FRACTIONS:
        naked, usd, loss = hedge.left(exposure, fraction)
        part = units * fraction
        closed = part * mark
        rebuild, seen = closed * assumed, False
        if depth is not None:
            cost = trade_cost(part, mark, terms.side, depth, fee=terms.fee, half_spread=terms.half_spread)
            rebuild, seen = cost.usd, cost.from_depth
        if back is not None:
            low, high = back.low * closed, back.high * closed
            days = adl_cost(high + rebuild, carry).days
        found.append(
            IfClosed(
                leg=key,
                fraction=fraction,
                naked_units=naked,
                naked_usd=usd,
                loss_per_1pct=loss,
                give_back_low_usd=low,
                give_back_high_usd=high,
                rebuild_usd=rebuild,
                rebuild_from_depth=seen,
                carry_days=days,
            )
        )
    return found
