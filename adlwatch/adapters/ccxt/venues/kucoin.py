"""KuCoin classic futures in USDT, USDC and coin, with spot balances: https://www.kucoin.com/docs-new."""

from collections.abc import Mapping
from datetime import datetime
from typing import Generic, TypeVar

from msgspec import field

from adlwatch.adapters.ccxt.decode import Camel, Num, dated, moment, needed, number, perp, positive, when
from adlwatch.adapters.ccxt.options import kind
from adlwatch.adapters.ccxt.shape import candles, extend, holdings, in_usd, levels, says_other_than
from adlwatch.adapters.ccxt.venue import (
    Capabilities,
    KeyPermissions,
    Meter,
    Part,
    Piece,
    Reader,
    SymbolPart,
    Venue,
    no,
    reads,
    yes,
)
from adlwatch.domain.model import Account, Book, Contract, Fill, FillKind, Holding, MarginMode, Market, Position, Side, VenueLight

T = TypeVar("T")
NAME = "kucoin"
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
ENDPOINTS = (TIME, CONTRACT, KLINE, DEPTH, POSITIONS, OVERVIEW, FILLS, SPOT, KEY)
LINES: Mapping[str, str] = {"usdt": "USDT", "usdc": "USDC", "coin": "XBT"}


class Reply(Camel, Generic[T]):
    """Around every reply."""

    code: str
    data: T


class PositionRow(Camel):
    """positions: `currentQty` counts lots, signed; `posMargin` is without uPnL, `posMaint` the maintenance margin."""

    symbol: str
    current_qty: Num
    avg_entry_price: Num
    settle_currency: str = ""
    cross_mode: bool = False
    mark_price: Num = None
    pos_margin: Num = None
    pos_maint: Num = None
    leverage: Num = None
    real_leverage: Num = None
    liquidation_price: Num = None
    bankrupt_price: Num = None
    delev_percentage: Num = None
    position_side: str = "BOTH"


class Overview(Camel):
    """account-overview of one currency."""

    currency: str
    account_equity: Num
    margin_balance: Num = None
    unrealised_pnl: Num = field(name="unrealisedPNL", default=None)


class ContractRow(Camel):
    """contracts/{symbol}: what a lot stands for, and its market."""

    symbol: str
    base_currency: str
    quote_currency: str
    settle_currency: str
    multiplier: Num
    is_inverse: bool
    expire_date: Num = None
    maintain_margin: Num = None
    mark_price: Num = None
    index_price: Num = None
    funding_fee_rate: Num = None
    funding_rate_granularity: Num = None
    open_interest: Num = None
    volume_of24h: Num = field(name="volumeOf24h", default=None)


class SpotRow(Camel):
    """accounts: spot, by currency and account type."""

    currency: str
    balance: Num


class Key(Camel):
    """user/api-key: `permission` as words separated by commas."""

    permission: str = ""


class FillRow(Camel):
    """fills: lots; `tradeType` says who closed it, the fees say whether it opened or closed."""

    symbol: str
    trade_id: str
    side: str
    price: Num
    size: Num
    trade_time: Num
    trade_type: str = "trade"
    position_side: str = "BOTH"
    close_fee_pay: Num = None
    fee: Num = None


class Page(Camel):
    """A page of fills."""

    items: list[FillRow]


class Depth(Camel):
    """level2: price, lots."""

    asks: list[list[Num]]
    bids: list[list[Num]]


refused = says_other_than("200000", "code")
"""KuCoin's errors carry a code that is not 200000."""


def coin(word: str) -> str:
    """KuCoin writes XBT for BTC."""
    return "BTC" if word == "XBT" else word


def symbol_of(row: ContractRow) -> str:
    """The unified symbol."""
    base, quote, settle = coin(row.base_currency), row.quote_currency, coin(row.settle_currency)
    expiry = when(row.expire_date)
    return perp(base, quote, settle) if expiry is None else dated(base, quote, settle, expiry.strftime("%y%m%d"))


def lot(row: ContractRow) -> float:
    """Base units (linear) or USD (inverse, where the multiplier is negative) a lot stands for."""
    return abs(needed(row.multiplier, "multiplier", row.symbol))


def contract_kind(row: ContractRow) -> Contract:
    """How it pays."""
    return Contract.INVERSE if row.is_inverse else Contract.LINEAR


