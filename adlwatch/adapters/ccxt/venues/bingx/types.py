"""BingX's replies as BingX writes them: https://bingx-api.github.io/docs and https://github.com/BingX-API/api-ai-skills."""

from typing import Generic, TypeVar

from msgspec import Struct, field

from adlwatch.adapters.ccxt.decode import Camel, Num

T = TypeVar("T")


class Reply(Camel, Generic[T]):
    """Around every reply."""

    code: int
    data: T


class PositionRow(Camel):
    """user/positions of both kinds; coin-margined amounts count contracts."""

    symbol: str
    position_amt: Num
    avg_price: Num
    position_side: str = "BOTH"
    isolated: bool = False
    initial_margin: Num = None
    margin: Num = None
    leverage: Num = None
    mark_price: Num = None
    liquidation_price: Num = None
    unrealized_profit: Num = None


class Balance(Camel):
    """user/balance of one asset; equity is with unrealised PnL."""

    asset: str
    equity: Num
    balance: Num = None


class Premium(Camel):
    """premiumIndex."""

    symbol: str
    mark_price: Num
    index_price: Num = None
    last_funding_rate: Num = None
    funding_interval_hours: Num = None


class Interest(Camel):
    """openInterest of a linear contract, in USDT."""

    open_interest: Num


class Contract(Camel):
    """cswap market/contracts: `minTickSize` is a contract's value in USD."""

    symbol: str
    min_tick_size: Num


class Tier(Camel):
    """maintMarginRatio: of positions worth so much USDT; the margin is value times ratio less `maintAmount`."""

    min_position_val: Num
    max_position_val: Num
    maint_margin_ratio: Num
    maint_amount: Num = None


class Bar(Camel):
    """One candle; volume in base units (linear) or contracts (coin-margined)."""

    time: Num
    open: Num
    high: Num
    low: Num
    close: Num
    volume: Num = None


class Depth(Camel):
    """depth: price, base units (linear) or contracts (coin-margined)."""

    asks: list[list[Num]]
    bids: list[list[Num]]


class Order(Camel):
    """forceOrders: what BingX closed of ours."""

    order_id: int | str
    symbol: str
    side: str
    executed_qty: Num
    avg_price: Num
    time: Num
    position_side: str = "BOTH"
    profit: Num = None


class Orders(Camel):
    """forceOrders of linear contracts; the coin-margined ones come as a bare list."""

    orders: list[Order] | None = None


class FillRow(Camel):
    """fillHistory: an own trade in base units; `filledTime` with its offset from UTC."""

    symbol: str
    order_id: int | str
    side: str
    qty: Num
    price: Num
    filled_time: str
    trade_id: int | str = ""
    position_side: str = "BOTH"
    commission: Num = None
    commission_asset: str = ""
    realised_pnl: Num = field(name="realisedPNL", default=None)


class Fills(Struct):
    """fillHistory."""

    fill_history_orders: list[FillRow] | None = None


class Coin(Camel):
    """One coin of the spot or the fund account."""

    asset: str
    free: Num
    locked: Num = None


class Coins(Camel):
    """account/balance: `balances` of the spot account, `assets` of the fund account."""

    balances: list[Coin] | None = None
    assets: list[Coin] | None = None


class Key(Camel):
    """apiPermissions: 1 spot trading, 2 read, 3 perpetual trading, 4 universal transfer, 5 withdraw, 7 sub-account transfer."""

    permissions: list[int] | None = None
    data: "Key | None" = None
