"""Replies of Hyperliquid's `/info`, as far as they are read.

Numbers arrive as strings, and in older documents some as numbers: both are taken. A missing field, an infinite number or a
time in another unit makes the reply unreadable on purpose, because the alternative is an account that looks flat.

Sources: https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/info-endpoint and its page `perpetuals`;
field lists cross-checked with the schemas of https://github.com/nktkas/hyperliquid (src/api/info/_methods).
"""

from typing import Annotated

from msgspec import Meta, Struct

Number = Annotated[float, Meta(gt=-1e18, lt=1e18)]
NotNegative = Annotated[float, Meta(ge=0, lt=1e18)]
Positive = Annotated[float, Meta(gt=0, lt=1e18)]
Millis = Annotated[int, Meta(gt=1_500_000_000_000, lt=4_000_000_000_000)]
Name = Annotated[str, Meta(min_length=1, max_length=64)]


class Leverage(Struct, frozen=True):
    """`type` is `cross` or `isolated`; `value` is what the user set."""

    type: str
    value: Positive


class Perp(Struct, frozen=True, rename="camel"):
    """One position: `szi` is signed, `marginUsed` of an isolated one is its equity (margin plus unrealized PnL)."""

    coin: Name
    szi: Number
    leverage: Leverage
    position_value: NotNegative
    unrealized_pnl: Number
    margin_used: Number
    max_leverage: Positive
    entry_px: Positive | None = None
    liquidation_px: Number | None = None
    return_on_equity: Number | None = None


class PerpRow(Struct, frozen=True):
    """A position and how it nets (`oneWay`)."""

    position: Perp
    type: str


class MarginSummary(Struct, frozen=True, rename="camel"):
    """Account figures: `accountValue` holds unrealized PnL, `totalNtlPos` is the sum of all position values."""

    account_value: Number
    total_ntl_pos: NotNegative


class ClearinghouseState(Struct, frozen=True, rename="camel"):
    """`clearinghouseState`: one address on one perp dex."""

    asset_positions: list[PerpRow]
    margin_summary: MarginSummary
    cross_margin_summary: MarginSummary
    cross_maintenance_margin_used: NotNegative
    time: Millis


class Balance(Struct, frozen=True):
    """One token of the spot account; outcome tokens have no `token` number."""

    coin: Name
    total: Number
    token: int | None = None


class SpotState(Struct, frozen=True):
    """`spotClearinghouseState`."""

    balances: list[Balance]


class Asset(Struct, frozen=True, rename="camel"):
    """One row of a dex's universe."""

    name: Name
    max_leverage: Positive


class Universe(Struct, frozen=True, rename="camel"):
    """`meta`: the assets of one dex; `collateralToken` numbers the token its margin is in (0 is USDC)."""

    universe: list[Asset]
    collateral_token: int = 0


class AssetContext(Struct, frozen=True, rename="camel"):
    """Live figures of one asset, in the order of the universe."""

    mark_px: Positive
    oracle_px: Positive | None = None
    funding: Number | None = None
    open_interest: NotNegative | None = None
    day_base_vlm: NotNegative | None = None
    day_ntl_vlm: NotNegative | None = None


class PerpDex(Struct, frozen=True):
    """A HIP-3 dex; the main one is `null` in the list."""

    name: Name


class Token(Struct, frozen=True):
    """One spot token."""

    name: Name
    index: int


class SpotMeta(Struct, frozen=True):
    """`spotMeta`."""

    tokens: list[Token]


class RoleData(Struct, frozen=True):
    """For an agent the account it acts for."""

    user: str | None = None


class Role(Struct, frozen=True):
    """`userRole`: user, vault, subAccount, agent (an API wallet, which never holds anything itself), or missing."""

    role: str
    data: RoleData | None = None


class CandleRow(Struct, frozen=True):
    """One bar; `t` is its opening time, `v` its volume in base units."""

    t: Millis
    o: Positive
    h: Positive
    l: Positive  # noqa: E741 -- the venue's own name for the low
    c: Positive
    v: NotNegative


class Level(Struct, frozen=True):
    """One price of the order book: `sz` in base units."""

    px: Positive
    sz: NotNegative


class L2Book(Struct, frozen=True):
    """`l2Book`: bids and asks, best first, at most 20 each."""

    time: Millis
    levels: tuple[list[Level], list[Level]]


class FillLiquidation(Struct, frozen=True, rename="camel"):
    """Set where a fill belongs to somebody's liquidation, which may be another user's."""

    liquidated_user: str | None = None
    mark_px: Positive | None = None


class FillRow(Struct, frozen=True, rename="camel"):
    """One own fill; `side` is B (bought) or A (sold), `startPosition` the signed position before it."""

    coin: Name
    px: Positive
    sz: Positive
    side: str
    time: Millis
    start_position: Number
    dir: str
    tid: int
    closed_pnl: Number | None = None
    fee: Number | None = None
    liquidation: FillLiquidation | None = None


class Abstraction(Struct, frozen=True):
    """How an address keeps its balances, from `userAbstraction`.

    https://hyperliquid.gitbook.io/hyperliquid-docs/trading/account-abstraction-modes
    """

    mode: str

    @property
    def unified(self) -> bool:
        """Whether one balance per token, in the spot account, stands behind all cross positions in that token."""
        return self.mode in {"unifiedAccount", "portfolioMargin"}

    @property
    def portfolio(self) -> bool:
        """Whether several tokens together stand behind the positions."""
        return self.mode == "portfolioMargin"
