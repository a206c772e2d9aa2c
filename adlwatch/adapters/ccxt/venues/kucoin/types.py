"""KuCoin's classic replies as KuCoin writes them: https://www.kucoin.com/docs-new."""

from typing import Generic, TypeVar

from msgspec import field

from adlwatch.adapters.ccxt.decode import Camel, Num

T = TypeVar("T")


class Reply(Camel, Generic[T]):
    """Around every reply."""

    code: str
    data: T


class PositionRow(Camel):
    """positions: `currentQty` counts lots, signed; `posMargin` is without uPnL, `posMaint` the maintenance margin."""

    symbol: str
    current_qty: Num
    avg_entry_price: Num
    settle_currency: str = ""
    cross_mode: bool = False
    mark_price: Num = None
    pos_margin: Num = None
    pos_maint: Num = None
    leverage: Num = None
    real_leverage: Num = None
    liquidation_price: Num = None
    bankrupt_price: Num = None
    delev_percentage: Num = None
    position_side: str = "BOTH"


class Overview(Camel):
    """account-overview of one currency."""

    currency: str
    account_equity: Num
    margin_balance: Num = None
    unrealised_pnl: Num = field(name="unrealisedPNL", default=None)


class ContractRow(Camel):
    """contracts/{symbol}: what a lot stands for, and its market."""

    symbol: str
    base_currency: str
    quote_currency: str
    settle_currency: str
    multiplier: Num
    is_inverse: bool
    expire_date: Num = None
    maintain_margin: Num = None
    mark_price: Num = None
    index_price: Num = None
    funding_fee_rate: Num = None
    funding_rate_granularity: Num = None
    open_interest: Num = None
    volume_of24h: Num = field(name="volumeOf24h", default=None)


class SpotRow(Camel):
    """accounts: spot, by currency and account type."""

    currency: str
    balance: Num


class Key(Camel):
    """user/api-key: `permission` as words separated by commas."""

    permission: str = ""


class FillRow(Camel):
    """fills: lots; `tradeType` says who closed it, the fees say whether it opened or closed."""

    symbol: str
    trade_id: str
    side: str
    price: Num
    size: Num
    trade_time: Num
    trade_type: str = "trade"
    position_side: str = "BOTH"
    close_fee_pay: Num = None
    fee: Num = None


class Page(Camel):
    """A page of fills."""

    items: list[FillRow]


class Depth(Camel):
    """level2: price, lots."""

    asks: list[list[Num]]
    bids: list[list[Num]]


class Sub(Camel):
    """sub-accounts: one sub-account's spot balances; those on high frequency accounts come under a name of their own."""

    sub_name: str
    main_accounts: list[SpotRow] | None = None
    trade_accounts: list[SpotRow] | None = None
    trade_hf_accounts: list[SpotRow] | None = field(name="tradeHFAccounts", default=None)
    margin_accounts: list[SpotRow] | None = None


class Subs(Camel):
    """A page of sub-accounts."""

    items: list[Sub]
    total_page: int = 1


class SubOverview(Overview, kw_only=True):
    """One account of account-overview-all; the master's own is called main."""

    account_name: str


class SubOverviews(Camel):
    """account-overview-all of one currency."""

    accounts: list[SubOverview]
