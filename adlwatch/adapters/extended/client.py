"""Extended's public API: one method per request, venue types out. There is no key and nothing to sign.

1000 requests a minute per IP: https://api.docs.extended.exchange/#rate-limits
"""

from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec

from adlwatch.adapters.base import BadPayload
from adlwatch.adapters.extended.types import CandleRow, MarketRow, Orderbook, Reply, Trouble
from adlwatch.adapters.http import Call, Http

T = TypeVar("T")
REQUESTS_PER_MINUTE = 1000.0
RESOLUTIONS = {"5m": ("PT5M", timedelta(minutes=5)), "1h": ("PT1H", timedelta(hours=1))}


def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind, strict=False)


_MARKETS: msgspec.json.Decoder[Reply[list[MarketRow]]] = _decoder(Reply[list[MarketRow]])
_CANDLES: msgspec.json.Decoder[Reply[list[CandleRow]]] = _decoder(Reply[list[CandleRow]])
_BOOK: msgspec.json.Decoder[Reply[Orderbook]] = _decoder(Reply[Orderbook])


class Client:
    """The requests, each with its reply's type. Every method may raise any `SourceError`."""

    def __init__(self, http: Http) -> None:
        self.http = http

    async def markets(self, names: tuple[str, ...]) -> dict[str, MarketRow]:
        """The named markets. Raises `BadPayload` where one is missing."""
        wanted = "&".join(f"market={quote(name, safe='')}" for name in names)
        rows = {row.name: row for row in await self._get("markets", _MARKETS, f"info/markets?{wanted}")}
        if missing := [name for name in names if name not in rows]:
            raise BadPayload(f"markets: the venue does not list {', '.join(missing)[:80]}")
        return rows

    async def candles(self, market: str, resolution: str, start: datetime, end: datetime) -> list[CandleRow]:
        """Bars that open from `start` to `end`, oldest first."""
        interval, width = RESOLUTIONS[resolution]
        span = f"interval={interval}&limit={(end - start) // width + 1}&endTime={int(end.timestamp() * 1000)}"
        rows = await self._get("candles", _CANDLES, f"info/candles/{quote(market, safe='')}/trades?{span}")
        return sorted((row for row in rows if start.timestamp() * 1000 <= row.T), key=lambda row: row.T)

    async def orderbook(self, market: str) -> Orderbook:
        """Order-book depth of one market."""
        return await self._get("orderbook", _BOOK, f"info/markets/{quote(market, safe='')}/orderbook")

    async def _get(self, name: str, decoder: msgspec.json.Decoder[Reply[T]], path: str) -> T:
        reply = await self.http.call(Call(name, decoder, path=f"/api/v1/{path}"))
        if reply.status != "OK" or reply.data is None:
            said = reply.error or Trouble(message="no data")
            raise BadPayload(f"{name}: {reply.status[:20]} {said.code}: {' '.join(said.message.split())[:120]}")
        return reply.data
