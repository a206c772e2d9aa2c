"""BingX's words into ours. Pure. Contracts of coin-margined swaps become USD; their coin amounts become USD at the mark."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from adlwatch.adapters.base import BadPayload
from adlwatch.adapters.ccxt.decode import Num, moment, needed, number, perp, positive
from adlwatch.adapters.ccxt.shape import changed, contract_of, in_usd
from adlwatch.adapters.ccxt.venue import KeyPermissions
from adlwatch.adapters.ccxt.venues.bingx import types as b
from adlwatch.domain.model import Account, Contract, Fill, FillKind, MarginMode, Market, Position, Side

VENUE = "bingx"
STABLE = frozenset({"USDT", "USDC"})


def symbol_of(native: str) -> str:
    """BTC-USDT → BTC/USDT:USDT, BTC-USD → BTC/USD:BTC."""
    base, _, quote = native.partition("-")
    return perp(base, quote, base if quote == "USD" else quote)


def pool_of(account: str, symbol: str) -> str:
    """USDT is the account itself; every other settle currency is a pool of its own: `id/USDC`, `id/BTC`."""
    settle = symbol.partition(":")[2]
    return account if settle == "USDT" else f"{account}/{settle}"


def side_of(row: b.PositionRow | b.Order, amount: float) -> Side:
    """Hedge mode names the side; one-way mode carries it in the sign."""
    if row.position_side in ("LONG", "SHORT"):
        return Side(row.position_side.lower())
    if row.position_side != "BOTH":
        raise BadPayload(f"positionSide of {row.symbol} is {row.position_side!r}")
    return Side.LONG if amount > 0 else Side.SHORT


def margin_of(row: b.PositionRow) -> float | None:
    """Isolated margin without uPnL: `margin` moves with it, `initialMargin` is the fallback."""
    margin, pnl = number(row.margin), number(row.unrealized_profit)
    return number(row.initial_margin) if margin is None or pnl is None else margin - pnl


def maintenance(tiers: Sequence[b.Tier], value: float | None) -> float | None:
    """Of a position worth `value` USDT: value times its tier's ratio less the tier's amount; None without a tier for it."""
    if value is None:
        return None
    for tier in tiers:
        low, high = number(tier.min_position_val), number(tier.max_position_val)
        ratio = number(tier.maint_margin_ratio)
        if low is not None and high is not None and ratio is not None and low <= value <= high:
            return value * ratio - (number(tier.maint_amount) or 0.0)
    return None


def position(
    row: b.PositionRow, account: str, at: datetime, *, size: float = 1.0, tiers: Sequence[b.Tier] = ()
) -> Position | None:
    """One position; None for an empty row. `size` is what its unit stands for: 1 base unit, or USD a contract."""
    amount = needed(row.position_amt, "positionAmt", row.symbol)
    if amount == 0:
        return None
    symbol, mark = symbol_of(row.symbol), positive(row.mark_price)
    contract = contract_of(symbol)
    unit = mark if contract is Contract.INVERSE else 1.0
    return Position(
        account=pool_of(account, symbol),
        venue=VENUE,
        symbol=symbol,
        side=side_of(row, amount),
        size=abs(amount) * size,
        entry_price=needed(row.avg_price, "avgPrice", row.symbol),
        mark_price=mark,
        contract=contract,
        margin_mode=MarginMode.ISOLATED if row.isolated else MarginMode.CROSS,
        isolated_margin=in_usd(margin_of(row), unit) if row.isolated else None,
        leverage=positive(row.leverage),
        maintenance_margin=maintenance(tiers, in_usd(abs(amount), mark)) if contract is Contract.LINEAR else None,
        liquidation_price=positive(row.liquidation_price),
        as_of=at,
        raw=(("id", row.symbol),),
    )


def pool(row: b.Balance, account: str, price: float | None, at: datetime) -> Account:
    """The margin pool of one asset, valued at `price`."""
    id_ = account if row.asset == "USDT" else f"{account}/{row.asset}"
    return Account(
        id=id_, venue=VENUE, equity=in_usd(number(row.equity), price), wallet=in_usd(number(row.balance), price), as_of=at
    )


def spot(coins: Iterable[b.Coin]) -> list[tuple[str, float | None]]:
    """Coin → free and locked."""
    return [(row.asset, (number(row.free) or 0.0) + (number(row.locked) or 0.0)) for row in coins]


def market(row: b.Premium, symbol: str, at: datetime) -> Market:
    """Mark, index, funding."""
    return Market(
        venue=VENUE,
        symbol=symbol,
        contract=contract_of(symbol),
        mark_price=positive(row.mark_price),
        index_price=positive(row.index_price),
        funding_rate=number(row.last_funding_rate),
        funding_interval_hours=positive(row.funding_interval_hours),
        as_of=at,
    )


def forced(row: b.Order, kind: FillKind, id_: str, size: float = 1.0) -> Fill:
    """What BingX closed: a sale closes a long. `size` is what a unit of the contract stands for."""
    symbol = symbol_of(row.symbol)
    return Fill(
        id=f"{row.symbol}:{row.order_id}",
        account=id_,
        venue=VENUE,
        symbol=symbol,
        side=side_of(row, 1.0 if row.side == "SELL" else -1.0),
        size=needed(row.executed_qty, "executedQty", row.symbol) * size,
        price=needed(row.avg_price, "avgPrice", row.symbol),
        time=moment(row.time, "time"),
        kind=kind,
        realized_pnl=number(row.profit) if contract_of(symbol) is Contract.LINEAR else None,
    )


def trade(row: b.FillRow, id_: str) -> Fill:
    """An own trade in a linear contract. In hedge mode the sides tell whether it closed, else that it realised something."""
    pnl = number(row.realised_pnl)
    side, closes = changed(row.side, row.position_side, closes=bool(pnl), of=row.symbol)
    return Fill(
        id=f"{row.symbol}:{row.order_id}:{row.trade_id or row.filled_time}",
        account=id_,
        venue=VENUE,
        symbol=symbol_of(row.symbol),
        side=side,
        size=needed(row.qty, "qty", row.symbol),
        price=needed(row.price, "price", row.symbol),
        time=iso(row.filled_time),
        kind=FillKind.ORDER,
        closes=closes,
        fee=-(number(row.commission) or 0.0) if row.commission_asset in STABLE else None,
        realized_pnl=pnl if closes else None,
    )


def iso(text: str) -> datetime:
    """2026-09-18T02:39:57.000+08:00; without an offset it would not be a moment."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise BadPayload(f"filledTime is {text!r}, not a time") from None
    if time.tzinfo is None:
        raise BadPayload(f"filledTime {text!r} has no offset from UTC")
    return time


def permissions(row: b.Key) -> KeyPermissions:
    """2 only reads."""
    words = row.permissions if row.permissions is not None else row.data.permissions if row.data else None
    if words is None:
        return KeyPermissions()
    return KeyPermissions(trade=bool({1, 3} & set(words)), withdraw=bool({4, 5, 7} & set(words)))


def bars(rows: Iterable[b.Bar], size: float | None) -> list[tuple[Num, ...]]:
    """Columns of candles; contracts of `size` USD become coins at the close, linear volumes stay as they are."""
    return [(row.time, row.open, row.high, row.low, row.close, _volume(row, size)) for row in rows]


def _volume(row: b.Bar, size: float | None) -> Num:
    volume, close = number(row.volume), positive(row.close)
    if size is None:
        return volume
    return None if volume is None or close is None else volume * size / close
