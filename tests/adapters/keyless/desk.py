"""Sources of one run against one emulated venue, at a time the test moves."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec

from adlwatch.adapters.base import Adapter, Context, Kind
from adlwatch.domain.reading import Reading
from tests.adapters.emulators.server import Server

V = TypeVar("V", bound=Server)
SAMPLES = Path(__file__).parents[4] / "shared" / "venue-samples"


@dataclass
class Desk(Generic[V]):
    venue: V
    kind: Kind
    options: dict[str, Any]
    """What every source of the test has."""
    now: datetime
    shared: dict[str, Any] = field(default_factory=dict)

    def source(self, name: str = "desk", before: Reading | None = None, **options: Any) -> Adapter:
        table = {**self.options, "api_url": self.venue.url, **options}
        context = Context(lambda: self.now, self.shared, before={name: before} if before is not None else {})
        return self.kind.create(name, msgspec.convert(table, self.kind.options), context)

    async def first(self, *, restarted: bool) -> Adapter:
        """A source that has answered once; `restarted`: in an earlier run."""
        source = self.source()
        reading = await source.fetch()
        return self.source(before=msgspec.json.decode(msgspec.json.encode(reading), type=Reading)) if restarted else source

    async def after(self, seconds: float, source: Adapter) -> Reading:
        """The reading some time later; requests before it are forgotten."""
        self.venue.asked.clear()
        self.now += timedelta(seconds=seconds)
        return await source.fetch()

    async def close(self) -> None:
        for common in self.shared.values():
            await common.http.close()


def samples(exchange: str, *methods: str) -> list[Any]:
    """The sample documents of ccxt's source, where they lie beside the repository."""
    rows = json.loads((SAMPLES / f"{exchange}.json").read_text())["samples"]
    return [row["sample"] for row in rows if row["method"] in methods]
