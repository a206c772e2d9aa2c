"""MEXC futures, linear and inverse: https://www.mexc.com/api-docs/futures."""

from datetime import datetime
from typing import Generic, TypeVar

from adlwatch.adapters.base import BadPayload
from adlwatch.adapters.ccxt.decode import Camel, Num, moment, needed, number, perp, positive, when
from adlwatch.adapters.ccxt.options import kind
from adlwatch.adapters.ccxt.shape import book, candles, extend, holdings, in_usd, says_other_than
from adlwatch.adapters.ccxt.venue import Capabilities, Meter, Part, Piece, Reader, SymbolPart, Venue, no, reads, yes
from adlwatch.domain.model import (
    Account,
    Contract,
    Fill,
    FillKind,
    MarginMode,
    Market,
    Pool,
    Position,
    Side,
    VenueLight,
)

T = TypeVar("T")
NAME = "mexc"
IP = Meter("mexc ip", 20, window=2)
UID = Meter("mexc uid", 20, window=2, per_account=True)
_public = reads("contract", "public", meter=IP)
TIME = _public("ping")
DETAIL = _public("detail", 2)
TICKERS = _public("ticker")
FUNDING = _public("funding_rate/{symbol}")
KLINE = _public("kline/{symbol}")
DEPTH = _public("depth/{symbol}")
RESERVE = _public("risk_reverse")
_private = reads("contract", "private", meter=UID)
POSITIONS = _private("position/open_positions")
ASSETS = _private("account/assets")
DEALS = _private("order/list/order_deals")
ENDPOINTS = (TIME, DETAIL, TICKERS, FUNDING, KLINE, DEPTH, RESERVE, POSITIONS, ASSETS, DEALS)


class Reply(Camel, Generic[T]):
    """Around every reply."""

    success: bool
    data: T


class PositionRow(Camel):
    """open_positions: contracts; neither mark nor uPnL nor maintenance margin."""

    symbol: str
    position_type: int
    open_type: int
    hold_vol: Num
    hold_avg_price: Num
    liquidate_price: Num = None
    im: Num = None
    leverage: Num = None
    adl_level: Num = None


class Asset(Camel):
    """account/assets of one currency; equity is with unrealised PnL."""

    currency: str
    equity: Num
    unrealized: Num = None


class Detail(Camel):
    """contract/detail: `contractSize` base units, or USD where the contract settles in its base coin."""

    symbol: str
    base_coin: str
    quote_coin: str
    settle_coin: str
    contract_size: Num
    maintenance_margin_rate: Num = None


class Ticker(Camel):
    """ticker: `holdVol` and `volume24` in contracts."""

    symbol: str
    fair_price: Num
    index_price: Num = None
    funding_rate: Num = None
    hold_vol: Num = None
    volume24: Num = None
    timestamp: Num = None


class Rate(Camel):
    """funding_rate; `collectCycle` in hours."""

    funding_rate: Num = None
    collect_cycle: Num = None


class Kline(Camel):
    """kline: columns; volume in contracts."""

    time: list[Num]
    open: list[Num]
    high: list[Num]
    low: list[Num]
    close: list[Num]
    vol: list[Num]


class Depth(Camel):
    """depth: price, contracts, orders."""

    asks: list[list[Num]]
    bids: list[list[Num]]


class Reserve(Camel):
    """risk_reverse: the insurance fund of one contract."""

    symbol: str
    available: Num
    currency: str = ""
    timestamp: Num = None


class Deal(Camel):
    """order_deals: side 1 opens long, 2 closes short, 3 opens short, 4 closes long; category 4 is ADL."""

    id: int | str
    symbol: str
    side: int
    vol: Num
    price: Num
    timestamp: Num
    category: int = 1
    fee: Num = None
    profit: Num = None


refused = says_other_than("true", "success")
"""MEXC's errors come with success false."""


def symbol_of(what: Detail) -> str:
    """The unified symbol."""
    return perp(what.base_coin, what.quote_coin, what.settle_coin)


def contract_of(what: Detail) -> Contract:
    """Inverse where it settles in its base coin."""
    return Contract.INVERSE if what.settle_coin == what.base_coin else Contract.LINEAR


def lot(what: Detail) -> float:
    """What one contract stands for."""
    return needed(positive(what.contract_size), "contractSize", what.symbol)


def pool_of(account: str, currency: str) -> str:
    """USDT is the account itself, every other currency a pool of its own."""
    return account if currency == "USDT" else f"{account}/{currency}"


