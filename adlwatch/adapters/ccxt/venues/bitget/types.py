"""Bitget's v2 (classic) and v3 (unified) replies as Bitget writes them: https://www.bitget.com/api-doc/common/intro."""

from typing import Generic, TypeVar

from msgspec import field

from adlwatch.adapters.ccxt.decode import Camel, Num

T = TypeVar("T")


class Reply(Camel, Generic[T]):
    """Around every reply."""

    code: str
    data: T


class Rows(Camel, Generic[T]):
    """A v3 result that is a list; null where there is nothing, as Bitget writes it."""

    rows: list[T] | None = field(name="list")
    cursor: str | None = None


class PositionRow(Camel):
    """v2 all-position; `total` in base coin, also for coin futures."""

    symbol: str
    hold_side: str
    total: Num
    open_price_avg: Num
    margin_coin: str = ""
    margin_mode: str = ""
    pos_mode: str = ""
    margin_size: Num = None
    leverage: Num = None
    mark_price: Num = None
    liquidation_price: Num = None
    keep_margin_rate: Num = None
    margin_ratio: Num = None
    unrealized_pl: Num = field(name="unrealizedPL", default=None)
    u_time: Num = None


class UnifiedPosition(Camel):
    """v3 current-position."""

    symbol: str
    pos_side: str
    total: Num
    avg_price: Num
    margin_coin: str = ""
    margin_mode: str = ""
    hold_mode: str = ""
    position_balance: Num = None
    leverage: Num = None
    mark_price: Num = None
    liquidation_price: Num = None
    mmr: Num = None
    unrealised_pnl: Num = None
    updated_time: Num = None


class Rank(Camel):
    """adlRank: `rank` 0..1, near 1 = closed first; the older `adlRank` runs the other way and is not read."""

    symbol: str
    hold_side: str | None = None
    pos_side: str | None = None
    rank: Num = None


class AccountRow(Camel):
    """v2 accounts of one product type; `crossedRiskRate` is maintenance margin over equity."""

    margin_coin: str
    usdt_equity: Num
    account_equity: Num = None
    crossed_risk_rate: Num = None
    unrealized_pl: Num = field(name="unrealizedPL", default=None)


class Asset(Camel):
    """One coin of the unified account; `debt` is borrowed."""

    coin: str
    balance: Num
    debt: Num = None


class Unified(Camel):
    """v3 assets: the unified account in USD; `mmr` is an amount."""

    account_equity: Num
    assets: list[Asset]
    mmr: Num = None


class Spot(Camel):
    """v2 spot assets."""

    coin: str
    available: Num
    frozen: Num = None
    locked: Num = None


class SubFutures(Camel):
    """v2 sub-account-assets: one sub-account's margin coins of a product type."""

    user_id: int | str
    asset_list: list[AccountRow]


class SubSpot(Camel):
    """v2 subaccount-assets: one sub-account's spot coins."""

    user_id: int | str
    assets_list: list[Spot]
    id: int | str | None = None


class SubUnified(Camel):
    """v3 sub-unified-assets: one sub-account's coins."""

    sub_uid: str
    assets: list[Asset]
    cursor: str | None = None


class Info(Camel):
    """v2 spot account info: authorities of the key, `…ow` may write, `…or` may read."""

    authorities: list[str] = field(default_factory=list)


class UnifiedInfo(Camel):
    """v3 account info."""

    perm_type: str = ""
    permissions: list[str] | None = None


class Ticker(Camel):
    """v2 tickers; `holdingAmount` is open interest in base coin."""

    symbol: str
    mark_price: Num
    index_price: Num = None
    funding_rate: Num = None
    holding_amount: Num = None
    base_volume: Num = None


class Rate(Camel):
    """v2 current-fund-rate."""

    symbol: str
    funding_rate_interval: Num = None


class Depth(Camel):
    """v2 merge-depth."""

    asks: list[list[Num]]
    bids: list[list[Num]]


class Tier(Camel):
    """v2 query-position-lever."""

    level: Num
    keep_margin_rate: Num


class Fill(Camel):
    """v2 fills; `tradeSide` says what it did and who did it."""

    trade_id: str
    symbol: str
    side: str
    price: Num
    base_volume: Num
    c_time: Num
    trade_side: str = ""
    profit: Num = None


class Fills(Camel):
    """v2 fills, a page."""

    fill_list: list[Fill] | None = None


class UnifiedFill(Camel):
    """v3 fills."""

    exec_id: str
    symbol: str
    side: str
    exec_price: Num
    exec_qty: Num
    created_time: Num
    trade_side: str = ""
    exec_pnl: Num = None


class Reserve(Camel):
    """One fund of v3 risk-reserve-all, with the pairs it stands behind; `balance` in its coin.

    https://www.bitget.com/api-doc/uta/public/Get-Risk-Reserve-All
    """

    symbols: list[str]
    coin: str
    balance: Num
