"""HTX's words into ours. Pure. Contracts become base units (linear) or USD (inverse); coin amounts become USD at the mark."""

from datetime import datetime

from adlwatch.adapters.base import BadPayload
from adlwatch.adapters.ccxt.decode import Num, dated, moment, needed, number, perp, positive, when
from adlwatch.adapters.ccxt.shape import changed, contract_of, in_usd
from adlwatch.adapters.ccxt.venue import KeyPermissions
from adlwatch.adapters.ccxt.venues.htx import types as h
from adlwatch.domain.model import Account, Contract, Fill, FillKind, MarginMode, Market, Pool, Position, Side, VenueLight

VENUE = "htx"
SIDES = {"buy": Side.LONG, "sell": Side.SHORT}
KINDS = {"1": FillKind.ORDER, "3": FillKind.LIQUIDATION, "4": FillKind.SETTLEMENT, "22": FillKind.ADL}
"""`order_type`: a quotation of our own, forced liquidation, delivery, ADL."""
FORCED = (FillKind.LIQUIDATION, FillKind.SETTLEMENT, FillKind.ADL)


def symbol_of(native: str) -> str:
    """BTC-USDT, BTC-USDT-260123, BTC-USD (inverse)."""
    base, _, rest = native.partition("-")
    if not rest:
        raise BadPayload(f"htx: {native} is a coin-margined future, which is not read")
    quote, *day = rest.split("-")
    settle = base if quote == "USD" else quote
    return dated(base, quote, settle, day[0]) if day else perp(base, quote, settle)


def side_of(direction: str, native: str, position_side: str = "") -> Side:
    """Hedge mode names the side, else the direction does."""
    if position_side in ("long", "short"):
        return Side(position_side)
    if direction not in SIDES:
        raise BadPayload(f"direction of {native} is {direction!r}")
    return SIDES[direction]


def light_of(raw: Num, at: datetime) -> VenueLight | None:
    """1..5, or null."""
    value = number(raw)
    return None if value is None else VenueLight(int(value), at)


def linear(row: h.LinearRow, account: str, size: float, at: datetime) -> Position | None:
    """A linear position; `size` base units a contract."""
    volume = needed(row.volume, "volume", row.contract_code)
    if volume == 0:
        return None
    if row.margin_mode not in ("cross", "isolated"):
        raise BadPayload(f"margin_mode of {row.contract_code} is {row.margin_mode!r}")
    isolated = row.margin_mode == "isolated"
    return Position(
        account=account,
        venue=VENUE,
        symbol=symbol_of(row.contract_code),
        side=side_of(row.direction, row.contract_code, row.position_side),
        size=abs(volume) * size,
        contracts=abs(volume),
        entry_price=needed(row.open_avg_price, "open_avg_price", row.contract_code),
        mark_price=positive(row.mark_price),
        margin_mode=MarginMode.ISOLATED if isolated else MarginMode.CROSS,
        isolated_margin=number(row.margin) if isolated else None,
        leverage=positive(row.lever_rate),
        maintenance_margin=number(row.maintenance_margin),
        liquidation_price=positive(row.liquidation_price),
        venue_light=light_of(row.adl_risk_percent, at),
        as_of=at,
        raw=(("id", row.contract_code),),
    )


def inverse(
    row: h.CoinRow, account: str, at: datetime, *, pool: h.CoinPool | None, size: float, mark: float | None
) -> Position | None:
    """An inverse position; `size` USD a contract. Its coin is a margin pool of its own, which knows the liquidation price."""
    volume = needed(row.volume, "volume", row.contract_code)
    if volume == 0:
        return None
    return Position(
        account=account,
        venue=VENUE,
        symbol=symbol_of(row.contract_code),
        side=side_of(row.direction, row.contract_code),
        size=abs(volume) * size,
        contracts=abs(volume),
        entry_price=needed(row.cost_open, "cost_open", row.contract_code),
        mark_price=mark,
        contract=Contract.INVERSE,
        margin_mode=MarginMode.CROSS,
        leverage=positive(row.lever_rate),
        liquidation_price=positive(pool.liquidation_price) if pool else None,
        venue_light=light_of(row.adl_risk_percent, at),
        as_of=at,
        raw=(("id", row.contract_code),),
    )


