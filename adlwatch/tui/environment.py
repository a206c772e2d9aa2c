"""What has to be settled before Textual is imported, because it reads the environment at import: frame rate and colours."""

import os
import sys
from collections.abc import MutableMapping

from msgspec import Struct

FPS = "120"
"""At 60 the second paint after an idle moment waits up to two frames of 17 ms; a key has to answer within one."""
DUMB = frozenset({"dumb", "unknown", ""})
TRUE_COLOUR = frozenset({"truecolor", "24bit"})
NATIVE_THEME = "ansi-dark"


class Terminal(Struct, frozen=True):
    """What the terminal can do."""

    native_colours: bool
    """Sixteen colours or none: the terminal's own palette has to be used."""
    unicode: bool
    problem: str = ""
    """Why no screen can be shown at all; empty where one can."""


def inspect(environ: MutableMapping[str, str] = os.environ) -> Terminal:
    """Judge the terminal by its environment and the encoding of standard output."""
    term = environ.get("TERM", "").casefold()
    many = (
        environ.get("COLORTERM", "").casefold() in TRUE_COLOUR
        or "256" in term
        or term.startswith(("xterm-kitty", "xterm-ghostty", "alacritty"))
    )
    encoding = (getattr(sys.stdout, "encoding", None) or "").casefold()
    problem = ""
    if "TEXTUAL_DRIVER" in environ:
        return Terminal("NO_COLOR" in environ, unicode=True)  # textual-serve draws in a browser
    if not sys.stdout.isatty():
        problem = "standard output is no terminal; `adlwatch check` prints one assessment"
    elif term in DUMB:
        problem = f"TERM={term or 'unset'} cannot show a screen; `adlwatch check` prints one assessment"
    return Terminal("NO_COLOR" in environ or not many, encoding.startswith("utf"), problem)


def prepare(terminal: Terminal, environ: MutableMapping[str, str] = os.environ) -> None:
    """Set what Textual reads at import. Colours decided later would come out black on NO_COLOR terminals."""
    environ["TEXTUAL_FPS"] = FPS
    environ["TEXTUAL_ANIMATIONS"] = "none"
    if terminal.native_colours:
        environ["TEXTUAL_THEME"] = NATIVE_THEME
