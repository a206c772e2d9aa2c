"""Balances of sub-accounts with the main account's key, by user id.

https://www.bitget.com/api-doc/contract/account/Get-Sub-Account-Contract-Assets,
https://www.bitget.com/api-doc/spot/account/Get-Subaccount-Assets,
https://www.bitget.com/api-doc/uta/account/Get-SubAccount-Unified-Assets
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeVar

from adlwatch.adapters.base import Unsupported
from adlwatch.adapters.ccxt.decode import Num
from adlwatch.adapters.ccxt.shape import holdings
from adlwatch.adapters.ccxt.subaccounts import balances_only, id_of
from adlwatch.adapters.ccxt.venue import Endpoint, Part, Piece, Reader
from adlwatch.adapters.ccxt.venues.bitget import parse
from adlwatch.adapters.ccxt.venues.bitget import types as b
from adlwatch.adapters.ccxt.venues.bitget.read import PRODUCTS, SUB_FUTURES, SUB_SPOT, SUB_UNIFIED
from adlwatch.domain.model import Holding

T = TypeVar("T")
PAGE = 50
MOST_PAGES = 20
SPOT_SECONDS = 120.0
Told = tuple[str, tuple[Holding, ...]]
"""A sub-account's user id, and what it holds."""


async def read_balances(x: Reader) -> Piece:
    """Coins of every sub-account, of the kinds of account that are read."""
    told: dict[str, tuple[Holding, ...]] = {}
    found = (
        await unified(x) if "unified" in x.lines else [*await futures(x), *await x.recent("sub-account spot", SPOT_SECONDS, spot)]
    )
    for name, held in found:
        told[name] = told.get(name, ()) + held
    return balances_only(x, told)


async def futures(x: Reader) -> list[Told]:
    """Margin coins, one product type with each turn, the longest unread first: Bitget answers once in 10 s."""
    known: dict[str, list[Told]] = x.memory.setdefault("sub-account futures", {})
    products = [PRODUCTS[line] for line in x.lines if line in PRODUCTS]
    product = next((name for name in products if name not in known), next(iter(known), None))
    if product is not None:
        reply = await x.client.call(SUB_FUTURES, b.Reply[list[b.SubFutures]], productType=product)
        rows = ((str(row.user_id), parse.margin_amounts(row.asset_list)) for row in reply.data.data)
        known.pop(product, None)
        known[product] = [of(x, name, amounts, reply.at, collateral=True) for name, amounts in rows]
    return [told for rows in known.values() for told in rows]


async def spot(x: Reader) -> list[Told]:
    """Spot coins."""
    if "spot" not in x.lines:
        return []
    rows, at = await pages(x, SUB_SPOT, b.Reply[list[b.SubSpot]], "idLessThan", lambda row: row.id)
    return [of(x, str(row.user_id), parse.spot_amounts(row.assets_list), at, collateral=False) for row in rows]


async def unified(x: Reader) -> list[Told]:
    """Coins of unified accounts."""
    rows, at = await pages(x, SUB_UNIFIED, b.Reply[list[b.SubUnified]], "cursor", lambda row: row.cursor)
    return [of(x, row.sub_uid, parse.unified_amounts(row.assets), at, collateral=True) for row in rows]


async def pages(
    x: Reader, endpoint: Endpoint, reply: type[b.Reply[list[T]]], after: str, mark: Callable[[T], int | str | None]
) -> tuple[list[T], datetime]:
    """All rows, and when the first was read; the next page comes `after` the `mark` of the last row."""
    rows: list[T] = []
    since: dict[str, int | str] = {}
    for _ in range(MOST_PAGES):
        page = await x.client.call(endpoint, reply, limit=PAGE, **since)
        rows += page.data.data
        last = mark(rows[-1]) if len(page.data.data) == PAGE else None
        if last is None:
            return rows, x.now
        since = {after: last}
    raise Unsupported(f"bitget: more than {MOST_PAGES * PAGE} sub-accounts")


def of(x: Reader, name: str, amounts: Iterable[tuple[str, Num]], at: datetime, *, collateral: bool) -> Told:
    """Balances of one sub-account."""
    return name, holdings(amounts, parse.VENUE, id_of(x, name), at, collateral=collateral)


PARTS = (Part("sub-accounts", read_balances, every=15),)
