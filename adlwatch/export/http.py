"""One page over HTTP/1.1 for a scraper: `GET` and `HEAD` of one path, answered and closed. Nothing is ever read from a body."""

import asyncio
import ipaddress
import logging
import socket
from collections.abc import Callable
from contextlib import suppress

logger = logging.getLogger(__name__)

MOST_BYTES = 8192
"""Of a request: a scraper's is a few hundred."""
MOST_AT_ONCE = 16
SECONDS = 5.0
"""For a whole exchange: who asks slower is cut off."""
REASONS = {
    200: "OK",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    503: "Service Unavailable",
}
LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


class Page:
    """Serves `body()` as `content_type` at `path`.

    `local`: answer only to a local name in `Host`, so that no web site can have a browser on this machine ask for it under a
    name of its own (DNS rebinding).
    """

    def __init__(self, path: str, content_type: str, body: Callable[[], str], *, local: bool) -> None:
        self._path, self._type, self._body, self._local = path, content_type, body, local
        self._open = 0

    async def serve(self, door: socket.socket) -> None:
        """Answer whoever connects to the listening socket, until cancelled."""
        server = await asyncio.start_server(self._answer, sock=door, limit=MOST_BYTES)
        async with server:
            await server.serve_forever()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open += 1
        try:
            async with asyncio.timeout(SECONDS):
                if self._open <= MOST_AT_ONCE:
                    writer.write(self._reply(await reader.readuntil(b"\r\n\r\n")))
                    await writer.drain()
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            logger.debug("metrics: a request was cut off: %r", error)
        finally:
            self._open -= 1
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    def _reply(self, head: bytes) -> bytes:
        method, status = self._judged(head)
        body = self._body().encode() if status == 200 else f"{status} {REASONS[status]}\n".encode()
        lines = [
            f"HTTP/1.1 {status} {REASONS[status]}",
            f"Content-Type: {self._type if status == 200 else 'text/plain; charset=utf-8'}",
            f"Content-Length: {len(body)}",
            "Cache-Control: no-store",
            "X-Content-Type-Options: nosniff",
            *(("Allow: GET, HEAD",) if status == 405 else ()),
            "Connection: close",
        ]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + (b"" if method == "HEAD" else body)

    def _judged(self, head: bytes) -> tuple[str, int]:
        """The method, and the status that answers the request."""
        try:
            request, *fields = head.decode("ascii").split("\r\n")[:-2]
            method, target, version = request.split(" ")
            headers = [(name.lower(), value.strip()) for name, colon, value in (line.partition(":") for line in fields) if colon]
        except ValueError:
            return "", 400
        hosts = [value for name, value in headers if name == "host"]
        if version not in ("HTTP/1.1", "HTTP/1.0") or len(hosts) > 1 or (version == "HTTP/1.1" and not hosts):
            return method, 400
        if self._local and not all(_name(host) in LOCAL_NAMES for host in hosts):
            return method, 403
        if method not in ("GET", "HEAD"):
            return method, 405
        return method, 200 if target.partition("?")[0] == self._path else 404


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach that address. Raises `ValueError` for what is neither an address nor localhost."""
    return host == "localhost" or ipaddress.ip_address(host).is_loopback


def _name(host: str) -> str:
    """Of a Host header: without its port and brackets."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].lower()
