"""What this terminal can show."""

import os
import shutil
import sys
from collections.abc import Iterator, Mapping

from adlwatch.cli.doctor.finding import Finding, fail, ok, warn

ABOUT = "terminal"
COLUMNS, LINES = 80, 24
TMUX_COLOURS = "set -as terminal-features ',*:RGB' in ~/.tmux.conf, and COLORTERM=truecolor"


def terminal() -> Iterator[Finding]:
    """The terminal of this process."""
    size = shutil.get_terminal_size()
    encoding = (getattr(sys.stdout, "encoding", None) or "").casefold()
    yield from judge(os.environ, (size.columns, size.lines), encoding, on_terminal=sys.stdout.isatty())


def judge(environ: Mapping[str, str], size: tuple[int, int], encoding: str, *, on_terminal: bool) -> Iterator[Finding]:
    """Size, colours, characters, and what stands in between."""
    from adlwatch.tui.environment import DUMB, TRUE_COLOUR  # noqa: PLC0415  # --help needs no terminal

    if not on_terminal:
        yield ok(ABOUT, "not judged: the output goes to a file or another program")
        return
    term = environ.get("TERM", "").casefold()
    if term in DUMB:
        yield fail(
            ABOUT, f"TERM={term or 'unset'} cannot show a screen", "set TERM to what your terminal is, or use adlwatch watch"
        )
        return
    yield from _size(size)
    yield from _colours(environ, term, TRUE_COLOUR)
    if encoding.startswith("utf"):
        yield ok(ABOUT, "Unicode")
    else:
        yield warn(ABOUT, f"its characters are {encoding or 'unknown'}, so bars and arrows are ASCII", "use a UTF-8 locale")


def _size(size: tuple[int, int]) -> Iterator[Finding]:
    columns, lines = size
    if columns < COLUMNS or lines < LINES:
        yield warn(ABOUT, f"{columns} × {lines} is small: columns are left out", f"make it at least {COLUMNS} × {LINES}")
    else:
        yield ok(ABOUT, f"{columns} × {lines}")


def _colours(environ: Mapping[str, str], term: str, many: frozenset[str]) -> Iterator[Finding]:
    inside = "tmux" if environ.get("TMUX") else "screen" if term.startswith("screen") else None
    if "NO_COLOR" in environ:
        yield ok(ABOUT, "no colours, as NO_COLOR asks")
    elif environ.get("COLORTERM", "").casefold() in many:
        yield ok(ABOUT, f"all colours{f', inside {inside}' if inside else ''}")
    elif "256" in term:
        how = TMUX_COLOURS if inside else "export COLORTERM=truecolor"
        yield ok(ABOUT, f"256 colours; for all of them: {how}")
    else:
        yield warn(ABOUT, f"TERM={term}: sixteen colours", "use a terminal with 256 colours; in tmux TERM=tmux-256color")
