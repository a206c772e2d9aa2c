"""Sub-accounts through the main account's key, by user name.

https://docs.deribit.com/api-reference/account-management/private-get_subaccounts
"""

from collections.abc import Mapping
from datetime import datetime

from adlwatch.adapters.ccxt.decode import number
from adlwatch.adapters.ccxt.shape import holdings, in_usd
from adlwatch.adapters.ccxt.subaccounts import chosen, id_of, joined
from adlwatch.adapters.ccxt.venue import Part, Piece, Reader
from adlwatch.adapters.ccxt.venues.deribit import parse
from adlwatch.adapters.ccxt.venues.deribit import types as d
from adlwatch.adapters.ccxt.venues.deribit.read import SUB_POSITIONS, SUBACCOUNTS, price_of
from adlwatch.domain.model import Account, Position

ALWAYS = ("BTC", "ETH", "USDC")
"""Currencies asked for though no sub-account has any: with cross collateral a position needs no balance of its own currency."""


async def read_subaccounts(x: Reader) -> Piece:
    """Positions, pools and balances of each sub-account."""
    reply = await x.client.call(SUBACCOUNTS, d.Reply[list[d.Sub]], with_portfolio="true")
    listed = {row.username: row for row in reply.data.result if row.type == "subaccount"}
    ours = [listed[name] for name in chosen(x, listed)]
    filled = {w.currency.upper() for sub in ours for w in sub.portfolio.values() if number(w.equity) or number(w.balance)}
    prices = {currency: await price_of(x, currency) for currency in sorted(filled)}
    positions = await positions_by_user(x, sorted(filled | set(ALWAYS))) if ours else {}
    return joined(piece(sub, id_of(x, sub.username), positions.get(sub.id, []), prices, reply.at) for sub in ours)


async def positions_by_user(x: Reader, currencies: list[str]) -> Mapping[int, list[d.PositionRow]]:
    """Futures of every sub-account, settled in one of the currencies."""
    found: dict[int, list[d.PositionRow]] = {}
    for currency in currencies:
        for row in (await x.client.call(SUB_POSITIONS, d.Reply[list[d.SubPositions]], currency=currency)).data.result:
            found.setdefault(row.uid, []).extend(p for p in row.positions if p.kind.startswith("future"))
    return found


def piece(sub: d.Sub, id_: str, rows: list[d.PositionRow], prices: Mapping[str, float | None], at: datetime) -> Piece:
    """One sub-account."""
    together = sub.margin_model.startswith("cross")
    found: list[Position] = []
    for row in rows:
        position = parse.position(row, id_ if together else f"{id_}/{parse.settle_of(row.instrument_name)}", at)
        found += [position] if position else []
    wallets = [wallet for wallet in sub.portfolio.values() if number(wallet.equity) or number(wallet.balance)]
    return Piece(
        accounts=(whole(wallets, id_, prices, at),) if together else pools(wallets, id_, prices, at),
        positions=tuple(found),
        holdings=holdings(((w.currency.upper(), w.balance) for w in wallets), parse.VENUE, id_, at, collateral=True),
    )


def pools(wallets: list[d.Wallet], id_: str, prices: Mapping[str, float | None], at: datetime) -> tuple[Account, ...]:
    """Each currency a pool of its own: `source/user/BTC`."""
    return tuple(
        Account(
            id=f"{id_}/{w.currency.upper()}",
            venue=parse.VENUE,
            equity=in_usd(number(w.equity), prices.get(w.currency.upper())),
            wallet=in_usd(number(w.balance), prices.get(w.currency.upper())),
            maintenance_margin=in_usd(number(w.maintenance_margin), prices.get(w.currency.upper())),
            as_of=at,
        )
        for w in wallets
    )


def whole(wallets: list[d.Wallet], id_: str, prices: Mapping[str, float | None], at: datetime) -> Account:
    """One pool of all currencies; unknown where one of them has no price. What it needs as a whole is not told."""
    values = [in_usd(number(w.equity), prices.get(w.currency.upper())) for w in wallets]
    known = [value for value in values if value is not None]
    return Account(id=id_, venue=parse.VENUE, equity=sum(known) if len(known) == len(values) else None, as_of=at)


PARTS = (Part("sub-accounts", read_subaccounts, every=15, required=True),)
