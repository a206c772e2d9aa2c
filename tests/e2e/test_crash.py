"""Whatever breaks inside the terminal leaves a clean shell, one line, status 1, and a report without locals or secrets."""

import re
import sys
from pathlib import Path

import pytest

from tests.e2e.terminal import terminal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")

KNOWN, LOCAL = "planted-secret-4711", "planted-local-0815"
SEAM = f"""
import sys
from adlwatch.credentials import Secret
known = Secret("{KNOWN}")
def broken(*_, **__):
    balance = "planted-" + "local-0815"
    raise RuntimeError("it broke\\x1b[31m, said " + known.reveal())
async def broken_work():
    broken()
from adlwatch.tui.app import WatchApp
from adlwatch.tui.screens.board import BoardScreen
from adlwatch.tui.screens.help import HelpScreen
from adlwatch.tui.widgets.page import Page
{{where}}
from adlwatch.__main__ import main
sys.argv = ["adlwatch"]
main()
"""
PLACES = {
    "a timer": "WatchApp.tick = broken",
    "the first frame": "BoardScreen.body = broken",
    "drawing a line": "Page.line = broken",
    "composing another screen": "HelpScreen.body = broken",
    "a worker": "WatchApp.action_help = lambda self: self.run_worker(broken_work())",
    "Textual itself": "WatchApp.action_help = lambda self: self.call_later(self.panic, 'said: it broke')",
}
CONTROL = re.compile(rb"\x1b\[[0-9;?<>=]*[a-zA-Z]")


@pytest.mark.parametrize("where", PLACES.values(), ids=PLACES)
def test_a_crash_leaves_a_clean_terminal_one_line_and_a_report_that_tells_nothing_private(where: str, tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")}
    with terminal(("-c", SEAM.format(where=where)), environ=home) as tty:
        if "Help" in where or "help" in where:
            tty.wait_for("No sources")
            tty.press("?")
        assert tty.ended() == 1
        assert tty.left_behind() == set()
    (report,) = (tmp_path / "state").rglob("crash-*.txt")
    said, written = CONTROL.sub(b"", tty.farewell).decode(), report.read_text(encoding="utf-8")
    assert re.fullmatch(rf"adlwatch: stopped by an error of its own: [^\n]+; report: {re.escape(str(report))}\r\n", said)
    assert report.stat().st_mode & 0o077 == 0
    assert "it broke" in written
    assert "in broken" in written or "Panic" in written
    assert [secret for secret in (KNOWN, LOCAL) if secret in written + said] == []
