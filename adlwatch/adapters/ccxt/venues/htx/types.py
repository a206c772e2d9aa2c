"""HTX's replies as HTX writes them: https://www.htx.com/en-us/opend/newApiPages/."""

from typing import Generic, TypeVar

from msgspec import field

from adlwatch.adapters.ccxt.decode import Num, Snake

T = TypeVar("T")


class Reply(Snake, Generic[T]):
    """Around every reply with data."""

    data: T


class Tick(Snake, Generic[T]):
    """Around an order book."""

    tick: T


class LinearRow(Snake):
    """v5/trade/position/opens: contracts; the liquidation price may be negative for none."""

    contract_code: str
    volume: Num
    open_avg_price: Num
    direction: str
    position_side: str = ""
    margin_mode: str = ""
    margin: Num = None
    maintenance_margin: Num = None
    lever_rate: Num = None
    mark_price: Num = None
    liquidation_price: Num = None
    adl_risk_percent: Num = None


class Detail(Snake):
    """One currency of the linear account."""

    currency: str
    equity: Num
    profit_unreal: Num = None


class Balance(Snake):
    """v5/account/balance."""

    equity: Num
    details: list[Detail]
    profit_unreal: Num = None
    maintenance_margin: Num = None


class CoinRow(Snake):
    """swap_position_info: contracts of so many USD; no mark."""

    contract_code: str
    volume: Num
    cost_open: Num
    direction: str
    lever_rate: Num = None
    adl_risk_percent: Num = None


class CoinPool(Snake):
    """swap_account_info: one coin; `margin_balance` with, `margin_static` without unrealised PnL."""

    symbol: str
    contract_code: str
    margin_balance: Num
    margin_static: Num = None
    liquidation_price: Num = None


class Contract(Snake):
    """…swap_contract_info: base units (linear) or USD (inverse) a contract."""

    contract_code: str
    contract_size: Num


class Funding(Snake):
    """funding_rate; the next payment's time tells the interval."""

    contract_code: str
    funding_rate: Num = None
    funding_time: Num = None
    next_funding_time: Num = None


class Interest(Snake):
    """open_interest: `amount` in coins."""

    contract_code: str
    amount: Num


class Bar(Snake):
    """kline: time in s; `amount` in coins."""

    id: Num
    open: Num
    high: Num
    low: Num
    close: Num
    amount: Num = None


class Depth(Snake):
    """depth: price, contracts."""

    asks: list[list[Num]]
    bids: list[list[Num]]


class SpotAccount(Snake):
    """account/accounts."""

    id: int
    type: str


class SpotCoin(Snake):
    """One coin and kind (trade, frozen, loan …) of a spot account; loans are negative."""

    currency: str
    type: str
    balance: Num


class SpotBalance(Snake):
    """account/accounts/{id}/balance."""

    list: list[SpotCoin]


class Risk(Snake):
    """swap_risk_info: the insurance fund of a contract, in USDT or, coin-margined, in coin."""

    contract_code: str
    insurance_fund: Num


class Trade(Snake):
    """v5/trade/order/details: one own trade, in contracts; `order_type` says who placed the order."""

    id: str
    contract_code: str
    side: str
    trade_price: Num
    trade_volume: Num
    created_time: Num
    position_side: str = "both"
    order_type: int | str = ""
    trade_fee: Num = None
    fee_currency: str = ""
    profit: Num = None


class CoinOrder(Snake):
    """swap_hisorders: one order in a coin-margined swap, in contracts; `offset` says whether it opened or closed."""

    contract_code: str
    order_id: int | str
    direction: str
    offset: str
    trade_volume: Num
    create_date: Num
    trade_avg_price: Num = None
    order_type: int | str = ""


class Key(Snake):
    """user/api-key: `permission` as words separated by commas."""

    permission: str = ""
    status: str = "normal"
    access_key: str = field(name="accessKey", default="")


class Sub(Snake):
    """swap_sub_account_list: one sub-account and its pools."""

    sub_uid: int
