"""Which calls make up a reading of HTX; the reads of coin-margined swaps are POST."""

import msgspec
from msgspec import Struct

from adlwatch.adapters.base import BadPayload, Refused, Unsupported
from adlwatch.adapters.ccxt.decode import needed, number, positive
from adlwatch.adapters.ccxt.shape import book, candles, contract_of, day_volume, extend, holdings
from adlwatch.adapters.ccxt.venue import Meter, Part, Piece, Reader, Reply, SymbolPart, permissions_of, reads
from adlwatch.adapters.ccxt.venues.htx import parse
from adlwatch.adapters.ccxt.venues.htx import types as h
from adlwatch.domain.model import Account, Contract, Fill, Holding, Market, Pool, Position

IP = Meter("htx ip", 240, window=3)
UID = Meter("htx uid", 48, window=3, per_account=True)
_public = reads("contract", "public", meter=IP)
TIME = _public("api/v1/timestamp")
CONTRACT = _public("linear-swap-api/v1/swap_contract_info")
FUNDING = _public("v5/market/funding_rate")
INTEREST = _public("v5/market/open_interest")
KLINE = _public("linear-swap-ex/market/history/kline")
DEPTH = _public("linear-swap-ex/market/depth")
RISK = _public("linear-swap-api/v1/swap_risk_info")
"""In HTX's documentation and clients, not in ccxt's own list."""
COIN_CONTRACT = _public("swap-api/v1/swap_contract_info")
COIN_FUNDING = _public("swap-api/v1/swap_funding_rate")
COIN_INTEREST = _public("swap-api/v1/swap_open_interest")
COIN_MARK = _public("index/market/history/swap_mark_price_kline")
COIN_KLINE = _public("swap-ex/market/history/kline")
COIN_DEPTH = _public("swap-ex/market/depth")
COIN_RISK = _public("swap-api/v1/swap_risk_info")
_private = reads("contract", "private", meter=UID)
POSITIONS = _private("v5/trade/position/opens")
BALANCE = _private("v5/account/balance")
TRADES = _private("v5/trade/order/details")
COIN_POSITIONS = _private("swap-api/v1/swap_position_info", method="POST")
COIN_POOLS = _private("swap-api/v1/swap_account_info", method="POST")
COIN_ORDERS = _private("swap-api/v3/swap_hisorders", method="POST")
SUB_LIST = _private("swap-api/v1/swap_sub_account_list", method="POST")
SUB_POSITIONS = _private("swap-api/v1/swap_sub_position_info", method="POST")
SUB_POOLS = _private("swap-api/v1/swap_sub_account_info", method="POST")
_spot = reads("spot", "private", meter=UID)
SPOT_ACCOUNTS = _spot("v1/account/accounts")
SPOT_BALANCE = _spot("v1/account/accounts/{account-id}/balance")
UID_OF_KEY = _spot("v2/user/uid")
KEYS = _spot("v2/user/api-key")
ENDPOINTS = (
    *(TIME, CONTRACT, FUNDING, INTEREST, KLINE, DEPTH, RISK),
    *(COIN_CONTRACT, COIN_FUNDING, COIN_INTEREST, COIN_MARK, COIN_KLINE, COIN_DEPTH, COIN_RISK),
    *(POSITIONS, BALANCE, TRADES, COIN_POSITIONS, COIN_POOLS, COIN_ORDERS, SUB_LIST, SUB_POSITIONS, SUB_POOLS),
    *(SPOT_ACCOUNTS, SPOT_BALANCE, UID_OF_KEY, KEYS),
)
DAY = 86_400_000


Rows = h.Reply[list[h.CoinRow]]
Pools = h.Reply[list[h.CoinPool]]


class _Status(Struct):
    status: str | None = None
    code: int | None = None


def refused(body: bytes) -> bool:
    """Older endpoints say status "error", v5 a code that is not 200."""
    try:
        told = msgspec.json.decode(body, type=_Status)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return False
    return told.status not in (None, "ok") or told.code not in (None, 200)


async def size_of(x: Reader, native: str) -> float:
    """What one contract stands for; asked once, for it does not change."""
    sizes: dict[str, float] = x.memory.setdefault("sizes", {})
    if native not in sizes:
        endpoint = COIN_CONTRACT if contract_of(parse.symbol_of(native)) is Contract.INVERSE else CONTRACT
        rows = (await x.client.call(endpoint, h.Reply[list[h.Contract]], contract_code=native)).data.data
        found = next((row for row in rows if row.contract_code == native), None)
        if found is None:
            raise BadPayload(f"htx: no contract {native}, so its size is unknown")
        sizes[native] = needed(positive(found.contract_size), "contract_size", native)
    return sizes[native]


