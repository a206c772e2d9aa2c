"""The terminal in a real browser."""

import asyncio
import os
import socket
import struct
import sys
from pathlib import Path

import pytest

from tests.e2e.browser import CHROMIUM, opened

pytest.importorskip("textual_serve", reason="textual-serve is not installed: adlwatch serve was NOT tried in a browser")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="there is no chromium on this machine: adlwatch serve was NOT tried in a browser"
)
DRAWN = 40_000
"""Bytes of a picture with a screen full of text; the page before that has a quarter of it."""


@pytest.mark.asyncio
async def test_a_browser_shows_the_board_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    environment = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[2])}
    serve = ("-m", "adlwatch", "serve", "--mock", "--listen", f"127.0.0.1:{port}")
    server = await asyncio.create_subprocess_exec(sys.executable, *serve, stdout=asyncio.subprocess.PIPE, env=environment)
    try:
        assert server.stdout is not None
        link = (await server.stdout.readline()).decode().split()[-1]
        async with asyncio.timeout(40), opened(link, tmp_path / "profile") as page:
            while len(picture := await page.picture()) < DRAWN:
                pass
            assert "-first-byte" in str(await page.value("document.body.className"))
            assert await page.value("location.href") == f"http://127.0.0.1:{port}/"
            assert struct.unpack(">II", picture[16:24])[0] == 1200
            assert {url.split("/")[2] for url in page.requested} == {f"127.0.0.1:{port}"}
            assert page.blocked == ["Stylesheet"]  # the font of Google's that textual-serve's page names
    finally:
        server.terminate()
        await server.communicate()
    assert server.returncode == 0
