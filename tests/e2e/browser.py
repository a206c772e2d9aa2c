"""A real browser without a window, driven through its DevTools protocol."""

import asyncio
import base64
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp

CHROMIUM = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0", "--window-size=1200,700", "about:blank")


class Page:
    """One tab."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._ids = count(1)
        self.requested: list[str] = []
        """Addresses that the page asked for and the browser let it."""
        self.blocked: list[str] = []

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self._ids)
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        async for message in self._socket:
            event = message.json()
            if event.get("id") == number:
                found: dict[str, Any] = event.get("result", {})  # there is none while the tab goes from one page to the next
                return found
            self._note(event)
        raise ConnectionError("the browser is gone")

    def _note(self, event: dict[str, Any]) -> None:
        if event.get("method") == "Network.responseReceived":
            self.requested.append(event["params"]["response"]["url"])
        elif event.get("method") == "Network.loadingFailed" and event["params"].get("blockedReason") == "csp":
            self.blocked.append(event["params"]["type"])

    async def value(self, expression: str) -> Any:
        return (await self.call("Runtime.evaluate", expression=expression, returnByValue=True)).get("result", {}).get("value")

    async def picture(self) -> bytes:
        """As PNG; empty while there is none."""
        return base64.b64decode((await self.call("Page.captureScreenshot")).get("data", ""))


@asynccontextmanager
async def opened(url: str, profile: Path) -> AsyncIterator[Page]:
    """A tab that shows that address."""
    assert CHROMIUM is not None
    pipe = asyncio.subprocess.PIPE
    browser = await asyncio.create_subprocess_exec(CHROMIUM, f"--user-data-dir={profile}", *FLAGS, stderr=pipe, stdout=pipe)
    try:
        assert browser.stderr is not None
        while b"DevTools listening on " not in (line := await browser.stderr.readline()):
            assert line, "the browser did not start"
        door = line.decode().split("//")[1].split("/")[0]
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://{door}/json/list") as answer:
                tab = next(each for each in await answer.json() if each["type"] == "page")
            async with session.ws_connect(tab["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                page = Page(socket)
                await page.call("Network.enable")
                await page.call("Page.navigate", url=url)
                yield page
    finally:
        browser.kill()
        await browser.communicate()
