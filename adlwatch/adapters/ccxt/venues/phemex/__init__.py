"""Phemex: USDT perpetuals (hedged API) and the coin-margined BTCUSD: https://phemex-docs.github.io.

Linear numbers are plain text (…Rp, …Rv, …Rr); the inverse API sends scaled integers (…Ep, …Ev, …Er) with plain twins beside
them, and only the twins are read.
"""

from datetime import datetime

from adlwatch.adapters.base import BadPayload
from adlwatch.adapters.ccxt.decode import Num, moment, needed, number, perp, positive
from adlwatch.adapters.ccxt.options import kind
from adlwatch.adapters.ccxt.shape import (
    book,
    candles,
    changed,
    contract_of,
    day_volume,
    extend,
    holdings,
    in_usd,
    says_other_than,
)
from adlwatch.adapters.ccxt.venue import Capabilities, Meter, Part, Piece, Reader, SymbolPart, Venue, no, reads, yes
from adlwatch.adapters.ccxt.venues.phemex.types import (
    Bars,
    Coin,
    CoinRow,
    CoinTicker,
    Linear,
    Orderbook,
    Reply,
    Result,
    Row,
    Ticker,
    Trade,
    Trades,
    Wallet,
)
from adlwatch.domain.model import Account, Contract, Fill, FillKind, MarginMode, Market, Position, Side, VenueLight

NAME = "phemex"
IP = Meter("phemex ip", 100)
UID = Meter("phemex uid", 500, per_account=True)
TICKERS = reads("v2", meter=IP)("md/v2/ticker/24hr/all", 5)
COIN_TICKER = reads("v1", meter=IP)("md/ticker/24hr")
KLINE = reads("public", meter=IP)("md/v2/kline/last", 2)
BOOK = reads("v2", meter=IP)("md/v2/orderbook")
_private = reads("private", meter=UID)
POSITIONS = _private("g-accounts/accountPositions")
COIN_POSITIONS = _private("accounts/accountPositions")
TRADES = _private("api-data/g-futures/trades", 5)
SPOT = _private("spot/wallets", 5)
ENDPOINTS = (TICKERS, COIN_TICKER, KLINE, BOOK, POSITIONS, COIN_POSITIONS, TRADES, SPOT)
COIN_SYMBOL = "BTCUSD"
SIDES = {"Buy": Side.LONG, "Sell": Side.SHORT}


refused = says_other_than("0", "code")
"""Phemex's errors carry a code that is not 0; market data has none."""


def symbol_of(native: str) -> str:
    """BTCUSDT → BTC/USDT:USDT, BTCUSD → BTC/USD:BTC."""
    for quote in ("USDT", "USDC"):
        if native.endswith(quote):
            return perp(native.removesuffix(quote), quote, quote)
    base = native.removesuffix("USD")
    return perp(base, "USD", base)


def light_of(raw: Num, at: datetime) -> VenueLight | None:
    """A percentile 0..1, linear and inverse alike."""
    value = number(raw)
    return None if value is None else VenueLight(value, at)


def linear(row: Row, account: str, at: datetime) -> Position | None:
    """A linear position; maintenance is value at the mark times the tier's rate."""
    size = needed(row.size, "size", row.symbol)
    if size == 0:
        return None
    if row.side not in SIDES:
        raise BadPayload(f"side of {row.symbol} is {row.side!r}")
    mark, rate, leverage = positive(row.mark_price_rp), number(row.maint_margin_req_rr), number(row.leverage_rr)
    isolated = leverage is not None and leverage > 0
    return Position(
        account=account,
        venue=NAME,
        symbol=symbol_of(row.symbol),
        side=SIDES[row.side],
        size=abs(size),
        entry_price=needed(row.avg_entry_price_rp, "avgEntryPriceRp", row.symbol),
        mark_price=mark,
        margin_mode=MarginMode.ISOLATED if isolated else MarginMode.CROSS,
        isolated_margin=number(row.position_margin_rv) if isolated else None,
        leverage=None if leverage is None else positive(abs(leverage)),
        maintenance_margin=None if mark is None or rate is None else abs(size) * mark * rate,
        liquidation_price=positive(row.liquidation_price_rp),
        bankruptcy_price=positive(row.bankrupt_price_rp),
        venue_light=light_of(row.deleverage_percentile_rr, at),
        as_of=at,
        raw=(("id", row.symbol),),
    )


