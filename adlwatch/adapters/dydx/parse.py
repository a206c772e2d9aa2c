"""From the indexer's sub-accounts to accounts and positions: pure.

Each sub-account is a margin account of its own, so every position is cross within it; an isolated position has a sub-account
for itself. The mark price is the oracle price, by which the protocol margins and liquidates:
https://docs.dydx.xyz/concepts/trading/margin
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from msgspec import Struct

from adlwatch.adapters.base import BadPayload
from adlwatch.adapters.dydx.types import CandleRow, Orderbook, PerpetualMarket, PerpetualPosition, Subaccount
from adlwatch.domain.model import Account, Book, Candle, MarginMode, Market, Position, Side

VENUE = "dydx"
USDC = "USDC"
FUNDING_HOURS = 1.0
"""https://docs.dydx.xyz/concepts/trading/funding"""
ISOLATED_FROM = 128
"""First number of the sub-accounts that hold isolated positions: number modulo 128 is their parent's."""
AGREE_WITHIN = 0.001
"""Largest part of the gross value by which equity may differ from collateral plus positions; beyond it, rows are missing."""
_SIDES = {side.name: side for side in Side}
RANDOM_NOTE = "there is no ADL queue: whom it takes is random, so there is no light"
ISOLATED_NOTE = "sub-accounts from 128 on hold one isolated position each; each is shown as an account of its own"


class Wallet(Struct, frozen=True):
    """Everything one address has, as the indexer answered."""

    source: str
    subaccounts: tuple[Subaccount, ...]
    as_of: datetime

    def account(self, number: int) -> str:
        """Id of a sub-account; the first one has the source's name."""
        return f"{self.source}/{number}" if number else self.source


def number_of(account: str) -> int:
    """The sub-account of an id that `Wallet.account` has made."""
    number = account.rpartition("/")[2]
    return int(number) if "/" in account and number.isdecimal() else 0


def symbol(ticker: str) -> str:
    """The unified symbol: `BTC-USD` is `BTC/USDC:USDC`; `BASE,dex,contract-USD` of a long-tail market keeps its base only."""
    base = ticker.rpartition("-")[0].partition(",")[0]
    return f"{base or ticker}/{USDC}:{USDC}"


def chosen(subaccounts: list[Subaccount], wanted: tuple[int, ...] | None) -> tuple[Subaccount, ...]:
    """The sub-accounts to watch, in order: those named, else all that hold anything, or the first where none does.

    Raises `BadPayload` where one is missing or doubled.
    """
    by_number = {subaccount.subaccount_number: subaccount for subaccount in subaccounts}
    if len(by_number) < len(subaccounts) or not subaccounts:
        raise BadPayload("addresses: a sub-account stands there twice" if subaccounts else "addresses: no sub-account at all")
    if missing := [number for number in wanted or () if number not in by_number]:
        raise BadPayload(f"addresses: this address has no sub-account {missing[0]}")
    ordered = [by_number[number] for number in sorted(wanted or by_number)]
    used = [subaccount for subaccount in ordered if subaccount.equity or subaccount.open_perpetual_positions]
    return tuple(ordered if wanted else used or ordered[:1])


def accounts(wallet: Wallet, markets: Mapping[str, PerpetualMarket]) -> tuple[Account, ...]:
    """The margin accounts. Raises `BadPayload` where positions are missing from the reply."""
    return tuple(_account(wallet, subaccount, markets) for subaccount in wallet.subaccounts)


def _account(wallet: Wallet, subaccount: Subaccount, markets: Mapping[str, PerpetualMarket]) -> Account:
    _check_complete(subaccount)
    rows = subaccount.open_perpetual_positions.values()
    needed = [_maintenance(row, markets) for row in rows]
    return Account(
        id=wallet.account(subaccount.subaccount_number),
        venue=VENUE,
        equity=subaccount.equity,
        wallet=subaccount.equity - sum(row.unrealized_pnl for row in rows),
        maintenance_margin=None if None in needed else sum(margin or 0.0 for margin in needed),
        portfolio_margin=False,
        as_of=wallet.as_of,
    )


