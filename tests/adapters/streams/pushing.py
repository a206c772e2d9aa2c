"""A loopback venue that pushes by websocket what a test tells it to, and time that passes when a test lets it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import msgspec
from aiohttp import web

from adlwatch.adapters.stream import NOTHING, PACE, Alert, Feed, Mark, Push, Stream, Topic, native_id
from tests.turns import turn


@dataclass
class Time:
    """A clock and its sleep: nobody wakes before the test says so, but for the pause between two messages."""

    now: datetime = datetime(2026, 1, 2, tzinfo=UTC)
    asleep: list[tuple[float, asyncio.Event]] = field(default_factory=list)

    def clock(self) -> datetime:
        return self.now

    async def sleep(self, seconds: float) -> None:
        woken = asyncio.Event()
        if seconds > PACE:
            self.asleep.append((seconds, woken))
            await woken.wait()

    async def wake(self, which: Callable[[float], bool]) -> float:
        """Let the first matching sleeper go; how long it meant to sleep."""
        await until(lambda: any(which(seconds) for seconds, _ in self.asleep))
        found = next(sleeper for sleeper in self.asleep if which(sleeper[0]))
        self.asleep.remove(found)
        self.now += timedelta(seconds=found[0])
        found[1].set()
        return found[0]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await turn()


@dataclass
class Venue:
    """What arrived, and the way to push."""

    url: str = ""
    heard: list[str] = field(default_factory=list)
    sockets: list[web.WebSocketResponse] = field(default_factory=list)
    redirect: bool = False

    @property
    def socket(self) -> web.WebSocketResponse:
        return self.sockets[-1]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if self.redirect:
            raise web.HTTPFound("/elsewhere")
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        async for message in socket:
            self.heard.append(message.data)
        return socket

    async def push(self, *marks: tuple[str, float | None, datetime]) -> None:
        await self.socket.send_bytes(msgspec.json.encode(marks))


@asynccontextmanager
async def venue() -> AsyncIterator[Venue]:
    made = Venue()
    app = web.Application()
    app.router.add_get("/{tail:.*}", made.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"ws://127.0.0.1:{runner.addresses[0][1]}/ws"
    try:
        yield made
    finally:
        for socket in made.sockets:
            await socket.close()
        await runner.cleanup()


def parse(message: bytes, _: datetime) -> Push:
    """Rows of id, price, time; a price of -1 stands for an ADL warning."""
    if message == b"pong":
        return NOTHING
    rows = msgspec.json.decode(message, type=list[tuple[str, float | None, datetime]])
    marks = tuple(Mark(*row) for row in rows if row[1] != -1)
    return Push(marks, tuple(Alert(id_, "adl", at) for id_, price, at in rows if price == -1))


FEED = Feed(
    name="loop",
    venue="okx",
    url="ws://127.0.0.1:9/ws",
    topics=(Topic('{"op":"subscribe","args":["mark.{id}"]}'),),
    parse=parse,
    id_of=native_id,
    ping="ping",
)


def stream(venue: Venue, time: Time) -> Stream:
    return Stream(FEED, time.clock, url=venue.url, sleep=time.sleep)
