"""WOO X perpetuals and balances: https://developer.woox.io."""

from datetime import datetime
from typing import Generic, TypeVar

from msgspec import field

from adlwatch.adapters.base import BadPayload
from adlwatch.adapters.ccxt.decode import Camel, Num, moment, needed, number, perp, positive
from adlwatch.adapters.ccxt.options import kind
from adlwatch.adapters.ccxt.shape import book, candles, changed, day_volume, extend, holdings, says_other_than
from adlwatch.adapters.ccxt.venue import Capabilities, Meter, Part, Piece, Reader, SymbolPart, Venue, no, reads, yes
from adlwatch.domain.model import Account, Fill, FillKind, MarginMode, Market, Position, Side, VenueLight

T = TypeVar("T")
NAME = "woo"
IP = Meter("woo ip", 60)
UID = Meter("woo uid", 30, window=10, per_account=True)
TIME = reads("v1", "public", meter=IP)("system_info")
_public = reads("v3", "public", meter=IP)
FUTURES = _public("futures")
FUNDING = _public("fundingRate")
KLINE = _public("kline")
BOOK = _public("orderbook")
_private = reads("v3", "private", meter=UID)
POSITIONS = _private("positions")
INFO = _private("account/info", 3)
BALANCES = _private("asset/balances")
TRADES = _private("trade/transactionHistory", 2)
ENDPOINTS = (TIME, FUTURES, FUNDING, KLINE, BOOK, POSITIONS, INFO, BALANCES, TRADES)
STABLE = frozenset({"USDT", "USDC"})


class Reply(Camel, Generic[T]):
    """Around every reply."""

    success: bool
    data: T


class Rows(Camel, Generic[T]):
    """A list of market data."""

    rows: list[T]


class PositionRow(Camel):
    """positions: `holding` signed, in base units; an isolated margin names its token."""

    symbol: str
    holding: Num
    average_open_price: Num
    position_side: str = "BOTH"
    margin_mode: str = ""
    mark_price: Num = None
    est_liq_price: Num = None
    adl_quantile: Num = None
    leverage: Num = None
    isolated_margin_amount: Num = None
    isolated_margin_token: str = ""


class Positions(Camel):
    """positions."""

    positions: list[PositionRow]


class Info(Camel):
    """account/info, in USD; the margin ratio is collateral over exposure, and 10 where nothing is open."""

    total_account_value: Num
    total_collateral: Num = None
    margin_ratio: Num = None
    maintenance_margin_ratio: Num = None


class Coin(Camel):
    """One token of asset/balances; a negative holding is a borrow."""

    token: str
    holding: Num


class Balances(Camel):
    """asset/balances."""

    holding: list[Coin]


class Trade(Camel):
    """trade/transactionHistory: `side` BUY or SELL, in hedge mode OPEN LONG … CLOSE SHORT; nothing says who placed the order."""

    id: int
    symbol: str
    side: str
    executed_price: Num
    executed_quantity: Num
    executed_timestamp: Num
    fee: Num = None
    fee_asset: str = ""
    realized_pnl: Num = None


class Trades(Camel):
    """A page of own trades."""

    rows: list[Trade]


class Future(Camel):
    """futures: open interest in base units."""

    symbol: str
    mark_price: Num
    index_price: Num = None
    last_funding_rate: Num = None
    est_funding_rate: Num = None
    open_interest: Num = None
    volume: Num = field(name="24hVolume", default=None)


class Rate(Camel):
    """fundingRate."""

    symbol: str
    est_funding_interval_hours: Num = None


class Bar(Camel):
    """kline."""

    start_timestamp: Num
    open: Num
    high: Num
    low: Num
    close: Num
    volume: Num = None


class Level(Camel):
    """One level of the book."""

    price: Num
    quantity: Num


class Depth(Camel):
    """orderbook."""

    asks: list[Level]
    bids: list[Level]


refused = says_other_than("true", "success")
"""WOO's errors come with success false."""


def symbol_of(native: str) -> str:
    """PERP_BTC_USDT → BTC/USDT:USDT."""
    _, base, quote = native.split("_", 2)
    return perp(base, quote, quote)


