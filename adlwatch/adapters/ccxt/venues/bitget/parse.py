"""Bitget's words into ours. Pure. Coin futures are sized in coin at their entry: Q = total * entry."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from adlwatch.adapters.base import BadPayload
from adlwatch.adapters.ccxt.decode import Num, moment, needed, number, positive
from adlwatch.adapters.ccxt.shape import compact_symbol, contract_of, in_usd
from adlwatch.adapters.ccxt.venue import KeyPermissions
from adlwatch.adapters.ccxt.venues.bitget import types as b
from adlwatch.domain.model import Account, Contract, Fill, FillKind, MarginMode, Market, Pool, Position, Side, VenueLight

VENUE = "bitget"
STABLE = frozenset({"USDT", "USDC"})
Lights = Mapping[tuple[str, str], Num]
"""(symbol, side) → rank."""


def side_of(word: str, symbol: str) -> Side:
    """`long` or `short`; anything else is no position we can read."""
    if word not in ("long", "short"):
        raise BadPayload(f"side of {symbol} is {word!r}")
    return Side(word)


def lights(rows: Iterable[b.Rank]) -> dict[tuple[str, str], Num]:
    """Ranks by symbol and side."""
    return {(row.symbol, side): row.rank for row in rows if (side := row.hold_side or row.pos_side)}


def light_of(symbol: str, side: str, known: Lights, at: datetime) -> VenueLight | None:
    """The rank of exactly this side; it is not part of the position."""
    rank = number(known.get((symbol, side)))
    return None if rank is None else VenueLight(rank, at)


def classic(row: b.PositionRow, account: str, known: Lights, at: datetime) -> Position | None:
    """A position of the classic account; maintenance is value times `keepMarginRate`."""
    total = needed(row.total, "total", row.symbol)
    if total == 0:
        return None
    entry = needed(row.open_price_avg, "openPriceAvg", row.symbol)
    symbol, mark, rate = compact_symbol(row.symbol), positive(row.mark_price), positive(row.keep_margin_rate)
    inverse = contract_of(symbol) is Contract.INVERSE
    isolated = row.margin_mode == "isolated"
    size = total * entry if inverse else total
    return Position(
        account=account,
        venue=VENUE,
        symbol=symbol,
        side=side_of(row.hold_side, row.symbol),
        size=size,
        entry_price=entry,
        mark_price=mark,
        contract=contract_of(symbol),
        margin_mode=MarginMode.ISOLATED if isolated else MarginMode.CROSS,
        isolated_margin=in_usd(number(row.margin_size), mark if inverse else 1.0) if isolated else None,
        leverage=positive(row.leverage),
        maintenance_margin=maintenance(size, mark, rate, inverse=inverse),
        liquidation_price=positive(row.liquidation_price),
        venue_light=light_of(row.symbol, row.hold_side, known, at),
        as_of=at,
        raw=(("id", row.symbol),),
    )


def unified(row: b.UnifiedPosition, account: str, known: Lights, at: datetime) -> Position | None:
    """A position of the unified account: the same under other names; `mmr` is the rate here."""
    same = b.PositionRow(
        symbol=row.symbol,
        hold_side=row.pos_side,
        total=row.total,
        open_price_avg=row.avg_price,
        margin_mode=row.margin_mode,
        margin_size=row.position_balance,
        leverage=row.leverage,
        mark_price=row.mark_price,
        liquidation_price=row.liquidation_price,
        keep_margin_rate=row.mmr,
    )
    return classic(same, account, known, at)


def maintenance(size: float, mark: float | None, rate: float | None, *, inverse: bool) -> float | None:
    """Value at the mark times the tier's rate, in USD; an inverse position's value is its size."""
    value = size if inverse else in_usd(size, mark)
    return None if value is None or rate is None else value * rate


def classic_account(row: b.AccountRow, id_: str, at: datetime) -> Account:
    """One margin coin's pool, in USDT; maintenance is the risk rate times equity."""
    equity = number(row.usdt_equity)
    return Account(
        id=id_,
        venue=VENUE,
        equity=equity,
        maintenance_margin=in_usd(equity, number(row.crossed_risk_rate)),
        portfolio_margin=False,
        as_of=at,
    )


def unified_account(row: b.Unified, id_: str, at: datetime) -> Account:
    """The unified account."""
    return Account(id=id_, venue=VENUE, equity=number(row.account_equity), maintenance_margin=number(row.mmr), as_of=at)


