"""Kraken Futures: multi-collateral linear contracts, single-collateral inverse ones: https://docs.kraken.com/api/docs/futures-api."""

import re
from datetime import datetime

from msgspec import Struct, field

from adlwatch.adapters.base import BadPayload
from adlwatch.adapters.ccxt.decode import Camel, Num, dated, needed, number, perp, positive
from adlwatch.adapters.ccxt.options import kind
from adlwatch.adapters.ccxt.shape import book, candles, contract_of, day_volume, extend, holdings, in_usd, says_other_than
from adlwatch.adapters.ccxt.venue import Capabilities, Meter, Part, Piece, Reader, SymbolPart, Venue, no, reads, yes
from adlwatch.domain.model import Account, Contract, Fill, FillKind, Holding, MarginMode, Market, Position, Side, VenueLight

NAME = "krakenfutures"
IP = Meter("krakenfutures ip", 500, window=10)
UID = Meter("krakenfutures uid", 500, window=10, per_account=True)
_public = reads("public", meter=IP)
TICKERS = _public("tickers", 10)
BOOK = _public("orderbook", 5)
CANDLES = reads("charts", meter=IP)("{price_type}/{symbol}/{interval}", 10)
_private = reads("private", meter=UID)
ACCOUNTS = _private("accounts", 2)
POSITIONS = _private("openpositions", 2)
QUEUE = _private("unwindqueue", 10)
FILLS = _private("fills", 2)
ENDPOINTS = (TICKERS, BOOK, CANDLES, ACCOUNTS, POSITIONS, QUEUE, FILLS)
_ID = re.compile(r"(?P<kind>PF|PI|FF|FI)_(?P<base>[A-Z0-9]+?)(?P<quote>USD|EUR|GBP)(?:_(?P<day>\d{6}))?")


class PositionRow(Camel):
    """openpositions: base units (PF, FF) or USD (PI, FI); neither mark nor liquidation price nor margin."""

    symbol: str
    side: str
    size: Num
    price: Num
    max_fixed_leverage: Num = None
    """Only where the position is isolated."""
    unrealized_pnl: Num = None


class Positions(Camel):
    """openpositions."""

    open_positions: list[PositionRow]


class Place(Camel):
    """unwindqueue: 20, 40, 60, 80 or 100; smaller is closed first."""

    symbol: str
    percentile: Num


class Queue(Camel):
    """unwindqueue."""

    queue: list[Place]


class Requirements(Camel):
    """Margin requirements of a single-collateral account, in its coin."""

    mm: Num = None


class Auxiliary(Camel):
    """Value of a single-collateral account, in its coin."""

    pv: Num = None


class Coin(Camel):
    """One coin of the multi-collateral account."""

    quantity: Num


class AccountRow(Camel):
    """One of the accounts: multiCollateralMarginAccount (flex), marginAccount (fi_xbtusd …) or cashAccount."""

    type: str
    currency: str = ""
    margin_equity: Num = None
    balance_value: Num = None
    maintenance_margin: Num = None
    currencies: dict[str, Coin] = field(default_factory=dict)
    balances: dict[str, Num] = field(default_factory=dict)
    auxiliary: Auxiliary | None = None
    margin_requirements: Requirements | None = None


class Accounts(Camel):
    """accounts, by name."""

    accounts: dict[str, AccountRow]


class Ticker(Camel):
    """tickers: open interest and volume in base units (PF) or USD (PI); the funding rate is absolute, by the hour."""

    symbol: str
    mark_price: Num = None
    index_price: Num = None
    open_interest: Num = None
    vol24h: Num = None
    funding_rate: Num = None


class Tickers(Camel):
    """tickers."""

    tickers: list[Ticker]


class Bar(Struct):
    """One candle of the charts API."""

    time: Num
    open: Num
    high: Num
    low: Num
    close: Num
    volume: Num = None


class Bars(Struct):
    """The charts API's answer."""

    candles: list[Bar]


class Depth(Camel):
    """orderbook: price, size in the contract's unit."""

    asks: list[list[Num]]
    bids: list[list[Num]]


class Book_(Camel):  # noqa: N801 - the domain has a Book
    """orderbook."""

    order_book: Depth


class FillRow(Camel):
    """fills; `fillType` says what it was."""

    fill_id: str = field(name="fill_id")
    symbol: str = field(name="symbol")
    side: str = field(name="side")
    size: Num = field(name="size")
    price: Num = field(name="price")
    fill_time: datetime = field(name="fillTime")
    fill_type: str = field(name="fillType", default="")


class Fills(Camel):
    """fills."""

    fills: list[FillRow]


refused = says_other_than("success", "result")
"""Kraken's errors come with a result that is not success."""


