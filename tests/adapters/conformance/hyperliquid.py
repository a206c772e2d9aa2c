"""Hyperliquid against its emulator, over real HTTP."""

import copy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from adlwatch.adapters.base import Context
from adlwatch.adapters.hyperliquid import KIND, HyperliquidOptions
from adlwatch.adapters.hyperliquid.shared import Shared
from tests.adapters.conformance.harness import RETRY_AFTER, Case, Harness
from tests.adapters.emulators.hyperliquid import ADDRESS, STATE, Hyperliquid, empty
from tests.adapters.emulators.server import CUT, HANG, HTML, NOTHING, NULL, OVERSIZE, SERVER_ERROR, Fault

NOW = datetime(2024, 2, 22, 17, 20, tzinfo=UTC)
FAULTS = {
    Case.RATE_LIMITED: {"*": Fault(status=429, headers={"Retry-After": f"{RETRY_AFTER:g}"})},
    Case.SERVER_ERROR: {"*": SERVER_ERROR},
    Case.TIMEOUT: {"*": HANG},
    Case.HANG: {"*": HANG},
    Case.TRUNCATED: {"*": CUT},
    Case.HTML: {"*": HTML},
    Case.NULL: {"*": NULL},
    Case.EMPTY_BODY: {"*": NOTHING},
    Case.OVERSIZE: {"*": OVERSIZE},
    Case.REDIRECT: {"*": Fault(status=307, headers={"Location": "/elsewhere"})},
}


@asynccontextmanager
async def hyperliquid(_: Path) -> AsyncIterator[Harness]:
    async with Hyperliquid().open() as venue:
        shared: dict[str, Shared] = {}
        options = HyperliquidOptions(address=ADDRESS, api_url=venue.url, timeout=0.5)
        adapter = KIND.create("desk", options, Context(lambda: NOW, shared))
        (common,) = shared.values()

        def show(case: Case) -> None:
            venue.faults = FAULTS.get(case, {})
            state = copy.deepcopy(STATE)
            if case is Case.PARTIAL:
                state["assetPositions"] = []
            if case is Case.UNKNOWN_ENUM:
                state["assetPositions"][0]["position"]["leverage"]["type"] = "portfolio"
            venue.states[ADDRESS, ""] = empty(state) if case is Case.EMPTY else state
            common.http._timeout = 0.02 if case is Case.TIMEOUT else 30.0

        def forgive() -> None:
            common.http.limiter._banned_until = 0.0

        yield Harness(
            adapter,
            show,
            not_applicable={Case.REFUSED: "it is read by public address: there are no credentials"},
            waiting=venue.hanging,
            forgive=forgive,
            # Counted where a request leaves: one that was under way beside the refused one may arrive at any later moment.
            asked=lambda: round(common.http.limiter.used()),
            led_astray=lambda: venue.redirected,
        )
        await adapter.close()
