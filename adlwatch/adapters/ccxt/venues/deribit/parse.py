"""Deribit's words into ours. Pure. Amounts of inverse contracts become USD at the mark."""

from datetime import UTC, datetime

from adlwatch.adapters.base import BadPayload
from adlwatch.adapters.ccxt.decode import dated, moment, needed, number, perp, positive
from adlwatch.adapters.ccxt.shape import changed, contract_of, in_usd
from adlwatch.adapters.ccxt.venues.deribit import types as d
from adlwatch.domain.model import Account, Contract, Fill, FillKind, MarginMode, Position, Side

VENUE = "deribit"
STABLE = frozenset({"USDC", "USDT", "USDE"})
SIDES = {"buy": Side.LONG, "sell": Side.SHORT}


def symbol_of(native: str) -> str:
    """BTC-PERPETUAL (inverse), BTC_USDC-PERPETUAL (linear), BTC-27JUN25, BTC_USDC-27JUN25."""
    pair, _, last = native.partition("-")
    base, _, quote = pair.partition("_")
    symbol = (base, quote, quote) if quote else (base, "USD", base)
    if last == "PERPETUAL":
        return perp(*symbol)
    try:
        day = datetime.strptime(last, "%d%b%y").replace(tzinfo=UTC)
    except ValueError:
        return native
    return dated(*symbol, day.strftime("%y%m%d"))


def settle_of(native: str) -> str:
    """The currency an instrument settles in."""
    base, _, quote = native.partition("-")[0].partition("_")
    return quote or base


def position(row: d.PositionRow, account: str, at: datetime) -> Position | None:
    """One future or perpetual; None for an empty row."""
    size = needed(row.size, "size", row.instrument_name)
    if size == 0:
        return None
    if row.direction not in SIDES:
        raise BadPayload(f"direction of {row.instrument_name} is {row.direction!r}")
    symbol, mark = symbol_of(row.instrument_name), positive(row.mark_price)
    contract = contract_of(symbol)
    return Position(
        account=account,
        venue=VENUE,
        symbol=symbol,
        side=SIDES[row.direction],
        size=abs(size),
        entry_price=needed(row.average_price, "average_price", row.instrument_name),
        mark_price=mark,
        contract=contract,
        margin_mode=MarginMode.CROSS,
        leverage=positive(row.leverage),
        maintenance_margin=in_usd(number(row.maintenance_margin), mark if contract is Contract.INVERSE else 1.0),
        liquidation_price=positive(row.estimated_liquidation_price),
        as_of=at,
        raw=(("id", row.instrument_name),),
    )


def shared(rows: list[d.Summary]) -> d.Summary | None:
    """The summary that carries the totals of a cross-collateral account; None where currencies stand alone."""
    return next((row for row in rows if row.cross_collateral_enabled and number(row.total_equity_usd) is not None), None)


def accounts(rows: list[d.Summary], prices: dict[str, float], id_: str, at: datetime) -> tuple[Account, ...]:
    """One account in USD with cross collateral, else one for each currency: `id/BTC`."""
    whole = shared(rows)
    if whole is not None:
        equity, needs = number(whole.total_equity_usd), number(whole.total_maintenance_margin_usd)
        margining = whole.portfolio_margining_enabled
        return (Account(id=id_, venue=VENUE, equity=equity, maintenance_margin=needs, portfolio_margin=margining, as_of=at),)
    return tuple(
        Account(
            id=f"{id_}/{row.currency}",
            venue=VENUE,
            equity=in_usd(number(row.equity), prices.get(row.currency)),
            wallet=in_usd(number(row.balance), prices.get(row.currency)),
            maintenance_margin=in_usd(number(row.maintenance_margin), prices.get(row.currency)),
            portfolio_margin=row.portfolio_margining_enabled,
            as_of=at,
        )
        for row in rows
        if number(row.equity)
    )


def fill(row: d.Trade, id_: str) -> Fill:
    """One own trade; it closes where it realised something."""
    forced, pnl = bool(row.liquidation), number(row.profit_loss)
    side, closes = changed(row.direction, "", closes=forced or bool(pnl), of=row.instrument_name)
    return Fill(
        id=row.trade_id,
        account=id_,
        venue=VENUE,
        symbol=symbol_of(row.instrument_name),
        side=side,
        size=needed(row.amount, "amount", row.instrument_name),
        price=needed(row.price, "price", row.instrument_name),
        time=moment(row.timestamp, "timestamp"),
        kind=FillKind.LIQUIDATION if forced else FillKind.ORDER,
        closes=closes,
        mark_price=positive(row.mark_price),
        realized_pnl=pnl if closes else None,
    )
