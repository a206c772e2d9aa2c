"""Which calls make up a reading of BingX."""

from collections.abc import Sequence

from adlwatch.adapters.base import BadPayload
from adlwatch.adapters.ccxt.decode import needed, number, positive
from adlwatch.adapters.ccxt.shape import book, candles, contract_of, day_volume, extend, holdings, says_other_than
from adlwatch.adapters.ccxt.venue import Meter, Part, Piece, Reader, SymbolPart, reads
from adlwatch.adapters.ccxt.venues.bingx import parse
from adlwatch.adapters.ccxt.venues.bingx import types as b
from adlwatch.domain.model import Account, Contract, Fill, FillKind, Holding, Market, Position

IP = Meter("bingx ip", 500, window=10)
UID = Meter("bingx uid", 50, window=10, per_account=True)
_quote = reads("swap", "v2", "public", meter=IP)
TIME = _quote("server/time")
PREMIUM = _quote("quote/premiumIndex")
INTEREST = _quote("quote/openInterest")
DEPTH = _quote("quote/depth")
KLINES = reads("swap", "v3", "public", meter=IP)("quote/klines")
_coin = reads("cswap", "v1", "public", meter=IP)
COIN_CONTRACTS = _coin("market/contracts")
COIN_PREMIUM = _coin("market/premiumIndex")
COIN_DEPTH = _coin("market/depth")
COIN_KLINES = _coin("market/klines")
_swap = reads("swap", "v2", "private", meter=UID)
POSITIONS = _swap("user/positions")
FORCED = _swap("trade/forceOrders")
FILLS = _swap("trade/fillHistory")
BALANCE = reads("swap", "v3", "private", meter=UID)("user/balance")
TIERS = reads("swap", "v1", "private", meter=UID)("maintMarginRatio")
_coin_private = reads("cswap", "v1", "private", meter=UID)
COIN_POSITIONS = _coin_private("user/positions")
COIN_BALANCE = _coin_private("user/balance")
COIN_FORCED = _coin_private("trade/forceOrders")
SPOT = reads("spot", "v1", "private", meter=UID)("account/balance")
FUND = reads("fund", "v1", "private", meter=UID)("account/balance")
KEY = reads("account", "v1", "private", meter=UID)("account/apiPermissions")
ENDPOINTS = (
    *(TIME, PREMIUM, INTEREST, DEPTH, KLINES, COIN_CONTRACTS, COIN_PREMIUM, COIN_DEPTH, COIN_KLINES),
    *(POSITIONS, FORCED, FILLS, BALANCE, TIERS, COIN_POSITIONS, COIN_BALANCE, COIN_FORCED, SPOT, FUND, KEY),
)
DAY = 86_400_000
FORCED_WORDS = (("ADL", FillKind.ADL), ("LIQUIDATION", FillKind.LIQUIDATION))


refused = says_other_than("0", "code")
"""BingX's errors carry a code that is not 0."""


async def contract_size(x: Reader, native: str) -> float:
    """USD a coin-margined contract; the list is asked for once, and again for a contract it lacked."""
    sizes: dict[str, float] = x.memory.setdefault("coin contracts", {})
    if native not in sizes:
        rows = (await x.client.call(COIN_CONTRACTS, b.Reply[list[b.Contract]])).data.data
        sizes.update((row.symbol, needed(positive(row.min_tick_size), "minTickSize", row.symbol)) for row in rows)
    if native not in sizes:
        raise BadPayload(f"bingx: no contract {native}, so its size is unknown")
    return sizes[native]


def tiers_of(x: Reader, native: str) -> Sequence[b.Tier]:
    """The tiers of a linear contract, once `read_tiers` has brought them."""
    known: dict[str, list[b.Tier]] = x.memory.get("tiers", {})
    return known.get(native, ())


