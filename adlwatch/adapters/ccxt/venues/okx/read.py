"""Which calls make up a reading of OKX."""

from collections.abc import Iterable

from adlwatch.adapters.base import BadPayload
from adlwatch.adapters.ccxt.decode import Num, number, positive
from adlwatch.adapters.ccxt.shape import book, candles, day_volume, extend, holdings, interest, says_other_than
from adlwatch.adapters.ccxt.venue import Meter, Part, Piece, Reader, SymbolPart, reads
from adlwatch.adapters.ccxt.venues.okx import parse
from adlwatch.adapters.ccxt.venues.okx import types as o
from adlwatch.domain.model import Contract, Fill, Market, Pool

IP = Meter("okx ip", 100, window=10)
UID = Meter("okx uid", 50, window=10, per_account=True)

_public = reads("public", meter=IP)
TIME = _public("public/time")
INSTRUMENTS = _public("public/instruments")
MARKS = _public("public/mark-price")
RATE = _public("public/funding-rate")
INTEREST = _public("public/open-interest")
TIERS = _public("public/position-tiers")
FUND = _public("public/insurance-fund")
INDEX = _public("market/index-tickers")
CANDLES = _public("market/candles")
BOOKS = _public("market/books")
INTEREST_HISTORY = _public("rubik/stat/contracts/open-interest-history", 4)
_private = reads("private", meter=UID)
POSITIONS = _private("account/positions")
BALANCE = _private("account/balance")
CONFIG = _private("account/config")
FUNDING = _private("asset/balances")
FILLS = _private("trade/fills")
SUBS = _private("users/subaccount/list", 5)
SUB_BALANCE = _private("account/subaccount/balances", 2)
SUB_FUNDING = _private("asset/subaccount/balances", 2)
ENDPOINTS = (
    TIME,
    INSTRUMENTS,
    MARKS,
    RATE,
    INTEREST,
    TIERS,
    FUND,
    INDEX,
    CANDLES,
    BOOKS,
    INTEREST_HISTORY,
    POSITIONS,
    BALANCE,
    CONFIG,
    FUNDING,
    FILLS,
    SUBS,
    SUB_BALANCE,
    SUB_FUNDING,
)

ONE_BY_ONE = 5
"""Up to so many unknown instruments are asked for singly; more are found in the whole list."""
CONFIG_SECONDS = 300.0
FILL_PAGE = 100
MOST_FILL_PAGES = 10
FUNDS_AT_ONCE = 5


refused = says_other_than("0", "code")
"""OKX's errors come with a code that is not "0"."""


async def specs(x: Reader, wanted: Iterable[tuple[str, str]]) -> dict[str, parse.Spec]:
    """What the contracts of (type, instrument) stand for; asked once each, for it does not change."""
    known: dict[str, parse.Spec] = x.memory.setdefault("specs", {})
    unknown = sorted({pair for pair in wanted if pair[1] not in known})
    single = len(unknown) <= ONE_BY_ONE
    asks = (
        [{"instType": kind, "instId": id_} for kind, id_ in unknown] if single else [{"instType": k} for k in parse.DERIVATIVES]
    )
    for ask in asks:
        rows = (await x.client.call(INSTRUMENTS, o.Reply[o.Instrument], **ask)).data.data
        known.update((row.inst_id, parse.spec(row)) for row in rows if positive(row.ct_val))
    return known


def spec_of(x: Reader, native: str) -> parse.Spec:
    """The spec of an instrument we hold, known since its position was read."""
    found: parse.Spec = x.memory["specs"][native]
    return found


async def config_of(x: Reader) -> o.Config:
    """The account's mode and the key's permissions."""
    rows = (await x.client.call(CONFIG, o.Reply[o.Config])).data.data
    if not rows:
        raise BadPayload("okx account/config: empty")
    return rows[0]


async def read_key(x: Reader) -> Piece:
    """What the key may do."""
    return Piece(permissions=parse.permissions(await x.recent("config", CONFIG_SECONDS, config_of)))


