"""Replies of the dYdX v4 indexer, as far as they are read.

Numbers arrive as strings. A missing field or an impossible number makes the reply unreadable on purpose, because the
alternative is an account that looks flat.

Sources: https://docs.dydx.xyz/indexer-client/http and the indexer's own source,
https://github.com/dydxprotocol/v4-chain/tree/84d4664/indexer
"""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct, field

Number = Annotated[float, Meta(gt=-1e18, lt=1e18)]
NotNegative = Annotated[float, Meta(ge=0, lt=1e18)]
Positive = Annotated[float, Meta(gt=0, lt=1e18)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]


class PerpetualPosition(Struct, frozen=True, rename="camel"):
    """One position: `size` is signed, prices and PnL are in USDC at the oracle price."""

    market: Name
    status: str
    side: str
    size: Number
    entry_price: Positive
    unrealized_pnl: Number
    net_funding: Number | None = None


class AssetPosition(Struct, frozen=True):
    """One collateral asset: `size` is positive, `side` SHORT means a debt."""

    symbol: Name
    side: str
    size: NotNegative


class Subaccount(Struct, frozen=True, rename="camel"):
    """One sub-account: a margin account of its own. Isolated positions live in those from 128 on."""

    subaccount_number: Annotated[int, Meta(ge=0)]
    equity: Number
    free_collateral: Number
    open_perpetual_positions: dict[str, PerpetualPosition]
    asset_positions: dict[str, AssetPosition]


class Address(Struct, frozen=True):
    """`/v4/addresses/{address}`."""

    subaccounts: list[Subaccount]


class Height(Struct, frozen=True):
    """`/v4/height`: the last block the indexer has read, and that block's time."""

    height: int
    time: datetime


class PerpetualMarket(Struct, frozen=True, rename="camel"):
    """One market: `openInterest` is in base units, `volume24H` in USD, `nextFundingRate` per hour."""

    ticker: Name
    maintenance_margin_fraction: NotNegative
    oracle_price: Positive | None = None
    next_funding_rate: Number | None = None
    open_interest: NotNegative | None = None
    volume: NotNegative | None = field(default=None, name="volume24H")


class PerpetualMarkets(Struct, frozen=True):
    """`/v4/perpetualMarkets`."""

    markets: dict[str, PerpetualMarket]


class FillRow(Struct, frozen=True, rename="camel"):
    """One own fill. The three fields `…Before` describe the position it changed; older rows lack them."""

    id: Name
    side: str
    type: str
    market: Name
    price: Positive
    size: Positive
    created_at: datetime
    market_type: str = "PERPETUAL"
    fee: Number | None = None
    position_size_before: Number | None = None
    position_side_before: str | None = None
    entry_price_before: NotNegative | None = None


class Fills(Struct, frozen=True):
    """`/v4/fills`, the latest first."""

    fills: list[FillRow]


class CandleRow(Struct, frozen=True, rename="camel"):
    """One bar; its volume is in base units."""

    started_at: datetime
    open: Positive
    high: Positive
    low: Positive
    close: Positive
    base_token_volume: NotNegative


class Candles(Struct, frozen=True):
    """`/v4/candles/perpetualMarkets/{market}`, the latest first."""

    candles: list[CandleRow]


class Level(Struct, frozen=True):
    """One price of the order book; `size` in base units."""

    price: Positive
    size: NotNegative


class Orderbook(Struct, frozen=True):
    """`/v4/orderbooks/perpetualMarket/{market}`, best first."""

    bids: list[Level]
    asks: list[Level]
