"""Which calls make up a reading of Gate."""

from collections.abc import Mapping
from datetime import datetime

from adlwatch.adapters.base import Refused, Unsupported
from adlwatch.adapters.ccxt.decode import number
from adlwatch.adapters.ccxt.shape import book, candles, extend, holdings, interest
from adlwatch.adapters.ccxt.venue import Endpoint, Meter, Part, Piece, Reader, SymbolPart, permissions_of, reads
from adlwatch.adapters.ccxt.venues.gate import parse
from adlwatch.adapters.ccxt.venues.gate import types as g
from adlwatch.domain.model import Account, AdlWarning, Contract, Fill, Holding, Market, Pool, Position

IP = Meter("gate ip", 200, window=10)
UID = Meter("gate uid", 200, window=10, per_account=True)

TIME = reads("public", "spot", meter=IP)("time")
_futures = reads("public", "futures", meter=IP)
CONTRACT = _futures("{settle}/contracts/{contract}")
TICKERS = _futures("{settle}/tickers")
CANDLES = _futures("{settle}/candlesticks")
STATISTICS = _futures("{settle}/contract_stats")
BOOK = _futures("{settle}/order_book")
INSURANCE = _futures("{settle}/insurance")
RISK_STATES = _futures("{settle}/adl_risk_states")
_delivery = reads("public", "delivery", meter=IP)
DELIVERY_CONTRACT = _delivery("{settle}/contracts/{contract}")
DELIVERY_TICKERS = _delivery("{settle}/tickers")
DELIVERY_CANDLES = _delivery("{settle}/candlesticks")
DELIVERY_BOOK = _delivery("{settle}/order_book")
_private = reads("private", "futures", meter=UID)
POSITIONS = _private("{settle}/positions")
ACCOUNT = _private("{settle}/accounts")
TRADES = _private("{settle}/my_trades_timerange")
ADLS = _private("{settle}/auto_deleverages")
LIQUIDATIONS = _private("{settle}/liquidates")
_private_delivery = reads("private", "delivery", meter=UID)
DELIVERY_POSITIONS = _private_delivery("{settle}/positions")
DELIVERY_ACCOUNT = _private_delivery("{settle}/accounts")
MODE = reads("private", "unified", meter=UID)("unified_mode")
UNIFIED = reads("private", "unified", meter=UID)("accounts")
SPOT = reads("private", "spot", meter=UID)("accounts")
KEYS = reads("private", "account", meter=UID)("main_keys")
_wallet = reads("private", "wallet", meter=UID)
SUB_SPOT = _wallet("sub_account_balances", 2.5)
SUB_FUTURES = _wallet("sub_account_futures_balances", 2.5)
ENDPOINTS = (
    *(TIME, CONTRACT, TICKERS, CANDLES, STATISTICS, BOOK, INSURANCE, RISK_STATES),
    *(DELIVERY_CONTRACT, DELIVERY_TICKERS, DELIVERY_CANDLES, DELIVERY_BOOK, KEYS),
    *(POSITIONS, ACCOUNT, TRADES, ADLS, LIQUIDATIONS, DELIVERY_POSITIONS, DELIVERY_ACCOUNT, MODE, UNIFIED, SPOT),
    *(SUB_SPOT, SUB_FUTURES),
)
SETTLES: Mapping[str, str] = {"usdt": "usdt", "btc": "btc", "delivery": "usdt"}
"""Line → settle currency in the path."""
MODE_SECONDS = 300.0
PAGE = 100
MOST_PAGES = 20


async def spec_of(x: Reader, line: str, native: str) -> parse.Spec:
    """What a contract stands for; asked again every six hours, for its maintenance rate may change."""
    known: dict[str, tuple[datetime, parse.Spec]] = x.memory.setdefault("specs", {})
    kept = known.get(native)
    if kept is None or (x.now - kept[0]).total_seconds() > 6 * 3600:
        endpoint = DELIVERY_CONTRACT if line == "delivery" else CONTRACT
        row = (await x.client.call(endpoint, g.Contract, settle=SETTLES[line], contract=native)).data
        kept = known[native] = (x.now, parse.spec(row, SETTLES[line]))
    return kept[1]


def line_of(native: str) -> str:
    """Which line an id belongs to: BTC_USDT, BTC_USD (settled in BTC), BTC_USDT_20250627."""
    parts = native.split("_")
    return "delivery" if len(parts) > 2 else "btc" if parts[1] == "USD" else "usdt"


async def mode_of(x: Reader) -> str:
    """The account's mode; a key without access to the unified account belongs to a classic one."""
    try:
        return (await x.client.call(MODE, g.Mode)).data.mode
    except (Refused, Unsupported):
        return "classic"


