"""The composition root: from what the command line and the configuration ask for to an engine that can run."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from msgspec import structs

from adlwatch.adapters.base import SourceSpec
from adlwatch.cli.options import Launch
from adlwatch.config import Config, ConfigError, load, refuse_private_key, source_spec
from adlwatch.domain.settings import Settings
from adlwatch.strict import Misfit

if TYPE_CHECKING:
    from adlwatch.adapters.shelf import Shelf
    from adlwatch.engine.engine import Engine
    from adlwatch.engine.recorder import Recorder
    from adlwatch.engine.taping import Taping

MOCK_VENUES = ("mock-alpha", "mock-beta", "mock-gamma")
"""What `--mock` shows: the venues of one simulated world, which sources with the same options share."""


def configuration(launch: Launch, *, sources: bool = True) -> Config:
    """The configuration with the command line's choices over it. Raises `click.ClickException` with one line.

    Sources named on the command line replace the configured ones, and with them the hedges over those. With `sources=False`
    the configured ones are left out as well, and their kinds are not imported.
    """
    try:
        config = load(launch.config, sources=sources and not launch.names_sources)
    except ConfigError as error:
        raise click.ClickException(str(error)) from None
    if launch.names_sources or not sources:
        kept = structs.replace(config.settings, hedges=())
        config = structs.replace(config, sources=tuple(_named_sources(launch)), settings=kept)
    chosen = {name: value for name in ("theme", "ascii") if (value := getattr(launch, name)) is not None}
    return structs.replace(config, display=structs.replace(config.display, **chosen))


def settings(config: Config) -> Settings:
    """What `assess` needs to know: the user's choices, and the venues' profiles."""
    from adlwatch.venues import Readable, profiles  # noqa: PLC0415  # kept out of the first frame

    return structs.replace(config.settings, profiles=Readable(profiles()))


def engine(config: Config, *, recorded: bool = False, wire: "Taping | None" = None) -> "Engine":
    """An engine over the configured sources, on the machine's clock. Imports asyncio, numpy and the adapters named.

    `recorded`: keep what it sees in the history, begin with what an earlier run has left there, and tell the channels.
    `wire` listens to everything that the sources ask.
    """
    from adlwatch.adapters import registry  # noqa: PLC0415  # kept out of the first frame
    from adlwatch.adapters.base import Context  # noqa: PLC0415  # as above
    from adlwatch.engine.clock import SystemClock  # noqa: PLC0415  # as above
    from adlwatch.engine.engine import Engine  # noqa: PLC0415  # as above

    clock = SystemClock()
    kept = shelf(config) if wire is None else None  # a recording has to hear every request
    judged_by = settings(config)
    keeper = recorder(config, judged_by) if recorded else None
    before = keeper.resumed.readings({spec.id: spec.kind for spec in config.sources}) if keeper is not None else {}
    context = Context(clock=clock.now if wire is None else wire.now, shared={}, shelf=kept, before=before)
    adapters = [registry.build(spec, context) for spec in config.sources]
    adapters = adapters if wire is None else [wire.tape(adapter) for adapter in adapters]
    running = Engine(adapters, judged_by, clock, recorder=keeper)
    if recorded:
        from adlwatch.cli import services  # noqa: PLC0415  # as above

        services.add(running, config, clock, keeper.history if keeper is not None else None)
    return running


def recorder(config: Config, judged_by: Settings, *, in_memory: bool = False) -> "Recorder | None":
    """What keeps the history of a run, begun with what an earlier run has left; None where the configuration wants none.

    `in_memory`: keep it only until the program ends, as for what is not real.
    """
    from datetime import UTC, datetime, timedelta  # noqa: PLC0415  # as above

    from adlwatch.engine.recorder import Recorder, resume  # noqa: PLC0415  # as above
    from adlwatch.store.history import History  # noqa: PLC0415  # as above

    if not config.history.enabled:
        return None
    path = None if in_memory else history_path(config)
    history = History(path, lambda: datetime.now(UTC), timedelta(days=config.history.days))
    return Recorder(history, judged_by.profiles, resume(history, datetime.now(UTC)))


def shelf(config: Config) -> "Shelf | None":
    """Where market lists are kept between runs; None where they are not."""
    from datetime import timedelta  # noqa: PLC0415  # as above

    from platformdirs import user_cache_path  # noqa: PLC0415  # as above

    from adlwatch.adapters.shelf import Shelf  # noqa: PLC0415  # as above

    lists = config.market_lists
    return Shelf(user_cache_path("adlwatch") / "market-lists", timedelta(hours=lists.hours)) if lists.keep else None


def history_path(config: Config) -> Path:
    """The file in which the history is kept."""
    from adlwatch.store.history import default_path  # noqa: PLC0415  # as above

    return Path(config.history.path).expanduser() if config.history.path else default_path()


def _named_sources(launch: Launch) -> Iterator[SourceSpec]:
    if launch.mock:
        chosen = {name: value for name in ("scenario", "seed", "speed") if (value := getattr(launch, name)) is not None}
        for venue in MOCK_VENUES:
            yield _spec(venue, "mock", {"venue": venue, **chosen}, "--mock")
    for address in dict.fromkeys(launch.hyperliquid):
        yield _spec(f"{address[:6]}..{address[-4:]}", "hyperliquid", {"address": address}, "--hyperliquid")
    if launch.book is not None:
        yield _spec("book", "book", {"path": launch.book}, "--book")


def _spec(id_: str, kind: str, options: dict[str, Any], option: str) -> SourceSpec:
    try:
        refuse_private_key(str(options.get("address", "")))
        return source_spec(id_, kind, options)
    except Misfit as misfit:
        key = next((f"--{name}" for name in misfit.path[:1] if name in ("scenario", "seed", "speed")), option)
        raise click.ClickException(f"{key}: {misfit.problem}") from None
