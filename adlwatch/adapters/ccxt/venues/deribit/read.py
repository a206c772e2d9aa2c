"""Which calls make up a reading of Deribit."""

from adlwatch.adapters.ccxt.decode import number, positive, when
from adlwatch.adapters.ccxt.shape import book, candles, contract_of, day_volume, extend, holdings
from adlwatch.adapters.ccxt.venue import Meter, Part, Piece, Reader, SymbolPart, reads
from adlwatch.adapters.ccxt.venues.deribit import parse
from adlwatch.adapters.ccxt.venues.deribit import types as d
from adlwatch.domain.model import Contract, Fill, Market

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
SUBACCOUNTS = _private("get_subaccounts")
SUB_POSITIONS = _private("get_subaccounts_details")
ENDPOINTS = (TIME, TICKER, INDEX, CHART, BOOK, POSITIONS, SUMMARIES, TRADES, SUBACCOUNTS, SUB_POSITIONS)


async def price_of(x: Reader, currency: str) -> float | None:
    """USD a coin, from Deribit's index, at most 15 s old; a currency without an index has none."""
    if currency in parse.STABLE:
        return 1.0

    async def index(x: Reader) -> float | None:
        reply = await x.client.call(INDEX, d.Reply[d.Price], index_name=f"{currency.lower()}_usd")
        return positive(reply.data.result.index_price)

    return await x.recent(f"price {currency}", 15, index)


async def read_account(x: Reader) -> Piece:
    """Positions of every currency, and what stands behind them."""
    summaries = await x.client.call(SUMMARIES, d.Reply[d.Summaries])
    rows = summaries.data.result.summaries
    filled = [row.currency for row in rows if number(row.equity)]
    x.memory["currencies"] = filled
    together = parse.shared(rows) is not None
    prices = {} if together else {c: price for c in filled if (price := await price_of(x, c)) is not None}
    reply = await x.client.call(POSITIONS, d.Reply[list[d.PositionRow]], currency="any")
    options = [row for row in reply.data.result if not row.kind.startswith("future") and number(row.size)]
    futures = [row for row in reply.data.result if row.kind.startswith("future")]
    pools = {
        row.instrument_name: x.account if together else f"{x.account}/{parse.settle_of(row.instrument_name)}" for row in futures
    }
    found = (parse.position(row, pools[row.instrument_name], reply.at) for row in futures)
    amounts = ((row.currency, row.balance) for row in rows)
    return Piece(
        accounts=parse.accounts(rows, prices, x.account, summaries.at),
        positions=tuple(p for p in found if p is not None),
        holdings=holdings(amounts, parse.VENUE, x.account, summaries.at, collateral=True),
        notes=("open option positions are not read",) if options else (),
    )


async def read_fills(x: Reader) -> Piece:
    """Own trades of the last day in futures of every currency in use."""
    now = int(x.now.timestamp() * 1000)
    fills: list[Fill] = []
    for currency in x.memory.get("currencies", ()):
        span = {"currency": currency, "kind": "future", "start_timestamp": now - 86_400_000, "end_timestamp": now, "count": 100}
        trades = (await x.client.call(TRADES, d.Reply[d.Trades], **span)).data.result.trades
        fills += [parse.fill(row, x.account) for row in trades if row.direction in parse.SIDES]
    return Piece(fills=tuple(fills))


async def read_ticker(x: Reader, symbol: str, native: str) -> Market:
    """Mark, index, funding over eight hours, open interest and volume in base units."""
    row = (await x.client.call(TICKER, d.Reply[d.Ticker], instrument_name=native)).data.result
    mark, interest = positive(row.mark_price), number(row.open_interest)
    if contract_of(symbol) is Contract.INVERSE:
        interest = None if interest is None or mark is None else interest / mark
    rate = number(row.funding_8h)
    return Market(
        venue=parse.VENUE,
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
    c = (await x.client.call(CHART, d.Reply[d.Chart], **span)).data.result
    bars = extend(old, candles(zip(c.ticks, c.open, c.high, c.low, c.close, c.volume, strict=True), 5))
    return Market(venue=parse.VENUE, symbol=symbol, contract=contract_of(symbol), candles=bars, volume_24h=day_volume(bars))


async def read_book(x: Reader, symbol: str, native: str) -> Market:
    """20 levels in base units."""
    reply = await x.client.call(BOOK, d.Reply[d.Depth], instrument_name=native, depth=20)
    depth, contract = reply.data.result, contract_of(symbol)
    found = book(depth.bids, depth.asks, reply.at, inverse=contract is Contract.INVERSE)
    return Market(venue=parse.VENUE, symbol=symbol, contract=contract, book=found)


def parts(_: tuple[str, ...]) -> tuple[Part, ...]:
    """Everything of the account comes in two calls."""
    return (Part("account", read_account, required=True), Part("fills", read_fills, every=60, on_shrink=True))


symbol_parts = (
    SymbolPart("ticker", read_ticker, every=15),
    SymbolPart("candles", read_candles, every=600, at_once=2),
    SymbolPart("book", read_book, every=15, at_once=2),
)
