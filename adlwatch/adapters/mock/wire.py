"""What a mock venue's API answers: one plain dictionary with the venue's words, times in ms. Broken on purpose in `bad-data`."""

import math
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import numpy as np
from msgspec import Struct

from adlwatch.adapters.mock.accounts import Leg, Own
from adlwatch.adapters.mock.margin import Margins, margins
from adlwatch.adapters.mock.markets import HOUR, MARKETS, POOLS
from adlwatch.adapters.mock.portfolio import HEDGES
from adlwatch.adapters.mock.world import World

Reply = dict[str, Any]
Real = Callable[[float], datetime]

_OVERLAP = 20
"""Fills told again, as pages of a real API overlap."""
_ADL_STATE = 60.0
"""Seconds for which a market is said to deleverage after a batch."""
_WARN = 0.5
"""A pool below this fraction of its first balance is a warning."""


def _ms(time: datetime) -> int:
    return round(time.timestamp() * 1000)


class Request(Struct, frozen=True):
    """What a source asks a venue for: about which accounts (none: all of yours), bars from when on, fills after which number."""

    venue: str
    accounts: frozenset[str]
    since: Mapping[str, int]
    """Opening time in ms of the last bar known, by symbol; a symbol that is not there gets all bars."""
    after: int
    """Fills numbered above this, and the last few before."""


def reply(world: World, ask: Request, real: Real) -> Reply:
    """Everything the venue tells at this moment."""
    venue, accounts = ask.venue, ask.accounts
    m = margins(world.traders, world.marks)
    mine = [own for own in world.you.accounts.values() if own.spec.venue == venue and (not accounts or own.spec.id in accounts)]
    return {
        "time": _ms(real(world.t)),
        "accounts": [_account(world, own, m) for own in mine],
        "positions": [
            _position(world, own, leg, m, real) for own in mine for leg in own.legs if world.traders.size[leg.row] != 0
        ],
        "balances": [{"account": own.spec.id, "coin": c, "amount": a} for own in mine for c, a in own.holdings.items()],
        "markets": [_market(world, i, real, ask.since) for i, spec in enumerate(MARKETS) if spec.venue == venue],
        "fills": _fills(world, {own.spec.id for own in mine}, real, ask.after),
        "pools": _pools(world, venue),
        "warnings": [_warning(world, i) for i, spec in enumerate(MARKETS) if spec.venue == venue],
        "hedges": _hedges(world, {own.spec.id for own in mine}),
    }


def _account(world: World, own: Own, m: Margins) -> Reply:
    cross = [leg.row for leg in own.legs if not world.traders.isolated[leg.row]]
    wallet = float(world.traders.wallet[own.ledger])
    return {
        "id": own.spec.id,
        "equity": wallet + float(m.pnl[cross].sum()),
        "wallet": wallet,
        "maintenanceMargin": float(m.maintenance[cross].sum()),
        "owner": own.spec.owner,
        "deltaNeutral": own.spec.delta_neutral,
    }


def _position(world: World, own: Own, leg: Leg, m: Margins, real: Real) -> Reply:
    traders, row = world.traders, leg.row
    size, isolated = float(traders.size[row]), bool(traders.isolated[row])
    shown = world.lights.raw(row, own.spec.venue)
    bankrupt = float(m.bankruptcy(traders, np.array([row]))[0])
    return {
        "account": own.spec.id,
        "symbol": MARKETS[leg.market].symbol,
        "side": "long" if size > 0 else "short",
        "size": abs(size),
        "entryPrice": float(traders.entry[row]),
        "markPrice": float(m.mark[row]),
        "marginMode": "isolated" if isolated else "cross",
        "isolatedMargin": float(traders.wallet[row]) if isolated else None,
        "leverage": float(traders.leverage[row]),
        "maintenanceMargin": float(m.maintenance[row]),
        "liquidationPrice": _liquidation(size, row, m),
        "bankruptcyPrice": max(bankrupt, 1e-4 * float(m.mark[row])),
        "adl": None if shown is None else shown[0],
        "adlTime": None if shown is None else _ms(real(shown[1])),
        "time": _ms(real(world.t)),
    }


