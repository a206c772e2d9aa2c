"""Secrets: named by reference in the configuration, wrapped from the moment they are read, and hidden in every text.

A reference is one of

- ``env:NAME``: an environment variable,
- ``file:PATH``: a file that only its owner may read (mode 0600 or stricter),
- ``cmd:PROGRAM ARGUMENTS``: what a command prints, for example a password manager's (no shell is involved),
- ``keyring:SERVICE/USER``: the desktop's keyring, through the optional package `keyring`.
"""

import importlib
import os
import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn
from urllib.parse import quote
from weakref import WeakSet

HIDDEN = "[hidden]"
COMMAND_SECONDS = 15.0
_LEAST_HIDDEN = 4  # characters; a shorter secret would take letters out of ordinary words


class CredentialError(Exception):
    """A secret that cannot be had; the message is one line that never holds any part of one."""


class Secret:
    """A secret text that shows itself only through `reveal()`: not in repr, str, logs, tracebacks with locals, or JSON."""

    __slots__ = ("__weakref__", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        _KNOWN.add(self)

    def reveal(self) -> str:
        """The secret itself, for the one call that signs or sends it."""
        return self._text

    def __repr__(self) -> str:
        return f"Secret({HIDDEN})"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret cannot be copied or written")


_KNOWN: WeakSet[Secret] = WeakSet()


def resolve(reference: str) -> Secret:
    """The secret that `reference` names. Blocks while a command or keyring answers: call it off the event loop.

    Raises `CredentialError`.
    """
    scheme, colon, place = reference.partition(":")
    read = SCHEMES.get(scheme)
    if not colon or read is None or not place:
        raise CredentialError("a secret is given by reference: env:NAME, file:PATH, cmd:PROGRAM or keyring:SERVICE/USER")
    text = read(place).strip()
    if not text:
        raise CredentialError(f"{scheme}: nothing in it")
    return Secret(text)


def redact(text: str) -> str:
    """`text` without any secret this process has read, and without what looks like one.

    That is: query strings and user names of addresses, named credentials (`api-key: …`), and hexadecimal runs as long
    as a private key or a signature.
    """
    text = hide(text)
    text = _QUERY.sub(r"\1?" + HIDDEN, text)
    text = _USERINFO.sub(r"\1" + HIDDEN + "@", text)
    text = _NAMED.sub(r"\1" + HIDDEN, text)
    return _HEX.sub(HIDDEN, text)


def hide(text: str) -> str:
    """`text` without any secret this process has read, plain or as part of an address."""
    known = {secret.reveal() for secret in _KNOWN if len(secret.reveal()) >= _LEAST_HIDDEN}
    for secret in sorted(known, key=len, reverse=True):
        text = text.replace(secret, HIDDEN).replace(quote(secret, safe=""), HIDDEN)
    return text


_QUERY = re.compile(r"(\bhttps?://[^\s?\"']+)\?[^\s\"')]*")
_USERINFO = re.compile(r"(\b\w+://)[^\s/@\"']+@")
_NAMED = re.compile(
    r"(?i)(\b[\w-]*(?:api-?_?key|access-?_?key|signature|secret|passphrase|password|token|authorization|\bsign)"
    r"[\"']?\s*[=:]\s*[\"']?)(?:bearer\s+|basic\s+)?(?=[^\s\"']*\d|[^\s\"']{16})[^\s\"'&,;})\]]+"
)
"""A name of a credential and a value that looks like one, with a digit or long: `okx_secret: others may read it` stays."""
_HEX = re.compile(r"\b(?:0x)?[0-9a-fA-F]{64,}\b")


def _environment(name: str) -> str:
    try:
        return os.environ[name]
    except KeyError:
        raise CredentialError(f"env:{name}: no such environment variable") from None


def _file(place: str) -> str:
    path = Path(place).expanduser()
    try:
        with path.open(encoding="utf-8") as file:
            mode = os.fstat(file.fileno()).st_mode & 0o777
            if os.name == "posix" and mode & 0o077:
                raise CredentialError(f"file:{place}: others may read it (mode {mode:04o}); run chmod 600 on it")
            return file.read()
    except OSError as error:
        raise CredentialError(f"file:{place}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise CredentialError(f"file:{place}: is not text") from None


def _command(line: str) -> str:
    try:
        words = shlex.split(line)
    except ValueError:
        raise CredentialError("cmd: its quotes do not match") from None
    name = f"cmd:{words[0]}" if words else "cmd"
    try:
        done = subprocess.run(  # noqa: S603 -- running the user's own command is what cmd: is for; no shell sees it
            words, stdin=subprocess.DEVNULL, capture_output=True, timeout=COMMAND_SECONDS, check=False
        )
        text = done.stdout.decode()
    except subprocess.TimeoutExpired:
        raise CredentialError(f"{name}: no answer within {COMMAND_SECONDS:.0f} s") from None
    except UnicodeDecodeError:
        raise CredentialError(f"{name}: printed something that is not text") from None
    except (OSError, IndexError) as error:
        raise CredentialError(f"{name}: cannot be run: {getattr(error, 'strerror', 'no program named')}") from None
    if done.returncode:
        raise CredentialError(f"{name}: ended with status {done.returncode}")
    return text


def _keyring(place: str) -> str:
    service, _, user = place.partition("/")
    try:
        keyring = importlib.import_module("keyring")
    except ImportError:
        raise CredentialError("keyring: needs the package keyring: pip install 'adlwatch[keyring]'") from None
    try:
        text = keyring.get_password(service, user)
    except Exception as error:  # noqa: BLE001 -- every keyring backend raises its own; none may reach a crash report
        raise CredentialError(f"keyring:{place}: {type(error).__name__}") from None
    if text is None:
        raise CredentialError(f"keyring:{place}: no such entry")
    return str(text)


SCHEMES: dict[str, Callable[[str], str]] = {"env": _environment, "file": _file, "cmd": _command, "keyring": _keyring}
