from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest

from adlwatch.adapters import wire
from adlwatch.adapters.base import Retry
from adlwatch.adapters.http import Call, Http
from adlwatch.adapters.limiter import Limiter
from adlwatch.adapters.wire import WIRE, Asked, text
from adlwatch.credentials import HIDDEN, Secret
from adlwatch.domain.reading import FailureKind
from adlwatch.domain.recording import Line, Raw, encode
from adlwatch.engine.reparse import Player
from adlwatch.engine.taping import Taping
from tests.adapters.emulators.server import HANG, Server
from tests.adapters.recording import START, Running

pytestmark = pytest.mark.asyncio
SECRET = Secret("hush-do-not-tell")


@asynccontextmanager
async def taped() -> AsyncIterator[tuple[Http, Server, list[Line]]]:
    lines: list[Line] = []
    token = WIRE.set(Taping(lines.append, Running()))
    async with Server(lambda _: {"key": SECRET.reveal()}).serve("/info") as server:
        http = Http(server.url, Limiter("venue", 1000), timeout=0.05)
        yield http, server, lines
        await http.close()
    WIRE.reset(token)


def call(**body: object) -> Call[dict[str, str]]:
    return Call("thing", msgspec.json.Decoder(dict[str, str]), method="POST", path="/info", body={"type": "thing", **body})


async def test_a_recording_has_what_was_asked_and_answered_without_secrets() -> None:
    async with taped() as (http, _, lines):
        assert await http.call(call(b=2, a=SECRET.reveal())) == {"key": SECRET.reveal()}
    (raw,) = lines
    assert isinstance(raw, Raw)
    assert (raw.scope, raw.name, raw.status) == ("venue", "thing", 200)
    assert raw.asked == f'POST /info {{"a":"{HIDDEN}","b":2,"type":"thing"}}'
    assert raw.body == f'{{"key":"{HIDDEN}"}}'
    assert SECRET.reveal() not in encode(raw).decode()


async def test_that_no_reply_came_is_in_it_too() -> None:
    async with taped() as (http, server, lines):
        server.faults = {"*": HANG}
        with pytest.raises(Retry):
            await http.call(call())
    (raw,) = lines
    assert isinstance(raw, Raw)
    assert (raw.status, raw.error, raw.body) == (0, FailureKind.RETRY, "thing: no answer within 0.05 s")


async def test_while_a_recording_plays_nothing_leaves_and_budgets_go_by_the_recorded_time() -> None:
    player = Player(START)
    token = WIRE.set(player)
    asked = Asked("venue", "thing", text("POST", "/info", {"startTime": 1_700_000_000_000}))
    player.deliver(Raw(at=START, scope="venue", name="thing", status=200, body="{}", asked=asked.text))

    async def send() -> wire.Reply:
        raise AssertionError

    later = asked._replace(text=asked.text.replace("1700000000000", "1700000000123"))
    assert await wire.ask(later, send) == (200, {}, b"{}")
    assert wire.playing()
    assert wire.monotonic() == START.timestamp()
    WIRE.reset(token)
    assert not wire.playing()
