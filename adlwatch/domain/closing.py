"""What it costs when a leg is closed: give-back at the venue's price, rebuilding from depth, days of carry."""

from collections.abc import Mapping

from adlwatch.domain.carry import Carry, adl_cost
from adlwatch.domain.costs import TradeCost, trade_cost
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
    return tuple(
        _priced(each, row, backs.get(each.leg), settings, carry) if (row := rows.get(each.leg)) is not None else each
        for each in hedge.if_closed
    )


def _priced(each: IfClosed, row: PositionRow, back: GiveBack | None, settings: Settings, carry: Carry) -> IfClosed:
    units = base_units(row.position, row.mark)
    if units is None or row.mark is None:
        return each
    closed = units * each.fraction * row.mark
    rebuild = _rebuild(row, units * each.fraction, row.mark, settings)
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


def _rebuild(row: PositionRow, units: float, mark: float, settings: Settings) -> TradeCost:
    profile = settings.profiles.get(row.position.venue)
    fee = profile.taker_fee if profile is not None else None
    return trade_cost(
        units,
        mark,
        row.position.side,
        row.market.book if row.market is not None else None,
        fee=settings.costs.taker_fee if fee is None else fee,
        half_spread=settings.costs.half_spread,
    )
