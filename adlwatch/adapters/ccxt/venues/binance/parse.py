"""Binance's words into ours. Pure; amounts of COIN-M become USD at the mark."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache

from adlwatch.adapters.base import BadPayload
from adlwatch.adapters.ccxt.decode import Num, dated, moment, needed, number, perp, positive, when
from adlwatch.adapters.ccxt.shape import changed, contract_of, in_usd
from adlwatch.adapters.ccxt.venue import KeyPermissions
from adlwatch.adapters.ccxt.venues.binance import types as b
from adlwatch.domain.model import (
    Account,
    AdlWarning,
    Contract,
    Fill,
    FillKind,
    MarginMode,
    Market,
    Pool,
    Position,
    Side,
    VenueLight,
)

VENUE = "binance"
COINM = "binancecoinm"
"""COIN-M has a profile of its own: its ADL queue is another one."""
QUOTES = ("USDT", "USDC", "BUSD", "FDUSD", "USD1", "BTC", "ETH")
STABLE = frozenset({"USDT", "USDC", "BUSD", "FDUSD", "USD1", "BNFCR"})
Lights = Mapping[str, Mapping[str, Num]]
"""Venue symbol → position side → adlQuantile."""


@cache
def usdm_symbol(native: str) -> str:
    """BTCUSDT → BTC/USDT:USDT, BTCUSDT_250627 → BTC/USDT:USDT-250627; an unknown quote leaves the id as it is."""
    pair, _, expiry = native.partition("_")
    for quote in QUOTES:
        if pair.endswith(quote) and pair != quote:
            base = pair.removesuffix(quote)
            return dated(base, quote, quote, expiry) if expiry else perp(base, quote, quote)
    return native


def coinm_symbol(native: str) -> str:
    """BTCUSD_PERP → BTC/USD:BTC, BTCUSD_250627 → BTC/USD:BTC-250627."""
    pair, _, expiry = native.partition("_")
    base = pair.removesuffix("USD")
    return perp(base, "USD", base) if expiry in ("", "PERP") else dated(base, "USD", base, expiry)


def venue_of(symbol: str) -> str:
    """Which of the two profiles a symbol belongs to."""
    return COINM if contract_of(symbol) is Contract.INVERSE else VENUE


def side_of(position_side: str, amount: float) -> Side:
    """Hedge mode names the side; one-way mode (BOTH) carries it in the sign."""
    if position_side in ("LONG", "SHORT"):
        return Side(position_side.lower())
    if position_side != "BOTH":
        raise BadPayload(f"positionSide is {position_side!r}")
    return Side.LONG if amount > 0 else Side.SHORT


def light_of(row: b.RiskRow, side: Side, lights: Lights, at: datetime) -> VenueLight | None:
    """The row's own `adl`, else the quantile of exactly this row's side. HEDGE, and BOTH in hedge mode, are not values."""
    if row.adl is not None:
        return VenueLight(int(row.adl), at)
    quantiles = lights.get(row.symbol)
    if quantiles is None:
        return None
    name = side.name if row.position_side != "BOTH" or "BOTH" not in quantiles else "BOTH"
    raw = quantiles.get(name)
    return None if raw is None else VenueLight(_light_value(raw), at)


def _light_value(raw: Num) -> float | str | None:
    value = number(raw)
    return raw if value is None else int(value)


@dataclass(frozen=True, slots=True)
class Around:
    """What a position row does not say itself."""

    account: str
    at: datetime
    lights: Lights = field(default_factory=dict)
    configs: Mapping[str, b.SymbolConfig] = field(default_factory=dict)
    sizes: Mapping[str, float] = field(default_factory=dict)
    """USD a COIN-M contract."""
    maintenance: Mapping[tuple[str, str], Num] = field(default_factory=dict)
    """By symbol and position side, in coin."""


def usdm_position(row: b.RiskRow, x: Around) -> Position | None:
    """A USD-M position; None for a row without size. v3 has no margin type: only an isolated position has a wallet."""
    amount = needed(row.position_amt, "positionAmt", row.symbol)
    if amount == 0:
        return None
    side = side_of(row.position_side, amount)
    wallet = number(row.isolated_wallet)
    isolated = bool(wallet) or bool(number(row.isolated_margin)) or row.margin_type == "isolated"
    config = x.configs.get(row.symbol)
    return Position(
        account=x.account,
        venue=VENUE,
        symbol=usdm_symbol(row.symbol),
        side=side,
        size=abs(amount),
        entry_price=needed(row.entry_price, "entryPrice", row.symbol),
        mark_price=positive(row.mark_price),
        margin_mode=MarginMode.ISOLATED if isolated else MarginMode.CROSS,
        isolated_margin=wallet if isolated else None,
        leverage=positive(config.leverage if config else row.leverage),
        maintenance_margin=number(row.maint_margin),
        liquidation_price=positive(row.liquidation_price),
        venue_light=light_of(row, side, x.lights, x.at),
        as_of=x.at,
        raw=(("id", row.symbol),),
    )


def usdm_positions(rows: Iterable[b.RiskRow], x: Around) -> tuple[Position, ...]:
    """All open USD-M positions."""
    return tuple([p for row in rows if (p := usdm_position(row, x)) is not None])


def coinm_position(row: b.RiskRow, x: Around) -> Position | None:
    """A COIN-M position of `contracts * contractSize` USD; its coin amounts valued at the mark."""
    contracts = needed(row.position_amt, "positionAmt", row.symbol)
    if contracts == 0:
        return None
    side = side_of(row.position_side, contracts)
    mark = positive(row.mark_price)
    isolated = row.margin_type == "isolated"
    return Position(
        account=x.account,
        venue=COINM,
        symbol=coinm_symbol(row.symbol),
        side=side,
        size=abs(contracts) * needed(x.sizes.get(row.symbol), "contractSize", row.symbol),
        contracts=abs(contracts),
        entry_price=needed(row.entry_price, "entryPrice", row.symbol),
        mark_price=mark,
        contract=Contract.INVERSE,
        margin_mode=MarginMode.ISOLATED if isolated else MarginMode.CROSS,
        isolated_margin=in_usd(isolated_wallet(row), mark) if isolated else None,
        leverage=positive(row.leverage),
        maintenance_margin=in_usd(number(row.maint_margin or x.maintenance.get((row.symbol, row.position_side))), mark),
        liquidation_price=positive(row.liquidation_price),
        venue_light=light_of(row, side, x.lights, x.at),
        as_of=x.at,
        raw=(("id", row.symbol),),
    )


def coinm_positions(rows: Iterable[b.RiskRow], x: Around, *, pool_by_coin: bool) -> tuple[Position, ...]:
    """All open COIN-M positions. Outside portfolio margin each coin is a margin pool of its own: account `id/COIN`."""

    def around(row: b.RiskRow) -> Around:
        return replace(x, account=f"{x.account}/{coin_of(row.symbol)}") if pool_by_coin else x

    return tuple([p for row in rows if (p := coinm_position(row, around(row))) is not None])


def coin_of(native: str) -> str:
    """The coin a COIN-M contract settles in: BTCUSD_PERP → BTC."""
    return native.partition("_")[0].removesuffix("USD")


def isolated_wallet(row: b.RiskRow) -> float | None:
    """Isolated margin without uPnL; where only the sum is given the uPnL is taken off."""
    wallet = number(row.isolated_wallet)
    if wallet is not None:
        return wallet
    margin, pnl = number(row.isolated_margin), number(row.un_realized_profit)
    return None if margin is None or pnl is None else margin - pnl


def usdm_account(row: b.UsdmAccount, account: str, at: datetime) -> Account:
    """The USD-M account; equity is totalMarginBalance, wallet plus all uPnL."""
    return Account(
        id=account,
        venue=VENUE,
        equity=number(row.total_margin_balance),
        wallet=number(row.total_wallet_balance),
        maintenance_margin=number(row.total_maint_margin),
        portfolio_margin=False,
        as_of=at,
    )


def coinm_account(id_: str, asset: b.CoinAsset, price: float | None, at: datetime) -> Account:
    """The margin pool of one coin, valued at `price`."""
    return Account(
        id=id_,
        venue=COINM,
        equity=in_usd(number(asset.margin_balance), price),
        wallet=in_usd(number(asset.wallet_balance), price),
        maintenance_margin=in_usd(number(asset.maint_margin), price),
        portfolio_margin=False,
        as_of=at,
    )


def spot_coin(asset: str) -> str:
    """LDBTC is a Simple Earn claim on BTC; LDO is Lido's own coin."""
    return asset if asset == "LDO" else asset.removeprefix("LD")


