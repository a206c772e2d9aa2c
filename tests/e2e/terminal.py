"""A real pseudo-terminal around the real program: its screen as text, its modes, its exit. Deadlines by select, no sleeps."""

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import monotonic

import pyte

DEADLINE = 20.0
LEAVE = b"\x1b[?1049l"
_MODE = re.compile(rb"\x1b\[\?([\d;]+)([hl])")
LEFT_BEHIND = {
    "1049": "alternate screen",
    "1000": "mouse",
    "1003": "mouse",
    "1006": "mouse",
    "2004": "bracketed paste",
    "1004": "focus reports",
}


class Terminal:
    """The program's other end."""

    def __init__(self, process: "subprocess.Popen[bytes]", master: int, size: tuple[int, int]) -> None:
        self.process = process
        self.master = master
        self.screen = pyte.Screen(*size)
        self.stream = pyte.ByteStream(self.screen)
        self.modes: dict[str, bool] = {}
        self.written = 0
        self.farewell = b""
        """What was written after the alternate screen was left, as it came."""

    def read(self, seconds: float) -> bool:
        """Take in what comes within that time; False when the program has closed its end."""
        ready, _, _ = select.select([self.master], [], [], seconds)
        if not ready:
            return True
        try:
            data = os.read(self.master, 65_536)
        except OSError:
            return False
        self.written += len(data)
        self.farewell = (self.farewell + data).rpartition(LEAVE)[2][-65_536:]
        for modes, switch in _MODE.findall(data):
            self.modes |= dict.fromkeys(modes.decode().split(";"), switch == b"h")
        self.stream.feed(data)
        return bool(data)

    def wait_for(self, *words: str) -> str:
        """The screen, once all of these are on it."""
        return self.until(lambda text: all(word in text for word in words), f"{words} never came")

    def until(self, condition: Callable[[str], bool], otherwise: str) -> str:
        end = monotonic() + DEADLINE
        while monotonic() < end:
            if condition(self.text()):
                return self.text()
            if not self.read(end - monotonic()):
                break
        raise AssertionError(f"{otherwise}; the screen was:\n{self.text()}")

    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen.display)

    def press(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def resize(self, columns: int, lines: int) -> None:
        """As when its window is dragged; the program gets SIGWINCH."""
        self.screen.resize(lines, columns)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def kill(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def ended(self) -> int:
        """The exit status, once everything the program wrote has been taken."""
        end = monotonic() + DEADLINE
        while monotonic() < end and self.process.poll() is None:
            self.read(0.05)
        while self.read(0.05) and select.select([self.master], [], [], 0)[0]:
            pass
        return self.process.wait(1.0)

    def left_behind(self) -> set[str]:
        """Modes that were switched on and never off again."""
        return {LEFT_BEHIND[mode] for mode, on in self.modes.items() if on and mode in LEFT_BEHIND}


@contextmanager
def terminal(
    arguments: Sequence[str], *, size: tuple[int, int] = (120, 36), environ: Mapping[str, str] | None = None
) -> Iterator[Terminal]:
    """Run a command in a session of its own, as a terminal emulator would, and leave nothing of it."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("TEXTUAL", "NO_COLOR", "ADLWATCH"))}
    env = {**clean, "TERM": "xterm-256color", "COLORTERM": "truecolor", "PYTHONUTF8": "1", **(environ or {})}
    process = subprocess.Popen(  # noqa: S603  # our own program
        [sys.executable, *arguments],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=env,
        preexec_fn=_own_session,  # noqa: PLW1509  # the only way to give a child its controlling terminal; no thread holds a lock
    )
    os.close(slave)
    running = Terminal(process, master, size)
    try:
        yield running
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        with contextlib.suppress(OSError):
            os.close(master)


def _own_session() -> None:
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
