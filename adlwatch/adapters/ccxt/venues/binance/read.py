"""Which calls make up a reading of Binance, line by line."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from adlwatch.adapters.ccxt.decode import Num, needed, number, positive
from adlwatch.adapters.ccxt.shape import book, candles, contract_of, day_volume, extend, holdings, interest
from adlwatch.adapters.ccxt.venue import Endpoint, Part, Piece, Reader, SymbolPart
from adlwatch.adapters.ccxt.venues.binance import endpoints as e
from adlwatch.adapters.ccxt.venues.binance import parse
from adlwatch.adapters.ccxt.venues.binance import types as b
from adlwatch.adapters.ccxt.venues.binance.fills import read_coinm_fills, read_pm_fills, read_usdm_fills
from adlwatch.domain.model import Account, Contract, Market

HOUR = 3600.0


async def quantiles(x: Reader, endpoint: Endpoint) -> dict[str, Mapping[str, Num]]:
    """ADL quantiles by symbol and side."""
    rows = (await x.client.call(endpoint, list[b.Quantile])).data
    return {row.symbol: row.adl_quantile for row in rows}


async def contract_sizes(x: Reader, held: Iterable[str] = ()) -> Mapping[str, float]:
    """USD a COIN-M contract, by symbol; asked once, and again for one that has been listed since."""
    sizes: dict[str, float] = x.memory.setdefault("coinm sizes", {})
    if not sizes or any(native not in sizes for native in held):
        rows = (await x.client.call(e.COIN_INFO, b.CoinmInfo)).data.symbols
        sizes.update((row.symbol, needed(row.contract_size, "contractSize")) for row in rows)
    return sizes


async def read_usdm(x: Reader) -> Piece:
    """USD-M positions with their lights, and the account behind them."""
    account = (await x.client.call(e.ACCOUNT, b.UsdmAccount)).data
    risk = await x.client.call(e.RISK, list[b.RiskRow])
    missing = any(row.adl is None and number(row.position_amt) for row in risk.data)
    lights = await quantiles(x, e.QUANTILE) if missing else {}
    around = parse.Around(x.account, risk.at, lights=lights, configs=x.memory.get("usdm config", {}))
    positions = parse.usdm_positions(risk.data, around)
    return Piece(accounts=(parse.usdm_account(account, x.account, risk.at),), positions=positions)


async def read_usdm_config(x: Reader) -> Piece:
    """Set leverage, which positionRisk v3 lacks."""
    rows = (await x.client.call(e.CONFIG, list[b.SymbolConfig])).data
    x.memory["usdm config"] = {row.symbol: row for row in rows}
    return Piece()


async def read_coinm(x: Reader) -> Piece:
    """COIN-M positions, and one account a coin, valued at that coin's perpetual mark."""
    account = (await x.client.call(e.COIN_ACCOUNT, b.CoinmAccount)).data
    risk = await x.client.call(e.COIN_RISK, list[b.RiskRow])
    held = [row for row in risk.data if number(row.position_amt)]
    sizes = await contract_sizes(x, (row.symbol for row in held))
    coins = [asset for asset in account.assets if number(asset.margin_balance) or number(asset.wallet_balance)]
    lights = await quantiles(x, e.COIN_QUANTILE) if held else {}
    prices = await coin_prices(x) if coins else {}
    maintenance = {(p.symbol, p.position_side): p.maint_margin for p in account.positions}
    around = parse.Around(x.account, risk.at, lights=lights, sizes=sizes, maintenance=maintenance)
    balances = [(coin.asset, coin.wallet_balance) for coin in coins]
    return Piece(
        accounts=tuple(parse.coinm_account(f"{x.account}/{c.asset}", c, prices.get(c.asset), risk.at) for c in coins),
        positions=parse.coinm_positions(held, around, pool_by_coin=True),
        holdings=holdings(balances, parse.VENUE, x.account, risk.at, collateral=True),
    )


