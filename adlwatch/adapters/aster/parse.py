"""From the chain RPC's balance to accounts, positions, holdings and fills: pure.

How several collateral assets stand together depends on a mode that the RPC does not tell. Each is shown as an account of its
own, as in the single-asset mode; https://github.com/asterdex/api-docs/blob/265e024/RPC/aster-chain-rpc.md
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from msgspec import Struct

from adlwatch.adapters.aster.types import Balance, Depth, FillRow, Kline, PositionRow, PremiumIndex
from adlwatch.adapters.base import BadPayload
from adlwatch.domain.model import Account, Book, Candle, Fill, FillKind, Holding, MarginMode, Market, Position, Side, VenueLight

VENUE = "aster"
MAIN = "USDT"
PERPS = "perps"
QUOTES = ("USDT", "USDC", "USD1", "USDF", "USD")
AGREE_WITHIN = 0.01
"""Part of the notional by which unrealized PnL may differ from side × size × (mark − entry); beyond it, we misread the row."""
LIGHT_NOTE = "the RPC calls adl only an 'ADL quantile'; that it counts from 0 to 4 as in the keyed API is inferred"
MODE_NOTE = "each collateral asset is shown as an account of its own; in multi-asset mode they stand together, with more equity"
FILLS_NOTE = "Aster's public fills do not say why they happened: an ADL shows as a fill without a reason"
_SIDES = {"LONG": Side.LONG, "SHORT": Side.SHORT, "BUY": Side.LONG, "SELL": Side.SHORT}


class Wallet(Struct, frozen=True):
    """What the venue answered; the reply has no time of its own, so `as_of` is from before asking."""

    source: str
    balance: Balance
    as_of: datetime

    @property
    def rows(self) -> list[PositionRow]:
        """Perpetuals with something in them."""
        groups = (group for group in self.balance.positions if group.trading_product == PERPS)
        return [row for group in groups for row in group.positions if row.position_amount]

    def account(self, collateral: str) -> str:
        """Id of the account of one collateral asset; the usual one has the source's name."""
        return self.source if collateral == MAIN else f"{self.source}/{collateral}"


def symbol(name: str) -> str:
    """The unified symbol: `BTCUSDT` is `BTC/USDT:USDT`."""
    quote = next((quote for quote in QUOTES if name.endswith(quote) and name != quote), None)
    return f"{name.removesuffix(quote)}/{quote}:{quote}" if quote else name


def positions(wallet: Wallet) -> tuple[Position, ...]:
    """All open perpetuals. Raises `BadPayload` where one is doubled, at odds with itself, or cannot be understood."""
    found = tuple(_position(row, wallet) for row in wallet.rows)
    if len({position.key for position in found}) < len(found):
        raise BadPayload("aster_getBalance: a position stands there twice")
    return found


def _position(row: PositionRow, wallet: Wallet) -> Position:
    side, size = _side(row), abs(row.position_amount)
    if side is None or not row.entry_price or not row.mark_price:
        said = f"positionSide {row.position_side[:20]!r}, amount {row.position_amount:g}, entry {row.entry_price:g}"
        raise BadPayload(f"aster_getBalance: {row.symbol}: a position that cannot be understood: {said}")
    profit = side.sign * size * (row.mark_price - row.entry_price)
    if abs(profit - row.unrealized_profit) > AGREE_WITHIN * size * row.mark_price:
        raise BadPayload(f"aster_getBalance: {row.symbol}: its PnL is not what side, size, entry and mark price give")
    return Position(
        account=wallet.account(row.collateral),
        venue=VENUE,
        symbol=symbol(row.symbol),
        side=side,
        size=size,
        entry_price=row.entry_price,
        mark_price=row.mark_price,
        margin_mode=MarginMode.ISOLATED if row.isolated else MarginMode.CROSS,
        isolated_margin=row.isolated_wallet if row.isolated else None,
        leverage=row.leverage or None,
        venue_light=None if row.adl is None else VenueLight(row.adl, wallet.as_of),
        as_of=wallet.as_of,
        raw=tuple((name, str(getattr(row, name))) for name in row.__struct_fields__),
    )


def _side(row: PositionRow) -> Side | None:
    by_sign = Side.LONG if row.position_amount > 0 else Side.SHORT
    if row.position_side == "BOTH":
        return by_sign
    named = _SIDES.get(row.position_side)
    return None if named is Side.LONG and by_sign is Side.SHORT else named


