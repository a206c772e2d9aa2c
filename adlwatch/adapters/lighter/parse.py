"""From Lighter's accounts to accounts, positions and holdings: pure.

https://docs.lighter.xyz/trading/liquidations-and-llp-insurance-fund: cross positions share `cross_asset_value`; an isolated
one is an account of its own with `allocated_margin`.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from msgspec import Struct

from adlwatch.adapters.base import BadPayload
from adlwatch.adapters.lighter.types import AccountRow, CandleRow, MarketRow, Orders, PositionRow
from adlwatch.domain.model import Account, Book, Candle, Holding, MarginMode, Market, Position, Side

VENUE = "lighter"
USDC = "USDC"
FRACTION = 10_000.0
"""Margin fractions of a market are in 1/10000: 120 is 1.2 %."""
FUNDING_HOURS = 1.0
"""https://docs.lighter.xyz/trading/funding"""
LISTED_HOURS = 8.0
"""`funding-rates` gives rates per 8 h to compare exchanges (inferred: a market at 0.0012 % an hour is listed as 0.000096)."""
_SIDES = {1: Side.LONG, -1: Side.SHORT}
_MODES = {0: MarginMode.CROSS, 1: MarginMode.ISOLATED}
AGREE_WITHIN = 0.01
HIGHEST_PRICE = 1e18
MAINTENANCE_NOTE = "maintenance margin of a position is computed: its value × the market's maintenance_margin_fraction"
OTHER_EQUITY_NOTE = "the equity is not collateral and unrealized PnL alone: pool shares, spot margin, or positions not listed"


class Wallet(Struct, frozen=True):
    """Every account asked for, as the venue answered; the reply has no time of its own, so `as_of` is from before asking."""

    source: str
    rows: tuple[AccountRow, ...]
    as_of: datetime

    def account(self, row: AccountRow) -> str:
        """Id of an account: the first one, with the lowest index, has the source's name."""
        return self.source if row is self.rows[0] else f"{self.source}/{row.index}"


def chosen(rows: list[AccountRow], address: str | None, index: int | None) -> tuple[AccountRow, ...]:
    """The accounts asked for, in order of their index. Raises `BadPayload` where the reply is about others, or about none."""
    ordered = sorted(rows, key=lambda row: row.index)
    if not ordered or len({row.index for row in ordered}) < len(ordered):
        raise BadPayload("account: an account stands there twice" if ordered else "account: there is no such account")
    foreign = [
        row for row in ordered if index not in {None, row.index} or (address and row.l1_address.lower() != address.lower())
    ]
    if foreign:
        raise BadPayload(f"account: the reply is about another account: {foreign[0].index}")
    return tuple(ordered)


def symbol(name: str) -> str:
    """The unified symbol: `ETH` is `ETH/USDC:USDC`."""
    return f"{name}/{USDC}:{USDC}"


def held(row: AccountRow) -> list[PositionRow]:
    """Rows with something in them."""
    return [position for position in row.positions if position.position]


def positions(wallet: Wallet, markets: Mapping[int, MarketRow]) -> tuple[Position, ...]:
    """All open positions. Raises `BadPayload` where one is doubled or cannot be understood."""
    return tuple(position for row in wallet.rows for position in _of(wallet, row, markets))


def _of(wallet: Wallet, row: AccountRow, markets: Mapping[int, MarketRow]) -> Iterator[Position]:
    rows = held(row)
    if len({position.market_id for position in rows}) < len(rows):
        raise BadPayload("account: a market stands there twice")
    for position in rows:
        side, mode = _SIDES.get(position.sign), _MODES.get(position.margin_mode)
        priced = position.avg_entry_price > 0 and 0 < mark(position) < HIGHEST_PRICE
        if side is None or mode is None or not priced:
            said = f"sign {position.sign}, margin_mode {position.margin_mode}, entry {position.avg_entry_price:g}"
            raise BadPayload(f"account: {position.symbol}: a position that cannot be understood: {said}")
        imf, liquidation = position.initial_margin_fraction, position.liquidation_price
        yield Position(
            account=wallet.account(row),
            venue=VENUE,
            symbol=symbol(position.symbol),
            side=side,
            size=position.position,
            entry_price=position.avg_entry_price,
            mark_price=mark(position),
            margin_mode=mode,
            isolated_margin=position.allocated_margin if mode is MarginMode.ISOLATED else None,
            leverage=100 / imf if imf else None,
            maintenance_margin=maintenance(position, markets),
            liquidation_price=liquidation if liquidation and liquidation > 0 else None,
            as_of=wallet.as_of,
            raw=tuple((name, str(getattr(position, name))) for name in position.__struct_fields__),
        )


