# ruff: noqa: INP001  # a script among documents
"""Draw the pictures of the README from the program itself: `python -m docs.screenshots`.

The mock exchange runs for a while on a terminal that nobody sees; keys are pressed, and the app exports its own screen as SVG.
"""

import asyncio
import sys
from pathlib import Path

from msgspec.structs import replace

from adlwatch.cli.options import Launch
from adlwatch.cli.run_tui import backend, options, read_config
from adlwatch.tui.app import WatchApp

SIZE = (140, 34)
FOLDER = Path(__file__).parent / "screenshots"
CASCADE = 20.0
"""Seconds for the crash to run its course after the prices were pushed."""
STEPS: tuple[tuple[float, tuple[str, ...], str], ...] = (
    (6.0, (), "board"),
    (0.5, ("j", "enter"), "drill-down"),
    (0.5, ("escape", "x", "shift+left", "shift+left"), "what-if"),
    (0.5, ("x", "3"), "venues"),
    (0.5, ("5",), "sources"),
    (0.5, ("1", "D"), ""),
    (CASCADE, ("escape", "i"), "incident"),
    (0.5, ("1",), "cascade"),
    (0.5, ("w",), "wall"),
)
"""Wait, keys, and the name of the picture taken then."""


async def draw(theme: str) -> None:
    """Take every picture."""
    launch = Launch(mock=True, theme=theme)
    config = read_config(launch)
    app = WatchApp(lambda: backend(launch, config), replace(options(launch, config), folder=FOLDER))
    async with app.run_test(size=SIZE, notifications=False) as pilot:
        for seconds, keys, name in STEPS:
            await asyncio.sleep(seconds)
            await pilot.press(*keys)
            await asyncio.sleep(1.0)
            if name:
                (FOLDER / f"{name}.svg").write_text(app.export_screenshot(title="adlwatch --mock"), encoding="utf-8")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    asyncio.run(draw(*sys.argv[1:2] or ("dark",)))
