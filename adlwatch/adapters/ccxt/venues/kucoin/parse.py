"""KuCoin's words into ours. Pure. Lots become base units (linear) or USD (inverse); coin amounts become USD at the mark."""

from collections.abc import Iterable
from datetime import datetime

from adlwatch.adapters.ccxt.decode import dated, moment, needed, number, perp, positive, when
from adlwatch.adapters.ccxt.shape import changed, in_usd
from adlwatch.adapters.ccxt.venue import KeyPermissions
from adlwatch.adapters.ccxt.venues.kucoin import types as k
from adlwatch.domain.model import Account, Contract, Fill, FillKind, MarginMode, Market, Position, Side, VenueLight

VENUE = "kucoin"


def coin(word: str) -> str:
    """KuCoin writes XBT for BTC."""
    return "BTC" if word == "XBT" else word


def symbol_of(row: k.ContractRow) -> str:
    """The unified symbol."""
    base, quote, settle = coin(row.base_currency), row.quote_currency, coin(row.settle_currency)
    expiry = when(row.expire_date)
    return perp(base, quote, settle) if expiry is None else dated(base, quote, settle, expiry.strftime("%y%m%d"))


def lot(row: k.ContractRow) -> float:
    """Base units (linear) or USD (inverse, where the multiplier is negative) a lot stands for."""
    return abs(needed(row.multiplier, "multiplier", row.symbol))


def contract_kind(row: k.ContractRow) -> Contract:
    """How it pays."""
    return Contract.INVERSE if row.is_inverse else Contract.LINEAR


def position(row: k.PositionRow, what: k.ContractRow, account: str, at: datetime) -> Position | None:
    """One position; None for an empty row."""
    lots = needed(row.current_qty, "currentQty", row.symbol)
    if lots == 0:
        return None
    mark = positive(row.mark_price)
    unit = mark if what.is_inverse else 1.0
    light = number(row.delev_percentage)
    return Position(
        account=account,
        venue=VENUE,
        symbol=symbol_of(what),
        side=Side(row.position_side.lower()) if row.position_side in ("LONG", "SHORT") else Side.LONG if lots > 0 else Side.SHORT,
        size=abs(lots) * lot(what),
        contracts=abs(lots),
        entry_price=needed(row.avg_entry_price, "avgEntryPrice", row.symbol),
        mark_price=mark,
        contract=contract_kind(what),
        margin_mode=MarginMode.CROSS if row.cross_mode else MarginMode.ISOLATED,
        isolated_margin=None if row.cross_mode else in_usd(number(row.pos_margin), unit),
        leverage=positive(row.leverage if row.cross_mode else row.real_leverage),
        maintenance_margin=in_usd(number(row.pos_maint), unit),
        liquidation_price=positive(row.liquidation_price),
        bankruptcy_price=positive(row.bankrupt_price),
        venue_light=None if light is None else VenueLight(light, at),
        as_of=at,
        raw=(("id", row.symbol),),
    )


def account(row: k.Overview, id_: str, price: float | None, at: datetime) -> Account:
    """The margin pool of one currency; cross maintenance is told by position only."""
    equity, pnl = number(row.account_equity), number(row.unrealised_pnl)
    wallet = None if equity is None or pnl is None else equity - pnl
    return Account(
        id=id_, venue=VENUE, equity=in_usd(equity, price), wallet=in_usd(wallet, price), portfolio_margin=False, as_of=at
    )


KINDS = {"trade": FillKind.ORDER, "adl": FillKind.ADL, "liquidation": FillKind.LIQUIDATION, "settlement": FillKind.SETTLEMENT}


def fill(row: k.FillRow, what: k.ContractRow, id_: str) -> Fill:
    """One own fill."""
    fill_kind = KINDS.get(row.trade_type.lower(), FillKind.UNKNOWN)
    ended = fill_kind not in (FillKind.ORDER, FillKind.UNKNOWN) or bool(number(row.close_fee_pay))
    side, closes = changed(row.side, row.position_side, closes=ended, of=row.symbol)
    return Fill(
        id=row.trade_id,
        account=id_,
        venue=VENUE,
        symbol=symbol_of(what),
        side=side,
        size=needed(row.size, "size", row.symbol) * lot(what),
        price=needed(row.price, "price", row.symbol),
        time=moment(row.trade_time, "tradeTime"),
        kind=fill_kind,
        closes=closes,
        fee=number(row.fee) if not what.is_inverse else None,
    )


def permissions(row: k.Key) -> KeyPermissions:
    """General only reads; every other word writes, those about moving money withdraw."""
    words = {word.strip() for word in row.permission.split(",") if word.strip()}
    if not words:
        return KeyPermissions()
    moves = {word for word in words if "transfer" in word.lower() or "withdraw" in word.lower()}
    return KeyPermissions(trade=bool(words - moves - {"General"}), withdraw=bool(moves))


def pool_of(account_id: str, settle: str) -> str:
    """USDT futures are the account itself, every other currency a pool of its own: `id/CUR`."""
    return account_id if settle == "USDT" else f"{account_id}/{coin(settle)}"


def market(row: k.ContractRow, symbol: str, at: datetime) -> Market:
    """Mark, index, funding, open interest and tier of one contract."""
    mark, lots, granularity = positive(row.mark_price), number(row.open_interest), number(row.funding_rate_granularity)
    interest = None if lots is None else lots * lot(row)
    if row.is_inverse:
        interest = interest / mark if interest is not None and mark else None
    return Market(
        venue=VENUE,
        symbol=symbol,
        contract=contract_kind(row),
        mark_price=mark,
        index_price=positive(row.index_price),
        funding_rate=number(row.funding_fee_rate),
        funding_interval_hours=granularity / 3_600_000 if granularity else None,
        open_interest=interest,
        volume_24h=number(row.volume_of24h),
        maintenance_rate=positive(row.maintain_margin),
        as_of=at,
    )


def amount(row: k.Overview) -> float:
    """What is in a futures wallet, without unrealised PnL."""
    return (number(row.account_equity) or 0.0) - (number(row.unrealised_pnl) or 0.0)


def sums(rows: Iterable[k.SpotRow]) -> dict[str, float]:
    """Spot balances of all account types, added up by coin."""
    found: dict[str, float] = {}
    for row in rows:
        found[coin(row.currency)] = found.get(coin(row.currency), 0.0) + (number(row.balance) or 0.0)
    return found
