"""Deribit: inverse and linear perpetuals and futures of every currency: https://docs.deribit.com."""

from datetime import UTC, datetime
from typing import Generic, TypeVar

from msgspec import field

from adlwatch.adapters.base import BadPayload
from adlwatch.adapters.ccxt.decode import Num, Snake, dated, moment, needed, number, perp, positive, when
from adlwatch.adapters.ccxt.options import kind
from adlwatch.adapters.ccxt.shape import candles, contract_of, day_volume, extend, in_usd, levels
from adlwatch.adapters.ccxt.venue import Capabilities, Meter, Part, Piece, Reader, SymbolPart, Venue, no, reads, yes
from adlwatch.domain.model import Account, Book, Contract, Fill, FillKind, Holding, MarginMode, Market, Position, Side

T = TypeVar("T")
NAME = "deribit"
IP = Meter("deribit ip", 20, window=1)
UID = Meter("deribit uid", 20, window=1, per_account=True)
_public = reads("public", meter=IP)
TIME = _public("get_time")
TICKER = _public("ticker")
INDEX = _public("get_index_price")
CHART = _public("get_tradingview_chart_data")
BOOK = _public("get_order_book")
_private = reads("private", meter=UID)
POSITIONS = _private("get_positions")
SUMMARIES = _private("get_account_summaries")
TRADES = _private("get_user_trades_by_currency_and_time")
ENDPOINTS = (TIME, TICKER, INDEX, CHART, BOOK, POSITIONS, SUMMARIES, TRADES)
STABLE = frozenset({"USDC", "USDT", "USDE"})
SIDES = {"buy": Side.LONG, "sell": Side.SHORT}


class Reply(Snake, Generic[T]):
    """Around every reply; errors come with a status of 400."""

    result: T


class PositionRow(Snake):
    """get_positions: size in USD (inverse) or base units (linear), signed; margins in the settle currency."""

    instrument_name: str
    direction: str
    size: Num
    average_price: Num
    kind: str = "future"
    mark_price: Num = None
    leverage: Num = None
    initial_margin: Num = None
    maintenance_margin: Num = None
    estimated_liquidation_price: Num = None
    floating_profit_loss: Num = None


class Summary(Snake):
    """One currency of get_account_summaries; with cross collateral the totals in USD count."""

    currency: str
    equity: Num
    balance: Num = None
    maintenance_margin: Num = None
    portfolio_margining_enabled: bool | None = None
    cross_collateral_enabled: bool | None = None
    total_equity_usd: Num = None
    total_maintenance_margin_usd: Num = None


class Summaries(Snake):
    """get_account_summaries."""

    summaries: list[Summary]


class Price(Snake):
    """get_index_price."""

    index_price: Num


class Stats(Snake):
    """Of the last 24 hours; volume in base currency."""

    volume: Num = None


class Ticker(Snake):
    """ticker: open interest in USD (inverse) or base units (linear)."""

    mark_price: Num
    index_price: Num = None
    open_interest: Num = None
    funding_8h: Num = None
    stats: Stats | None = None
    timestamp: Num = None


class Chart(Snake):
    """get_tradingview_chart_data: columns; volume in base currency."""

    ticks: list[Num]
    open: list[Num]
    high: list[Num]
    low: list[Num]
    close: list[Num]
    volume: list[Num]


class Depth(Snake):
    """get_order_book: price, amount in the contract's unit."""

    asks: list[list[Num]]
    bids: list[list[Num]]


class Trade(Snake):
    """get_user_trades…; `liquidation` is T where we were liquidated as the taker, M as the maker's side, MT both."""

    trade_id: str
    instrument_name: str
    direction: str
    amount: Num
    price: Num
    timestamp: Num
    profit_loss: Num = None
    mark_price: Num = None
    liquidation: str | None = None


class Trades(Snake):
    """A page of own trades."""

    trades: list[Trade] = field(default_factory=list)


def symbol_of(native: str) -> str:
    """BTC-PERPETUAL (inverse), BTC_USDC-PERPETUAL (linear), BTC-27JUN25, BTC_USDC-27JUN25."""
    pair, _, last = native.partition("-")
    base, _, quote = pair.partition("_")
    symbol = (base, quote, quote) if quote else (base, "USD", base)
    if last == "PERPETUAL":
        return perp(*symbol)
    try:
        day = datetime.strptime(last, "%d%b%y").replace(tzinfo=UTC)
    except ValueError:
        return native
    return dated(*symbol, day.strftime("%y%m%d"))


def settle_of(native: str) -> str:
    """The currency an instrument settles in."""
    base, _, quote = native.partition("-")[0].partition("_")
    return quote or base


