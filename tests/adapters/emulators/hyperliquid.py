"""Hyperliquid's `/info` on the loopback interface, with the replies its documentation shows.

Every document below is transcribed from
https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/info-endpoint (and its pages `perpetuals` and `spot`),
apart from the ADL fill, which is a real one of 10 October 2025 (block 758800641 of `node_fills_by_block`, quoted in
https://github.com/ConejoCapital/HyperMultiAssetedADL, docs). Weights are the documented ones.
"""

import copy
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from tests.adapters.emulators.server import Server

ADDRESS = "0x31ca8395cf837de08b24da3f660e77761dfb974b"
STATE: dict[str, Any] = {
    "assetPositions": [
        {
            "position": {
                "coin": "ETH",
                "cumFunding": {"allTime": "514.085417", "sinceChange": "0.0", "sinceOpen": "0.0"},
                "entryPx": "2986.3",
                "leverage": {"rawUsd": "-95.059824", "type": "isolated", "value": 20},
                "liquidationPx": "2866.26936529",
                "marginUsed": "4.967826",
                "maxLeverage": 50,
                "positionValue": "100.02765",
                "returnOnEquity": "-0.0026789",
                "szi": "0.0335",
                "unrealizedPnl": "-0.0134",
            },
            "type": "oneWay",
        }
    ],
    "crossMaintenanceMarginUsed": "0.0",
    "crossMarginSummary": {
        "accountValue": "13104.514502",
        "totalMarginUsed": "0.0",
        "totalNtlPos": "0.0",
        "totalRawUsd": "13104.514502",
    },
    "marginSummary": {
        "accountValue": "13109.482328",
        "totalMarginUsed": "4.967826",
        "totalNtlPos": "100.02765",
        "totalRawUsd": "13009.454678",
    },
    "time": 1708622398623,
    "withdrawable": "13104.514502",
}
SPOT: dict[str, Any] = {
    "balances": [
        {"coin": "USDC", "token": 0, "hold": "0.0", "total": "14.625485", "entryNtl": "0.0"},
        {"coin": "PURR", "token": 1, "hold": "0", "total": "2000", "entryNtl": "1234.56"},
    ]
}
MARKETS: list[Any] = [
    {"universe": [{"name": "BTC", "szDecimals": 5, "maxLeverage": 50}, {"name": "ETH", "szDecimals": 4, "maxLeverage": 50}]},
    [
        {
            "dayNtlVlm": "1169046.29406",
            "funding": "0.0000125",
            "impactPxs": ["14.3047", "14.3444"],
            "markPx": "14.3161",
            "midPx": "14.314",
            "openInterest": "688.11",
            "oraclePx": "14.32",
            "premium": "0.00031774",
            "prevDayPx": "15.322",
        },
        {
            "dayNtlVlm": "1426126.295175",
            "funding": "0.0000125",
            "impactPxs": ["6.0386", "6.0562"],
            "markPx": "6.0436",
            "midPx": "6.0431",
            "openInterest": "1882.55",
            "oraclePx": "6.0457",
            "premium": "0.00028119",
            "prevDayPx": "6.3611",
        },
    ],
]
DEXS: list[Any] = [
    None,
    {
        "name": "test",
        "fullName": "test dex",
        "deployer": "0x5e89b26d8d66da9888c835c9bfcc2aa51813e152",
        "oracleUpdater": None,
        "feeRecipient": None,
        "assetToStreamingOiCap": [["COIN1", "100000.0"], ["COIN2", "200000.0"]],
        "assetToFundingMultiplier": [["COIN1", "1.0"], ["COIN2", "2.0"]],
    },
]
CANDLE: dict[str, Any] = {
    "T": 1681924499999,
    "c": "29258.0",
    "h": "29309.0",
    "i": "15m",
    "l": "29250.0",
    "n": 189,
    "o": "29295.0",
    "s": "BTC",
    "t": 1681923600000,
    "v": "0.98639",
}
BOOK: dict[str, Any] = {
    "coin": "BTC",
    "time": 1754450974231,
    "levels": [
        [{"px": "113377.0", "sz": "7.6699", "n": 17}, {"px": "113376.0", "sz": "4.13714", "n": 8}],
        [{"px": "113397.0", "sz": "0.11543", "n": 3}],
    ],
}
OPENING_FILL: dict[str, Any] = {
    "closedPnl": "0.0",
    "coin": "AVAX",
    "crossed": False,
    "dir": "Open Long",
    "hash": "0xa166e3fa63c25663024b03f2e0da011a00307e4017465df020210d3d432e7cb8",
    "oid": 90542681,
    "px": "18.435",
    "side": "B",
    "startPosition": "26.86",
    "sz": "93.53",
    "time": 1681222254710,
    "fee": "0.01",
    "feeToken": "USDC",
    "builderFee": "0.01",
    "tid": 118906512037719,
}
ADL_FILL: dict[str, Any] = {
    "coin": "AVAX",
    "px": "22.075",
    "sz": "28.53",
    "side": "B",
    "time": 1760130964831,
    "startPosition": "-28.53",
    "dir": "Auto-Deleveraging",
    "closedPnl": "194.275035",
    "hash": "0x922ada1583e0175a93a4042d3a6101010100f1fb1ee3362c35f3856842e3f145",
    "oid": 194018286846,
    "crossed": True,
    "fee": "0.0",
    "tid": 771334864158847,
    "liquidation": {
        "liquidatedUser": "0x2e3d94f0562703b25c83308a05046ddaf9a8dd14",
        "markPx": "22.025",
        "method": "backstop",
    },
    "feeToken": "USDC",
}
WEIGHTS = {"clearinghouseState": 2, "spotClearinghouseState": 2, "l2Book": 2, "userRole": 60}
OTHER_WEIGHT = 20


