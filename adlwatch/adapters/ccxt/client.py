"""One account at one venue: ccxt signs, the guard checks, the door sends, and what comes back is typed or an error of ours."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import msgspec

from adlwatch.adapters.base import Clock, RateLimited, Refused, SourceError
from adlwatch.adapters.ccxt.decode import at_path, decoder, when
from adlwatch.adapters.ccxt.door import Door
from adlwatch.adapters.ccxt.errors import Banned, ClockSkew, by_body, by_status, one_line
from adlwatch.adapters.ccxt.guard import Answer, read_only
from adlwatch.adapters.ccxt.load import ccxt
from adlwatch.adapters.ccxt.meters import Meters
from adlwatch.adapters.ccxt.replies import Replies, key_of, public
from adlwatch.adapters.ccxt.venue import Endpoint, Reply, Venue
from adlwatch.adapters.http import decode
from adlwatch.adapters.wire import Asked, ask, playing, text
from adlwatch.adapters.wire import Reply as Raw
from adlwatch.credentials import CredentialError, Secret, resolve

T = TypeVar("T")
REMEASURE = timedelta(minutes=10)
DATE_GRAIN = 2.0
"""Seconds by which a Date header may differ without meaning anything."""
LOGIN_NAMES = {"api_key": "apiKey", "secret": "secret", "password": "password"}
"""Our words → ccxt's. No `privateKey`, no `walletAddress`: what signs orders by wallet has no place here."""
SHOWN = 6
"""Characters of a key that must be seen to recognise it."""


