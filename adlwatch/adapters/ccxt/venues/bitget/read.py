"""Which calls make up a reading of Bitget: classic product types, or the unified account."""

from collections.abc import Mapping

from adlwatch.adapters.base import Unsupported
from adlwatch.adapters.ccxt.decode import Num, number
from adlwatch.adapters.ccxt.shape import book, candles, contract_of, extend, holdings, says_other_than
from adlwatch.adapters.ccxt.venue import Meter, Part, Piece, Reader, SymbolPart, reads
from adlwatch.adapters.ccxt.venues.bitget import parse
from adlwatch.adapters.ccxt.venues.bitget import types as b
from adlwatch.domain.model import Account, Contract, Fill, Holding, Market, Pool, Position

IP = Meter("bitget ip", 200, window=10)
UID = Meter("bitget uid", 100, window=10, per_account=True)

TIME = reads("public", "common", meter=IP)("v2/public/time")
_market = reads("public", "mix", meter=IP)
TICKERS = _market("v2/mix/market/tickers")
RATES = _market("v2/mix/market/current-fund-rate")
CANDLES = _market("v2/mix/market/candles")
DEPTH = _market("v2/mix/market/merge-depth")
TIERS = _market("v2/mix/market/query-position-lever")
RESERVE = reads("public", "uta", meter=IP)("v3/market/risk-reserve-all", 7)
_mix = reads("private", "mix", meter=UID)
POSITIONS = _mix("v2/mix/position/all-position", 2)
RANKS = _mix("v2/mix/position/adlRank", 2)
ACCOUNTS = _mix("v2/mix/account/accounts")
FILLS = _mix("v2/mix/order/fills")
INFO = reads("private", "spot", meter=UID)("v2/spot/account/info", 10)
SPOT = reads("private", "spot", meter=UID)("v2/spot/account/assets")
_uta = reads("private", "uta", meter=UID)
UNIFIED_INFO = _uta("v3/account/info", 2)
UNIFIED_ASSETS = _uta("v3/account/assets")
UNIFIED_POSITIONS = _uta("v3/position/current-position")
UNIFIED_RANKS = _uta("v3/position/adlRank", 10)
UNIFIED_FILLS = _uta("v3/trade/fills")
SUB_FUTURES = reads("private", "mix", meter=Meter("bitget sub-accounts", 1, window=10, per_account=True))(
    "v2/mix/account/sub-account-assets"
)
SUB_SPOT = reads("private", "spot", meter=UID)("v2/spot/account/subaccount-assets")
SUB_UNIFIED = _uta("v3/account/sub-unified-assets", 10)
ENDPOINTS = (
    *(TIME, TICKERS, RATES, CANDLES, DEPTH, TIERS, RESERVE, POSITIONS, RANKS, ACCOUNTS, FILLS, INFO, SPOT),
    *(UNIFIED_INFO, UNIFIED_ASSETS, UNIFIED_POSITIONS, UNIFIED_RANKS, UNIFIED_FILLS),
    *(SUB_FUTURES, SUB_SPOT, SUB_UNIFIED),
)
PRODUCTS: Mapping[str, str] = {"usdt": "USDT-FUTURES", "usdc": "USDC-FUTURES", "coin": "COIN-FUTURES"}


refused = says_other_than("00000", "code")
"""Bitget's errors carry a code that is not 00000."""


def product_of(symbol: str) -> str:
    """The product type of a unified symbol."""
    if contract_of(symbol) is Contract.INVERSE:
        return "COIN-FUTURES"
    return "USDC-FUTURES" if ":USDC" in symbol else "USDT-FUTURES"