def coin(word: str) -> str:
    """Kraken writes XBT for BTC."""
    return "BTC" if word.upper() == "XBT" else word.upper()


def symbol_of(native: str) -> str:
    """PF_XBTUSD → BTC/USD:USD, PI_XBTUSD → BTC/USD:BTC, FI_XBTUSD_250627 → BTC/USD:BTC-250627."""
    found = _ID.fullmatch(native.upper())
    if found is None:
        return native
    base, quote = coin(found["base"]), found["quote"]
    settle = quote if found["kind"] in ("PF", "FF") else base
    return dated(base, quote, settle, found["day"]) if found["day"] else perp(base, quote, settle)


def pool_of(account: str, native: str) -> str:
    """Linear contracts share the flex account; inverse ones have a pool by pair: `id/fi_xbtusd`."""
    pair = native.lower().split("_")[1]
    return account if contract_of(symbol_of(native)) is Contract.LINEAR else f"{account}/fi_{pair}"


def position(row: PositionRow, account: str, at: datetime, marks: dict[str, float], queue: dict[str, Num]) -> Position | None:
    """One position, with the mark from the tickers and its place from the unwind queue."""
    native = row.symbol.upper()
    size = needed(row.size, "size", native)
    if size == 0:
        return None
    if row.side not in ("long", "short"):
        raise BadPayload(f"side of {native} is {row.side!r}")
    place = number(queue.get(native))
    return Position(
        account=pool_of(account, native),
        venue=NAME,
        symbol=symbol_of(native),
        side=Side(row.side),
        size=abs(size),
        entry_price=needed(row.price, "price", native),
        mark_price=marks.get(native),
        contract=contract_of(symbol_of(native)),
        margin_mode=MarginMode.ISOLATED if positive(row.max_fixed_leverage) else MarginMode.CROSS,
        leverage=positive(row.max_fixed_leverage),
        venue_light=None if place is None else VenueLight(int(place), at),
        as_of=at,
        raw=(("id", native),),
    )


def account(name: str, row: AccountRow, id_: str, marks: dict[str, float], at: datetime) -> Account | None:
    """The flex account in USD, or a single-collateral account valued at its pair's mark; None where nothing is in it."""
    if row.type == "multiCollateralMarginAccount":
        equity, wallet, maintenance = (number(v) for v in (row.margin_equity, row.balance_value, row.maintenance_margin))
        return Account(id=id_, venue=NAME, equity=equity, wallet=wallet, maintenance_margin=maintenance, as_of=at)
    value = number(row.auxiliary.pv) if row.auxiliary else None
    if row.type != "marginAccount" or not value:
        return None
    price = marks.get(name.upper().replace("FI_", "PI_").replace("FV_", "PV_"))
    needs = number(row.margin_requirements.mm) if row.margin_requirements else None
    return Account(id=f"{id_}/{name}", venue=NAME, equity=in_usd(value, price), maintenance_margin=in_usd(needs, price), as_of=at)


def coins(row: AccountRow, id_: str, at: datetime) -> tuple[Holding, ...]:
    """Coins of an account; those of the cash account are no collateral."""
    amounts = {**{name: c.quantity for name, c in row.currencies.items()}, **row.balances}
    collateral = row.type != "cashAccount"
    return holdings(((coin(name), raw) for name, raw in amounts.items()), NAME, id_, at, collateral=collateral)


def market(row: Ticker, at: datetime) -> Market:
    """Mark, index, funding as a fraction by the hour, open interest and volume in base units."""
    symbol, mark = symbol_of(row.symbol), positive(row.mark_price)
    inverse = contract_of(symbol) is Contract.INVERSE
    rate, interest, volume = number(row.funding_rate), number(row.open_interest), number(row.vol24h)

    def base(amount: float | None) -> float | None:
        return amount if not inverse else None if amount is None or mark is None else amount / mark

    relative = None if rate is None or mark is None else rate * mark if inverse else rate / mark
    return Market(
        venue=NAME,
        symbol=symbol,
        contract=contract_of(symbol),
        mark_price=mark,
        index_price=positive(row.index_price),
        funding_rate=relative,
        funding_interval_hours=None if relative is None else 1.0,
        open_interest=base(interest),
        volume_24h=base(volume),
        as_of=at,
    )


KINDS = {
    "unwindCounterparty": FillKind.ADL,
    "liquidation": FillKind.LIQUIDATION,
    "unwindBankrupt": FillKind.LIQUIDATION,
    "assignor": FillKind.LIQUIDATION,
    "assignee": FillKind.UNKNOWN,
}