def position(row: PositionRow, account: str, at: datetime) -> Position | None:
    """One position; None for an empty row."""
    amount = needed(row.holding, "holding", row.symbol)
    if amount == 0:
        return None
    if row.position_side not in ("BOTH", "LONG", "SHORT") or row.margin_mode not in ("CROSS", "ISOLATED"):
        raise BadPayload(f"{row.symbol}: positionSide {row.position_side!r}, marginMode {row.margin_mode!r}")
    side = Side(row.position_side.lower()) if row.position_side != "BOTH" else Side.LONG if amount > 0 else Side.SHORT
    isolated, light = row.margin_mode == "ISOLATED", number(row.adl_quantile)
    in_quote = row.isolated_margin_token in ("USDT", "USDC")
    return Position(
        account=account,
        venue=NAME,
        symbol=symbol_of(row.symbol),
        side=side,
        size=abs(amount),
        entry_price=needed(row.average_open_price, "averageOpenPrice", row.symbol),
        mark_price=positive(row.mark_price),
        margin_mode=MarginMode.ISOLATED if isolated else MarginMode.CROSS,
        isolated_margin=number(row.isolated_margin_amount) if isolated and in_quote else None,
        leverage=positive(row.leverage),
        liquidation_price=positive(row.est_liq_price),
        venue_light=None if light is None else VenueLight(int(light), at),
        as_of=at,
        raw=(("id", row.symbol),),
    )


def maintenance(row: Info) -> float | None:
    """Maintenance margin of the account while something is open.

    WOO liquidates when the margin ratio, collateral over exposure, falls to the maintenance margin ratio: so the exposure
    needs that share of itself. https://support.woo.org/hc/en-001/articles/4405077938969
    """
    collateral, ratio, least = (number(v) for v in (row.total_collateral, row.margin_ratio, row.maintenance_margin_ratio))
    return collateral / ratio * least if collateral is not None and ratio and least is not None else None


def fill(row: Trade, id_: str) -> Fill:
    """An own trade, of a kind unknown. Hedge mode says what it did, else it closed where it realised something."""
    word, _, named = row.side.rpartition(" ")
    pnl = number(row.realized_pnl)
    if word in ("OPEN", "CLOSE") and named in ("LONG", "SHORT"):
        side, closes = Side(named.lower()), word == "CLOSE"
    else:
        side, closes = changed(row.side, "", closes=bool(pnl), of=row.symbol)
    return Fill(
        id=str(row.id),
        account=id_,
        venue=NAME,
        symbol=symbol_of(row.symbol),
        side=side,
        size=needed(row.executed_quantity, "executedQuantity", row.symbol),
        price=needed(row.executed_price, "executedPrice", row.symbol),
        time=moment(row.executed_timestamp, "executedTimestamp"),
        kind=FillKind.UNKNOWN,
        closes=closes,
        fee=number(row.fee) if row.fee_asset in STABLE else None,
        realized_pnl=pnl if closes else None,
    )


async def read_account(x: Reader) -> Piece:
    """Positions, equity and the maintenance margin behind them."""
    reply = await x.client.call(POSITIONS, Reply[Positions])
    rows = (position(row, x.account, reply.at) for row in reply.data.data.positions if row.symbol.startswith("PERP_"))
    found = tuple(p for p in rows if p is not None)
    info = await x.client.call(INFO, Reply[Info])
    equity, needs = number(info.data.data.total_account_value), maintenance(info.data.data) if found else 0.0
    account = Account(id=x.account, venue=NAME, equity=equity, maintenance_margin=needs, as_of=info.at)
    return Piece(accounts=(account,), positions=found)


async def read_fills(x: Reader) -> Piece:
    """Own trades of the last day in perpetuals, the latest 500."""
    now = int(x.now.timestamp() * 1000)
    span = {"startTime": now - 86_400_000, "endTime": now, "limit": 500}
    rows = (await x.client.call(TRADES, Reply[Trades], **span)).data.data.rows
    return Piece(fills=tuple(fill(row, x.account) for row in rows if row.symbol.startswith("PERP_")))


