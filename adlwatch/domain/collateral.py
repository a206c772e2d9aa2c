"""Coin that stands behind positions: its value moves with its price, and with it the account's equity."""

from adlwatch.domain.gather import Gathered, PositionRow
from adlwatch.domain.model import Contract
from adlwatch.domain.pairing import leg_prices
from adlwatch.domain.settings import Settings
from adlwatch.domain.underlying import is_cash, of_asset, of_symbol
from adlwatch.domain.value import unrealized_pnl

Collateral = dict[tuple[str, str], float]
"""(account, underlying) → USD at the present price; NaN where the coin has none."""


def coin_collateral(found: Gathered, settings: Settings) -> Collateral:
    """Coin collateral of every account.

    An account with nothing but inverse positions in one coin is kept in that coin even where no balance is listed: what its
    equity holds beyond their PnL is coin.
    """
    marks = leg_prices(found, settings)
    coined: dict[str, list[PositionRow]] = {}
    for row in found.positions:
        coined.setdefault(row.position.account, []).append(row)
    worth: Collateral = {}
    for held in (row.holding for row in found.holdings):
        if held.collateral and not is_cash(held.asset, settings.aliases):
            asset, factor, _ = of_asset(held.asset, settings.aliases)
            key = held.account, asset
            worth[key] = worth.get(key, 0.0) + held.amount * factor * marks.get(asset, float("nan"))
    listed = {account for account, _ in worth}
    for account, rows in coined.items():
        assets = {of_symbol(row.position.symbol, settings.aliases).asset for row in rows}
        coin_margined = len(assets) == 1 and all(row.position.contract is Contract.INVERSE for row in rows)
        equity = found.equity.get(account)
        if coin_margined and account not in listed and equity is not None:
            worth[account, assets.pop()] = equity - sum(_pnl(row) for row in rows)
    return worth


def _pnl(row: PositionRow) -> float:
    pnl = unrealized_pnl(row.position, row.mark)
    return float("nan") if pnl is None else pnl
