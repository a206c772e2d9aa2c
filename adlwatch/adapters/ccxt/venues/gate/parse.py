"""Gate's words into ours. Pure. Contracts become base units (direct) or USD (inverse); coin amounts become USD at the mark."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from adlwatch.adapters.base import BadPayload, Unsupported
from adlwatch.adapters.ccxt.decode import Num, dated, moment, needed, number, perp, positive, when
from adlwatch.adapters.ccxt.shape import in_usd
from adlwatch.adapters.ccxt.venue import KeyPermissions
from adlwatch.adapters.ccxt.venues.gate import types as g
from adlwatch.domain.model import (
    Account,
    AdlWarning,
    Contract,
    Fill,
    FillKind,
    MarginMode,
    Market,
    Position,
    Side,
    VenueLight,
)

VENUE = "gate"
MOVES = frozenset({"wallet", "withdraw", "withdrawal"})
"""Names of permissions that move money."""


@dataclass(frozen=True, slots=True)
class Spec:
    """What one contract stands for: base units, or USD where inverse."""

    symbol: str
    contract: Contract
    size: float
    maintenance_rate: float | None
    funding_hours: float | None


def spec(row: g.Contract, settle: str) -> Spec:
    """BTC_USDT (direct), BTC_USD (inverse, 1 USD a contract), BTC_USDT_20250627. Quanto contracts fit neither."""
    base, quote, *rest = row.name.split("_")
    day = rest[0] if rest else ""
    coin = settle.upper()
    inverse = row.type == "inverse"
    if inverse and base != coin:
        raise Unsupported(f"gate: {row.name} is a quanto contract, settled in {coin}")
    symbol = dated(base, quote, coin, expiry(row, day)) if day else perp(base, quote, coin)
    seconds = number(row.funding_interval)
    return Spec(
        symbol,
        Contract.INVERSE if inverse else Contract.LINEAR,
        1.0 if inverse else needed(positive(row.quanto_multiplier), "quanto_multiplier", row.name),
        number(row.maintenance_rate),
        seconds / 3600 if seconds else None,
    )


def expiry(row: g.Contract, day: str) -> str:
    """yymmdd, from the expire time, else from the name (20250627)."""
    seconds = number(row.expire_time)
    return datetime.fromtimestamp(seconds, UTC).strftime("%y%m%d") if seconds else day[2:]


def position(row: g.PositionRow, account: str, what: Spec | None, at: datetime) -> Position | None:
    """One position; None for an empty row."""
    contracts = needed(row.size, "size", row.contract)
    if contracts == 0:
        return None
    if what is None:
        raise BadPayload(f"gate: no contract {row.contract}, so its size is unknown")
    mark = positive(row.mark_price)
    unit = mark if what.contract is Contract.INVERSE else 1.0
    isolated = bool(number(row.leverage))
    light = number(row.adl_ranking)
    return Position(
        account=account,
        venue=VENUE,
        symbol=what.symbol,
        side=Side.LONG if contracts > 0 else Side.SHORT,
        size=abs(contracts) * what.size,
        contracts=abs(contracts),
        entry_price=needed(row.entry_price, "entry_price", row.contract),
        mark_price=mark,
        contract=what.contract,
        margin_mode=MarginMode.ISOLATED if isolated else MarginMode.CROSS,
        isolated_margin=in_usd(number(row.margin), unit) if isolated else None,
        leverage=positive(row.leverage if isolated else row.cross_leverage_limit),
        maintenance_margin=in_usd(maintenance(row), unit),
        liquidation_price=positive(row.liq_price),
        venue_light=None if light is None else VenueLight(int(light), at),
        as_of=at,
        raw=(("id", row.contract),),
    )


def maintenance(row: g.PositionRow) -> float | None:
    """Maintenance margin; Gate shows 0 beside a size in some modes, where value times rate is its own rule."""
    shown = positive(row.maintenance_margin)
    value, rate = number(row.value), positive(row.maintenance_rate)
    return shown if shown is not None or value is None or rate is None else value * rate


def futures_account(row: g.Futures, id_: str, price: float | None, at: datetime) -> Account:
    """The margin pool of one settle currency, valued at `price`."""
    total, pnl = number(row.total), number(row.unrealised_pnl)
    return Account(
        id=id_,
        venue=VENUE,
        equity=in_usd(None if total is None or pnl is None else total + pnl, price),
        wallet=in_usd(total, price),
        maintenance_margin=in_usd(number(row.maintenance_margin), price),
        portfolio_margin=False,
        as_of=at,
    )


def unified_account(row: g.Unified, id_: str, mode: str, at: datetime) -> Account:
    """The unified account, in USD."""
    return Account(
        id=id_,
        venue=VENUE,
        equity=number(row.unified_account_total_equity),
        maintenance_margin=number(row.total_maintenance_margin),
        portfolio_margin=mode == "portfolio",
        as_of=at,
    )


def unified_amounts(row: g.Unified) -> Iterator[tuple[str, float]]:
    """Coin → amount in the unified account, less what is borrowed; points are no asset."""
    for asset, coin in row.balances.items():
        if asset != "POINT":
            yield asset, (number(coin.available) or 0.0) + (number(coin.freeze) or 0.0) - (number(coin.borrowed) or 0.0)


def market(row: g.Ticker, what: Spec, at: datetime) -> Market:
    """Mark, index, funding, open interest and volume."""
    mark, contracts = positive(row.mark_price), number(row.total_size)
    interest = None if contracts is None else contracts * what.size
    if what.contract is Contract.INVERSE:
        interest = interest / mark if interest is not None and mark else None
    return Market(
        venue=VENUE,
        symbol=what.symbol,
        contract=what.contract,
        mark_price=mark,
        index_price=positive(row.index_price),
        funding_rate=number(row.funding_rate),
        funding_interval_hours=what.funding_hours,
        open_interest=interest,
        volume_24h=number(row.volume_24h_base),
        maintenance_rate=what.maintenance_rate,
        as_of=at,
    )


def warning(symbol: str, row: g.RiskState) -> AdlWarning:
    """Gate's own ADL risk of a market, in its word."""
    return AdlWarning(venue=VENUE, symbol=symbol, state=row.state.lower(), as_of=when(row.calculated_at_ms))