def position(row: PositionRow, what: ContractRow, account: str, at: datetime) -> Position | None:
    """One position; None for an empty row."""
    lots = needed(row.current_qty, "currentQty", row.symbol)
    if lots == 0:
        return None
    mark = positive(row.mark_price)
    unit = mark if what.is_inverse else 1.0
    light = number(row.delev_percentage)
    return Position(
        account=account,
        venue=NAME,
        symbol=symbol_of(what),
        side=Side(row.position_side.lower()) if row.position_side in ("LONG", "SHORT") else Side.LONG if lots > 0 else Side.SHORT,
        size=abs(lots) * lot(what),
        contracts=abs(lots),
        entry_price=needed(row.avg_entry_price, "avgEntryPrice", row.symbol),
        mark_price=mark,
        contract=contract_kind(what),
        margin_mode=MarginMode.CROSS if row.cross_mode else MarginMode.ISOLATED,
        isolated_margin=None if row.cross_mode else in_usd(number(row.pos_margin), unit),
        leverage=positive(row.leverage if row.cross_mode else row.real_leverage),
        maintenance_margin=in_usd(number(row.pos_maint), unit),
        liquidation_price=positive(row.liquidation_price),
        bankruptcy_price=positive(row.bankrupt_price),
        venue_light=None if light is None else VenueLight(light, at),
        as_of=at,
        raw=(("id", row.symbol),),
    )


def account(row: Overview, id_: str, price: float | None, at: datetime) -> Account:
    """The margin pool of one currency; cross maintenance is told by position only."""
    equity, pnl = number(row.account_equity), number(row.unrealised_pnl)
    wallet = None if equity is None or pnl is None else equity - pnl
    return Account(
        id=id_, venue=NAME, equity=in_usd(equity, price), wallet=in_usd(wallet, price), portfolio_margin=False, as_of=at
    )


KINDS = {"trade": FillKind.ORDER, "adl": FillKind.ADL, "liquidation": FillKind.LIQUIDATION, "settlement": FillKind.SETTLEMENT}


def fill(row: FillRow, what: ContractRow, id_: str) -> Fill:
    """One own fill."""
    fill_kind = KINDS.get(row.trade_type.lower(), FillKind.UNKNOWN)
    opener = Side.LONG if row.side == "buy" else Side.SHORT
    if row.position_side in ("LONG", "SHORT"):
        side = Side(row.position_side.lower())
        closes = side is not opener
    else:
        closes = fill_kind not in (FillKind.ORDER, FillKind.UNKNOWN) or bool(number(row.close_fee_pay))
        side = opener.opposite if closes else opener
    return Fill(
        id=row.trade_id,
        account=id_,
        venue=NAME,
        symbol=symbol_of(what),
        side=side,
        size=needed(row.size, "size", row.symbol) * lot(what),
        price=needed(row.price, "price", row.symbol),
        time=moment(row.trade_time, "tradeTime"),
        kind=fill_kind,
        closes=closes,
        fee=number(row.fee) if not what.is_inverse else None,
    )


def permissions(row: Key) -> KeyPermissions:
    """General only reads; every other word writes, those about moving money withdraw."""
    words = {word.strip() for word in row.permission.split(",") if word.strip()}
    if not words:
        return KeyPermissions()
    moves = {word for word in words if "transfer" in word.lower() or "withdraw" in word.lower()}
    return KeyPermissions(trade=bool(words - moves - {"General"}), withdraw=bool(moves))


async def contract(x: Reader, native: str, *, within: float = 3600) -> ContractRow:
    """A contract, at most `within` seconds old."""
    known: dict[str, tuple[datetime, ContractRow]] = x.memory.setdefault("contracts", {})
    kept = known.get(native)
    if kept is None or (x.now - kept[0]).total_seconds() >= within:
        kept = known[native] = (x.now, (await x.client.call(CONTRACT, Reply[ContractRow], symbol=native)).data.data)
    return kept[1]


def pool_of(account_id: str, settle: str) -> str:
    """USDT futures are the account itself, every other currency a pool of its own: `id/CUR`."""
    return account_id if settle == "USDT" else f"{account_id}/{coin(settle)}"


async def read_positions(x: Reader) -> Piece:
    """All positions in one call, and the pool of each chosen line and of each currency something settles in."""
    reply = await x.client.call(POSITIONS, Reply[list[PositionRow]])
    positions: list[Position] = []
    prices: dict[str, float] = {"USDT": 1.0, "USDC": 1.0}
    settles = dict.fromkeys(LINES[line] for line in x.lines if line in LINES)
    for row in (row for row in reply.data.data if number(row.current_qty) != 0):
        what = await contract(x, row.symbol)
        found = position(row, what, pool_of(x.account, what.settle_currency), reply.at)
        if found is None:
            continue
        positions.append(found)
        settles[what.settle_currency] = None
        if what.is_inverse and found.mark_price:
            prices[what.settle_currency] = found.mark_price
    accounts: list[Account] = []
    held: list[Holding] = []
    for settle in settles:
        overview = await x.client.call(OVERVIEW, Reply[Overview], currency=settle)
        pool = account(overview.data.data, pool_of(x.account, settle), prices.get(settle), overview.at)
        accounts.append(pool)
        amount = (number(overview.data.data.account_equity) or 0.0) - (number(overview.data.data.unrealised_pnl) or 0.0)
        held += holdings([(coin(settle), amount)], NAME, x.account, overview.at, collateral=True)
    return Piece(accounts=tuple(accounts), positions=tuple(positions), holdings=tuple(held))