async def read_account(x: Reader) -> Piece:
    """Positions and balances of each chosen line of futures."""
    positions: list[Position] = []
    accounts: list[Account] = []
    held: list[Holding] = []
    for line in (name for name in x.lines if name != "spot"):
        linear = line == "linear"
        reply = await x.client.call(POSITIONS if linear else COIN_POSITIONS, b.Reply[list[b.PositionRow]])
        found: list[Position] = []
        for row in (row for row in reply.data.data if number(row.position_amt) != 0):
            size = 1.0 if linear else await contract_size(x, row.symbol)
            position = parse.position(row, x.account, reply.at, size=size, tiers=tiers_of(x, row.symbol))
            found += [position] if position else []
        positions += found
        marks = {p.symbol.partition("/")[0]: p.mark_price for p in found}
        balances = await x.client.call(BALANCE if linear else COIN_BALANCE, b.Reply[list[b.Balance]])
        for asset in (asset for asset in balances.data.data if number(asset.equity)):
            price = 1.0 if linear and asset.asset in parse.STABLE else marks.get(asset.asset)
            accounts.append(parse.pool(asset, x.account, price, balances.at))
            held += holdings([(asset.asset, asset.balance)], parse.VENUE, x.account, balances.at, collateral=True)
    return Piece(accounts=tuple(accounts), positions=tuple(positions), holdings=tuple(held))


async def read_spot(x: Reader) -> Piece:
    """Coins of the spot and of the fund account, added up."""
    sums: dict[str, float] = {}
    spot = await x.client.call(SPOT, b.Reply[b.Coins])
    fund = await x.client.call(FUND, b.Reply[b.Coins])
    if spot.data.data.balances is None or fund.data.data.assets is None:
        raise BadPayload("bingx account/balance: no list of coins")
    for asset, amount in parse.spot([*spot.data.data.balances, *fund.data.data.assets]):
        sums[asset] = sums.get(asset, 0.0) + (amount or 0.0)
    return Piece(holdings=holdings(sums.items(), parse.VENUE, x.account, spot.at, collateral=False))


async def read_key(x: Reader) -> Piece:
    """What the key may do."""
    return Piece(permissions=parse.permissions((await x.client.call(KEY, b.Key)).data))


async def read_markets(x: Reader) -> Piece:
    """Mark, index and funding of what we hold."""
    held = {native: symbol for symbol, native in x.held.items()}
    contracts = {contract_of(symbol) for symbol in x.held}
    markets: list[Market] = []
    for contract, endpoint in ((Contract.LINEAR, PREMIUM), (Contract.INVERSE, COIN_PREMIUM)):
        if contract in contracts:
            reply = await x.client.call(endpoint, b.Reply[list[b.Premium]])
            markets += [parse.market(row, held[row.symbol], reply.at) for row in reply.data.data if row.symbol in held]
    return Piece(markets=tuple(markets))


async def read_linear_fills(x: Reader) -> Piece:
    """Own trades of the last day; those of orders that BingX forced are told by the order, with its reason."""
    now = int(x.now.timestamp() * 1000)
    fills: list[Fill] = []
    for word, kind in FORCED_WORDS:
        page = (await x.client.call(FORCED, b.Reply[b.Orders], autoCloseType=word, startTime=now - DAY, limit=100)).data.data
        fills += [parse.forced(row, kind, x.account) for row in page.orders or []]
    known = {fill.id for fill in fills}
    rows = (await x.client.call(FILLS, b.Reply[b.Fills], startTs=now - DAY, endTs=now, pageSize=1000)).data.data
    own = [row for row in rows.fill_history_orders or [] if f"{row.symbol}:{row.order_id}" not in known]
    return Piece(fills=tuple(fills + [parse.trade(row, x.account) for row in own]))


async def read_coin_fills(x: Reader) -> Piece:
    """ADL and liquidations of coin-margined contracts in the last day; own trades there are told by order only."""
    since = int(x.now.timestamp() * 1000) - DAY
    fills: list[Fill] = []
    for word, kind in FORCED_WORDS:
        reply = await x.client.call(COIN_FORCED, b.Reply[list[b.Order] | None], autoCloseType=word, startTime=since, limit=100)
        fills += [parse.forced(row, kind, x.account, await contract_size(x, row.symbol)) for row in reply.data.data or []]
    return Piece(fills=tuple(fills))


