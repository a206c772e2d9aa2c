"""WhiteBIT perpetuals (collateral account) and spot; every private read is a POST: https://docs.whitebit.com."""

from datetime import datetime
from typing import Generic, TypeVar

from adlwatch.adapters.base import BadPayload
from adlwatch.adapters.ccxt.decode import Camel, Num, Snake, needed, number, perp, positive
from adlwatch.adapters.ccxt.options import kind
from adlwatch.adapters.ccxt.shape import book, candles, day_volume, extend, holdings
from adlwatch.adapters.ccxt.venue import Capabilities, Meter, Part, Piece, Reader, SymbolPart, Venue, no, reads, yes
from adlwatch.domain.model import Account, MarginMode, Market, Position, Side, VenueLight

T = TypeVar("T")
NAME = "whitebit"
IP = Meter("whitebit ip", 1000, window=10)
UID = Meter("whitebit uid", 1000, window=10, per_account=True)
_public = reads("v4", "public", meter=IP)
TIME = _public("time")
FUTURES = _public("futures")
BOOK = _public("orderbook/{market}")
KLINE = reads("v1", "public", meter=IP)("kline")
_private = reads("v4", "private", meter=UID)
POSITIONS = _private("collateral-account/positions/open", method="POST")
SUMMARY = _private("collateral-account/summary", method="POST")
BALANCE = _private("collateral-account/balance-summary", method="POST")
QUANTILE = _private("collateral-account/adl-quantile", method="POST")
"""Documented by WhiteBIT, not in ccxt's own list; ccxt signs it like its neighbours."""
MAIN = _private("main-account/balance", method="POST")
SPOT = _private("trade-account/balance", method="POST")
ENDPOINTS = (TIME, FUTURES, BOOK, KLINE, POSITIONS, SUMMARY, BALANCE, QUANTILE, MAIN, SPOT)


class PositionRow(Camel):
    """positions/open: `amount` signed, in base units; the mark is told by the PnL only."""

    market: str
    amount: Num
    base_price: Num
    pnl: Num = None
    margin: Num = None
    liquidation_price: Num = None


class Summary(Camel):
    """collateral-account/summary, in USDT."""

    equity: Num


class Coin(Camel):
    """collateral-account/balance-summary."""

    asset: str
    balance: Num
    borrow: Num = None


class Quantile(Camel):
    """adl-quantile: 0..4 by side, null without a position."""

    market: str
    long: Num = None
    short: Num = None


class Result(Snake, Generic[T]):
    """Around market data."""

    result: T


class Future(Snake):
    """futures: open interest and volume in base units."""

    ticker_id: str
    mark_price: Num = None
    index_price: Num = None
    funding_rate: Num = None
    funding_interval_minutes: Num = None
    open_interest: Num = None
    stock_volume: Num = None


class Wallet(Snake):
    """One coin of the main account (`main_balance`) or of the trade account."""

    main_balance: Num = None
    available: Num = None
    freeze: Num = None


class Depth(Snake):
    """orderbook."""

    asks: list[list[Num]]
    bids: list[list[Num]]


def symbol_of(native: str) -> str:
    """BTC_PERP → BTC/USDT:USDT."""
    return perp(native.removesuffix("_PERP"), "USDT", "USDT")


def position(row: PositionRow, lights: dict[str, Quantile], account: str, at: datetime) -> Position | None:
    """One position; None for an empty row. Mark = entry + PnL / signed amount, which is how the PnL is made."""
    amount = needed(row.amount, "amount", row.market)
    if amount == 0:
        return None
    if not row.market.endswith("_PERP"):
        raise BadPayload(f"whitebit: a position in {row.market}, which is no perpetual")
    entry, pnl, quantile = needed(row.base_price, "basePrice", row.market), number(row.pnl), lights.get(row.market)
    light = number(quantile.long if amount > 0 else quantile.short) if quantile else None
    return Position(
        account=account,
        venue=NAME,
        symbol=symbol_of(row.market),
        side=Side.LONG if amount > 0 else Side.SHORT,
        size=abs(amount),
        entry_price=entry,
        mark_price=None if pnl is None else positive(entry + pnl / amount),
        margin_mode=MarginMode.CROSS,
        liquidation_price=positive(row.liquidation_price),
        venue_light=None if light is None else VenueLight(int(light), at),
        as_of=at,
        raw=(("id", row.market),),
    )


