"""Aster's chain RPC and market data on the loopback interface.

Balance and fills are the documented samples of https://github.com/asterdex/api-docs/blob/265e024/RPC/aster-chain-rpc.md, with a
whole address; `premiumIndex` and `fundingInfo` are the samples ccxt 4.5.90 quotes (ccxt/async_support/aster.py, MIT, (c) 2024
Igor Kroitor); klines and depth have the documented shapes, with values of our own.
"""

import copy
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from tests.adapters.emulators.server import Server

ADDRESS = "0x690931c000000000000000000000000000000001"
POSITION: dict[str, Any] = {
    "id": "98000000000389_BTCUSDT_BOTH",
    "symbol": "BTCUSDT",
    "collateral": "USDT",
    "positionAmount": "1.340",
    "entryPrice": "84490.74932115",
    "unrealizedProfit": "-13990.31797537",
    "askNotional": "0",
    "bidNotional": "60",
    "notionalValue": "99227.28611496",
    "markPrice": "74050.21351863",
    "leverage": 1,
    "isolated": False,
    "isolatedWallet": "0",
    "adl": 1,
    "positionSide": "BOTH",
    "marginValue": "99227.28611496",
}
BALANCE: dict[str, Any] = {
    "address": ADDRESS,
    "accountPrivacy": "disabled",
    "perpAssets": [
        {"asset": "USD1", "walletBalance": 200.00000000},
        {"asset": "USDT", "walletBalance": 9049204461.84438644},
    ],
    "positions": [{"tradingProduct": "perps", "positions": [POSITION]}],
}
FILL: dict[str, Any] = {"symbol": "BTCUSDT", "side": "SELL", "price": "70658.6", "qty": "1.340", "time": 1774084612000}
PREMIUM: dict[str, Any] = {
    "symbol": "BTCUSDT",
    "markPrice": "106729.84047826",
    "indexPrice": "106775.72673913",
    "estimatedSettlePrice": "106708.84997006",
    "lastFundingRate": "0.00010000",
    "interestRate": "0.00010000",
    "nextFundingTime": 1750147200000,
    "time": 1750146970000,
}
INTERVAL: dict[str, Any] = {"symbol": "BTCUSDT", "interestRate": "0.00010000", "time": 1756197479000, "fundingIntervalHours": 8}


class Aster(Server):
    """The RPC and the market data at one address: one account, one market."""

    def __init__(self) -> None:
        super().__init__(self.answer)
        self.balance: dict[str, Any] = copy.deepcopy(BALANCE)
        self.fills: list[Any] = []
        self.klines: list[Any] = []
        self.error: dict[str, Any] | None = None
        self._answers: dict[str, Callable[[Any], Any]] = {
            "aster_getBalance": lambda _: self._rpc(self.balance),
            "aster_userFills": lambda r: self._rpc({"fills": [f for f in self.fills if r["params"][2] <= f["time"]]}),
            "/fapi/v3/premiumIndex": lambda r: {**PREMIUM, "symbol": r["symbol"]},
            "/fapi/v3/fundingInfo": lambda _: [INTERVAL],
            "/fapi/v3/klines": lambda r: [k for k in self.klines if int(r["startTime"]) <= k[0] <= int(r["endTime"])],
            "/fapi/v3/depth": lambda _: {"lastUpdateId": 1, "bids": [["74049", "1.5"]], "asks": [["74051", "2"]]},
        }

    def _rpc(self, result: Any) -> dict[str, Any]:
        if self.error is not None:
            return {"id": 1, "jsonrpc": "2.0", "error": self.error}
        return {"id": 1, "jsonrpc": "2.0", "result": {"address": ADDRESS, "accountPrivacy": "disabled", **result}}

    def count(self, kind: str) -> int:
        return sum(request["type"] == kind for request in self.asked)

    def answer(self, request: Any) -> Any:
        return self._answers[request["type"]](request)

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Aster"]:
        async with self.serve("/{tail:(info|fapi/.*)}"):
            yield self
