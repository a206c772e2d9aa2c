"""Which calls make up a reading of BloFin."""

from adlwatch.adapters.base import BadPayload
from adlwatch.adapters.ccxt.decode import Num, number, positive, when
from adlwatch.adapters.ccxt.shape import book, candles, day_volume, extend, holdings, says_other_than
from adlwatch.adapters.ccxt.venue import KeyPermissions, Meter, Part, Piece, Reader, SymbolPart, reads
from adlwatch.adapters.ccxt.venues.blofin import parse
from adlwatch.adapters.ccxt.venues.blofin import types as b
from adlwatch.domain.model import Account, Contract, Fill, Holding, Market, Position

IP = Meter("blofin ip", 300)
"""BloFin stops who asks more than 500 times a minute, or 1,500 times in five; this keeps to both."""
_public = reads("public", meter=IP)
INSTRUMENT = _public("market/instruments")
MARK = _public("market/mark-price")
FUNDING = _public("market/funding-rate")
PAST_FUNDING = _public("market/funding-rate-history")
TIERS = _public("market/position-tiers")
CANDLES = _public("market/candles")
BOOKS = _public("market/books")
_private = reads("private", meter=IP)
CONFIG = _private("account/config")
POSITIONS = _private("account/positions")
BALANCE = _private("account/balance")
ORDERS = _private("trade/orders-history")
ASSETS = _private("asset/balances")
KEY = _private("user/query-apikey")
ENDPOINTS = (
    *(INSTRUMENT, MARK, FUNDING, PAST_FUNDING, TIERS, CANDLES, BOOKS),
    *(CONFIG, POSITIONS, BALANCE, ORDERS, ASSETS, KEY),
)
HOUR = 3600.0
PAGE = 100
MOST_PAGES = 10


refused = says_other_than("0", "code")
"""BloFin's errors carry a code that is not "0"."""


async def instrument(x: Reader, native: str) -> b.Instrument:
    """What a contract stands for; asked once, for it does not change."""
    known: dict[str, b.Instrument] = x.memory.setdefault("instruments", {})
    if native not in known:
        rows = (await x.client.call(INSTRUMENT, b.Reply[list[b.Instrument]], instId=native)).data.data
        found = next((row for row in rows if row.inst_id == native), None)
        if found is None:
            raise BadPayload(f"blofin: no instrument {native}, so the size of its contract is unknown")
        known[native] = found
    return known[native]


async def is_classic(x: Reader) -> bool:
    """Whether coin-margined positions have pools of their own: in a classic account, not in a unified one."""
    return (await x.client.call(CONFIG, b.Reply[b.Config])).data.data.account_level == "0"


async def read_account(x: Reader) -> Piece:
    """Positions, equity and coins of the futures account, and of the coin-margined pools beside it."""
    classic = await x.recent("classic", HOUR, is_classic)
    reply = await x.client.call(POSITIONS, b.Reply[list[b.PositionRow]])
    positions: list[Position] = []
    for row in (row for row in reply.data.data if number(row.positions) != 0):
        what = await instrument(x, row.inst_id)
        own_pool = classic and parse.contract_kind(what) is Contract.INVERSE
        found = parse.position(row, what, f"{x.account}/{what.base_currency}" if own_pool else x.account, reply.at)
        positions += [found] if found else []
    balance = await x.client.call(BALANCE, b.Reply[b.Balance], productType="USDT-FUTURES")
    accounts = [Account(id=x.account, venue=parse.VENUE, equity=number(balance.data.data.total_equity), as_of=balance.at)]
    held = holdings(parse.amounts(balance.data.data.details), parse.VENUE, x.account, balance.at, collateral=True)
    if classic:
        coins = await x.client.call(BALANCE, b.Reply[b.Balance], productType="COIN-FUTURES")
        accounts += parse.coin_accounts(coins.data.data.details, x.account, coins.at)
        held += holdings(parse.amounts(coins.data.data.details), parse.VENUE, x.account, coins.at, collateral=True)
    return Piece(accounts=tuple(accounts), positions=tuple(positions), holdings=held)


async def read_assets(x: Reader) -> Piece:
    """Coins of the funding and the spot account."""
    held: tuple[Holding, ...] = ()
    for account_type in ("funding", "spot"):
        reply = await x.client.call(ASSETS, b.Reply[list[b.Asset]], accountType=account_type)
        held += holdings(parse.amounts(reply.data.data), parse.VENUE, x.account, reply.at, collateral=False)
    return Piece(holdings=held)


