"""Replies of Aster's chain RPC and of its public market data, as far as they are read.

Numbers arrive as numbers in some places and as strings in others: both are taken. A missing field or an impossible number
makes the reply unreadable on purpose, because the alternative is an account that looks flat.

Sources: https://github.com/asterdex/api-docs/blob/265e024/RPC/aster-chain-rpc.md and
https://github.com/asterdex/api-docs/tree/265e024 `V3(Recommended)/EN/aster-finance-futures-api-v3.md`.
"""

from typing import Annotated, Generic, TypeVar

from msgspec import Meta, Struct

T = TypeVar("T")
Number = Annotated[float, Meta(gt=-1e18, lt=1e18)]
NotNegative = Annotated[float, Meta(ge=0, lt=1e18)]
Positive = Annotated[float, Meta(gt=0, lt=1e18)]
Millis = Annotated[int, Meta(gt=1_500_000_000_000, lt=4_000_000_000_000)]
Name = Annotated[str, Meta(min_length=1, max_length=64)]


class RpcError(Struct, frozen=True):
    """Why an RPC call brought nothing."""

    code: int = 0
    message: str = ""


class Rpc(Struct, Generic[T], frozen=True):
    """A JSON-RPC reply: a result or an error."""

    result: T | None = None
    error: RpcError | None = None


class PerpAsset(Struct, frozen=True, rename="camel"):
    """One margin balance, without unrealized PnL."""

    asset: Name
    wallet_balance: Number


class PositionRow(Struct, frozen=True, rename="camel"):
    """One position: `positionAmount` is signed where `positionSide` is BOTH; `adl` is the venue's own light, 0 to 4."""

    id: Name
    symbol: Name
    collateral: Name
    position_amount: Number
    entry_price: NotNegative
    unrealized_profit: Number
    mark_price: NotNegative
    isolated: bool
    isolated_wallet: Number
    position_side: str
    leverage: NotNegative | None = None
    notional_value: Number | None = None
    adl: int | None = None


class Product(Struct, frozen=True, rename="camel"):
    """The positions of one kind of product; perpetuals are `perps`."""

    trading_product: str
    positions: list[PositionRow]


class Balance(Struct, frozen=True, rename="camel"):
    """`aster_getBalance`; with `accountPrivacy` enabled the positions are not shown."""

    account_privacy: str
    perp_assets: list[PerpAsset]
    positions: list[Product]


class FillRow(Struct, frozen=True):
    """One own fill. It has no identity, and nothing says why it happened."""

    symbol: Name
    side: str
    price: Positive
    qty: Positive
    time: Millis


class UserFills(Struct, frozen=True):
    """`aster_userFills`: at most 1000, at most seven days, the latest first."""

    fills: list[FillRow]


class PremiumIndex(Struct, frozen=True, rename="camel"):
    """`premiumIndex` of one symbol."""

    symbol: Name
    mark_price: Positive
    time: Millis
    index_price: NotNegative | None = None
    last_funding_rate: Number | None = None


class FundingInfo(Struct, frozen=True, rename="camel"):
    """`fundingInfo` of one symbol: how often it is funded."""

    symbol: Name
    funding_interval_hours: Positive | None = None


class Kline(Struct, frozen=True, array_like=True):
    """One bar; its volume is in base units."""

    time: Millis
    open: Positive
    high: Positive
    low: Positive
    close: Positive
    volume: NotNegative


class Depth(Struct, frozen=True):
    """`depth`: (price, size in base units), best first."""

    bids: list[tuple[Positive, NotNegative]]
    asks: list[tuple[Positive, NotNegative]]
