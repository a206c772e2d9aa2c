import io
import logging
import re
import warnings
from collections.abc import Iterator
from logging.handlers import RotatingFileHandler
from pathlib import Path

import pytest

from adlwatch import log
from adlwatch.credentials import HIDDEN, Secret

PLANTED = "s3cr3t-Zx81-planted"


@pytest.fixture(autouse=True)
def loggers_as_they_were() -> Iterator[None]:
    root, ours = logging.getLogger(), logging.getLogger("adlwatch")
    before = (root.level, ours.level, list(root.handlers))
    yield
    for handler in [h for h in root.handlers if h not in before[2]]:
        root.removeHandler(handler)
        handler.close()
    logging.raiseExceptions = True
    root.setLevel(before[0])
    ours.setLevel(before[1])
    logging.captureWarnings(capture=False)


def crash(secret: Secret) -> BaseException:
    """An error whose message, cause and locals all hold the secret."""
    header = f"X-KEY: {secret.reveal()}"

    def send() -> None:
        raise OSError(f"refused {header}")

    def sign() -> None:
        try:
            send()
        except OSError as error:
            raise RuntimeError(f"cannot sign with {secret.reveal()}") from error

    with pytest.raises(RuntimeError) as caught:
        sign()
    return caught.value


def report_in(directory: Path) -> str:
    (path,) = directory.glob("crash-*.txt")
    return path.read_text()


def test_the_log_file_holds_our_records_with_time_and_level(tmp_path: Path) -> None:
    path = log.start("INFO", tmp_path / "state")
    logging.getLogger("adlwatch.engine").info("polling %s", "bin-main")
    assert path == tmp_path / "state" / "adlwatch.log"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ INFO adlwatch\.engine: polling bin-main\n", path.read_text())


def test_secrets_are_hidden_in_messages_arguments_and_tracebacks(tmp_path: Path) -> None:
    secret = Secret(PLANTED)
    path = log.start("INFO", tmp_path)
    assert path
    logging.getLogger("adlwatch").error("with %s and %s", secret, secret.reveal(), exc_info=crash(secret))
    text = path.read_text()
    assert PLANTED not in text
    assert text.count(HIDDEN) >= 3
    assert "RuntimeError: cannot sign with" in text


def test_nothing_reaches_the_terminal_whether_the_log_is_on_or_off(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    logging.getLogger("adlwatch.engine").warning("before the start")
    log.start("INFO", tmp_path)
    logging.getLogger("adlwatch.engine").error("after it")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("from a library", stacklevel=1)
    assert capfd.readouterr() == ("", "")
    assert "from a library" in (tmp_path / "adlwatch.log").read_text()


class FullDisk(io.StringIO):
    def write(self, text: str) -> int:
        raise OSError(28, "No space left on device")


def test_a_disk_that_is_full_does_not_tear_the_screen(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    log.start("INFO", tmp_path)
    handler = next(h for h in logging.getLogger().handlers if isinstance(h, RotatingFileHandler))
    file = handler.setStream(FullDisk())  # type: ignore[arg-type]  # typeshed wants the very class of the old stream
    assert file
    file.close()
    logging.getLogger("adlwatch").error("no room for this")
    assert capfd.readouterr() == ("", "")


def test_libraries_are_heard_from_warnings_on_and_we_from_our_own_level(tmp_path: Path) -> None:
    path = log.start("DEBUG", tmp_path)
    assert path
    logging.getLogger("asyncio").debug("selector")
    logging.getLogger("asyncio").warning("slow callback")
    logging.getLogger("adlwatch").debug("detail")
    assert [line.split(": ")[1] for line in path.read_text().splitlines()] == ["slow callback", "detail"]


def test_the_log_is_the_owners_alone(tmp_path: Path) -> None:
    path = log.start("INFO", tmp_path)
    assert path
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_directory_that_cannot_be_written_leaves_the_program_without_a_log(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert log.start("INFO", tmp_path / "file") is None


def test_the_crash_report_names_the_error_and_its_cause_but_no_secret(tmp_path: Path) -> None:
    secret = Secret(PLANTED)
    line = log.crash_report(crash(secret), tmp_path)
    text = report_in(tmp_path)
    assert PLANTED not in text + line
    assert "RuntimeError: cannot sign with" in text
    assert "OSError: refused X-KEY" in text
    assert "in sign" in text
    assert text.startswith("adlwatch ")


def test_the_user_is_told_in_one_line_what_happened_and_where_the_report_lies(tmp_path: Path) -> None:
    line = log.crash_report(ValueError("two\nlines"), tmp_path)
    (path,) = tmp_path.glob("crash-*.txt")
    assert path.stat().st_mode & 0o777 == 0o600
    assert line == f"stopped by an error of its own: ValueError: two lines; report: {path}"


def test_a_report_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    line = log.crash_report(ValueError("x"), tmp_path / "file")
    assert line.startswith("stopped by an error of its own: ValueError: x; no report could be written (")