async def coin_prices(x: Reader) -> dict[str, float]:
    """Coin → mark of its COIN-M perpetual."""
    rows = (await x.client.call(e.COIN_PREMIUM, list[b.Premium])).data
    x.memory["coinm premium"] = rows
    return {
        row.symbol.removesuffix("USD_PERP"): mark
        for row in rows
        if row.symbol.endswith("USD_PERP") and (mark := positive(row.mark_price))
    }


async def read_pm(x: Reader) -> Piece:
    """Portfolio margin: both kinds of positions behind one equity, its coins as collateral."""
    account = (await x.client.call(e.PM_ACCOUNT, b.PmAccount)).data
    coins = (await x.client.call(e.PM_BALANCE, list[b.PmBalance])).data
    um = await x.client.call(e.PM_UM_RISK, list[b.RiskRow])
    cm = await x.client.call(e.PM_CM_RISK, list[b.RiskRow])
    sizes = await contract_sizes(x, (row.symbol for row in cm.data if number(row.position_amt)))
    um_lights = await quantiles(x, e.PM_UM_QUANTILE) if any(number(r.position_amt) for r in um.data) else {}
    cm_lights = await quantiles(x, e.PM_CM_QUANTILE) if any(number(r.position_amt) for r in cm.data) else {}
    linear = parse.usdm_positions(um.data, parse.Around(x.account, um.at, lights=um_lights))
    around = parse.Around(x.account, cm.at, lights=cm_lights, sizes=sizes)
    positions = linear + parse.coinm_positions(cm.data, around, pool_by_coin=False)
    balances = [(c.asset, c.total_wallet_balance) for c in coins]
    return Piece(
        accounts=(_pm_account(x, account, um.at),),
        positions=positions,
        holdings=holdings(balances, parse.VENUE, x.account, um.at, collateral=True),
    )


def _pm_account(x: Reader, row: b.PmAccount, at: datetime) -> Account:
    return Account(
        id=x.account,
        venue=parse.VENUE,
        equity=number(row.account_equity),
        maintenance_margin=number(row.account_maint_margin),
        delta_neutral_mode=x.memory.get("delta mode"),
        portfolio_margin=True,
        as_of=at,
    )


async def read_delta_mode(x: Reader) -> Piece:
    """Whether the delta-neutral protection is on."""
    x.memory["delta mode"] = (await x.client.call(e.DELTA_MODE, b.DeltaMode)).data.delta_enabled
    return Piece()


async def read_spot(x: Reader) -> Piece:
    """Spot balances: the other leg of a carry."""
    reply = await x.client.call(e.SPOT_ACCOUNT, b.SpotAccount, omitZeroBalances="true")
    amounts = [
        (parse.spot_coin(row.asset), (number(row.free) or 0.0) + (number(row.locked) or 0.0)) for row in reply.data.balances
    ]
    return Piece(holdings=holdings(amounts, parse.VENUE, x.account, reply.at, collateral=False))


async def read_margin(x: Reader) -> Piece:
    """Cross margin balances after borrowing."""
    reply = await x.client.call(e.MARGIN_ACCOUNT, b.MarginAccount)
    amounts = [(row.asset, row.net_asset) for row in reply.data.user_assets]
    return Piece(holdings=holdings(amounts, parse.VENUE, x.account, reply.at, collateral=False))


async def read_futures_wallet(x: Reader) -> Piece:
    """Coins in the USD-M wallet (multi-assets mode takes them as collateral)."""
    reply = await x.client.call(e.BALANCE, list[b.FuturesBalance])
    amounts = [(row.asset, row.balance) for row in reply.data]
    return Piece(holdings=holdings(amounts, parse.VENUE, x.account, reply.at, collateral=True))


