"""Own fills, and why each changed a position.

`dir` says it: "Auto-Deleveraging" stands on the winner's side only; a liquidated user reads "Liquidated …", or an ordinary
close with himself as `liquidation.liquidatedUser` (closed in the market). A fill that carries somebody else's liquidation is
an ordinary trade: our order was on its other side.
https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/info-endpoint#retrieve-a-users-fills-by-time
"""

from collections.abc import Iterator

from adlwatch.adapters.base import BadPayload
from adlwatch.adapters.hyperliquid.parse import Wallet, moment
from adlwatch.adapters.hyperliquid.symbols import dex_of, symbol, venue_of
from adlwatch.adapters.hyperliquid.types import FillRow
from adlwatch.domain.model import Fill, FillKind, Side

_ORDER_WORDS = frozenset({"Open Long", "Open Short", "Close Long", "Close Short", "Long > Short", "Short > Long"})
_SIGNS = {"B": 1.0, "A": -1.0}
_DUST = 1e-9  # of the fill: what is left of a decimal size after subtracting two of them as floats


def kind(row: FillRow, user: str) -> FillKind:
    """Why this fill happened; a word we do not know is UNKNOWN, never ADL."""
    if row.dir == "Auto-Deleveraging":
        return FillKind.ADL
    if row.dir.startswith("Liquidated") or (row.liquidation and (row.liquidation.liquidated_user or "").lower() == user):
        return FillKind.LIQUIDATION
    if row.dir in _ORDER_WORDS:
        return FillKind.ORDER
    return FillKind.SETTLEMENT if "settle" in row.dir.lower() else FillKind.UNKNOWN


def fill_id(row: FillRow) -> str:
    """Identity of a fill: its trade id, or what tells it apart where the venue gives none."""
    return str(row.tid) if row.tid else f"{row.time}:{row.coin}:{row.start_position:g}"


def fills(rows: list[FillRow], user: str, wallet: Wallet) -> tuple[Fill, ...]:
    """Fills of perps in the order given; one that turns a long into a short is told as its closing and its opening part.

    `wallet` names the accounts and settle tokens of every dex in `rows`. Raises `BadPayload` for a side that is neither B
    nor A.
    """
    return tuple(part for row in rows for part in _parts(row, user, wallet))


def _parts(row: FillRow, user: str, wallet: Wallet) -> Iterator[Fill]:
    sign = _SIGNS.get(row.side)
    if sign is None:
        raise BadPayload(f"userFillsByTime: {row.coin}: a side we do not know: {row.side[:40]!r}")
    closed = min(abs(row.start_position), row.sz) if row.start_position * sign < 0 else 0.0
    before, after = (Side.SHORT, Side.LONG) if sign > 0 else (Side.LONG, Side.SHORT)
    if closed:
        yield _fill(row, user, wallet, before, closed, closes=True)
    if row.sz - closed > _DUST * row.sz:
        yield _fill(row, user, wallet, after, row.sz - closed, closes=False)


def _fill(row: FillRow, user: str, wallet: Wallet, side: Side, size: float, *, closes: bool) -> Fill:
    dex = dex_of(row.coin)
    return Fill(
        id=f"{fill_id(row)}{':open' if size < row.sz and not closes else ''}",
        account=wallet.account_of(dex),
        venue=venue_of(dex),
        symbol=symbol(row.coin, wallet.settles[dex].name),
        side=side,
        size=size,
        price=row.px,
        time=moment(row.time),
        kind=kind(row, user),
        closes=closes,
        mark_price=row.liquidation.mark_px if row.liquidation else None,
        fee=None if row.fee is None else row.fee * size / row.sz,
        realized_pnl=row.closed_pnl if closes else None,
    )