def linear_account(row: h.Balance, id_: str, at: datetime) -> Account:
    """The linear account, in USD."""
    equity, pnl = number(row.equity), number(row.profit_unreal)
    wallet = None if equity is None or pnl is None else equity - pnl
    return Account(id=id_, venue=VENUE, equity=equity, wallet=wallet, maintenance_margin=number(row.maintenance_margin), as_of=at)


def coin_account(row: h.CoinPool, id_: str, mark: float | None, at: datetime) -> Account:
    """One coin's pool, valued at the mark."""
    equity, wallet = in_usd(number(row.margin_balance), mark), in_usd(number(row.margin_static), mark)
    return Account(id=id_, venue=VENUE, equity=equity, wallet=wallet, portfolio_margin=False, as_of=at)


def pool(row: h.Risk, symbol: str, price: float | None, at: datetime) -> Pool:
    """A contract's insurance fund, valued at `price`."""
    balance = in_usd(number(row.insurance_fund), price)
    return Pool(venue=VENUE, name=row.contract_code, balance=balance, symbols=(symbol,), as_of=at)


def kind_of(order_type: int | str) -> FillKind:
    """Who placed an order; a number that is not here stays unknown."""
    return KINDS.get(str(order_type), FillKind.UNKNOWN)


def fill(row: h.Trade, id_: str, size: float) -> Fill:
    """An own trade in a linear contract of `size` base units. Hedge mode names the side, else what it realised does."""
    kind, pnl = kind_of(row.order_type), number(row.profit)
    side, closes = changed(row.side, row.position_side, closes=kind in FORCED or bool(pnl), of=row.contract_code)
    return Fill(
        id=row.id,
        account=id_,
        venue=VENUE,
        symbol=symbol_of(row.contract_code),
        side=side,
        size=needed(row.trade_volume, "trade_volume", row.contract_code) * size,
        price=needed(row.trade_price, "trade_price", row.contract_code),
        time=moment(row.created_time, "created_time"),
        kind=kind,
        closes=closes,
        fee=number(row.trade_fee) if row.fee_currency in ("USDT", "USDC") else None,
        realized_pnl=pnl if closes else None,
    )


def coin_fill(row: h.CoinOrder, id_: str, size: float) -> Fill | None:
    """What an order did in a coin-margined swap of `size` USD a contract; None where nothing of it was filled."""
    if not number(row.trade_volume):
        return None
    if row.offset not in ("open", "close", "both"):
        raise BadPayload(f"offset of an order in {row.contract_code} is {row.offset!r}")
    kind = kind_of(row.order_type)
    does_close = row.offset == "close" or (row.offset == "both" and kind in FORCED)
    side, closes = changed(row.direction, "", closes=does_close, of=row.contract_code)
    return Fill(
        id=str(row.order_id),
        account=id_,
        venue=VENUE,
        symbol=symbol_of(row.contract_code),
        side=side,
        size=needed(row.trade_volume, "trade_volume", row.contract_code) * size,
        price=needed(row.trade_avg_price, "trade_avg_price", row.contract_code),
        time=moment(row.create_date, "create_date"),
        kind=kind,
        closes=closes,
    )


def permissions(row: h.Key) -> KeyPermissions:
    """readOnly, trade, withdraw."""
    words = {word.strip() for word in row.permission.split(",") if word.strip()}
    return KeyPermissions(trade="trade" in words, withdraw="withdraw" in words) if words else KeyPermissions()


def funding(row: h.Funding, symbol: str) -> Market:
    """Funding, and the interval where the next payment is announced."""
    this, following = when(row.funding_time), when(row.next_funding_time)
    hours = (following - this).total_seconds() / 3600 if this and following and following > this else None
    return Market(
        venue=VENUE,
        symbol=symbol,
        contract=contract_of(symbol),
        funding_rate=number(row.funding_rate),
        funding_interval_hours=hours,
    )