async def read_spot(x: Reader) -> Piece:
    """Spot balances of all account types, added up by coin."""
    reply = await x.client.call(SPOT, Reply[list[SpotRow]])
    sums: dict[str, float] = {}
    for row in reply.data.data:
        sums[coin(row.currency)] = sums.get(coin(row.currency), 0.0) + (number(row.balance) or 0.0)
    return Piece(holdings=holdings(sums.items(), NAME, x.account, reply.at, collateral=False))


async def read_key(x: Reader) -> Piece:
    """What the key may do."""
    return Piece(permissions=permissions((await x.client.call(KEY, Reply[Key])).data.data))


async def read_fills(x: Reader) -> Piece:
    """Own fills of the last day."""
    since = int((x.now.timestamp() - 86400) * 1000)
    rows = (await x.client.call(FILLS, Reply[Page], startAt=since, pageSize=100)).data.data.items
    return Piece(fills=tuple([fill(row, await contract(x, row.symbol), x.account) for row in rows]))


async def read_contract(x: Reader, symbol: str, native: str) -> Market:
    """Mark, index, funding, open interest and tier of one contract."""
    row = await contract(x, native, within=30)
    mark, lots, granularity = positive(row.mark_price), number(row.open_interest), number(row.funding_rate_granularity)
    interest = None if lots is None else lots * lot(row)
    if row.is_inverse:
        interest = interest / mark if interest is not None and mark else None
    return Market(
        venue=NAME,
        symbol=symbol,
        contract=contract_kind(row),
        mark_price=mark,
        index_price=positive(row.index_price),
        funding_rate=number(row.funding_fee_rate),
        funding_interval_hours=granularity / 3_600_000 if granularity else None,
        open_interest=interest,
        volume_24h=number(row.volume_of24h),
        maintenance_rate=positive(row.maintain_margin),
        as_of=x.now,
    )


async def read_candles(x: Reader, symbol: str, native: str) -> Market:
    """The last 200 hours, then what came since; volume in base units of a linear contract."""
    what = await contract(x, native)
    old = x.candles.get(symbol, ())
    since = int(old[-1].time.timestamp() * 1000) if old else int((x.now.timestamp() - 200 * 3600) * 1000)
    reply = await x.client.call(KLINE, Reply[list[list[Num]]], **{"symbol": native, "granularity": 60, "from": since})
    bars = extend(old, candles(reply.data.data, None if what.is_inverse else 5, unit=lot(what)))
    return Market(venue=NAME, symbol=symbol, contract=contract_kind(what), candles=bars)


async def read_book(x: Reader, symbol: str, native: str) -> Market:
    """20 levels in base units."""
    what = await contract(x, native)
    reply = await x.client.call(DEPTH, Reply[Depth], symbol=native)
    depth = reply.data.data
    bids, asks = (levels(side, lot(what), inverse=what.is_inverse) for side in (depth.bids, depth.asks))
    return Market(venue=NAME, symbol=symbol, contract=contract_kind(what), book=Book(bids=bids, asks=asks, as_of=reply.at))


def parts(lines: tuple[str, ...]) -> tuple[Part, ...]:
    """Positions of all lines come in one call; spot is a line of its own."""
    spot = (Part("spot", read_spot, every=15, required=True),) if "spot" in lines else ()
    return (
        Part("permissions", read_key, every=3600, required=True),
        Part("positions", read_positions, required=True),
        *spot,
        Part("fills", read_fills, every=60, on_shrink=True),
    )


VENUE = Venue(
    name=NAME,
    ccxt_id="kucoin",
    endpoints=ENDPOINTS,
    capabilities=Capabilities(
        lines=("usdt", "usdc", "coin", "spot"),
        positions=yes("all in one call; classic account only, not the unified one"),
        equity=yes("accountEquity of each settle currency"),
        maintenance=yes("posMaint by position; not by account"),
        light=yes("delevPercentage, 0..1; direction presumed, 1 = closed first"),
        marks=yes("contract details"),
        funding=yes("contract details"),
        open_interest=yes("lots times multiplier"),
        candles=yes("1 h; no base volume for inverse contracts"),
        book=yes("20 levels"),
        insurance=no("none in the API"),
        warnings=no("none public"),
        fills=yes("the latest 100 of a day; tradeType adl"),
        holdings=yes("spot accounts of every type, futures wallets"),
        sub_accounts=no("each sub-account needs its own key"),
        key_permissions=yes("user/api-key: anything but General writes"),
    ),
    parts=parts,
    default_lines=("usdt", "spot"),
    symbol_parts=(
        SymbolPart("contract", read_contract, every=30),
        SymbolPart("candles", read_candles, every=600, at_once=2),
        SymbolPart("book", read_book, every=15, at_once=2),
    ),
    refused=refused,
    time=(TIME, ("data",)),
    needs=("api_key", "secret", "password"),
)

KIND = kind(VENUE)
