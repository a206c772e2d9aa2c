"""How a message leaves: through Apprise (https://appriseit.com, some hundred services by one URL each), a bell, or the desktop.

Apprise is imported when a channel is made ready, in a thread. Its own log is kept from ours: it names addresses, and in
most of them the address is the secret.
"""

import logging
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

from adlwatch.credentials import HIDDEN, CredentialError, Secret, resolve
from adlwatch.domain.channel import Message
from adlwatch.engine.lane import Sender, Undelivered

BELL, DESKTOP = "bell", "desktop"
SECONDS = 10.0
_OSASCRIPT = ("on run argv", "display notification (item 2 of argv) with title (item 1 of argv)", "end run")
_LEAST_HIDDEN = 4
_ON_SCREEN = 1_000
"""Characters that a desktop shows of one message."""
PACE = 1.0
"""Seconds between two messages to one service at most. Apprise's default of 5.5 would keep an incident waiting behind a light."""
_ROOM = 0.9
"""Part of a service's longest message that is used: some count what is escaped on the way."""


def sender(url: str) -> Sender:
    """What sends to `bell`, `desktop`, or the Apprise URL that the secret reference `url` names."""
    return AppriseSender(url) if url not in LOCAL else Local(LOCAL[url])


def bell(_: Message) -> None:
    """Ring the terminal."""
    try:
        Path("/dev/tty").write_text("\a", encoding="ascii")
    except OSError as error:
        raise Undelivered(f"there is no terminal to ring: {error.strerror}") from None


def desktop(message: Message) -> None:
    """Show it on the desktop of this machine."""
    if sys.platform == "darwin":
        command = ["osascript", *(word for line in _OSASCRIPT for word in ("-e", line)), message.title, message.body]
    else:
        command = ["notify-send", "--app-name=adlwatch", "--", message.title, message.body]
    program = shutil.which(command[0])
    if program is None:
        raise Undelivered(f"there is no {command[0]} on this machine")
    try:
        subprocess.run([program, *command[1:]], check=True, capture_output=True, timeout=SECONDS)  # noqa: S603  # found above; no shell
    except subprocess.SubprocessError as error:
        raise Undelivered(f"{command[0]} failed: {type(error).__name__}") from None


LOCAL: Mapping[str, Callable[[Message], None]] = {BELL: bell, DESKTOP: desktop}


class Local:
    """A way to tell whoever sits at this machine."""

    def __init__(self, tell: Callable[[Message], None]) -> None:
        self._tell = tell

    def ready(self) -> int:
        """Always."""
        return _ON_SCREEN

    def __call__(self, message: Message) -> None:
        """Tell; raises `Undelivered`."""
        self._tell(message)


class AppriseSender:
    """Sends through one Apprise URL, which is read when it is first needed, and again after a failure to read it."""

    def __init__(self, reference: str) -> None:
        self._reference = reference
        self._plugin: Any = None
        self._url: Secret | None = None

    def ready(self) -> int:
        """Import Apprise and read the URL; raises `Undelivered`. A service that shows few lines gets one thing at a time."""
        plugin = self._ready()
        return 0 if plugin.body_max_line_count else int(plugin.body_maxlen * _ROOM)

    def __call__(self, message: Message) -> None:
        """Send; raises `Undelivered`."""
        plugin = self._ready()
        if isinstance(getattr(plugin, "headers", None), dict):  # plain webhooks: the receiver can tell a repetition
            plugin.headers["Idempotency-Key"] = message.key
        with _Heard() as heard:
            try:
                taken = plugin.notify(body=message.body, title=message.title, notify_type=message.tone.value, body_format="text")
            except Exception as error:  # noqa: BLE001  # a hundred plugins raise what they like; all of it means "not sent"
                raise Undelivered(self._hidden(repr(error))) from None
        if not taken:
            raise Undelivered(self._hidden(heard.last or "the service did not take it"))

    def _ready(self) -> Any:
        if self._plugin is None:
            import apprise  # noqa: PLC0415  # takes a third of a second

            try:
                url = resolve(self._reference)
            except CredentialError as error:
                raise Undelivered(str(error)) from None
            self._url = url
            with _Heard():
                self._plugin = apprise.Apprise.instantiate(url.reveal())
            if self._plugin is None:
                scheme = url.reveal().partition("://")[0]
                raise Undelivered(
                    f"Apprise knows no such URL ({scheme if scheme in apprise.Apprise().details() else HIDDEN}://…)"
                )
            self._plugin.request_rate_per_sec = min(self._plugin.request_rate_per_sec, PACE)
            if self._plugin.overflow_mode == apprise.OverflowMode.UPSTREAM:  # which services refuse, again and again
                self._plugin.overflow_mode = apprise.OverflowMode.TRUNCATE
        return self._plugin

    def _hidden(self, text: str) -> str:
        """Without any part of the address: in most of them a part is the secret."""
        _, _, rest = self._url.reveal().partition("://") if self._url is not None else ("", "", "")
        for word in sorted(re.split(r"[/:@?&=,]+", rest), key=len, reverse=True):
            text = text.replace(word, HIDDEN) if len(word) >= _LEAST_HIDDEN else text
        return text


class _Heard(logging.Handler):
    """What Apprise logs in this thread while it sends: the only place where it says why it failed."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.last: str | None = None
        self._thread = threading.get_ident()
        self._logger = logging.getLogger("apprise")

    def __enter__(self) -> Self:
        self._logger.propagate = False
        self._logger.addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        self._logger.removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the last one."""
        if record.thread == self._thread:
            self.last = record.getMessage()
