"""Decode 1,000 Binance positions from bytes, with our types and with ccxt's own parse, in one run; prints the ratio.

The figure in the README is the ratio; the milliseconds depend on the machine. Needs ccxt.
"""

import gc
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from adlwatch.adapters.ccxt.decode import decoder
from adlwatch.adapters.ccxt.venues.binance import parse
from adlwatch.adapters.ccxt.venues.binance.types import RiskRow

ROWS = 1_000
ROUNDS = 15


def document() -> bytes:
    """A positionRisk v3 reply as documented, with 1,000 distinct symbols."""
    row = {
        "symbol": "", "positionSide": "BOTH", "positionAmt": "5", "entryPrice": "2.3483", "breakEvenPrice": "2.349356735",
        "markPrice": "2.39560000", "unRealizedProfit": "0.23650000", "liquidationPrice": "0", "isolatedMargin": "0",
        "notional": "11.97800000", "marginAsset": "USDT", "isolatedWallet": "0", "initialMargin": "2.39560000",
        "maintMargin": "0.07186800", "positionInitialMargin": "2.39560000", "openOrderInitialMargin": "0", "adl": 2,
        "bidNotional": "0", "askNotional": "0", "updateTime": 1722062678998,
    }  # fmt: skip
    return json.dumps([{**row, "symbol": f"C{i}USDT"} for i in range(ROWS)]).encode()


def with_ccxt(exchange: Any) -> Callable[[bytes], int]:
    """What fetch_positions does with the same bytes once the markets are loaded."""
    markets = [
        exchange.safe_market_structure(
            {"id": f"C{i}USDT", "symbol": f"C{i}/USDT:USDT", "base": f"C{i}", "quote": "USDT", "settle": "USDT", "type": "swap",
             "spot": False, "swap": True, "contract": True, "linear": True, "inverse": False, "contractSize": 1.0, "active": True,
             "precision": {"amount": 0.001, "price": 0.0001}}
        )
        for i in range(ROWS)
    ]  # fmt: skip
    exchange.set_markets(markets)
    exchange.options["leverageBrackets"] = {m["symbol"]: [["0", "0.01"]] for m in markets}

    def parse_all(body: bytes) -> int:
        return len([exchange.parse_position_risk(row) for row in json.loads(body)])

    return parse_all


def ours(body: bytes) -> int:
    """The same bytes into our positions."""
    rows = decoder(list[RiskRow]).decode(body)
    return len(parse.usdm_positions(rows, parse.Around("account", datetime(2026, 1, 1, tzinfo=UTC))))


def best(parsers: tuple[Callable[[bytes], int], ...], body: bytes) -> list[float]:
    """CPU milliseconds of each parser's fastest round; rounds take turns, so that a busy machine slows all alike."""
    times: list[list[float]] = [[] for _ in parsers]
    for _ in range(ROUNDS):
        for parse_all, spent in zip(parsers, times, strict=True):
            gc.collect()
            started = time.process_time()
            if parse_all(body) != ROWS:
                raise ValueError("a position got lost")
            spent.append((time.process_time() - started) * 1000)
    return [min(spent) for spent in times]


def main() -> None:
    body = document()
    theirs, mine = best((with_ccxt(import_module("ccxt.async_support").binanceusdm()), ours), body)
    size = f"{ROWS} positions, {len(body) / 1000:.0f} kB"
    print(f"{size}: adlwatch {mine:.2f} ms, ccxt {theirs:.1f} ms, {theirs / mine:.1f} times faster")


if __name__ == "__main__":
    main()
