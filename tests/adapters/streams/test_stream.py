"""One connection: what it sends, what it believes, and how it comes back from everything that can go wrong."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from adlwatch.adapters.base import Unsupported
from adlwatch.adapters.stream import FRESH, LARGEST, LONGEST_WAIT, LOOK, SILENCE, Stream
from tests.adapters.streams.pushing import Time, Venue, stream, until, venue
from tests.turns import turn

pytestmark = pytest.mark.asyncio
BTC = {"BTCUSDT": "BTC/USDT:USDT"}
SUBSCRIBE = '{"op":"subscribe","args":["mark.BTCUSDT"]}'


@asynccontextmanager
async def connected() -> AsyncIterator[tuple[Venue, Time, Stream]]:
    async with venue() as there:
        time = Time()
        made = stream(there, time)
        made.want("desk", BTC)
        await until(lambda: SUBSCRIBE in there.heard)
        yield there, time, made
        await made.leave("desk")


def price(made: Stream, time: Time) -> float | None:
    mark = made.marks(time.now).get("BTC/USDT:USDT")
    return mark.price if mark else None


async def test_a_wanted_mark_is_asked_for_and_kept_under_our_symbol() -> None:
    async with connected() as (there, time, made):
        assert made.note("desk", time.now) == "loop stream: no push yet; no pushed marks, they come with the requests"
        await there.push(("BTCUSDT", 60_000.0, time.now), ("ETHUSDT", 3_000.0, time.now))
        await until(lambda: price(made, time) == 60_000.0)
        assert made.marks(time.now).keys() == {"BTC/USDT:USDT"}
        assert made.note("desk", time.now) is None


async def test_a_stale_mark_is_dropped_and_said() -> None:
    async with connected() as (there, time, made):
        await there.push(("BTCUSDT", 60_000.0, time.now))
        await until(lambda: price(made, time) is not None)
        assert price(made, time) == 60_000.0
        time.now += FRESH
        assert price(made, time) == 60_000.0
        time.now += timedelta(seconds=1)
        assert price(made, time) is None
        assert made.note("desk", time.now) == "loop stream: late; no pushed marks, they come with the requests"


async def test_an_older_push_never_replaces_a_newer_one_and_no_mark_comes_from_the_future() -> None:
    async with connected() as (there, time, made):
        await there.push(("BTCUSDT", 60_000.0, time.now + timedelta(hours=1)))
        await there.push(("BTCUSDT", 1.0, time.now - timedelta(seconds=1)))
        await there.push(("BTCUSDT", None, time.now + timedelta(seconds=2)))
        await until(lambda: price(made, time) is not None)
        time.now += timedelta(seconds=1)
        await there.push(("BTCUSDT", 61_000.0, time.now))
        await until(lambda: price(made, time) == 61_000.0)
        assert made.marks(time.now)["BTC/USDT:USDT"].at == time.now


async def test_an_unchanged_mark_is_as_fresh_as_the_word_that_it_is_unchanged() -> None:
    async with connected() as (there, time, made):
        await there.push(("BTCUSDT", None, time.now))
        await there.push(("BTCUSDT", 60_000.0, time.now))
        await until(lambda: price(made, time) is not None)
        time.now += FRESH + timedelta(seconds=1)
        await there.push(("BTCUSDT", None, time.now))
        await until(lambda: price(made, time) == 60_000.0)
        assert made.marks(time.now)["BTC/USDT:USDT"].at == time.now


async def test_a_warning_lasts_as_long_as_it_is_repeated() -> None:
    async with connected() as (there, time, made):
        await there.push(("BTCUSDT", -1, time.now), ("ETHUSDT", -1, time.now))
        await until(lambda: bool(made.warnings(time.now)))
        (warning,) = made.warnings(time.now)
        assert (warning.venue, warning.symbol, warning.state, warning.as_of) == ("okx", "BTC/USDT:USDT", "adl", time.now)
        assert not made.warnings(time.now + FRESH + timedelta(seconds=1))


async def test_a_silent_connection_is_pinged_then_given_up_and_opened_again() -> None:
    async with connected() as (there, time, made):
        for _ in range(int(SILENCE.total_seconds() / LOOK)):
            await time.wake(lambda seconds: seconds == LOOK)
        await until(lambda: there.heard.count("ping") == 3)
        await there.socket.send_str("pong")
        await time.wake(lambda seconds: seconds == LOOK)
        assert await time.wake(lambda seconds: seconds < LOOK) == 2.0
        assert made.note("desk", time.now) == "loop stream: silent for 40 s; no pushed marks, they come with the requests"
        await until(lambda: there.heard.count(SUBSCRIBE) == 2)


@pytest.mark.parametrize("garbage", ["", "null", "{}", '[["BTCUSDT"]]', "<html>", '[["BTCUSDT", "x", 1]]', "\x00", "9" * 5000])
async def test_garbage_costs_the_connection_and_nothing_else(garbage: str) -> None:
    async with connected() as (there, time, made):
        await there.socket.send_str(garbage)
        await time.wake(lambda seconds: seconds < LOOK)
        assert "loop stream: not understood: " in (made.note("desk", time.now) or "")
        await until(lambda: len(there.sockets) == 2)
        await until(lambda: there.heard.count(SUBSCRIBE) == 2)
        await there.push(("BTCUSDT", 60_000.0, time.now))
        await until(lambda: price(made, time) == 60_000.0)


async def test_a_message_above_the_cap_is_not_taken_in() -> None:
    async with connected() as (there, time, made):
        await there.socket.send_bytes(b" " * (LARGEST + 1))
        await time.wake(lambda seconds: seconds < LOOK)
        assert "broken: Message size" in (made.note("desk", time.now) or "")


async def test_marks_of_a_closed_connection_are_forgotten_and_waits_grow_to_a_cap() -> None:
    async with connected() as (there, time, made):
        await there.push(("BTCUSDT", 60_000.0, time.now))
        await until(lambda: price(made, time) == 60_000.0)
        there.url = ""
        made._url = "ws://127.0.0.1:1/"
        await there.socket.close()
        waits = [await time.wake(lambda seconds: seconds != LOOK) for _ in range(8)]
        assert waits == [2.0, 4.0, 8.0, 16.0, 32.0, LONGEST_WAIT, LONGEST_WAIT, LONGEST_WAIT]
        assert price(made, time) is None
        assert "ClientConnectorError" in (made.note("desk", time.now) or "")


async def test_a_flood_leaves_one_mark_a_symbol_and_room_for_everybody_else() -> None:
    async with connected() as (there, time, made):
        turns = 0

        async def else_() -> None:
            nonlocal turns
            while price(made, time) != 4_999.0:
                turns += 1
                await turn()

        other = asyncio.create_task(else_())
        for number in range(5_000):
            await there.push(("BTCUSDT", float(number), time.now), (f"X{number}", 1.0, time.now))
        async with asyncio.timeout(10):
            await other
        assert turns > 4_000
        assert len(made._marks) == 1


async def test_a_redirect_is_not_followed() -> None:
    async with venue() as there:
        there.redirect = True
        time = Time()
        made = stream(there, time)
        made.want("desk", BTC)
        await time.wake(lambda seconds: seconds == 2.0)
        assert "a redirect, which is never followed" in (made.note("desk", time.now) or "")
        assert not there.sockets
        await made.leave("desk")


@pytest.mark.parametrize(
    "text",
    [
        '{"op":"order.create","args":[{}]}',
        '{"op":"auth","args":["key"]}',
        '{"op":"unsubscribe","args":["mark.BTCUSDT"]}',
        '{"op":"subscribe","args":["mark.BTC","order"]}',
        SUBSCRIBE + " ",
        "",
    ],
)
async def test_nothing_leaves_but_the_topics_and_the_ping(text: str) -> None:
    async with connected() as (there, _, made):
        with pytest.raises(Unsupported):
            await made._send(there.socket, text)  # type: ignore[arg-type]  # it is refused before the socket is touched
        assert there.heard == [SUBSCRIBE]


async def test_an_id_that_is_no_word_is_never_asked_for() -> None:
    async with connected() as (there, _, made):
        made.want("desk", {**BTC, 'X"],"op":"order"': "X", "币安人生USDT": "Y", "ETHUSDT": "ETH/USDT:USDT"})
        await until(lambda: len(there.heard) == 2)
        assert there.heard[1] == '{"op":"subscribe","args":["mark.ETHUSDT"]}'


async def test_sources_share_a_connection_that_ends_with_the_last_of_them() -> None:
    async with connected() as (there, time, made):
        made.want("other", {"ETHUSDT": "ETH/USDT:USDT"})
        await until(lambda: len(there.heard) == 2)
        await there.push(("BTCUSDT", 60_000.0, time.now))
        await until(lambda: price(made, time) is not None)
        assert made.note("desk", time.now) is None
        assert made.note("other", time.now) is not None
        await made.leave("other")
        assert len(there.sockets) == 1
        await made.leave("desk")
        await until(lambda: there.socket.closed)


async def test_a_bug_of_ours_is_said_and_does_not_end_the_stream(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with connected() as (there, time, made):

        def take(*_: Any) -> None:
            raise KeyError("bug")

        monkeypatch.setattr(made, "_take", take)
        await there.push(("BTCUSDT", 60_000.0, time.now))
        await time.wake(lambda seconds: seconds < LOOK)
        assert "bug, see the log: KeyError" in (made.note("desk", time.now) or "")
        assert "loop stream failed" in caplog.text
        await until(lambda: len(there.sockets) == 2)
