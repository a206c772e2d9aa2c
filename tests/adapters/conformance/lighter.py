"""Lighter against its emulator, over real HTTP."""

import copy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from adlwatch.adapters.base import Context
from adlwatch.adapters.lighter import KIND, LighterOptions
from adlwatch.adapters.lighter.shared import LighterShared
from tests.adapters.conformance.faults import keyless
from tests.adapters.conformance.harness import Case, Harness
from tests.adapters.emulators.lighter import ACCOUNT, ADDRESS, Lighter

NOW = datetime(2026, 1, 6, 12, tzinfo=UTC)


@asynccontextmanager
async def lighter(_: Path) -> AsyncIterator[Harness]:
    async with Lighter().open() as venue:
        shared: dict[str, LighterShared] = {}
        options = LighterOptions(address=ADDRESS, api_url=venue.url, timeout=0.5)
        adapter = KIND.create("desk", options, Context(lambda: NOW, shared))
        (common,) = shared.values()

        def behave(case: Case) -> None:
            account = copy.deepcopy(ACCOUNT)
            if case is Case.EMPTY:
                account |= {"positions": [], "cross_asset_value": account["collateral"]}
            if case is Case.PARTIAL:
                del account["positions"]
            if case is Case.UNKNOWN_ENUM:
                account["positions"][0]["margin_mode"] = 7
            venue.accounts = [account]

        yield keyless(venue, adapter, common, behave)
        await adapter.close()