def position(row: PositionRow, what: Detail, account: str, mark: float | None, at: datetime) -> Position | None:
    """One position, with the mark from the tickers; an ADL level of 0 waits for MEXC's refresh."""
    contracts = needed(row.hold_vol, "holdVol", row.symbol)
    if contracts == 0:
        return None
    if row.position_type not in (1, 2) or row.open_type not in (1, 2):
        raise BadPayload(f"{row.symbol}: positionType {row.position_type}, openType {row.open_type}")
    isolated, light = row.open_type == 1, positive(row.adl_level)
    return Position(
        account=pool_of(account, what.settle_coin),
        venue=NAME,
        symbol=symbol_of(what),
        side=Side.LONG if row.position_type == 1 else Side.SHORT,
        size=contracts * lot(what),
        entry_price=needed(row.hold_avg_price, "holdAvgPrice", row.symbol),
        mark_price=mark,
        contract=contract_of(what),
        margin_mode=MarginMode.ISOLATED if isolated else MarginMode.CROSS,
        isolated_margin=in_usd(number(row.im), mark if contract_of(what) is Contract.INVERSE else 1.0) if isolated else None,
        leverage=positive(row.leverage),
        liquidation_price=positive(row.liquidate_price),
        venue_light=None if light is None else VenueLight(int(light), at),
        as_of=at,
        raw=(("id", row.symbol),),
    )


def market(row: Ticker, what: Detail, hours: float | None) -> Market:
    """Fair price, index, funding, open interest and volume in base units."""
    mark, inverse = positive(row.fair_price), contract_of(what) is Contract.INVERSE

    def base(contracts: Num) -> float | None:
        amount = in_usd(number(contracts), lot(what))
        return amount if not inverse else None if amount is None or mark is None else amount / mark

    return Market(
        venue=NAME,
        symbol=symbol_of(what),
        contract=contract_of(what),
        mark_price=mark,
        index_price=positive(row.index_price),
        funding_rate=number(row.funding_rate),
        funding_interval_hours=hours,
        open_interest=base(row.hold_vol),
        volume_24h=base(row.volume24),
        maintenance_rate=positive(what.maintenance_margin_rate),
        as_of=when(row.timestamp),
    )


SIDES = {1: (Side.LONG, False), 2: (Side.SHORT, True), 3: (Side.SHORT, False), 4: (Side.LONG, True)}
KINDS = {1: FillKind.ORDER, 2: FillKind.LIQUIDATION, 3: FillKind.SETTLEMENT, 4: FillKind.ADL}


def fill(row: Deal, what: Detail, id_: str) -> Fill:
    """One own deal."""
    if row.side not in SIDES:
        raise BadPayload(f"{row.symbol}: deal of side {row.side}")
    side, closes = SIDES[row.side]
    return Fill(
        id=str(row.id),
        account=id_,
        venue=NAME,
        symbol=symbol_of(what),
        side=side,
        size=needed(row.vol, "vol", row.symbol) * lot(what),
        price=needed(row.price, "price", row.symbol),
        time=moment(row.timestamp, "timestamp"),
        kind=KINDS.get(row.category, FillKind.UNKNOWN),
        closes=closes,
        fee=number(row.fee) if contract_of(what) is Contract.LINEAR else None,
        realized_pnl=number(row.profit) if closes else None,
    )


async def detail(x: Reader, native: str) -> Detail:
    """What a contract stands for, asked again every six hours."""
    known: dict[str, tuple[datetime, Detail]] = x.memory.setdefault("details", {})
    kept = known.get(native)
    if kept is None or (x.now - kept[0]).total_seconds() > 6 * 3600:
        told = (await x.client.call(DETAIL, Reply[Detail | list[Detail]], symbol=native)).data.data
        rows = told if isinstance(told, list) else [told]
        found = next((row for row in rows if row.symbol == native), None)
        if found is None:
            raise BadPayload(f"mexc: no contract {native}, so its size is unknown")
        kept = known[native] = (x.now, found)
    return kept[1]


async def read_positions(x: Reader) -> Piece:
    """Positions with their marks, markets, and the pool of each currency."""
    reply = await x.client.call(POSITIONS, Reply[list[PositionRow]])
    rows = [row for row in reply.data.data if number(row.hold_vol) != 0]
    tickers = (await x.client.call(TICKERS, Reply[list[Ticker]])).data.data if rows else []
    by_symbol = {row.symbol: row for row in tickers}
    positions: list[Position] = []
    markets: list[Market] = []
    prices = {"USDT": 1.0, "USDC": 1.0, "USD": 1.0}
    hours: dict[str, float | None] = x.memory.get("hours", {})
    for row in rows:
        what, ticker = await detail(x, row.symbol), by_symbol.get(row.symbol)
        mark = positive(ticker.fair_price) if ticker else None
        found = position(row, what, x.account, mark, reply.at)
        positions += [found] if found else []
        markets += [market(ticker, what, hours.get(row.symbol))] if ticker else []
        if mark and contract_of(what) is Contract.INVERSE:
            prices[what.settle_coin] = mark
    assets = await x.client.call(ASSETS, Reply[list[Asset]])
    filled = [row for row in assets.data.data if number(row.equity)]
    amounts = ((row.currency, (number(row.equity) or 0.0) - (number(row.unrealized) or 0.0)) for row in filled)
    return Piece(
        accounts=tuple(pool(row, x.account, prices.get(row.currency), assets.at) for row in filled),
        positions=tuple(positions),
        holdings=holdings(amounts, NAME, x.account, assets.at, collateral=True),
        markets=tuple({m.symbol: m for m in markets}.values()),
    )