def market(row: b.Premium, symbol: str, hours: Mapping[str, Num]) -> Market:
    """Mark, index and funding of one market."""
    return Market(
        venue=venue_of(symbol),
        symbol=symbol,
        contract=contract_of(symbol),
        mark_price=positive(row.mark_price),
        index_price=positive(row.index_price),
        funding_rate=number(row.last_funding_rate),
        funding_interval_hours=number(hours.get(row.symbol, 8)),
        as_of=when(row.time),
    )


def warning(row: b.Risk) -> AdlWarning:
    """Binance's own market-wide ADL risk, in its word in lower case."""
    return AdlWarning(venue=VENUE, symbol=usdm_symbol(row.symbol), state=row.adl_risk.lower(), as_of=when(row.update_time))


def pools(groups: Iterable[b.Insurance]) -> tuple[Pool, ...]:
    """One pool a group and stable coin, named by its first symbol, for pools move together by group."""
    return tuple(
        Pool(
            venue=VENUE,
            name=f"{min(group.symbols)} +{len(group.symbols) - 1} {asset.asset}",
            balance=number(asset.margin_balance),
            symbols=tuple(usdm_symbol(s) for s in group.symbols),
            as_of=when(asset.update_time),
        )
        for group in groups
        if group.symbols
        for asset in group.assets
        if asset.asset in STABLE
    )


