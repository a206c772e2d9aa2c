"""BingX perpetuals, linear (USDT, USDC) and coin-margined: https://bingx-api.github.io/docs."""

from datetime import datetime
from typing import Generic, TypeVar

from msgspec import Struct

from adlwatch.adapters.base import BadPayload
from adlwatch.adapters.ccxt.decode import Camel, Num, moment, needed, number, perp, positive
from adlwatch.adapters.ccxt.options import kind
from adlwatch.adapters.ccxt.shape import candles, contract_of, day_volume, extend, in_usd, levels, says_no
from adlwatch.adapters.ccxt.venue import (
    Capabilities,
    KeyPermissions,
    Meter,
    Part,
    Piece,
    Reader,
    SymbolPart,
    Venue,
    no,
    reads,
    yes,
)
from adlwatch.domain.model import Account, Book, Contract, Fill, FillKind, Holding, MarginMode, Market, Position, Side

T = TypeVar("T")
NAME = "bingx"
IP = Meter("bingx ip", 500, window=10)
UID = Meter("bingx uid", 50, window=10, per_account=True)
_quote = reads("swap", "v2", "public", meter=IP)
TIME = _quote("server/time")
PREMIUM = _quote("quote/premiumIndex")
INTEREST = _quote("quote/openInterest")
DEPTH = _quote("quote/depth")
KLINES = reads("swap", "v3", "public", meter=IP)("quote/klines")
_coin = reads("cswap", "v1", "public", meter=IP)
COIN_PREMIUM = _coin("market/premiumIndex")
COIN_KLINES = _coin("market/klines")
POSITIONS = reads("swap", "v2", "private", meter=UID)("user/positions")
FORCED = reads("swap", "v2", "private", meter=UID)("trade/forceOrders")
BALANCE = reads("swap", "v3", "private", meter=UID)("user/balance")
COIN_POSITIONS = reads("cswap", "v1", "private", meter=UID)("user/positions")
COIN_BALANCE = reads("cswap", "v1", "private", meter=UID)("user/balance")
KEY = reads("account", "v1", "private", meter=UID)("account/apiPermissions")
ENDPOINTS = (
    *(TIME, PREMIUM, INTEREST, DEPTH, KLINES, COIN_PREMIUM, COIN_KLINES),
    *(POSITIONS, FORCED, BALANCE, COIN_POSITIONS, COIN_BALANCE, KEY),
)


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
    """openInterest, in USDT."""

    open_interest: Num


class Bar(Camel):
    """One candle; volume in base units."""

    time: Num
    open: Num
    high: Num
    low: Num
    close: Num
    volume: Num = None


class Depth(Camel):
    """depth: price, base units."""

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
    """forceOrders."""

    orders: list[Order] | None = None


class Key(Camel):
    """apiPermissions: 1 spot trading, 2 read, 3 perpetual trading, 4 universal transfer, 5 withdraw, 7 sub-account transfer."""

    permissions: list[int] | None = None
    data: "Key | None" = None


class _Code(Struct):
    code: int = 0


def refused(body: bytes) -> bool:
    """BingX's errors carry a code that is not 0."""
    return says_no(body, _Code, frozenset({"0"}))


def symbol_of(native: str) -> str:
    """BTC-USDT → BTC/USDT:USDT, BTC-USD → BTC/USD:BTC."""
    base, _, quote = native.partition("-")
    return perp(base, quote, base if quote == "USD" else quote)


def side_of(row: PositionRow | Order, amount: float) -> Side:
    """Hedge mode names the side; one-way mode carries it in the sign."""
    if row.position_side in ("LONG", "SHORT"):
        return Side(row.position_side.lower())
    if row.position_side != "BOTH":
        raise BadPayload(f"positionSide of {row.symbol} is {row.position_side!r}")
    return Side.LONG if amount > 0 else Side.SHORT


def size_of(row: PositionRow, amount: float) -> float:
    """Base units; coin-margined: USD, from the initial margin, for a contract's value is nowhere in the account API."""
    if contract_of(symbol_of(row.symbol)) is Contract.LINEAR:
        return abs(amount)
    margin, leverage, price = (needed(v, what, row.symbol) for v, what in (
        (row.initial_margin, "initialMargin"), (row.leverage, "leverage"), (row.avg_price, "avgPrice"),
    ))  # fmt: skip
    return float(round(margin * leverage * price))


def margin_of(row: PositionRow) -> float | None:
    """Isolated margin without uPnL: `margin` moves with it, `initialMargin` is the fallback."""
    margin, pnl = number(row.margin), number(row.unrealized_profit)
    return number(row.initial_margin) if margin is None or pnl is None else margin - pnl


