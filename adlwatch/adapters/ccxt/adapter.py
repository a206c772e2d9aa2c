"""The adapter of one account: by age it decides what to read again with each fetch, and carries the rest over."""

from collections.abc import Awaitable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from msgspec.structs import replace

from adlwatch.adapters.base import BadPayload, Clock, Refused, SourceError
from adlwatch.adapters.ccxt.client import Client
from adlwatch.adapters.ccxt.errors import one_line
from adlwatch.adapters.ccxt.meters import Deferred, optional
from adlwatch.adapters.ccxt.tables import Tables
from adlwatch.adapters.ccxt.venue import KeyPermissions, Part, Piece, Reader, SymbolPart
from adlwatch.domain.model import Fill, Market, Position
from adlwatch.domain.reading import Reading

T = TypeVar("T")
PATIENCE = 3.0
"""Times its own interval a part may be put off without a word."""


class CcxtAdapter:
    """Reads one account of one venue. A part that fails keeps its last piece, says so in the notes, and is tried again."""

    label: str | None = None

    def __init__(
        self,
        source: str,
        client: Client,
        lines: tuple[str, ...],
        clock: Clock,
        *,
        interval: float,
        timeout: float,
        may_trade: bool,
        subaccounts: tuple[str, ...] | None = None,
        tables: Tables | None = None,
        before: Reading | None = None,
        identity: str | None = None,
    ) -> None:
        self.id = source
        self.kind = client.venue.name
        self.identity = identity
        self.interval = interval
        self.timeout = timeout
        self._client = client
        self._clock = clock
        self._lines = lines
        self._may_trade = may_trade
        self._subaccounts = subaccounts or ()
        self._parts = client.venue.parts(lines) + (() if subaccounts is None else client.venue.subaccounts)
        self._pieces: dict[str, Piece] = {}
        self._read_at: dict[str, datetime] = {}
        self._troubles: dict[str, str] = {}
        self._markets: dict[tuple[str, str], Market] = {}
        self._positions = before.positions if before is not None else None
        """As last read, by an earlier run at first: what shrank between two runs wants to be explained as well."""
        self._homes = {p.symbol: p.account for p in self._positions or ()}
        """Symbol → the account its positions were last seen in: a margin pool of its own where the venue has such."""
        self._unexplained: dict[str, Mapping[str, str]] = {}
        """By part: what shrank and has not been explained yet."""
        self._memory: dict[str, Any] = {}
        self._tables = tables

    async def fetch(self) -> Reading:
        """Positions and accounts with each fetch, the rest when it is due."""
        if self._tables is None:
            return await self._fetch()
        await self._tables.fill(self._memory)
        try:
            reading = await self._fetch()
        except BadPayload:
            self._tables.forget()
            raise
        await self._tables.keep()
        return reading

    async def _fetch(self) -> Reading:
        started = self._clock()
        for part in self._parts:
            if part.required and self._due(part, started):
                self._keep(part.name, await understood(part.name, part.read(self._reader(started, {}))), started)
                self._check_key()
                if part not in self._client.venue.subaccounts:
                    self._homes |= {p.symbol: p.account for p in self._piece(part.name).positions}
        positions = tuple(p for part in self._parts if part.required for p in self._piece(part.name).positions)
        shrunk = shrunken(self._positions or (), positions)
        self._positions = positions
        for part in self._parts:
            if part.on_shrink:
                self._unexplained[part.name] = {**self._unexplained.get(part.name, {}), **shrunk}
            if not part.required and self._due(part, started):
                await self._try(part, started)
        for symbol_part in self._client.venue.symbol_parts:
            await self._read_symbols(symbol_part, started)
        return self._reading(started)

    async def close(self) -> None:
        """Release connections; safe to call twice."""
        await self._client.close()

    def _due(self, part: Part, now: datetime) -> bool:
        last = self._read_at.get(part.name)
        return last is None or now - last >= timedelta(seconds=part.every) or bool(self._unexplained.get(part.name))

    async def _try(self, part: Part, now: datetime) -> None:
        """Read what can wait; only an explanation of what shrank cannot, and is asked for again until it is had."""
        shrunk = self._unexplained.get(part.name, {})
        waits = optional.set(not shrunk)
        try:
            piece = await understood(part.name, part.read(self._reader(now, shrunk)))
        except SourceError as error:
            self._note(part.name, error, now, part.every)
            return
        finally:
            optional.reset(waits)
        self._unexplained.pop(part.name, None)
        self._keep(part.name, piece, now)
        self._check_key()

    def _note(self, name: str, error: SourceError, now: datetime, every: float) -> None:
        """Remember what went wrong; leaving the budget to positions is no trouble before it makes a part old."""
        last = self._read_at.get(name)
        fresh = last is not None and now - last < timedelta(seconds=PATIENCE * every + 60)
        if not (isinstance(error, Deferred) and fresh):
            self._troubles[name] = str(error)

    async def _read_symbols(self, part: SymbolPart, now: datetime) -> None:
        held = self._held()
        for key in [k for k in self._markets if k[0] == part.name and k[1] not in held]:
            del self._markets[key]
            self._troubles.pop(" ".join(key), None)
        oldest = sorted(held, key=lambda s: self._read_at.get(f"{part.name} {s}", datetime.min.replace(tzinfo=now.tzinfo)))
        for symbol in oldest[: part.at_once]:
            last = self._read_at.get(f"{part.name} {symbol}")
            if last is not None and now - last < timedelta(seconds=part.every):
                return
            waits = optional.set(True)
            try:
                read = part.read(self._reader(now, {}), symbol, held[symbol])
                self._markets[part.name, symbol] = await understood(part.name, read)
            except SourceError as error:
                self._note(f"{part.name} {symbol}", error, now, part.every)
                return
            finally:
                optional.reset(waits)
            self._read_at[f"{part.name} {symbol}"] = now
            self._troubles.pop(f"{part.name} {symbol}", None)

    def _keep(self, name: str, piece: Piece, now: datetime) -> None:
        self._pieces[name] = piece
        self._read_at[name] = now
        self._troubles.pop(name, None)

    def _piece(self, name: str) -> Piece:
        return self._pieces.get(name, _NOTHING)

    def _held(self) -> dict[str, str]:
        return {p.symbol: native(p) for p in self._positions or ()}

    def _reader(self, now: datetime, shrunk: Mapping[str, str]) -> Reader:
        candles = {symbol: market.candles for (_, symbol), market in self._markets.items() if market.candles}
        client = self._client
        return Reader(client, self.id, self._lines, now, self._held(), shrunk, candles, self._memory, self._subaccounts)

    def _check_key(self) -> None:
        allowed = next((p.permissions for p in self._pieces.values() if p.permissions), None)
        if allowed is not None and allowed.more_than_reads and not self._may_trade:
            able = " and ".join(w for w, can in (("trade", allowed.trade), ("withdraw", allowed.withdraw)) if can)
            raise Refused(f"{self.id}: this key may {able}; use a read-only key, or set allow_trading_keys = true")

    @property
    def permissions(self) -> KeyPermissions | None:
        """What the key may do, once known."""
        return next((p.permissions for p in self._pieces.values() if p.permissions), None)

    @property
    def clock_ahead(self) -> float | None:
        """Seconds the venue's clock is ahead of ours, once measured."""
        return self._client.ahead

    def _reading(self, started: datetime) -> Reading:
        pieces = list(self._pieces.values())
        markets = lay_over([m for p in pieces for m in p.markets], self._markets.values())
        held = self._held()
        return Reading(
            source=self.id,
            as_of=started,
            received_at=self._clock(),
            accounts=tuple(a for p in pieces for a in p.accounts),
            positions=self._positions or (),
            holdings=tuple(h for p in pieces for h in p.holdings),
            markets=tuple(m for m in markets if m.symbol in held),
            fills=at_home((f for p in pieces for f in p.fills), self._homes),
            pools=tuple(pool for p in pieces for pool in p.pools),
            warnings=tuple(w for p in pieces for w in p.warnings if w.symbol in held),
            notes=tuple(n for p in pieces for n in p.notes)
            + self._trouble_notes()
            + (self._tables.note() if self._tables else ()),
            key_may_trade=self.permissions.more_than_reads if self.permissions else None,
        )

    def _trouble_notes(self) -> tuple[str, ...]:
        notes = tuple(f"{name}: {trouble}" for name, trouble in self._troubles.items())
        known = self.permissions
        if known is None or known.more_than_reads is None:
            return (*notes, "what this key may do cannot be asked: make sure that it can only read")
        return (*notes, "this key may do more than read: replace it by a read-only one") if known.more_than_reads else notes


