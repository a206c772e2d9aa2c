"""Bybit's words into ours. Pure. Inverse contracts are worth 1 USD each; their coin amounts become USD at the mark."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from adlwatch.adapters.base import BadPayload
from adlwatch.adapters.ccxt.decode import Num, moment, needed, number, positive, when
from adlwatch.adapters.ccxt.shape import compact_symbol, in_usd
from adlwatch.adapters.ccxt.venue import KeyPermissions
from adlwatch.adapters.ccxt.venues.bybit import types as b
from adlwatch.domain.model import (
    Account,
    AdlWarning,
    Contract,
    Fill,
    FillKind,
    MarginMode,
    Market,
    Pool,
    Position,
    Side,
    VenueLight,
)

VENUE = "bybit"
SIDES = {"Buy": Side.LONG, "Sell": Side.SHORT}
KINDS = {
    "Trade": FillKind.ORDER,
    "BlockTrade": FillKind.ORDER,
    "AdlTrade": FillKind.ADL,
    "BustTrade": FillKind.LIQUIDATION,
    "Delivery": FillKind.SETTLEMENT,
    "Settle": FillKind.SETTLEMENT,
}
"""https://bybit-exchange.github.io/docs/v5/enum#exectype; Funding is no fill."""


@dataclass(frozen=True, slots=True)
class Around:
    """What a position row does not say itself."""

    account: str
    at: datetime
    inverse: bool = False
    isolated: bool | None = None
    """From the account's margin mode; None where the row's own tradeMode decides (accounts that are not unified)."""


def position(row: b.PositionRow, x: Around) -> Position | None:
    """One position; None for an empty row."""
    size = needed(row.size, "size", row.symbol)
    if size == 0:
        return None
    if row.side not in SIDES:
        raise BadPayload(f"side of {row.symbol} is {row.side!r} with size {size:g}")
    mark = positive(row.mark_price)
    unit = mark if x.inverse else 1.0
    isolated = row.trade_mode == 1 if x.isolated is None else x.isolated
    balance = number(row.position_balance)
    margin = balance or number(row.position_im)
    raw_light = row.adl_rank_indicator if row.adl_rank_indicator is not None else row.deleverage_indicator
    light = number(raw_light)
    return Position(
        account=x.account,
        venue=VENUE,
        symbol=compact_symbol(row.symbol),
        side=SIDES[row.side],
        size=size,
        entry_price=needed(row.avg_price if row.avg_price is not None else row.entry_price, "avgPrice", row.symbol),
        mark_price=mark,
        contract=Contract.INVERSE if x.inverse else Contract.LINEAR,
        margin_mode=MarginMode.ISOLATED if isolated else MarginMode.CROSS,
        isolated_margin=in_usd(margin, unit) if isolated else None,
        leverage=positive(row.leverage),
        maintenance_margin=in_usd(number(row.position_mm), unit),
        liquidation_price=positive(row.liq_price),
        bankruptcy_price=positive(row.bust_price),
        venue_light=None if light is None else VenueLight(int(light), x.at),
        as_of=x.at,
        raw=(("id", row.symbol),),
    )


def positions(rows: Iterable[b.PositionRow], x: Around) -> tuple[Position, ...]:
    """All open positions."""
    return tuple([p for row in rows if (p := position(row, x)) is not None])


def account(row: b.Wallet, id_: str, mode: str | None, at: datetime) -> Account:
    """The unified account, in USD over all coins."""
    return Account(
        id=id_,
        venue=VENUE,
        equity=number(row.total_equity),
        wallet=number(row.total_wallet_balance),
        maintenance_margin=number(row.total_maintenance_margin),
        portfolio_margin=None if mode is None else mode == "PORTFOLIO_MARGIN",
        as_of=at,
    )


def amounts(row: b.Wallet) -> Iterator[tuple[str, float]]:
    """Coin → amount in the unified account, less what is borrowed."""
    return ((coin.coin, (number(coin.wallet_balance) or 0.0) - (number(coin.spot_borrow) or 0.0)) for coin in row.coin)


def coins(row: b.Coins) -> Iterator[tuple[str, Num]]:
    """Coin → balance in an account other than the unified one of this key."""
    return ((coin.coin, coin.wallet_balance) for coin in row.balance or ())


