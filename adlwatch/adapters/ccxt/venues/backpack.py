"""Backpack perpetuals and the collateral behind them: https://docs.backpack.exchange."""

from datetime import UTC, datetime

from adlwatch.adapters.ccxt.decode import Camel, Num, needed, number, perp, positive
from adlwatch.adapters.ccxt.options import kind
from adlwatch.adapters.ccxt.shape import candles, day_volume, extend, holdings, levels
from adlwatch.adapters.ccxt.venue import Capabilities, Meter, Part, Piece, Reader, SymbolPart, Venue, no, reads, yes
from adlwatch.domain.model import Account, Book, Fill, FillKind, MarginMode, Market, Position, Side

NAME = "backpack"
IP = Meter("backpack ip", 2000)
_public = reads("public", meter=IP)
TIME = _public("api/v1/time")
MARKS = _public("api/v1/markPrices")
INTEREST = _public("api/v1/openInterest")
KLINES = _public("api/v1/klines")
DEPTH = _public("api/v1/depth")
_private = reads("private", meter=IP)
POSITIONS = _private("api/v1/position")
COLLATERAL = _private("api/v1/capital/collateral")
FILLS = _private("wapi/v1/history/fills")
ENDPOINTS = (TIME, MARKS, INTEREST, KLINES, DEPTH, POSITIONS, COLLATERAL, FILLS)


class PositionRow(Camel):
    """position: `netQuantity` signed, in base units; `mmf` the maintenance fraction at this size."""

    symbol: str
    net_quantity: Num
    entry_price: Num
    mark_price: Num = None
    mmf: Num = None
    est_liquidation_price: Num = None


class Coin(Camel):
    """One coin of the account."""

    symbol: str
    total_quantity: Num


class Collateral(Camel):
    """capital/collateral, in USD; equity with unrealised PnL."""

    net_equity: Num
    collateral: list[Coin]


class Mark(Camel):
    """markPrices."""

    symbol: str
    mark_price: Num
    index_price: Num = None
    funding_rate: Num = None


class Interest(Camel):
    """openInterest, in base units."""

    symbol: str
    open_interest: Num


class Bar(Camel):
    """klines: `start` in UTC without saying so."""

    start: str
    open: Num
    high: Num
    low: Num
    close: Num
    volume: Num = None


class Depth(Camel):
    """depth: price, base units; bids come lowest first."""

    asks: list[list[Num]]
    bids: list[list[Num]]


class FillRow(Camel):
    """history/fills."""

    trade_id: int | str
    symbol: str
    side: str
    price: Num
    quantity: Num
    timestamp: str


def symbol_of(native: str) -> str:
    """ETH_USDC_PERP → ETH/USDC:USDC."""
    base, _, quote = native.removesuffix("_PERP").partition("_")
    return perp(base, quote, quote)