def inverse(row: CoinRow, account: str, at: datetime) -> Position | None:
    """A BTCUSD position of so many USD; other contracts of the old API are not linear in coin and are refused by name."""
    size = needed(row.size, "size", row.symbol)
    if size == 0:
        return None
    if row.symbol != COIN_SYMBOL or row.side not in SIDES:
        raise BadPayload(f"{row.symbol}, side {row.side!r}, is not read: of the coin-margined contracts only {COIN_SYMBOL} is")
    mark, rate, leverage = positive(row.mark_price), number(row.maint_margin_req), number(row.leverage)
    isolated = leverage is not None and leverage > 0
    return Position(
        account=account,
        venue=NAME,
        symbol=symbol_of(row.symbol),
        side=SIDES[row.side],
        size=abs(size),
        entry_price=needed(row.avg_entry_price, "avgEntryPrice", row.symbol),
        mark_price=mark,
        contract=Contract.INVERSE,
        margin_mode=MarginMode.ISOLATED if isolated else MarginMode.CROSS,
        isolated_margin=in_usd(number(row.position_margin), mark) if isolated else None,
        leverage=None if leverage is None else positive(abs(leverage)),
        maintenance_margin=None if rate is None else abs(size) * rate,
        liquidation_price=positive(row.liquidation_price),
        bankruptcy_price=positive(row.bankrupt_price),
        venue_light=light_of(row.deleverage_percentile, at),
        as_of=at,
        raw=(("id", row.symbol),),
    )


def pnl(found: list[Position]) -> float | None:
    """Unrealised PnL of linear positions in USDT; None where a mark is missing."""
    parts_ = [None if p.mark_price is None else p.side.sign * p.size * (p.mark_price - p.entry_price) for p in found]
    return None if None in parts_ else sum(part for part in parts_ if part is not None)


WORDS = {"Trade": FillKind.ORDER, "1": FillKind.ORDER, "AdlTrade": FillKind.ADL, "LiqTrade": FillKind.LIQUIDATION}


def fill(row: Trade, id_: str) -> Fill | None:
    """One own trade of a linear contract; Funding is none. An undocumented number stays unknown."""
    if str(row.trade_type) in ("Funding", "4"):
        return None
    fill_kind = WORDS.get(str(row.trade_type), FillKind.UNKNOWN)
    word, realized = "Buy" if row.side == 1 else "Sell" if row.side == 2 else str(row.side), number(row.closed_pnl_rv)
    ended = bool(realized) or fill_kind in (FillKind.ADL, FillKind.LIQUIDATION)
    side, closes = changed(word, str(row.pos_side), closes=ended, of=row.symbol)
    at = row.transact_time_ns if row.transact_time_ns is not None else row.created_at
    return Fill(
        id=row.exec_id,
        account=id_,
        venue=NAME,
        symbol=symbol_of(row.symbol),
        side=side,
        size=needed(row.exec_qty_rq, "execQtyRq", row.symbol),
        price=needed(row.exec_price_rp, "execPriceRp", row.symbol),
        time=moment(at, "time"),
        kind=fill_kind,
        closes=closes,
        realized_pnl=realized if closes else None,
    )


async def read_linear(x: Reader) -> Piece:
    """USDT positions, and the account: balance plus the unrealised PnL of them all."""
    reply = await x.client.call(POSITIONS, Reply[Linear], currency="USDT")
    found = [p for row in reply.data.data.positions if (p := linear(row, x.account, reply.at)) is not None]
    wallet, gain = number(reply.data.data.account.account_balance_rv), pnl(found)
    equity = None if wallet is None or gain is None else wallet + gain
    account = Account(id=x.account, venue=NAME, equity=equity, wallet=wallet, portfolio_margin=False, as_of=reply.at)
    held = holdings([("USDT", wallet)], NAME, x.account, reply.at, collateral=True)
    return Piece(accounts=(account,), positions=tuple(found), holdings=held)


async def read_coin(x: Reader) -> Piece:
    """BTCUSD, and the BTC behind it."""
    reply = await x.client.call(COIN_POSITIONS, Reply[Coin], currency="BTC")
    rows, id_ = reply.data.data.positions, f"{x.account}/BTC"
    found = [p for row in rows if (p := inverse(row, id_, reply.at)) is not None]
    mark = next((positive(row.mark_price) for row in rows if row.symbol == COIN_SYMBOL), None)
    raw = number(reply.data.data.account.account_balance_ev)
    coins = None if raw is None else raw / 1e8
    wallet = in_usd(coins, mark)
    gain = sum(p.side.sign * p.size * (mark / p.entry_price - 1) for p in found) if mark else None
    equity = None if wallet is None or gain is None else wallet + gain
    account = Account(id=id_, venue=NAME, equity=equity, wallet=wallet, portfolio_margin=False, as_of=reply.at)
    held = holdings([("BTC", coins)], NAME, x.account, reply.at, collateral=True)
    return Piece(accounts=(account,) if coins else (), positions=tuple(found), holdings=held)


async def read_spot(x: Reader) -> Piece:
    """Spot balances."""
    reply = await x.client.call(SPOT, Reply[list[Wallet]])
    amounts = ((row.currency, (number(row.balance_ev) or 0.0) / 1e8) for row in reply.data.data)
    return Piece(holdings=holdings(amounts, NAME, x.account, reply.at, collateral=False))


