"""dYdX against its emulated indexer, over real HTTP."""

import copy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from adlwatch.adapters.base import Context
from adlwatch.adapters.dydx import KIND, DydxOptions
from adlwatch.adapters.dydx.shared import DydxShared
from tests.adapters.conformance.faults import keyless
from tests.adapters.conformance.harness import Case, Harness
from tests.adapters.emulators.dydx import ADDRESS, SUBACCOUNT, Dydx, empty

NOW = datetime(2025, 10, 22, 12, 0, 1, tzinfo=UTC)


@asynccontextmanager
async def dydx(_: Path) -> AsyncIterator[Harness]:
    async with Dydx().open() as venue:
        shared: dict[str, DydxShared] = {}
        adapter = KIND.create("desk", DydxOptions(address=ADDRESS, api_url=venue.url, timeout=0.5), Context(lambda: NOW, shared))
        (common,) = shared.values()

        def behave(case: Case) -> None:
            state = empty() if case is Case.EMPTY else copy.deepcopy(SUBACCOUNT)
            if case is Case.PARTIAL:
                state["openPerpetualPositions"].pop("BTC-USD")
            if case is Case.UNKNOWN_ENUM:
                state["openPerpetualPositions"]["BTC-USD"]["side"] = "SIDEWAYS"
            venue.subaccounts = [state]

        yield keyless(venue, adapter, common, behave)
        await adapter.close()
