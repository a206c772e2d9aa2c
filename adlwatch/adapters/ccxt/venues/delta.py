"""Delta Exchange perpetuals and futures, linear and inverse: https://docs.delta.exchange."""

from datetime import datetime
from typing import Generic, TypeVar

from adlwatch.adapters.base import BadPayload
from adlwatch.adapters.ccxt.decode import Num, Snake, dated, needed, number, perp, positive, when
from adlwatch.adapters.ccxt.options import kind
from adlwatch.adapters.ccxt.shape import book, candles, extend, holdings, in_usd, says_other_than
from adlwatch.adapters.ccxt.venue import Capabilities, Meter, Part, Piece, Reader, SymbolPart, Venue, no, reads, yes
from adlwatch.domain.model import Account, Contract, Fill, FillKind, MarginMode, Market, Position, Side, VenueLight

T = TypeVar("T")
NAME = "delta"
IP = Meter("delta ip", 500, window=300)
_public = reads("public", meter=IP)
TICKER = _public("tickers/{symbol}", 3)
CANDLES = _public("history/candles", 3)
BOOK = _public("l2orderbook/{symbol}", 3)
_private = reads("private", meter=IP)
POSITIONS = _private("positions/margined", 3)
WALLET = _private("wallet/balances", 3)
FILLS = _private("fills", 10)
ENDPOINTS = (TICKER, CANDLES, BOOK, POSITIONS, WALLET, FILLS)


class Reply(Snake, Generic[T]):
    """Around every reply."""

    success: bool
    result: T


class Symbol(Snake):
    """An asset by its symbol."""

    symbol: str


class Product(Snake):
    """What a contract stands for: base units (vanilla) or USD (inverse)."""

    symbol: str
    contract_value: Num
    notional_type: str
    contract_type: str
    underlying_asset: Symbol
    quoting_asset: Symbol
    settling_asset: Symbol
    maintenance_margin: Num = None
    """Percent."""
    settlement_time: datetime | None = None


class PositionRow(Snake):
    """positions/margined: signed contracts."""

    size: Num
    entry_price: Num
    product_symbol: str
    product: Product
    margin: Num = None
    margin_mode: str | None = None
    mark_price: Num = None
    liquidation_price: Num = None
    bankruptcy_price: Num = None
    adl_level: Num = None


class Balance(Snake):
    """wallet/balances: one asset, without unrealised PnL."""

    asset_symbol: str
    balance: Num


class Meta(Snake):
    """Beside the balances."""

    net_equity: Num = None


class Wallet(Snake):
    """wallet/balances."""

    success: bool
    result: list[Balance]
    meta: Meta | None = None


class Ticker(Snake):
    """tickers: open interest as a value in the underlying, funding rate in percent."""

    symbol: str
    mark_price: Num
    spot_price: Num = None
    funding_rate: Num = None
    oi: Num = None
    volume: Num = None
    timestamp: Num = None


class Bar(Snake):
    """history/candles: volume in contracts."""

    time: Num
    open: Num
    high: Num
    low: Num
    close: Num
    volume: Num = None


class Level(Snake):
    """One level of the book, in contracts."""

    price: Num
    size: Num


class Depth(Snake):
    """l2orderbook."""

    buy: list[Level]
    sell: list[Level]


class FillRow(Snake):
    """fills; `fill_type` says what it was."""

    id: int | str
    side: str
    size: Num
    price: Num
    created_at: datetime
    product: Product
    fill_type: str = "normal"


refused = says_other_than("true", "success")
"""Delta's errors come with success false."""


def symbol_of(what: Product) -> str:
    """The unified symbol."""
    base, quote, settle = what.underlying_asset.symbol, what.quoting_asset.symbol, what.settling_asset.symbol
    if what.contract_type != "futures" or what.settlement_time is None:
        return perp(base, quote, settle)
    return dated(base, quote, settle, what.settlement_time.strftime("%y%m%d"))


def contract_of(what: Product) -> Contract:
    """How it pays; a quanto contract does neither way."""
    if what.notional_type not in ("vanilla", "inverse"):
        raise BadPayload(f"delta: {what.symbol} is {what.notional_type}, which is not read")
    return Contract.INVERSE if what.notional_type == "inverse" else Contract.LINEAR


def lot(what: Product) -> float:
    """What one contract stands for."""
    return needed(positive(what.contract_value), "contract_value", what.symbol)


def position(row: PositionRow, account: str, at: datetime) -> Position | None:
    """One position; None for an empty row."""
    contracts = needed(row.size, "size", row.product_symbol)
    if contracts == 0:
        return None
    what, mark, light = row.product, positive(row.mark_price), number(row.adl_level)
    contract = contract_of(what)
    isolated = row.margin_mode in (None, "isolated")
    return Position(
        account=account,
        venue=NAME,
        symbol=symbol_of(what),
        side=Side.LONG if contracts > 0 else Side.SHORT,
        size=abs(contracts) * lot(what),
        contracts=abs(contracts),
        entry_price=needed(row.entry_price, "entry_price", row.product_symbol),
        mark_price=mark,
        contract=contract,
        margin_mode=MarginMode.ISOLATED if isolated else MarginMode.CROSS,
        isolated_margin=in_usd(number(row.margin), mark if contract is Contract.INVERSE else 1.0) if isolated else None,
        liquidation_price=positive(row.liquidation_price),
        bankruptcy_price=positive(row.bankruptcy_price),
        venue_light=None if light is None else VenueLight(light, at),
        as_of=at,
        raw=(("id", row.product_symbol),),
    )


KINDS = {"normal": FillKind.ORDER, "adl": FillKind.ADL, "liquidation": FillKind.LIQUIDATION, "settlement": FillKind.SETTLEMENT}


