"""Extended's public API on the loopback interface.

The market is the sample that ccxt 4.5.90 quotes from the venue (ccxt/async_support/extended.py, `fetch_markets`, MIT, (c) 2024
Igor Kroitor), without the fields that nobody here could read; candles and the order book have the shapes quoted there.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.adapters.emulators.server import Server

LEVELS: dict[str, Any] = {
    "shortPositions": [
        {"level": 1, "rankingLowerBound": "-815.7788"},
        {"level": 2, "rankingLowerBound": "-2.1328"},
        {"level": 3, "rankingLowerBound": "-0.9297"},
        {"level": 4, "rankingLowerBound": "0.0000"},
    ],
    "longPositions": [
        {"level": 1, "rankingLowerBound": "-47234.9095"},
        {"level": 2, "rankingLowerBound": "-0.0030"},
        {"level": 3, "rankingLowerBound": "0.0020"},
        {"level": 4, "rankingLowerBound": "0.0033"},
    ],
}
STATS: dict[str, Any] = {
    "dailyVolume": "231016077.512960",
    "dailyVolumeBase": "3025.00058",
    "dailyPriceChange": "420",
    "dailyPriceChangePercentage": "0.0055",
    "dailyLow": "75635",
    "dailyHigh": "77399",
    "lastPrice": "77259",
    "askPrice": "77260",
    "bidPrice": "77259",
    "markPrice": "77259.680250000004",
    "indexPrice": "77299.020412500001",
    "fundingRate": "0.000013",
    "nextFundingRate": 1777442400000,
    "openInterest": "115861923.311902",
    "openInterestBase": "1500.40958",
    "deleverageLevels": LEVELS,
}
MARKET: dict[str, Any] = {
    "name": "BTC-USD",
    "category": "Crypto",
    "assetName": "BTC",
    "collateralAssetName": "USD",
    "active": True,
    "status": "ACTIVE",
    "marketStats": STATS,
    "tradingConfig": {
        "maxLeverage": "50.00",
        "riskFactorConfig": [{"upperBound": "4000000", "riskFactor": "0.02", "isAvailableForUsers": True}],
    },
}
CANDLE: dict[str, Any] = {"o": "75657.5", "l": "75657.5", "h": "75657.5", "c": "75657.5", "v": "3", "T": 1777517880000}
BOOK: dict[str, Any] = {
    "market": "BTC-USD",
    "bid": [{"qty": "14.46084", "price": "76214"}],
    "ask": [{"qty": "0.11585", "price": "76215"}],
}


class Extended(Server):
    """The venue: some markets, all with the same depth and candle."""

    def __init__(self) -> None:
        super().__init__(self.answer)
        self.markets: list[Any] = [MARKET]
        self.whole: Any = None
        """In place of the usual reply to `info/markets`."""

    def answer(self, request: Any) -> Any:
        kind = request["type"].removeprefix("/api/v1/info/").split("/")
        match kind:
            case ["markets"]:
                return self.whole or {"status": "OK", "data": self.markets}
            case ["candles", _, "trades"]:
                return {"status": "OK", "data": [CANDLE] if request["interval"] == "PT5M" else []}
            case ["markets", _, "orderbook"]:
                return {"status": "OK", "data": BOOK}
        raise AssertionError(kind)

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Extended"]:
        async with self.serve("/api/v1/{tail:.*}"):
            yield self
