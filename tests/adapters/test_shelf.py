import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adlwatch.adapters.shelf import Shelf, age_note

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
SIZES = {"BTC": 0.001, "ETH": 0.01}


def kept(folder: Path) -> Shelf:
    shelf = Shelf(folder / "lists")
    shelf.put("venue sizes", SIZES, AT, "1")
    return shelf


def test_a_list_comes_back_with_its_time_and_leaves_no_draft(tmp_path: Path) -> None:
    shelf = kept(tmp_path)
    found = shelf.get("venue sizes", dict[str, float], "1")
    assert found is not None
    assert (found.data, found.at) == (SIZES, AT)
    assert [path.name for path in (tmp_path / "lists").iterdir()] == ["venue-sizes.json"]
    assert list(shelf.labels()) == [("venue sizes", AT)]


def test_what_is_not_there_or_of_another_edition_is_none(tmp_path: Path) -> None:
    shelf = kept(tmp_path)
    assert shelf.get("other", dict[str, float]) is None
    assert shelf.get("venue sizes", dict[str, float], "2") is None
    assert shelf.get("venue-sizes", dict[str, float], "1") is None  # another name of the same file


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"<html>",
        b"\xff\xfe",
        b'{"name":"venue sizes","edition":"1","at":"2026-11-22T12:00:00Z","data":{"BTC":"x"}}',
        b'{"name":"venue sizes","edition":"1","at":"yesterday","data":{}}',
    ],
)
def test_a_broken_file_is_passed_over_with_a_line_in_the_log(
    tmp_path: Path, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    shelf = kept(tmp_path)
    (tmp_path / "lists" / "venue-sizes.json").write_bytes(body)
    assert shelf.get("venue sizes", dict[str, float], "1") is None
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "is passed over" in caplog.text
    shelf.put("venue sizes", SIZES, AT, "1")
    assert shelf.get("venue sizes", dict[str, float], "1") is not None


def test_a_file_without_a_time_zone_tells_no_age_and_is_not_used(tmp_path: Path) -> None:
    shelf = kept(tmp_path)
    text = '{"name":"venue sizes","edition":"1","at":"2026-11-22T12:00:00","data":{}}'
    (tmp_path / "lists" / "venue-sizes.json").write_text(text)
    assert shelf.get("venue sizes", dict[str, float], "1") is None
    assert list(shelf.labels()) == []


def test_what_cannot_be_written_is_a_line_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "lists").write_text("a file where a folder should be")
    kept(tmp_path)
    Shelf(tmp_path / "other").put("venue sizes", {"x": object()}, AT)
    assert caplog.text.count("cannot be kept") == 2
    assert list((tmp_path / "other").iterdir()) == []


def test_age_is_told_and_a_list_from_the_future_is_old(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    assert not shelf.old(AT, AT + timedelta(hours=23))
    assert shelf.old(AT, AT + timedelta(hours=24))
    assert shelf.old(AT, AT - timedelta(seconds=1))
    assert age_note("sizes", AT, AT + timedelta(hours=26)) == "sizes: from disk, 26 h old"
    assert age_note("sizes", AT, AT + timedelta(minutes=5)) == "sizes: from disk, 5 min old"
