import json
import os
import subprocess
import sys
from pathlib import Path

from tests.cli.test_check import BOOK


def test_a_reader_that_leaves_early_is_no_failure_and_changes_no_exit_code(tmp_path: Path) -> None:
    book = tmp_path / "book.json"
    book.write_text(json.dumps(BOOK).replace('"raw": 3', '"raw": 4'))
    reader, writer = os.pipe()
    os.close(reader)
    environment = {"HOME": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-m", "adlwatch", "check", "--book", str(book)]
    try:
        done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, env=environment, check=False)  # noqa: S603  # our own interpreter
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (2, b"")


def test_a_terminal_that_knows_no_unicode_gets_question_marks_and_no_crash(tmp_path: Path) -> None:
    book = tmp_path / "book.json"
    book.write_text(json.dumps(BOOK).replace("btc-carry", "φ-carry"))
    environment = {"HOME": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "adlwatch", "check", "--book", str(book)]
    done = subprocess.run(command, capture_output=True, env=environment, check=False)  # noqa: S603  # our own interpreter
    assert (done.returncode, done.stderr) == (1, b"")
    assert b"?-carry" in done.stdout
