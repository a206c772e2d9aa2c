"""Balances of sub-accounts with the master's key, by name.

https://www.kucoin.com/docs-new/rest/account-info/sub-account/get-subaccount-list-spot-balance-v2,
https://www.kucoin.com/docs-new/rest/account-info/sub-account/get-subaccount-list-futures-balance-v2
"""

from adlwatch.adapters.base import Unsupported
from adlwatch.adapters.ccxt.shape import holdings
from adlwatch.adapters.ccxt.subaccounts import balances_only, chosen, id_of
from adlwatch.adapters.ccxt.venue import Part, Piece, Reader
from adlwatch.adapters.ccxt.venues.kucoin import parse
from adlwatch.adapters.ccxt.venues.kucoin import types as k
from adlwatch.adapters.ccxt.venues.kucoin.read import LINES, SUB_OVERVIEW, SUBS
from adlwatch.domain.model import Holding

PAGE = 100
MOST_PAGES = 10


async def read_balances(x: Reader) -> Piece:
    """Spot balances of all account types, and the margin of the chosen settle currencies."""
    subs = {sub.sub_name: sub for sub in await listed(x)}
    told = {name: held(x, subs[name]) for name in chosen(x, subs)}
    for settle in (LINES[line] for line in x.lines if line in LINES):
        reply = await x.client.call(SUB_OVERVIEW, k.Reply[k.SubOverviews], currency=settle)
        for row in (row for row in reply.data.data.accounts if row.account_name in told):
            amounts = [(parse.coin(settle), parse.amount(row))]
            told[row.account_name] += holdings(amounts, parse.VENUE, id_of(x, row.account_name), reply.at, collateral=True)
    return balances_only(x, told)


def held(x: Reader, sub: k.Sub) -> tuple[Holding, ...]:
    """Spot balances of one sub-account, where spot is read at all."""
    kinds = (sub.main_accounts, sub.trade_accounts, sub.trade_hf_accounts, sub.margin_accounts) if "spot" in x.lines else ()
    amounts = parse.sums(row for rows in kinds for row in rows or ())
    return holdings(amounts.items(), parse.VENUE, id_of(x, sub.sub_name), x.now, collateral=False)


async def listed(x: Reader) -> list[k.Sub]:
    """Every sub-account, all pages."""
    subs: list[k.Sub] = []
    for page in range(1, MOST_PAGES + 1):
        found = (await x.client.call(SUBS, k.Reply[k.Subs], currentPage=page, pageSize=PAGE)).data.data
        subs += found.items
        if page >= found.total_page:
            return subs
    raise Unsupported(f"kucoin: more than {MOST_PAGES * PAGE} sub-accounts")


PARTS = (Part("sub-accounts", read_balances, every=60),)