def accounts(wallet: Wallet) -> tuple[Account, ...]:
    """One account a collateral asset that is in use, the usual one first."""
    balances = _cash(wallet)
    used = {asset for asset, amount in balances.items() if amount} | {row.collateral for row in wallet.rows}
    return tuple(_account(wallet, asset, balances.get(asset)) for asset in sorted({MAIN, *used}, key=lambda a: (a != MAIN, a)))


def _cash(wallet: Wallet) -> dict[str, float]:
    """Balances of what counts as a dollar; with the usual one, which is zero where it is not listed."""
    listed = {asset.asset: asset.wallet_balance for asset in wallet.balance.perp_assets}
    return {MAIN: 0.0} | {asset: amount for asset, amount in listed.items() if asset in QUOTES}


def _account(wallet: Wallet, asset: str, balance: float | None) -> Account:
    rows = [row for row in wallet.rows if row.collateral == asset]
    cash = None if balance is None else balance - sum(row.isolated_wallet for row in rows if row.isolated)
    return Account(
        id=wallet.account(asset),
        venue=VENUE,
        equity=None if cash is None else cash + sum(row.unrealized_profit for row in rows if not row.isolated),
        wallet=cash,
        as_of=wallet.as_of,
    )


def holdings(wallet: Wallet) -> tuple[Holding, ...]:
    """Coins that serve as margin."""
    return tuple(
        Holding(
            account=wallet.source, venue=VENUE, asset=row.asset, amount=row.wallet_balance, collateral=True, as_of=wallet.as_of
        )
        for row in wallet.balance.perp_assets
        if row.wallet_balance and row.asset not in QUOTES
    )


def market(row: PremiumIndex, hours: float | None, candles: tuple[Candle, ...] | None, book: Book | None) -> Market:
    """One market, as of the venue's own time."""
    return Market(
        venue=VENUE,
        symbol=symbol(row.symbol),
        mark_price=row.mark_price,
        index_price=row.index_price or None,
        funding_rate=row.last_funding_rate,
        funding_interval_hours=hours,
        candles=candles or (),
        book=book,
        as_of=datetime.fromtimestamp(row.time / 1000, UTC),
    )


def bars(rows: list[Kline]) -> tuple[Candle, ...]:
    """Candles of a reply."""
    return tuple(
        Candle(datetime.fromtimestamp(row.time / 1000, UTC), row.open, row.high, row.low, row.close, row.volume) for row in rows
    )


def book(reply: Depth, at: datetime) -> Book:
    """The order book of a reply."""
    return Book(bids=tuple(reply.bids), asks=tuple(reply.asks), as_of=at)


def fills(rows: list[FillRow], source: str, held: Mapping[tuple[str, Side], Position]) -> Iterator[Fill]:
    """Own fills; `held` are the positions before them: a fill closes what is on its other side. Equal rows are counted."""
    seen: Counter[str] = Counter()
    for row in rows:
        side = _SIDES.get(row.side)
        if side is None:
            raise BadPayload(f"aster_userFills: {row.symbol}: a side we do not know: {row.side[:40]!r}")
        before = held.get((symbol(row.symbol), side.opposite))
        name = f"{row.time}:{row.symbol}:{row.side}:{row.price:g}:{row.qty:g}"
        seen[name] += 1
        yield Fill(
            id=f"{name}:{seen[name]}",
            account=before.account if before else source,
            venue=VENUE,
            symbol=symbol(row.symbol),
            side=before.side if before else side,
            size=row.qty,
            price=row.price,
            time=datetime.fromtimestamp(row.time / 1000, UTC),
            kind=FillKind.UNKNOWN,
            closes=before is not None,
        )


def notes(wallet: Wallet) -> tuple[str, ...]:
    """What this wallet's figures cannot tell."""
    found = [LIGHT_NOTE, FILLS_NOTE] if wallet.rows else []
    if len(accounts(wallet)) > 1 or holdings(wallet):
        found.append(MODE_NOTE)
    others = {group.trading_product for group in wallet.balance.positions if group.trading_product != PERPS and group.positions}
    if others:
        found.append(f"positions of other products are not read: {', '.join(sorted(others))[:80]}")
    return tuple(found)
