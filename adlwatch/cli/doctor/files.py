"""The configuration and the secrets it names: there, valid, and for their owner only."""

import os
import re
import stat
import tomllib
from collections.abc import Iterator
from pathlib import Path

from adlwatch.cli.doctor.finding import Finding, fail, ok, warn
from adlwatch.config import Config, ConfigError, load
from adlwatch.config.read import default_path
from adlwatch.credentials import CredentialError, resolve
from adlwatch.strict import leaves

ABOUT = "configuration"
PASSIVE = re.compile(r"(env|file):\S")
"""References that can be followed without running anything: a command or a keyring may ask the user for something."""


def configuration(path: Path | None) -> tuple[Config | None, Finding]:
    """The configuration, or None with the reason."""
    try:
        config = load(path)
    except ConfigError as error:
        return None, fail(ABOUT, str(error), "correct that line; config.example.toml shows every key")
    if config.path is None:
        missing = f"there is none at {default_path()}, so the defaults count"
        return config, warn(ABOUT, missing, "adlwatch init writes one")
    kinds = len(config.sources)
    if not kinds:
        return config, warn(ABOUT, f"{config.path} is valid but names no [[source]]", "adlwatch init shows how to write one")
    return config, ok(ABOUT, f"{config.path} is valid: {kinds} source{'s' * (kinds != 1)}")


def permissions(path: Path) -> Iterator[Finding]:
    """Who may read and change the file and its folder."""
    if os.name != "posix":
        return
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o022:
        yield fail(ABOUT, f"others may change {path} (mode {mode:04o})", f"chmod 600 {path}")
    elif mode & 0o044:
        yield warn(ABOUT, f"others may read {path} (mode {mode:04o}): your addresses and hedges", f"chmod 600 {path}")
    else:
        yield ok(ABOUT, f"only you may read it (mode {mode:04o})")
    if stat.S_IMODE(path.resolve().parent.stat().st_mode) & 0o002:
        yield fail(ABOUT, f"others may replace files in {path.parent}", f"chmod o-w {path.parent}")


def secrets(path: Path) -> Iterator[Finding]:
    """Every secret that the file names as `env:` or `file:` can be had, and only by its owner."""
    tree = tomllib.loads(path.read_text(encoding="utf-8"))
    for place, value in leaves(tree):
        if not isinstance(value, str) or not PASSIVE.match(value):
            continue
        name = ".".join(str(step) for step in place)
        try:
            resolve(value)
        except CredentialError as error:
            yield fail(f"secret {name}", str(error), "set it, or correct the reference")
        else:
            yield ok(f"secret {name}", f"{value.partition(':')[0]}: there, and only for you")
