"""The configuration file: TOML, read strictly, into frozen values.

Whatever is wrong becomes a `ConfigError` of one line: file, table, key, what was expected, and the nearest right name.
"""

import math
import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import msgspec
from msgspec import Struct

from adlwatch.adapters.base import SourceSpec, Unsupported
from adlwatch.domain.model import HedgeSpec
from adlwatch.domain.settings import Settings
from adlwatch.domain.thresholds import Thresholds
from adlwatch.strict import Misfit, convert, leaves, nearest

SOURCE_ID = re.compile(r"[\w.@+-]+")
"""No colon: position keys are `account:symbol:side`."""
PRIVATE_KEY = re.compile(r"\s*(0x)?[0-9a-fA-F]{64}\s*")


DEFAULTS = Settings()


class ConfigError(Exception):
    """One line that names the place and what was expected there."""


class Display(Struct, frozen=True, forbid_unknown_fields=True):
    """How the terminal looks."""

    theme: str | None = None
    ascii: bool = False
    time_zone: str = "local"
    """`local`, `UTC`, or a name such as Europe/Zurich."""
    units: Literal["base", "usd"] = "base"
    """Sizes in base units or in USD."""

    def __post_init__(self) -> None:
        if self.time_zone not in ("local", "UTC"):
            from zoneinfo import ZoneInfo  # noqa: PLC0415  # most configurations need no zone data

            try:
                ZoneInfo(self.time_zone)
            except (KeyError, ValueError, OSError):
                raise ValueError(
                    f'"{self.time_zone}" is no time zone; expected local, UTC, or one such as Europe/Zurich'
                ) from None


class Log(Struct, frozen=True, forbid_unknown_fields=True):
    """The log file."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Everything the user decided."""

    path: Path | None = None
    """The file it was read from; None where there is none."""
    sources: tuple[SourceSpec, ...] = ()
    settings: Settings = DEFAULTS
    display: Display = field(default_factory=Display)
    keys: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Action → keys, as the terminal's table of actions names them."""
    log: Log = field(default_factory=Log)


