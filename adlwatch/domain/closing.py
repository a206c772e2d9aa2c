"""What it costs when a leg is closed: give-back at the venue's price, rebuilding from depth, days of carry."""

from collections.abc import Mapping, Sequence

from adlwatch.domain.carry import Carry, adl_cost
from adlwatch.domain.costs import trade_cost
from adlwatch.domain.gather import PositionRow
from adlwatch.domain.give_back import GiveBack, give_back
from adlwatch.domain.hedge import Hedge, Left
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
) -> list[IfClosed]:
    """`hedge.if_closed` with its costs; `rows` and `backs` by leg key. Balances, which ADL cannot take, stay unpriced."""
    found: list[IfClosed] = []
    for leg, exposure in zip(hedge.legs, hedge.units, strict=True):
        key = leg.key
        row = rows.get(key)
        units = None if row is None else base_units(row.position, row.mark)
        if row is None or row.mark is None or units is None:
            found += hedge.without(key, exposure)
        else:
            found += _priced(
                key, hedge.left(exposure), (units, row.mark), row, back=backs.get(key), settings=settings, carry=carry
            )
    return found


def _priced(
    key: str,
    lefts: Sequence[Left],
    size: tuple[float, float],
    row: PositionRow,
    *,
    back: GiveBack | None,
    settings: Settings,
    carry: Carry,
) -> list[IfClosed]:
    """Of one leg, in the order of `lefts`; `size`: its base units, and their mark."""
    (units, mark), position, costs = size, row.position, settings.costs
    profile = settings.profiles.get(position.venue)
    fee = profile.taker_fee if profile is not None else None
    fee = costs.taker_fee if fee is None else fee
    assumed = fee + costs.half_spread
    depth = row.market.book if row.market is not None else None
    low = high = days = None
    found = []
    for fraction, naked, usd, loss in lefts:
        part = units * fraction
        closed = part * mark
        rebuild, seen = closed * assumed, False
        if depth is not None:
            cost = trade_cost(part, mark, position.side, depth, fee=fee, half_spread=costs.half_spread)
            rebuild, seen = cost.usd, cost.from_depth
        if back is not None:
            low, high = back.low * closed, back.high * closed
            days = adl_cost(high + rebuild, carry).days
        found.append(IfClosed(key, fraction, naked, usd, loss, low, high, rebuild, seen, days))
    return found
