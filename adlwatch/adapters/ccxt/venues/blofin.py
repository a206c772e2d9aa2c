"""BloFin perpetuals, with the balances of the other accounts: https://docs.blofin.com."""

from datetime import datetime
from typing import Generic, TypeVar

from msgspec import Struct

from adlwatch.adapters.base import BadPayload
from adlwatch.adapters.ccxt.decode import Camel, Num, needed, number, perp, positive, when
from adlwatch.adapters.ccxt.options import kind
from adlwatch.adapters.ccxt.shape import candles, day_volume, extend, in_usd, levels, says_no
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
from adlwatch.domain.model import Account, Book, Contract, Holding, MarginMode, Market, Position, Side, VenueLight

T = TypeVar("T")
NAME = "blofin"
IP = Meter("blofin ip", 1500, window=300)
_public = reads("public", meter=IP)
INSTRUMENT = _public("market/instruments")
MARK = _public("market/mark-price")
FUNDING = _public("market/funding-rate")
CANDLES = _public("market/candles")
BOOKS = _public("market/books")
_private = reads("private", meter=IP)
POSITIONS = _private("account/positions")
BALANCE = _private("account/balance")
ASSETS = _private("asset/balances")
KEY = _private("user/query-apikey")
ENDPOINTS = (INSTRUMENT, MARK, FUNDING, CANDLES, BOOKS, POSITIONS, BALANCE, ASSETS, KEY)


class Reply(Camel, Generic[T]):
    """Around every reply."""

    code: str
    data: T


class PositionRow(Camel):
    """account/positions; contracts, signed in net mode."""

    inst_id: str
    positions: Num
    average_price: Num
    position_side: str = "net"
    margin_mode: str = ""
    leverage: Num = None
    margin: Num = None
    mark_price: Num = None
    liquidation_price: Num = None
    maintenance_margin: Num = None
    adl: Num = None


class Detail(Camel):
    """One currency of the futures account; balance is without unrealised PnL."""

    currency: str
    balance: Num


class Balance(Camel):
    """account/balance, in USD."""

    total_equity: Num
    details: list[Detail]


class Asset(Camel):
    """asset/balances of another account."""

    currency: str
    balance: Num


class Instrument(Camel):
    """market/instruments: what a contract stands for."""

    inst_id: str
    base_currency: str
    quote_currency: str
    contract_value: Num
    contract_type: str = "linear"


class Mark(Camel):
    """market/mark-price."""

    inst_id: str
    mark_price: Num
    index_price: Num = None
    ts: Num = None


class Rate(Camel):
    """market/funding-rate."""

    inst_id: str
    funding_rate: Num


class Depth(Camel):
    """market/books: price, contracts."""

    asks: list[list[Num]]
    bids: list[list[Num]]


class Key(Camel):
    """user/query-apikey."""

    read_only: int | None = None


class _Code(Struct):
    code: str


def refused(body: bytes) -> bool:
    """BloFin's errors carry a code that is not "0"."""
    return says_no(body, _Code, frozenset({"0"}))


def symbol_of(native: str) -> str:
    """BTC-USDT → BTC/USDT:USDT, BTC-USD → BTC/USD:BTC."""
    base, _, quote = native.partition("-")
    return perp(base, quote, base if quote == "USD" else quote)


def position(row: PositionRow, what: Instrument, account: str, at: datetime) -> Position | None:
    """One position; None for an empty row."""
    contracts = needed(row.positions, "positions", row.inst_id)
    if contracts == 0:
        return None
    if row.position_side not in ("net", "long", "short") or row.margin_mode not in ("cross", "isolated"):
        raise BadPayload(f"{row.inst_id}: positionSide {row.position_side!r}, marginMode {row.margin_mode!r}")
    side = Side(row.position_side) if row.position_side != "net" else Side.LONG if contracts > 0 else Side.SHORT
    mark, isolated, light = positive(row.mark_price), row.margin_mode == "isolated", number(row.adl)
    unit = mark if inverse(what) else 1.0
    return Position(
        account=account,
        venue=NAME,
        symbol=symbol_of(row.inst_id),
        side=side,
        size=abs(contracts) * needed(positive(what.contract_value), "contractValue", row.inst_id),
        entry_price=needed(row.average_price, "averagePrice", row.inst_id),
        mark_price=mark,
        contract=Contract.INVERSE if inverse(what) else Contract.LINEAR,
        margin_mode=MarginMode.ISOLATED if isolated else MarginMode.CROSS,
        isolated_margin=in_usd(number(row.margin), unit) if isolated else None,
        leverage=positive(row.leverage),
        maintenance_margin=in_usd(number(row.maintenance_margin), unit),
        liquidation_price=positive(row.liquidation_price),
        venue_light=None if light is None else VenueLight(int(light), at),
        as_of=at,
        raw=(("id", row.inst_id),),
    )


def inverse(what: Instrument) -> bool:
    """Whether it pays in coin."""
    return what.contract_type == "inverse"


async def instrument(x: Reader, native: str) -> Instrument:
    """What a contract stands for; asked once, for it does not change."""
    known: dict[str, Instrument] = x.memory.setdefault("instruments", {})
    if native not in known:
        rows = (await x.client.call(INSTRUMENT, Reply[list[Instrument]], instId=native)).data.data
        found = next((row for row in rows if row.inst_id == native), None)
        if found is None:
            raise BadPayload(f"blofin: no instrument {native}, so the size of its contract is unknown")
        known[native] = found
    return known[native]