class _Hedge(Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    legs: tuple[str, ...]


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    """The file's top level. Thresholds and the options of a source are checked by their owners' own shapes."""

    source: tuple[dict[str, Any], ...] = ()
    hedge: tuple[_Hedge, ...] = ()
    aliases: dict[str, str] = {}
    owners: dict[str, str] = {}
    dust_usd: float = DEFAULTS.dust_usd
    thresholds: dict[str, Any] = {}
    display: Display = Display()
    keys: dict[str, str] = {}
    log: Log = Log()


def default_path() -> Path:
    """Where the user's configuration lies, by the system's convention (Linux: ~/.config/adlwatch/config.toml)."""
    from platformdirs import user_config_path  # noqa: PLC0415  # not needed when the file is named

    return user_config_path("adlwatch") / "config.toml"


def load(path: Path | None = None, *, sources: bool = True) -> Config:
    """Read the file at `path`, or the user's own; without one, the defaults. `sources=False` leaves the sources out unread.

    Raises `ConfigError`.
    """
    named = path or default_path()
    try:
        text = named.read_text(encoding="utf-8")
    except FileNotFoundError:
        if path is None:
            return Config()
        raise ConfigError(f"{named}: no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{named}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    return parse(text, named, sources=sources)


def parse(text: str, path: Path, *, sources: bool = True) -> Config:
    """The configuration in `text`; `path` names it. Raises `ConfigError`."""
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: is not TOML: {error}") from None
    try:
        _refuse_unsafe(tree)
        return _config(convert(tree, _File), path, sources=sources)
    except Misfit as misfit:
        raise ConfigError(f"{path}: {_place(misfit.path, tree)}: {misfit.problem}") from None


def source_spec(id_: str, kind: str, options: dict[str, Any]) -> SourceSpec:
    """One source with its options checked. Raises `Misfit`, its path inside the source's table.

    A package that cannot be imported is no error of the file: the source is kept, with the problem, beside the others.
    """
    from adlwatch.adapters import registry  # noqa: PLC0415  # a configuration without sources needs no adapters

    if kind not in registry.names():
        raise Misfit(("kind",), f'no kind of source is called "{kind}"{nearest(kind, registry.names())}')
    try:
        shape = registry.load(kind).options
    except Unsupported as error:
        return SourceSpec(id=id_, kind=kind, problem=str(error))
    return SourceSpec(id=id_, kind=kind, options=convert(options, shape))


def refuse_private_key(text: str, path: tuple[str | int, ...] = ()) -> None:
    """Raise `Misfit` for what looks like a private key, without repeating it: watching needs an address, nothing more."""
    if PRIVATE_KEY.fullmatch(text):
        raise Misfit(
            path,
            "holds 64 hex digits, as a private key does; adlwatch only reads: give the public address, "
            "and credentials as env:NAME, file:PATH or cmd:COMMAND",
        )


def _refuse_unsafe(tree: dict[str, Any]) -> None:
    for path, value in leaves(tree):
        if isinstance(value, str):
            refuse_private_key(value, path)
        if isinstance(value, float) and not math.isfinite(value):
            raise Misfit(path, f"expected a finite number, got {value}")


def _config(file: _File, path: Path, *, sources: bool) -> Config:
    return Config(
        path=path,
        sources=tuple(_sources(file.source)) if sources else (),
        settings=Settings(
            hedges=tuple(HedgeSpec(hedge.name, hedge.legs) for hedge in file.hedge),
            aliases=MappingProxyType(file.aliases),
            owners=MappingProxyType(file.owners),
            thresholds=_thresholds(file.thresholds),
            dust_usd=file.dust_usd,
        ),
        display=file.display,
        keys=MappingProxyType(file.keys),
        log=file.log,
    )


def _thresholds(table: dict[str, Any]) -> Thresholds:
    """The table in the shape that `Thresholds` itself declares; it checks that the limits agree with each other."""
    limits = [(limit.name, limit.type, limit.default) for limit in fields(Thresholds)]
    with _under("thresholds"):
        shape = msgspec.defstruct("thresholds", limits, frozen=True, forbid_unknown_fields=True)
        return Thresholds(**msgspec.structs.asdict(convert(table, shape)))


def _sources(tables: tuple[dict[str, Any], ...]) -> Iterator[SourceSpec]:
    taken: set[str] = set()
    for index, table in enumerate(tables):
        with _under("source", index):
            options = dict(table)
            kind = _text(options, "kind")
            id_ = _text(options, "id", kind)
            if not SOURCE_ID.fullmatch(id_):
                raise Misfit(("id",), f'"{id_}" may hold only letters, digits and . _ @ + -')
            if id_ in taken:
                raise Misfit(("id",), f'"{id_}" is the id of an earlier source: give each its own')
            taken.add(id_)
            yield source_spec(id_, kind, options)


def _text(table: dict[str, Any], key: str, default: str | None = None) -> str:
    value = table.pop(key, default)
    if value is None:
        raise Misfit((key,), "is required")
    if not isinstance(value, str):
        raise Misfit((key,), "expected a text")
    return value


@contextmanager
def _under(*path: str | int) -> Iterator[None]:
    """Say of every misfit inside that it lies under that path."""
    try:
        yield
    except Misfit as misfit:
        raise Misfit((*path, *misfit.path), misfit.problem) from None
    except ValueError as error:
        raise Misfit(path, str(error).removeprefix(f"{path[0]}: ")) from None


def _place(path: tuple[str | int, ...], tree: dict[str, Any]) -> str:
    """Where in the file, in TOML's own words: `[display] theme`, `[[source]] 2 (whale) address`."""
    match path:
        case (str() as table, int() as index, *rest):
            row = tree[table][index]
            name = row.get("id") or row.get("name") if isinstance(row, dict) else None
            head = f"[[{table}]] {index + 1}" + (f" ({name})" if isinstance(name, str) else "")
        case (str() as table, *rest) if isinstance(tree.get(table), dict):
            head = f"[{table}]"
        case _:
            head, rest = "", list(path)
    return " ".join(part for part in (head, ".".join(map(str, rest))) if part) or "top level"