async def read_key(x: Reader) -> Piece:
    """What the key may do; of one that writes, BloFin does not say what."""
    told = (await x.client.call(KEY, b.Reply[b.Key])).data.data.read_only
    return Piece(permissions=None if told is None else KeyPermissions(trade=told != 1, withdraw=False if told == 1 else None))


async def read_fills(x: Reader) -> Piece:
    """Completed orders of the last day, newest first, page by page."""
    since = int((x.now.timestamp() - 86400) * 1000)
    fills: list[Fill] = []
    after: dict[str, str] = {}
    for _ in range(MOST_PAGES):
        rows = (await x.client.call(ORDERS, b.Reply[list[b.Order]], begin=since, limit=PAGE, **after)).data.data
        for row in (row for row in rows if number(row.filled_size) != 0):
            found = parse.fill(row, await instrument(x, row.inst_id), x.account)
            fills += [found] if found else []
        if len(rows) < PAGE:
            break
        after = {"after": rows[-1].order_id}
    return Piece(fills=tuple(fills))


async def read_market(x: Reader, symbol: str, native: str) -> Market:
    """Mark, index and funding of one contract."""
    marks = (await x.client.call(MARK, b.Reply[list[b.Mark]], instId=native)).data.data
    rates = (await x.client.call(FUNDING, b.Reply[list[b.Rate]], instId=native)).data.data
    mark = next((row for row in marks if row.inst_id == native), None)
    rate = next((row for row in rates if row.inst_id == native), None)
    past = (await x.client.call(PAST_FUNDING, b.Reply[list[b.Rate]], instId=native, limit=1)).data.data if rate else []
    return Market(
        venue=parse.VENUE,
        symbol=symbol,
        contract=parse.contract_kind(await instrument(x, native)),
        mark_price=positive(mark.mark_price) if mark else None,
        index_price=positive(mark.index_price) if mark else None,
        funding_rate=number(rate.funding_rate) if rate else None,
        funding_interval_hours=parse.funding_hours(rate, past),
        as_of=when(mark.ts) if mark else None,
    )


async def read_tiers(x: Reader, symbol: str, native: str) -> Market:
    """Maintenance rate of the lowest tier."""
    rows = (await x.client.call(TIERS, b.Reply[list[b.Tier]], instId=native, marginMode="cross")).data.data
    lowest = min(rows, key=lambda tier: number(tier.min_size) or 0.0, default=None)
    contract = parse.contract_kind(await instrument(x, native))
    rate = number(lowest.maintenance_margin_rate) if lowest else None
    return Market(venue=parse.VENUE, symbol=symbol, contract=contract, maintenance_rate=rate)


async def read_candles(x: Reader, symbol: str, native: str) -> Market:
    """The last 500 hours, then what came since; volume in coins."""
    old, what = x.candles.get(symbol, ()), await instrument(x, native)
    span = {"instId": native, "bar": "1H", "limit": 10 if old else 500}
    rows = (await x.client.call(CANDLES, b.Reply[list[list[Num]]], **span)).data.data
    bars, contract = extend(old, candles(rows, 6)), parse.contract_kind(what)
    return Market(venue=parse.VENUE, symbol=symbol, contract=contract, candles=bars, volume_24h=day_volume(bars))


async def read_book(x: Reader, symbol: str, native: str) -> Market:
    """20 levels in base units."""
    what = await instrument(x, native)
    reply = await x.client.call(BOOKS, b.Reply[list[b.Depth]], instId=native, size=20)
    if not reply.data.data:
        raise BadPayload(f"blofin market/books: no book of {native}")
    depth, contract = reply.data.data[0], parse.contract_kind(what)
    found = book(depth.bids, depth.asks, reply.at, parse.size_of(what), inverse=contract is Contract.INVERSE)
    return Market(venue=parse.VENUE, symbol=symbol, contract=contract, book=found)


def parts(lines: tuple[str, ...]) -> tuple[Part, ...]:
    """The futures account, and the others as a line of their own."""
    others = (Part("other accounts", read_assets, every=60, required=True),) if "spot" in lines else ()
    return (
        Part("permissions", read_key, every=HOUR, required=True),
        Part("account", read_account, required=True),
        *others,
        Part("fills", read_fills, every=60, on_shrink=True),
    )


symbol_parts = (
    SymbolPart("market", read_market, every=30, at_once=2),
    SymbolPart("candles", read_candles, every=600, at_once=1),
    SymbolPart("book", read_book, every=60, at_once=1),
    SymbolPart("tiers", read_tiers, every=6 * HOUR, at_once=1),
)