def _liquidation(size: float, row: int, m: Margins) -> float | None:
    """Mark at which the ledger's equity meets its requirement, at this position's present maintenance rate."""
    mark, own = float(m.mark[row]), float(m.maintenance[row])
    rate = own / float(m.notional[row])
    price = (float(m.required[row]) - own - float(m.equity[row]) + size * mark) / (size - rate * abs(size))
    return price if price > 0 else None


def _market(world: World, i: int, real: Real, since: Mapping[str, int]) -> Reply:
    spec = MARKETS[i]
    tape, index = world.tapes[i], float(world.prices.index[spec.underlying])
    bids, asks = world.books.levels(i, index * (1 + float(world.books.premium[i])))
    start = since.get(spec.symbol)
    bars = tape.since(-math.inf if start is None else world.t - 2 * HOUR)
    timed = [[_ms(real(bar[0])), *bar[1:]] for bar in bars]
    return {
        "symbol": spec.symbol,
        "markPrice": float(world.marks[i]),
        "indexPrice": index,
        "fundingRate": None if spec.funding_hours is None else world.funding_rate(i),
        "fundingHours": spec.funding_hours,
        "openInterest": float(np.maximum(world.traders.size[world.traders.segments[i]], 0.0).sum()),
        "volume24h": tape.volume_24h(world.t),
        "maintenanceRate": spec.tiers[0][1],
        "bars": [bar for bar in timed if start is None or bar[0] >= start],
        "bids": bids,
        "asks": asks,
    }


def _fills(world: World, accounts: set[str], real: Real, after: int) -> list[Reply]:
    return [
        {
            "id": f"{f.kind}-{f.number}",
            "account": f.account,
            "symbol": MARKETS[f.market].symbol,
            "side": "long" if f.sign > 0 else "short",
            "size": f.size,
            "price": f.price,
            "markPrice": f.mark,
            "type": f.kind.upper(),
            "fee": f.fee,
            "realizedPnl": f.pnl,
            "time": _ms(real(f.t)),
        }
        for f in world.you.fills[max(0, after - _OVERLAP) :]
        if f.account in accounts
    ]


def _pools(world: World, venue: str) -> list[Reply]:
    return [
        {
            "name": pool.name,
            "balance": float(world.funds.balance[i]),
            "symbols": [m.symbol for m in MARKETS if m.pool == i],
        }
        for i, pool in enumerate(POOLS)
        if pool.venue == venue
    ]


def _warning(world: World, i: int) -> Reply:
    pool = MARKETS[i].pool
    left = float(world.funds.balance[pool]) / float(world.funds.first[pool])
    deleveraging = world.t - world.last_adl[i] < _ADL_STATE
    state = "adl" if deleveraging else "warning" if left < _WARN else "normal"
    return {"symbol": MARKETS[i].symbol, "state": state, "value": left, "trigger": 0.0}


def _hedges(world: World, accounts: set[str]) -> list[Reply]:
    """Hedges whose first leg is in `accounts`, where the scenario has all their accounts."""
    return [
        {"name": hedge.name, "legs": hedge.legs}
        for hedge in HEDGES
        if hedge.accounts[0] in accounts and world.you.accounts.keys() >= set(hedge.accounts)
    ]


def corrupt(answer: Reply, how: str) -> Any:
    """The reply, broken; any word that is not below leaves it whole."""
    match how:
        case "nan-mark":
            for row in (*answer["positions"], *answer["markets"]):
                row["markPrice"] = math.nan
        case "crossed":
            answer["time"] -= 40_000
        case "missing":
            for row in answer["positions"]:
                row.pop("entryPrice")
        case "vanish":
            answer["positions"] = answer["positions"][1:]
        case "empty":
            return None
        case "html":
            return "<html><body>Bad gateway</body></html>"
    return answer
