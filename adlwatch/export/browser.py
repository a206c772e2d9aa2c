"""The terminal in a browser, through textual-serve: for whoever has the link, from the one address it was made for.

A link works once: it is exchanged for a cookie, and the next one is printed. Whoever asks under another name (DNS rebinding),
from another site's page, or without the cookie gets nothing. Each tab is a process of its own. The page may load nothing from
elsewhere: textual-serve's names a font of Google's.
"""

import hmac
import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from textual_serve.server import Server

MOST_AT_ONCE = 4
MOST_SESSIONS = 16
COOKIE = "adlwatch"
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class BrowserServer(Server):
    """Runs `command` for every tab. `public_url` is what browsers call it, `say` is told every new link."""

    def __init__(self, command: str, host: str, port: int, public_url: str, say: Callable[[str], None]) -> None:
        super().__init__(command, host=host, port=port, title="adlwatch", public_url=public_url.rstrip("/"))
        address = urlsplit(public_url)
        self._host, self._origin = address.netloc, f"{address.scheme}://{address.netloc}"
        self._secure = address.scheme == "https"
        self._say = say
        self._link = ""
        self._sessions: list[str] = []
        self._open = 0

    def initialize_logging(self) -> None:
        """None of its own: it would print locals."""

    async def on_startup(self, app: web.Application) -> None:  # noqa: ARG002  # textual-serve's signature
        """Say where to look."""
        self._next_link()

    async def handle_index(self, request: web.Request) -> Any:
        """The page, for a cookie; the cookie, for a link."""
        if request.headers.get("Host") != self._host:
            return _refused("unknown name")
        key = request.query.get("key")
        if key is not None:
            return self._redeemed(key)
        if not self._known(request):
            return _refused("open the link that adlwatch serve has printed last")
        response = await super().handle_index(request)
        response.headers.update(_HEADERS)
        return response

    async def handle_websocket(self, request: web.Request) -> Any:
        """The terminal itself."""
        headers = request.headers
        if headers.get("Host") != self._host or headers.get("Origin") != self._origin or not self._known(request):
            return _refused("not from here")
        if self._open >= MOST_AT_ONCE:
            return _refused(f"{MOST_AT_ONCE} tabs are open already")
        self._open += 1
        try:
            return await super().handle_websocket(request)
        finally:
            self._open -= 1

    async def handle_download(self, request: web.Request) -> Any:
        """A file that the terminal offers."""
        if request.headers.get("Host") != self._host or not self._known(request):
            return _refused("not from here")
        return await super().handle_download(request)

    def _redeemed(self, key: str) -> web.Response:
        if not hmac.compare_digest(key.encode(), self._link.encode()):
            return _refused("this link has been used, or never was one")
        session = secrets.token_urlsafe(32)
        self._sessions = [*self._sessions[1 - MOST_SESSIONS :], session]
        self._next_link()
        response = web.Response(status=303, headers={**_HEADERS, "Location": "/"})
        response.set_cookie(COOKIE, session, httponly=True, samesite="Strict", secure=self._secure)
        return response

    def _known(self, request: web.Request) -> bool:
        cookie = request.cookies.get(COOKIE, "").encode()
        return any(hmac.compare_digest(cookie, session.encode()) for session in self._sessions)

    def _next_link(self) -> None:
        self._link = secrets.token_urlsafe(32)
        self._say(f"{self._origin}/?key={self._link}")


def _refused(why: str) -> web.Response:
    return web.Response(status=403, text=f"403 {why}\n", headers=_HEADERS)
