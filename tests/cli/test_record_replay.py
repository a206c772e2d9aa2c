import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adlwatch import cli
from adlwatch.domain.recording import Head, Raw, encode
from adlwatch.domain.snapshot import decode
from adlwatch.store.journal import read
from tests.cli.conftest import Run

ROOT = Path(__file__).parents[2]


@pytest.fixture
def recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A second of the mock exchange, at speed, through the command itself."""
    monkeypatch.setattr("adlwatch.log.start", lambda level: tmp_path)
    path = tmp_path / "r.gz"
    assert cli.run(["record", str(path), "--mock", "--speed", "20", "--for", "1s"]) == 0
    return path


def replayed(path: Path, seed: str) -> bytes:
    environment = {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed, "HOME": str(path.parent)}
    done = subprocess.run(  # noqa: S603  # our own interpreter
        [sys.executable, "-m", "adlwatch", "replay", str(path), "--json"],
        cwd=path.parent,
        env=environment,
        capture_output=True,
        check=True,
    )
    assert done.stderr == b""
    return done.stdout


def test_a_recording_replays_to_the_same_snapshots_byte_for_byte_and_is_always_marked(recording: Path) -> None:
    head, _ = read(recording)
    first, second = replayed(recording, "1"), replayed(recording, "2")
    assert first == second
    snapshots = [decode(line) for line in first.splitlines()]
    assert len(snapshots) >= 2
    assert {source.label for each in snapshots for source in each.sources} == {"REPLAY MOCK cascade ×20"}
    assert all(each.label == "REPLAY MOCK cascade ×20" for each in snapshots)
    assert snapshots[-1].positions
    assert abs((snapshots[0].as_of - head.started).total_seconds()) < 2
    assert all(position.light for position in snapshots[-1].positions)


def test_a_file_that_is_there_is_not_overwritten(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adlwatch.log.start", lambda level: tmp_path)
    path = tmp_path / "r.gz"
    path.write_text("precious")
    code, _, err = run("record", str(path), "--mock", "--for", "1s")
    assert (code, err) == (2, f"adlwatch: {path}: cannot be written: File exists\n")


@pytest.mark.parametrize(("content", "said"), [(b"", "is no adlwatch recording"), (b"{}\n", "line 1: ")])
def test_what_is_no_recording_is_one_line(run: Run, tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "r.gz"
    path.write_bytes(content)
    code, out, err = run("replay", str(path), "--json")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err


def test_a_recording_that_is_damaged_further_on_says_so_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    at = datetime(2026, 11, 22, 12, tzinfo=UTC)
    raw = Raw(at=at, scope="s", name="n", status=200, body="")
    path.write_bytes(encode(Head(version="1", started=at, sources=())) + encode(raw) + b"{}\n")
    program = [sys.executable, "-m", "adlwatch", "replay", str(path), "--json"]
    done = subprocess.run(  # noqa: S603  # our own interpreter
        program, env={"PYTHONPATH": str(ROOT), "HOME": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "line 3: " in done.stderr
    assert json.loads(done.stdout.splitlines()[0])["severity"] == "ok"
