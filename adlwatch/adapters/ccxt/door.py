"""The one way out for ccxt venues: an aiohttp session that follows no redirect, sends no cookie and caps what it takes in."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from adlwatch.adapters.base import BadPayload, Retry, SourceError
from adlwatch.adapters.ccxt.guard import Answer
from adlwatch.adapters.http import proxy

if TYPE_CHECKING:
    import aiohttp

LARGEST = 32 * 1024 * 1024
"""Bytes of one reply; the largest market list known is about 4 MB."""


class Door:
    """Sends one request at a time it is asked to, over connections kept open between fetches."""

    def __init__(self, timeout: float, reroute: Callable[[str], str] | None = None) -> None:
        self._timeout = timeout
        self._reroute = reroute
        self._session: aiohttp.ClientSession | None = None

    async def __call__(self, url: str, method: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        """Send and read the whole answer, or raise `Retry` or `BadPayload` naming the host only (a signed URL is a secret)."""
        import aiohttp  # noqa: PLC0415 - network libraries load only when a source is fetched
        import yarl  # noqa: PLC0415 - as aiohttp

        host = urlsplit(url).hostname or "?"
        if not url.startswith("https://"):
            raise BadPayload(f"{host}: only https is spoken")
        target = yarl.URL(self._reroute(url) if self._reroute else url, encoded=True)
        try:
            async with self._open().request(
                method, target, headers=dict(headers), data=body, allow_redirects=False, proxy=proxy(str(target))
            ) as reply:
                return Answer(reply.status, {k.lower(): v for k, v in reply.headers.items()}, await _read(reply, host))
        except TimeoutError:
            raise Retry(f"{host}: no answer within {self._timeout:g} s") from None
        except (aiohttp.ClientError, OSError) as error:
            raise _broken(host, error) from None

    def _open(self) -> "aiohttp.ClientSession":
        import aiohttp  # noqa: PLC0415 - as above

        if self._session is None:
            limits = aiohttp.ClientTimeout(total=self._timeout, sock_connect=self._timeout, sock_read=self._timeout)
            self._session = aiohttp.ClientSession(timeout=limits, cookie_jar=aiohttp.DummyCookieJar(), raise_for_status=False)
        return self._session

    async def close(self) -> None:
        """Drop the connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()


async def _read(reply: "aiohttp.ClientResponse", host: str) -> bytes:
    body = await reply.content.read(LARGEST)
    while not reply.content.at_eof():
        if len(body) >= LARGEST:
            raise BadPayload(f"{host}: a reply of more than {LARGEST // 1024 // 1024} MB")
        body += await reply.content.read(LARGEST - len(body))
    return body


def _broken(host: str, error: Exception) -> SourceError:
    return Retry(f"{host}: {type(error).__name__}")
