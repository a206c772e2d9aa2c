"""Run the terminal and say how it ended. Textual is imported here, after the environment it reads has been settled."""

import gc
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from adlwatch.tui import environment

if TYPE_CHECKING:
    from adlwatch.tui.app import Options
    from adlwatch.tui.control import Start


class NoTerminal(Exception):
    """Nothing can be shown here; the message says why and what to use instead."""


def run(start: "Start | None", configure: "Callable[[], Options] | None" = None) -> int:
    """Show the terminal until the user leaves; returns the exit status of the process.

    `start` builds what runs behind the screen. It is called off the event loop once the first frame is on screen, so it may
    import what it likes; without one the welcome screen offers what there is. `configure` is called once Textual may be
    imported. Raises NoTerminal where there is none, and what broke the terminal once it is as it was.
    """
    terminal = environment.inspect()
    if terminal.problem:
        raise NoTerminal(terminal.problem)
    environment.prepare(terminal)
    gc.disable()  # a start allocates much and frees nothing
    from adlwatch.tui.app import Options, WatchApp  # noqa: PLC0415  # reads the environment set above
    from adlwatch.tui.memory import GARBAGE  # noqa: PLC0415  # as above

    options = configure() if configure is not None else Options()
    options = replace(
        options,
        native_colours=terminal.native_colours or options.theme == "terminal",
        ascii_only=options.ascii_only or not terminal.unicode,
    )
    gc.freeze()
    gc.set_threshold(*GARBAGE)
    gc.enable()
    sys.setswitchinterval(0.0005)
    app = WatchApp(start, options)
    app.run(mouse=False)
    if app.crash is not None:
        raise app.crash
    return app.return_code or 0
