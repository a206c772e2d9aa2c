"""Which calls make up a reading of KuCoin."""

from collections.abc import Mapping
from datetime import datetime

from adlwatch.adapters.ccxt.decode import Num, number
from adlwatch.adapters.ccxt.shape import book, candles, extend, holdings, says_other_than
from adlwatch.adapters.ccxt.venue import Meter, Part, Piece, Reader, SymbolPart, reads
from adlwatch.adapters.ccxt.venues.kucoin import parse
from adlwatch.adapters.ccxt.venues.kucoin import types as k
from adlwatch.domain.model import Account, Holding, Market, Position

IP = Meter("kucoin ip", 2000, window=30)
UID = Meter("kucoin uid", 2000, window=30, per_account=True)
_futures = reads("futuresPublic", meter=IP)
TIME = _futures("timestamp", 2)
CONTRACT = _futures("contracts/{symbol}", 3)
KLINE = _futures("kline/query", 3)
DEPTH = _futures("level2/depth20", 5)
_private = reads("futuresPrivate", meter=UID)
POSITIONS = _private("positions", 2)
OVERVIEW = _private("account-overview", 5)
FILLS = _private("fills", 5)
SPOT = reads("private", meter=UID)("accounts", 5)
KEY = reads("private", meter=UID)("user/api-key", 20)
SUBS = reads("private", meter=UID)("sub-accounts", 20)
SUB_OVERVIEW = _private("account-overview-all", 6)
ENDPOINTS = (TIME, CONTRACT, KLINE, DEPTH, POSITIONS, OVERVIEW, FILLS, SPOT, KEY, SUBS, SUB_OVERVIEW)
LINES: Mapping[str, str] = {"usdt": "USDT", "usdc": "USDC", "coin": "XBT"}

refused = says_other_than("200000", "code")
"""KuCoin's errors carry a code that is not 200000."""


async def contract(x: Reader, native: str, *, within: float = 3600) -> k.ContractRow:
    """A contract, at most `within` seconds old."""
    known: dict[str, tuple[datetime, k.ContractRow]] = x.memory.setdefault("contracts", {})
    kept = known.get(native)
    if kept is None or (x.now - kept[0]).total_seconds() >= within:
        kept = known[native] = (x.now, (await x.client.call(CONTRACT, k.Reply[k.ContractRow], symbol=native)).data.data)
    return kept[1]


async def read_positions(x: Reader) -> Piece:
    """All positions in one call, and the pool of each chosen line and of each currency something settles in."""
    reply = await x.client.call(POSITIONS, k.Reply[list[k.PositionRow]])
    positions: list[Position] = []
    prices: dict[str, float] = {"USDT": 1.0, "USDC": 1.0}
    settles = dict.fromkeys(LINES[line] for line in x.lines if line in LINES)
    for row in (row for row in reply.data.data if number(row.current_qty) != 0):
        what = await contract(x, row.symbol)
        found = parse.position(row, what, parse.pool_of(x.account, what.settle_currency), reply.at)
        if found is None:
            continue
        positions.append(found)
        settles[what.settle_currency] = None
        if what.is_inverse and found.mark_price:
            prices[what.settle_currency] = found.mark_price
    accounts: list[Account] = []
    held: list[Holding] = []
    for settle in settles:
        overview = await x.client.call(OVERVIEW, k.Reply[k.Overview], currency=settle)
        pool = parse.account(overview.data.data, parse.pool_of(x.account, settle), prices.get(settle), overview.at)
        accounts.append(pool)
        amount = parse.amount(overview.data.data)
        held += holdings([(parse.coin(settle), amount)], parse.VENUE, x.account, overview.at, collateral=True)
    return Piece(accounts=tuple(accounts), positions=tuple(positions), holdings=tuple(held))


async def read_spot(x: Reader) -> Piece:
    """Spot balances of all account types, added up by coin."""
    reply = await x.client.call(SPOT, k.Reply[list[k.SpotRow]])
    return Piece(holdings=holdings(parse.sums(reply.data.data).items(), parse.VENUE, x.account, reply.at, collateral=False))


async def read_key(x: Reader) -> Piece:
    """What the key may do."""
    return Piece(permissions=parse.permissions((await x.client.call(KEY, k.Reply[k.Key])).data.data))


async def read_fills(x: Reader) -> Piece:
    """Own fills of the last day."""
    since = int((x.now.timestamp() - 86400) * 1000)
    rows = (await x.client.call(FILLS, k.Reply[k.Page], startAt=since, pageSize=100)).data.data.items
    return Piece(fills=tuple([parse.fill(row, await contract(x, row.symbol), x.account) for row in rows]))


async def read_contract(x: Reader, symbol: str, native: str) -> Market:
    """Mark, index, funding, open interest and tier of one contract."""
    return parse.market(await contract(x, native, within=30), symbol, x.now)


async def read_candles(x: Reader, symbol: str, native: str) -> Market:
    """The last 200 hours, then what came since; volume in base units of a linear contract."""
    what = await contract(x, native)
    old = x.candles.get(symbol, ())
    since = int(old[-1].time.timestamp() * 1000) if old else int((x.now.timestamp() - 200 * 3600) * 1000)
    reply = await x.client.call(KLINE, k.Reply[list[list[Num]]], **{"symbol": native, "granularity": 60, "from": since})
    bars = extend(old, candles(reply.data.data, None if what.is_inverse else 5, unit=parse.lot(what)))
    return Market(venue=parse.VENUE, symbol=symbol, contract=parse.contract_kind(what), candles=bars)


async def read_book(x: Reader, symbol: str, native: str) -> Market:
    """20 levels in base units."""
    what = await contract(x, native)
    reply = await x.client.call(DEPTH, k.Reply[k.Depth], symbol=native)
    found = book(reply.data.data.bids, reply.data.data.asks, reply.at, parse.lot(what), inverse=what.is_inverse)
    return Market(venue=parse.VENUE, symbol=symbol, contract=parse.contract_kind(what), book=found)


def parts(lines: tuple[str, ...]) -> tuple[Part, ...]:
    """Positions of all lines come in one call; spot is a line of its own."""
    spot = (Part("spot", read_spot, every=15, required=True),) if "spot" in lines else ()
    return (
        Part("permissions", read_key, every=3600, required=True),
        Part("positions", read_positions, required=True),
        *spot,
        Part("fills", read_fills, every=60, on_shrink=True),
    )


symbol_parts = (
    SymbolPart("contract", read_contract, every=30),
    SymbolPart("candles", read_candles, every=600, at_once=2),
    SymbolPart("book", read_book, every=15, at_once=2),
)