def _check_complete(subaccount: Subaccount) -> None:
    """Equity is collateral plus the value of all positions; what does not add up has lost some.

    https://github.com/dydxprotocol/v4-chain/blob/84d4664/indexer/services/comlink/src/lib/helpers.ts
    """
    if set(subaccount.asset_positions) - {USDC}:
        return
    collateral = sum(asset.size * _sign(asset.side) for asset in subaccount.asset_positions.values())
    values = [row.size * _mark(row) for row in subaccount.open_perpetual_positions.values()]
    gross = abs(collateral) + sum(map(abs, values))
    if abs(subaccount.equity - collateral - sum(values)) > AGREE_WITHIN * max(gross, abs(subaccount.equity)) + 1.0:
        raise BadPayload("addresses: positions are missing (collateral and positions do not add up to the equity)")


def positions(wallet: Wallet, markets: Mapping[str, PerpetualMarket]) -> tuple[Position, ...]:
    """All open positions. Raises `BadPayload` where one cannot be understood."""
    return tuple(position for subaccount in wallet.subaccounts for position in _of(wallet, subaccount, markets))


def _of(wallet: Wallet, subaccount: Subaccount, markets: Mapping[str, PerpetualMarket]) -> Iterator[Position]:
    for row in subaccount.open_perpetual_positions.values():
        if not row.size:
            continue
        side = _SIDES.get(row.side)
        if row.status != "OPEN" or side is None or side.sign * row.size < 0:
            said = f"status {row.status[:20]!r}, side {row.side[:20]!r}, size {row.size:g}"
            raise BadPayload(f"addresses: {row.market}: a position that cannot be understood: {said}")
        yield Position(
            account=wallet.account(subaccount.subaccount_number),
            venue=VENUE,
            symbol=symbol(row.market),
            side=side,
            size=abs(row.size),
            entry_price=row.entry_price,
            mark_price=_mark(row),
            margin_mode=MarginMode.CROSS,
            maintenance_margin=_maintenance(row, markets),
            as_of=wallet.as_of,
            raw=_raw(row, subaccount.subaccount_number),
        )


def _mark(row: PerpetualPosition) -> float:
    """The oracle price that this reply was computed with: unrealized PnL is size × (oracle − entry)."""
    mark = row.entry_price + (row.unrealized_pnl / row.size if row.size else 0.0)
    if not 0 < mark < float("inf"):
        raise BadPayload(f"addresses: {row.market}: size, entry price and PnL give no price")
    return mark


def _maintenance(row: PerpetualPosition, markets: Mapping[str, PerpetualMarket]) -> float | None:
    market = markets.get(row.market)
    return None if market is None else abs(row.size) * _mark(row) * market.maintenance_margin_fraction


def _sign(side: str) -> int:
    if side not in _SIDES:
        raise BadPayload(f"addresses: an asset position's side we do not know: {side[:20]!r}")
    return _SIDES[side].sign


def _raw(row: PerpetualPosition, number: int) -> tuple[tuple[str, str], ...]:
    fields = ("market", "side", "size", "entry_price", "unrealized_pnl", "net_funding")
    return (("subaccountNumber", str(number)), *((name, str(getattr(row, name))) for name in fields))


def market(row: PerpetualMarket, as_of: datetime, candles: tuple[Candle, ...] | None = None, book: Book | None = None) -> Market:
    """One market as of when we had it: the reply has no time of its own."""
    price = row.oracle_price
    return Market(
        venue=VENUE,
        symbol=symbol(row.ticker),
        mark_price=price,
        index_price=price,
        funding_rate=row.next_funding_rate,
        funding_interval_hours=FUNDING_HOURS,
        open_interest=row.open_interest,
        volume_24h=None if row.volume is None or price is None else row.volume / price,
        candles=candles or (),
        book=book,
        maintenance_rate=row.maintenance_margin_fraction,
        as_of=as_of,
    )


def bars(rows: list[CandleRow]) -> tuple[Candle, ...]:
    """Candles of a reply."""
    return tuple(Candle(row.started_at, row.open, row.high, row.low, row.close, row.base_token_volume) for row in rows)


def depth(reply: Orderbook, at: datetime) -> Book:
    """The order book of a reply, which has no time of its own."""
    bids, asks = (tuple((level.price, level.size) for level in side) for side in (reply.bids, reply.asks))
    return Book(bids=bids, asks=asks, as_of=at)


def notes(wallet: Wallet) -> tuple[str, ...]:
    """What this wallet's figures cannot tell."""
    held = [subaccount for subaccount in wallet.subaccounts if subaccount.open_perpetual_positions]
    isolated = any(subaccount.subaccount_number >= ISOLATED_FROM for subaccount in held)
    return (*((RANDOM_NOTE,) if held else ()), *((ISOLATED_NOTE,) if isolated else ()))
