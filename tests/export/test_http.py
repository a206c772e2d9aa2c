import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from adlwatch.export import http
from adlwatch.export.http import Page, is_loopback

BODY = "adlwatch_up 1.0\n"


@asynccontextmanager
async def listening(*, local: bool = True) -> AsyncIterator[int]:
    door = socket.create_server(("127.0.0.1", 0))
    task = asyncio.create_task(Page("/metrics", "text/plain", lambda: BODY, local=local).serve(door))
    yield door.getsockname()[1]
    task.cancel()
    await asyncio.wait(asyncio.all_tasks() - {asyncio.current_task()})


async def hang_up(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


async def ask(port: int, request: str) -> tuple[int, str, str]:
    """Status, headers, body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request.encode("latin-1"))
    answer = ""
    with suppress(ConnectionResetError):
        answer = (await reader.read()).decode()
    await hang_up(writer)
    head, _, body = answer.partition("\r\n\r\n")
    return int(head.split(" ")[1]) if head else 0, head, body


@pytest.mark.asyncio
async def test_a_scraper_gets_the_page_and_its_length() -> None:
    async with listening() as port:
        status, head, body = await ask(port, f"GET /metrics HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n")
    assert (status, body) == (200, BODY)
    assert f"Content-Length: {len(BODY)}" in head
    assert "Connection: close" in head


@pytest.mark.asyncio
async def test_head_gets_the_same_without_the_page() -> None:
    async with listening() as port:
        status, head, body = await ask(port, "HEAD /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    assert (status, body) == (200, "")
    assert f"Content-Length: {len(BODY)}" in head


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ("GET /metrics?x=1 HTTP/1.1\r\nHost: [::1]:9464\r\n\r\n", 200),
        ("GET /metrics HTTP/1.0\r\n\r\n", 200),
        ("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
        ("POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n", 405),
        ("GET /metrics HTTP/1.1\r\n\r\n", 400),
        ("GET /metrics HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", 400),
        ("GET /metrics HTTP/2.0\r\nHost: localhost\r\n\r\n", 400),
        ("GET /metrics\r\n\r\n", 400),
        ("GET /m\xe9 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        ("\r\n\r\n", 400),
    ],
)
async def test_every_request_has_the_answer_that_it_deserves(request_: str, status: int) -> None:
    async with listening() as port:
        assert (await ask(port, request_))[0] == status


@pytest.mark.asyncio
@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:9464", "192.168.1.5"])
async def test_a_web_site_cannot_read_it_through_a_name_of_its_own(host: str) -> None:
    request = f"GET /metrics HTTP/1.1\r\nHost: {host}\r\n\r\n"
    async with listening() as port:
        assert (await ask(port, request))[0] == 403
    async with listening(local=False) as port:
        assert (await ask(port, request))[0] == 200


@pytest.mark.asyncio
async def test_a_request_without_end_is_cut_off() -> None:
    async with listening() as port:
        assert await ask(port, "GET /metrics HTTP/1.1\r\nHost: localhost\r\nX: " + "x" * 20_000 + "\r\n\r\n") == (0, "", "")


@pytest.mark.asyncio
async def test_who_only_holds_the_line_is_cut_off_and_keeps_nobody_else_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "SECONDS", 0.05)
    async with listening() as port:
        assert await ask(port, "GET /metr") == (0, "", "")
        assert (await ask(port, "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"))[0] == 200


@pytest.mark.asyncio
async def test_too_many_at_once_are_turned_away_until_one_of_them_leaves() -> None:
    request = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"
    async with listening() as port:
        held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(http.MOST_AT_ONCE)]
        turned_away = await ask(port, request)
        for _, writer in held:
            await hang_up(writer)
        let_in = await ask(port, request)
    assert (turned_away[0], let_in[0]) == (0, 200)


def test_what_only_this_machine_can_reach_is_told_from_the_rest() -> None:
    assert [is_loopback(host) for host in ("127.0.0.1", "127.8.8.8", "::1", "localhost")] == [True] * 4
    assert [is_loopback(host) for host in ("0.0.0.0", "::", "10.0.0.1")] == [False] * 3  # noqa: S104  # that it is refused is the point
    with pytest.raises(ValueError, match=r"example\.com"):
        is_loopback("example.com")