async def read_linear(x: Reader) -> Piece:
    """Linear positions and the account behind them."""
    reply = await x.client.call(POSITIONS, h.Reply[list[h.LinearRow]])
    positions: list[Position] = []
    for row in (row for row in reply.data.data if number(row.volume) != 0):
        found = parse.linear(row, x.account, await size_of(x, row.contract_code), reply.at)
        positions += [found] if found else []
    balance = await x.client.call(BALANCE, h.Reply[h.Balance])
    amounts = ((d.currency, (number(d.equity) or 0.0) - (number(d.profit_unreal) or 0.0)) for d in balance.data.data.details)
    held = holdings(amounts, parse.VENUE, x.account, balance.at, collateral=True)
    account = parse.linear_account(balance.data.data, x.account, balance.at)
    return Piece(accounts=(account,), positions=tuple(positions), holdings=held)


async def mark_of(x: Reader, native: str) -> float | None:
    """The mark of an inverse swap: the close of its latest mark price candle, at most 5 s old."""

    async def latest(x: Reader) -> float | None:
        rows = (await x.client.call(COIN_MARK, h.Reply[list[h.Bar]], contract_code=native, period="1min", size=1)).data.data
        return positive(rows[-1].close) if rows else None

    return await x.recent(f"mark {native}", 5, latest)


async def read_coin(x: Reader) -> Piece:
    """Coin-margined swaps; each coin is a pool of its own."""
    reply = await x.client.call(COIN_POSITIONS, h.Reply[list[h.CoinRow]])
    pools = await x.client.call(COIN_POOLS, h.Reply[list[h.CoinPool]])
    return await coin_piece(x, x.account, reply, pools)


async def coin_piece(x: Reader, id_: str, reply: Reply[Rows], pools: Reply[Pools]) -> Piece:
    """Positions in coin-margined swaps and the pools behind them, `id/BTC`, of the account `id_`."""
    filled = {pool.contract_code: pool for pool in pools.data.data if number(pool.margin_balance)}
    positions: list[Position] = []
    for row in (row for row in reply.data.data if number(row.volume) != 0):
        native, coin = row.contract_code, row.contract_code.partition("-")[0]
        size, mark = await size_of(x, native), await mark_of(x, native)
        found = parse.inverse(row, f"{id_}/{coin}", reply.at, pool=filled.get(native), size=size, mark=mark)
        positions += [found] if found else []
    accounts: list[Account] = []
    held: tuple[Holding, ...] = ()
    for native, pool in filled.items():
        accounts.append(parse.coin_account(pool, f"{id_}/{pool.symbol}", await mark_of(x, native), pools.at))
        held += holdings([(pool.symbol.upper(), pool.margin_static)], parse.VENUE, id_, pools.at, collateral=True)
    return Piece(accounts=tuple(accounts), positions=tuple(positions), holdings=held)


async def read_spot(x: Reader) -> Piece:
    """Spot balances of the spot account, loans taken off."""
    if "spot id" not in x.memory:
        rows = (await x.client.call(SPOT_ACCOUNTS, h.Reply[list[h.SpotAccount]])).data.data
        x.memory["spot id"] = next((row.id for row in rows if row.type == "spot"), None)
    if x.memory["spot id"] is None:
        return Piece()
    reply = await x.client.call(SPOT_BALANCE, h.Reply[h.SpotBalance], **{"account-id": x.memory["spot id"]})
    sums: dict[str, float] = {}
    for row in reply.data.data.list:
        if row.type in ("trade", "frozen", "loan", "interest", "lock", "bank"):
            sums[row.currency] = sums.get(row.currency, 0.0) + (number(row.balance) or 0.0)
    amounts = ((asset.upper(), amount) for asset, amount in sums.items())
    return Piece(holdings=holdings(amounts, parse.VENUE, x.account, reply.at, collateral=False))


async def read_fills(x: Reader) -> Piece:
    """Trades and orders of the last day in what shrank: HTX tells them by contract only."""
    now = int(x.now.timestamp() * 1000)
    fills: list[Fill] = []
    for symbol, native in x.shrunk.items():
        size = await size_of(x, native)
        if contract_of(symbol) is Contract.INVERSE:
            span = {"contract": native, "trade_type": 0, "type": 1, "status": "0", "start_time": now - DAY, "end_time": now}
            orders = (await x.client.call(COIN_ORDERS, h.Reply[list[h.CoinOrder]], **span)).data.data
            fills += [f for row in orders if (f := parse.coin_fill(row, x.account, size)) is not None]
        else:
            span = {"contract_code": native, "start_time": now - DAY, "limit": 100}
            trades = (await x.client.call(TRADES, h.Reply[list[h.Trade]], **span)).data.data
            fills += [parse.fill(row, x.account, size) for row in trades]
    return Piece(fills=tuple(fills))


