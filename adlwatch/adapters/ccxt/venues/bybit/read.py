"""Which calls make up a reading of Bybit."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, TypeVar

from adlwatch.adapters.base import BadPayload
from adlwatch.adapters.ccxt.decode import Num
from adlwatch.adapters.ccxt.shape import book, candles, contract_of, extend, holdings, interest, says_other_than
from adlwatch.adapters.ccxt.venue import Endpoint, Part, Piece, Reader, Reply, SymbolPart
from adlwatch.adapters.ccxt.venues.bybit import endpoints as e
from adlwatch.adapters.ccxt.venues.bybit import parse
from adlwatch.adapters.ccxt.venues.bybit import types as b
from adlwatch.domain.model import Fill, Market, Position

T = TypeVar("T")
LINES: Mapping[str, dict[str, str]] = {
    "usdt": {"category": "linear", "settleCoin": "USDT"},
    "usdc": {"category": "linear", "settleCoin": "USDC"},
    "inverse": {"category": "inverse"},
}
PAGE = 200
MOST_PAGES = 20
LOOK_BACK = timedelta(hours=24)


refused = says_other_than("0", "retCode")
"""Bybit's errors come with status 200 and a retCode that is not 0."""


async def pages(x: Reader, endpoint: Endpoint, row: type[T], limit: int, **params: Any) -> tuple[list[T], Reply[Any]]:
    """All rows of all pages, and the first page's reply; a list without end is refused rather than cut."""
    rows: list[T] = []
    cursor: dict[str, str] = {}
    first: Reply[Any] | None = None
    for _ in range(MOST_PAGES):
        reply = await x.client.call(endpoint, b.Envelope[b.Page[row]], limit=limit, **params, **cursor)  # type: ignore[valid-type]  # built at run time
        first = first or reply
        page: b.Page[T] = reply.data.result
        rows += page.rows
        if len(page.rows) < limit or not page.next_page_cursor or cursor.get("cursor") == page.next_page_cursor:
            return rows, first
        cursor = {"cursor": page.next_page_cursor}
    raise BadPayload(f"bybit {endpoint.name}: more than {MOST_PAGES} pages")


async def read_info(x: Reader) -> Piece:
    """The margin mode, which positions of a unified account do not carry."""
    info = (await x.client.call(e.INFO, b.Envelope[b.AccountInfo])).data.result
    x.memory["unified"] = info.unified_margin_status >= 3
    x.memory["mode"] = info.margin_mode
    return Piece()


async def read_wallet(x: Reader) -> Piece:
    """The account's equity and coins."""
    reply = await x.client.call(e.WALLET, b.Envelope[b.Page[b.Wallet]], accountType="UNIFIED")
    if not reply.data.result.rows:
        raise BadPayload("bybit wallet-balance: no account in the list")
    wallet = reply.data.result.rows[0]
    return Piece(
        accounts=(parse.account(wallet, x.account, x.memory.get("mode"), reply.at),),
        holdings=holdings(parse.amounts(wallet), parse.VENUE, x.account, reply.at, collateral=True),
    )


async def read_funding(x: Reader) -> Piece:
    """Coins of the funding account."""
    reply = await x.client.call(e.COINS, b.Envelope[b.Coins], accountType="FUND")
    return Piece(holdings=holdings(parse.coins(reply.data.result), parse.VENUE, x.account, reply.at, collateral=False))


async def read_positions(x: Reader) -> Piece:
    """Positions of every chosen line, all pages."""
    isolated = x.memory["mode"] == "ISOLATED_MARGIN" if x.memory.get("unified") else None
    found: tuple[Position, ...] = ()
    for line in (name for name in x.lines if name in LINES):
        rows, first = await pages(x, e.POSITIONS, b.PositionRow, PAGE, **LINES[line])
        found += parse.positions(rows, parse.Around(x.account, first.at, inverse=line == "inverse", isolated=isolated))
    return Piece(positions=found)


async def read_markets(x: Reader) -> Piece:
    """Tickers of the categories we hold something in."""
    markets: list[Market] = []
    for category in sorted({category_of(symbol) for symbol in x.held}):
        reply = await x.client.call(e.TICKERS, b.Envelope[b.Page[b.Ticker]], category=category)
        ours = (row for row in reply.data.result.rows if row.symbol in set(x.held.values()))
        markets += [parse.market(row, inverse=category == "inverse", at=reply.at) for row in ours]
    return Piece(markets=tuple(markets))


