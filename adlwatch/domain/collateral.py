"""Coin that stands behind positions: its value moves with its price, and with it the account's equity."""

from adlwatch.domain.gather import Gathered, PositionRow
from adlwatch.domain.model import Contract
from adlwatch.domain.pairing import leg_prices
from adlwatch.domain.settings import Settings
from adlwatch.domain.underlying import is_cash, of_asset, of_symbol

Collateral = dict[tuple[str, str], float]
"""(account, underlying) → USD at the present price; NaN where the coin has none."""


def coin_collateral(found: Gathered, settings: Settings) -> Collateral:
    """Coin collateral of every account.

    An account with nothing but inverse positions in one coin is kept in that coin even where no balance is listed: what its
    equity holds beyond their PnL is coin.
    """
    coins = [row.holding for row in found.holdings if row.holding.collateral and not is_cash(row.holding.asset, settings.aliases)]
    marks = leg_prices(found, settings) if coins else {}
    worth: Collateral = {}
    for held in coins:
        asset, factor, _ = of_asset(held.asset, settings.aliases)
        key = held.account, asset
        worth[key] = worth.get(key, 0.0) + held.amount * factor * marks.get(asset, float("nan"))
    listed = {account for account, _ in worth}
    for account, rows in _coin_margined(found).items():
        assets = {of_symbol(row.position.symbol, settings.aliases).asset for row in rows}
        equity = found.equity.get(account)
        if len(assets) == 1 and account not in listed and equity is not None:
            worth[account, assets.pop()] = equity - sum(float("nan") if row.pnl is None else row.pnl for row in rows)
    return worth


def _coin_margined(found: Gathered) -> dict[str, list[PositionRow]]:
    """The rows of each account that has inverse positions only."""
    others = {row.position.account for row in found.positions if row.position.contract is not Contract.INVERSE}
    coined: dict[str, list[PositionRow]] = {}
    for row in found.positions:
        if row.position.account not in others:
            coined.setdefault(row.position.account, []).append(row)
    return coined