_NOTHING = Piece()


async def understood(name: str, read: Awaitable[T]) -> T:
    """What a parser makes of foreign data; where it stumbles over something never seen, that is a `BadPayload` too."""
    try:
        return await read
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise BadPayload(f"{name}: not understood: {type(error).__name__}: {one_line(str(error))}") from error


def native(position: Position) -> str:
    """The venue's own id of a position's instrument, which every parser leaves under `id` in the raw fields."""
    return next((value for name, value in position.raw if name == "id"), position.symbol)


def shrunken(before: Iterable[Position], after: Iterable[Position]) -> dict[str, str]:
    """Symbol → the venue's id of every position that became smaller or vanished."""
    sizes = {p.key: p.size for p in after}
    return {p.symbol: native(p) for p in before if sizes.get(p.key, 0.0) < p.size}


def at_home(fills: Iterable[Fill], homes: Mapping[str, str]) -> tuple[Fill, ...]:
    """Fills by time, each in the account of the position it changed: trade endpoints know nothing of margin pools."""
    moved = (replace(f, account=homes.get(f.symbol, f.account)) for f in fills)
    return tuple(sorted(moved, key=lambda f: f.time))


def lay_over(*layers: Iterable[Market]) -> tuple[Market, ...]:
    """One market a symbol: what a later partial market knows replaces what an earlier one said."""
    merged: dict[str, Market] = {}
    for layer in layers:
        for market in layer:
            below = merged.get(market.symbol)
            merged[market.symbol] = market if below is None else _over(below, market)
    return tuple(merged.values())


def _over(below: Market, above: Market) -> Market:
    known: Mapping[str, Any] = {
        name: value
        for name in Market.__struct_fields__
        if (value := getattr(above, name)) is not None and value != () and name not in ("contract", "as_of")
    }
    times = [t for t in (below.as_of, above.as_of) if t is not None]
    return replace(below, **known, as_of=min(times, default=None))