async def read_balances(x: Reader) -> Piece:
    """Coins of the account, which serve as collateral."""
    reply = await x.client.call(BALANCES, Reply[Balances])
    amounts = ((row.token, row.holding) for row in reply.data.data.holding)
    return Piece(holdings=holdings(amounts, NAME, x.account, reply.at, collateral=True))


async def read_markets(x: Reader) -> Piece:
    """Mark, index, funding and open interest of what we hold."""
    hours: dict[str, float | None] = x.memory.get("hours", {})
    reply = await x.client.call(FUTURES, Reply[Rows[Future]])
    return Piece(
        markets=tuple(
            market(row, hours.get(row.symbol), reply.at) for row in reply.data.data.rows if row.symbol in set(x.held.values())
        )
    )


def market(row: Future, hours: float | None, at: datetime) -> Market:
    """One market."""
    return Market(
        venue=NAME,
        symbol=symbol_of(row.symbol),
        mark_price=positive(row.mark_price),
        index_price=positive(row.index_price),
        funding_rate=number(row.est_funding_rate if row.est_funding_rate is not None else row.last_funding_rate),
        funding_interval_hours=hours,
        open_interest=number(row.open_interest),
        volume_24h=number(row.volume),
        as_of=at,
    )


async def read_hours(x: Reader) -> Piece:
    """Funding intervals, which the market list lacks."""
    rows = (await x.client.call(FUNDING, Reply[Rows[Rate]])).data.data.rows
    x.memory["hours"] = {row.symbol: positive(row.est_funding_interval_hours) for row in rows}
    return Piece()


async def read_candles(x: Reader, symbol: str, native: str) -> Market:
    """The last 500 hours, then what came since."""
    old = x.candles.get(symbol, ())
    rows = (await x.client.call(KLINE, Reply[Rows[Bar]], symbol=native, type="1h", limit=10 if old else 500)).data.data.rows
    bars = extend(old, candles([(r.start_timestamp, r.open, r.high, r.low, r.close, r.volume) for r in rows], 5))
    return Market(venue=NAME, symbol=symbol, candles=bars, volume_24h=day_volume(bars))


async def read_book(x: Reader, symbol: str, native: str) -> Market:
    """20 levels."""
    reply = await x.client.call(BOOK, Reply[Depth], symbol=native, maxLevel=20)
    bids, asks = ([(row.price, row.quantity) for row in side] for side in (reply.data.data.bids, reply.data.data.asks))
    return Market(venue=NAME, symbol=symbol, book=book(bids, asks, reply.at))


def parts(_: tuple[str, ...]) -> tuple[Part, ...]:
    """Positions with the account, its coins, and the markets."""
    return (
        Part("account", read_account, required=True),
        Part("balances", read_balances, every=15, required=True),
        Part("funding hours", read_hours, every=3600),
        Part("markets", read_markets, every=15),
        Part("fills", read_fills, every=60, on_shrink=True),
    )


VENUE = Venue(
    name=NAME,
    ccxt_id="woo",
    endpoints=ENDPOINTS,
    capabilities=Capabilities(
        lines=("futures",),
        positions=yes("one-way and hedge mode"),
        equity=yes("totalAccountValue"),
        maintenance=yes("of the account, from its ratios (inferred); not by position"),
        light=yes("adlQuantile, an integer; bounds and direction undocumented, shown raw"),
        marks=yes("with the positions, and the list of futures"),
        funding=yes("list of futures, interval from fundingRate"),
        open_interest=yes("base units"),
        candles=yes("1 h"),
        book=yes("20 levels"),
        insurance=no("insuranceFund exists, its form is unpublished"),
        warnings=no("none public"),
        fills=yes("trades of a day, of a kind unknown: nothing tells an ADL from an order"),
        holdings=yes("coins of the account"),
        sub_accounts=no("a master key is told names only; each sub-account needs its own key"),
        key_permissions=no("the API does not tell a key about itself"),
    ),
    parts=parts,
    default_lines=("futures",),
    symbol_parts=(
        SymbolPart("candles", read_candles, every=600, at_once=1),
        SymbolPart("book", read_book, every=30, at_once=1),
    ),
    refused=refused,
    time=(TIME, ("timestamp",)),
)

KIND = kind(VENUE)
