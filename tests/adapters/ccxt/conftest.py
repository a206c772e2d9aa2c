"""A loopback exchange that the real, guarded ccxt client talks to: it checks signatures and the time, and fails on demand."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from adlwatch.adapters.base import Adapter, Context
from adlwatch.adapters.ccxt.adapter import CcxtAdapter
from adlwatch.adapters.ccxt.door import Door
from adlwatch.adapters.ccxt.options import CcxtOptions, build
from adlwatch.adapters.ccxt.venues import find
from adlwatch.domain.reading import Reading

KEY, SECRET, PASSWORD = "emulated-key", "emulated-secret", "emulated-password"


@dataclass
class Asked:
    """One request as it arrived; `host` is where it would have gone."""

    method: str
    host: str
    path: str
    query: str
    params: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass
class Fault:
    """How the next answer to a path goes wrong."""

    status: int = 200
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False
    hang: bool = False
    """Not answered before the test is over."""
    times: int = 1_000_000


Handler = Callable[[Asked], Any]


@dataclass
class Emulator:
    """Routes by path (the host is ignored but recorded); `check` refuses what a real venue would refuse."""

    routes: dict[str, Any] = field(default_factory=dict)
    check: Callable[["Emulator", Asked], tuple[int, Any] | None] = lambda _emulator, _asked: None
    faults: dict[str, Fault] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    ahead: float = 0.0
    """Seconds this venue's clock is ahead of the machine's."""
    port: int = 0
    doors: list[Door] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def now_ms(self) -> int:
        return int((time.time() + self.ahead) * 1000)

    def reroute(self, url: str) -> str:
        return f"http://127.0.0.1:{self.port}/{url.removeprefix('https://')}"

    def fail(self, path: str, **how: Any) -> None:
        """From now on answers to `path` ("*": to anything) go wrong as a `Fault` says."""
        self.faults[path] = Fault(**how)

    def door(self) -> Door:
        """A way to this emulator, closed with it."""
        self.doors.append(Door(2, self.reroute))
        return self.doors[-1]

    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        response = await self._answer(request)
        response.headers["Date"] = formatdate(time.time() + self.ahead, usegmt=True)
        return response

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        raw = request.raw_path.lstrip("/")
        host, _, rest = raw.partition("/")
        path, _, query = rest.partition("?")
        body = await request.read()
        asked = Asked(request.method, host, "/" + path, query, dict(request.query), dict(request.headers), body)
        self.asked.append(asked)
        fault = self.faults.get(asked.path) or self.faults.get("*")
        if fault is not None and fault.times > 0:
            return await self._fail(request, fault)
        refusal = self.check(self, asked)
        if refusal is not None:
            return web.json_response(refusal[1], status=refusal[0])
        route = self.routes.get(asked.path)
        if route is None:
            return web.json_response({"emulator": f"no route {asked.path}"}, status=404)
        document = route(asked) if callable(route) else route
        return web.Response(body=json.dumps(document).encode(), content_type="application/json")

    async def _fail(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        fault.times -= 1
        if fault.hang:
            await self.over.wait()
        if fault.drop:
            assert request.transport is not None
            request.transport.close()
        return web.Response(status=fault.status, body=fault.body or b"", headers=fault.headers)


@pytest_asyncio.fixture
async def emulator() -> AsyncIterator[Emulator]:
    """A running emulator without routes."""
    it = Emulator()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", it.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    it.port = runner.addresses[0][1]
    yield it
    it.over.set()
    for door in it.doors:
        await door.close()
    await runner.cleanup()


@dataclass
class Bench:
    """What a test needs to build adapters against one emulator."""

    emulator: Emulator
    shared: dict[str, Any] = field(default_factory=dict)
    closing: list[Adapter] = field(default_factory=list)
    ahead: float = 0.0
    """Seconds the tested program's clock has been moved on."""

    def clock(self) -> datetime:
        return datetime.fromtimestamp(time.time() + self.ahead, UTC)

    def adapter(self, venue: str, source: str = "acc", before: Reading | None = None, **options: Any) -> CcxtAdapter:
        declared = find(venue)
        references = {name: f"env:EMULATED_{name.upper()}" for name in declared.needs}
        chosen = CcxtOptions(**{**references, **options})
        context = Context(self.clock, self.shared, before={source: before} if before is not None else {})
        adapter = build(source, declared, chosen, context, reroute=self.emulator.reroute)
        self.closing.append(adapter)
        return adapter


@pytest_asyncio.fixture
async def bench(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    """Builds adapters with credentials in the environment, and closes them."""
    for name, value in (("API_KEY", KEY), ("SECRET", SECRET), ("PASSWORD", PASSWORD)):
        monkeypatch.setenv(f"EMULATED_{name}", value)
    it = Bench(emulator)
    yield it
    for adapter in it.closing:
        await adapter.close()


@pytest.fixture
def samples() -> Callable[[str], list[dict[str, Any]]]:
    """Documented samples of one venue, where the material lies beside the repository."""
    folder = Path(__file__).parents[4] / "shared" / "venue-samples"

    def load(venue: str) -> list[dict[str, Any]]:
        if not folder.is_dir():
            pytest.skip(f"no venue samples beside the repository ({folder.name}/ is not there)")
        found: list[dict[str, Any]] = json.loads((folder / f"{venue}.json").read_text())["samples"]
        return found

    return load