def utc(text: str) -> datetime:
    """Backpack's times are UTC without a zone."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def position(row: PositionRow, account: str, at: datetime) -> Position | None:
    """One position; None for an empty row."""
    amount = needed(row.net_quantity, "netQuantity", row.symbol)
    if amount == 0:
        return None
    mark, fraction = positive(row.mark_price), positive(row.mmf)
    return Position(
        account=account,
        venue=NAME,
        symbol=symbol_of(row.symbol),
        side=Side.LONG if amount > 0 else Side.SHORT,
        size=abs(amount),
        entry_price=needed(row.entry_price, "entryPrice", row.symbol),
        mark_price=mark,
        margin_mode=MarginMode.CROSS,
        maintenance_margin=None if mark is None or fraction is None else abs(amount) * mark * fraction,
        liquidation_price=positive(row.est_liquidation_price),
        as_of=at,
        raw=(("id", row.symbol),),
    )


def fill(row: FillRow, fill_kind: FillKind, id_: str) -> Fill:
    """One own fill, read as a close of the opposite side: Backpack does not say whether an order opened or closed."""
    return Fill(
        id=f"{row.symbol}:{row.trade_id}",
        account=id_,
        venue=NAME,
        symbol=symbol_of(row.symbol),
        side=Side.SHORT if row.side == "Bid" else Side.LONG,
        size=needed(row.quantity, "quantity", row.symbol),
        price=needed(row.price, "price", row.symbol),
        time=utc(row.timestamp),
        kind=fill_kind,
    )


def market(row: Mark, at: datetime) -> Market:
    """Mark, index, funding."""
    return Market(
        venue=NAME,
        symbol=symbol_of(row.symbol),
        mark_price=positive(row.mark_price),
        index_price=positive(row.index_price),
        funding_rate=number(row.funding_rate),
        as_of=at,
    )


async def read_account(x: Reader) -> Piece:
    """Positions, equity and coins, lent ones included; a borrowed coin is negative."""
    reply = await x.client.call(POSITIONS, list[PositionRow])
    found = (position(row, x.account, reply.at) for row in reply.data)
    capital = await x.client.call(COLLATERAL, Collateral)
    account = Account(id=x.account, venue=NAME, equity=number(capital.data.net_equity), as_of=capital.at)
    amounts = ((row.symbol, row.total_quantity) for row in capital.data.collateral)
    held = holdings(amounts, NAME, x.account, capital.at, collateral=True)
    return Piece(accounts=(account,), positions=tuple(p for p in found if p is not None), holdings=held)


async def read_markets(x: Reader) -> Piece:
    """Mark, index and funding of what we hold."""
    reply = await x.client.call(MARKS, list[Mark])
    return Piece(markets=tuple(market(row, reply.at) for row in reply.data if row.symbol in set(x.held.values())))


async def read_fills(x: Reader) -> Piece:
    """Own fills of the last day: ADL, liquidations and orders are asked for one by one."""
    since = int((x.now.timestamp() - 86400) * 1000)
    fills: list[Fill] = []
    for word, fill_kind in (("Adl", FillKind.ADL), ("AllLiquidation", FillKind.LIQUIDATION), ("User", FillKind.ORDER)):
        rows = (await x.client.call(FILLS, list[FillRow], **{"fillType": word, "from": since, "limit": 100})).data
        fills += [fill(row, fill_kind, x.account) for row in rows if row.symbol.endswith("_PERP")]
    return Piece(fills=tuple({f.id: f for f in reversed(fills)}.values()))


async def read_interest(x: Reader, symbol: str, native: str) -> Market:
    """Open interest."""
    rows = (await x.client.call(INTEREST, list[Interest], symbol=native)).data
    amount = next((number(row.open_interest) for row in rows if row.symbol == native), None)
    return Market(venue=NAME, symbol=symbol, open_interest=amount)


async def read_candles(x: Reader, symbol: str, native: str) -> Market:
    """The last 500 hours, then what came since."""
    old = x.candles.get(symbol, ())
    start = int(old[-1].time.timestamp()) if old else int(x.now.timestamp()) - 500 * 3600
    rows = (await x.client.call(KLINES, list[Bar], symbol=native, interval="1h", startTime=start)).data
    bars = extend(old, candles([(utc(r.start).timestamp(), r.open, r.high, r.low, r.close, r.volume) for r in rows], 5))
    return Market(venue=NAME, symbol=symbol, candles=bars, volume_24h=day_volume(bars))


async def read_book(x: Reader, symbol: str, native: str) -> Market:
    """20 levels."""
    reply = await x.client.call(DEPTH, Depth, symbol=native)
    bids, asks = sorted(levels(reply.data.bids), reverse=True), sorted(levels(reply.data.asks))
    return Market(venue=NAME, symbol=symbol, book=Book(bids=tuple(bids[:20]), asks=tuple(asks[:20]), as_of=reply.at))


def parts(_: tuple[str, ...]) -> tuple[Part, ...]:
    """Everything of the account comes in two calls."""
    return (
        Part("account", read_account, required=True),
        Part("markets", read_markets, every=15),
        Part("fills", read_fills, every=60, on_shrink=True),
    )


VENUE = Venue(
    name=NAME,
    ccxt_id="backpack",
    endpoints=ENDPOINTS,
    capabilities=Capabilities(
        lines=("futures",),
        positions=yes("one-way, cross"),
        equity=yes("netEquity"),
        maintenance=yes("value at the mark times mmf; not by account"),
        light=no("no ADL field in the API"),
        marks=yes("with the positions, and markPrices"),
        funding=yes("markPrices; the interval is not told"),
        open_interest=yes("base units"),
        candles=yes("1 h"),
        book=yes("20 levels"),
        insurance=no("none in the API"),
        warnings=no("none public"),
        fills=yes("by fillType Adl, AllLiquidation and User; orders are read as closes, for Backpack does not say"),
        holdings=yes("coins of the account, lent ones included"),
        sub_accounts=no("a key is told of its own subaccount only; each sub-account needs its own key"),
        key_permissions=no("the API does not tell"),
    ),
    parts=parts,
    default_lines=("futures",),
    symbol_parts=(
        SymbolPart("open interest", read_interest, every=60),
        SymbolPart("candles", read_candles, every=600, at_once=2),
        SymbolPart("book", read_book, every=15, at_once=2),
    ),
    time=(TIME, ()),
)

KIND = kind(VENUE)