async def read_classic(x: Reader) -> Piece:
    """Positions, ranks and margin pools of every chosen product type."""
    positions: list[Position] = []
    accounts: list[Account] = []
    held: tuple[Holding, ...] = ()
    for line in (name for name in x.lines if name in PRODUCTS):
        product = PRODUCTS[line]
        reply = await x.client.call(POSITIONS, b.Reply[list[b.PositionRow]], productType=product)
        rows = [row for row in reply.data.data if number(row.total) != 0]
        ranks = (await x.client.call(RANKS, b.Reply[list[b.Rank] | None], productType=product)).data.data if rows else []
        known = parse.lights(ranks or [])
        for row in rows:
            position = parse.classic(row, pool_of(x.account, line, row.margin_coin), known, reply.at)
            positions += [position] if position else []
        pools = await x.client.call(ACCOUNTS, b.Reply[list[b.AccountRow]], productType=product)
        accounts += (parse.classic_account(row, pool_of(x.account, line, row.margin_coin), pools.at) for row in pools.data.data)
        held += holdings(parse.margin_amounts(pools.data.data), parse.VENUE, x.account, pools.at, collateral=True)
    return Piece(accounts=tuple(accounts), positions=tuple(positions), holdings=held)


def pool_of(account: str, line: str, coin: str) -> str:
    """USDT futures are the account itself; every other margin coin is a pool of its own: `id/COIN`."""
    return account if line == "usdt" else f"{account}/{coin}"


async def read_unified(x: Reader) -> Piece:
    """The unified account and its positions of every product type."""
    assets = await x.client.call(UNIFIED_ASSETS, b.Reply[b.Unified])
    positions: list[Position] = []
    for product in PRODUCTS.values():
        reply = await x.client.call(UNIFIED_POSITIONS, b.Reply[b.Rows[b.UnifiedPosition]], category=product)
        rows = reply.data.data.rows or []
        known = await _unified_ranks(x, product) if rows else {}
        positions += [p for row in rows if (p := parse.unified(row, x.account, known, reply.at)) is not None]
    amounts = parse.unified_amounts(assets.data.data.assets)
    return Piece(
        accounts=(parse.unified_account(assets.data.data, x.account, assets.at),),
        positions=tuple(positions),
        holdings=holdings(amounts, parse.VENUE, x.account, assets.at, collateral=True),
    )


async def _unified_ranks(x: Reader, product: str) -> parse.Lights:
    """Ranks of the unified account, asked at most every 30 s for they weigh much."""

    async def ranks(x: Reader) -> parse.Lights:
        return parse.lights((await x.client.call(UNIFIED_RANKS, b.Reply[list[b.Rank] | None], category=product)).data.data or [])

    return await x.recent(f"ranks {product}", 30, ranks)


async def read_spot(x: Reader) -> Piece:
    """Spot balances of the classic account."""
    reply = await x.client.call(SPOT, b.Reply[list[b.Spot]])
    return Piece(holdings=holdings(parse.spot_amounts(reply.data.data), parse.VENUE, x.account, reply.at, collateral=False))


async def read_key(x: Reader) -> Piece:
    """What the key may do."""
    if "unified" in x.lines:
        return Piece(permissions=parse.unified_permissions((await x.client.call(UNIFIED_INFO, b.Reply[b.UnifiedInfo])).data.data))
    return Piece(permissions=parse.permissions((await x.client.call(INFO, b.Reply[b.Info])).data.data))


async def read_markets(x: Reader) -> Piece:
    """Tickers of the product types we hold something in."""
    ours = set(x.held.values())
    hours: dict[str, float | None] = x.memory.get("hours", {})
    markets: list[Market] = []
    for product in sorted({product_of(symbol) for symbol in x.held}):
        reply = await x.client.call(TICKERS, b.Reply[list[b.Ticker]], productType=product)
        markets += [parse.market(row, hours.get(row.symbol), reply.at) for row in reply.data.data if row.symbol in ours]
    return Piece(markets=tuple(markets))


async def read_funding_hours(x: Reader) -> Piece:
    """Funding intervals, which tickers lack."""
    hours: dict[str, float | None] = x.memory.setdefault("hours", {})
    for product in sorted({product_of(symbol) for symbol in x.held}):
        rows = (await x.client.call(RATES, b.Reply[list[b.Rate]], productType=product)).data.data
        hours.update((row.symbol, number(row.funding_rate_interval)) for row in rows)
    return Piece()


