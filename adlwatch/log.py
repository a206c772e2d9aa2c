"""The log file and the crash report: both in the state directory, both redacted, neither ever on the terminal."""

import logging
import platform
import time
import traceback
from datetime import UTC, datetime
from pathlib import Path

from adlwatch import __version__
from adlwatch.credentials import redact

logger = logging.getLogger("adlwatch")
logger.addHandler(logging.NullHandler())  # without it the standard library writes warnings to the terminal

MEGABYTE = 1_000_000
KEEP_FILES = 3


def state_directory() -> Path:
    """Where the log and crash reports go, by the system's convention (Linux: ~/.local/state/adlwatch)."""
    from platformdirs import user_state_path  # noqa: PLC0415  # start-up without a log does not need it

    return user_state_path("adlwatch")


class Redacted(logging.Formatter):
    """Redacts the finished text, so that arguments and tracebacks are covered as well. Times are UTC, as venues' are."""

    converter = staticmethod(time.gmtime)

    def format(self, record: logging.LogRecord) -> str:
        """One record as text without a secret in it."""
        return redact(super().format(record))


def start(level: str = "INFO", directory: Path | None = None) -> Path | None:
    """Write the log of this run to a rotating file; None where the directory refuses, and the program goes on without a log.

    Warnings of Python and of libraries go there too: printed, they would tear the screen.
    """
    from logging.handlers import RotatingFileHandler  # noqa: PLC0415  # costs as much as the rest of the log together

    path = (directory or state_directory()) / "adlwatch.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        handler = RotatingFileHandler(path, maxBytes=MEGABYTE, backupCount=KEEP_FILES, encoding="utf-8")
    except OSError:
        return None
    attach(handler, level)
    logging.raiseExceptions = False  # a full disk must not be announced across the screen
    return path


def attach(handler: logging.Handler, level: str = "INFO", *, timed: bool = True) -> None:
    """Have the handler write this run's log, redacted; `timed` unless whoever reads it notes the time."""
    handler.setFormatter(Redacted(f"{'%(asctime)s ' * timed}%(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%SZ"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logger.setLevel(level)
    logging.captureWarnings(capture=True)


def crash_report(error: BaseException, directory: Path | None = None) -> str:
    """Write what is needed to find a bug, and return the one line that tells the user where it lies.

    It holds the traceback but no local variables: those are where keys, signatures and balances live.
    """
    now = datetime.now(UTC)
    name = redact(" ".join(traceback.format_exception_only(error)[-1].split()))
    path = (directory or state_directory()) / f"crash-{now:%Y%m%dT%H%M%S%f}.txt"
    head = f"adlwatch {__version__}, Python {platform.python_version()}, {platform.platform()}, {now:%Y-%m-%dT%H:%M:%SZ}"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(redact("".join([head, "\n\n", *traceback.format_exception(error)])), encoding="utf-8")
    except OSError as refused:
        return f"stopped by an error of its own: {name}; no report could be written ({refused.strerror})"
    return f"stopped by an error of its own: {name}; report: {path}"
