"""From the file's text to a `Config`, or to one line that says what is wrong and where."""

import math
import tomllib
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from adlwatch.config.alerts import AlertsTable, alert_rules
from adlwatch.config.channels import ChannelTable, Heartbeat, checked
from adlwatch.config.shape import Config, ConfigError, Display, HistoryTable, Log, MarketListsTable, ViewTable
from adlwatch.config.sources import refuse_private_key, source_specs, under
from adlwatch.domain.costs import Costs
from adlwatch.domain.model import HedgeSpec
from adlwatch.domain.settings import Settings
from adlwatch.domain.thresholds import Thresholds
from adlwatch.strict import Misfit, convert, leaves

Owned = TypeVar("Owned", Thresholds, Costs)


class _Hedge(Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    legs: tuple[str, ...]


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    """The file's top level. Thresholds, costs and the options of a source are checked by their owners' own shapes."""

    source: tuple[dict[str, Any], ...] = ()
    hedge: tuple[_Hedge, ...] = ()
    aliases: dict[str, str] = {}
    owners: dict[str, str] = {}
    dust_usd: float = Settings().dust_usd
    thresholds: dict[str, Any] = {}
    costs: dict[str, Any] = {}
    display: Display = Display()
    keys: dict[str, str] = {}
    views: dict[str, ViewTable] = {}
    log: Log = Log()
    alerts: AlertsTable = AlertsTable()
    history: HistoryTable = HistoryTable()
    market_lists: MarketListsTable = MarketListsTable()
    channel: tuple[ChannelTable, ...] = ()
    heartbeat: Heartbeat | None = None


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
        _refuse_single(tree)
        return _config(convert(tree, _File), path, sources=sources)
    except Misfit as misfit:
        raise ConfigError(f"{path}: {_place(misfit.path, tree)}: {misfit.problem}") from None


def _refuse_unsafe(tree: dict[str, Any]) -> None:
    for path, value in leaves(tree):
        if isinstance(value, str):
            refuse_private_key(value, path)
        if isinstance(value, float) and not math.isfinite(value):
            raise Misfit(path, f"expected a finite number, got {value}")


def _refuse_single(tree: dict[str, Any]) -> None:
    """TOML's most common slip has a better answer than the type that was expected."""
    for table in ("source", "hedge", "channel"):
        if isinstance(tree.get(table), dict):
            raise Misfit((table,), f"there can be several: write [[{table}]]")


def _config(file: _File, path: Path, *, sources: bool) -> Config:
    checked(file.channel, file.heartbeat)
    return Config(
        path=path,
        sources=tuple(source_specs(file.source)) if sources else (),
        settings=Settings(
            hedges=tuple(HedgeSpec(hedge.name, hedge.legs) for hedge in file.hedge),
            aliases=MappingProxyType({asset.upper(): of.upper() for asset, of in file.aliases.items()}),
            owners=MappingProxyType(file.owners),
            thresholds=_owned(Thresholds, "thresholds", file.thresholds),
            costs=_owned(Costs, "costs", file.costs),
            dust_usd=file.dust_usd,
            alerts=alert_rules(file.alerts, file.display.time_zone),
        ),
        display=file.display,
        keys=MappingProxyType(file.keys),
        views=MappingProxyType(file.views),
        log=file.log,
        history=file.history,
        market_lists=file.market_lists,
        channels=file.channel,
        heartbeat=file.heartbeat,
    )


def _owned(kind: type[Owned], name: str, table: dict[str, Any]) -> Owned:
    """The table in the shape that a struct of the domain declares; it checks itself that its numbers agree."""
    declared = [(own.name, own.type, own.default) for own in msgspec.structs.fields(kind)]
    with under(name):
        shape = msgspec.defstruct(name, declared, frozen=True, forbid_unknown_fields=True)
        return kind(**msgspec.structs.asdict(convert(table, shape)))


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
    keys = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in rest).removeprefix(".")
    return " ".join(part for part in (head, keys) if part) or "top level"
