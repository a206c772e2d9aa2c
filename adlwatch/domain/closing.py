"""What it costs when a leg is closed: give-back at the venue's price, rebuilding from depth, days of carry."""

from collections.abc import Mapping

from msgspec.structs import replace

from adlwatch.domain.carry import Carry, adl_cost
from adlwatch.domain.costs import trade_cost
from adlwatch.domain.gather import PositionRow
from adlwatch.domain.give_back import GiveBack, give_back
from adlwatch.domain.hedge import Hedge
from adlwatch.domain.settings import Settings
from adlwatch.domain.snapshot import IfClosed
from adlwatch.domain.value import base_units, notional


def priced(hedge: Hedge, rows: Mapping[str, PositionRow], settings: Settings, carry: Carry) -> tuple[IfClosed, ...]:
    """`hedge.if_closed` with its costs; `rows` by leg key. Balances cannot be deleveraged and keep theirs unpriced."""
    backs = {leg.key: _give_back(rows[leg.key], settings) for leg in hedge.legs if leg.key in rows}
    return tuple(
        _priced(each, rows[each.leg], backs[each.leg], settings, carry) if each.leg in backs else each for each in hedge.if_closed
    )


def _give_back(row: PositionRow, settings: Settings) -> GiveBack | None:
    profile = settings.profiles.get(row.position.venue)
    if profile is None:
        return None
    candles = row.market.candles if row.market is not None else ()
    return give_back(profile.closing_price, row.position.side, candles, profile.priors)


def _priced(each: IfClosed, row: PositionRow, back: GiveBack | None, settings: Settings, carry: Carry) -> IfClosed:
    units, value = base_units(row.position, row.mark), notional(row.position, row.mark)
    if units is None or value is None or row.mark is None:
        return each
    profile = settings.profiles.get(row.position.venue)
    fee = profile.taker_fee if profile is not None else None
    rebuild = trade_cost(
        units * each.fraction,
        row.mark,
        row.position.side,
        row.market.book if row.market is not None else None,
        fee=settings.costs.taker_fee if fee is None else fee,
        half_spread=settings.costs.half_spread,
    )
    closed = value * each.fraction
    return replace(
        each,
        give_back_low_usd=None if back is None else back.low * closed,
        give_back_high_usd=None if back is None else back.high * closed,
        rebuild_usd=rebuild.usd,
        rebuild_from_depth=rebuild.from_depth,
        carry_days=None if back is None else adl_cost(back.high * closed + rebuild.usd, carry).days,
    )