def fill(row: FillRow, id_: str) -> Fill:
    """One own fill, read as a close of the opposite side: Kraken does not say whether an order opened or closed."""
    return Fill(
        id=row.fill_id,
        account=id_,
        venue=NAME,
        symbol=symbol_of(row.symbol),
        side=Side.SHORT if row.side == "buy" else Side.LONG,
        size=needed(row.size, "size", row.symbol),
        price=needed(row.price, "price", row.symbol),
        time=row.fill_time,
        kind=KINDS.get(row.fill_type, FillKind.ORDER),
    )


async def read_positions(x: Reader) -> Piece:
    """Positions, marks, queue places and accounts: without the tickers a position has no mark."""
    tickers = await x.client.call(TICKERS, Tickers)
    marks = {row.symbol.upper(): mark for row in tickers.data.tickers if (mark := positive(row.mark_price))}
    reply = await x.client.call(POSITIONS, Positions)
    places = (await x.client.call(QUEUE, Queue)).data.queue if reply.data.open_positions else []
    queue = {place.symbol.upper(): place.percentile for place in places}
    found = (position(row, x.account, reply.at, marks, queue) for row in reply.data.open_positions)
    positions = tuple(p for p in found if p is not None)
    accounts = await x.client.call(ACCOUNTS, Accounts)
    rows = accounts.data.accounts.items()
    ours = {p.symbol for p in positions}
    return Piece(
        accounts=tuple(a for name, row in rows if (a := account(name, row, x.account, marks, accounts.at)) is not None),
        positions=positions,
        holdings=tuple(h for _, row in rows for h in coins(row, x.account, accounts.at)),
        markets=tuple(market(row, tickers.at) for row in tickers.data.tickers if symbol_of(row.symbol) in ours),
    )


async def read_fills(x: Reader) -> Piece:
    """The latest own fills."""
    return Piece(fills=tuple(fill(row, x.account) for row in (await x.client.call(FILLS, Fills)).data.fills))


async def read_candles(x: Reader, symbol: str, native: str) -> Market:
    """Hourly candles of trades; volume in base units of a linear contract."""
    old = x.candles.get(symbol, ())
    since = int(old[-1].time.timestamp()) if old else int(x.now.timestamp()) - 500 * 3600
    where = {"price_type": "trade", "symbol": native, "interval": "1h", "from": since}
    rows = (await x.client.call(CANDLES, Bars, **where)).data.candles
    linear = contract_of(symbol) is Contract.LINEAR
    bars = extend(old, candles([(r.time, r.open, r.high, r.low, r.close, r.volume) for r in rows], 5 if linear else None))
    return Market(venue=NAME, symbol=symbol, contract=contract_of(symbol), candles=bars, volume_24h=day_volume(bars))


async def read_book(x: Reader, symbol: str, native: str) -> Market:
    """The order book in base units."""
    reply = await x.client.call(BOOK, Book_, symbol=native)
    depth, contract = reply.data.order_book, contract_of(symbol)
    found = book(depth.bids[:50], depth.asks[:50], reply.at, inverse=contract is Contract.INVERSE)
    return Market(venue=NAME, symbol=symbol, contract=contract, book=found)


def parts(_: tuple[str, ...]) -> tuple[Part, ...]:
    """Everything comes in a few calls."""
    return (Part("positions", read_positions, required=True), Part("fills", read_fills, every=60, on_shrink=True))


VENUE = Venue(
    name=NAME,
    ccxt_id="krakenfutures",
    endpoints=ENDPOINTS,
    capabilities=Capabilities(
        lines=("futures",),
        positions=yes("multi-collateral (PF, FF) and single-collateral (PI, FI); no liquidation price"),
        equity=yes("flex: marginEquity; each single-collateral account by its pair"),
        maintenance=yes("by account only"),
        light=yes("percentile of unwindqueue, 20 = closed first (one third-party source) … 100"),
        marks=yes("tickers"),
        funding=yes("tickers, by the hour, made relative at the mark"),
        open_interest=yes("tickers"),
        candles=yes("1 h; no base volume for inverse contracts"),
        book=yes("50 levels"),
        insurance=no("none in the API"),
        warnings=no("none public"),
        fills=yes("the latest; unwindCounterparty is ADL; orders are read as closes, for Kraken does not say"),
        holdings=yes("flex, single-collateral and cash accounts; the spot exchange is another API"),
        sub_accounts=no("a master key is told balances only; each sub-account needs its own key"),
        key_permissions=no("the API does not tell"),
    ),
    parts=parts,
    default_lines=("futures",),
    symbol_parts=(
        SymbolPart("candles", read_candles, every=600, at_once=2),
        SymbolPart("book", read_book, every=30, at_once=1),
    ),
    refused=refused,
)

KIND = kind(VENUE)