async def read_account(x: Reader) -> Piece:
    """Positions, equity and coins of the trading account."""
    config = await x.recent("config", CONFIG_SECONDS, config_of)
    balances = (await x.client.call(BALANCE, o.Reply[o.Balance])).data.data
    if not balances:
        raise BadPayload("okx account/balance: empty")
    reply = await x.client.call(POSITIONS, o.Reply[o.PositionRow])
    rows = [row for row in reply.data.data if row.inst_type in parse.DERIVATIVES]
    left = sorted(
        {row.inst_type.lower() for row in reply.data.data if row.inst_type not in parse.DERIVATIVES and number(row.pos)}
    )
    known = await specs(x, ((row.inst_type, row.inst_id) for row in rows if number(row.pos)))
    found = (parse.position(row, parse.pool_of(x.account, row, config.acct_lv), known, reply.at) for row in rows)
    collateral = config.acct_lv != parse.SPOT_MODE
    return Piece(
        accounts=parse.accounts(balances[0], config, x.account, reply.at),
        positions=tuple(p for p in found if p is not None),
        holdings=holdings(parse.trading_amounts(balances[0]), parse.VENUE, x.account, reply.at, collateral=collateral),
        notes=tuple(f"open {kind} positions are not read" for kind in left),
    )


async def read_funding_account(x: Reader) -> Piece:
    """Coins of the funding account."""
    reply = await x.client.call(FUNDING, o.Reply[o.Funding])
    amounts = parse.funding_amounts(reply.data.data)
    return Piece(holdings=holdings(amounts, parse.VENUE, x.account, reply.at, collateral=False))


def held_types(x: Reader) -> list[str]:
    """SWAP, FUTURES or both, as far as we hold some."""
    return sorted({"SWAP" if native.endswith("-SWAP") else "FUTURES" for native in x.held.values()})


async def read_marks(x: Reader) -> Piece:
    """Marks and open interest of what we hold."""
    ours = set(x.held.values())
    markets: list[Market] = []
    for kind in held_types(x):
        marks = (await x.client.call(MARKS, o.Reply[o.Mark], instType=kind)).data.data
        markets += [parse.mark(row, spec_of(x, row.inst_id)) for row in marks if row.inst_id in ours]
    return Piece(markets=tuple(markets))


async def read_interest(x: Reader) -> Piece:
    """Open interest in base units."""
    ours = set(x.held.values())
    markets: list[Market] = []
    for kind in held_types(x):
        for row in (await x.client.call(INTEREST, o.Reply[o.Interest], instType=kind)).data.data:
            if row.inst_id in ours:
                what = spec_of(x, row.inst_id)
                amount = number(row.oi_ccy)
                markets.append(Market(venue=parse.VENUE, symbol=what.symbol, contract=what.contract, open_interest=amount))
    return Piece(markets=tuple(markets))


async def read_insurance(x: Reader) -> Piece:
    """The fund of the families we hold, a few with each turn; OKX renews them daily."""
    kinds = {spec_of(x, native).family: "SWAP" if native.endswith("-SWAP") else "FUTURES" for native in x.held.values()}
    turn: dict[str, Pool] = x.memory.setdefault("funds", {})
    for family in sorted(kinds, key=lambda f: f in turn)[:FUNDS_AT_ONCE]:
        rows = (await x.client.call(FUND, o.Reply[o.Fund], instType=kinds[family], instFamily=family)).data.data
        symbols = tuple(sorted(s for s, native in x.held.items() if spec_of(x, native).family == family))
        if rows:
            turn[family] = Pool(venue=parse.VENUE, name=family, balance=number(rows[0].total), symbols=symbols, as_of=x.now)
    return Piece(pools=tuple(turn[family] for family in sorted(turn) if family in kinds))


async def read_fills(x: Reader) -> Piece:
    """Own fills of the last day, all pages."""
    fills: list[Fill] = []
    since = int((x.now.timestamp() - 86400) * 1000)
    for kind in parse.DERIVATIVES:
        after: dict[str, str] = {}
        for _ in range(MOST_FILL_PAGES):
            rows = (await x.client.call(FILLS, o.Reply[o.Fill], instType=kind, begin=since, limit=FILL_PAGE, **after)).data.data
            known = await specs(x, ((kind, row.inst_id) for row in rows))
            fills += [parse.fill(row, x.account, known[row.inst_id]) for row in rows if row.inst_id in known]
            if len(rows) < FILL_PAGE or not rows[-1].bill_id:
                break
            after = {"after": rows[-1].bill_id}
    return Piece(fills=tuple(fills))


