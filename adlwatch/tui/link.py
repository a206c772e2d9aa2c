"""The link to the terminal: whether it is still there, and whether it has taken what was last written."""

import array
import sys
from errno import EIO

UNSENT_LIMIT = 4096
"""Bytes the terminal may still owe us before the next tick is skipped; a key's own answer is never skipped."""


class LinkLost(Exception):
    """The terminal is gone."""


def unsent() -> int:
    """Bytes written and not yet taken; 0 where the system can't tell. Raises LinkLost when the terminal is gone."""
    try:
        import fcntl  # noqa: PLC0415  # not on Windows
        import termios  # noqa: PLC0415  # as above
    except ImportError:
        return 0
    stream = sys.__stderr__
    if stream is None or stream.closed:
        return 0
    count = array.array("i", [0])
    try:
        fcntl.ioctl(stream.fileno(), termios.TIOCOUTQ, count)
    except OSError as error:
        if error.errno == EIO:  # a terminal that hung up; isatty denies that it ever was one
            raise LinkLost(str(error)) from error
    return count[0]