def order_kind(client_order_id: str) -> FillKind:
    """`adl_autoclose…` is an ADL, `autoclose-…` a liquidation, `settlement_autoclose-…` a delisting or delivery."""
    if client_order_id.startswith("adl_autoclose"):
        return FillKind.ADL
    if client_order_id.startswith("autoclose-"):
        return FillKind.LIQUIDATION
    if client_order_id.startswith("settlement_autoclose"):
        return FillKind.SETTLEMENT
    return FillKind.UNKNOWN


def fill(trade: b.Trade, symbol: str, account: str, kinds: Mapping[int, FillKind], unit: float) -> Fill:
    """One own trade. It closes where it realised something or Binance forced it; a SELL closes a long and opens a short."""
    kind = kinds.get(trade.order_id, FillKind.ORDER)
    realized = number(trade.realized_pnl)
    ended = kind is not FillKind.ORDER or bool(realized)
    side, closes = changed(trade.side, trade.position_side, closes=ended, of=symbol)
    return Fill(
        id=f"{trade.symbol}:{trade.id}",
        account=account,
        venue=venue_of(symbol),
        symbol=symbol,
        side=side,
        size=needed(trade.qty, "qty") * unit,
        price=needed(trade.price, "price"),
        time=moment(trade.time, "time"),
        kind=kind,
        closes=closes,
        fee=number(trade.commission) if trade.commission_asset in STABLE else None,
        realized_pnl=realized,
    )


def permissions(row: b.Restrictions) -> KeyPermissions:
    """What the key may do beyond reading."""
    trade = (
        row.enable_spot_and_margin_trading
        or row.enable_futures
        or row.enable_margin
        or row.enable_vanilla_options
        or row.enable_portfolio_margin_trading
    )
    return KeyPermissions(
        trade=trade, withdraw=row.enable_withdrawals or row.permits_universal_transfer or row.enable_internal_transfer
    )