async def read_account(x: Reader) -> Piece:
    """Positions, equity and coins of the collateral account."""
    reply = await x.client.call(POSITIONS, list[PositionRow])
    found = (position(row, x.memory.get("lights", {}), x.account, reply.at) for row in reply.data)
    summary = await x.client.call(SUMMARY, Summary)
    coins = await x.client.call(BALANCE, list[Coin])
    amounts = ((c.asset, (number(c.balance) or 0.0) - (number(c.borrow) or 0.0)) for c in coins.data)
    held = holdings(amounts, NAME, x.account, coins.at, collateral=True)
    account = Account(id=x.account, venue=NAME, equity=number(summary.data.equity), as_of=summary.at)
    return Piece(accounts=(account,), positions=tuple(p for p in found if p is not None), holdings=held)


async def read_spot(x: Reader) -> Piece:
    """Coins of the main and of the trade account, added up."""
    main = await x.client.call(MAIN, dict[str, Wallet])
    spot = await x.client.call(SPOT, dict[str, Wallet])
    sums: dict[str, float] = {}
    for asset, row in (*main.data.items(), *spot.data.items()):
        amounts = (row.main_balance, row.available, row.freeze)
        sums[asset] = sums.get(asset, 0.0) + sum(number(amount) or 0.0 for amount in amounts)
    return Piece(holdings=holdings(sums.items(), NAME, x.account, main.at, collateral=False))


async def read_lights(x: Reader) -> Piece:
    """Quantiles of both sides, for the next reading of positions."""
    x.memory["lights"] = {row.market: row for row in (await x.client.call(QUANTILE, list[Quantile])).data}
    return Piece()


async def read_markets(x: Reader) -> Piece:
    """Index, funding, open interest and volume of what we hold."""
    held = {native: symbol for symbol, native in x.held.items()}
    reply = await x.client.call(FUTURES, Result[list[Future]])
    return Piece(markets=tuple(market(row, held[row.ticker_id], reply.at) for row in reply.data.result if row.ticker_id in held))


def market(row: Future, symbol: str, at: datetime) -> Market:
    """One market; while WhiteBIT has no fresh mark, it is empty here."""
    minutes = positive(row.funding_interval_minutes)
    return Market(
        venue=NAME,
        symbol=symbol,
        mark_price=positive(row.mark_price),
        index_price=positive(row.index_price),
        funding_rate=number(row.funding_rate),
        funding_interval_hours=None if minutes is None else minutes / 60,
        open_interest=number(row.open_interest),
        volume_24h=number(row.stock_volume),
        as_of=at,
    )


async def read_candles(x: Reader, symbol: str, native: str) -> Market:
    """The last 500 hours, then what came since; WhiteBIT's columns are time, open, close, high, low, volume."""
    old = x.candles.get(symbol, ())
    rows = (
        await x.client.call(KLINE, Result[list[list[Num]]], market=native, interval="1h", limit=10 if old else 500)
    ).data.result
    bars = extend(old, candles([(r[0], r[1], r[3], r[4], r[2], r[5]) for r in rows], 5))
    return Market(venue=NAME, symbol=symbol, candles=bars, volume_24h=day_volume(bars))


async def read_book(x: Reader, symbol: str, native: str) -> Market:
    """20 levels."""
    reply = await x.client.call(BOOK, Depth, market=native, limit=20)
    return Market(venue=NAME, symbol=symbol, book=book(reply.data.bids, reply.data.asks, reply.at))


def parts(lines: tuple[str, ...]) -> tuple[Part, ...]:
    """Lights are an own call, at the venue's cadence; the main and trade accounts are a line of their own."""
    spot = (Part("spot", read_spot, every=15, required=True),) if "spot" in lines else ()
    return (
        Part("account", read_account, required=True),
        *spot,
        Part("lights", read_lights, every=30),
        Part("markets", read_markets, every=15),
    )


VENUE = Venue(
    name=NAME,
    ccxt_id="whitebit",
    endpoints=ENDPOINTS,
    capabilities=Capabilities(
        lines=("futures", "spot"),
        positions=yes("one-way, cross"),
        equity=yes("summary of the collateral account"),
        maintenance=no("only a fraction of the account, of what is not told"),
        light=yes("adl-quantile, 0..4 by side, every 30 s; shown from the second reading on"),
        marks=yes("from the PnL of each position, and futures"),
        funding=yes("futures, with the interval"),
        open_interest=yes("base units"),
        candles=yes("1 h"),
        book=yes("20 levels"),
        insurance=no("none in the API"),
        warnings=no("none public"),
        fills=no("trades tell neither an ADL from an order nor a close from an opening"),
        holdings=yes("collateral, main and trade accounts"),
        sub_accounts=no("a master key is told balances only; each sub-account needs its own key"),
        key_permissions=no("the API does not tell"),
    ),
    parts=parts,
    default_lines=("futures", "spot"),
    symbol_parts=(
        SymbolPart("candles", read_candles, every=600, at_once=2),
        SymbolPart("book", read_book, every=15, at_once=2),
    ),
    time=(TIME, ("time",)),
)

KIND = kind(VENUE)
