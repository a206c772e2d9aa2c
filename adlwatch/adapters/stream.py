"""A venue's public push stream: marks and ADL warnings between two requests, and nothing that requests would not bring as well.

What is lost, late, broken or silent here costs latency only: every mark carries its own time, old ones are dropped, and how the
stream does is told in a note. Nothing can be sent but the feed's own topics, with an id that is one word, and its ping.
"""

import asyncio
import importlib
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from adlwatch.adapters.base import BadPayload, Clock, Retry, SourceError, Unsupported
from adlwatch.adapters.http import proxy
from adlwatch.adapters.together import together
from adlwatch.adapters.wire import FETCH, WIRE
from adlwatch.credentials import redact
from adlwatch.domain.model import AdlWarning, Position

if TYPE_CHECKING:
    from aiohttp import ClientSession, ClientWebSocketResponse

logger = logging.getLogger(__name__)

FRESH = timedelta(seconds=10)
"""How old a pushed mark or warning may be and still count."""
SILENCE = timedelta(seconds=30)
"""Without any push for that long a connection is given up: it may be half open, or its subscriptions may have failed."""
LOOK = 10.0
"""Seconds between two looks at the silence, each with a ping; OKX wants one within 30 s, Bybit within 20 s."""
CONNECT = 10.0
PACE = 0.15
"""Seconds between two messages of ours; Binance takes ten a second."""
LONGEST_WAIT = 60.0
LARGEST = 1024 * 1024
"""Bytes of one message; Bybit's ADL alerts of all USDT symbols, the largest, are about 80 kB."""
MOST = 200
"""Symbols of one stream; the others come with the requests."""
WORD = r"[A-Za-z0-9_:\-]{1,64}"
_IS_WORD = re.compile(WORD)


class Mark(Struct, frozen=True):
    """A pushed mark price of the venue's `id`; None where the venue says that it has not changed."""

    id: str
    price: float | None
    at: datetime


class Alert(Struct, frozen=True):
    """A pushed ADL warning of the venue's `id`, in the words of `AdlWarning`."""

    id: str
    state: str
    at: datetime
    value: float | None = None
    trigger: float | None = None


class Push(Struct, frozen=True):
    """What one message brought; nothing, where it is an acknowledgement or a pong."""

    marks: tuple[Mark, ...] = ()
    alerts: tuple[Alert, ...] = ()


NOTHING = Push()


def same(id_: str) -> str | None:
    """Most topics are named by the venue's own id."""
    return id_


class Topic(Struct, frozen=True):
    """One subscription: the whole message, `{id}` in it replaced by what `of` makes of the venue's id (None: not for it)."""

    message: str
    of: Callable[[str], str | None] = same

    def fill(self, id_: str) -> str | None:
        """The message for one id, or None."""
        name = self.of(id_)
        return None if name is None or not _IS_WORD.fullmatch(name) else self.message.replace("{id}", name)


def native_id(position: Position, field: str = "id") -> str | None:
    """The venue's id of a position's market, which its parser left among the raw fields."""
    return next((value for name, value in position.raw if name == field), None)


@dataclass(frozen=True, slots=True)
class Feed:
    """What a venue module declares about one stream."""

    name: str
    """For notes: `binance USD-M`."""
    venue: str
    url: str
    topics: tuple[Topic, ...]
    parse: Callable[[bytes, datetime], Push]
    """(message, time received) → what it brought; raises `msgspec.DecodeError` or `SourceError` for what cannot be read."""
    id_of: Callable[[Position], str | None]
    """The venue's id of a position's market, or None where this stream does not carry it."""
    ping: str | None = None
    """What the venue takes for a ping, where websocket pings are not enough."""