async def read_funding(x: Reader, _: str, native: str) -> Market:
    """Funding of one swap; a dated future has none."""
    what = spec_of(x, native)
    empty = Market(venue=parse.VENUE, symbol=what.symbol, contract=what.contract)
    if not native.endswith("-SWAP"):
        return empty
    rows = (await x.client.call(RATE, o.Reply[o.Rate], instId=native)).data.data
    return parse.funding(rows[0], what) if rows else empty


async def read_candles(x: Reader, symbol: str, native: str) -> Market:
    """The last 300 hours, then what came since; volume in coins."""
    old = x.candles.get(symbol, ())
    since = {"before": int(old[-1].time.timestamp() * 1000) - 1} if old else {}
    rows = (await x.client.call(CANDLES, o.Reply[list[Num]], instId=native, bar="1H", limit=300, **since)).data.data
    bars = extend(old, candles(rows, 6))
    contract = spec_of(x, native).contract
    return Market(venue=parse.VENUE, symbol=symbol, contract=contract, candles=bars, volume_24h=day_volume(bars))


async def read_interest_history(x: Reader, symbol: str, native: str) -> Market:
    """Open interest of the last 100 hours, in coins."""
    rows = (await x.client.call(INTEREST_HISTORY, o.Reply[list[Num]], instId=native, period="1H", limit=100)).data.data
    contract = spec_of(x, native).contract
    return Market(venue=parse.VENUE, symbol=symbol, contract=contract, open_interest_history=interest((r[0], r[2]) for r in rows))


async def read_book(x: Reader, symbol: str, native: str) -> Market:
    """50 levels, in base units."""
    what = spec_of(x, native)
    reply = await x.client.call(BOOKS, o.Reply[o.Depth], instId=native, sz=50)
    if not reply.data.data:
        raise BadPayload(f"okx market/books: no book of {native}")
    depth = reply.data.data[0]
    found = book(depth.bids, depth.asks, reply.at, what.size, inverse=what.contract is Contract.INVERSE)
    return Market(venue=parse.VENUE, symbol=symbol, contract=what.contract, book=found)


async def read_tiers(x: Reader, symbol: str, native: str) -> Market:
    """Maintenance rate of the lowest tier, and the index price beside it."""
    what = spec_of(x, native)
    kind = "SWAP" if native.endswith("-SWAP") else "FUTURES"
    rows = (await x.client.call(TIERS, o.Reply[o.Tier], instType=kind, tdMode="cross", instFamily=what.family)).data.data
    rate = next((number(row.mmr) for row in rows if number(row.tier) == 1), None)
    return Market(venue=parse.VENUE, symbol=symbol, contract=what.contract, maintenance_rate=rate)


async def read_index(x: Reader, symbol: str, native: str) -> Market:
    """The index price."""
    what = spec_of(x, native)
    rows = (await x.client.call(INDEX, o.Reply[o.Index], instId=what.family.removesuffix("_UM"))).data.data
    price = positive(rows[0].idx_px) if rows else None
    return Market(venue=parse.VENUE, symbol=symbol, contract=what.contract, index_price=price)


def parts(lines: tuple[str, ...]) -> tuple[Part, ...]:
    """Swaps and futures come in one call; the funding account is a line of its own."""
    funding = (Part("funding account", read_funding_account, every=30, required=True),) if "funding" in lines else ()
    return (
        Part("permissions", read_key, every=300, required=True),
        Part("account", read_account, required=True),
        *funding,
        Part("marks", read_marks, every=15),
        Part("open interest", read_interest, every=60),
        Part("insurance", read_insurance, every=300),
        Part("fills", read_fills, every=60, on_shrink=True),
    )


symbol_parts = (
    SymbolPart("funding", read_funding, every=60),
    SymbolPart("index", read_index, every=30, at_once=2),
    SymbolPart("candles", read_candles, every=600, at_once=2),
    SymbolPart("open interest history", read_interest_history, every=3600, at_once=2),
    SymbolPart("book", read_book, every=15, at_once=2),
    SymbolPart("tiers", read_tiers, every=6 * 3600, at_once=2),
)
