"""Balances of sub-accounts with the master's key, by user name.

https://bybit-exchange.github.io/docs/v5/user/subuid-list, https://bybit-exchange.github.io/docs/v5/asset/balance/all-balance
"""

from collections.abc import Mapping

from adlwatch.adapters.ccxt.shape import holdings
from adlwatch.adapters.ccxt.subaccounts import balances_only, chosen, id_of
from adlwatch.adapters.ccxt.venue import Part, Piece, Reader
from adlwatch.adapters.ccxt.venues.bybit import endpoints as e
from adlwatch.adapters.ccxt.venues.bybit import parse
from adlwatch.adapters.ccxt.venues.bybit import types as b
from adlwatch.domain.model import Holding

LIST_SECONDS = 600.0
ALWAYS = ("USDT", "USDC", "BTC", "ETH")
"""Asked for beside the coins that we hold positions in."""
AT_ONCE = 10
"""Coins a question may name."""


async def user_ids(x: Reader) -> Mapping[str, str]:
    """User name → user id of every sub-account."""
    listed = (await x.client.call(e.SUBS, b.Envelope[b.Subs])).data.result.sub_members or ()
    return {row.username: row.uid for row in listed}


async def read_balances(x: Reader) -> Piece:
    """Coins of the unified account, of which Bybit tells those asked for by name, and of the funding account."""
    ids = await x.recent("sub-accounts", LIST_SECONDS, user_ids)
    wanted = list(dict.fromkeys((*ALWAYS, *(symbol.partition("/")[0] for symbol in x.held))))
    questions = [{"accountType": "UNIFIED", "coin": ",".join(wanted[i : i + AT_ONCE])} for i in range(0, len(wanted), AT_ONCE)]
    if "funding" in x.lines:
        questions.append({"accountType": "FUND"})
    told: dict[str, tuple[Holding, ...]] = {}
    for name in chosen(x, ids):
        for question in questions:
            reply = await x.client.call(e.COINS, b.Envelope[b.Coins], memberId=ids[name], **question)
            unified = question["accountType"] == "UNIFIED"
            found = holdings(parse.coins(reply.data.result), parse.VENUE, id_of(x, name), reply.at, collateral=unified)
            told[name] = told.get(name, ()) + found
    return balances_only(x, told)


PARTS = (Part("sub-accounts", read_balances, every=60),)
