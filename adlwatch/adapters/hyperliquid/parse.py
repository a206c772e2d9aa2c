"""From Hyperliquid's states to accounts, positions and holdings: pure.

Which equity stands behind a cross position depends on how the address keeps its balances:

- standard: each perp dex has its own margin account, with `crossMarginSummary.accountValue` as its equity;
- unified: one account per collateral token over all dexs. The perp `accountValue` means nothing then; the equity is the
  token's spot total less what isolated positions hold of it, as the venue computes its own unified account ratio:
  https://hyperliquid.gitbook.io/hyperliquid-docs/trading/account-abstraction-modes
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from msgspec import Struct

from adlwatch.adapters.base import BadPayload
from adlwatch.adapters.hyperliquid.symbols import USDC, USDC_TOKEN, VENUE, symbol, venue_of
from adlwatch.adapters.hyperliquid.types import Abstraction, ClearinghouseState, Perp, SpotState
from adlwatch.adapters.keyless import clock_note
from adlwatch.domain.model import Account, Holding, MarginMode, Position, Side

MAINTENANCE_NOTE = (
    "maintenance margin of a position is computed: notional / (2 × its maximum leverage), "
    "https://hyperliquid.gitbook.io/hyperliquid-docs/trading/margining"
)
UNIFIED_NOTE = (
    "unified account: its equity is the spot balance less isolated margin, as in the venue's own account ratio; "
    "that the balance holds unrealized PnL is inferred from there"
)
PORTFOLIO_NOTE = "portfolio margin over several tokens: the equity behind the positions is unknown"
COMPLETE_SHARE = 0.999
"""Least part of the account's total notional that the positions must add up to; below it, rows are missing."""
HIGHEST_PRICE = 1e18
_MARGIN_MODES = {mode.value: mode for mode in MarginMode}


class Settle(Struct, frozen=True):
    """The token a dex takes margin in."""

    token: int = USDC_TOKEN
    name: str = USDC


class Wallet(Struct, frozen=True):
    """Everything one address has, as the venue answered."""

    source: str
    mode: Abstraction
    states: Mapping[str, ClearinghouseState]
    """By dex; the main dex is the empty name."""
    settles: Mapping[str, Settle]
    spot: SpotState
    spot_at: datetime

    @property
    def as_of(self) -> datetime:
        """Time of the oldest state."""
        return moment(min(state.time for state in self.states.values()))

    def account_of(self, dex: str) -> str:
        """Id of the margin account behind the cross positions of `dex`."""
        own = self.settles[dex].name if self.mode.unified else dex
        return self.source if own in {"", USDC} else f"{self.source}/{own}"


def moment(millis: int) -> datetime:
    """A venue time."""
    return datetime.fromtimestamp(millis / 1000, UTC)


def positions(wallet: Wallet) -> tuple[Position, ...]:
    """All open positions. Raises `BadPayload` where rows are missing, doubled, or cannot be understood."""
    return tuple(p for dex, state in wallet.states.items() for p in _of_dex(wallet, dex, state))


def _of_dex(wallet: Wallet, dex: str, state: ClearinghouseState) -> Iterator[Position]:
    rows = [row.position for row in state.asset_positions if row.position.szi]
    if len({row.coin for row in rows}) < len(rows):
        raise BadPayload("clearinghouseState: a coin stands there twice")
    if sum(row.position_value for row in rows) < COMPLETE_SHARE * state.margin_summary.total_ntl_pos:
        raise BadPayload("clearinghouseState: positions are missing (their values do not add up to totalNtlPos)")
    account, settle, at = wallet.account_of(dex), wallet.settles[dex].name, moment(state.time)
    return (_position(row, account, dex, settle, at) for row in rows)


def _position(row: Perp, account: str, dex: str, settle: str, at: datetime) -> Position:
    mark = row.position_value / abs(row.szi)
    if row.entry_px is None or not 0 < mark < HIGHEST_PRICE:
        raise BadPayload(f"clearinghouseState: {row.coin}: a position without entry price or value")
    mode = _MARGIN_MODES.get(row.leverage.type)
    if mode is None:
        raise BadPayload(f"clearinghouseState: {row.coin}: a leverage type we do not know: {row.leverage.type[:40]!r}")
    return Position(
        account=account,
        venue=venue_of(dex),
        symbol=symbol(row.coin, settle),
        side=Side.LONG if row.szi > 0 else Side.SHORT,
        size=abs(row.szi),
        entry_price=row.entry_px,
        mark_price=mark,
        margin_mode=mode,
        isolated_margin=row.margin_used - row.unrealized_pnl if mode is MarginMode.ISOLATED else None,
        leverage=row.leverage.value,
        maintenance_margin=row.position_value / (2 * row.max_leverage),
        liquidation_price=row.liquidation_px if row.liquidation_px and row.liquidation_px > 0 else None,
        as_of=at,
        raw=_raw(row),
    )