def mark(position: PositionRow) -> float:
    """The mark price that the reply was computed with."""
    return position.position_value / position.position


def maintenance(position: PositionRow, markets: Mapping[int, MarketRow]) -> float | None:
    """Maintenance margin by the market's fraction; None where the market is not known."""
    market = markets.get(position.market_id)
    return None if market is None else position.position_value * market.maintenance_margin_fraction / FRACTION


def accounts(wallet: Wallet, markets: Mapping[int, MarketRow]) -> tuple[Account, ...]:
    """The accounts with what stands behind their cross positions."""
    return tuple(_account(wallet, row, markets) for row in wallet.rows)


def _account(wallet: Wallet, row: AccountRow, markets: Mapping[int, MarketRow]) -> Account:
    cross = _cross(row)
    needed = [maintenance(position, markets) for position in cross]
    return Account(
        id=wallet.account(row),
        venue=VENUE,
        equity=row.cross_asset_value,
        wallet=row.cross_asset_value - sum(position.unrealized_pnl for position in cross),
        maintenance_margin=None if None in needed else sum(margin or 0.0 for margin in needed),
        as_of=wallet.as_of,
    )


def _cross(row: AccountRow) -> list[PositionRow]:
    return [position for position in held(row) if _MODES.get(position.margin_mode) is MarginMode.CROSS]


def holdings(wallet: Wallet) -> tuple[Holding, ...]:
    """Spot balances that are not cash."""
    return tuple(
        Holding(account=wallet.account(row), venue=VENUE, asset=asset.symbol, amount=asset.balance, as_of=wallet.as_of)
        for row in wallet.rows
        for asset in row.assets
        if asset.balance and asset.symbol != USDC
    )


class Live(NamedTuple):
    """What is known of one market beside its row."""

    funding: float | None = None
    """As listed, per 8 h."""
    mark: float | None = None
    """By a position held."""
    candles: tuple[Candle, ...] | None = None
    book: Book | None = None


def market(row: MarketRow, live: Live, as_of: datetime) -> Market:
    """One market as of when we had it."""
    return Market(
        venue=VENUE,
        symbol=symbol(row.symbol),
        mark_price=row.mark_price or live.mark,
        index_price=row.index_price or None,
        funding_rate=None if live.funding is None else live.funding * FUNDING_HOURS / LISTED_HOURS,
        funding_interval_hours=FUNDING_HOURS,
        open_interest=row.open_interest,
        volume_24h=row.daily_base_token_volume,
        candles=live.candles or (),
        book=live.book,
        maintenance_rate=row.maintenance_margin_fraction / FRACTION,
        as_of=as_of,
    )


def bars(rows: list[CandleRow]) -> tuple[Candle, ...]:
    """Candles of a reply."""
    return tuple(Candle(datetime.fromtimestamp(row.t / 1000, UTC), row.o, row.h, row.l, row.c, row.v) for row in rows)


def depth(reply: Orders, at: datetime) -> Book:
    """The order book of a reply, which has no time of its own."""
    sides = (tuple((order.price, order.remaining_base_amount) for order in side or ()) for side in (reply.bids, reply.asks))
    bids, asks = sides
    return Book(bids=bids, asks=asks, as_of=at)


def notes(wallet: Wallet) -> tuple[str, ...]:
    """What this wallet's figures cannot tell."""
    found = [MAINTENANCE_NOTE] if any(map(held, wallet.rows)) else []
    if any(map(_unexplained, wallet.rows)):
        found.append(OTHER_EQUITY_NOTE)
    return tuple(found)


def _unexplained(row: AccountRow) -> bool:
    """Whether the equity is more or less than collateral and PnL; how isolated margin is booked is not documented."""
    cross = _cross(row)
    explained = row.collateral + sum(position.unrealized_pnl for position in cross)
    return len(cross) == len(held(row)) and abs(row.cross_asset_value - explained) > AGREE_WITHIN * abs(explained) + 1.0