def category_of(symbol: str) -> str:
    """The category Bybit wants beside a symbol."""
    return contract_of(symbol).value


async def read_warnings(x: Reader) -> Piece:
    """ADL alerts of every pool."""
    return Piece(warnings=parse.warnings((await x.client.call(e.ADL_ALERT, b.Envelope[b.Alerts])).data.result))


async def read_insurance(x: Reader) -> Piece:
    """Insurance pools."""
    return Piece(pools=parse.pools((await x.client.call(e.INSURANCE, b.Envelope[b.Funds])).data.result))


async def read_fills(x: Reader) -> Piece:
    """Own executions of the last day."""
    since = int((x.now - LOOK_BACK).timestamp() * 1000)
    fills: list[Fill] = []
    for category in dict.fromkeys(LINES[line]["category"] for line in x.lines if line in LINES):
        rows, _ = await pages(x, e.EXECUTIONS, b.Execution, 100, category=category, startTime=since)
        fills += [fill for row in rows for fill in parse.fills(row, x.account)]
    return Piece(fills=tuple(fills))


async def read_permissions(x: Reader) -> Piece:
    """What the key may do."""
    return Piece(permissions=parse.permissions((await x.client.call(e.KEY, b.Envelope[b.Key])).data.result))


async def read_candles(x: Reader, symbol: str, native: str) -> Market:
    """The last 500 hours, then what came since."""
    old = x.candles.get(symbol, ())
    since = {"start": int(old[-1].time.timestamp() * 1000)} if old else {}
    inverse = category_of(symbol) == "inverse"
    reply = await x.client.call(
        e.KLINE, b.Envelope[b.Page[list[Num]]], category=category_of(symbol), symbol=native, interval="60", limit=500, **since
    )
    bars = extend(old, candles(reply.data.result.rows, 6 if inverse else 5))
    return Market(venue=parse.VENUE, symbol=symbol, contract=contract_of(symbol), candles=bars)


async def read_interest_history(x: Reader, symbol: str, native: str) -> Market:
    """Open interest of the last 200 hours."""
    where = {"category": category_of(symbol), "symbol": native, "intervalTime": "1h", "limit": 200}
    reply = await x.client.call(e.INTEREST, b.Envelope[b.Page[b.InterestPoint]], **where)
    history = interest((row.timestamp, row.open_interest) for row in reply.data.result.rows)
    return Market(venue=parse.VENUE, symbol=symbol, contract=contract_of(symbol), open_interest_history=history)


async def read_book(x: Reader, symbol: str, native: str) -> Market:
    """50 levels, in base units."""
    inverse = category_of(symbol) == "inverse"
    reply = await x.client.call(e.BOOK, b.Envelope[b.Depth], category=category_of(symbol), symbol=native, limit=50)
    depth = reply.data.result
    found = book(depth.b, depth.a, reply.at, inverse=inverse)
    return Market(venue=parse.VENUE, symbol=symbol, contract=contract_of(symbol), book=found)


async def read_tiers(x: Reader, symbol: str, native: str) -> Market:
    """Maintenance rate of the lowest tier."""
    reply = await x.client.call(e.RISK_LIMIT, b.Envelope[b.Page[b.RiskLimit]], category=category_of(symbol), symbol=native)
    rate = parse.maintenance_rate(reply.data.result.rows)
    return Market(venue=parse.VENUE, symbol=symbol, contract=contract_of(symbol), maintenance_rate=rate)


def parts(lines: tuple[str, ...]) -> tuple[Part, ...]:
    """The same parts for all lines of contracts; the funding account is a line of its own."""
    funding = (Part("funding account", read_funding, every=30),) if "funding" in lines else ()
    return (
        Part("permissions", read_permissions, every=3600, required=True),
        Part("account mode", read_info, every=300, required=True),
        Part("wallet", read_wallet, required=True),
        Part("positions", read_positions, required=True),
        *funding,
        Part("markets", read_markets, every=15),
        Part("warnings", read_warnings, every=60),
        Part("insurance", read_insurance, every=300),
        Part("fills", read_fills, every=60, on_shrink=True),
    )


symbol_parts = (
    SymbolPart("candles", read_candles, every=600, at_once=2),
    SymbolPart("open interest history", read_interest_history, every=3600, at_once=2),
    SymbolPart("book", read_book, every=15, at_once=2),
    SymbolPart("tiers", read_tiers, every=6 * 3600, at_once=2),
)
