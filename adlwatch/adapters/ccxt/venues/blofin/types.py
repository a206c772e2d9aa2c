"""BloFin's replies as BloFin writes them: https://github.com/blofin/blofin-api-docs. Numbers are quoted, "" where unknown."""

from typing import Generic, TypeVar

from adlwatch.adapters.ccxt.decode import Camel, Num

T = TypeVar("T")


class Reply(Camel, Generic[T]):
    """Around every reply."""

    code: str
    data: T


class PositionRow(Camel):
    """account/positions; contracts, signed in net mode; `adl` 1 to 5, "the smaller the number, the weaker"."""

    inst_id: str
    positions: Num
    average_price: Num
    position_side: str = "net"
    margin_mode: str = ""
    leverage: Num = None
    margin: Num = None
    mark_price: Num = None
    liquidation_price: Num = None
    maintenance_margin: Num = None
    adl: Num = None


class Detail(Camel):
    """One currency of a futures account; balance is without unrealised PnL."""

    currency: str
    balance: Num
    equity_usd: Num = None


class Balance(Camel):
    """account/balance of one product type; the coin-margined one has no total, for each coin is a pool of its own."""

    details: list[Detail]
    total_equity: Num = None


class Config(Camel):
    """account/config: 0 is a classic account, 1 to 3 are unified ones."""

    account_level: str


class Asset(Camel):
    """asset/balances of another account."""

    currency: str
    balance: Num


class Instrument(Camel):
    """market/instruments: what a contract stands for."""

    inst_id: str
    base_currency: str
    quote_currency: str
    contract_value: Num
    contract_type: str = "linear"


class Mark(Camel):
    """market/mark-price."""

    inst_id: str
    mark_price: Num
    index_price: Num = None
    ts: Num = None


class Rate(Camel):
    """market/funding-rate, whose time is the next payment's; of its history, newest first, the past ones'."""

    inst_id: str
    funding_rate: Num
    funding_time: Num = None


class Tier(Camel):
    """market/position-tiers."""

    min_size: Num
    maintenance_margin_rate: Num


class Depth(Camel):
    """market/books: price, contracts."""

    asks: list[list[Num]]
    bids: list[list[Num]]


class Order(Camel):
    """trade/orders-history: a completed order; `orderCategory` names the ones that BloFin placed itself."""

    order_id: str
    inst_id: str
    side: str
    filled_size: Num
    average_price: Num
    update_time: Num
    position_side: str = "net"
    order_category: str = ""
    reduce_only: str | bool = "false"
    pnl: Num = None
    fee: Num = None


class Key(Camel):
    """user/query-apikey."""

    read_only: int | None = None