class Client:
    """Life cycle, budget, clock and error translation around one guarded ccxt instance.

    `login` maps our names of credentials to references (`env:NAME` …), which are followed when the client opens.
    """

    def __init__(
        self,
        venue: Venue,
        account: str,
        login: Mapping[str, str],
        meters: Meters,
        clock: Clock,
        *,
        replies: Replies | None = None,
        timeout: float = 10.0,
        reroute: Callable[[str], str] | None = None,
    ) -> None:
        self.venue = venue
        self.account = account
        self.ahead: float | None = None
        """Seconds the venue's clock is ahead of ours, as last measured."""
        self._login = login
        self._meters = meters
        self._replies = replies or Replies()
        self._clock = clock
        self._door = Door(timeout, reroute)
        self._exchange: Any = None
        self._opening = asyncio.Lock()
        self._measured_at: datetime | None = None
        self._secrets: tuple[Secret, ...] = ()
        self._last: tuple[datetime, Answer] | None = None
        """When the last answer came, and it."""

    async def call(self, endpoint: Endpoint, reply: type[T], **params: Any) -> Reply[T]:
        """One call, decoded as `reply`; a public one may be another account's, a wrong clock is measured and tried once more."""
        key = key_of(endpoint, reply, params)
        known = self._replies.find(key, self._clock()) if key else None
        if known is not None:
            return known
        answered = await self._timely(endpoint, reply, params)
        if key:
            self._replies.keep(key, answered)
        return answered

    async def _timely(self, endpoint: Endpoint, reply: type[T], params: Mapping[str, Any]) -> Reply[T]:
        await self._keep_time()
        try:
            return await self._call(endpoint, reply, params)
        except ClockSkew:
            await self._measure()
            return await self._call(endpoint, reply, params)

    def owns(self, shown: str) -> bool:
        """Whether a key as the venue shows it, part of it starred out, is the one that signs."""
        key = str(self._exchange.apiKey) if self._exchange is not None else ""
        begin, _, rest = shown.partition("*")
        end = rest.lstrip("*")
        return len(begin) + len(end) >= SHOWN and key.startswith(begin) and key.endswith(end)

    async def close(self) -> None:
        """Drop the connections; a later call opens them again."""
        await self._door.close()

    async def _call(self, endpoint: Endpoint, reply: type[T], params: Mapping[str, Any]) -> Reply[T]:
        await self._meters.take(endpoint, self.account)
        asked_at = self._clock()
        answer = await self._send(endpoint, params)
        if answer.status != 200 or self.venue.refused(answer.body):
            raise await self._failed(endpoint, answer)
        return Reply(decode(f"{self.venue.name} {endpoint.name}", answer.body, decoder(reply)), asked_at)

    async def _send(self, endpoint: Endpoint, params: Mapping[str, Any]) -> Answer:
        """Sign and send, or have it answered from a recording: what tells it from other requests is not signed yet."""
        whose = "" if public(endpoint) else self.account
        asked = Asked(self.venue.name, endpoint.name, text(whose, endpoint.name, params))
        answer = Answer(*await ask(asked, lambda: self._signed(endpoint, params)))
        self._last = (self._clock(), answer)
        return answer

    async def _signed(self, endpoint: Endpoint, params: Mapping[str, Any]) -> Raw:
        exchange = await self._open()
        try:
            answer = await exchange.request(endpoint.path, list(endpoint.group), endpoint.method, dict(params))
        except SourceError as error:
            error.args = (one_line(f"{self.venue.name} {endpoint.name}: {error}"),)
            raise
        except Exception as error:  # noqa: BLE001 - ccxt's signing fails in many ways when credentials are malformed
            text = one_line(f"{type(error).__name__}: {error}")
            raise Refused(f"{self.venue.name} {endpoint.name}: could not sign: {text}") from None
        assert isinstance(answer, Answer)  # noqa: S101 - the guard's door returns nothing else
        return answer.status, answer.headers, answer.body

    async def _failed(self, endpoint: Endpoint, answer: Answer) -> SourceError:
        where = f"{self.venue.name} {endpoint.name}"
        error = by_status(answer, where) or by_body(await self._open(), answer, where)
        if isinstance(error, RateLimited):
            self._meters.stop(endpoint, self.account, error.retry_after, whole_venue=isinstance(error, Banned))
        return error

    async def _open(self) -> Any:
        """Import ccxt off the event loop (half a second the first time) and build the guarded instance."""
        async with self._opening:
            if self._exchange is None:
                module = await ccxt()
                self._secrets = () if playing() else await asyncio.to_thread(self._resolve)
                cls = read_only(getattr(module, self.venue.ccxt_id), self.venue.endpoints)
                config = {LOGIN_NAMES[n]: s.reveal() for n, s in zip(self._login, self._secrets, strict=not playing())}
                exchange = cls({**config, "enableRateLimit": False, "options": dict(self.venue.options)})
                exchange.door = self._door
                self._exchange = exchange
        return self._exchange

    def _resolve(self) -> tuple[Secret, ...]:
        """Read the secrets from where their references point. Blocks."""
        try:
            return tuple(resolve(reference) for reference in self._login.values())
        except CredentialError as error:
            raise Refused(f"{self.account}: {error}") from None

    async def _keep_time(self) -> None:
        if self._measured_at is None or self._clock() - self._measured_at >= REMEASURE:
            await self._measure()

    async def _measure(self) -> None:
        """Ask the venue for its time and correct signatures by the difference, taking half the round trip off."""
        self._measured_at = self._clock()
        if self.venue.time is None:
            self._measure_by_date()
            return
        endpoint, path = self.venue.time
        await self._meters.take(endpoint, self.account)
        loop = asyncio.get_running_loop()
        before, started = self._clock(), loop.time()
        answer = await self._send(endpoint, {})
        half = timedelta(seconds=(loop.time() - started) / 2)
        if answer.status != 200:
            raise await self._failed(endpoint, answer)
        told = server_time(answer, path)
        if told is not None:
            self._correct((told - before - half).total_seconds())

    def _measure_by_date(self) -> None:
        """Where a venue does not tell its time: the Date header of its last answer, which is good to a second."""
        told = server_time(self._last[1], ()) if self._last else None
        if self._last and told is not None:
            off = (told - self._last[0]).total_seconds()
            self._correct(off if abs(off) > DATE_GRAIN else 0.0)

    def _correct(self, ahead: float) -> None:
        self.ahead = ahead
        if self._exchange is not None:
            self._exchange.ahead = ahead


def server_time(answer: Answer, path: tuple[str | int, ...]) -> datetime | None:
    """The venue's time from the body, else from the Date header (whole seconds), else None."""
    try:
        told = at_path(msgspec.json.decode(answer.body), path)
    except msgspec.DecodeError:
        told = None
    found = when(told) if isinstance(told, (str, int, float)) else None
    if found is None and "date" in answer.headers:
        found = parsedate_to_datetime(answer.headers["date"])
    return found