async def read_insurance(x: Reader) -> Piece:
    """The fund of each contract we hold; those of coin-margined swaps at their mark."""
    pools: list[Pool] = []
    for endpoint, contract in ((RISK, Contract.LINEAR), (COIN_RISK, Contract.INVERSE)):
        held = {native: symbol for symbol, native in x.held.items() if contract_of(symbol) is contract}
        if held:
            reply = await x.client.call(endpoint, h.Reply[list[h.Risk]])
            for row in (row for row in reply.data.data if row.contract_code in held):
                price = await mark_of(x, row.contract_code) if contract is Contract.INVERSE else 1.0
                pools.append(parse.pool(row, held[row.contract_code], price, reply.at))
    return Piece(pools=tuple(pools))


async def read_key(x: Reader) -> Piece:
    """What the key may do; unknown where it may not ask."""
    try:
        uid = (await x.client.call(UID_OF_KEY, h.Reply[int])).data.data
        keys = (await x.client.call(KEYS, h.Reply[list[h.Key]], uid=uid)).data.data
    except (Refused, Unsupported):
        return Piece()
    named = [(key.access_key, parse.permissions(key)) for key in keys if key.status == "normal"]
    return Piece(permissions=permissions_of(x.client, named))


async def read_market(x: Reader, symbol: str, native: str) -> Market:
    """Funding and open interest of one contract, and the mark of an inverse one."""
    inverse = contract_of(symbol) is Contract.INVERSE
    interest = await x.client.call(
        COIN_INTEREST if inverse else INTEREST, h.Reply[h.Interest | list[h.Interest]], contract_code=native
    )
    told = interest.data.data
    row = next((r for r in told if r.contract_code == native), None) if isinstance(told, list) else told
    rates = (
        await x.client.call(COIN_FUNDING if inverse else FUNDING, h.Reply[h.Funding | list[h.Funding]], contract_code=native)
    ).data.data
    rate = next((r for r in rates if r.contract_code == native), None) if isinstance(rates, list) else rates
    base = parse.funding(rate, symbol) if rate else Market(venue=parse.VENUE, symbol=symbol, contract=contract_of(symbol))
    mark = await mark_of(x, native) if inverse else None
    units = number(row.amount) if row else None
    return msgspec.structs.replace(base, open_interest=units, mark_price=mark, as_of=interest.at)


async def read_candles(x: Reader, symbol: str, native: str) -> Market:
    """The last 500 hours, then what came since; volume in coins."""
    old = x.candles.get(symbol, ())
    endpoint = COIN_KLINE if contract_of(symbol) is Contract.INVERSE else KLINE
    reply = await x.client.call(endpoint, h.Reply[list[h.Bar]], contract_code=native, period="60min", size=10 if old else 500)
    bars = extend(old, candles([(r.id, r.open, r.high, r.low, r.close, r.amount) for r in reply.data.data], 5))
    return Market(venue=parse.VENUE, symbol=symbol, contract=contract_of(symbol), candles=bars, volume_24h=day_volume(bars))


async def read_book(x: Reader, symbol: str, native: str) -> Market:
    """The order book in base units."""
    inverse, size = contract_of(symbol) is Contract.INVERSE, await size_of(x, native)
    reply = await x.client.call(COIN_DEPTH if inverse else DEPTH, h.Tick[h.Depth], contract_code=native, type="step6")
    found = book(reply.data.tick.bids, reply.data.tick.asks, reply.at, size, inverse=inverse)
    return Market(venue=parse.VENUE, symbol=symbol, contract=contract_of(symbol), book=found)


def parts(lines: tuple[str, ...]) -> tuple[Part, ...]:
    """One part a line."""
    chosen = {
        "linear": Part("linear", read_linear, required=True),
        "coin": Part("coin", read_coin, required=True),
        "spot": Part("spot", read_spot, every=15, required=True),
    }
    return (
        Part("permissions", read_key, every=3600),
        *(chosen[line] for line in lines),
        Part("fills", read_fills, every=60, on_shrink=True),
        Part("insurance", read_insurance, every=300),
    )


symbol_parts = (
    SymbolPart("market", read_market, every=30),
    SymbolPart("candles", read_candles, every=600, at_once=2),
    SymbolPart("book", read_book, every=15, at_once=2),
)