async def read_insurance(x: Reader) -> Piece:
    """Risk reserves of the product types that we hold something in."""
    pools: list[Pool] = []
    for product in sorted({product_of(symbol) for symbol in x.held}):
        reply = await x.client.call(RESERVE, b.Reply[b.Rows[b.Reserve]], category=product)
        pools += parse.pools(reply.data.data.rows or [], reply.at)
    return Piece(pools=tuple(pools))


async def read_fills(x: Reader) -> Piece:
    """Own fills of the last day."""
    since = int((x.now.timestamp() - 86400) * 1000)
    fills: list[Fill] = []
    for product in (PRODUCTS[line] for line in x.lines if line in PRODUCTS):
        page = (await x.client.call(FILLS, b.Reply[b.Fills], productType=product, startTime=since, limit=100)).data.data
        for row in page.fill_list or []:
            numbers = (row.price, row.base_volume, row.c_time, row.profit)
            fills.append(parse.fill(row.trade_id, x.account, row.symbol, (row.side, row.trade_side), numbers))
    return Piece(fills=tuple(fills))


async def read_unified_fills(x: Reader) -> Piece:
    """The same of the unified account."""
    since = int((x.now.timestamp() - 86400) * 1000)
    fills: list[Fill] = []
    for product in PRODUCTS.values():
        page = (
            await x.client.call(UNIFIED_FILLS, b.Reply[b.Rows[b.UnifiedFill]], category=product, startTime=since, limit=100)
        ).data.data
        for row in page.rows or []:
            numbers = (row.exec_price, row.exec_qty, row.created_time, row.exec_pnl)
            fills.append(parse.fill(row.exec_id, x.account, row.symbol, (row.side, row.trade_side), numbers))
    return Piece(fills=tuple(fills))


async def read_candles(x: Reader, symbol: str, native: str) -> Market:
    """The last 500 hours, then what came since; volume in base coin."""
    old = x.candles.get(symbol, ())
    since = {"startTime": int(old[-1].time.timestamp() * 1000)} if old else {}
    rows = (
        await x.client.call(
            CANDLES, b.Reply[list[list[Num]]], symbol=native, productType=product_of(symbol), granularity="1H", limit=500, **since
        )
    ).data.data
    return Market(venue=parse.VENUE, symbol=symbol, contract=contract_of(symbol), candles=extend(old, candles(rows, 5)))


async def read_book(x: Reader, symbol: str, native: str) -> Market:
    """50 levels in base coin."""
    reply = await x.client.call(DEPTH, b.Reply[b.Depth], symbol=native, productType=product_of(symbol), limit="50")
    found = book(reply.data.data.bids, reply.data.data.asks, reply.at)
    return Market(venue=parse.VENUE, symbol=symbol, contract=contract_of(symbol), book=found)


async def read_tiers(x: Reader, symbol: str, native: str) -> Market:
    """Maintenance rate of the lowest tier."""
    rows = (await x.client.call(TIERS, b.Reply[list[b.Tier]], symbol=native, productType=product_of(symbol))).data.data
    rate = next((number(row.keep_margin_rate) for row in rows if number(row.level) == 1), None)
    return Market(venue=parse.VENUE, symbol=symbol, contract=contract_of(symbol), maintenance_rate=rate)


def parts(lines: tuple[str, ...]) -> tuple[Part, ...]:
    """The unified account excludes the classic product types, as it does at Bitget."""
    unified = "unified" in lines
    if unified and set(lines) != {"unified"}:
        raise Unsupported('bitget: line "unified" stands alone; a unified account has no classic product types')
    spot = (Part("spot", read_spot, every=15, required=True),) if "spot" in lines else ()
    return (
        Part("permissions", read_key, every=3600, required=True),
        Part("positions", read_unified if unified else read_classic, required=True),
        *spot,
        Part("funding hours", read_funding_hours, every=3600),
        Part("markets", read_markets, every=15),
        Part("insurance", read_insurance, every=300),
        Part("fills", read_unified_fills if unified else read_fills, every=60, on_shrink=True),
    )


symbol_parts = (
    SymbolPart("candles", read_candles, every=600, at_once=2),
    SymbolPart("book", read_book, every=15, at_once=2),
    SymbolPart("tiers", read_tiers, every=6 * 3600, at_once=2),
)