def position(row: PositionRow, account: str, at: datetime) -> Position | None:
    """One future or perpetual; None for an empty row."""
    size = needed(row.size, "size", row.instrument_name)
    if size == 0:
        return None
    if row.direction not in SIDES:
        raise BadPayload(f"direction of {row.instrument_name} is {row.direction!r}")
    symbol, mark = symbol_of(row.instrument_name), positive(row.mark_price)
    contract = contract_of(symbol)
    return Position(
        account=account,
        venue=NAME,
        symbol=symbol,
        side=SIDES[row.direction],
        size=abs(size),
        entry_price=needed(row.average_price, "average_price", row.instrument_name),
        mark_price=mark,
        contract=contract,
        margin_mode=MarginMode.CROSS,
        leverage=positive(row.leverage),
        maintenance_margin=in_usd(number(row.maintenance_margin), mark if contract is Contract.INVERSE else 1.0),
        liquidation_price=positive(row.estimated_liquidation_price),
        as_of=at,
        raw=(("id", row.instrument_name),),
    )


def shared(rows: list[Summary]) -> Summary | None:
    """The summary that carries the totals of a cross-collateral account; None where currencies stand alone."""
    return next((row for row in rows if row.cross_collateral_enabled and number(row.total_equity_usd) is not None), None)


def accounts(rows: list[Summary], prices: dict[str, float], id_: str, at: datetime) -> tuple[Account, ...]:
    """One account in USD with cross collateral, else one for each currency: `id/BTC`."""
    whole = shared(rows)
    if whole is not None:
        equity, needs = number(whole.total_equity_usd), number(whole.total_maintenance_margin_usd)
        margining = whole.portfolio_margining_enabled
        return (Account(id=id_, venue=NAME, equity=equity, maintenance_margin=needs, portfolio_margin=margining, as_of=at),)
    return tuple(
        Account(
            id=f"{id_}/{row.currency}",
            venue=NAME,
            equity=in_usd(number(row.equity), prices.get(row.currency)),
            wallet=in_usd(number(row.balance), prices.get(row.currency)),
            maintenance_margin=in_usd(number(row.maintenance_margin), prices.get(row.currency)),
            portfolio_margin=row.portfolio_margining_enabled,
            as_of=at,
        )
        for row in rows
        if number(row.equity)
    )


def fill(row: Trade, id_: str) -> Fill:
    """One own trade; it closes where it realised something."""
    opener, pnl = SIDES[row.direction], number(row.profit_loss)
    forced = bool(row.liquidation)
    closes = forced or bool(pnl)
    return Fill(
        id=row.trade_id,
        account=id_,
        venue=NAME,
        symbol=symbol_of(row.instrument_name),
        side=opener.opposite if closes else opener,
        size=needed(row.amount, "amount", row.instrument_name),
        price=needed(row.price, "price", row.instrument_name),
        time=moment(row.timestamp, "timestamp"),
        kind=FillKind.LIQUIDATION if forced else FillKind.ORDER,
        closes=closes,
        mark_price=positive(row.mark_price),
        realized_pnl=pnl if closes else None,
    )


async def price_of(x: Reader, currency: str) -> float | None:
    """USD a coin, from Deribit's index, at most 15 s old; a currency without an index has none."""
    if currency in STABLE:
        return 1.0
    kept: tuple[datetime, float | None] | None = x.memory.get(f"price {currency}")
    if kept is None or (x.now - kept[0]).total_seconds() >= 15:
        reply = await x.client.call(INDEX, Reply[Price], index_name=f"{currency.lower()}_usd")
        kept = x.memory[f"price {currency}"] = (x.now, positive(reply.data.result.index_price))
    return kept[1]


async def read_account(x: Reader) -> Piece:
    """Positions of every currency, and what stands behind them."""
    summaries = await x.client.call(SUMMARIES, Reply[Summaries])
    rows = summaries.data.result.summaries
    filled = [row.currency for row in rows if number(row.equity)]
    x.memory["currencies"] = filled
    together = shared(rows) is not None
    prices = {} if together else {c: price for c in filled if (price := await price_of(x, c)) is not None}
    reply = await x.client.call(POSITIONS, Reply[list[PositionRow]], currency="any")
    options = [row for row in reply.data.result if not row.kind.startswith("future") and number(row.size)]
    futures = [row for row in reply.data.result if row.kind.startswith("future")]
    pools = {row.instrument_name: x.account if together else f"{x.account}/{settle_of(row.instrument_name)}" for row in futures}
    found = (position(row, pools[row.instrument_name], reply.at) for row in futures)
    held = tuple(
        Holding(account=x.account, venue=NAME, asset=row.currency, amount=amount, collateral=True, as_of=summaries.at)
        for row in rows
        if (amount := number(row.balance))
    )
    return Piece(
        accounts=accounts(rows, prices, x.account, summaries.at),
        positions=tuple(p for p in found if p is not None),
        holdings=held,
        notes=("open option positions are not read",) if options else (),
    )


