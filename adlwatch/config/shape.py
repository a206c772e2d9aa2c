"""What can be configured, frozen."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from adlwatch.adapters.base import SourceSpec
from adlwatch.config.channels import ChannelTable, Heartbeat
from adlwatch.config.units import Units
from adlwatch.domain.settings import Settings


class ConfigError(Exception):
    """One line that names the place and what was expected there."""


class ColumnsTable(Struct, frozen=True, forbid_unknown_fields=True):
    """Ids of the columns after the first, by screen; empty: those the screen has by itself."""

    board: tuple[str, ...] = ()
    positions: tuple[str, ...] = ()


class ViewTable(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the user wants to see of one screen, under a name. The terminal checks what only it knows: filter, sort, columns."""

    screen: Literal["board", "positions"] = "board"
    filter: str = ""
    sort: str = "worst"
    reverse: bool = False
    at_risk: bool = False
    columns: tuple[str, ...] = ()
    unfolded: tuple[str, ...] = ()
    """Names of hedges that stand open, whatever their state."""
    folded: tuple[str, ...] = ()


class Display(Units, frozen=True, forbid_unknown_fields=True):
    """How the terminal looks."""

    theme: str | None = None
    ascii: bool = False
    time_zone: str = "local"
    """`local`, `UTC`, or a name such as Europe/Zurich."""
    columns: ColumnsTable = ColumnsTable()

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


class HistoryTable(Struct, frozen=True, forbid_unknown_fields=True):
    """What is kept of what was seen."""

    enabled: bool = True
    days: Annotated[float, Meta(ge=1, le=3650)] = 90.0
    """How long changes, lights and orders are remembered; incidents are for good."""
    path: str | None = None
    """The file, `~` is the home directory; None: in the state directory, by the system's convention."""


class MarketListsTable(Struct, frozen=True, forbid_unknown_fields=True):
    """What venues list, kept between runs so that a start need not ask for it."""

    keep: bool = True
    hours: Annotated[float, Meta(gt=0, le=720)] = 24.0
    """From which age on a list is asked for again, while the old one serves."""


class Config(Struct, frozen=True, kw_only=True):
    """Everything the user decided."""

    path: Path | None = None
    """The file it was read from; None where there is none."""
    sources: tuple[SourceSpec, ...] = ()
    settings: Settings = field(default_factory=Settings)
    display: Display = field(default_factory=Display)
    keys: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Action → keys, as the terminal's table of actions names them."""
    views: Mapping[str, ViewTable] = field(default_factory=lambda: MappingProxyType({}))
    """By name."""
    log: Log = field(default_factory=Log)
    history: HistoryTable = field(default_factory=HistoryTable)
    market_lists: MarketListsTable = field(default_factory=MarketListsTable)
    channels: tuple[ChannelTable, ...] = ()
    heartbeat: Heartbeat | None = None
