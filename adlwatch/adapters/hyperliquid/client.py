"""Hyperliquid's `/info`: one method per request, venue types out. By address only: there is no key and nothing to sign.

Weights: https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/rate-limits-and-user-limits
(1200 a minute per IP; 2 for the clearinghouse states and books, 60 for userRole, 20 for other info; lists cost 1 more per 20
fills or 60 candles).
"""

from typing import Any, TypeVar

import msgspec

from adlwatch.adapters.base import BadPayload
from adlwatch.adapters.http import Call, Http
from adlwatch.adapters.hyperliquid.types import (
    Abstraction,
    AssetContext,
    CandleRow,
    ClearinghouseState,
    FillRow,
    L2Book,
    PerpDex,
    Role,
    SpotMeta,
    SpotState,
    Universe,
)

T = TypeVar("T")
WEIGHT_PER_MINUTE = 1200.0
STATE_WEIGHT = 2.0
INFO_WEIGHT = 20.0
ROLE_WEIGHT = 60.0
FILLS_PER_WEIGHT = 20
CANDLES_PER_WEIGHT = 60
FILLS_PER_PAGE = 2000
"""https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/info-endpoint#retrieve-a-users-fills-by-time"""
MODES = frozenset({"unifiedAccount", "portfolioMargin", "disabled", "default", "dexAbstraction"})


def _decoder(kind: type[T]) -> msgspec.json.Decoder[T]:
    return msgspec.json.Decoder(kind, strict=False)


_STATE = _decoder(ClearinghouseState)
_SPOT = _decoder(SpotState)
_MODE = _decoder(str)
_MARKETS = _decoder(tuple[Universe, list[AssetContext]])
_DEXS = _decoder(list[PerpDex | None])
_BOOK = _decoder(L2Book)
_ROLE = _decoder(Role)
_TOKENS = _decoder(SpotMeta)
_CANDLES = _decoder(list[CandleRow])
_FILLS = _decoder(list[FillRow])


class Client:
    """The requests, each with its weight and its reply's type. Every method may raise any `SourceError`."""

    def __init__(self, http: Http) -> None:
        self.http = http

    async def clearinghouse_state(self, user: str, dex: str = "") -> ClearinghouseState:
        """Positions and margin on one perp dex; the empty name is the main dex."""
        return await self._info("clearinghouseState", _STATE, STATE_WEIGHT, user=user, **({"dex": dex} if dex else {}))

    async def spot_state(self, user: str) -> SpotState:
        """Spot balances, which are also the margin of a unified account."""
        return await self._info("spotClearinghouseState", _SPOT, STATE_WEIGHT, user=user)

    async def abstraction(self, user: str) -> Abstraction:
        """How the address keeps its balances; a mode we do not know fails, because it decides whose equity counts."""
        mode = await self._info("userAbstraction", _MODE, INFO_WEIGHT, user=user)
        if mode not in MODES:
            raise BadPayload(f"userAbstraction: a mode we do not know: {mode[:40]!r}")
        return Abstraction(mode)

    async def markets(self, dex: str = "") -> tuple[Universe, list[AssetContext]]:
        """All assets of a dex with their live figures."""
        universe, contexts = await self._info("metaAndAssetCtxs", _MARKETS, INFO_WEIGHT, **({"dex": dex} if dex else {}))
        if len(universe.universe) != len(contexts):
            raise BadPayload(f"metaAndAssetCtxs: {len(universe.universe)} assets but {len(contexts)} contexts")
        return universe, contexts

    async def dexs(self) -> tuple[str, ...]:
        """Names of the HIP-3 dexs."""
        return tuple(dex.name for dex in await self._info("perpDexs", _DEXS, INFO_WEIGHT) if dex)

    async def role(self, user: str) -> Role:
        """What kind of address it is."""
        return await self._info("userRole", _ROLE, ROLE_WEIGHT, user=user)

    async def tokens(self) -> dict[int, str]:
        """Token number → name."""
        return {token.index: token.name for token in (await self._info("spotMeta", _TOKENS, INFO_WEIGHT)).tokens}

    async def book(self, coin: str) -> L2Book:
        """Order-book depth of one coin."""
        return await self._info("l2Book", _BOOK, STATE_WEIGHT, coin=coin)

    async def candles(self, coin: str, interval: str, start: int, end: int) -> list[CandleRow]:
        """Bars that open from `start` to `end` (ms), oldest first."""
        request = {"coin": coin, "interval": interval, "startTime": start, "endTime": end}
        rows = await self._info("candleSnapshot", _CANDLES, INFO_WEIGHT, req=request)
        self.http.limiter.charge(len(rows) // CANDLES_PER_WEIGHT)
        return sorted(rows, key=lambda row: row.t)

    async def fills(self, user: str, start: int) -> list[FillRow]:
        """Own fills from `start` (ms) on, oldest first: at most a page."""
        rows = await self._info("userFillsByTime", _FILLS, INFO_WEIGHT, user=user, startTime=start)
        self.http.limiter.charge(len(rows) // FILLS_PER_WEIGHT)
        return sorted(rows, key=lambda row: row.time)

    async def _info(self, kind: str, decoder: msgspec.json.Decoder[T], weight: float, **fields: Any) -> T:
        body = {"type": kind, **fields}
        return await self.http.call(Call(kind, decoder, method="POST", path="/info", body=body, weight=weight))