def permissions(row: g.Key) -> KeyPermissions:
    """What a key may do beyond reading."""
    if row.perms is None:
        return KeyPermissions()
    writes = {perm.name for perm in row.perms if not perm.read_only}
    return KeyPermissions(trade=bool(writes - MOVES), withdraw=bool(writes & MOVES))


def trade(row: g.Trade, id_: str, what: Spec) -> tuple[Fill, ...]:
    """A trade as what it closed and what it opened: size > 0 closes a short before it opens a long."""
    size, closed = needed(row.size, "size"), abs(number(row.close_size) or 0.0)
    bought = Side.LONG if size > 0 else Side.SHORT
    shares = ((min(closed, abs(size)), True, "", bought.opposite), (abs(size) - closed, False, ":open", bought))
    return tuple(
        Fill(
            id=f"{row.id}{suffix}",
            account=id_,
            venue=VENUE,
            symbol=what.symbol,
            side=side,
            size=share * what.size,
            price=needed(row.price, "price"),
            time=moment(row.create_time, "create_time"),
            kind=FillKind.ORDER,
            closes=closes,
            fee=number(row.fee) if what.contract is Contract.LINEAR else None,
        )
        for share, closes, suffix, side in shares
        if share > 0
    )


def forced(row: g.Adl | g.Liquidation, id_: str, what: Spec) -> Fill:
    """What the venue closed: a sale closes a long."""
    adl = isinstance(row, g.Adl)
    size: Num = row.trade_size if isinstance(row, g.Adl) else row.size
    amount = needed(size, "size")
    sold = amount < 0 if adl else amount > 0
    return Fill(
        id=f"{'adl' if adl else 'liquidation'}:{row.contract}:{row.order_id}:{row.time}",
        account=id_,
        venue=VENUE,
        symbol=what.symbol,
        side=Side.LONG if sold else Side.SHORT,
        size=abs(amount) * what.size,
        price=needed(row.fill_price, "fill_price"),
        time=moment(row.time, "time"),
        kind=FillKind.ADL if adl else FillKind.LIQUIDATION,
        mark_price=positive(row.mark_price) if isinstance(row, g.Liquidation) else None,
    )
