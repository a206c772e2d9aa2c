"""Sub-accounts through the master's key: positions and accounts by e-mail address, without lights and fills.

https://developers.binance.com/docs/sub_account/account-management
"""

from collections.abc import Iterable
from datetime import datetime

from msgspec.structs import replace

from adlwatch.adapters.base import BadPayload
from adlwatch.adapters.ccxt.decode import number
from adlwatch.adapters.ccxt.shape import holdings
from adlwatch.adapters.ccxt.subaccounts import chosen, id_of, joined
from adlwatch.adapters.ccxt.venue import Part, Piece, Reader
from adlwatch.adapters.ccxt.venues.binance import endpoints as e
from adlwatch.adapters.ccxt.venues.binance import parse
from adlwatch.adapters.ccxt.venues.binance import types as b
from adlwatch.adapters.ccxt.venues.binance.read import coin_prices, contract_sizes
from adlwatch.domain.model import Account, MarginMode

USDM, COINM = 1, 2
"""Binance's `futuresType`."""
LIST_SECONDS = 600.0


async def listed(x: Reader) -> tuple[b.SubStatus, ...]:
    """The sub-accounts to read; the list is asked for every ten minutes."""
    known = await x.recent("sub-accounts", LIST_SECONDS, statuses)
    names = chosen(x, (row.email for row in known))
    return tuple(row for row in known if row.email in names)


async def statuses(x: Reader) -> list[b.SubStatus]:
    """Every sub-account of the master."""
    return (await x.client.call(e.SUB_STATUS, list[b.SubStatus])).data


async def read_futures(x: Reader) -> Piece:
    """Positions and accounts of each sub-account that may trade futures."""
    pieces: list[Piece] = []
    for sub in await listed(x):
        if sub.is_future_enabled and "usdm" in x.lines:
            pieces.append(await read_usdm(x, sub.email))
        if sub.is_future_enabled and "coinm" in x.lines:
            pieces.append(await read_coinm(x, sub.email))
    return joined(pieces)


async def read_usdm(x: Reader, email: str) -> Piece:
    """USD-M of one sub-account. Whether a position is isolated is not told, and so stays unknown."""
    account = (await x.client.call(e.SUB_ACCOUNT, b.SubAccount, email=email, futuresType=USDM)).data.future_account_resp
    risk = await x.client.call(e.SUB_RISK, b.SubRisk, email=email, futuresType=USDM)
    if account is None or risk.data.future_position_risk_vos is None:
        raise BadPayload(f"binance: no USD-M account of {email} in the reply")
    id_ = id_of(x, email)
    rows = parse.usdm_positions(risk_rows(risk.data.future_position_risk_vos), parse.Around(id_, risk.at))
    coins = [(coin.asset, coin.wallet_balance) for coin in account.assets]
    return Piece(
        accounts=(usdm_account(account, id_, risk.at),),
        positions=tuple(replace(row, margin_mode=None) for row in rows),
        holdings=holdings(coins, parse.VENUE, id_, risk.at, collateral=True),
    )


async def read_coinm(x: Reader, email: str) -> Piece:
    """COIN-M of one sub-account: each coin is a margin pool of its own, `source/email/BTC`."""
    account = (await x.client.call(e.SUB_ACCOUNT, b.SubAccount, email=email, futuresType=COINM)).data.delivery_account_resp
    risk = await x.client.call(e.SUB_RISK, b.SubRisk, email=email, futuresType=COINM)
    if account is None or risk.data.delivery_position_risk_vos is None:
        raise BadPayload(f"binance: no COIN-M account of {email} in the reply")
    id_, coins = id_of(x, email), [coin for coin in account.assets if number(coin.wallet_balance)]
    prices = await coin_prices(x) if coins else {}
    around = parse.Around(id_, risk.at, sizes=await contract_sizes(x))
    return Piece(
        accounts=tuple(coinm_account(coin, id_, prices.get(coin.asset), risk.at) for coin in coins),
        positions=parse.coinm_positions(risk_rows(risk.data.delivery_position_risk_vos), around, pool_by_coin=True),
        holdings=holdings([(c.asset, c.wallet_balance) for c in coins], parse.VENUE, id_, risk.at, collateral=True),
    )


async def read_spot(x: Reader) -> Piece:
    """Spot balances of each sub-account, where spot is read at all."""
    pieces: list[Piece] = []
    for sub in await listed(x) if "spot" in x.lines else ():
        reply = await x.client.call(e.SUB_ASSETS, b.SpotAccount, email=sub.email)
        coins = reply.data.balances
        amounts = [(parse.spot_coin(row.asset), (number(row.free) or 0.0) + (number(row.locked) or 0.0)) for row in coins]
        pieces.append(Piece(holdings=holdings(amounts, parse.VENUE, id_of(x, sub.email), reply.at, collateral=False)))
    return joined(pieces)


def risk_rows(rows: Iterable[b.SubRow]) -> list[b.RiskRow]:
    """The same rows in the words of positionRisk."""
    return [
        b.RiskRow(
            symbol=row.symbol,
            position_amt=row.position_amount,
            entry_price=row.entry_price,
            position_side=row.position_side,
            mark_price=row.mark_price,
            liquidation_price=row.liquidation_price,
            leverage=row.leverage,
            margin_type=str(MarginMode.ISOLATED if str(row.isolated).lower() == "true" else MarginMode.CROSS),
            isolated_wallet=row.isolated_wallet,
        )
        for row in rows
    ]


def usdm_account(row: b.SubTotals, id_: str, at: datetime) -> Account:
    """The USD-M account behind a sub-account's positions."""
    return Account(
        id=id_,
        venue=parse.VENUE,
        equity=number(row.total_margin_balance),
        wallet=number(row.total_wallet_balance),
        maintenance_margin=number(row.total_maintenance_margin),
        as_of=at,
    )


def coinm_account(row: b.SubAsset, id_: str, price: float | None, at: datetime) -> Account:
    """One coin's margin pool, valued at `price`."""
    coin = b.CoinAsset(row.asset, row.wallet_balance, row.margin_balance, row.maintenance_margin)
    return parse.coinm_account(f"{id_}/{row.asset}", coin, price, at)


PARTS = (
    Part("sub-accounts", read_futures, every=15, required=True),
    Part("sub-accounts' spot", read_spot, every=300),
)
