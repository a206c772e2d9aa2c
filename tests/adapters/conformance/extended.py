"""Extended against its emulator, over real HTTP."""

import copy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from adlwatch.adapters.base import Context
from adlwatch.adapters.extended import KIND, ExtendedOptions
from adlwatch.adapters.extended.options import TypedPosition
from adlwatch.adapters.extended.shared import ExtendedShared
from tests.adapters.conformance.faults import keyless
from tests.adapters.conformance.harness import Case, Harness
from tests.adapters.emulators.extended import MARKET, Extended

NOW = datetime(2026, 4, 29, 6, tzinfo=UTC)
TYPED = TypedPosition(market="BTC-USD", side="long", size=0.1, entry_price=70000.0)


@asynccontextmanager
async def extended(_: Path) -> AsyncIterator[Harness]:
    async with Extended().open() as venue:
        shared: dict[str, ExtendedShared] = {}
        options = ExtendedOptions(positions=(TYPED,), balance=1000.0, api_url=venue.url, timeout=0.5)
        adapter = KIND.create("desk", options, Context(lambda: NOW, shared))
        (common,) = shared.values()

        def behave(case: Case) -> None:
            market = copy.deepcopy(MARKET)
            venue.whole = {"status": "MAINTENANCE", "data": [market]} if case is Case.UNKNOWN_ENUM else None
            venue.markets = [] if case is Case.PARTIAL else [market]

        harness = keyless(venue, adapter, common, behave)
        typed = "positions are typed in: the venue cannot show an account without any"
        yield replace(harness, not_applicable={**harness.not_applicable, Case.EMPTY: typed})
        await adapter.close()
