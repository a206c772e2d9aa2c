"""Write the file: whole or not at all, readable by its owner only, and not before it has been read back."""

import os
import tempfile
from pathlib import Path

import click

from adlwatch.config import ConfigError
from adlwatch.config.read import parse


def may_write(path: Path, *, force: bool, asking: bool) -> bool:
    """Whether the file may be written: it is not there, or the user said so."""
    if force or not path.exists():
        return True
    return asking and click.confirm(f"{path} is there already. Replace it?", default=False)


def write(path: Path, text: str) -> None:
    """Write `text` if it is a valid configuration. Raises `click.ClickException` with one line."""
    try:
        parse(text, path)
    except ConfigError as error:
        raise click.ClickException(f"nothing was written: {error}") from None
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=".adlwatch-")  # mode 0600
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
            Path(draft).replace(path)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise click.ClickException(f"{path}: cannot be written: {error.strerror}") from None
