"""Lighter's HTTP API: one method per request, venue types out. By address only: there is no key and nothing to sign.

Without a login the budget is 60 requests a minute per IP; a request whose weight allows fewer of 24,000 counts for more:
https://apidocs.lighter.xyz/docs/rate-limits
"""

from datetime import datetime
from typing import TypeVar

import msgspec

from adlwatch.adapters.base import BadPayload
from adlwatch.adapters.http import Call, Http
from adlwatch.adapters.lighter.types import (
    AccountRow,
    Accounts,
    CandleRow,
    Candles,
    FundingRates,
    FundingRow,
    MarketRow,
    Markets,
    Orders,
    Reply,
    TradeRow,
    Trades,
)

T = TypeVar("T")
R = TypeVar("R", bound=Reply)
REQUESTS_PER_MINUTE = 60.0
TRADES_WEIGHT = 1.5
PAGE = 100
BOOK_ORDERS = 250


def _decoder(kind: type[T]) -> msgspec.json.Decoder[T]:
    return msgspec.json.Decoder(kind, strict=False)


_ACCOUNTS = _decoder(Accounts)
_MARKETS = _decoder(Markets)
_FUNDING = _decoder(FundingRates)
_TRADES = _decoder(Trades)
_CANDLES = _decoder(Candles)
_ORDERS = _decoder(Orders)


class Client:
    """The requests, each with its reply's type. Every method may raise any `SourceError`."""

    def __init__(self, http: Http) -> None:
        self.http = http

    async def accounts(self, by: str, value: str) -> list[AccountRow]:
        """The accounts of an address (`by` l1_address) or one account (`by` index)."""
        reply = await self._get("account", _ACCOUNTS, {"by": by, "value": value})
        return _rows("account", reply.accounts)

    async def markets(self) -> dict[int, MarketRow]:
        """All perp markets, by their number."""
        reply = await self._get("orderBookDetails", _MARKETS, {"filter": "perp"})
        return {row.market_id: row for row in _rows("orderBookDetails", reply.order_book_details)}

    async def funding_rates(self) -> list[FundingRow]:
        """Current rates of all markets, at several exchanges."""
        return _rows("funding-rates", (await self._get("funding-rates", _FUNDING, {})).funding_rates)

    async def recent_trades(self, market: str) -> list[TradeRow]:
        """The last hundred public trades of a market, oldest first."""
        params = {"market_id": market, "limit": str(PAGE)}
        reply = await self._get("recentTrades", _TRADES, params, TRADES_WEIGHT)
        return sorted(_rows("recentTrades", reply.trades), key=lambda row: (row.timestamp, row.trade_id))

    async def candles(self, market: str, resolution: str, start: datetime, end: datetime) -> list[CandleRow]:
        """Bars that open from `start` to `end`, oldest first."""
        span = {"start_timestamp": _millis(start), "end_timestamp": _millis(end), "count_back": "0"}
        reply = await self._get("candles", _CANDLES, {"market_id": market, "resolution": resolution, **span})
        return sorted(_rows("candles", reply.c), key=lambda row: row.t)

    async def orders(self, market: str) -> Orders:
        """Resting orders of one market, best first."""
        return await self._get("orderBookOrders", _ORDERS, {"market_id": market, "limit": str(BOOK_ORDERS)})

    async def _get(self, name: str, decoder: msgspec.json.Decoder[R], params: dict[str, str], weight: float = 1.0) -> R:
        reply = await self.http.call(Call(name, decoder, path=f"/api/v1/{name}", params=params, weight=weight))
        if reply.code != 200:
            raise BadPayload(f"{name}: code {reply.code}: {' '.join(reply.message.split())[:120]}")
        return reply


def _rows(name: str, rows: list[T] | None) -> list[T]:
    """The list of a reply that says it is well: a missing one must not look like an empty one."""
    if rows is None:
        raise BadPayload(f"{name}: the reply has no list")
    return rows


def _millis(at: datetime) -> str:
    return str(int(at.timestamp() * 1000))
