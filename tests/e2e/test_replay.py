import subprocess
import sys
from pathlib import Path

from tests.e2e.terminal import terminal


def test_a_recording_runs_in_the_terminal_marked_as_a_replay(tmp_path: Path) -> None:
    path, environ = tmp_path / "r.gz", {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)}
    recording = [sys.executable, "-m", "adlwatch", "record", str(path), "--mock", "--speed", "20", "--for", "1s"]
    subprocess.run(recording, env=environ, check=True, capture_output=True)  # noqa: S603  # our own program
    with terminal(["-m", "adlwatch", "replay", str(path), "--speed", "2"], environ=environ) as screen:
        text = screen.wait_for("REPLAY", "btc-carry")
        assert "×2" in text
        screen.press("q")
        assert screen.ended() == 0
        assert not screen.left_behind()
