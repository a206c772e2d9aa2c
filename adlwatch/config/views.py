"""Views that the user saved from the terminal: a file of their own beside the state, in the words of the configuration.

What stands in it may be copied into config.toml as it is. Several sessions share the file: it is read anew each time, changed by
one at a time, and replaced whole. A file that cannot be read is never written over: it is moved aside.
"""

import json
import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from adlwatch.config.shape import ConfigError, ViewTable
from adlwatch.store.lease import Lease
from adlwatch.strict import Misfit, convert

HEAD = "# Saved from the terminal (v). The same tables may stand in config.toml.\n"


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    views: dict[str, ViewTable] = {}


class SavedViews:
    """Views by name: those of the configuration, and over them those in the file at `path` (None: nothing can be saved)."""

    def __init__(self, path: Path | None = None, configured: Mapping[str, ViewTable] | None = None) -> None:
        self.configured = configured or {}
        self._path = path

    def saved(self) -> dict[str, ViewTable]:
        """Those of the file, in the order in which they were saved. Raises ConfigError with one line."""
        if self._path is None:
            return {}
        try:
            return dict(convert(tomllib.loads(self._path.read_text(encoding="utf-8")), _File).views)
        except FileNotFoundError:
            return {}
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{self._path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"{self._path}: is not TOML: {error}") from None
        except Misfit as misfit:
            raise ConfigError(f"{self._path}: {'.'.join(map(str, misfit.path))}: {misfit.problem}") from None

    def save(self, name: str, view: ViewTable) -> str:
        """Keep it under that name, in place of what had it. What else happened, in one line; raises ConfigError."""
        return self._change(lambda views: views | {name: view})

    def rename(self, name: str, to: str) -> str:
        """Give a saved view another name, and its place in the list. As `save`."""
        return self._change(lambda views: {to if each == name else each: v for each, v in views.items() if each != to})

    def delete(self, name: str) -> str:
        """Forget a saved view. As `save`."""
        return self._change(lambda views: {each: v for each, v in views.items() if each != name})

    def _change(self, change: Callable[[dict[str, ViewTable]], dict[str, ViewTable]]) -> str:
        if self._path is None:
            raise ConfigError("there is no directory to save views in")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with _alone(self._path):
                views, note = self._readable()
                _replace(self._path, toml(change(views)))
        except OSError as error:
            raise ConfigError(f"{self._path}: cannot be written: {error.strerror or error}") from None
        return note

    def _readable(self) -> tuple[dict[str, ViewTable], str]:
        """What there is to change; a broken file is moved aside first, and said to be."""
        try:
            return self.saved(), ""
        except ConfigError as problem:
            if self._path is None or not self._path.is_file():
                raise
            names = (self._path.with_name(f"{self._path.name}.damaged-{n}") for n in range(1, 1_000_000))
            aside = next(name for name in names if not name.exists())
            self._path.replace(aside)
            return {}, f"a new file is begun, the old one moved to {aside.name}: {problem}"


def toml(views: Mapping[str, ViewTable]) -> str:
    """The file's text."""
    tables = (
        "\n".join([f"[views.{_text(name)}]", *(f"{key} = {_value(value)}" for key, value in msgspec.to_builtins(view).items())])
        for name, view in views.items()
    )
    return HEAD + "".join(f"\n{table}\n" for table in tables)


def _value(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_text, value))}]"
    return str(value).lower() if isinstance(value, bool) else _text(value)


def _text(value: str) -> str:
    """A basic string: TOML's escapes are JSON's, but for DEL."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _replace(path: Path, text: str) -> None:
    """All or nothing, readable by the user alone."""
    part = path.with_name(f"{path.name}.part")
    part.touch(mode=0o600)
    with part.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """No other session changes the file meanwhile. Raises ConfigError where one just does."""
    lease = Lease(path)
    if not lease.take():
        raise ConfigError(f"{path}: another adlwatch is just saving; try again")
    try:
        yield
    finally:
        lease.give_up()