async def read_markets(x: Reader) -> Piece:
    """Tickers of what we hold."""
    markets: list[Market] = []
    if any(contract_of(symbol) is Contract.LINEAR for symbol in x.held):
        reply = await x.client.call(TICKERS, Result[list[Ticker]])
        markets += [market(row, reply.at) for row in reply.data.result if row.symbol in set(x.held.values())]
    if COIN_SYMBOL in x.held.values():
        ticker = await x.client.call(COIN_TICKER, Result[CoinTicker], symbol=COIN_SYMBOL)
        markets.append(coin_market(ticker.data.result, ticker.at))
    return Piece(markets=tuple(markets))


def market(row: Ticker, at: datetime) -> Market:
    """A linear market."""
    return Market(
        venue=NAME,
        symbol=symbol_of(row.symbol),
        mark_price=positive(row.mark_price_rp),
        index_price=positive(row.index_price_rp),
        funding_rate=number(row.funding_rate_rr),
        open_interest=number(row.open_interest_rv),
        volume_24h=number(row.volume_rq),
        as_of=at,
    )


def coin_market(row: CoinTicker, at: datetime) -> Market:
    """The inverse market, unscaled, in base units at the mark."""
    mark, index = (None if v is None else v / 1e4 for v in (positive(row.mark_ep), positive(row.index_ep)))
    rate, interest, volume = (number(v) for v in (row.funding_rate_er, row.open_interest, row.volume))
    return Market(
        venue=NAME,
        symbol=symbol_of(row.symbol),
        contract=Contract.INVERSE,
        mark_price=mark,
        index_price=index,
        funding_rate=None if rate is None else rate / 1e8,
        funding_interval_hours=8.0,
        open_interest=None if interest is None or mark is None else interest / mark,
        volume_24h=None if volume is None or mark is None else volume / mark,
        as_of=at,
    )


async def read_fills(x: Reader) -> Piece:
    """The latest own trades of linear contracts."""
    rows = (await x.client.call(TRADES, Reply[Trades], currency="USDT", limit=100, offset=0)).data.data.rows
    return Piece(fills=tuple(f for row in rows if (f := fill(row, x.account)) is not None))


async def read_candles(x: Reader, symbol: str, native: str) -> Market:
    """The latest 500 hours of a linear contract; the inverse API scales its prices and is not asked."""
    if contract_of(symbol) is Contract.INVERSE:
        return Market(venue=NAME, symbol=symbol, contract=Contract.INVERSE)
    old = x.candles.get(symbol, ())
    rows = (await x.client.call(KLINE, Reply[Bars], symbol=native, resolution=3600, limit=10 if old else 500)).data.data.rows
    bars = extend(old, candles([(row[0], *row[3:8]) for row in rows], 5))
    return Market(venue=NAME, symbol=symbol, candles=bars, volume_24h=day_volume(bars))


async def read_book(x: Reader, symbol: str, native: str) -> Market:
    """The order book of a linear contract."""
    if contract_of(symbol) is Contract.INVERSE:
        return Market(venue=NAME, symbol=symbol, contract=Contract.INVERSE)
    reply = await x.client.call(BOOK, Result[Orderbook], symbol=native)
    depth = reply.data.result.orderbook_p
    return Market(venue=NAME, symbol=symbol, book=book(depth.bids, depth.asks, reply.at))


def parts(lines: tuple[str, ...]) -> tuple[Part, ...]:
    """One part a line."""
    chosen = {
        "usdt": (Part("usdt", read_linear, required=True), Part("fills", read_fills, every=60, on_shrink=True)),
        "coin": (Part("coin", read_coin, required=True),),
        "spot": (Part("spot", read_spot, every=30, required=True),),
    }
    return (*(part for line in lines for part in chosen[line]), Part("markets", read_markets, every=30))


VENUE = Venue(
    name=NAME,
    ccxt_id="phemex",
    endpoints=ENDPOINTS,
    capabilities=Capabilities(
        lines=("usdt", "coin", "spot"),
        positions=yes("USDT perpetuals, and BTCUSD of the coin-margined API; any other contract there is refused by name"),
        equity=yes("balance plus the unrealised PnL of all positions at their marks"),
        maintenance=yes("value at the mark times the tier's rate; not by account"),
        light=yes("deleveragePercentile, 0..1; direction presumed, 1 = closed first"),
        marks=yes("with the positions, and tickers"),
        funding=yes("tickers; the interval of linear contracts is not told"),
        open_interest=yes("tickers"),
        candles=yes("1 h, linear"),
        book=yes("linear"),
        insurance=no("none in the API"),
        warnings=no("none public"),
        fills=yes("the latest 100, linear; AdlTrade and LiqTrade by word, an undocumented number stays unknown"),
        holdings=yes("spot and futures wallets"),
        sub_accounts=no("a master key is told transfers only; each sub-account needs its own key"),
        key_permissions=no("the API does not tell"),
    ),
    parts=parts,
    default_lines=("usdt", "coin", "spot"),
    symbol_parts=(
        SymbolPart("candles", read_candles, every=600, at_once=1),
        SymbolPart("book", read_book, every=60, at_once=1),
    ),
    refused=refused,
)

KIND = kind(VENUE)
