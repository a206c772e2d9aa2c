"""Balances of sub-accounts with the main account's key, by user id.

https://www.gate.com/docs/developers/apiv4/en/#query-sub-account-balance-information
"""

from adlwatch.adapters.ccxt.shape import holdings
from adlwatch.adapters.ccxt.subaccounts import balances_only, id_of
from adlwatch.adapters.ccxt.venue import Part, Piece, Reader
from adlwatch.adapters.ccxt.venues.gate import parse
from adlwatch.adapters.ccxt.venues.gate import types as g
from adlwatch.adapters.ccxt.venues.gate.read import SUB_FUTURES, SUB_SPOT
from adlwatch.domain.model import Holding


async def read_balances(x: Reader) -> Piece:
    """What is free in spot, and the margin of the chosen settle currencies."""
    told: dict[str, tuple[Holding, ...]] = {}
    if "spot" in x.lines:
        spot = await x.client.call(SUB_SPOT, list[g.SubSpot])
        for row in spot.data:
            told[str(row.uid)] = holdings(row.available.items(), parse.VENUE, id_of(x, str(row.uid)), spot.at, collateral=False)
    futures = await x.client.call(SUB_FUTURES, list[g.SubFutures])
    for sub in futures.data:
        amounts = [(settle.upper(), pool.total) for settle, pool in sub.available.items() if settle in x.lines]
        held = holdings(amounts, parse.VENUE, id_of(x, str(sub.uid)), futures.at, collateral=True)
        told[str(sub.uid)] = told.get(str(sub.uid), ()) + held
    return balances_only(x, told)


PARTS = (Part("sub-accounts", read_balances, every=60),)
