"""Deribit's replies as Deribit writes them: https://docs.deribit.com."""

from typing import Generic, TypeVar

from msgspec import field

from adlwatch.adapters.ccxt.decode import Num, Snake

T = TypeVar("T")


class Reply(Snake, Generic[T]):
    """Around every reply; errors come with a status of 400."""

    result: T


class PositionRow(Snake):
    """get_positions: size in USD (inverse) or base units (linear), signed; margins in the settle currency."""

    instrument_name: str
    direction: str
    size: Num
    average_price: Num
    kind: str = "future"
    mark_price: Num = None
    leverage: Num = None
    initial_margin: Num = None
    maintenance_margin: Num = None
    estimated_liquidation_price: Num = None
    floating_profit_loss: Num = None


class Summary(Snake):
    """One currency of get_account_summaries; with cross collateral the totals in USD count."""

    currency: str
    equity: Num
    balance: Num = None
    maintenance_margin: Num = None
    portfolio_margining_enabled: bool | None = None
    cross_collateral_enabled: bool | None = None
    total_equity_usd: Num = None
    total_maintenance_margin_usd: Num = None


class Summaries(Snake):
    """get_account_summaries."""

    summaries: list[Summary]


class Price(Snake):
    """get_index_price."""

    index_price: Num


class Stats(Snake):
    """Of the last 24 hours; volume in base currency."""

    volume: Num = None


class Ticker(Snake):
    """ticker: open interest in USD (inverse) or base units (linear)."""

    mark_price: Num
    index_price: Num = None
    open_interest: Num = None
    funding_8h: Num = None
    stats: Stats | None = None
    timestamp: Num = None


class Chart(Snake):
    """get_tradingview_chart_data: columns; volume in base currency."""

    ticks: list[Num]
    open: list[Num]
    high: list[Num]
    low: list[Num]
    close: list[Num]
    volume: list[Num]


class Depth(Snake):
    """get_order_book: price, amount in the contract's unit."""

    asks: list[list[Num]]
    bids: list[list[Num]]


class Trade(Snake):
    """get_user_trades…; `liquidation` is T where we were liquidated as the taker, M as the maker's side, MT both."""

    trade_id: str
    instrument_name: str
    direction: str
    amount: Num
    price: Num
    timestamp: Num
    profit_loss: Num = None
    mark_price: Num = None
    liquidation: str | None = None


class Trades(Snake):
    """A page of own trades."""

    trades: list[Trade] = field(default_factory=list)


class Wallet(Snake):
    """One currency of a sub-account's portfolio."""

    currency: str
    equity: Num
    balance: Num = None
    maintenance_margin: Num = None


class Sub(Snake):
    """get_subaccounts: the main account stands among its sub-accounts; a "cross_…" margin model pools all currencies."""

    id: int
    username: str
    type: str
    margin_model: str = ""
    portfolio: dict[str, Wallet] = field(default_factory=dict)


class SubPositions(Snake):
    """get_subaccounts_details of one currency."""

    uid: int
    positions: list[PositionRow]
