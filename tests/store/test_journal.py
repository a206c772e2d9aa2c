import gzip
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adlwatch.adapters.replay.file import NoRecording, RecordingFile
from adlwatch.domain.recording import Head, Heard, Raw, encode
from adlwatch.store.journal import Journal

START = datetime(2026, 11, 22, 12, tzinfo=UTC)
HEAD = Head(version="1", started=START, sources=())


def raw(n: int) -> Raw:
    return Raw(at=START, scope="s", name=str(n), status=200, body="x" * 100)


def names(path: Path) -> list[str]:
    return [line.name for line in RecordingFile(path).lines if isinstance(line, Raw)]


def test_what_is_written_is_read_and_only_its_owner_may(tmp_path: Path) -> None:
    path = tmp_path / "r.gz"
    journal = Journal(path)
    for line in (HEAD, raw(1), Heard(at=START), raw(2)):
        journal.write(line)
    journal.close()
    journal.close()
    found = RecordingFile(path)
    assert (found.head, list(found.lines)) == (HEAD, [raw(1), Heard(at=START), raw(2)])
    assert found.note is None
    assert journal.size > 0
    assert path.stat().st_mode & 0o077 == 0
    assert journal.fault is None


def test_a_file_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "r.gz"
    path.write_text("precious")
    with pytest.raises(FileExistsError):
        Journal(path)
    assert path.read_text() == "precious"


@pytest.mark.parametrize("cut", [1, 20, 60])
def test_a_recording_that_breaks_off_is_whole_up_to_there(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "r.gz"
    with gzip.open(path, "wb") as file:
        file.write(encode(HEAD))
        for n in range(50):
            file.write(encode(raw(n)))
            file.flush()
    path.write_bytes(path.read_bytes()[:-cut])
    recording = RecordingFile(path)
    found = [line.name for line in recording.lines if isinstance(line, Raw)]
    assert found == [str(n) for n in range(len(found))]
    assert len(found) >= 45
    assert recording.note == f"{path}: breaks off after line {len(found) + 1}, as when its writer is killed; whole up to there"


def kept(path: Path) -> int:
    """Replies in the file so far; -1 where it has no head yet."""
    try:
        return sum(1 for _ in RecordingFile(path).lines)
    except NoRecording:
        return -1


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.store.test_journal import HEAD, kept, raw
from adlwatch.store.journal import Journal
journal = Journal(Path(sys.argv[1]))
journal.write(HEAD)
for n in range(int(sys.argv[2])):
    journal.write(raw(n))
while kept(Path(sys.argv[1])) < int(sys.argv[2]):
    pass
for n in range(20_000):
    journal.write(raw(-n))
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("count", [0, 1, 2_000])
def test_what_was_written_before_a_kill_is_readable_and_the_last_line_is_whole(tmp_path: Path, count: int) -> None:
    path = tmp_path / "r.gz"
    done = subprocess.run([sys.executable, "-c", KILLED, str(path), str(count)], check=False)  # noqa: S603  # our own program
    assert done.returncode == -signal.SIGKILL
    file = RecordingFile(path)
    found = [line.name for line in file.lines if isinstance(line, Raw)]
    assert found[:count] == [str(n) for n in range(count)]
    assert found[count:] == [str(-n) for n in range(len(found) - count)]
    assert file.note is not None
    assert f"breaks off after line {len(found) + 1}" in file.note


def test_plain_lines_are_read_too_and_an_unfinished_one_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_bytes(encode(HEAD) + encode(raw(1)) + encode(raw(2))[:-5])
    file = RecordingFile(path)
    assert list(file.lines) == [raw(1)]
    assert file.note is not None
    assert "breaks off after line 2" in file.note


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is no adlwatch recording"),
        (encode(raw(1)), "is no adlwatch recording"),
        (b"something else\n", "line 1: JSON is malformed"),
        (b"\x1f\x8bnothing of the kind", "line 1: "),
    ],
)
def test_what_is_no_recording_is_named_in_one_line(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "r.gz"
    path.write_bytes(content)
    with pytest.raises(NoRecording, match=said) as caught:
        RecordingFile(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_bad_line_in_the_middle_are_named(tmp_path: Path) -> None:
    with pytest.raises(NoRecording, match=r"absent: cannot be read: No such file"):
        RecordingFile(tmp_path / "absent")
    path = tmp_path / "r.jsonl"
    path.write_bytes(encode(HEAD) + encode(raw(1)) + b"{}\n")
    with pytest.raises(NoRecording, match="line 3: "):
        names(path)


def test_a_disk_that_fails_ends_the_recording_with_a_fault(tmp_path: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no /dev/full here")
    journal = Journal(tmp_path / "r.gz")
    journal._below.close()
    journal._below = journal._file.fileobj = full.open("wb")
    for n in range(3):
        journal.write(raw(n))
    journal.close()
    assert "No space left" in str(journal.fault)
    journal.write(raw(4))
