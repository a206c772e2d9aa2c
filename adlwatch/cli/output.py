"""Writing to standard output when its reader may be gone, or may not know our characters."""

import os
import sys


def write(text: str) -> None:
    """Print and flush. A reader that closed the pipe (`| head`) has what it wanted: that is no failure."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    try:
        print(text, flush=True)  # noqa: T201  # what this module is for
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def pass_on(data: bytes) -> None:
    """Write bytes to standard output past Python's buffer, which would fail a second time at exit when the reader is gone.

    Raises `OSError` when it is. Blocks while the reader takes nothing.
    """
    descriptor = sys.stdout.fileno()
    while data:
        data = data[os.write(descriptor, data) :]