async def read_positions(x: Reader) -> Piece:
    """Positions and margin pools of every chosen line."""
    mode = await x.recent("mode", MODE_SECONDS, mode_of)
    positions: list[Position] = []
    accounts: list[Account] = []
    coins: tuple[Holding, ...] = ()
    for line in (name for name in x.lines if name in SETTLES):
        pool = x.account if mode != "classic" or line == "usdt" else f"{x.account}/{line}"
        found = await _positions(x, line, pool)
        positions += found
        if mode == "classic":
            account, held = await _account(x, line, pool, found)
            accounts.append(account)
            coins += held
    if mode != "classic":
        reply = await x.client.call(UNIFIED, g.Unified)
        accounts.append(parse.unified_account(reply.data, x.account, mode, reply.at))
        coins = holdings(parse.unified_amounts(reply.data), parse.VENUE, x.account, reply.at, collateral=True)
    return Piece(accounts=tuple(accounts), positions=tuple(positions), holdings=coins)


async def _positions(x: Reader, line: str, pool: str) -> list[Position]:
    endpoint = DELIVERY_POSITIONS if line == "delivery" else POSITIONS
    found: list[Position] = []
    for page in range(MOST_PAGES):
        paging = {} if line == "delivery" else {"holding": "true", "limit": PAGE, "offset": page * PAGE}
        reply = await x.client.call(endpoint, list[g.PositionRow], settle=SETTLES[line], **paging)
        for row in reply.data:
            what = await spec_of(x, line, row.contract) if number(row.size) else None
            position = parse.position(row, pool, what, reply.at)
            found += [position] if position else []
        if line == "delivery" or len(reply.data) < PAGE:
            return found
    raise Unsupported(f"gate: more than {MOST_PAGES * PAGE} positions")


async def _account(x: Reader, line: str, pool: str, found: list[Position]) -> tuple[Account, tuple[Holding, ...]]:
    reply = await x.client.call(DELIVERY_ACCOUNT if line == "delivery" else ACCOUNT, g.Futures, settle=SETTLES[line])
    price = 1.0 if SETTLES[line] == "usdt" else next((p.mark_price for p in found if p.mark_price), None)
    held = holdings([(reply.data.currency.upper(), reply.data.total)], parse.VENUE, x.account, reply.at, collateral=True)
    return parse.futures_account(reply.data, pool, price, reply.at), held


async def read_spot(x: Reader) -> Piece:
    """Spot balances of a classic account; a unified one shows them as its own."""
    if await x.recent("mode", MODE_SECONDS, mode_of) != "classic":
        return Piece()
    reply = await x.client.call(SPOT, list[g.Spot])
    coins = (row for row in reply.data if row.currency != "POINT")
    amounts = ((row.currency, (number(row.available) or 0.0) + (number(row.locked) or 0.0)) for row in coins)
    return Piece(holdings=holdings(amounts, parse.VENUE, x.account, reply.at, collateral=False))


async def read_markets(x: Reader) -> Piece:
    """Tickers of the lines we hold something in."""
    ours = set(x.held.values())
    markets: list[Market] = []
    for line in sorted({line_of(native) for native in ours}):
        endpoint = DELIVERY_TICKERS if line == "delivery" else TICKERS
        reply = await x.client.call(endpoint, list[g.Ticker], settle=SETTLES[line])
        for row in reply.data:
            if row.contract in ours:
                markets.append(parse.market(row, await spec_of(x, line, row.contract), reply.at))  # noqa: PERF401 - awaits
    return Piece(markets=tuple(markets))


async def read_insurance(x: Reader) -> Piece:
    """The fund of each settle currency."""
    pools: list[Pool] = []
    for settle in sorted({SETTLES[line] for line in x.lines if line in ("usdt", "btc")}):
        rows = (await x.client.call(INSURANCE, list[g.Insurance], settle=settle, limit=1)).data
        pools += [Pool(venue=parse.VENUE, name=f"{settle} futures", balance=number(row.b), as_of=x.now) for row in rows[:1]]
    return Piece(pools=tuple(pools))


async def read_warnings(x: Reader) -> Piece:
    """Gate's ADL risk of every perpetual we hold: normal, warning, adl_risk."""
    warnings: list[AdlWarning] = []
    for line in sorted({line_of(native) for native in x.held.values()} - {"delivery"}):
        states = (await x.client.call(RISK_STATES, g.RiskStates, settle=SETTLES[line])).data.states
        warnings += [parse.warning(symbol, states[native]) for symbol, native in x.held.items() if native in states]
    return Piece(warnings=tuple(warnings))