def fill(row: FillRow, id_: str) -> Fill:
    """One own fill, read as a close of the opposite side: Delta does not say whether an order opened or closed."""
    return Fill(
        id=str(row.id),
        account=id_,
        venue=NAME,
        symbol=symbol_of(row.product),
        side=Side.SHORT if row.side == "buy" else Side.LONG,
        size=needed(row.size, "size", row.product.symbol) * lot(row.product),
        price=needed(row.price, "price", row.product.symbol),
        time=row.created_at,
        kind=KINDS.get(row.fill_type, FillKind.UNKNOWN),
    )


def market(row: Ticker, what: Product) -> Market:
    """Mark, index, funding as a fraction, open interest and volume."""
    rate, maintenance = number(row.funding_rate), positive(what.maintenance_margin)
    return Market(
        venue=NAME,
        symbol=symbol_of(what),
        contract=contract_of(what),
        mark_price=positive(row.mark_price),
        index_price=positive(row.spot_price),
        funding_rate=None if rate is None else rate / 100,
        open_interest=number(row.oi),
        volume_24h=number(row.volume) if contract_of(what) is Contract.LINEAR else None,
        maintenance_rate=None if maintenance is None else maintenance / 100,
        as_of=when(row.timestamp),
    )


def product(x: Reader, native: str) -> Product:
    """The product of a held position, which came with it."""
    found: Product = x.memory["products"][native]
    return found


async def read_account(x: Reader) -> Piece:
    """Positions with their products, equity and coins."""
    reply = await x.client.call(POSITIONS, Reply[list[PositionRow]])
    x.memory["products"] = {row.product_symbol: row.product for row in reply.data.result}
    found = (position(row, x.account, reply.at) for row in reply.data.result)
    wallet = await x.client.call(WALLET, Wallet)
    amounts = ((row.asset_symbol, row.balance) for row in wallet.data.result)
    held = holdings(amounts, NAME, x.account, wallet.at, collateral=True)
    equity = number(wallet.data.meta.net_equity) if wallet.data.meta else None
    account = Account(id=x.account, venue=NAME, equity=equity, as_of=wallet.at)
    return Piece(accounts=(account,), positions=tuple(p for p in found if p is not None), holdings=held)


async def read_fills(x: Reader) -> Piece:
    """The latest own fills."""
    rows = (await x.client.call(FILLS, Reply[list[FillRow]], page_size=50)).data.result
    return Piece(
        fills=tuple(fill(row, x.account) for row in rows if row.product.contract_type in ("perpetual_futures", "futures"))
    )


async def read_ticker(x: Reader, _: str, native: str) -> Market:
    """One market."""
    return market((await x.client.call(TICKER, Reply[Ticker], symbol=native)).data.result, product(x, native))


async def read_candles(x: Reader, symbol: str, native: str) -> Market:
    """The last 500 hours, then what came since; volume in base units of a linear contract."""
    old, what, end = x.candles.get(symbol, ()), product(x, native), int(x.now.timestamp())
    start = int(old[-1].time.timestamp()) if old else end - 500 * 3600
    rows = (await x.client.call(CANDLES, Reply[list[Bar]], symbol=native, resolution="1h", start=start, end=end)).data.result
    volume_at = 5 if contract_of(what) is Contract.LINEAR else None
    bars = extend(old, candles([(r.time, r.open, r.high, r.low, r.close, r.volume) for r in rows], volume_at, unit=lot(what)))
    return Market(venue=NAME, symbol=symbol, contract=contract_of(what), candles=bars)


async def read_book(x: Reader, symbol: str, native: str) -> Market:
    """20 levels in base units."""
    what = product(x, native)
    reply = await x.client.call(BOOK, Reply[Depth], symbol=native, depth=20)
    bids, asks = ([(row.price, row.size) for row in side] for side in (reply.data.result.buy, reply.data.result.sell))
    found = book(bids, asks, reply.at, lot(what), inverse=contract_of(what) is Contract.INVERSE)
    return Market(venue=NAME, symbol=symbol, contract=contract_of(what), book=found)


def parts(_: tuple[str, ...]) -> tuple[Part, ...]:
    """Everything of the account comes in two calls."""
    return (Part("account", read_account, required=True), Part("fills", read_fills, every=120, on_shrink=True))


VENUE = Venue(
    name=NAME,
    ccxt_id="delta",
    endpoints=ENDPOINTS,
    capabilities=Capabilities(
        lines=("futures",),
        positions=yes("vanilla and inverse; quanto contracts are refused by name"),
        equity=yes("net_equity beside the balances, where Delta sends it"),
        maintenance=no("only the lowest tier's rate"),
        light=yes("adl_level: looks like a raw score, shown raw, no level is read from it"),
        marks=yes("with the positions, and tickers"),
        funding=yes("tickers, from percent; the interval is not told"),
        open_interest=yes("in the underlying"),
        candles=yes("1 h; no base volume for inverse contracts"),
        book=yes("20 levels"),
        insurance=no("none in the API"),
        warnings=no("none public"),
        fills=yes("the latest 50; fill_type adl; orders are read as closes, for Delta does not say"),
        holdings=yes("wallet"),
        sub_accounts=no("a master key is told names only; each sub-account needs its own key"),
        key_permissions=no("the API does not tell"),
    ),
    parts=parts,
    default_lines=("futures",),
    symbol_parts=(
        SymbolPart("ticker", read_ticker, every=60, at_once=2),
        SymbolPart("candles", read_candles, every=1200, at_once=1),
        SymbolPart("book", read_book, every=120, at_once=1),
    ),
    refused=refused,
)

KIND = kind(VENUE)
