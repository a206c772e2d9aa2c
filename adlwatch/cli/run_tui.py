"""Open the terminal on what the command line and the configuration name."""

from dataclasses import replace
from typing import TYPE_CHECKING

import click
from msgspec import structs

from adlwatch.cli.compose import configuration
from adlwatch.cli.options import Launch
from adlwatch.config import Config

if TYPE_CHECKING:
    from datetime import tzinfo

    from adlwatch.tui.app import Options
    from adlwatch.tui.control import Backend

DEFAULT_SCENARIO = "cascade"


def run(launch: Launch) -> int:
    """Show the screen until the user leaves; returns the exit status."""
    from adlwatch.tui.run import NoTerminal  # noqa: PLC0415  # as above
    from adlwatch.tui.run import run as show  # noqa: PLC0415  # as above

    config = read_config(launch)
    try:
        start = (lambda: backend(launch, config)) if launch.mock or config.sources else None
        return show(start, lambda: options(launch, config))
    except NoTerminal as problem:
        raise click.ClickException(str(problem)) from None


def read_config(launch: Launch) -> Config:
    """The configuration; the plain mock has no source to check, and so no kind to import before the first frame."""
    if launch.mock and launch.scenario is None:
        return configuration(replace(launch, mock=False, seed=None, speed=None), sources=False)
    return configuration(launch)


def backend(launch: Launch, config: Config) -> "Backend":
    """Everything behind the screen; called when the first frame is on it."""
    from adlwatch import log  # noqa: PLC0415  # after the first frame
    from adlwatch.cli.behind import behind  # noqa: PLC0415  # after the first frame
    from adlwatch.cli.compose import engine, recorder, settings  # noqa: PLC0415  # after the first frame

    log.start(config.log.level)
    if not launch.mock:
        running = engine(config, recorded=True)
        return behind(running, settings(config), history=running.history, channels=config.channels)
    from adlwatch.adapters.mock import adapters_for_demo  # noqa: PLC0415  # as above
    from adlwatch.engine.clock import SystemClock  # noqa: PLC0415  # as above
    from adlwatch.engine.engine import Engine  # noqa: PLC0415  # as above

    clock = SystemClock()
    adapters, world = adapters_for_demo(launch.scenario or DEFAULT_SCENARIO, launch.seed or 1, launch.speed or 1.0, clock.now)
    judged_by = settings(config)
    keeper = recorder(config, judged_by, in_memory=True)
    running = Engine(adapters, judged_by, clock, recorder=keeper)
    return behind(running, judged_by, world=world, history=running.history)


def options(launch: Launch, config: Config) -> "Options":
    """How the screen looks. Textual may be imported from here on."""
    from adlwatch.cli.looks import check_looks, saved_views  # noqa: PLC0415  # as above
    from adlwatch.cli.offers import offers  # noqa: PLC0415  # needs the environment settled
    from adlwatch.log import state_directory  # noqa: PLC0415  # as above
    from adlwatch.tui.app import Options  # noqa: PLC0415  # needs the environment settled
    from adlwatch.tui.theme import DEFAULT  # noqa: PLC0415  # as above

    views = saved_views(config)
    check_looks(config, views, launch.view)
    return Options(
        theme=config.display.theme or DEFAULT,
        ascii_only=config.display.ascii,
        label=f"MOCK {launch.scenario or DEFAULT_SCENARIO}" if launch.mock else None,
        folder=state_directory() / "saved",
        zone=_zone(config.display.time_zone),
        keymap=dict(config.keys),
        columns=structs.asdict(config.display.columns),
        units=config.display,
        views=views,
        view=launch.view,
        wall=launch.wall,
        offers=offers(launch, backend),
    )


def _zone(name: str) -> "tzinfo | None":
    from datetime import UTC, datetime  # noqa: PLC0415  # after the arguments are known to be right
    from zoneinfo import ZoneInfo  # noqa: PLC0415  # as above

    if name == "UTC":
        return UTC
    return datetime.now().astimezone().tzinfo if name == "local" else ZoneInfo(name)
