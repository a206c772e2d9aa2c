"""The indexer's HTTP API: one method per request, venue types out. By address only: there is no key and nothing to sign.

Its budget is 100 requests in 10 s per IP: RATE_LIMIT_GET_POINTS and RATE_LIMIT_GET_DURATION_SECONDS in
https://github.com/dydxprotocol/v4-chain/blob/84d4664/indexer/services/comlink/src/config.ts
"""

from datetime import datetime
from typing import TypeVar

import msgspec

from adlwatch.adapters.dydx.types import (
    Address,
    CandleRow,
    Candles,
    FillRow,
    Fills,
    Height,
    Orderbook,
    PerpetualMarket,
    PerpetualMarkets,
    Subaccount,
)
from adlwatch.adapters.http import Call, Http

T = TypeVar("T")
REQUESTS = 100.0
WINDOW_SECONDS = 10.0
PAGE = 100
RESOLUTIONS = {"5m": "5MINS", "1h": "1HOUR"}


def _decoder(kind: type[T]) -> msgspec.json.Decoder[T]:
    return msgspec.json.Decoder(kind, strict=False)


_ADDRESS = _decoder(Address)
_HEIGHT = _decoder(Height)
_MARKETS = _decoder(PerpetualMarkets)
_FILLS = _decoder(Fills)
_CANDLES = _decoder(Candles)
_BOOK = _decoder(Orderbook)


class Client:
    """The requests, each with its reply's type. Every method may raise any `SourceError`."""

    def __init__(self, http: Http) -> None:
        self.http = http

    async def subaccounts(self, address: str) -> list[Subaccount]:
        """All sub-accounts of an address, with their open positions."""
        return (await self._get("addresses", _ADDRESS, f"/v4/addresses/{address}")).subaccounts

    async def height(self) -> Height:
        """How far the indexer has come: the time of everything it answers."""
        return await self._get("height", _HEIGHT, "/v4/height")

    async def markets(self) -> dict[str, PerpetualMarket]:
        """All perpetual markets, by ticker."""
        return (await self._get("perpetualMarkets", _MARKETS, "/v4/perpetualMarkets")).markets

    async def fills(self, address: str, subaccount: int, before: datetime | None = None) -> list[FillRow]:
        """A page of own fills at or before a time, the latest first."""
        params = {"address": address, "subaccountNumber": str(subaccount), "limit": str(PAGE)}
        params |= {"createdBeforeOrAt": _iso(before)} if before else {}
        return (await self._get("fills", _FILLS, "/v4/fills", params)).fills

    async def candles(self, ticker: str, resolution: str, start: datetime, end: datetime) -> list[CandleRow]:
        """Bars that open from `start` to `end`, oldest first."""
        params = {"resolution": RESOLUTIONS[resolution], "fromISO": _iso(start), "toISO": _iso(end), "limit": "1000"}
        rows = (await self._get("candles", _CANDLES, f"/v4/candles/perpetualMarkets/{ticker}", params)).candles
        return sorted(rows, key=lambda row: row.started_at)

    async def orderbook(self, ticker: str) -> Orderbook:
        """Order-book depth of one market."""
        return await self._get("orderbooks", _BOOK, f"/v4/orderbooks/perpetualMarket/{ticker}")

    async def _get(self, name: str, decoder: msgspec.json.Decoder[T], path: str, params: dict[str, str] | None = None) -> T:
        return await self.http.call(Call(name, decoder, path=path, params=params))


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
