"""The real program in a real pseudo-terminal: it starts, answers keys, and leaves the terminal as it found it."""

import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.terminal import Terminal, terminal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")

MOCK = ("-m", "adlwatch", "--mock")
ANSI = frozenset({"default", "black", "red", "green", "brown", "blue", "magenta", "cyan", "white"})
"""What pyte calls the terminal's own colours; anything else is a true colour."""


NEEDS_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc and pidfd")


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """No configuration, and a state directory of its own."""
    return {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config"), "XDG_STATE_HOME": str(tmp_path / "state")}


def test_the_mock_board_comes_up_answers_keys_and_leaves_cleanly(home: dict[str, str]) -> None:
    with terminal(MOCK, environ=home) as tty:
        tty.wait_for("ADLWATCH", "MOCK cascade", "btc-carry", "IF CLOSED")
        tty.press("5")
        tty.wait_for("HEALTH", "mock-alpha", "live")
        tty.press("1\r")
        tty.wait_for("IF CLOSED", "esc back")
        tty.press("?")
        tty.wait_for("Fold or unfold")
        tty.press("qq")
        tty.wait_for("HEDGE / LEG")
        for size in ((1, 1), (200, 50), (80, 24)):
            tty.resize(*size)
        tty.wait_for("btc-carry", "? help")
        tty.press("q")
        assert tty.ended() == 0
        assert tty.left_behind() == set()
        assert group_is_gone(tty)


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_leaves_a_clean_terminal_and_says_so_in_the_status(
    number: signal.Signals, status: int, home: dict[str, str]
) -> None:
    with terminal(MOCK, environ=home) as tty:
        tty.wait_for("btc-carry")
        tty.kill(number)
        assert tty.ended() == status
        assert tty.left_behind() == set()
        assert group_is_gone(tty)


def test_losing_the_terminal_ends_the_program(home: dict[str, str]) -> None:
    with terminal(MOCK, environ=home) as tty:
        tty.wait_for("btc-carry")
        os.close(tty.master)
        assert tty.process.wait(10) == 129
        tty.master = os.open(os.devnull, os.O_RDONLY)


def test_ctrl_c_leaves_at_once(home: dict[str, str]) -> None:
    with terminal(MOCK, environ=home) as tty:
        tty.wait_for("ADLWATCH")
        tty.press("\x03")
        assert tty.ended() == 0
        assert tty.left_behind() == set()


@pytest.mark.parametrize(
    ("environ", "check"),
    [
        ({"NO_COLOR": "1"}, lambda tty: colours(tty) == {"default"}),
        ({"TERM": "xterm", "COLORTERM": ""}, lambda tty: colours(tty) <= {*ANSI, *(f"bright{c}" for c in ANSI)}),
    ],
    ids=["no-color", "sixteen-colours"],
)
def test_a_poor_terminal_gets_no_colour_it_cannot_show(
    environ: dict[str, str], check: Callable[[Terminal], bool], home: dict[str, str]
) -> None:
    with terminal(MOCK, environ=home | environ) as tty:
        tty.wait_for("btc-carry")
        assert check(tty), colours(tty)


def test_a_terminal_without_unicode_gets_ascii(home: dict[str, str]) -> None:
    with terminal((*MOCK, "--ascii"), environ=home) as tty:
        assert tty.wait_for("btc-carry", "IF CLOSED").isascii()


@pytest.mark.parametrize("environ", [{"TERM": "dumb", "COLORTERM": ""}])
def test_a_terminal_that_cannot_show_a_screen_is_told_what_can(environ: dict[str, str], home: dict[str, str]) -> None:
    with terminal(MOCK, environ=home | environ) as tty:
        tty.wait_for("adlwatch check")
        assert tty.ended() == 2


def colours(tty: Terminal) -> set[str]:
    """Foreground and background of every cell on screen."""
    cells = (tty.screen.buffer[y][x] for y in range(tty.screen.lines) for x in range(tty.screen.columns))
    return {colour for cell in cells for colour in (cell.fg, cell.bg)}


def group_is_gone(tty: Terminal) -> bool:
    try:
        os.killpg(tty.process.pid, 0)
    except ProcessLookupError:
        return True
    return False


PARENT = """
import os, subprocess, sys
child = subprocess.Popen([sys.executable, "-m", "adlwatch", "--mock"])
print(f"child {child.pid}", flush=True)
child.wait()
"""


@NEEDS_LINUX
@pytest.mark.parametrize("stays", [True, False], ids=["the terminal stays", "the terminal goes too"])
def test_killing_the_parent_leaves_no_orphan(*, stays: bool, home: dict[str, str]) -> None:
    with terminal(("-c", PARENT), environ=home) as tty:
        tty.wait_for("btc-carry")
        child = int(Path(f"/proc/{tty.process.pid}/task/{tty.process.pid}/children").read_text(encoding="ascii").split()[0])
        descriptor = os.pidfd_open(child)
        tty.kill(signal.SIGKILL)
        if not stays:
            os.close(tty.master)
            tty.master = os.open(os.devnull, os.O_RDONLY)
        ended, _, _ = select.select([descriptor], [], [], 10.0)
        os.close(descriptor)
        assert ended, "it went on without its parent"


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed: it is not tested inside one")
def test_inside_tmux_it_answers_survives_a_detached_client_and_leaves(home: dict[str, str], tmp_path: Path) -> None:
    socket = str(tmp_path / "socket")
    tmux = ("-c", "import os, sys; os.execvp('tmux', ['tmux', '-S', *sys.argv[1:]])", socket)
    command = f"{sys.executable} -m adlwatch --mock; printf 'left %s\\n' $?; sleep 1"
    try:
        with terminal((*tmux, "-f", "/dev/null", "new-session", command), environ=home) as tty:
            tty.wait_for("btc-carry", "IF CLOSED")
            tty.press("5")
            tty.wait_for("HEALTH")
            tty.press("\x02d")
            assert tty.ended() == 0
        with terminal((*tmux, "attach"), size=(80, 24), environ=home) as tty:
            tty.wait_for("HEALTH", "mock-alpha")
            tty.press("1q")
            tty.wait_for("left 0")
    finally:
        subprocess.run(["tmux", "-S", socket, "kill-server"], stderr=subprocess.DEVNULL, check=False)  # noqa: S603, S607  # our own
