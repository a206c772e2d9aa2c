"""Own fills on Binance, asked for only where something happened: forced orders, and symbols whose position shrank."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from adlwatch.adapters.ccxt.venue import Endpoint, Piece, Reader
from adlwatch.adapters.ccxt.venues.binance import endpoints as e
from adlwatch.adapters.ccxt.venues.binance import parse
from adlwatch.adapters.ccxt.venues.binance import types as b
from adlwatch.domain.model import Fill

LOOK_BACK = timedelta(hours=24)
MOST_SYMBOLS = 5


async def _read(
    x: Reader, orders_at: Endpoint, trades_at: Endpoint, symbol_of: Callable[[str], str], sizes: Mapping[str, float]
) -> tuple[Fill, ...]:
    """Fills of forced orders and of what shrank; a symbol that is left for the next time keeps its place."""
    since = int((x.now - LOOK_BACK).timestamp() * 1000)
    orders = (await x.client.call(orders_at, list[b.ForceOrder], startTime=since, limit=100)).data
    kinds = {order.order_id: parse.order_kind(order.client_order_id) for order in orders}
    natives: dict[str, None] = dict.fromkeys(x.memory.setdefault(f"shrunk {orders_at.name}", []))
    natives |= dict.fromkeys(sorted(native for symbol, native in x.shrunk.items() if symbol_of(native) == symbol))
    natives |= dict.fromkeys(order.symbol for order in orders)
    wanted = list(natives)
    x.memory[f"shrunk {orders_at.name}"] = wanted[MOST_SYMBOLS:]
    fills: list[Fill] = []
    for native in wanted[:MOST_SYMBOLS]:
        trades = (await x.client.call(trades_at, list[b.Trade], symbol=native, startTime=since, limit=500)).data
        unit = sizes.get(native, 1.0)
        fills += [parse.fill(trade, symbol_of(native), x.account, kinds, unit) for trade in trades]
    return tuple(fills)


async def read_usdm_fills(x: Reader) -> Piece:
    """USD-M fills of the last day."""
    return Piece(fills=await _read(x, e.FORCE_ORDERS, e.TRADES, parse.usdm_symbol, {}))


async def read_coinm_fills(x: Reader) -> Piece:
    """COIN-M fills of the last day, sizes in USD."""
    sizes: Mapping[str, float] = x.memory.get("coinm sizes", {})
    return Piece(fills=await _read(x, e.COIN_FORCE_ORDERS, e.COIN_TRADES, parse.coinm_symbol, sizes))


async def read_pm_fills(x: Reader) -> Piece:
    """Fills of both kinds in a portfolio margin account."""
    sizes: Mapping[str, float] = x.memory.get("coinm sizes", {})
    linear = await _read(x, e.PM_UM_FORCE_ORDERS, e.PM_UM_TRADES, parse.usdm_symbol, {})
    return Piece(fills=linear + await _read(x, e.PM_CM_FORCE_ORDERS, e.PM_CM_TRADES, parse.coinm_symbol, sizes))