def margin_amounts(rows: Iterable[b.AccountRow]) -> Iterator[tuple[str, float]]:
    """Margin coin → equity less unrealised PnL."""
    return ((row.margin_coin, (number(row.account_equity) or 0.0) - (number(row.unrealized_pl) or 0.0)) for row in rows)


def spot_amounts(rows: Iterable[b.Spot]) -> Iterator[tuple[str, float]]:
    """Coin → free, frozen and locked."""
    return ((row.coin, sum(number(part) or 0.0 for part in (row.available, row.frozen, row.locked))) for row in rows)


def unified_amounts(rows: Iterable[b.Asset]) -> Iterator[tuple[str, float]]:
    """Coin → balance less debt."""
    return ((row.coin, (number(row.balance) or 0.0) - (number(row.debt) or 0.0)) for row in rows)


def market(row: b.Ticker, hours: float | None, at: datetime) -> Market:
    """Mark, index, funding, open interest and volume."""
    symbol = compact_symbol(row.symbol)
    return Market(
        venue=VENUE,
        symbol=symbol,
        contract=contract_of(symbol),
        mark_price=positive(row.mark_price),
        index_price=positive(row.index_price),
        funding_rate=number(row.funding_rate),
        funding_interval_hours=hours,
        open_interest=number(row.holding_amount),
        volume_24h=number(row.base_volume),
        as_of=at,
    )


KINDS = {
    "dte_sys_adl": FillKind.ADL,
    "burst": FillKind.LIQUIDATION,
    "reduce": FillKind.LIQUIDATION,
    "delivery": FillKind.SETTLEMENT,
}
"""How `tradeSide` begins where the venue acted; `reduce_close_…` is a partial liquidation."""


def pools(rows: Iterable[b.Reserve], at: datetime) -> tuple[Pool, ...]:
    """One pool a fund in a stable coin, named by its first pair, for the pairs of a fund share it."""
    return tuple(
        Pool(
            venue=VENUE,
            name=f"{min(row.symbols)} +{len(row.symbols) - 1} {row.coin}",
            balance=number(row.balance),
            symbols=tuple(compact_symbol(native) for native in row.symbols),
            as_of=at,
        )
        for row in rows
        if row.symbols and row.coin in STABLE
    )


def kind_of(trade_side: str) -> FillKind:
    """Who closed it."""
    return next((kind for start, kind in KINDS.items() if trade_side.startswith(start)), FillKind.ORDER)


def effect(side: str, trade_side: str, pnl: float | None) -> tuple[Side, bool]:
    """(side of the position, closes). In hedge mode `side` names the position's direction, also when closing."""
    named = Side.LONG if side == "buy" else Side.SHORT
    for position in (Side.LONG, Side.SHORT):
        if trade_side.endswith(f"close_{position}"):
            return position, True
    if trade_side in ("open", "close"):
        return named, trade_side == "close"
    closes = bool(pnl)
    return (named.opposite if closes else named), closes


def fill(id_: str, account: str, native: str, words: tuple[str, str], numbers: tuple[Num, Num, Num, Num]) -> Fill:
    """One own fill from (side, tradeSide) and (price, base quantity, time, PnL)."""
    price, quantity, time, pnl = numbers
    side, closes = effect(*words, number(pnl))
    symbol = compact_symbol(native)
    at_price = needed(price, "price")
    amount = needed(quantity, "quantity")
    return Fill(
        id=id_,
        account=account,
        venue=VENUE,
        symbol=symbol,
        side=side,
        size=amount * at_price if contract_of(symbol) is Contract.INVERSE else amount,
        price=at_price,
        time=moment(time, "time"),
        kind=kind_of(words[1]),
        closes=closes,
        realized_pnl=number(pnl) if closes else None,
    )


def permissions(row: b.Info) -> KeyPermissions:
    """Authorities ending in `ow` write; `wtow` withdraws."""
    if not row.authorities:
        return KeyPermissions()
    writes = {word for word in row.authorities if word.endswith("ow")}
    return KeyPermissions(trade=bool(writes - {"wtow"}), withdraw="wtow" in writes)


def unified_permissions(row: b.UnifiedInfo) -> KeyPermissions:
    """`read_and_write` or read only; which writes, Bitget does not always say."""
    if not row.perm_type:
        return KeyPermissions()
    writes = "write" in row.perm_type
    return KeyPermissions(trade=writes, withdraw=writes and "withdraw" in (row.permissions or ()))
