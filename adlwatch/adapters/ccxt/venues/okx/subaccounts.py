"""Balances of sub-accounts with the master's key, by name.

https://www.okx.com/docs-v5/en/#sub-account-rest-api
"""

from adlwatch.adapters.ccxt.shape import holdings
from adlwatch.adapters.ccxt.subaccounts import balances_only, chosen, id_of
from adlwatch.adapters.ccxt.venue import Part, Piece, Reader
from adlwatch.adapters.ccxt.venues.okx import parse
from adlwatch.adapters.ccxt.venues.okx import types as o
from adlwatch.adapters.ccxt.venues.okx.read import SUB_BALANCE, SUB_FUNDING, SUBS
from adlwatch.domain.model import Holding

LIST_SECONDS = 600.0


async def enabled(x: Reader) -> list[str]:
    """Names of the sub-accounts that are not frozen, up to 100."""
    rows = (await x.client.call(SUBS, o.Reply[o.Sub], limit=100)).data.data
    return [row.sub_acct for row in rows if row.enable]


async def read_balances(x: Reader) -> Piece:
    """Coins of the trading and the funding account of each; whether they are collateral depends on a mode that is not told."""
    told: dict[str, tuple[Holding, ...]] = {}
    for name in chosen(x, await x.recent("sub-accounts", LIST_SECONDS, enabled)):
        id_ = id_of(x, name)
        trading = await x.client.call(SUB_BALANCE, o.Reply[o.Balance], subAcct=name)
        amounts = [pair for row in trading.data.data for pair in parse.trading_amounts(row)]
        told[name] = holdings(amounts, parse.VENUE, id_, trading.at, collateral=False)
        if "funding" in x.lines:
            funding = await x.client.call(SUB_FUNDING, o.Reply[o.Funding], subAcct=name)
            told[name] += holdings(parse.funding_amounts(funding.data.data), parse.VENUE, id_, funding.at, collateral=False)
    return balances_only(x, told)


PARTS = (Part("sub-accounts", read_balances, every=60),)
