"""Binance through the real, guarded ccxt client, against the loopback emulator of tests/adapters/ccxt."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, web

from adlwatch.adapters.base import Context
from adlwatch.adapters.ccxt.meters import Meters
from adlwatch.adapters.ccxt.options import CcxtOptions, build
from adlwatch.adapters.ccxt.venues import find
from tests.adapters.ccxt.conftest import KEY, SECRET, Asked, Emulator
from tests.adapters.conformance.harness import RETRY_AFTER, Case, Harness

RISK = "/fapi/v3/positionRisk"
# https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api/Position-Information-V3
POSITION: dict[str, Any] = {
    "symbol": "ADAUSDT", "positionSide": "BOTH", "positionAmt": "30", "entryPrice": "0.385", "breakEvenPrice": "0.385077",
    "markPrice": "0.41047590", "unRealizedProfit": "0.76427700", "liquidationPrice": "0", "isolatedMargin": "0",
    "notional": "12.31427700", "marginAsset": "USDT", "isolatedWallet": "0", "initialMargin": "0.61571385",
    "maintMargin": "0.08004280", "positionInitialMargin": "0.61571385", "openOrderInitialMargin": "0", "adl": 2,
    "bidNotional": "0", "askNotional": "0", "updateTime": 1720736417660,
}  # fmt: skip
FAULTS: dict[Case, tuple[str, dict[str, Any]]] = {
    Case.PARTIAL: ("/fapi/v3/account", {"status": 503}),
    Case.RATE_LIMITED: (RISK, {"status": 429, "headers": {"Retry-After": f"{RETRY_AFTER:g}"}}),
    Case.REFUSED: (RISK, {"status": 401, "body": b'{"code":-2015,"msg":"Invalid API-key, IP, or permissions."}'}),
    Case.SERVER_ERROR: (RISK, {"status": 503}),
    Case.TRUNCATED: (RISK, {"body": b'[{"symbol": "ADAUSDT", "positionAmt": "30'}),
    Case.HTML: (RISK, {"body": b"<!DOCTYPE html><html></html>"}),
    Case.NULL: (RISK, {"body": b"null"}),
    Case.EMPTY_BODY: (RISK, {"body": b""}),
    Case.OVERSIZE: (RISK, {"body": b" " * (33 * 1024 * 1024)}),
    Case.REDIRECT: (RISK, {"status": 307, "headers": {"Location": "/elsewhere"}}),
}


NOTHING = (
    *("/fapi/v3/balance", "/fapi/v1/forceOrders", "/fapi/v1/userTrades", "/fapi/v1/fundingInfo"),
    *("/fapi/v1/premiumIndex", "/fapi/v1/symbolAdlRisk", "/fapi/v1/insuranceBalance", "/fapi/v1/adlQuantile"),
)


class Venue(Emulator):
    """The emulator with what one account's reading needs; it tells when the positions are asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.positions: list[Any] = [POSITION]
        self.reached = asyncio.Event()
        self.astray = 0
        self.silent = False
        self.over = asyncio.Event()
        self.routes = {path: [] for path in NOTHING}
        self.routes |= {
            "/fapi/v1/time": lambda _: {"serverTime": self.now_ms()},
            "/sapi/v1/account/apiRestrictions": {"enableReading": True},
            "/fapi/v3/account": {"totalMarginBalance": "103.1", "totalWalletBalance": "102.3", "totalMaintMargin": "0.08"},
            "/fapi/v1/symbolConfig": [{"symbol": "ADAUSDT", "marginType": "CROSSED", "leverage": 20}],
            RISK: self._risk,
        }

    def _risk(self, _: Asked) -> list[Any]:
        return self.positions

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if self.silent and RISK in request.path:
            self.reached.set()
            await self.over.wait()
        self.astray += "elsewhere" in request.path
        return await super().answer(request)


@asynccontextmanager
async def served() -> AsyncIterator[Venue]:
    venue = Venue()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", venue.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    venue.port = runner.addresses[0][1]
    try:
        yield venue
    finally:
        venue.over.set()
        await runner.cleanup()


def reference(folder: Path, name: str, secret: str) -> str:
    path = folder / name
    path.write_text(secret)
    path.chmod(0o600)
    return f"file:{path}"


@asynccontextmanager
async def binance(folder: Path) -> AsyncIterator[Harness]:
    async with served() as venue:
        shared: dict[str, Any] = {}
        options = CcxtOptions(
            api_key=reference(folder, "key", KEY),
            secret=reference(folder, "secret", SECRET),
            lines=("usdm",),
            request_timeout=30.0,
        )
        context = Context(lambda: datetime.fromtimestamp(time.time(), UTC), shared)
        adapter = build("desk", find("binance"), options, context, reroute=venue.reroute)

        old: list[ClientSession | None] = []

        def show(case: Case) -> None:
            venue.faults.clear()
            if case in FAULTS:
                path, how = FAULTS[case]
                venue.fail(path, **how)
            row = {**POSITION, "positionSide": "SIDEWAYS"} if case is Case.UNKNOWN_ENUM else POSITION
            venue.positions = [] if case is Case.EMPTY else [row]
            venue.silent = case in {Case.TIMEOUT, Case.HANG}
            adapter._client._door._timeout = 0.05 if case is Case.TIMEOUT else 30.0
            old.append(adapter._client._door._session)  # its deadline was fixed when it was opened
            adapter._client._door._session = None

        def forgive() -> None:
            meters = shared["ccxt.meters.binance"]
            assert isinstance(meters, Meters)
            for limiter in meters.limiters.values():
                limiter._banned_until = 0.0

        yield Harness(
            adapter,
            show,
            waiting=venue.reached,
            forgive=forgive,
            asked=lambda: len(venue.asked),
            led_astray=lambda: venue.astray,
        )
        await adapter.close()
        for session in filter(None, old):
            await session.close()
