from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest_asyncio

from adlwatch.adapters.base import Context
from adlwatch.adapters.hyperliquid import KIND, HyperliquidOptions
from adlwatch.adapters.hyperliquid.shared import Shared
from adlwatch.adapters.hyperliquid.source import HyperliquidSource
from adlwatch.domain.reading import Reading
from tests.adapters.emulators.hyperliquid import ADDRESS, Hyperliquid


@dataclass
class Desk:
    """Sources of one run against one emulated venue, at a time the test moves."""

    venue: Hyperliquid
    context: Context
    now: list[datetime]

    def source(self, name: str = "desk", address: str = ADDRESS, **options: Any) -> HyperliquidSource:
        made = KIND.create(
            name, HyperliquidOptions(address=address, api_url=self.venue.url, stream=False, **options), self.context
        )
        assert isinstance(made, HyperliquidSource)
        return made

    @property
    def shared(self) -> Shared:
        (found,) = self.context.shared.values()
        assert isinstance(found, Shared)
        return found

    async def after(self, seconds: float, source: HyperliquidSource) -> Reading:
        """The reading some time later; requests before it are forgotten."""
        self.venue.asked.clear()
        self.now[0] += timedelta(seconds=seconds)
        return await source.fetch()


@pytest_asyncio.fixture
async def desk() -> AsyncIterator[Desk]:
    now = [datetime(2024, 2, 22, 17, 20, tzinfo=UTC)]
    async with Hyperliquid().open() as venue:
        made = Desk(venue, Context(lambda: now[0], {}), now)
        yield made
        for shared in made.context.shared.values():
            await shared.http.close()
