"""Aster's chain RPC and public market data: one method per request, venue types out. There is no key and nothing to sign.

The RPC publishes weights (1 each) but no limit; 300 a minute is our own. Market data: 2400 a minute per IP, weights in
https://github.com/asterdex/api-docs/tree/265e024 `V3(Recommended)/EN/aster-finance-futures-api-v3.md`.
"""

from datetime import datetime
from typing import Any, TypeVar

import msgspec

from adlwatch.adapters.aster.types import Balance, Depth, FillRow, FundingInfo, Kline, PremiumIndex, Rpc, RpcError, UserFills
from adlwatch.adapters.base import BadPayload, Unsupported
from adlwatch.adapters.http import Call, Http

T = TypeVar("T")
RPC_PER_MINUTE = 300.0
WEIGHT_PER_MINUTE = 2400.0
PREMIUM_WEIGHT = 1.0
DEPTH_LEVELS, DEPTH_WEIGHT = 100, 5.0
KLINES, KLINES_WEIGHT = 500, 5.0
_PRIVACY = {"enabled": True, "disabled": False}


def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind, strict=False)


_BALANCE: msgspec.json.Decoder[Rpc[Balance]] = _decoder(Rpc[Balance])
_FILLS: msgspec.json.Decoder[Rpc[UserFills]] = _decoder(Rpc[UserFills])
_PREMIUM: msgspec.json.Decoder[PremiumIndex] = _decoder(PremiumIndex)
_INTERVALS: msgspec.json.Decoder[list[FundingInfo]] = _decoder(list[FundingInfo])
_KLINES: msgspec.json.Decoder[list[Kline]] = _decoder(list[Kline])
_DEPTH: msgspec.json.Decoder[Depth] = _decoder(Depth)


class Client:
    """The requests, each with its reply's type. Every method may raise any `SourceError`."""

    def __init__(self, rpc: Http, markets: Http) -> None:
        self.rpc = rpc
        self.markets = markets

    async def balance(self, address: str) -> Balance:
        """Balances and positions. Raises `Unsupported` where the account hides its positions: hidden is not flat."""
        found = await self._ask("aster_getBalance", _BALANCE, address)
        hidden = _PRIVACY.get(found.account_privacy)
        if hidden is None:
            raise BadPayload(f"aster_getBalance: a privacy mode we do not know: {found.account_privacy[:40]!r}")
        if hidden:
            raise Unsupported("privacy mode is on: Aster hides this account's positions; switch it off, or type them into a book")
        return found

    async def fills(self, address: str, start: datetime, end: datetime) -> list[FillRow]:
        """Own fills in a span of at most seven days, oldest first."""
        span = (int(start.timestamp() * 1000), int(end.timestamp() * 1000))
        return sorted((await self._ask("aster_userFills", _FILLS, address, None, *span)).fills, key=lambda row: row.time)

    async def premium(self, symbol: str) -> PremiumIndex:
        """Mark, index and funding of one market."""
        return await self._get("premiumIndex", _PREMIUM, PREMIUM_WEIGHT, symbol=symbol)

    async def intervals(self) -> dict[str, float]:
        """Symbol → hours between two funding payments."""
        rows = await self._get("fundingInfo", _INTERVALS, PREMIUM_WEIGHT)
        return {row.symbol: row.funding_interval_hours for row in rows if row.funding_interval_hours}

    async def klines(self, symbol: str, interval: str, start: datetime, end: datetime) -> list[Kline]:
        """Bars that open from `start` to `end`, oldest first."""
        span = {"startTime": str(int(start.timestamp() * 1000)), "endTime": str(int(end.timestamp() * 1000))}
        rows = await self._get("klines", _KLINES, KLINES_WEIGHT, symbol=symbol, interval=interval, limit=str(KLINES), **span)
        return sorted(rows, key=lambda row: row.time)

    async def depth(self, symbol: str) -> Depth:
        """Order-book depth of one market."""
        return await self._get("depth", _DEPTH, DEPTH_WEIGHT, symbol=symbol, limit=str(DEPTH_LEVELS))

    async def _ask(self, method: str, decoder: msgspec.json.Decoder[Rpc[T]], *params: Any) -> T:
        body = {"id": 1, "jsonrpc": "2.0", "method": method, "params": [*params, "latest"]}
        reply = await self.rpc.call(Call(method, decoder, method="POST", path="/info", body=body))
        if reply.result is None:
            said = reply.error or RpcError(message="no result")
            raise BadPayload(f"{method}: code {said.code}: {' '.join(said.message.split())[:120]}")
        return reply.result

    async def _get(self, name: str, decoder: msgspec.json.Decoder[T], weight: float, **params: str) -> T:
        return await self.markets.call(Call(name, decoder, path=f"/fapi/v3/{name}", params=params, weight=weight))
