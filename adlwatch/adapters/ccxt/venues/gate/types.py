"""Gate APIv4 replies as Gate writes them: https://www.gate.com/docs/developers/apiv4/en/."""

from typing import Any

from adlwatch.adapters.ccxt.decode import Num, Snake


class PositionRow(Snake):
    """futures and delivery positions; `size` counts contracts, signed, and may be quoted."""

    contract: str
    size: Num
    entry_price: Num
    mode: str = "single"
    mark_price: Num = None
    liq_price: Num = None
    leverage: Num = None
    """0 means cross; then `cross_leverage_limit` is the one that is set."""
    cross_leverage_limit: Num = None
    margin: Num = None
    maintenance_margin: Num = None
    maintenance_rate: Num = None
    unrealised_pnl: Num = None
    adl_ranking: Num = None
    """1 = closed first … 5 = last, 6 = none or in liquidation."""
    value: Num = None
    update_time: Num = None


class Futures(Snake):
    """futures accounts of one settle currency; `total` is without unrealised PnL."""

    total: Num
    unrealised_pnl: Num
    currency: str
    maintenance_margin: Num = None


class Mode(Snake):
    """unified_mode: classic, single_currency, multi_currency or portfolio."""

    mode: str


class UnifiedCoin(Snake):
    """One coin of the unified account."""

    available: Num
    freeze: Num = None
    borrowed: Num = None


class Unified(Snake):
    """unified accounts, in USD."""

    unified_account_total_equity: Num
    balances: dict[str, UnifiedCoin]
    total_maintenance_margin: Num = None


class Spot(Snake):
    """One coin of the spot account."""

    currency: str
    available: Num
    locked: Num = None


class SubSpot(Snake):
    """wallet/sub_account_balances: what is free, by coin."""

    uid: int | str
    available: dict[str, Num]


class SubTotal(Snake):
    """What a sub-account has in one settle currency, without unrealised PnL."""

    total: Num


class SubFutures(Snake):
    """wallet/sub_account_futures_balances, by settle currency."""

    uid: int | str
    available: dict[str, SubTotal]


class Contract(Snake):
    """A contract: what it stands for and what its lowest tier needs."""

    name: str
    type: str
    quanto_multiplier: Num
    maintenance_rate: Num = None
    funding_interval: Num = None
    """Seconds."""
    expire_time: Num = None
    in_delisting: bool = False


class Ticker(Snake):
    """tickers of one settle currency; `total_size` is the open interest in contracts."""

    contract: str
    mark_price: Num
    index_price: Num = None
    funding_rate: Num = None
    total_size: Num = None
    volume_24h_base: Num = None


class Candle(Snake):
    """candlesticks; `v` counts contracts."""

    t: Num
    o: Num
    h: Num
    l: Num  # noqa: E741 - Gate's name
    c: Num
    v: Num = None


class Statistics(Snake):
    """contract_stats: open interest in contracts."""

    time: int
    open_interest: Num


class Level(Snake):
    """One level of the book."""

    p: Num
    s: Num


class Depth(Snake):
    """order_book."""

    asks: list[Level]
    bids: list[Level]


class Insurance(Snake):
    """insurance: the fund's balance at a time, newest first."""

    t: Num
    b: Num


class Trade(Snake):
    """my_trades: signed sizes; `close_size` is what it closed of the opposite position."""

    id: int | str
    contract: str
    size: Num
    price: Num
    create_time: Num
    order_id: int | str
    close_size: Num = None
    fee: Num = None


class Adl(Snake):
    """auto_deleverages: what was taken from us. Gate's sample of the signs contradicts itself; the trade's sign is used."""

    time: Num
    contract: str
    order_id: int | str
    fill_price: Num
    trade_size: Num


class Liquidation(Snake):
    """liquidates: our own liquidations."""

    time: Num
    contract: str
    order_id: int | str
    fill_price: Num
    size: Num
    mark_price: Num = None


class RiskState(Snake):
    """A market's ADL risk: normal, warning or adl_risk."""

    state: str
    calculated_at_ms: Num = None


class RiskStates(Snake):
    """adl_risk_states: contract → state, of every contract of a settle currency."""

    states: dict[str, RiskState]


class Permission(Snake):
    """What a key may do with one kind of account."""

    name: str
    read_only: bool


class KeyMode(Snake):
    """What newer replies have in the place of the key."""

    mode: int | None = None


class Key(Snake):
    """account/main_keys: one key, or every key of the main account in older replies, which show the first twelve characters."""

    key: str | KeyMode = ""
    perms: list[Permission] | None = None


KEYS: Any = Key | list[Key]
"""What is asked for: mypy takes no union for a type."""
