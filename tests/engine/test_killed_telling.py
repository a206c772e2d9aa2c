import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(os.name == "nt", reason="needs fork and SIGKILL")
def test_through_100_kills_every_alert_is_told_and_one_told_again_is_the_same_message(tmp_path: Path) -> None:
    """At least once through a kill between sending and noting it; whoever goes by the key has it exactly once."""
    program = [sys.executable, str(Path(__file__).with_name("killed.py")), str(tmp_path / "h.sqlite3"), "100", "1"]
    done = subprocess.run(  # noqa: S603  # our own program
        program, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True, timeout=60
    )
    told = json.loads(done.stdout)
    assert told["transitions"] >= 100
    assert told["told again"] > 0  # or no kill hit the moment that this is about
    assert (told["never told"], told["told again as another message"], told["marked twice"]) == (0, 0, 0)
