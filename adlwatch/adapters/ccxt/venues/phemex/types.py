"""Phemex's replies as Phemex writes them: https://phemex-docs.github.io."""

from typing import Generic, TypeVar

from msgspec import Struct

from adlwatch.adapters.ccxt.decode import Camel, Num

T = TypeVar("T")


class Reply(Camel, Generic[T]):
    """Around private replies."""

    code: int
    data: T


class Result(Camel, Generic[T]):
    """Around market data."""

    result: T


class Row(Camel):
    """accountPositions of linear contracts; `size` in base units, a negative leverage means cross."""

    symbol: str
    side: str
    size: Num
    avg_entry_price_rp: Num
    pos_side: str = "Merged"
    leverage_rr: Num = None
    maint_margin_req_rr: Num = None
    position_margin_rv: Num = None
    liquidation_price_rp: Num = None
    bankrupt_price_rp: Num = None
    deleverage_percentile_rr: Num = None
    mark_price_rp: Num = None


class Money(Camel):
    """The account behind linear positions; without unrealised PnL."""

    currency: str
    account_balance_rv: Num


class Linear(Camel):
    """g-accounts/accountPositions."""

    account: Money
    positions: list[Row]


class CoinRow(Camel):
    """accountPositions of inverse contracts, 1 USD each; the plain twins of the scaled fields."""

    symbol: str
    side: str
    size: Num
    avg_entry_price: Num
    leverage: Num = None
    maint_margin_req: Num = None
    position_margin: Num = None
    liquidation_price: Num = None
    bankrupt_price: Num = None
    deleverage_percentile: Num = None
    mark_price: Num = None


class CoinMoney(Camel):
    """The account behind inverse positions, in 1e-8 coins."""

    currency: str
    account_balance_ev: Num


class Coin(Camel):
    """accounts/accountPositions."""

    account: CoinMoney
    positions: list[CoinRow]


class Ticker(Camel):
    """v2 tickers: open interest and volume in base units."""

    symbol: str
    mark_price_rp: Num = None
    index_price_rp: Num = None
    funding_rate_rr: Num = None
    open_interest_rv: Num = None
    volume_rq: Num = None


class CoinTicker(Camel):
    """v1 ticker: prices in 1e-4 USD, rates in 1e-8, open interest and volume in USD."""

    symbol: str
    mark_ep: Num
    index_ep: Num = None
    funding_rate_er: Num = None
    open_interest: Num = None
    volume: Num = None


class Bars(Camel):
    """md/v2/kline/last: time, interval, last close, open, high, low, close, volume, turnover."""

    rows: list[list[Num]]


class Depth(Struct):
    """md/v2/orderbook."""

    asks: list[list[Num]]
    bids: list[list[Num]]


class Orderbook(Struct):
    """md/v2/orderbook."""

    orderbook_p: Depth


class Trade(Camel):
    """g-futures trades; `tradeType` and `side` as a word or a number (1 is Trade, 1 is Buy)."""

    exec_id: str
    symbol: str
    side: str | int
    exec_qty_rq: Num
    exec_price_rp: Num
    created_at: Num = None
    transact_time_ns: Num = None
    trade_type: str | int = 1
    pos_side: str | int = "Merged"
    closed_pnl_rv: Num = None


class Trades(Camel):
    """A page of trades."""

    rows: list[Trade]


class Wallet(Camel):
    """spot/wallets, in 1e-8 coins."""

    currency: str
    balance_ev: Num
