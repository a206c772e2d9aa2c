"""Own fills, and why each changed a position.

`type` says it: OFFSETTING stands on the side that was taken to deleverage somebody else, DELEVERAGED on the bankrupt one,
LIQUIDATED on the liquidated one; LIQUIDATION is an order of ours that met somebody's liquidation.
https://github.com/dydxprotocol/v4-chain/blob/84d4664/indexer/packages/postgres/src/types/fill-types.ts
"""

from collections.abc import Iterator, Mapping

from adlwatch.adapters.base import BadPayload
from adlwatch.adapters.dydx.parse import VENUE, symbol
from adlwatch.adapters.dydx.types import FillRow
from adlwatch.domain.model import Fill, FillKind, Side

_KINDS = {
    "OFFSETTING": FillKind.ADL,
    "DELEVERAGED": FillKind.LIQUIDATION,
    "LIQUIDATED": FillKind.LIQUIDATION,
    "LIQUIDATION": FillKind.ORDER,
    "LIMIT": FillKind.ORDER,
    "MARKET": FillKind.ORDER,
    "TWAP_SUBORDER": FillKind.ORDER,
}
_FORCED = frozenset({"OFFSETTING", "DELEVERAGED", "LIQUIDATED"})
_SIDES = {"BUY": Side.LONG, "SELL": Side.SHORT}
_DUST = 1e-9  # of the fill: what is left of a decimal size after subtracting two of them as floats


def kind(row: FillRow) -> FillKind:
    """Why this fill happened; a word we do not know is UNKNOWN, never ADL."""
    return _KINDS.get(row.type, FillKind.UNKNOWN)


def fills(rows: list[FillRow], account: str, held: Mapping[str, Side]) -> tuple[Fill, ...]:
    """Fills of one account in the order given; one that turns a position is told as its closing and its opening part.

    `held` is symbol → side of the position before these fills, for rows that do not say it themselves. Raises `BadPayload`
    for a side that is neither BUY nor SELL.
    """
    return tuple(part for row in rows for part in _parts(row, account, held))


def _parts(row: FillRow, account: str, held: Mapping[str, Side]) -> Iterator[Fill]:
    side = _SIDES.get(row.side)
    if side is None:
        raise BadPayload(f"fills: {row.market}: a side we do not know: {row.side[:40]!r}")
    closed = _closed(row, side, held.get(symbol(row.market)))
    if closed:
        yield _fill(row, account, side.opposite, closed, closes=True)
    if row.size - closed > _DUST * row.size:
        yield _fill(row, account, side, row.size - closed, closes=False)


def _closed(row: FillRow, side: Side, held: Side | None) -> float:
    """How much of the fill reduced a position."""
    if row.position_side_before is not None and row.position_size_before is not None:
        against = row.position_side_before == side.opposite.name
        return min(abs(row.position_size_before), row.size) if against else 0.0
    return row.size if row.type in _FORCED or held is side.opposite else 0.0


def _fill(row: FillRow, account: str, side: Side, size: float, *, closes: bool) -> Fill:
    entry = row.entry_price_before
    return Fill(
        id=f"{row.id}{':open' if size < row.size and not closes else ''}",
        account=account,
        venue=VENUE,
        symbol=symbol(row.market),
        side=side,
        size=size,
        price=row.price,
        time=row.created_at,
        kind=kind(row),
        closes=closes,
        fee=None if row.fee is None else row.fee * size / row.size,
        realized_pnl=side.sign * size * (row.price - entry) if closes and entry else None,
    )