def _raw(row: Perp) -> tuple[tuple[str, str], ...]:
    return (
        ("coin", row.coin),
        ("szi", repr(row.szi)),
        ("entryPx", repr(row.entry_px)),
        ("positionValue", repr(row.position_value)),
        ("unrealizedPnl", repr(row.unrealized_pnl)),
        ("marginUsed", repr(row.margin_used)),
        ("leverage", f"{row.leverage.type} {row.leverage.value:g}"),
        ("maxLeverage", f"{row.max_leverage:g}"),
        ("liquidationPx", repr(row.liquidation_px)),
        ("returnOnEquity", repr(row.return_on_equity)),
    )


def accounts(wallet: Wallet) -> tuple[Account, ...]:
    """The margin accounts, the one in USDC first."""
    return tuple(_unified(wallet)) if wallet.mode.unified else tuple(_separate(wallet))


def _separate(wallet: Wallet) -> Iterator[Account]:
    for dex, state in wallet.states.items():
        equity = state.cross_margin_summary.account_value
        yield Account(
            id=wallet.account_of(dex),
            venue=venue_of(dex),
            equity=equity,
            wallet=equity - _cross_pnl(state),
            maintenance_margin=state.cross_maintenance_margin_used,
            portfolio_margin=False,
            as_of=moment(state.time),
        )


def _unified(wallet: Wallet) -> Iterator[Account]:
    totals = {balance.token: balance.total for balance in wallet.spot.balances if balance.token is not None}
    for settle in dict.fromkeys(wallet.settles[dex] for dex in wallet.states):
        states = [state for dex, state in wallet.states.items() if wallet.settles[dex] == settle]
        dex = next(dex for dex in wallet.states if wallet.settles[dex] == settle)
        total = totals.get(settle.token, None if any(state.asset_positions for state in states) else 0.0)
        equity = None if total is None or _several_collaterals(wallet) else total - sum(map(_isolated_equity, states))
        yield Account(
            id=wallet.account_of(dex),
            venue=VENUE,
            equity=equity,
            wallet=None if equity is None else equity - sum(map(_cross_pnl, states)),
            maintenance_margin=sum(state.cross_maintenance_margin_used for state in states),
            portfolio_margin=wallet.mode.portfolio,
            as_of=moment(min(state.time for state in states)),
        )


def _several_collaterals(wallet: Wallet) -> bool:
    return wallet.mode.portfolio and any(b.total and b.token not in {None, USDC_TOKEN} for b in wallet.spot.balances)


def _cross_pnl(state: ClearinghouseState) -> float:
    rows = (row.position for row in state.asset_positions)
    return sum(row.unrealized_pnl for row in rows if row.leverage.type == MarginMode.CROSS)


def _isolated_equity(state: ClearinghouseState) -> float:
    rows = (row.position for row in state.asset_positions)
    return sum(row.margin_used for row in rows if row.leverage.type == MarginMode.ISOLATED)


def holdings(wallet: Wallet) -> tuple[Holding, ...]:
    """Spot balances that are not cash: a settle token is part of an account's equity, or idle money, but never a leg."""
    cash = {USDC_TOKEN, *(settle.token for settle in wallet.settles.values())}
    return tuple(
        Holding(
            account=wallet.source,
            venue=VENUE,
            asset=balance.coin,
            amount=balance.total,
            collateral=wallet.mode.portfolio,
            as_of=wallet.spot_at,
        )
        for balance in wallet.spot.balances
        if balance.total and balance.token is not None and balance.token not in cash
    )


def notes(wallet: Wallet, now: datetime) -> tuple[str, ...]:
    """What this wallet's figures cannot tell."""
    rows = [row for state in wallet.states.values() for row in state.asset_positions]
    found = [MAINTENANCE_NOTE] if rows else []
    if _several_collaterals(wallet):
        found.append(PORTFOLIO_NOTE)
    elif wallet.mode.unified and rows:
        found.append(UNIFIED_NOTE)
    if wallet.mode.mode == "dexAbstraction":
        found.append("dex abstraction: the equity of HIP-3 accounts leaves out what they may draw from the main account")
    found += clock_note(wallet.as_of, now)
    if unknown := {row.type for row in rows} - {"oneWay"}:
        found.append(f"a position type we do not know: {', '.join(sorted(unknown))[:60]}")
    return tuple(found)


def is_bare(wallet: Wallet) -> bool:
    """Whether there is nothing at all at this address, which may be the wrong one."""
    states = wallet.states.values()
    figures = [state.margin_summary.account_value or state.asset_positions for state in states]
    return not any(figures) and not any(balance.total for balance in wallet.spot.balances)