async def read_fills(x: Reader) -> Piece:
    """Own trades of the last day in futures of every currency in use."""
    now = int(x.now.timestamp() * 1000)
    fills: list[Fill] = []
    for currency in x.memory.get("currencies", ()):
        span = {"currency": currency, "kind": "future", "start_timestamp": now - 86_400_000, "end_timestamp": now, "count": 100}
        trades = (await x.client.call(TRADES, Reply[Trades], **span)).data.result.trades
        fills += [fill(row, x.account) for row in trades if row.direction in SIDES]
    return Piece(fills=tuple(fills))


async def read_ticker(x: Reader, symbol: str, native: str) -> Market:
    """Mark, index, funding over eight hours, open interest and volume in base units."""
    row = (await x.client.call(TICKER, Reply[Ticker], instrument_name=native)).data.result
    mark, interest = positive(row.mark_price), number(row.open_interest)
    if contract_of(symbol) is Contract.INVERSE:
        interest = None if interest is None or mark is None else interest / mark
    rate = number(row.funding_8h)
    return Market(
        venue=NAME,
        symbol=symbol,
        contract=contract_of(symbol),
        mark_price=mark,
        index_price=positive(row.index_price),
        funding_rate=rate,
        funding_interval_hours=None if rate is None else 8.0,
        open_interest=interest,
        volume_24h=number(row.stats.volume) if row.stats else None,
        as_of=when(row.timestamp),
    )


async def read_candles(x: Reader, symbol: str, native: str) -> Market:
    """The last 500 hours, then what came since; volume in base currency."""
    old = x.candles.get(symbol, ())
    end = int(x.now.timestamp() * 1000)
    start = int(old[-1].time.timestamp() * 1000) if old else end - 500 * 3_600_000
    span = {"instrument_name": native, "start_timestamp": start, "end_timestamp": end, "resolution": "60"}
    c = (await x.client.call(CHART, Reply[Chart], **span)).data.result
    bars = extend(old, candles(zip(c.ticks, c.open, c.high, c.low, c.close, c.volume, strict=True), 5))
    return Market(venue=NAME, symbol=symbol, contract=contract_of(symbol), candles=bars, volume_24h=day_volume(bars))


async def read_book(x: Reader, symbol: str, native: str) -> Market:
    """20 levels in base units."""
    reply = await x.client.call(BOOK, Reply[Depth], instrument_name=native, depth=20)
    depth, inverse = reply.data.result, contract_of(symbol) is Contract.INVERSE
    bids, asks = (levels(side, inverse=inverse) for side in (depth.bids, depth.asks))
    return Market(venue=NAME, symbol=symbol, contract=contract_of(symbol), book=Book(bids=bids, asks=asks, as_of=reply.at))


def parts(_: tuple[str, ...]) -> tuple[Part, ...]:
    """Everything of the account comes in two calls."""
    return (Part("account", read_account, required=True), Part("fills", read_fills, every=60, on_shrink=True))


VENUE = Venue(
    name=NAME,
    ccxt_id="deribit",
    endpoints=ENDPOINTS,
    capabilities=Capabilities(
        lines=("futures",),
        positions=yes("perpetuals and futures of every currency; options are named, not read"),
        equity=yes("by currency, at Deribit's index; total_equity_usd with cross collateral"),
        maintenance=yes("by position and account"),
        light=no("Deribit publishes no queue"),
        marks=yes("with the positions, and ticker"),
        funding=yes("ticker, over eight hours"),
        open_interest=yes("ticker"),
        candles=yes("1 h"),
        book=yes("20 levels"),
        insurance=no("not in the API used"),
        warnings=no("none public"),
        fills=yes("trades of a day; liquidations are marked, an ADL transfer is told by websocket only"),
        holdings=yes("balances of every currency"),
        sub_accounts=no("each sub-account needs its own key"),
        key_permissions=no("list_api_keys needs a wider key than one that reads"),
    ),
    parts=parts,
    default_lines=("futures",),
    symbol_parts=(
        SymbolPart("ticker", read_ticker, every=15),
        SymbolPart("candles", read_candles, every=600, at_once=2),
        SymbolPart("book", read_book, every=15, at_once=2),
    ),
    time=(TIME, ("result",)),
)

KIND = kind(VENUE)
