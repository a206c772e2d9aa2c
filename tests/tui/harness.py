"""A terminal under test: a hand-stepped feed, a clock that stands still, and the screen as text."""

import asyncio
import html
import os
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from textual.pilot import Pilot
from textual.screen import Screen

from adlwatch.domain.snapshot import Snapshot
from adlwatch.tui.app import Options, WatchApp
from adlwatch.tui.control import Backend

SNAPSHOTS = Path(__file__).parent / "snapshots"
UPDATE = "ADLWATCH_UPDATE_SNAPSHOTS"
CELL = 12.2  # width of one cell in Textual's SVG, in its units
_TEXT = re.compile(r'<text [^>]*?x="(?P<x>[\d.]+)" y="(?P<y>[\d.]+)" textLength[^>]*>(?P<text>[^<]*)</text>')


class Feed:
    """An engine that says what the test tells it to say."""

    def __init__(self, problem: Exception | None = None) -> None:
        self.problem = problem
        self.asked: list[str | None] = []
        self.decided: list[tuple[str, str]] = []
        self.closed = 0
        self._callbacks: list[Callable[[Snapshot], None]] = []
        self._stop = asyncio.Event()

    def tell(self, snapshot: Snapshot) -> None:
        for callback in self._callbacks:
            callback(snapshot)

    def subscribe(self, callback: Callable[[Snapshot], None]) -> Callable[[], None]:
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback)

    async def run(self) -> None:
        if self.problem is not None:
            raise self.problem
        await self._stop.wait()

    def retry(self, source: str | None = None) -> tuple[str, ...]:
        self.asked.append(source)
        return (source,) if source is not None else ("all",)

    def acknowledge(self, key: str, by: str) -> bool:
        self.decided.append((key, by))
        return True

    def snooze(self, key: str, until: datetime) -> bool:
        self.decided.append((key, f"{until:%H:%M}"))
        return True

    async def close(self) -> None:
        self.closed += 1


class Watch:
    """One running app, with what a test does to it."""

    def __init__(self, app: WatchApp, pilot: Pilot[None], feed: Feed, time: list[float]) -> None:
        self.app = app
        self.pilot = pilot
        self.feed = feed
        self._time = time

    async def tell(self, snapshot: Snapshot) -> None:
        self.feed.tell(snapshot)
        await self.pilot.pause()
        self.app.tick()
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def wait(self, seconds: float) -> None:
        self._time[0] += seconds
        self.app.tick()
        await self.pilot.pause()

    async def worked(self, group: str) -> None:
        """Until no worker of that group is under way and what it found is shown."""
        running = [worker for worker in self.app.workers if worker.group == group]
        if running:  # given none, Textual waits for all of them, and the engine never ends
            await self.app.workers.wait_for_complete(running)
        await self.pilot.pause()

    def text(self) -> str:
        return screen_text(self.app)

    def in_front(self, screen: type[Screen[None]]) -> bool:
        return isinstance(self.app.screen, screen)

    def line(self, containing: str) -> str:
        return next((line for line in self.text().splitlines() if containing in line), "")


@asynccontextmanager
async def watching(
    snapshot: Snapshot | None = None,
    *,
    size: tuple[int, int] = (140, 40),
    options: Options | None = None,
    feed: Feed | None = None,
    backend: Backend | None = None,
) -> AsyncIterator[Watch]:
    feed = feed or Feed()
    time = [0.0]
    made = backend or Backend(feed)
    app = WatchApp(None if options is not None and options.offers else lambda: made, options, clock=lambda: time[0])
    async with app.run_test(size=size, notifications=True) as pilot:
        watch = Watch(app, pilot, feed, time)
        if app.options.offers:
            await pilot.pause()
        else:
            await settle(pilot, feed)
        if snapshot is not None:
            await watch.tell(snapshot)
        yield watch


async def settle(pilot: Pilot[None], feed: Feed) -> None:
    """Until the app has built its backend and listens, or the backend has failed."""
    for _ in range(100):
        await pilot.pause()
        if feed._callbacks or feed.problem is not None:
            await pilot.pause()
            return
    raise AssertionError("the app never started its engine")


def screen_text(app: WatchApp) -> str:
    """What is on screen, read back from the picture that the app itself exports."""
    rows: dict[float, list[tuple[float, str]]] = {}
    for match in _TEXT.finditer(app.export_screenshot()):
        rows.setdefault(float(match["y"]), []).append((float(match["x"]), html.unescape(match["text"]).replace("\xa0", " ")))
    lines = []
    for y in sorted(rows):
        line = ""
        for x, piece in sorted(rows[y]):
            line = line.ljust(round(x / CELL)) + piece
        lines.append(line.rstrip())
    return "\n".join(lines)


def expect(name: str, text: str) -> None:
    """Compare with the stored picture; `ADLWATCH_UPDATE_SNAPSHOTS=1` stores it anew."""
    path = SNAPSHOTS / f"{name}.txt"
    if os.environ.get(UPDATE):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text + "\n", encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text + "\n", f"{name} looks different; set {UPDATE}=1 if it should"