def empty(state: dict[str, Any] | None = None) -> dict[str, Any]:
    """The documented state of an address without positions, as new addresses answer it."""
    flat = copy.deepcopy(state or STATE)
    flat["assetPositions"] = []
    for summary in ("marginSummary", "crossMarginSummary"):
        flat[summary] = dict.fromkeys(flat[summary], "0.0")
    return flat


class Hyperliquid(Server):
    """The venue: `states` by (address, dex), one spot account, and everything public."""

    def __init__(self) -> None:
        super().__init__(self.answer)
        self.states: dict[tuple[str, str], Any] = {(ADDRESS, ""): copy.deepcopy(STATE)}
        self.spot: Any = copy.deepcopy(SPOT)
        self.mode: Any = "disabled"
        self.role: Any = {"role": "user"}
        self.markets: dict[str, Any] = {"": copy.deepcopy(MARKETS), "test": [{"universe": [], "collateralToken": 0}, []]}
        self.dexs: Any = copy.deepcopy(DEXS)
        self.tokens: Any = {"tokens": [{"name": "USDC", "index": 0}, {"name": "PURR", "index": 1}], "universe": []}
        self.fills: list[Any] = []
        self.page = 2000
        self.candles: list[Any] = []
        self._answers: dict[str, Callable[[Any], Any]] = {
            "clearinghouseState": lambda r: self.states.get((r["user"], r.get("dex", ""))) or empty(),
            "spotClearinghouseState": lambda r: self.spot,
            "userAbstraction": lambda r: self.mode,
            "metaAndAssetCtxs": lambda r: self.markets.get(r.get("dex", "")),
            "userRole": lambda r: self.role,
            "perpDexs": lambda r: self.dexs,
            "spotMeta": lambda r: self.tokens,
            "l2Book": lambda r: BOOK,
            "candleSnapshot": self._candles,
            "userFillsByTime": lambda r: [fill for fill in self.fills if fill["time"] >= r["startTime"]][: self.page],
        }

    @property
    def weight(self) -> float:
        """What the requests so far cost, apart from the surcharge for long lists."""
        return sum(WEIGHTS.get(request["type"], OTHER_WEIGHT) for request in self.asked)

    def count(self, kind: str) -> int:
        return sum(request["type"] == kind for request in self.asked)

    def answer(self, request: Any) -> Any:
        return self._answers[request["type"]](request)

    def _candles(self, request: Any) -> Any:
        req = request["req"]
        width = {"1h": 3_600_000, "5m": 300_000}[req["interval"]]
        return [c for c in self.candles if c["T"] - c["t"] + 1 == width and req["startTime"] <= c["t"] <= req["endTime"]]

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Hyperliquid"]:
        async with self.serve("/info"):
            yield self