async def read_usdm_markets(x: Reader) -> Piece:
    """Mark, index and funding of what we hold."""
    hours = await _funding_hours(x, e.FUNDING_INFO)
    held = {native: symbol for symbol, native in x.held.items()}
    rows = (await x.client.call(e.PREMIUM, list[b.Premium])).data
    return Piece(markets=tuple(parse.market(row, held[row.symbol], hours) for row in rows if row.symbol in held))


async def read_coinm_markets(x: Reader) -> Piece:
    """Mark, index and funding of the COIN-M contracts we hold."""
    hours = await _funding_hours(x, e.COIN_FUNDING_INFO)
    held = {native: symbol for symbol, native in x.held.items()}
    rows = (await x.client.call(e.COIN_PREMIUM, list[b.Premium])).data
    x.memory["coinm premium"] = rows
    return Piece(markets=tuple(parse.market(row, held[row.symbol], hours) for row in rows if row.symbol in held))


async def _funding_hours(x: Reader, endpoint: Endpoint) -> Mapping[str, Num]:

    async def told(x: Reader) -> dict[str, Num]:
        return {row.symbol: row.funding_interval_hours for row in (await x.client.call(endpoint, list[b.FundingInfo])).data}

    return await x.recent(f"hours {endpoint.name}", HOUR, told)


async def read_warnings(x: Reader) -> Piece:
    """Binance's ADL risk of every market."""
    rows = (await x.client.call(e.ADL_RISK, list[b.Risk])).data
    return Piece(warnings=tuple(parse.warning(row) for row in rows))


async def read_insurance(x: Reader) -> Piece:
    """Insurance pools of USD-M."""
    return Piece(pools=parse.pools((await x.client.call(e.INSURANCE, list[b.Insurance])).data))


async def read_permissions(x: Reader) -> Piece:
    """What the key may do."""
    return Piece(permissions=parse.permissions((await x.client.call(e.RESTRICTIONS, b.Restrictions)).data))


def _is_coinm(symbol: str) -> bool:
    return contract_of(symbol) is Contract.INVERSE


async def read_candles(x: Reader, symbol: str, native: str) -> Market:
    """The last 500 hours, then what came since."""
    inverse = _is_coinm(symbol)
    old = x.candles.get(symbol, ())
    since = {"startTime": int(old[-1].time.timestamp() * 1000)} if old else {}
    endpoint = e.COIN_KLINES if inverse else e.KLINES
    reply = await x.client.call(endpoint, list[list[Num]], symbol=native, interval="1h", limit=499, **since)
    bars = extend(old, candles(reply.data, 7 if inverse else 5))
    return Market(
        venue=parse.venue_of(symbol), symbol=symbol, contract=contract_of(symbol), candles=bars, volume_24h=day_volume(bars)
    )


async def read_open_interest(x: Reader, symbol: str, native: str) -> Market:
    """Open interest in base units; COIN-M counts contracts, converted at the mark of the position."""
    if not _is_coinm(symbol):
        row = (await x.client.call(e.OPEN_INTEREST, b.OpenInterest, symbol=native)).data
        return Market(venue=parse.venue_of(symbol), symbol=symbol, open_interest=number(row.open_interest))
    row = (await x.client.call(e.COIN_OPEN_INTEREST, b.OpenInterest, symbol=native)).data
    size = (await contract_sizes(x)).get(native)
    mark = next((positive(p.mark_price) for p in x.memory.get("coinm premium", ()) if p.symbol == native), None)
    contracts = number(row.open_interest)
    known = contracts is not None and size is not None and mark is not None
    units = contracts * size / mark if known else None  # type: ignore[operator]  # `known` says so
    return Market(venue=parse.venue_of(symbol), symbol=symbol, contract=Contract.INVERSE, open_interest=units)