async def read_account(x: Reader) -> Piece:
    """Positions, equity and coins of the futures account."""
    reply = await x.client.call(POSITIONS, Reply[list[PositionRow]])
    rows = [row for row in reply.data.data if number(row.positions) != 0]
    found = [position(row, await instrument(x, row.inst_id), x.account, reply.at) for row in rows]
    balance = await x.client.call(BALANCE, Reply[Balance])
    equity = number(balance.data.data.total_equity)
    held = tuple(
        Holding(account=x.account, venue=NAME, asset=d.currency, amount=amount, collateral=True, as_of=balance.at)
        for d in balance.data.data.details
        if (amount := number(d.balance))
    )
    account = Account(id=x.account, venue=NAME, equity=equity, as_of=balance.at)
    return Piece(accounts=(account,), positions=tuple(p for p in found if p is not None), holdings=held)


async def read_assets(x: Reader) -> Piece:
    """Coins of the funding and the spot account."""
    held: list[Holding] = []
    for account_type in ("funding", "spot"):
        reply = await x.client.call(ASSETS, Reply[list[Asset]], accountType=account_type)
        held += [
            Holding(account=x.account, venue=NAME, asset=row.currency, amount=amount, as_of=reply.at)
            for row in reply.data.data
            if (amount := number(row.balance))
        ]
    return Piece(holdings=tuple(held))


async def read_key(x: Reader) -> Piece:
    """What the key may do; which writes, BloFin does not say."""
    told = (await x.client.call(KEY, Reply[Key])).data.data.read_only
    return Piece(permissions=None if told is None else KeyPermissions(trade=told != 1))


async def read_market(x: Reader, symbol: str, native: str) -> Market:
    """Mark, index and funding of one contract."""
    marks = (await x.client.call(MARK, Reply[list[Mark]], instId=native)).data.data
    rates = (await x.client.call(FUNDING, Reply[list[Rate]], instId=native)).data.data
    mark = next((row for row in marks if row.inst_id == native), None)
    rate = next((row for row in rates if row.inst_id == native), None)
    return Market(
        venue=NAME,
        symbol=symbol,
        contract=Contract.INVERSE if inverse(await instrument(x, native)) else Contract.LINEAR,
        mark_price=positive(mark.mark_price) if mark else None,
        index_price=positive(mark.index_price) if mark else None,
        funding_rate=number(rate.funding_rate) if rate else None,
        as_of=when(mark.ts) if mark else None,
    )


async def read_candles(x: Reader, symbol: str, native: str) -> Market:
    """The last 500 hours, then what came since; volume in coins."""
    old, what = x.candles.get(symbol, ()), await instrument(x, native)
    rows = (await x.client.call(CANDLES, Reply[list[list[Num]]], instId=native, bar="1H", limit=10 if old else 500)).data.data
    bars = extend(old, candles(rows, 6))
    contract = Contract.INVERSE if inverse(what) else Contract.LINEAR
    return Market(venue=NAME, symbol=symbol, contract=contract, candles=bars, volume_24h=day_volume(bars))


async def read_book(x: Reader, symbol: str, native: str) -> Market:
    """20 levels in base units."""
    what = await instrument(x, native)
    reply = await x.client.call(BOOKS, Reply[list[Depth]], instId=native, size=20)
    size = needed(positive(what.contract_value), "contractValue", native)
    if not reply.data.data:
        raise BadPayload(f"blofin market/books: no book of {native}")
    bids, asks = (levels(side, size, inverse=inverse(what)) for side in (reply.data.data[0].bids, reply.data.data[0].asks))
    contract = Contract.INVERSE if inverse(what) else Contract.LINEAR
    return Market(venue=NAME, symbol=symbol, contract=contract, book=Book(bids=bids, asks=asks, as_of=reply.at))


def parts(lines: tuple[str, ...]) -> tuple[Part, ...]:
    """The futures account, and the others as a line of their own."""
    others = (Part("other accounts", read_assets, every=60, required=True),) if "spot" in lines else ()
    return (
        Part("permissions", read_key, every=3600, required=True),
        Part("account", read_account, required=True),
        *others,
    )


VENUE = Venue(
    name=NAME,
    ccxt_id="blofin",
    endpoints=ENDPOINTS,
    capabilities=Capabilities(
        lines=("futures", "spot"),
        positions=yes("linear and inverse perpetuals"),
        equity=yes("totalEquity"),
        maintenance=yes("by position; not by account"),
        light=yes("adl, an integer; bounds and direction undocumented, shown raw"),
        marks=yes("with the positions, and mark-price"),
        funding=yes("funding-rate; the interval is not told"),
        open_interest=no("none in the API"),
        candles=yes("1 h"),
        book=yes("20 levels"),
        insurance=no("none in the API"),
        warnings=no("none public"),
        fills=no("ccxt's list has no endpoint that tells an ADL from an order"),
        holdings=yes("futures, funding and spot accounts"),
        sub_accounts=no("each sub-account needs its own key"),
        key_permissions=yes("query-apikey: read only or not"),
    ),
    parts=parts,
    default_lines=("futures", "spot"),
    symbol_parts=(
        SymbolPart("market", read_market, every=30, at_once=2),
        SymbolPart("candles", read_candles, every=600, at_once=1),
        SymbolPart("book", read_book, every=60, at_once=1),
    ),
    refused=refused,
    needs=("api_key", "secret", "password"),
)

KIND = kind(VENUE)