async def read_interest(x: Reader, symbol: str, native: str) -> Market:
    """Open interest of a linear contract, from USDT to base units at the latest mark of the premium index."""
    if contract_of(symbol) is Contract.INVERSE:
        return Market(venue=parse.VENUE, symbol=symbol, contract=Contract.INVERSE)
    value = number((await x.client.call(INTEREST, b.Reply[b.Interest], symbol=native)).data.data.open_interest)
    mark = positive((await x.client.call(PREMIUM, b.Reply[b.Premium], symbol=native)).data.data.mark_price)
    units = None if value is None or mark is None else value / mark
    return Market(venue=parse.VENUE, symbol=symbol, mark_price=mark, open_interest=units, as_of=x.now)


async def read_tiers(x: Reader, symbol: str, native: str) -> Market:
    """Maintenance tiers of a linear contract: the lowest rate now, each position's margin from the next reading on."""
    if contract_of(symbol) is Contract.INVERSE:
        return Market(venue=parse.VENUE, symbol=symbol, contract=Contract.INVERSE)
    rows = (await x.client.call(TIERS, b.Reply[list[b.Tier]], symbol=native)).data.data
    x.memory.setdefault("tiers", {})[native] = rows
    lowest = min(rows, key=lambda tier: number(tier.min_position_val) or 0.0, default=None)
    return Market(venue=parse.VENUE, symbol=symbol, maintenance_rate=number(lowest.maint_margin_ratio) if lowest else None)


async def read_candles(x: Reader, symbol: str, native: str) -> Market:
    """The last 500 hours, then what came since; volume in base units."""
    linear, old = contract_of(symbol) is Contract.LINEAR, x.candles.get(symbol, ())
    since = {"startTime": int(old[-1].time.timestamp() * 1000)} if old else {}
    span = {"symbol": native, "interval": "1h", "limit": 500, **since}
    rows = (await x.client.call(KLINES if linear else COIN_KLINES, b.Reply[list[b.Bar]], **span)).data.data
    bars = extend(old, candles(parse.bars(rows, None if linear else await contract_size(x, native)), 5))
    return Market(venue=parse.VENUE, symbol=symbol, contract=contract_of(symbol), candles=bars, volume_24h=day_volume(bars))


async def read_book(x: Reader, symbol: str, native: str) -> Market:
    """20 levels in base units."""
    inverse = contract_of(symbol) is Contract.INVERSE
    size = await contract_size(x, native) if inverse else 1.0
    reply = await x.client.call(COIN_DEPTH if inverse else DEPTH, b.Reply[b.Depth], symbol=native, limit=20)
    found = book(reply.data.data.bids, reply.data.data.asks, reply.at, size, inverse=inverse)
    return Market(venue=parse.VENUE, symbol=symbol, contract=contract_of(symbol), book=found)


def parts(lines: tuple[str, ...]) -> tuple[Part, ...]:
    """The futures of each line, and the coins of the spot and fund accounts."""
    chosen = {
        "linear": Part("fills", read_linear_fills, every=60, on_shrink=True),
        "coin": Part("coin-margined fills", read_coin_fills, every=60, on_shrink=True),
        "spot": Part("spot", read_spot, every=15, required=True),
    }
    return (
        Part("permissions", read_key, every=3600, required=True),
        Part("account", read_account, required=True),
        Part("markets", read_markets, every=15),
        *(chosen[line] for line in lines),
    )


symbol_parts = (
    SymbolPart("tiers", read_tiers, every=6 * 3600),
    SymbolPart("open interest", read_interest, every=60, at_once=2),
    SymbolPart("candles", read_candles, every=600, at_once=2),
    SymbolPart("book", read_book, every=15, at_once=2),
)
