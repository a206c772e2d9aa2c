"""A loopback HTTP server that can fail in every way a venue can."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiohttp import web


@dataclass(frozen=True)
class Fault:
    """What is answered instead of the real reply."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    hang: bool = False
    cut: bool = False
    """Promise more bytes than are sent, then drop the connection."""


HTML = Fault(body=b"<!DOCTYPE html><html><body>Just a moment...</body></html>")
NULL = Fault(body=b"null")
NOTHING = Fault()
CUT = Fault(body=b'{"assetPositions": [', cut=True)
HANG = Fault(hang=True)
OVERSIZE = Fault(body=b" " * (17 * 1024 * 1024))
SERVER_ERROR = Fault(status=503, body=b"upstream connect error")


class Server:
    """Answers through `reply(request body)` unless a fault is set; keeps what was asked."""

    def __init__(self, reply: Callable[[Any], Any]) -> None:
        self.reply = reply
        self.faults: dict[str, Fault] = {}
        """Beginning of a request's type → fault; `*` is every type."""
        self.asked: list[Any] = []
        self.redirected = 0
        self.hanging = asyncio.Event()
        """Set while a request is kept waiting."""
        self.url = ""
        self._over = asyncio.Event()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await question(request)
        self.asked.append(body)
        fault = next((fault for kind, fault in self.faults.items() if kind == "*" or body["type"].startswith(kind)), None)
        if fault is None:
            return _answer(self.reply(body))
        if fault.hang:
            self.hanging.set()
            await self._over.wait()
        if fault.cut:
            return await self._cut(request, fault)
        return web.Response(status=fault.status, body=fault.body, headers=fault.headers)

    async def elsewhere(self, request: web.Request) -> web.StreamResponse:
        self.redirected += 1
        return web.json_response({})

    async def _cut(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(len(fault.body) + 100)})
        await response.prepare(request)
        await response.write(fault.body)
        assert request.transport is not None
        request.transport.close()
        return response

    @asynccontextmanager
    async def serve(self, path: str) -> AsyncIterator["Server"]:
        app = web.Application()
        app.router.add_route("*", "/elsewhere", self.elsewhere)
        app.router.add_route("*", path, self.handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.0)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            self._over.set()
            await runner.cleanup()


async def question(request: web.Request) -> dict[str, Any]:
    """What is asked, with its `type`: a body's own type or JSON-RPC method, or the path of a GET beside its query."""
    if request.method == "GET":
        return {"type": request.path, **request.query}
    body: dict[str, Any] = msgspec.json.decode(await request.read())
    return body if "type" in body else {"type": body["method"], **body}


def _answer(reply: Any) -> web.Response:
    """A reply, or the status that stands for one that there is not."""
    if isinstance(reply, Fault):
        return web.Response(status=reply.status, body=reply.body, headers=reply.headers)
    return web.Response(body=msgspec.json.encode(reply), content_type="application/json")