async def read_key(x: Reader) -> Piece:
    """What the key may do; a key without the permission to ask leaves it unknown."""
    try:
        told: g.Key | list[g.Key] = (await x.client.call(KEYS, g.KEYS)).data
    except (Refused, Unsupported):
        return Piece()
    keys = told if isinstance(told, list) else [told]
    named = [(key.key if isinstance(key.key, str) else "", parse.permissions(key)) for key in keys]
    return Piece(permissions=permissions_of(x.client, named))


async def read_fills(x: Reader) -> Piece:
    """ADL, liquidations and own trades of the last day."""
    fills: list[Fill] = []
    since = int(x.now.timestamp()) - 86400
    for line in (name for name in x.lines if name in ("usdt", "btc")):
        settle = SETTLES[line]
        forced: list[g.Adl | g.Liquidation] = [
            *(await x.client.call(ADLS, list[g.Adl], settle=settle, limit=PAGE)).data,
            *(await x.client.call(LIQUIDATIONS, list[g.Liquidation], settle=settle, limit=PAGE)).data,
        ]
        recent = [row for row in forced if (number(row.time) or 0) >= since]
        fills += [parse.forced(row, x.account, await spec_of(x, line, row.contract)) for row in recent]
        known = {str(row.order_id) for row in forced}
        trades = (await x.client.call(TRADES, list[g.Trade], **{"settle": settle, "from": since, "limit": PAGE})).data
        for row in (row for row in trades if str(row.order_id) not in known):
            fills += parse.trade(row, x.account, await spec_of(x, line, row.contract))
    return Piece(fills=tuple(fills))


def _endpoint(native: str, futures: Endpoint, delivery: Endpoint) -> tuple[Endpoint, str, str]:
    line = line_of(native)
    return (delivery if line == "delivery" else futures), line, SETTLES[line]


async def read_candles(x: Reader, symbol: str, native: str) -> Market:
    """The last 500 hours, then what came since; volume in base units of a direct contract."""
    endpoint, line, settle = _endpoint(native, CANDLES, DELIVERY_CANDLES)
    what = await spec_of(x, line, native)
    old = x.candles.get(symbol, ())
    since = {"from": int(old[-1].time.timestamp())} if old else {"limit": 500}
    rows = (await x.client.call(endpoint, list[g.Candle], settle=settle, contract=native, interval="1h", **since)).data
    inverse = what.contract is Contract.INVERSE
    bars = extend(old, candles([(r.t, r.o, r.h, r.l, r.c, r.v) for r in rows], None if inverse else 5, unit=what.size))
    return Market(venue=parse.VENUE, symbol=symbol, contract=what.contract, candles=bars)


async def read_interest_history(x: Reader, symbol: str, native: str) -> Market:
    """Open interest of the last 100 hours; none of contracts that deliver."""
    line = line_of(native)
    contract = (await spec_of(x, line, native)).contract
    rows: list[g.Statistics] = []
    if line != "delivery":
        what = {"settle": SETTLES[line], "contract": native, "interval": "1h", "limit": 100}
        rows = (await x.client.call(STATISTICS, list[g.Statistics], **what)).data
    history = interest((row.time * 1000, row.open_interest) for row in rows)
    return Market(venue=parse.VENUE, symbol=symbol, contract=contract, open_interest_history=history)


async def read_book(x: Reader, symbol: str, native: str) -> Market:
    """50 levels in base units."""
    endpoint, line, settle = _endpoint(native, BOOK, DELIVERY_BOOK)
    what = await spec_of(x, line, native)
    reply = await x.client.call(endpoint, g.Depth, settle=settle, contract=native, limit=50)
    bids, asks = ([(row.p, row.s) for row in side] for side in (reply.data.bids, reply.data.asks))
    found = book(bids, asks, reply.at, what.size, inverse=what.contract is Contract.INVERSE)
    return Market(venue=parse.VENUE, symbol=symbol, contract=what.contract, book=found)


def parts(lines: tuple[str, ...]) -> tuple[Part, ...]:
    """Futures and delivery in one part; spot is a line of its own."""
    spot = (Part("spot", read_spot, every=15, required=True),) if "spot" in lines else ()
    return (
        Part("permissions", read_key, every=3600),
        Part("positions", read_positions, required=True),
        *spot,
        Part("markets", read_markets, every=15),
        Part("insurance", read_insurance, every=300),
        Part("warnings", read_warnings, every=60),
        Part("fills", read_fills, every=60, on_shrink=True),
    )


symbol_parts = (
    SymbolPart("candles", read_candles, every=600, at_once=2),
    SymbolPart("open interest history", read_interest_history, every=3600, at_once=2),
    SymbolPart("book", read_book, every=15, at_once=2),
)
