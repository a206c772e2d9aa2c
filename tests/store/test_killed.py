import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(os.name == "nt", reason="needs fork and SIGKILL")
def test_what_was_acknowledged_outlives_200_kills_at_any_moment(tmp_path: Path) -> None:
    program = [sys.executable, str(Path(__file__).with_name("killed.py")), str(tmp_path / "h.sqlite3"), "200", "1"]
    done = subprocess.run(  # noqa: S603  # our own program
        program, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True, timeout=60
    )
    told = json.loads(done.stdout)
    assert (told["kills"], told["missing"], told["damaged"]) == (200, 0, [])
    assert told["acknowledged"] >= 200
