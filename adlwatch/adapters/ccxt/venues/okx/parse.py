"""OKX's words into ours. Pure. Contracts become base units (linear) or USD (inverse); coin amounts become USD at the mark."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from adlwatch.adapters.base import BadPayload
from adlwatch.adapters.ccxt.decode import Num, dated, moment, needed, number, perp, positive, when
from adlwatch.adapters.ccxt.shape import changed, in_usd
from adlwatch.adapters.ccxt.venue import KeyPermissions
from adlwatch.adapters.ccxt.venues.okx import types as o
from adlwatch.domain.model import Account, Contract, Fill, FillKind, MarginMode, Market, Position, Side, VenueLight

VENUE = "okx"
DERIVATIVES = ("SWAP", "FUTURES")
FUTURES_MODE = "2"
PORTFOLIO_MODE = "4"
SPOT_MODE = "1"


@dataclass(frozen=True, slots=True)
class Spec:
    """What one contract of an instrument stands for."""

    symbol: str
    contract: Contract
    size: float
    """Base units (linear) or USD (inverse) a contract."""
    family: str


def spec(row: o.Instrument) -> Spec:
    """BTC-USDT-SWAP, BTC-USD-SWAP (inverse), BTC-USD_UM-SWAP (linear in USD), BTC-USDT-250627."""
    family = row.inst_family or row.inst_id.rpartition("-")[0]
    base, _, quote = family.partition("-")
    quote = quote.removesuffix("_UM")
    last = row.inst_id.rpartition("-")[2]
    inverse = row.ct_type == "inverse"
    symbol = dated(base, quote, row.settle_ccy, last) if last.isdigit() else perp(base, quote, row.settle_ccy)
    size = needed(row.ct_val, "ctVal", row.inst_id) * (number(row.ct_mult) or 1.0)
    return Spec(symbol, Contract.INVERSE if inverse else Contract.LINEAR, size, family)


def side_of(pos_side: str, amount: float) -> Side:
    """Hedge mode names the side; net mode carries it in the sign."""
    if pos_side in ("long", "short"):
        return Side(pos_side)
    if pos_side != "net":
        raise BadPayload(f"posSide is {pos_side!r}")
    return Side.LONG if amount > 0 else Side.SHORT


def position(row: o.PositionRow, account: str, specs: Mapping[str, Spec], at: datetime) -> Position | None:
    """One swap or future; None for an empty row."""
    contracts = needed(row.pos, "pos", row.inst_id)
    if contracts == 0:
        return None
    what = specs.get(row.inst_id)
    if what is None:
        raise BadPayload(f"okx: no instrument {row.inst_id}, so the size of its contract is unknown")
    mark = positive(row.mark_px)
    unit = mark if what.contract is Contract.INVERSE else 1.0
    isolated = row.mgn_mode == "isolated"
    light = number(row.adl)
    return Position(
        account=account,
        venue=VENUE,
        symbol=what.symbol,
        side=side_of(row.pos_side, contracts),
        size=abs(contracts) * what.size,
        contracts=abs(contracts),
        entry_price=needed(row.avg_px, "avgPx", row.inst_id),
        mark_price=mark,
        contract=what.contract,
        margin_mode=MarginMode.ISOLATED if isolated else MarginMode.CROSS,
        isolated_margin=in_usd(number(row.margin), unit) if isolated else None,
        leverage=positive(row.lever),
        maintenance_margin=in_usd(number(row.mmr), unit),
        liquidation_price=positive(row.liq_px),
        venue_light=None if light is None else VenueLight(int(light), at),
        as_of=at,
        raw=(("id", row.inst_id),),
    )


def pool_of(account: str, row: o.PositionRow, level: str) -> str:
    """In futures mode (level 2) each currency is a margin pool of its own: account `id/CCY`."""
    return f"{account}/{row.ccy}" if level == FUTURES_MODE and row.ccy else account


def accounts(row: o.Balance, config: o.Config, id_: str, at: datetime) -> tuple[Account, ...]:
    """One account a currency in futures mode, else one for everything."""
    delta_neutral = None if config.stgy_type is None else config.stgy_type == "1"
    if config.acct_lv == FUTURES_MODE:
        return tuple(_pool(d, f"{id_}/{d.ccy}", delta_neutral, at) for d in row.details if number(d.eq))
    whole = Account(
        id=id_,
        venue=VENUE,
        equity=number(row.total_eq),
        maintenance_margin=number(row.mmr),
        delta_neutral_mode=delta_neutral,
        portfolio_margin=config.acct_lv == PORTFOLIO_MODE,
        as_of=at,
    )
    return (whole,)


def _pool(row: o.Detail, id_: str, delta_neutral: bool | None, at: datetime) -> Account:  # noqa: FBT001 - a fact, no switch
    equity, in_dollars = number(row.eq), number(row.eq_usd)
    price = in_dollars / equity if equity and in_dollars is not None else None
    return Account(
        id=id_,
        venue=VENUE,
        equity=in_dollars,
        wallet=in_usd(number(row.cash_bal), price),
        maintenance_margin=in_usd(number(row.mmr), price),
        delta_neutral_mode=delta_neutral,
        portfolio_margin=False,
        as_of=at,
    )


def trading_amounts(row: o.Balance) -> Iterator[tuple[str, Num]]:
    """Coin → cash balance in the trading account; that of a borrowed coin is negative."""
    return ((detail.ccy, detail.cash_bal) for detail in row.details)


def funding_amounts(rows: Iterable[o.Funding]) -> Iterator[tuple[str, Num]]:
    """Coin → balance in the funding account."""
    return ((row.ccy, row.bal) for row in rows)


def mark(row: o.Mark, what: Spec) -> Market:
    """A mark price."""
    return Market(venue=VENUE, symbol=what.symbol, contract=what.contract, mark_price=positive(row.mark_px), as_of=when(row.ts))


def funding(row: o.Rate, what: Spec) -> Market:
    """Funding; the interval is the time between the next two payments."""
    this, following = when(row.funding_time), when(row.next_funding_time)
    hours = (following - this).total_seconds() / 3600 if this and following and following > this else None
    return Market(
        venue=VENUE,
        symbol=what.symbol,
        contract=what.contract,
        funding_rate=number(row.funding_rate),
        funding_interval_hours=hours,
    )


KINDS: Mapping[str, tuple[FillKind, Side | None]] = {
    **dict.fromkeys(("100", "104", "106", "110"), (FillKind.LIQUIDATION, Side.LONG)),
    **dict.fromkeys(("101", "105", "107", "111"), (FillKind.LIQUIDATION, Side.SHORT)),
    "125": (FillKind.ADL, Side.LONG),
    "126": (FillKind.ADL, Side.SHORT),
    "127": (FillKind.ADL, Side.SHORT),
    "128": (FillKind.ADL, Side.LONG),
    "112": (FillKind.SETTLEMENT, Side.LONG),
    "113": (FillKind.SETTLEMENT, Side.SHORT),
}
"""Bill sub-types that force a close, and the side they close (127 buys, 128 sells in net mode)."""


def fill(row: o.Fill, id_: str, what: Spec) -> Fill:
    """One own fill, in the position's unit."""
    kind, forced = KINDS.get(row.sub_type, (FillKind.ORDER, None))
    pnl, fee = number(row.fill_pnl), number(row.fee)
    side, closes = (forced, True) if forced else changed(row.side, row.pos_side, closes=bool(pnl), of=row.inst_id)
    return Fill(
        id=row.bill_id or f"{row.inst_id}:{row.trade_id}",
        account=id_,
        venue=VENUE,
        symbol=what.symbol,
        side=side,
        size=needed(row.fill_sz, "fillSz") * what.size,
        price=needed(row.fill_px, "fillPx"),
        time=moment(row.ts, "ts"),
        kind=kind,
        closes=closes,
        mark_price=positive(row.fill_mark_px),
        fee=None if fee is None or row.fee_ccy not in ("USDT", "USDC", "USD") else -fee,
        realized_pnl=pnl if closes else None,
    )


def permissions(row: o.Config) -> KeyPermissions:
    """What the key may do: `read_only,trade,withdraw`."""
    words = {word.strip() for word in row.perm.split(",") if word.strip()}
    return KeyPermissions(trade="trade" in words, withdraw="withdraw" in words) if words else KeyPermissions()
