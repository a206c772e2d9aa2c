"""Replies of Lighter's API, as far as they are read.

Numbers arrive as numbers in some places and as strings in others: both are taken. A missing field or an impossible number
makes the reply unreadable on purpose, because the alternative is an account that looks flat.

Sources: https://apidocs.lighter.xyz/reference and the samples in ccxt 4.5.90 (ccxt/async_support/lighter.py).
"""

from typing import Annotated

from msgspec import Meta, Struct

Number = Annotated[float, Meta(gt=-1e18, lt=1e18)]
NotNegative = Annotated[float, Meta(ge=0, lt=1e18)]
Positive = Annotated[float, Meta(gt=0, lt=1e18)]
Millis = Annotated[int, Meta(gt=1_500_000_000_000, lt=4_000_000_000_000)]
Name = Annotated[str, Meta(min_length=1, max_length=64)]


class Reply(Struct, frozen=True, kw_only=True):
    """What every reply has: `code` 200 where all is well, whatever the HTTP status."""

    code: int
    message: str = ""


class PositionRow(Struct, frozen=True):
    """One position: `position` is unsigned and `sign` says its side; rows of past positions stay, with size 0."""

    market_id: int
    symbol: Name
    sign: int
    position: NotNegative
    avg_entry_price: NotNegative
    position_value: NotNegative
    unrealized_pnl: Number
    margin_mode: int
    allocated_margin: NotNegative
    initial_margin_fraction: NotNegative | None = None
    liquidation_price: Number | None = None


class Asset(Struct, frozen=True):
    """One spot balance."""

    symbol: Name
    balance: NotNegative


class AccountRow(Struct, frozen=True):
    """One account: `cross_asset_value` is collateral and PnL behind the cross positions, in USDC."""

    index: int
    l1_address: str
    collateral: Number
    total_asset_value: Number
    cross_asset_value: Number
    positions: list[PositionRow]
    assets: list[Asset] = []


class Accounts(Reply, frozen=True, kw_only=True):
    """`account`."""

    accounts: list[AccountRow] | None = None


class MarketConfig(Struct, frozen=True):
    """Where a market's insurance fund is."""

    insurance_fund_account_index: int | None = None


class MarketRow(Struct, frozen=True):
    """One market: margin fractions in 1/10000, open interest and volume in base units."""

    symbol: Name
    market_id: int
    maintenance_margin_fraction: NotNegative
    market_config: MarketConfig = MarketConfig()
    mark_price: NotNegative | None = None
    index_price: NotNegative | None = None
    daily_base_token_volume: NotNegative | None = None
    open_interest: NotNegative | None = None


class Markets(Reply, frozen=True, kw_only=True):
    """`orderBookDetails`."""

    order_book_details: list[MarketRow] | None = None


class FundingRow(Struct, frozen=True):
    """One market's rate at one exchange: the list compares several."""

    market_id: int
    exchange: str
    rate: Number


class FundingRates(Reply, frozen=True, kw_only=True):
    """`funding-rates`."""

    funding_rates: list[FundingRow] | None = None


class TradeRow(Struct, frozen=True):
    """One public trade, with the accounts on both sides."""

    trade_id: int
    type: str
    size: Positive
    price: Positive
    ask_account_id: int
    bid_account_id: int
    is_maker_ask: bool
    timestamp: Millis


class Trades(Reply, frozen=True, kw_only=True):
    """`recentTrades`, the latest first."""

    trades: list[TradeRow] | None = None


class CandleRow(Struct, frozen=True):
    """One bar; `t` is its opening time, `v` its volume in base units."""

    t: Millis
    o: Positive
    h: Positive
    l: Positive  # noqa: E741 -- the venue's own name for the low
    c: Positive
    v: NotNegative


class Candles(Reply, frozen=True, kw_only=True):
    """`candles`."""

    c: list[CandleRow] | None = None


class OrderRow(Struct, frozen=True):
    """One resting order."""

    price: Positive
    remaining_base_amount: NotNegative


class Orders(Reply, frozen=True, kw_only=True):
    """`orderBookOrders`, best first."""

    asks: list[OrderRow] | None = None
    bids: list[OrderRow] | None = None