async def read_interest_history(x: Reader, symbol: str, native: str) -> Market:
    """Open interest of the last 14 days by the hour; of COIN-M perpetuals alone."""
    rows: list[b.InterestPoint] = []
    if not _is_coinm(symbol):
        rows = (await x.client.call(e.INTEREST_HISTORY, list[b.InterestPoint], symbol=native, period="1h", limit=336)).data
    elif native.endswith("_PERP"):
        what = {"pair": native.removesuffix("_PERP"), "contractType": "PERPETUAL", "period": "1h", "limit": 336}
        rows = (await x.client.call(e.COIN_INTEREST_HISTORY, list[b.InterestPoint], **what)).data
    history = interest((row.timestamp, row.sum_open_interest) for row in rows)
    return Market(venue=parse.venue_of(symbol), symbol=symbol, contract=contract_of(symbol), open_interest_history=history)


async def read_book(x: Reader, symbol: str, native: str) -> Market:
    """Depth of the linear book; contracts of COIN-M become base units at each level's price."""
    inverse = _is_coinm(symbol)
    reply = await x.client.call(e.COIN_DEPTH if inverse else e.DEPTH, b.Depth, symbol=native, limit=20)
    size = (await contract_sizes(x)).get(native) if inverse else None
    if inverse and size is None:
        return Market(venue=parse.venue_of(symbol), symbol=symbol, contract=contract_of(symbol))
    found = book(reply.data.bids, reply.data.asks, reply.at, size or 1.0, inverse=inverse)
    return Market(venue=parse.venue_of(symbol), symbol=symbol, contract=contract_of(symbol), book=found)


async def read_tiers(x: Reader, symbol: str, native: str) -> Market:
    """Maintenance rate of the lowest tier (USD-M only)."""
    if _is_coinm(symbol) or "usdm" not in x.lines:
        return Market(venue=parse.venue_of(symbol), symbol=symbol, contract=contract_of(symbol))
    rows = (await x.client.call(e.BRACKETS, list[b.Brackets], symbol=native)).data
    lowest = min(rows[0].brackets, key=lambda t: t.bracket, default=None) if rows else None
    rate = number(lowest.maint_margin_ratio) if lowest else None
    return Market(venue=parse.venue_of(symbol), symbol=symbol, maintenance_rate=rate)


_LINES: Mapping[str, tuple[Part, ...]] = {
    "usdm": (
        Part("usdm", read_usdm, required=True),
        Part("usdm wallet", read_futures_wallet, every=30, required=True),
        Part("usdm leverage", read_usdm_config, every=300),
        Part("usdm fills", read_usdm_fills, every=60, on_shrink=True),
    ),
    "coinm": (
        Part("coinm", read_coinm, required=True),
        Part("coinm markets", read_coinm_markets, every=15),
        Part("coinm fills", read_coinm_fills, every=60, on_shrink=True),
    ),
    "pm": (
        Part("pm", read_pm, required=True),
        Part("pm fills", read_pm_fills, every=60, on_shrink=True),
        Part("coinm markets", read_coinm_markets, every=15),
        Part("delta mode", read_delta_mode, every=HOUR),
    ),
    "spot": (Part("spot", read_spot, every=15, required=True),),
    "margin": (Part("margin", read_margin, every=15, required=True),),
}


def parts(lines: tuple[str, ...]) -> tuple[Part, ...]:
    """What to read for the chosen lines, the key's permissions first."""
    first = (Part("permissions", read_permissions, every=HOUR, required=True),)
    shared: tuple[Part, ...] = ()
    if {"usdm", "pm"} & set(lines):
        shared = (
            Part("usdm markets", read_usdm_markets, every=15),
            Part("warnings", read_warnings, every=300),
            Part("insurance", read_insurance, every=300),
        )
    return first + tuple(dict.fromkeys(part for line in lines for part in _LINES[line])) + shared


symbol_parts = (
    SymbolPart("open interest", read_open_interest, every=60),
    SymbolPart("candles", read_candles, every=600, at_once=2),
    SymbolPart("open interest history", read_interest_history, every=HOUR, at_once=2),
    SymbolPart("book", read_book, every=15, at_once=2),
    SymbolPart("tiers", read_tiers, every=6 * HOUR, at_once=2),
)