def pool(row: Asset, account: str, price: float | None, at: datetime) -> Account:
    """The margin pool of one currency, valued at `price`."""
    equity, pnl = number(row.equity), number(row.unrealized)
    wallet = None if equity is None or pnl is None else equity - pnl
    id_ = pool_of(account, row.currency)
    return Account(
        id=id_, venue=NAME, equity=in_usd(equity, price), wallet=in_usd(wallet, price), portfolio_margin=False, as_of=at
    )


async def read_insurance(x: Reader) -> Piece:
    """The fund of each contract we hold."""
    held = {native: symbol for symbol, native in x.held.items()}
    rows = (await x.client.call(RESERVE, Reply[list[Reserve]])).data.data
    found = (pool_of_reserve(row, held[row.symbol]) for row in rows if row.symbol in held)
    return Piece(pools=tuple(found))


def pool_of_reserve(row: Reserve, symbol: str) -> Pool:
    """A contract's own fund."""
    name = f"{row.symbol} {row.currency}".strip()
    return Pool(venue=NAME, name=name, balance=number(row.available), symbols=(symbol,), as_of=when(row.timestamp))


async def read_fills(x: Reader) -> Piece:
    """Own deals of the last day."""
    now = int(x.now.timestamp() * 1000)
    rows = (await x.client.call(DEALS, Reply[list[Deal]], start_time=now - 86_400_000, end_time=now, page_size=100)).data.data
    return Piece(fills=tuple([fill(row, await detail(x, row.symbol), x.account) for row in rows]))


async def read_funding(x: Reader, symbol: str, native: str) -> Market:
    """The funding interval, which tickers lack."""
    row = (await x.client.call(FUNDING, Reply[Rate], symbol=native)).data.data
    hours: dict[str, float | None] = x.memory.setdefault("hours", {})
    hours[native] = positive(row.collect_cycle)
    what = await detail(x, native)
    return Market(venue=NAME, symbol=symbol, contract=contract_of(what), funding_interval_hours=hours[native])


async def read_candles(x: Reader, symbol: str, native: str) -> Market:
    """The last 500 hours, then what came since; volume in base units of a linear contract."""
    what, old, end = await detail(x, native), x.candles.get(symbol, ()), int(x.now.timestamp())
    start = int(old[-1].time.timestamp()) if old else end - 500 * 3600
    k = (await x.client.call(KLINE, Reply[Kline], symbol=native, interval="Min60", start=start, end=end)).data.data
    rows = zip(k.time, k.open, k.high, k.low, k.close, k.vol, strict=True)
    bars = extend(old, candles(rows, 5 if contract_of(what) is Contract.LINEAR else None, unit=lot(what)))
    return Market(venue=NAME, symbol=symbol, contract=contract_of(what), candles=bars)


async def read_book(x: Reader, symbol: str, native: str) -> Market:
    """50 levels in base units."""
    what = await detail(x, native)
    reply = await x.client.call(DEPTH, Reply[Depth], symbol=native, limit=50)
    inverse = contract_of(what) is Contract.INVERSE
    found = book(reply.data.data.bids, reply.data.data.asks, reply.at, lot(what), inverse=inverse)
    return Market(venue=NAME, symbol=symbol, contract=contract_of(what), book=found)


def parts(_: tuple[str, ...]) -> tuple[Part, ...]:
    """Linear and inverse come in the same calls."""
    return (
        Part("positions", read_positions, required=True),
        Part("insurance", read_insurance, every=300),
        Part("fills", read_fills, every=60, on_shrink=True),
    )


VENUE = Venue(
    name=NAME,
    ccxt_id="mexc",
    endpoints=ENDPOINTS,
    capabilities=Capabilities(
        lines=("futures",),
        positions=yes("linear and inverse in one call; marks from the tickers"),
        equity=yes("equity of each currency"),
        maintenance=no("not by position nor account; only the lowest tier's rate"),
        light=yes("adlLevel, 1..5, 5 presumed front; 0 waits for a refresh; not sent by every version of the API"),
        marks=yes("fairPrice of the tickers"),
        funding=yes("tickers, interval from funding_rate"),
        open_interest=yes("holdVol times contract size"),
        candles=yes("1 h; no base volume for inverse contracts"),
        book=yes("50 levels"),
        insurance=yes("risk_reverse, by contract"),
        warnings=no("none public"),
        fills=yes("the latest 100 deals of a day; category 4 is ADL"),
        holdings=yes("futures wallets; the spot account is not read"),
        sub_accounts=no("a master key is told spot balances only; each sub-account needs its own key"),
        key_permissions=no("the futures API does not tell"),
    ),
    parts=parts,
    default_lines=("futures",),
    tables={"details": tuple[datetime, Detail]},
    symbol_parts=(
        SymbolPart("funding interval", read_funding, every=3600),
        SymbolPart("candles", read_candles, every=600, at_once=2),
        SymbolPart("book", read_book, every=15, at_once=2),
    ),
    refused=refused,
    time=(TIME, ("data",)),
)

KIND = kind(VENUE)