def position(row: PositionRow, account: str, at: datetime) -> Position | None:
    """One position; None for an empty row."""
    amount = needed(row.position_amt, "positionAmt", row.symbol)
    if amount == 0:
        return None
    symbol, mark = symbol_of(row.symbol), positive(row.mark_price)
    contract = contract_of(symbol)
    unit = mark if contract is Contract.INVERSE else 1.0
    return Position(
        account=account if symbol.endswith(":USDT") else f"{account}/{symbol.partition(':')[2]}",
        venue=NAME,
        symbol=symbol,
        side=side_of(row, amount),
        size=size_of(row, amount),
        entry_price=needed(row.avg_price, "avgPrice", row.symbol),
        mark_price=mark,
        contract=contract,
        margin_mode=MarginMode.ISOLATED if row.isolated else MarginMode.CROSS,
        isolated_margin=in_usd(margin_of(row), unit) if row.isolated else None,
        leverage=positive(row.leverage),
        liquidation_price=positive(row.liquidation_price),
        as_of=at,
        raw=(("id", row.symbol),),
    )


def pool(row: Balance, account: str, price: float | None, at: datetime) -> Account:
    """The margin pool of one asset, valued at `price`."""
    id_ = account if row.asset == "USDT" else f"{account}/{row.asset}"
    return Account(
        id=id_, venue=NAME, equity=in_usd(number(row.equity), price), wallet=in_usd(number(row.balance), price), as_of=at
    )


def fill(row: Order, fill_kind: FillKind, id_: str) -> Fill:
    """What BingX closed: a sale closes a long. Linear contracts only."""
    return Fill(
        id=f"{row.symbol}:{row.order_id}",
        account=id_,
        venue=NAME,
        symbol=symbol_of(row.symbol),
        side=side_of(row, 1.0 if row.side == "SELL" else -1.0),
        size=needed(row.executed_qty, "executedQty", row.symbol),
        price=needed(row.avg_price, "avgPrice", row.symbol),
        time=moment(row.time, "time"),
        kind=fill_kind,
        realized_pnl=number(row.profit),
    )


def permissions(row: Key) -> KeyPermissions:
    """2 only reads."""
    words = row.permissions if row.permissions is not None else row.data.permissions if row.data else None
    if words is None:
        return KeyPermissions()
    return KeyPermissions(trade=bool({1, 3} & set(words)), withdraw=bool({4, 5, 7} & set(words)))


async def read_account(x: Reader) -> Piece:
    """Positions and balances of each chosen line."""
    positions: list[Position] = []
    accounts: list[Account] = []
    held: list[Holding] = []
    for line in x.lines:
        where, what = (POSITIONS, BALANCE) if line == "linear" else (COIN_POSITIONS, COIN_BALANCE)
        reply = await x.client.call(where, Reply[list[PositionRow]])
        found = [p for row in reply.data.data if (p := position(row, x.account, reply.at)) is not None]
        positions += found
        marks = {p.symbol.partition("/")[0]: p.mark_price for p in found}
        balances = await x.client.call(what, Reply[list[Balance]])
        for row in balances.data.data:
            if number(row.equity):
                price = 1.0 if line == "linear" and row.asset in ("USDT", "USDC") else marks.get(row.asset)
                accounts.append(pool(row, x.account, price, balances.at))
                amount = number(row.balance) or 0.0
                held.append(
                    Holding(account=x.account, venue=NAME, asset=row.asset, amount=amount, collateral=True, as_of=balances.at)
                )
    return Piece(accounts=tuple(accounts), positions=tuple(positions), holdings=tuple(held))


async def read_key(x: Reader) -> Piece:
    """What the key may do."""
    return Piece(permissions=permissions((await x.client.call(KEY, Key)).data))


async def read_markets(x: Reader) -> Piece:
    """Mark, index and funding of what we hold."""
    held = {native: symbol for symbol, native in x.held.items()}
    contracts = {contract_of(symbol) for symbol in x.held}
    markets: list[Market] = []
    for contract, endpoint in ((Contract.LINEAR, PREMIUM), (Contract.INVERSE, COIN_PREMIUM)):
        if contract in contracts:
            reply = await x.client.call(endpoint, Reply[list[Premium]])
            markets += [market(row, held[row.symbol], reply.at) for row in reply.data.data if row.symbol in held]
    return Piece(markets=tuple(markets))


def market(row: Premium, symbol: str, at: datetime) -> Market:
    """Mark, index, funding."""
    return Market(
        venue=NAME,
        symbol=symbol,
        contract=contract_of(symbol),
        mark_price=positive(row.mark_price),
        index_price=positive(row.index_price),
        funding_rate=number(row.last_funding_rate),
        funding_interval_hours=positive(row.funding_interval_hours),
        as_of=at,
    )


