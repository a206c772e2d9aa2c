import gzip
import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adlwatch.domain.recording import Head, Heard, Raw, encode
from adlwatch.store.journal import Journal, NoRecording, read

START = datetime(2026, 11, 22, 12, tzinfo=UTC)
HEAD = Head(version="1", started=START, sources=())


def raw(n: int) -> Raw:
    return Raw(at=START, scope="s", name=str(n), status=200, body="x" * 100)


def names(path: Path) -> list[str]:
    return [line.name for line in read(path)[1] if isinstance(line, Raw)]


def test_what_is_written_is_read_and_only_its_owner_may(tmp_path: Path) -> None:
    path = tmp_path / "r.gz"
    journal = Journal(path)
    for line in (HEAD, raw(1), Heard(at=START), raw(2)):
        journal.write(line)
    journal.close()
    journal.close()
    head, lines = read(path)
    assert (head, list(lines)) == (HEAD, [raw(1), Heard(at=START), raw(2)])
    assert path.stat().st_mode & 0o077 == 0
    assert journal.fault is None


def test_a_file_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "r.gz"
    path.write_text("precious")
    with pytest.raises(FileExistsError):
        Journal(path)
    assert path.read_text() == "precious"


@pytest.mark.parametrize("cut", [1, 20, 60])
def test_a_recording_that_breaks_off_is_whole_up_to_there(tmp_path: Path, cut: int, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "r.gz"
    with gzip.open(path, "wb") as file:
        file.write(encode(HEAD))
        for n in range(50):
            file.write(encode(raw(n)))
            file.flush()
    path.write_bytes(path.read_bytes()[:-cut])
    with caplog.at_level(logging.WARNING):
        found = names(path)
    assert found == [str(n) for n in range(len(found))]
    assert len(found) >= 45
    assert "breaks off after line" in caplog.text


def test_plain_lines_are_read_too_and_an_unfinished_one_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_bytes(encode(HEAD) + encode(raw(1)) + encode(raw(2))[:-5])
    assert names(path) == ["1"]


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
        read(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_bad_line_in_the_middle_are_named(tmp_path: Path) -> None:
    with pytest.raises(NoRecording, match=r"absent: cannot be read: No such file"):
        read(tmp_path / "absent")
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
