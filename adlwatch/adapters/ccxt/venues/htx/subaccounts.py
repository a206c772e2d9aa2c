"""Coin-margined swaps of sub-accounts through the master's key, by the sub-account's number.

https://huobiapi.github.io/docs/coin_margined_swap/v1/en/#query-assets-information-of-all-sub-accounts-under-the-master-account
"""

from adlwatch.adapters.ccxt.subaccounts import chosen, id_of, joined
from adlwatch.adapters.ccxt.venue import Part, Piece, Reader
from adlwatch.adapters.ccxt.venues.htx import types as h
from adlwatch.adapters.ccxt.venues.htx.read import SUB_LIST, SUB_POOLS, SUB_POSITIONS, Pools, Rows, coin_piece


async def read_subaccounts(x: Reader) -> Piece:
    """Positions and pools of each sub-account that has coin-margined swaps; nothing where that line is not read."""
    if "coin" not in x.lines:
        return Piece(notes=('sub-accounts: HTX tells a master key of line "coin" only, which is not read here',))
    listed = (await x.client.call(SUB_LIST, h.Reply[list[h.Sub]])).data.data
    pieces: list[Piece] = []
    for name in chosen(x, (str(row.sub_uid) for row in listed)):
        positions = await x.client.call(SUB_POSITIONS, Rows, sub_uid=int(name))
        pools = await x.client.call(SUB_POOLS, Pools, sub_uid=int(name))
        pieces.append(await coin_piece(x, id_of(x, name), positions, pools))
    return joined(pieces)


PARTS = (Part("sub-accounts", read_subaccounts, every=15, required=True),)