async def read_forced(x: Reader) -> Piece:
    """ADL and liquidations of the last day."""
    since = int((x.now.timestamp() - 86400) * 1000)
    fills: list[Fill] = []
    for word, fill_kind in (("ADL", FillKind.ADL), ("LIQUIDATION", FillKind.LIQUIDATION)):
        page = (await x.client.call(FORCED, Reply[Orders], autoCloseType=word, startTime=since, limit=100)).data.data
        fills += [fill(row, fill_kind, x.account) for row in page.orders or []]
    return Piece(fills=tuple(fills))


async def read_interest(x: Reader, symbol: str, native: str) -> Market:
    """Open interest, from USDT to base units at the latest mark of the premium index."""
    empty = Market(venue=NAME, symbol=symbol, contract=contract_of(symbol))
    if contract_of(symbol) is Contract.INVERSE:
        return empty
    value = number((await x.client.call(INTEREST, Reply[Interest], symbol=native)).data.data.open_interest)
    rows = (await x.client.call(PREMIUM, Reply[Premium], symbol=native)).data.data
    mark = positive(rows.mark_price)
    units = None if value is None or mark is None else value / mark
    return Market(venue=NAME, symbol=symbol, mark_price=mark, open_interest=units, as_of=x.now)


async def read_candles(x: Reader, symbol: str, native: str) -> Market:
    """The last 500 hours, then what came since."""
    linear, old = contract_of(symbol) is Contract.LINEAR, x.candles.get(symbol, ())
    since = {"startTime": int(old[-1].time.timestamp() * 1000)} if old else {}
    endpoint = KLINES if linear else COIN_KLINES
    rows = (await x.client.call(endpoint, Reply[list[Bar]], symbol=native, interval="1h", limit=500, **since)).data.data
    bars = extend(old, candles([(r.time, r.open, r.high, r.low, r.close, r.volume) for r in rows], 5 if linear else None))
    return Market(venue=NAME, symbol=symbol, contract=contract_of(symbol), candles=bars, volume_24h=day_volume(bars))


async def read_book(x: Reader, symbol: str, native: str) -> Market:
    """20 levels of a linear contract."""
    if contract_of(symbol) is Contract.INVERSE:
        return Market(venue=NAME, symbol=symbol, contract=Contract.INVERSE)
    reply = await x.client.call(DEPTH, Reply[Depth], symbol=native, limit=20)
    bids, asks = (levels(side) for side in (reply.data.data.bids, reply.data.data.asks))
    return Market(venue=NAME, symbol=symbol, book=Book(bids=bids, asks=asks, as_of=reply.at))


def parts(lines: tuple[str, ...]) -> tuple[Part, ...]:
    """The account of each line; forced orders exist for the linear one."""
    forced = (Part("fills", read_forced, every=60, on_shrink=True),) if "linear" in lines else ()
    return (
        Part("permissions", read_key, every=3600, required=True),
        Part("account", read_account, required=True),
        Part("markets", read_markets, every=15),
        *forced,
    )


VENUE = Venue(
    name=NAME,
    ccxt_id="bingx",
    endpoints=ENDPOINTS,
    capabilities=Capabilities(
        lines=("linear", "coin"),
        positions=yes("coin-margined size from initial margin times leverage times entry, for the API gives contracts only"),
        equity=yes("equity of each asset"),
        maintenance=no("riskRate is undocumented"),
        light=no("no ADL field in the API"),
        marks=yes("premiumIndex"),
        funding=yes("premiumIndex"),
        open_interest=yes("linear, from USDT at the mark"),
        candles=yes("1 h; no base volume for coin-margined contracts"),
        book=yes("20 levels, linear"),
        insurance=no("none in the API"),
        warnings=no("none public"),
        fills=yes("forceOrders with autoCloseType ADL and LIQUIDATION, linear; own orders are not read"),
        holdings=yes("futures wallets; the spot account is not read"),
        sub_accounts=no("each sub-account needs its own key"),
        key_permissions=yes("apiPermissions"),
    ),
    parts=parts,
    default_lines=("linear", "coin"),
    symbol_parts=(
        SymbolPart("open interest", read_interest, every=60, at_once=2),
        SymbolPart("candles", read_candles, every=600, at_once=2),
        SymbolPart("book", read_book, every=15, at_once=2),
    ),
    refused=refused,
    time=(TIME, ("data", "serverTime")),
)

KIND = kind(VENUE)
