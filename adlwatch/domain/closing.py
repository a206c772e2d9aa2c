"""What it costs when a leg is closed: give-back at the venue's price, rebuilding from depth, days of carry."""

from collections.abc import Mapping
from typing import NamedTuple

from adlwatch.domain.carry import Carry, adl_cost
from adlwatch.domain.costs import trade_cost
from adlwatch.domain.gather import PositionRow
from adlwatch.domain.give_back import GiveBack, give_back
from adlwatch.domain.hedge import Hedge
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


def priced(
    hedge: Hedge, rows: Mapping[str, PositionRow], backs: Mapping[str, GiveBack | None], settings: Settings, carry: Carry
) -> tuple[IfClosed, ...]:
    """`hedge.if_closed` with its costs; `rows` and `backs` by leg key. Balances, which ADL cannot take, stay unpriced."""
    terms = {leg.key: found for leg in hedge.legs if (found := _terms(leg.key, rows, backs, settings)) is not None}
    return tuple([_priced(each, terms[each.leg], carry) if each.leg in terms else each for each in hedge.if_closed])


class _Terms(NamedTuple):
    """On what terms a leg is closed and opened again."""

    row: PositionRow
    units: float
    mark: float
    back: GiveBack | None
    fee: float
    half_spread: float


def _terms(key: str, rows: Mapping[str, PositionRow], backs: Mapping[str, GiveBack | None], settings: Settings) -> _Terms | None:
    row = rows.get(key)
    units = base_units(row.position, row.mark) if row is not None else None
    if row is None or row.mark is None or units is None:
        return None
    profile = settings.profiles.get(row.position.venue)
    fee = profile.taker_fee if profile is not None else None
    costs = settings.costs
    return _Terms(row, units, row.mark, backs.get(key), costs.taker_fee if fee is None else fee, costs.half_spread)


def _priced(each: IfClosed, terms: _Terms, carry: Carry) -> IfClosed:
    row, units, mark, back, fee, half_spread = terms
    part = units * each.fraction
    closed = part * mark
    depth = row.market.book if row.market is not None else None
    rebuild = trade_cost(part, mark, row.position.side, depth, fee=fee, half_spread=half_spread)
    low, high = (None, None) if back is None else (back.low * closed, back.high * closed)
    return IfClosed(
        leg=each.leg,
        fraction=each.fraction,
        naked_units=each.naked_units,
        naked_usd=each.naked_usd,
        loss_per_1pct=each.loss_per_1pct,
        give_back_low_usd=low,
        give_back_high_usd=high,
        rebuild_usd=rebuild.usd,
        rebuild_from_depth=rebuild.from_depth,
        carry_days=None if high is None else adl_cost(high + rebuild.usd, carry).days,
    )
