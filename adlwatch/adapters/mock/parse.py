"""A mock venue's reply into our words. Pure; raises `BadPayload` for what must not be trusted, and keeps unknown as None."""

import math
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import Struct

from adlwatch.adapters.base import BadPayload
from adlwatch.domain.model import (
    Account,
    AdlWarning,
    Book,
    Candle,
    Fill,
    FillKind,
    HedgeSpec,
    Holding,
    MarginMode,
    Market,
    Pool,
    Position,
    Side,
    VenueLight,
)


class _Raw(Struct, frozen=True, rename="camel"):
    """Field names of the venue are camelCase."""


class RawAccount(_Raw, frozen=True):
    """A margin account; isolated margin is not in it."""

    id: str
    equity: float
    wallet: float
    maintenance_margin: float
    owner: str | None = None
    delta_neutral: bool | None = None


class RawPosition(_Raw, frozen=True):
    """A position; `adl` is on the venue's own scale."""

    account: str
    symbol: str
    side: Side
    size: float
    entry_price: float
    mark_price: float
    margin_mode: MarginMode
    leverage: float
    maintenance_margin: float
    time: int
    isolated_margin: float | None = None
    liquidation_price: float | None = None
    bankruptcy_price: float | None = None
    adl: int | float | None = None
    adl_time: int | None = None


class RawBalance(_Raw, frozen=True):
    """A spot balance."""

    account: str
    coin: str
    amount: float


class RawMarket(_Raw, frozen=True):
    """A market; `bars` are those asked for."""

    symbol: str
    mark_price: float
    index_price: float
    open_interest: float
    bars: list[tuple[int, float, float, float, float, float]]
    bids: list[tuple[float, float]]
    asks: list[tuple[float, float]]
    volume_24h: float = msgspec.field(name="volume24h")
    maintenance_rate: float | None = None
    funding_rate: float | None = None
    funding_hours: float | None = None


class RawFill(_Raw, frozen=True):
    """An own fill; `type` is ADL, LIQUIDATION or ORDER."""

    id: str
    account: str
    symbol: str
    side: Side
    size: float
    price: float
    mark_price: float
    type: str
    fee: float
    realized_pnl: float
    time: int


class RawPool(_Raw, frozen=True):
    """An insurance pool."""

    name: str
    balance: float
    symbols: list[str]


class RawWarning(_Raw, frozen=True):
    """The venue's own ADL warning: `value` is the pool as a fraction of its first balance."""

    symbol: str
    state: str
    value: float
    trigger: float


class RawReply(_Raw, frozen=True):
    """One whole answer."""

    time: int
    accounts: list[RawAccount]
    positions: list[RawPosition]
    balances: list[RawBalance]
    markets: list[RawMarket]
    fills: list[RawFill]
    pools: list[RawPool]
    warnings: list[RawWarning]
    hedges: list[HedgeSpec]


_KINDS = {"ADL": FillKind.ADL, "LIQUIDATION": FillKind.LIQUIDATION, "ORDER": FillKind.ORDER}


def decode(venue: str, raw: Any) -> RawReply:
    """Check the shape of a reply; `BadPayload` names the place that is wrong."""
    if not isinstance(raw, dict):
        raise BadPayload(f"{venue}: expected an object, got {type(raw).__name__}")
    try:
        found = msgspec.convert(raw, RawReply)
    except msgspec.ValidationError as error:
        raise BadPayload(f"{venue}: {error}") from error
    for i, p in enumerate(found.positions):
        if not (p.size > 0 and p.entry_price > 0 and math.isfinite(p.size * p.entry_price)):
            raise BadPayload(f"{venue}: positions[{i}] has size {p.size} and entry price {p.entry_price}")
    return found


def time(ms: int) -> datetime:
    """Milliseconds of the Unix epoch as UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def _known(number: float | None) -> float | None:
    return number if number is not None and math.isfinite(number) else None


def account(venue: str, raw: RawAccount, as_of: datetime) -> Account:
    """One account."""
    return Account(
        id=raw.id,
        venue=venue,
        equity=_known(raw.equity),
        wallet=_known(raw.wallet),
        maintenance_margin=_known(raw.maintenance_margin),
        owner=raw.owner,
        delta_neutral_mode=raw.delta_neutral,
        as_of=as_of,
    )


def position(venue: str, raw: RawPosition, as_of: datetime) -> Position:
    """One position; its light may be missing, its time is never later than the reply's."""
    light = None
    if raw.adl is not None:
        light = VenueLight(raw.adl, None if raw.adl_time is None else min(time(raw.adl_time), as_of))
    return Position(
        account=raw.account,
        venue=venue,
        symbol=raw.symbol,
        side=raw.side,
        size=raw.size,
        entry_price=raw.entry_price,
        mark_price=_known(raw.mark_price),
        margin_mode=raw.margin_mode,
        isolated_margin=_known(raw.isolated_margin),
        leverage=_known(raw.leverage),
        maintenance_margin=_known(raw.maintenance_margin),
        liquidation_price=_known(raw.liquidation_price),
        bankruptcy_price=_known(raw.bankruptcy_price),
        venue_light=light,
        as_of=min(time(raw.time), as_of),
        raw=tuple((name, str(value)) for name, value in msgspec.to_builtins(raw).items()),
    )


def holding(venue: str, raw: RawBalance, as_of: datetime) -> Holding:
    """One spot balance."""
    return Holding(account=raw.account, venue=venue, asset=raw.coin, amount=raw.amount, as_of=as_of)


def candles(raw: RawMarket) -> list[Candle]:
    """The bars of a market's reply."""
    return [Candle(time(t), o, h, low, c, v) for t, o, h, low, c, v in raw.bars]


def market(venue: str, raw: RawMarket, bars: tuple[Candle, ...], as_of: datetime) -> Market:
    """One market with all its candles so far."""
    return Market(
        venue=venue,
        symbol=raw.symbol,
        mark_price=_known(raw.mark_price),
        index_price=_known(raw.index_price),
        funding_rate=_known(raw.funding_rate),
        funding_interval_hours=raw.funding_hours,
        open_interest=_known(raw.open_interest),
        volume_24h=_known(raw.volume_24h),
        candles=bars,
        book=Book(bids=tuple(raw.bids), asks=tuple(raw.asks), as_of=as_of),
        maintenance_rate=_known(raw.maintenance_rate),
        as_of=as_of,
    )


def fill(venue: str, raw: RawFill) -> Fill:
    """One own fill; a type we do not know stays unknown."""
    return Fill(
        id=raw.id,
        account=raw.account,
        venue=venue,
        symbol=raw.symbol,
        side=raw.side,
        size=raw.size,
        price=raw.price,
        time=time(raw.time),
        kind=_KINDS.get(raw.type, FillKind.UNKNOWN),
        mark_price=_known(raw.mark_price),
        fee=_known(raw.fee),
        realized_pnl=_known(raw.realized_pnl),
    )


def pool(venue: str, raw: RawPool, as_of: datetime) -> Pool:
    """One insurance pool."""
    return Pool(venue=venue, name=raw.name, balance=_known(raw.balance), symbols=tuple(raw.symbols), as_of=as_of)


def warning(venue: str, raw: RawWarning, as_of: datetime) -> AdlWarning:
    """The venue's warning for a market."""
    value = _known(raw.value)
    return AdlWarning(venue=venue, symbol=raw.symbol, state=raw.state, value=value, trigger=raw.trigger, as_of=as_of)
