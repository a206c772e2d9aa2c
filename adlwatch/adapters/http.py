"""The one place from which requests leave: deadline, rate limit, no redirects, size cap, typed decoding, one-line errors."""

import asyncio
import importlib
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from adlwatch import __version__
from adlwatch.adapters.base import BadPayload, RateLimited, Refused, Retry, SourceError
from adlwatch.adapters.limiter import Limiter
from adlwatch.adapters.wire import TOLD, Asked, Reply, ask, text
from adlwatch.credentials import redact

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession

T = TypeVar("T")
MEBIBYTE = 1024 * 1024


class Call(Struct, Generic[T], frozen=True):
    """One request and the type its reply must have."""

    name: str
    """What is asked for, in the venue's own word; it opens every error line."""
    decoder: msgspec.json.Decoder[T]
    method: str = "GET"
    path: str = ""
    params: Mapping[str, str] | None = None
    body: Any = None
    """Sent as JSON."""
    headers: Mapping[str, str] | None = None
    weight: float = 1.0


class Http:
    """A venue's HTTP API. Sources of one venue share an `Http`, and thereby its connections and its limiter."""

    def __init__(
        self,
        base_url: str,
        limiter: Limiter,
        *,
        timeout: float = 10.0,
        max_bytes: int = 16 * MEBIBYTE,
        keyless: bool = False,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.limiter = limiter
        self._timeout = timeout
        self._max_bytes = max_bytes
        self._keyless = keyless
        self._session: ClientSession | None = None
        self._aiohttp: Any = None
        """The library, imported with the first request and off the loop: it takes long enough to stall a screen."""

    async def call(self, call: Call[T]) -> T:
        """The decoded reply, or a `SourceError`. The deadline covers connecting and reading, not our own waiting in line."""
        await self.limiter.acquire(call.weight)
        asked = Asked(self.limiter.scope, call.name, text(call.method, call.path, call.params, call.body))
        status, headers, body = await ask(asked, lambda: self._timely(call))
        if error := self._verdict(call.name, status, headers, body):
            raise error
        return decode(call.name, body, call.decoder)

    async def close(self) -> None:
        """Close all connections; a later call opens them again."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _timely(self, call: Call[Any]) -> Reply:
        try:
            async with asyncio.timeout(self._timeout):
                return await self._exchange(call)
        except TimeoutError:
            raise Retry(f"{call.name}: no answer within {self._timeout:g} s") from None

    async def _exchange(self, call: Call[Any]) -> Reply:
        aiohttp = self._aiohttp = self._aiohttp or await asyncio.to_thread(importlib.import_module, "aiohttp")
        try:
            async with self._open().request(
                call.method,
                self.base_url + call.path,
                params=call.params,
                data=None if call.body is None else msgspec.json.encode(call.body),
                headers={**({"Content-Type": "application/json"} if call.body is not None else {}), **(call.headers or {})},
                allow_redirects=False,
            ) as response:
                told = {name: response.headers[name] for name in TOLD if name in response.headers}
                return response.status, told, await self._body(call.name, response)
        except aiohttp.ClientPayloadError:
            raise BadPayload(f"{call.name}: the reply broke off") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise Retry(f"{call.name}: {redact(str(error)) or type(error).__name__}") from None

    def _open(self) -> "ClientSession":
        if self._session is None or self._session.closed:
            self._session = self._aiohttp.ClientSession(
                timeout=self._aiohttp.ClientTimeout(total=None),
                headers={"User-Agent": f"adlwatch/{__version__}", "Accept": "application/json"},
                cookie_jar=self._aiohttp.DummyCookieJar(),
                proxy=proxy(self.base_url),
            )
        session: ClientSession = self._session
        return session

    async def _body(self, name: str, response: "ClientResponse") -> bytes:
        body = bytearray()
        async for chunk in response.content.iter_chunked(65536):
            body += chunk
            if len(body) > self._max_bytes:
                raise BadPayload(f"{name}: the reply is larger than {self._max_bytes / MEBIBYTE:g} MiB")
        return bytes(body)

    def _verdict(self, name: str, status: int, headers: Mapping[str, str], body: bytes) -> SourceError | None:
        if 200 <= status < 300:
            return None
        line = f"{name}: HTTP {status}{_said(body)}"
        wait = retry_after(headers.get("retry-after"))
        if status in {418, 429} or (status == 403 and self._keyless):
            wait = wait if wait is not None else DEFAULT_BAN[status]
            self.limiter.ban(wait)
            return RateLimited(line, retry_after=wait)
        if status in {401, 403}:
            return Refused(line)
        if 300 <= status < 400:
            return BadPayload(f"{line}: a redirect, which is never followed")
        if status >= 500 or status == 408:
            return Retry(line, retry_after=wait)
        return BadPayload(line)


def proxy(url: str) -> str | None:
    """The proxy that the environment names for `url`, or None.

    Not left to aiohttp's `trust_env`, which would also send the passwords of ~/.netrc to whoever is asked.
    """
    from urllib.request import getproxies, proxy_bypass  # noqa: PLC0415 -- half the import time of this module

    parts = urlsplit(url)
    return None if proxy_bypass(parts.hostname or "") else getproxies().get(parts.scheme)


DEFAULT_BAN = {403: 60.0, 418: 120.0, 429: 10.0}
"""Seconds to wait where the venue does not say how long; a 403 without a key can only mean our address."""


def decode(name: str, body: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """The reply as its type.

    Raises `BadPayload` for anything else: a reply that cannot be read must never look like an empty account.
    """
    start = body[:64].lstrip()
    if not start:
        raise BadPayload(f"{name}: an empty reply")
    if start.startswith(b"<"):
        raise BadPayload(f"{name}: a web page instead of JSON")
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadPayload(f"{name}: {redact(str(error))}") from None


def retry_after(value: str | None, now: float | None = None) -> float | None:
    """Seconds from a Retry-After header, which holds seconds or a date; None where it is missing or makes no sense."""
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        from email.utils import parsedate_to_datetime  # noqa: PLC0415 -- for the rare date form only

        try:
            seconds = parsedate_to_datetime(value).timestamp() - (time.time() if now is None else now)
        except (ValueError, OverflowError):
            return None
    return min(seconds, 86400.0) if seconds >= 0 else None


def _said(body: bytes) -> str:
    """The beginning of an error reply, on one line, unless it is a web page."""
    text = " ".join(redact(body[:300].decode(errors="replace")).split())
    return f": {text[:120]}" if text and not text.startswith("<") else ""