def market(row: b.Ticker, *, inverse: bool, at: datetime) -> Market:
    """Mark, index, funding, open interest and volume; an inverse market's base amounts are its value and turnover."""
    return Market(
        venue=VENUE,
        symbol=compact_symbol(row.symbol),
        contract=Contract.INVERSE if inverse else Contract.LINEAR,
        mark_price=positive(row.mark_price),
        index_price=positive(row.index_price),
        funding_rate=number(row.funding_rate),
        funding_interval_hours=positive(row.funding_interval_hour),
        open_interest=number(row.open_interest_value if inverse else row.open_interest),
        volume_24h=number(row.turnover24h if inverse else row.volume24h),
        as_of=at,
    )


def maintenance_rate(rows: Iterable[b.RiskLimit]) -> float | None:
    """The lowest tier's rate as a fraction: initial margin times maximum leverage is 1, or 100 where percent are meant."""
    lowest = next((row for row in rows if row.is_lowest_risk == 1), None)
    if lowest is None:
        return None
    rate, initial, most = number(lowest.maintenance_margin), number(lowest.initial_margin), number(lowest.max_leverage)
    if rate is None or not initial or not most:
        return None
    return rate / 100 if initial * most > 10 else rate


def pools(funds: b.Funds) -> tuple[Pool, ...]:
    """Insurance pools, balance in USD where given; several symbols may share one."""
    return tuple(
        Pool(
            venue=VENUE,
            name=f"{names[0]} +{len(names) - 1} {fund.coin}",
            balance=number(fund.value if fund.value is not None else fund.balance),
            symbols=tuple(compact_symbol(name) for name in names),
            as_of=when(funds.updated_time),
        )
        for fund in funds.rows
        if (names := sorted(name for name in fund.symbols.split(",") if name))
    )


def warnings(alerts: b.Alerts) -> tuple[AdlWarning, ...]:
    """Where each pool's drawdown stands; `triggered` by the documented condition, for Bybit sends no word of its own."""
    at = when(alerts.updated_time if alerts.updated_time is not None else alerts.update_time)
    return tuple(
        AdlWarning(
            venue=VENUE,
            symbol=compact_symbol(row.symbol),
            state="triggered" if triggered(row) else "normal",
            value=number(row.pnl_ratio),
            trigger=number(row.insurance_pnl_ratio),
            as_of=at,
        )
        for row in alerts.rows
        if row.symbol
    )


def triggered(row: b.Alert) -> bool:
    """ADL by drawdown or by an empty pool: https://bybit-exchange.github.io/docs/v5/market/adl-alert."""
    balance, threshold = number(row.balance), number(row.adl_trigger_threshold)
    ratio, limit = number(row.pnl_ratio), number(row.insurance_pnl_ratio)
    if balance is not None and balance <= 0:
        return True
    known = balance is not None and threshold is not None and ratio is not None and limit is not None
    return known and balance > threshold and ratio <= limit  # type: ignore[operator]  # `known` says so


def fills(row: b.Execution, id_: str) -> tuple[Fill, ...]:
    """An execution as what it closed and what it opened; Funding is neither."""
    kind = KINDS.get(row.exec_type)
    if row.exec_type == "Funding" or row.side not in SIDES:
        return ()
    if row.create_type == "CreateByAdl_PassThrough":
        kind = FillKind.ADL
    size = needed(row.exec_qty, "execQty")
    closed = number(row.closed_size)
    if closed is None:
        closed = size if kind in (FillKind.ADL, FillKind.LIQUIDATION, FillKind.SETTLEMENT) else 0.0
    shares = ((closed, True, "", SIDES[row.side].opposite), (size - closed, False, ":open", SIDES[row.side]))
    return tuple(
        Fill(
            id=f"{row.exec_id}{suffix}",
            account=id_,
            venue=VENUE,
            symbol=compact_symbol(row.symbol),
            side=side,
            size=share,
            price=needed(row.exec_price, "execPrice"),
            time=moment(row.exec_time, "execTime"),
            kind=kind or FillKind.UNKNOWN,
            closes=closes,
            mark_price=positive(row.mark_price),
            fee=number(row.exec_fee) if row.fee_currency in ("", "USDT", "USDC") else None,
            realized_pnl=number(row.exec_pnl) if closes else None,
        )
        for share, closes, suffix, side in shares
        if share > 0
    )


def permissions(row: b.Key) -> KeyPermissions:
    """A read-only key can do nothing else; otherwise what is listed."""
    if row.read_only == 1:
        return KeyPermissions(trade=False, withdraw=False)
    wallet = bool(row.permissions.get("Wallet"))
    return KeyPermissions(trade=any(v for name, v in row.permissions.items() if name != "Wallet"), withdraw=wallet)
