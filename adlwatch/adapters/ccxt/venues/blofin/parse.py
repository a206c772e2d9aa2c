"""BloFin's words into ours. Pure. Contracts become base units (linear) or USD (inverse); coin amounts become USD at the mark."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from adlwatch.adapters.base import BadPayload
from adlwatch.adapters.ccxt.decode import Num, moment, needed, number, perp, positive, when
from adlwatch.adapters.ccxt.shape import changed, in_usd
from adlwatch.adapters.ccxt.venues.blofin import types as b
from adlwatch.domain.model import Account, Contract, Fill, FillKind, MarginMode, Position, Side, VenueLight

VENUE = "blofin"
KINDS = {
    "normal": FillKind.ORDER,
    "tp": FillKind.ORDER,
    "sl": FillKind.ORDER,
    "pre_tp_sl": FillKind.ORDER,
    "adl": FillKind.ADL,
    "full_liquidation": FillKind.LIQUIDATION,
    "partial_liquidation": FillKind.LIQUIDATION,
}
"""`orderCategory` → ours; a word that is not here stays unknown."""


def symbol_of(native: str) -> str:
    """BTC-USDT → BTC/USDT:USDT, BTC-USD → BTC/USD:BTC."""
    base, _, quote = native.partition("-")
    return perp(base, quote, base if quote == "USD" else quote)


def contract_kind(what: b.Instrument) -> Contract:
    """How it pays."""
    return Contract.INVERSE if what.contract_type == "inverse" else Contract.LINEAR


def size_of(what: b.Instrument) -> float:
    """Base units, or USD where inverse, that a contract stands for."""
    return needed(positive(what.contract_value), "contractValue", what.inst_id)


def position(row: b.PositionRow, what: b.Instrument, account: str, at: datetime) -> Position | None:
    """One position; None for an empty row."""
    contracts = needed(row.positions, "positions", row.inst_id)
    if contracts == 0:
        return None
    if row.position_side not in ("net", "long", "short") or row.margin_mode not in ("cross", "isolated"):
        raise BadPayload(f"{row.inst_id}: positionSide {row.position_side!r}, marginMode {row.margin_mode!r}")
    side = Side(row.position_side) if row.position_side != "net" else Side.LONG if contracts > 0 else Side.SHORT
    mark, isolated, light = positive(row.mark_price), row.margin_mode == "isolated", number(row.adl)
    contract = contract_kind(what)
    unit = mark if contract is Contract.INVERSE else 1.0
    return Position(
        account=account,
        venue=VENUE,
        symbol=symbol_of(row.inst_id),
        side=side,
        size=abs(contracts) * size_of(what),
        entry_price=needed(row.average_price, "averagePrice", row.inst_id),
        mark_price=mark,
        contract=contract,
        margin_mode=MarginMode.ISOLATED if isolated else MarginMode.CROSS,
        isolated_margin=in_usd(number(row.margin), unit) if isolated else None,
        leverage=positive(row.leverage),
        maintenance_margin=in_usd(number(row.maintenance_margin), unit),
        liquidation_price=positive(row.liquidation_price),
        venue_light=None if light is None else VenueLight(int(light), at),
        as_of=at,
        raw=(("id", row.inst_id),),
    )


def coin_accounts(details: Sequence[b.Detail], id_: str, at: datetime) -> tuple[Account, ...]:
    """The coin-margined pools, `id/BTC`, at BloFin's own value in USD."""
    return tuple(
        Account(id=f"{id_}/{row.currency}", venue=VENUE, equity=number(row.equity_usd), portfolio_margin=False, as_of=at)
        for row in details
        if number(row.balance)
    )


def amounts(rows: Iterable[b.Detail | b.Asset]) -> Iterator[tuple[str, Num]]:
    """Coin → balance."""
    return ((row.currency, row.balance) for row in rows)


def funding_hours(coming: b.Rate | None, past: Sequence[b.Rate]) -> float | None:
    """Hours from the latest payment to the coming one; None where either is unknown."""
    following, last = when(coming.funding_time) if coming else None, when(past[0].funding_time) if past else None
    if following is None or last is None or following <= last:
        return None
    return (following - last).total_seconds() / 3600


def fill(row: b.Order, what: b.Instrument, id_: str) -> Fill | None:
    """What an order of ours or of BloFin did; None where nothing of it was filled."""
    contracts = needed(row.filled_size, "filledSize", row.inst_id)
    if contracts == 0:
        return None
    kind, pnl = KINDS.get(row.order_category, FillKind.UNKNOWN), number(row.pnl)
    reduces = kind in (FillKind.ADL, FillKind.LIQUIDATION) or str(row.reduce_only).lower() == "true" or bool(pnl)
    side, closes = changed(row.side, row.position_side, closes=reduces, of=row.inst_id)
    linear = contract_kind(what) is Contract.LINEAR
    return Fill(
        id=row.order_id,
        account=id_,
        venue=VENUE,
        symbol=symbol_of(row.inst_id),
        side=side,
        size=contracts * size_of(what),
        price=needed(row.average_price, "averagePrice", row.inst_id),
        time=moment(row.update_time, "updateTime"),
        kind=kind,
        closes=closes,
        fee=number(row.fee) if linear else None,
        realized_pnl=pnl if linear and closes else None,
    )
