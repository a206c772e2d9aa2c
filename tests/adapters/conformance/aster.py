"""Aster against its emulator, over real HTTP."""

import copy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from adlwatch.adapters.aster import KIND, AsterOptions
from adlwatch.adapters.aster.shared import AsterShared
from adlwatch.adapters.base import Context
from tests.adapters.conformance.faults import keyless
from tests.adapters.conformance.harness import Case, Harness
from tests.adapters.emulators.aster import ADDRESS, BALANCE, Aster

NOW = datetime(2026, 3, 21, 12, tzinfo=UTC)


@asynccontextmanager
async def aster(_: Path) -> AsyncIterator[Harness]:
    async with Aster().open() as venue:
        shared: dict[str, AsterShared] = {}
        options = AsterOptions(address=ADDRESS, api_url=venue.url, market_url=venue.url, timeout=0.5)
        adapter = KIND.create("desk", options, Context(lambda: NOW, shared))
        (common,) = shared.values()

        def behave(case: Case) -> None:
            balance = copy.deepcopy(BALANCE)
            if case is Case.EMPTY:
                balance["positions"] = []
            if case is Case.PARTIAL:
                del balance["positions"]
            if case is Case.UNKNOWN_ENUM:
                balance["positions"][0]["positions"][0]["positionSide"] = "SIDEWAYS"
            venue.balance = balance

        yield keyless(venue, adapter, common, behave)
        await adapter.close()
