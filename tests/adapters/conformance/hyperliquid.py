"""Hyperliquid against its emulator, over real HTTP."""

import copy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from adlwatch.adapters.base import Context
from adlwatch.adapters.hyperliquid import KIND, HyperliquidOptions
from adlwatch.adapters.hyperliquid.shared import Shared
from tests.adapters.conformance.faults import keyless
from tests.adapters.conformance.harness import Case, Harness
from tests.adapters.emulators.hyperliquid import ADDRESS, STATE, Hyperliquid, empty

NOW = datetime(2024, 2, 22, 17, 20, tzinfo=UTC)


@asynccontextmanager
async def hyperliquid(_: Path) -> AsyncIterator[Harness]:
    async with Hyperliquid().open() as venue:
        shared: dict[str, Shared] = {}
        options = HyperliquidOptions(address=ADDRESS, api_url=venue.url, timeout=0.5, stream=False)
        adapter = KIND.create("desk", options, Context(lambda: NOW, shared))
        (common,) = shared.values()

        def behave(case: Case) -> None:
            state = copy.deepcopy(STATE)
            if case is Case.PARTIAL:
                state["assetPositions"] = []
            if case is Case.UNKNOWN_ENUM:
                state["assetPositions"][0]["position"]["leverage"]["type"] = "portfolio"
            venue.states[ADDRESS, ""] = empty(state) if case is Case.EMPTY else state

        yield keyless(venue, adapter, common, behave)
        await adapter.close()
