"""A dYdX indexer on the loopback interface.

The address and its markets are samples that ccxt 4.5.90 quotes from the indexer (ccxt/async_support/dydx.py, `fetch_accounts`,
`fetch_balance`, `fetch_markets`, MIT, (c) 2024 Igor Kroitor). Height, fills, candles and books have the shapes of
https://docs.dydx.xyz/indexer-client/http, with values of our own.
"""

import copy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.adapters.emulators.server import Fault, Server

ADDRESS = "dydx14zzueazeh0hj67cghhf9jypslcf9sh2n5k6art"
SUBACCOUNT: dict[str, Any] = {
    "address": ADDRESS,
    "subaccountNumber": 0,
    "equity": "161451.040416029",
    "freeCollateral": "152508.28819133578",
    "openPerpetualPositions": {
        "ETH-USD": {
            "market": "ETH-USD",
            "status": "OPEN",
            "side": "LONG",
            "size": "0.001",
            "maxSize": "0.002",
            "entryPrice": "3894.7",
            "exitPrice": "3864.5",
            "realizedPnl": "-0.034847",
            "unrealizedPnl": "-0.044675155",
            "createdAt": "2025-10-22T08:34:05.883Z",
            "createdAtHeight": "52228825",
            "closedAt": None,
            "sumOpen": "0.002",
            "sumClose": "0.001",
            "netFunding": "-0.004647",
            "subaccountNumber": 0,
        },
        "BTC-USD": {
            "market": "BTC-USD",
            "status": "OPEN",
            "side": "SHORT",
            "size": "-4.1368",
            "maxSize": "-0.009",
            "entryPrice": "112196.87848803433219017636",
            "exitPrice": "113885.21872652924977050823",
            "realizedPnl": "-15180.426770788459736511679821",
            "unrealizedPnl": "17002.285719484425404321566048",
            "createdAt": "2025-07-14T07:53:55.631Z",
            "createdAtHeight": "44140908",
            "closedAt": None,
            "sumOpen": "5.3361",
            "sumClose": "1.1983",
            "netFunding": "-13157.288663",
            "subaccountNumber": 0,
        },
    },
    "assetPositions": {
        "USDC": {"size": "608580.951601", "symbol": "USDC", "side": "LONG", "assetId": "0", "subaccountNumber": 0}
    },
    "marginEnabled": True,
    "updatedAtHeight": "52228833",
    "latestProcessedBlockHeight": "52246761",
}
MARKET: dict[str, Any] = {
    "clobPairId": "0",
    "ticker": "BTC-USD",
    "status": "ACTIVE",
    "oraclePrice": "118976.5376",
    "priceChange24H": "659.9736",
    "volume24H": "1292729.3605",
    "trades24H": 9387,
    "nextFundingRate": "0",
    "initialMarginFraction": "0.02",
    "maintenanceMarginFraction": "0.012",
    "openInterest": "52.0691",
    "atomicResolution": -10,
    "quantumConversionExponent": -9,
    "tickSize": "1",
    "stepSize": "0.0001",
    "stepBaseQuantums": 1000000,
    "subticksPerTick": 100000,
    "marketType": "CROSS",
    "openInterestLowerCap": "0",
    "openInterestUpperCap": "0",
    "baseOpenInterest": "50.3776",
    "defaultFundingRate1H": "0",
}
HEIGHT = {"height": "52246761", "time": "2025-10-22T12:00:00.000Z"}
BOOK = {"bids": [{"price": "108080", "size": "0.5"}], "asks": [{"price": "108090", "size": "0.25"}]}


def empty() -> dict[str, Any]:
    """A sub-account with money and no position."""
    return {
        **SUBACCOUNT,
        "equity": "1000.5",
        "freeCollateral": "1000.5",
        "openPerpetualPositions": {},
        "assetPositions": {"USDC": {**SUBACCOUNT["assetPositions"]["USDC"], "size": "1000.5"}},
    }


def isolated(number: int = 128) -> dict[str, Any]:
    """A child sub-account: 1000 USDC of margin behind a short of 10 at 100, marked at 90."""
    row = {**SUBACCOUNT["openPerpetualPositions"]["BTC-USD"], "market": "SOL-USD", "size": "-10", "entryPrice": "100"}
    return {
        **SUBACCOUNT,
        "subaccountNumber": number,
        "equity": "1100",
        "openPerpetualPositions": {"SOL-USD": {**row, "unrealizedPnl": "100", "subaccountNumber": number}},
        "assetPositions": {"USDC": {**SUBACCOUNT["assetPositions"]["USDC"], "size": "2000"}},
    }


def fill(type_: str = "LIMIT", **fields: Any) -> dict[str, Any]:
    """An own fill of sub-account 0."""
    return {
        "id": "f1",
        "side": "BUY",
        "liquidity": "TAKER",
        "type": type_,
        "market": "BTC-USD",
        "marketType": "PERPETUAL",
        "price": "108000",
        "size": "1",
        "fee": "0",
        "affiliateRevShare": "0",
        "createdAt": "2025-10-22T12:00:01.000Z",
        "createdAtHeight": "52246762",
        "orderId": None,
        "clientMetadata": None,
        "subaccountNumber": 0,
        **fields,
    }


class Dydx(Server):
    """The indexer: one address with its sub-accounts, two markets, fills by sub-account."""

    def __init__(self) -> None:
        super().__init__(self.answer)
        self.subaccounts: list[Any] = [copy.deepcopy(SUBACCOUNT)]
        self.height: dict[str, Any] = dict(HEIGHT)
        self.markets: dict[str, Any] = {"BTC-USD": MARKET, "ETH-USD": {**MARKET, "ticker": "ETH-USD", "oraclePrice": "3850"}}
        self.fills: dict[int, list[Any]] = {}
        self.candles: list[Any] = []

    def count(self, path: str) -> int:
        return sum(request["type"].startswith(path) for request in self.asked)

    def answer(self, request: Any) -> Any:
        path = request["type"].removeprefix("/v4/")
        match path.split("/")[0]:
            case "addresses":
                known = path.endswith(ADDRESS)
                return {"subaccounts": self.subaccounts} if known else Fault(status=404, body=b'{"errors":[{"msg":"none"}]}')
            case "height":
                return self.height
            case "perpetualMarkets":
                return {"markets": self.markets}
            case "fills":
                return {"fills": self._fills(request)}
            case "candles":
                kept = [c for c in self.candles if c["resolution"] == request["resolution"]]
                return {"candles": [c for c in kept if request["fromISO"] <= c["startedAt"] <= request["toISO"]]}
            case "orderbooks":
                return BOOK
        raise AssertionError(path)

    def _fills(self, request: Any) -> list[Any]:
        rows = sorted(self.fills.get(int(request["subaccountNumber"]), []), key=lambda row: str(row["createdAt"]), reverse=True)
        before = request.get("createdBeforeOrAt", "9999")
        return [row for row in rows if row["createdAt"] <= before][: int(request["limit"])]

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Dydx"]:
        async with self.serve("/v4/{tail:.*}"):
            yield self
