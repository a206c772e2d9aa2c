"""What every venue's parser builds the same way: candles, books, balances, what a trade did, coins in USD, how a symbol pays."""

import calendar
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

import msgspec

from adlwatch.adapters.base import BadPayload
from adlwatch.adapters.ccxt.decode import Num, dated, moment, needed, number, perp
from adlwatch.domain.model import Book, Candle, Contract, Holding, Side

MONTH_CODES = {"H": 3, "M": 6, "U": 9, "Z": 12}
KEEP_CANDLES = 500
LATEST = 24
Levels = Iterable[Sequence[Num]]
"""One side of a book: price, amount, …"""


def in_usd(amount: float | None, price: float | None) -> float | None:
    """An amount of coins in USD; None where either is unknown."""
    return None if amount is None or price is None else amount * price


def contract_of(symbol: str) -> Contract:
    """A contract that settles in its own base coin is inverse: BTC/USD:BTC."""
    base, _, rest = symbol.partition("/")
    settle = rest.partition(":")[2].partition("-")[0]
    return Contract.INVERSE if settle == base else Contract.LINEAR


def compact_symbol(native: str) -> str:
    """BTCUSDT, BTCPERP (USDC), BTCUSD (inverse), BTC-27JUN25, BTCUSDT-27JUN25, BTCUSDM25 → the unified symbol."""
    pair, _, day = native.partition("-")
    if day:
        expiry = datetime.strptime(day, "%d%b%y").replace(tzinfo=UTC).strftime("%y%m%d")
        base = pair.removesuffix("USDT")
        quote = "USDT" if base != pair else "USDC"
        return dated(base, quote, quote, expiry)
    for suffix, quote in (("PERP", "USDC"), ("USDT", "USDT"), ("USDC", "USDC")):
        if native.endswith(suffix) and native != suffix:
            return perp(native.removesuffix(suffix), quote, quote)
    return _inverse_symbol(native)


def _inverse_symbol(native: str) -> str:
    base, found, code = native.partition("USD")
    if not found or not base:
        return native
    if len(code) == 3 and code[0] in MONTH_CODES and code[1:].isdigit():
        return dated(base, "USD", base, last_friday(2000 + int(code[1:]), MONTH_CODES[code[0]]).strftime("%y%m%d"))
    return perp(base, "USD", base)


def last_friday(year: int, month: int) -> date:
    """The day quarterly contracts deliver."""
    end = date(year, month, calendar.monthrange(year, month)[1])
    return end - timedelta(days=(end.weekday() - calendar.FRIDAY) % 7)


def candles(rows: Iterable[Sequence[Num]], volume_at: int | None, *, unit: float = 1.0) -> tuple[Candle, ...]:
    """Rows of time, open, high, low, close, …; base volume stands at `volume_at`, in `unit` base units. Any order."""
    bars = [_candle(row, volume_at, unit) for row in rows]
    return tuple(sorted(bars, key=lambda bar: bar.time))


def _candle(row: Sequence[Num], volume_at: int | None, unit: float) -> Candle:
    opened, highest, lowest, closed = (needed(row[i], f"candle column {i}") for i in (1, 2, 3, 4))
    volume = None if volume_at is None else number(row[volume_at])
    return Candle(moment(row[0], "candle time"), opened, highest, lowest, closed, None if volume is None else volume * unit)


def extend(old: tuple[Candle, ...], new: Iterable[Candle]) -> tuple[Candle, ...]:
    """Candles by opening time, newer data winning, oldest first, the latest `KEEP_CANDLES` of them."""
    by_time = {c.time: c for c in old} | {c.time: c for c in new}
    return tuple(by_time[time] for time in sorted(by_time)[-KEEP_CANDLES:])


def interest(rows: Iterable[tuple[Num, Num]]) -> tuple[tuple[datetime, float], ...]:
    """(time in ms, open interest in any one unit) rows as a history, oldest first."""
    return tuple(sorted((moment(at, "open interest time"), needed(value, "open interest")) for at, value in rows))


def day_volume(bars: Sequence[Candle]) -> float | None:
    """Base volume of the latest 24 hourly bars; None where one is missing."""
    volumes = [bar.volume for bar in bars[-LATEST:] if bar.volume is not None]
    return sum(volumes) if len(volumes) == LATEST else None


def levels(rows: Levels, size: float = 1.0, *, inverse: bool = False) -> tuple[tuple[float, float], ...]:
    """(price, base units) best first; `size` is what one contract stands for: base units, or USD where inverse."""
    pairs = ((needed(row[0], "price"), needed(row[1], "amount") * size) for row in rows)
    return tuple((price, amount / price if inverse else amount) for price, amount in pairs)


def book(bids: Levels, asks: Levels, at: datetime, size: float = 1.0, *, inverse: bool = False) -> Book:
    """Both sides in base units; see `levels`."""
    return Book(bids=levels(bids, size, inverse=inverse), asks=levels(asks, size, inverse=inverse), as_of=at)


def changed(order: str, position: str, *, closes: bool, of: str) -> tuple[Side, bool]:
    """Which side's position an order (buy, sell) of the market `of` changed, and whether it closed some of it.

    In hedge mode `position` (long, short) tells; in one-way mode, whatever it says then, `closes` does.
    """
    if order.lower() not in ("buy", "sell"):
        raise BadPayload(f"side of a trade in {of} is {order!r}")
    opener = Side.LONG if order.lower() == "buy" else Side.SHORT
    if position.lower() in ("long", "short"):
        side = Side(position.lower())
        return side, side is not opener
    return (opener.opposite if closes else opener), closes


def holdings(
    amounts: Iterable[tuple[str, Num]], venue: str, account: str, at: datetime, *, collateral: bool
) -> tuple[Holding, ...]:
    """Of (coin, amount) those that are not nothing; a borrow is negative."""
    return tuple(
        Holding(account=account, venue=venue, asset=coin, amount=amount, collateral=collateral, as_of=at)
        for coin, raw in amounts
        if (amount := number(raw))
    )


def says_other_than(fine: str, name: str) -> Callable[[bytes], bool]:
    """Whether a reply's field `name` is present and not `fine`: how a venue says no with status 200."""
    kind = msgspec.defstruct("Verdict", [("word", bool | int | str | None, msgspec.field(name=name, default=None))])

    def refused(body: bytes) -> bool:
        try:
            word = msgspec.json.decode(body, type=kind).word  # type: ignore[attr-defined]  # made at run time
        except (msgspec.DecodeError, msgspec.ValidationError):
            return False
        return word is not None and str(word).lower() != fine

    return refused
