"""Bybit's v5 replies as Bybit writes them: https://bybit-exchange.github.io/docs/v5/intro."""

from typing import Generic, TypeVar

from msgspec import field

from adlwatch.adapters.ccxt.decode import Camel, Num

T = TypeVar("T")


class Envelope(Camel, Generic[T]):
    """Around every reply."""

    ret_code: int | str
    result: T


class Page(Camel, Generic[T]):
    """A result that is a list, perhaps one page of it."""

    rows: list[T] = field(name="list")
    next_page_cursor: str = ""


class InterestPoint(Camel):
    """/v5/market/open-interest: base units, or USD of an inverse contract."""

    open_interest: Num
    timestamp: Num


class PositionRow(Camel):
    """/v5/position/list. An empty position has side "" and size 0; unknown numbers are ""."""

    symbol: str
    size: Num
    side: str = ""
    position_idx: int = 0
    avg_price: Num = None
    entry_price: Num = None
    """What older account types call avgPrice."""
    mark_price: Num = None
    liq_price: Num = None
    bust_price: Num = None
    position_value: Num = None
    leverage: Num = None
    trade_mode: int = 0
    position_balance: Num = None
    position_im: Num = field(name="positionIM", default=None)
    position_mm: Num = field(name="positionMM", default=None)
    unrealised_pnl: Num = None
    adl_rank_indicator: Num = None
    deleverage_indicator: Num = None
    """What older account types call adlRankIndicator."""
    position_status: str = ""
    updated_time: Num = None


class Coin(Camel):
    """One coin of an account; of the unified one: equity = walletBalance - spotBorrow + uPnL + option value."""

    coin: str
    wallet_balance: Num
    spot_borrow: Num = None
    equity: Num = None


class Wallet(Camel):
    """/v5/account/wallet-balance: totals in USD, "" where the margin mode has none."""

    total_equity: Num
    account_type: str = ""
    total_wallet_balance: Num = None
    total_margin_balance: Num = None
    total_maintenance_margin: Num = None
    coin: list[Coin] = field(default_factory=list)


class AccountInfo(Camel):
    """/v5/account/info: ISOLATED_MARGIN, REGULAR_MARGIN (cross) or PORTFOLIO_MARGIN."""

    margin_mode: str
    unified_margin_status: int = 0


class Ticker(Camel):
    """/v5/market/tickers of linear and inverse."""

    symbol: str
    mark_price: Num
    index_price: Num = None
    funding_rate: Num = None
    funding_interval_hour: Num = None
    open_interest: Num = None
    open_interest_value: Num = None
    volume24h: Num = None
    turnover24h: Num = None


class Depth(Camel):
    """/v5/market/orderbook."""

    b: list[tuple[Num, Num]]
    a: list[tuple[Num, Num]]
    ts: Num = None


class RiskLimit(Camel):
    """/v5/market/risk-limit: rates as fractions or, in older replies, in percent."""

    maintenance_margin: Num
    initial_margin: Num
    max_leverage: Num
    is_lowest_risk: int = 0


class Fund(Camel):
    """/v5/market/insurance: one pool; `value` in USD."""

    coin: str
    symbols: str
    balance: Num
    value: Num = None


class Funds(Camel):
    """The pools, and when they were counted."""

    rows: list[Fund] = field(name="list")
    updated_time: Num = None


class Alert(Camel):
    """/v5/market/adlAlert: the pool's drawdown against the one at which ADL starts."""

    symbol: str
    coin: str = ""
    balance: Num = None
    pnl_ratio: Num = None
    insurance_pnl_ratio: Num = None
    adl_trigger_threshold: Num = None
    adl_stop_ratio: Num = None


class Alerts(Camel):
    """All alerts; the documentation says updateTime where its sample says updatedTime."""

    rows: list[Alert] = field(name="list")
    updated_time: Num = None
    update_time: Num = None


class Execution(Camel):
    """/v5/execution/list."""

    symbol: str
    exec_id: str
    side: str
    exec_price: Num
    exec_qty: Num
    exec_type: str
    exec_time: Num
    closed_size: Num = None
    exec_fee: Num = None
    fee_currency: str = ""
    exec_pnl: Num = None
    mark_price: Num = None
    create_type: str = ""


class Coins(Camel):
    """/v5/asset/transfer/query-account-coins-balance: of a funding account all coins, of a unified one those asked for."""

    balance: list[Coin] | None = None


class Sub(Camel):
    """One sub-account of /v5/user/query-sub-members."""

    uid: str
    username: str


class Subs(Camel):
    """/v5/user/query-sub-members: up to 10,000 sub-accounts."""

    sub_members: list[Sub] | None = None


class Key(Camel):
    """/v5/user/query-api."""

    read_only: int
    permissions: dict[str, list[str]] = field(default_factory=dict)
