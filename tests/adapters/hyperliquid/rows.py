"""Rows of replies in the documented shapes, with the values a test cares about."""

from typing import Any

from tests.adapters.emulators.hyperliquid import ADL_FILL, OPENING_FILL


def position(coin: str, size: float, entry: float, mark: float, **fields: Any) -> dict[str, Any]:
    """A cross position unless `fields` say otherwise."""
    return {
        "position": {
            "coin": coin,
            "szi": str(size),
            "entryPx": str(entry),
            "positionValue": str(abs(size) * mark),
            "unrealizedPnl": str(size * (mark - entry)),
            "marginUsed": str(abs(size) * mark / 10),
            "returnOnEquity": "0.0",
            "leverage": {"type": "cross", "value": 10},
            "liquidationPx": None,
            "maxLeverage": 25,
            "cumFunding": {"allTime": "0.0", "sinceChange": "0.0", "sinceOpen": "0.0"},
            **fields,
        },
        "type": "oneWay",
    }


def state(*rows: dict[str, Any], equity: float = 1000.0, maintenance: float = 0.0, time: int = 1708622398623) -> dict[str, Any]:
    """A state that its rows add up to."""
    total = sum(float(row["position"]["positionValue"]) for row in rows)
    summary = {"accountValue": str(equity), "totalMarginUsed": "0.0", "totalNtlPos": str(total), "totalRawUsd": "0.0"}
    return {
        "assetPositions": list(rows),
        "crossMaintenanceMarginUsed": str(maintenance),
        "crossMarginSummary": summary,
        "marginSummary": summary,
        "time": time,
        "withdrawable": "0.0",
    }


def balance(coin: str, token: int | None, total: float) -> dict[str, Any]:
    row = {"coin": coin, "token": token, "hold": "0.0", "total": str(total), "entryNtl": "0.0"}
    return {key: value for key, value in row.items() if value is not None}


def market(name: str, mark: float, **fields: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """A row of the universe and its context."""
    context = {"markPx": str(mark), "oraclePx": str(mark), "funding": "0.0000125", "openInterest": "100.0", **fields}
    return {"name": name, "szDecimals": 2, "maxLeverage": 20}, context


def markets(*rows: tuple[dict[str, Any], dict[str, Any]], token: int = 0) -> list[Any]:
    return [{"universe": [asset for asset, _ in rows], "collateralToken": token}, [context for _, context in rows]]


def candle(start: int, minutes: int, close: float, volume: float = 1.0) -> dict[str, Any]:
    end = start + minutes * 60_000 - 1
    return {
        "t": start,
        "T": end,
        "o": str(close),
        "h": str(close + 1),
        "l": str(close - 1),
        "c": str(close),
        "v": str(volume),
        "n": 1,
    }


def fill(**fields: Any) -> dict[str, Any]:
    return {**OPENING_FILL, **fields}


def adl(**fields: Any) -> dict[str, Any]:
    return {**ADL_FILL, **fields}
