"""`adlwatch serve` lets in whoever has the link, from the one address it was made for, and nobody else."""

import asyncio
import shlex
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web

from adlwatch.cli.options import Launch
from adlwatch.cli.serve import _command
from tests.cli.conftest import Run

pytest.importorskip("textual_serve", reason="textual-serve is not installed: adlwatch serve was NOT tried")
from textual_serve.server import Server

from adlwatch.export import browser
from adlwatch.export.browser import BrowserServer


async def accept(_: object, request: web.Request) -> web.WebSocketResponse:
    """In place of the process that textual-serve starts for a tab."""
    terminal = web.WebSocketResponse()
    await terminal.prepare(request)
    async for _message in terminal:
        pass
    return terminal


@dataclass
class Served:
    port: int
    session: aiohttp.ClientSession
    links: list[str] = field(default_factory=list)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def get(self, path: str, host: str | None = None) -> aiohttp.ClientResponse:
        headers = {"Host": host} if host else {}
        return await self.session.get(f"http://{self.host}{path}", headers=headers, allow_redirects=False)

    async def let_in(self) -> aiohttp.ClientResponse:
        return await self.session.get(self.links[-1], allow_redirects=False)

    async def knock(self, origin: str | None, host: str | None = None) -> int:
        """Try to open the terminal's socket; the status that answers."""
        headers = {name: value for name, value in (("Origin", origin), ("Host", host)) if value}
        try:
            async with self.session.ws_connect(f"http://{self.host}/ws", headers=headers):
                return 101
        except aiohttp.WSServerHandshakeError as refused:
            return refused.status


@asynccontextmanager
async def serving(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Served]:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar) as session:
            served = Served(port, session)
            monkeypatch.setattr(Server, "handle_websocket", accept)
            server = BrowserServer("", "127.0.0.1", port, f"http://127.0.0.1:{port}", served.links.append)
            runner = web.AppRunner(await server._make_app())
            await runner.setup()
            await web.SockSite(runner, door).start()
            try:
                yield served
            finally:
                await runner.cleanup()


@pytest.mark.asyncio
async def test_the_link_is_exchanged_for_a_cookie_that_opens_the_page_and_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(monkeypatch) as served:
        entered = await served.let_in()
        assert (entered.status, entered.headers["Location"]) == (303, "/")
        cookie = entered.headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        page = await served.get("/")
        assert page.status == 200
        assert "default-src 'self'" in page.headers["Content-Security-Policy"]
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert await served.knock(f"http://{served.host}") == 101


@pytest.mark.asyncio
async def test_a_link_works_once_and_the_next_one_is_another(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(monkeypatch) as served:
        first = served.links[-1]
        await served.let_in()
        assert len(served.links) == 2
        assert first != served.links[-1]
        again = await served.session.get(first, allow_redirects=False)
        assert again.status == 403


@pytest.mark.asyncio
async def test_without_the_link_there_is_no_page_no_terminal_and_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(monkeypatch) as served:
        statuses = [(await served.get(path)).status for path in ("/", "/?key=", "/?key=wrong", "/?key=%C3%A9", "/download/x")]
        assert statuses == [403] * 5
        assert await served.knock(f"http://{served.host}") == 403


@pytest.mark.asyncio
@pytest.mark.parametrize("host", ["evil.example", "localhost", "127.0.0.1", "127.0.0.1.evil.example:8000"])
async def test_under_another_name_even_the_cookie_and_the_link_open_nothing(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(monkeypatch) as served:
        await served.let_in()
        link = served.links[-1].partition(served.host)[2]
        assert [(await served.get(path, host)).status for path in ("/", link, "/download/x")] == [403] * 3
        assert await served.knock(f"http://{served.host}", host) == 403
        assert len(served.links) == 2, "the link was used up"


@pytest.mark.asyncio
@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "http://127.0.0.1", "https://127.0.0.1"])
async def test_another_sites_page_cannot_open_the_terminal_with_our_cookie(
    origin: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(monkeypatch) as served:
        await served.let_in()
        assert await served.knock(origin) == 403


@pytest.mark.asyncio
async def test_there_are_never_more_tabs_than_a_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "MOST_AT_ONCE", 1)
    async with serving(monkeypatch) as served:
        await served.let_in()
        origin = {"Origin": f"http://{served.host}"}
        async with served.session.ws_connect(f"http://{served.host}/ws", headers=origin):
            assert await served.knock(origin["Origin"]) == 403
        async with asyncio.timeout(10):
            while await served.knock(origin["Origin"]) != 101:
                pass


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--listen", "0.0.0.0:8000"], "other machines could reach it; put a front with TLS before it"),
        (["--listen", "0.0.0.0:8000", "--public-url", "http://adl.example.com"], "expected such as https://adl.example.com"),
        (["--public-url", "https://adl.example.com/path"], "expected such as https://adl.example.com"),
        (["--book", "-"], "standard input can't be read by every tab"),
        (["--listen", "127.0.0.1:0"], "name a port"),
    ],
)
def test_what_others_could_see_or_nobody_could_use_is_refused(arguments: list[str], said: str, run: Run) -> None:
    code, _, err = run("serve", *arguments)
    assert code == 2
    assert said in err


def test_every_tab_shows_what_the_command_line_named_and_no_shell_reads_it() -> None:
    launch = Launch(mock=True, scenario="cascade; rm -rf /", seed=7, hyperliquid=("0xa",), ascii=True, view="hot", wall=True)
    words = list(_command(launch))
    assert words[1:] == [
        "-m",
        "adlwatch",
        "--mock",
        "--scenario",
        "cascade; rm -rf /",
        "--seed",
        "7",
        "--view",
        "hot",
        "--wall",
        "--hyperliquid",
        "0xa",
        "--ascii",
    ]
    assert shlex.split(shlex.join(words)) == words
