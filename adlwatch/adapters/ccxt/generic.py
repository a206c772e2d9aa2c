"""The source of kind `ccxt`: a venue we have no module for, read through ccxt's unified methods and labelled as such."""

import asyncio
import importlib
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from adlwatch.adapters.base import Adapter, Context, Kind, Refused, Retry, SourceError, Unsupported
from adlwatch.adapters.ccxt.decode import needed, positive
from adlwatch.adapters.ccxt.door import Door
from adlwatch.adapters.ccxt.errors import by_class, one_line
from adlwatch.adapters.ccxt.guard import Answer
from adlwatch.adapters.ccxt.lists import MarketList
from adlwatch.adapters.ccxt.load import ccxt
from adlwatch.adapters.ccxt.options import CcxtOptions
from adlwatch.adapters.ccxt.unified import guarded
from adlwatch.adapters.keyless import share
from adlwatch.adapters.wire import Asked, Reply, ask, playing, text
from adlwatch.credentials import CredentialError, resolve
from adlwatch.domain.model import Account, Contract, Holding, MarginMode, Market, Position, Side
from adlwatch.domain.reading import Reading

NOTE = "generic adapter: equity, maintenance margin, ADL lights, fills and key permissions are not read from this venue"


class GenericOptions(CcxtOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """As every ccxt source, and which of ccxt's exchanges it is."""

    exchange: str
    """ccxt's id, for example apex."""


class GenericAdapter:
    """Positions, their marks, and coin balances; everything else stays unknown."""

    kind = "ccxt"
    label: str | None = "GENERIC"

    def __init__(
        self, source: str, options: GenericOptions, context: Context, reroute: Callable[[str], str] | None = None
    ) -> None:
        self.id = source
        self.interval = options.interval
        self.timeout = options.timeout
        self._options = options
        self._clock = context.clock
        self._door = Door(options.request_timeout, reroute)
        self._context = context
        self._exchange: Any = None
        self._make: Callable[[], Any] = _nothing
        self._list: MarketList | None = None

    async def fetch(self) -> Reading:
        """Positions and balances, all of them or an error."""
        try:
            return await self._read()
        except SourceError:
            raise
        except Exception as error:  # noqa: BLE001 -- ccxt's parsers fail in every way; each is a failed fetch
            line = one_line(f"{self._options.exchange}: {type(error).__name__}: {error}")
            raise by_class(error, Answer(200, {}, b""), line) from None

    async def close(self) -> None:
        """Drop the connections."""
        if self._list is not None:
            await self._list.close()
        await self._door.close()

    async def _read(self) -> Reading:
        started = self._clock()
        exchange, known = await self._open()
        await known.give(exchange, self._make, self._ask)
        try:
            found = await self._positions(exchange, started)
        except Unlisted:
            if not await known.renew(self._make, self._ask):
                raise
            await known.give(exchange, self._make, self._ask)
            found = await self._positions(exchange, started)
        balance = await exchange.fetch_balance({"type": "swap"})
        return Reading(
            source=self.id,
            as_of=started,
            received_at=self._clock(),
            accounts=(Account(id=self.id, venue=self._options.exchange, as_of=started),),
            positions=tuple(found),
            holdings=holdings(balance.get("total") or {}, self.id, self._options.exchange, started),
            markets=tuple(markets(found)),
            notes=(NOTE, *known.note()),
        )

    async def _positions(self, exchange: Any, at: datetime) -> list[Position]:
        rows = await exchange.fetch_positions()
        found = (position(row, self.id, self._options.exchange, exchange.markets, at) for row in rows)
        return [each for each in found if each is not None]

    async def _open(self) -> tuple[Any, MarketList]:
        if self._exchange is None or self._list is None:
            module = await ccxt()
            types = importlib.import_module("ccxt.base.types")
            cls = getattr(module, self._options.exchange, None)
            if self._options.exchange not in module.exchanges or cls is None:
                raise Unsupported(f'ccxt knows no exchange "{self._options.exchange}"')
            config = await asyncio.to_thread(self._login)
            self._make = partial(guarded, cls, types.Entry, config)
            self._exchange = self._make()
            self._exchange.door = self._ask
            self._list = market_list(self._options.exchange, module.__version__, self._context)
        return self._exchange, self._list

    async def _ask(self, url: str, method: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        """Through the door. Its query is signed, so a recording tells these requests by their paths and their order."""
        parts = urlsplit(url)

        async def send() -> Reply:
            answer = await self._door(url, method, headers, body)
            return answer.status, answer.headers, answer.body

        return Answer(*await ask(Asked(parts.hostname or "?", parts.path, text(self.id, method, parts.path)), send))

    def _login(self) -> dict[str, str]:
        if playing():
            return {"apiKey": "recorded", "secret": "recorded", "password": "recorded"}
        given = {"apiKey": self._options.api_key, "secret": self._options.secret, "password": self._options.password}
        try:
            return {name: resolve(reference).reveal() for name, reference in given.items() if reference is not None}
        except CredentialError as error:
            raise Refused(f"{self.id}: {error}") from None


class Unlisted(Retry):
    """A position of a market that the list does not have: delisted, or listed since."""


def market_list(exchange: str, edition: str, context: Context) -> MarketList:
    """The one list of an exchange in this run."""
    return share(context, f"ccxt.markets.{exchange}", lambda: MarketList(exchange, edition, context.shelf, context.clock))


def _nothing() -> Any:
    raise AssertionError("not opened")


def position(row: Mapping[str, Any], account: str, venue: str, known: Mapping[str, Any], at: datetime) -> Position | None:
    """A unified position. Numbers may be strings; what ccxt derives itself (margins, ratios) is left out."""
    symbol = row["symbol"]
    contracts = abs(needed(row.get("contracts"), f"contracts of {symbol}"))
    if contracts == 0:
        return None
    market = known.get(symbol)
    if market is None or row.get("side") not in ("long", "short"):
        raise Unlisted(f"{venue}: {symbol} has no market or no side, also in a market list asked for again")
    mode = row.get("marginMode")
    inverse = bool(market.get("inverse"))
    return Position(
        account=account,
        venue=venue,
        symbol=symbol,
        side=Side(row["side"]),
        size=contracts * needed(market.get("contractSize"), f"contractSize of {symbol}"),
        entry_price=needed(row.get("entryPrice"), f"entryPrice of {symbol}"),
        mark_price=positive(row.get("markPrice")),
        contract=Contract.INVERSE if inverse else Contract.LINEAR,
        margin_mode=MarginMode(mode) if mode in ("cross", "isolated") else None,
        leverage=positive(row.get("leverage")),
        liquidation_price=positive(row.get("liquidationPrice")),
        as_of=at,
    )


def holdings(totals: Mapping[str, Any], account: str, venue: str, at: datetime) -> tuple[Holding, ...]:
    """Coins of the derivatives account."""
    return tuple(
        Holding(account=account, venue=venue, asset=asset, amount=float(amount), collateral=True, as_of=at)
        for asset, amount in totals.items()
        if amount
    )


def markets(found: Iterable[Position]) -> Iterable[Market]:
    """The marks that came with the positions."""
    marks = {p.symbol: p for p in found if p.mark_price is not None}
    return [
        Market(venue=p.venue, symbol=p.symbol, contract=p.contract, mark_price=p.mark_price, as_of=p.as_of)
        for p in marks.values()
    ]


def _create(source: str, options: Any, context: Context) -> Adapter:
    return GenericAdapter(source, options, context)


KIND = Kind("ccxt", GenericOptions, _create)