class Stream:
    """One connection for all sources of a run that hold something on it; opened when somebody wants something."""

    def __init__(
        self, feed: Feed, clock: Clock, *, url: str | None = None, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self.feed = feed
        self._clock = clock
        self._url = url or feed.url
        self._sleep = sleep
        self._wanted: dict[str, dict[str, str]] = {}
        self._symbols: dict[str, str] = {}
        self._marks: dict[str, Mark] = {}
        self._alerts: dict[str, Alert] = {}
        self._pushed_at: datetime | None = None
        self._trouble = "connecting"
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        messages = [re.escape(topic.message).replace(r"\{id\}", WORD) for topic in feed.topics]
        self._allowed = re.compile("|".join([*messages, re.escape(feed.ping or "")]))

    def want(self, source: str, ids: Mapping[str, str]) -> None:
        """What `source` holds: the venue's id → our symbol. The connection follows."""
        self._wanted[source] = dict(ids)
        self._symbols = {id_: symbol for each in self._wanted.values() for id_, symbol in each.items()}
        self._changed.set()
        if (wire := WIRE.get()) is not None and wire.playing:
            wire.follow(self.feed.url, self._hear)
        elif ids and self._task is None:
            self._task = asyncio.create_task(self._run(), name=f"stream {self.feed.name}")

    async def leave(self, source: str) -> None:
        """`source` wants nothing any more; the connection ends with the last one."""
        self.want(source, {})
        del self._wanted[source]
        if not self._symbols and self._task is not None:
            task, self._task = self._task, None
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def marks(self, now: datetime) -> dict[str, Mark]:
        """Fresh marks by our symbol."""
        symbols = self._symbols
        return {symbols[id_]: mark for id_, mark in self._marks.items() if id_ in symbols and now - mark.at <= FRESH}

    def warnings(self, now: datetime) -> tuple[AdlWarning, ...]:
        """Fresh warnings of what is wanted. Venues that only push while something is wrong fall silent when it is over."""
        symbols = self._symbols
        return tuple(
            AdlWarning(
                venue=self.feed.venue,
                symbol=symbols[id_],
                state=alert.state,
                value=alert.value,
                trigger=alert.trigger,
                as_of=alert.at,
            )
            for id_, alert in self._alerts.items()
            if id_ in symbols and now - alert.at <= FRESH
        )

    def note(self, source: str, now: datetime) -> str | None:
        """What the stream does not bring to `source` although it should; None where all is well."""
        wanted = set(self._wanted.get(source, {}).values())
        missing = wanted - self.marks(now).keys()
        if not missing:
            return None
        which = "" if missing == wanted else f" for {len(missing)} of {len(wanted)} markets"
        return f"{self.feed.name} stream: {self._trouble}; no pushed marks{which}, they come with the requests"

    async def _run(self) -> None:
        """Connect, and again after a growing wait, until cancelled."""
        failures = 0
        FETCH.set(None)  # its time is not that of the fetch that opened it
        while True:
            self._hear(self._clock())
            try:
                await self._connection()
            except SourceError as error:
                self._hear(self._clock(), trouble=str(error))
            except Exception as error:
                logger.exception("%s stream failed in a way it should not", self.feed.name)
                self._hear(self._clock(), trouble=f"bug, see the log: {type(error).__name__}")
            failures = 1 if self._pushed_at is not None else failures + 1
            await self._sleep(min(LONGEST_WAIT, 2.0 ** min(failures, 10)))

    def _forget(self) -> None:
        """A connection begins with nothing: what has not changed can only be said of its own marks."""
        self._marks.clear()
        self._alerts.clear()
        self._pushed_at = None

    async def _connection(self) -> None:
        aiohttp = await asyncio.to_thread(importlib.import_module, "aiohttp")
        try:
            async with self._session(aiohttp) as session:
                async with asyncio.timeout(CONNECT):
                    socket = await session.ws_connect(self._url, max_msg_size=LARGEST, decode_text=False, proxy=_proxy(self._url))
                self._hear(self._clock(), trouble="no push yet")
                async with socket:
                    await together(self._read(socket), self._subscribe(socket), self._watch(socket, self._clock()))
        except TimeoutError:
            raise Retry(f"no connection within {CONNECT:g} s") from None
        except (aiohttp.ClientError, OSError) as error:
            raise Retry(redact(f"{type(error).__name__}: {error}")[:120]) from None

    def _session(self, aiohttp: Any) -> "ClientSession":
        trace = aiohttp.TraceConfig()
        trace.on_request_redirect.append(_refuse_redirect)
        session: ClientSession = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), trace_configs=[trace])
        return session

    async def _read(self, socket: "ClientWebSocketResponse[Any]") -> None:
        """Take every message until the other side closes, which is an error like any other."""
        async for message in socket:
            if not isinstance(message.data, bytes):
                raise Retry(f"broken: {message.data}"[:120])
            self._hear(self._clock(), message.data)
            await asyncio.sleep(0)  # a flood must not keep everybody else waiting
        raise Retry(f"closed ({socket.close_code})")

    def _hear(self, now: datetime, message: bytes | None = None, trouble: str | None = None) -> None:
        """A message, or how the stream fares, or (neither) a connection begins; a recording has all three."""
        if (wire := WIRE.get()) is not None and not wire.playing:
            wire.pushed(self.feed.url, now, message, trouble)
        if trouble is not None:
            self._trouble = trouble
        elif message is None:
            self._forget()
        else:
            try:
                self._take(self.feed.parse(message, now), now)
            except (msgspec.DecodeError, UnicodeDecodeError, TypeError, ValueError) as error:
                raise BadPayload(f"not understood: {redact(str(error))[:120]}") from None

    def _take(self, push: Push, now: datetime) -> None:
        """Keep the newest of what is wanted; a mark that has not changed is as old as the word that it has not."""
        if push == NOTHING:
            return
        self._pushed_at, self._trouble = now, "late"
        wanted = self._symbols
        for mark in push.marks:
            known = self._marks.get(mark.id)
            price = mark.price if mark.price is not None or known is None else known.price
            if mark.id in wanted and price is not None and (known is None or mark.at >= known.at):
                self._marks[mark.id] = Mark(mark.id, price, min(mark.at, now))
        self._alerts |= {alert.id: alert for alert in push.alerts if alert.id in wanted}

    async def _subscribe(self, socket: "ClientWebSocketResponse[Any]") -> None:
        """Ask for what is wanted and has not been asked for on this connection."""
        asked: set[str] = set()
        while True:
            self._changed.clear()
            for id_ in sorted(self._symbols)[:MOST]:
                for message in (topic.fill(id_) for topic in self.feed.topics):
                    if message is not None and message not in asked:
                        asked.add(message)
                        await self._send(socket, message)
                        await self._sleep(PACE)
            await self._changed.wait()

    async def _watch(self, socket: "ClientWebSocketResponse[Any]", since: datetime) -> None:
        while True:
            await self._sleep(LOOK)
            silent = self._clock() - (self._pushed_at or since)
            if silent > SILENCE:
                raise Retry(f"silent for {silent.total_seconds():.0f} s")
            if self.feed.ping is not None:
                await self._send(socket, self.feed.ping)

    async def _send(self, socket: "ClientWebSocketResponse[Any]", text: str) -> None:
        """The one place from which anything leaves."""
        if not text or not self._allowed.fullmatch(text):
            raise Unsupported("refused to send what is no subscription")
        await socket.send_str(text)


async def _refuse_redirect(*_: Any) -> None:
    raise Retry("a redirect, which is never followed")


def _proxy(url: str) -> str | None:
    """Websockets pass through the proxies of https and http."""
    return proxy(url.replace("ws", "http", 1))
