import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import random

import pytest
from msgspec.structs import replace

from adlwatch import cli
from adlwatch.adapters.replay.file import RecordingFile
from adlwatch.cli.record import Recording
from adlwatch.domain.reading import Failure, FailureKind, Reading
from adlwatch.domain.recording import Head, Heard, Raw, RecordedSource, encode, heard
from adlwatch.domain.snapshot import decode
from tests.cli.conftest import Run

ROOT = Path(__file__).parents[2]


@pytest.fixture
def recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A second of the mock exchange, at speed, through the command itself."""
    monkeypatch.setattr("adlwatch.log.start", lambda level: tmp_path)
    path = tmp_path / "r.gz"
    assert cli.run(["record", str(path), "--mock", "--speed", "20", "--for", "1s"]) == 0
    return path


def replayed(path: Path, seed: str, *options: str, said: str = "") -> bytes:
    environment = {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed, "HOME": str(path.parent)}
    done = subprocess.run(  # noqa: S603  # our own interpreter
        [sys.executable, "-m", "adlwatch", "replay", str(path), "--json", *options],
        cwd=path.parent,
        env=environment,
        capture_output=True,
        check=True,
    )
    assert done.stderr.decode() == said
    return done.stdout


def test_a_recording_replays_to_the_same_snapshots_byte_for_byte_and_is_always_marked(recording: Path) -> None:
    head = RecordingFile(recording).head
    first, second = replayed(recording, "1"), replayed(recording, "2")
    assert first == second
    snapshots = [decode(line) for line in first.splitlines()]
    assert len(snapshots) >= 2
    assert {source.label for each in snapshots for source in each.sources} == {"REPLAY MOCK cascade ×20"}
    assert all(each.label == "REPLAY MOCK cascade ×20" for each in snapshots)
    assert snapshots[-1].positions
    assert abs((snapshots[0].as_of - head.started).total_seconds()) < 2
    assert all(position.light for position in snapshots[-1].positions)


def test_raw_replies_parsed_again_give_the_same_snapshots_and_what_differs_is_said(recording: Path) -> None:
    file = RecordingFile(recording)
    lines = list(file.lines)
    heard = [line for line in lines if isinstance(line, Heard)]
    again = f"adlwatch: {recording}: {len(heard)} fetches parsed again, "
    assert replayed(recording, "1", "--from-raw", said=f"{again}each as it was\n") == replayed(recording, "1")
    changed = [
        replace(line, body=line.body.replace('"leverage":', '"lever":', 1)) if isinstance(line, Raw) else line for line in lines
    ]
    recording.unlink()
    recording.write_bytes(b"".join(map(encode, (file.head, *changed))))
    at = heard[0].at
    first = f"{len(heard)} differently; first mock-alpha at {at:%H:%M:%S}: mock-alpha: Object missing required field `leverage`"
    out = replayed(recording, "1", "--from-raw", said=f"{again}{first} - at `$.positions[0]`, was a reading\n")
    assert b'"health":"live"' not in out


def test_a_recording_that_breaks_off_is_played_up_to_there_and_that_is_said(recording: Path) -> None:
    whole = replayed(recording, "1")
    recording.write_bytes(recording.read_bytes()[:-30])
    lines = len(list(RecordingFile(recording).lines)) + 1
    note = f"adlwatch: {recording}: breaks off after line {lines}, as when its writer is killed; whole up to there\n"
    assert replayed(recording, "1", said=note)[:500] == whole[:500]


def test_a_recording_without_raw_replies_cannot_be_parsed_again(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adlwatch.log.start", lambda level: tmp_path)
    path = tmp_path / "r.jsonl"
    source = RecordedSource(id="a", kind="mock", interval=1.0)
    path.write_bytes(encode(Head(version="1", started=datetime(2026, 11, 22, 12, tzinfo=UTC), sources=(source,))))
    code, out, err = run("replay", str(path), "--json", "--from-raw")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "it was recorded without them (--no-raw)" in err


def test_a_recording_ends_at_its_limit_by_itself_and_says_so(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adlwatch.log.start", lambda level: tmp_path)
    path = tmp_path / "r.gz"
    code, _, err = run("record", str(path), "--mock", "--speed", "20", "--limit", "50kB", "--for", "1h")
    assert code == 0
    assert err.endswith("MB: ended at its limit of 0.1 MB (--limit)\n")
    assert run("record", str(path), "--mock", "--limit", "much")[0] == 2


def test_a_rotated_recording_is_two_whole_ones(tmp_path: Path) -> None:
    path = tmp_path / "r.gz"
    recording = Recording(path, (), 2_000, rotate=True)
    recording._begin()
    at = datetime(2026, 11, 22, 12, tzinfo=UTC)
    while not (tmp_path / "r.gz.1").exists():
        recording._outcome(at, Failure(source="a", kind=FailureKind.RETRY, message=f"{random()}", at=at))
    recording.close()
    found = [RecordingFile(tmp_path / name) for name in ("r.gz.1", "r.gz")]
    assert len(list(found[0].lines)) == recording.count
    assert list(found[1].lines) == []
    assert [each.note for each in found] == [None, None]


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


def test_answers_sooner_than_the_interval_are_all_played_and_a_source_that_waits_holds_nothing_up(
    tmp_path: Path,
) -> None:
    start, path = datetime(2026, 11, 22, 12, tzinfo=UTC), tmp_path / "r.jsonl"
    head = Head(version="1", started=start, sources=(RecordedSource(id="a", kind="hyperliquid", interval=60.0),))
    readings = [Reading(source="a", as_of=at, received_at=at) for at in (start + timedelta(seconds=n) for n in range(1, 9))]
    failed = Failure(source="a", kind=FailureKind.RATE_LIMITED, message="HTTP 429", at=readings[-1].as_of, retry_after=300.0)
    told: list[tuple[datetime, Reading | Failure]] = [(each.received_at, each) for each in readings]
    told += [(failed.at + timedelta(seconds=n), failed) for n in (1, 2)]
    path.write_bytes(encode(head) + b"".join(encode(heard(at, each, {})) for at, each in told))
    snapshots = [decode(line) for line in replayed(path, "1").splitlines()]
    successes = {source.last_success for each in snapshots for source in each.sources}
    assert successes == {None, *(each.received_at for each in readings)}
    assert snapshots[-1].sources[0].error == "HTTP 429"
