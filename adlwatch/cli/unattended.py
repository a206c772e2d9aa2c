"""Running the engine without a screen: until a signal, or until whoever reads is gone."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from adlwatch import log
from adlwatch.cli.compose import configuration, engine
from adlwatch.cli.options import Launch
from adlwatch.config import Config

if TYPE_CHECKING:
    from adlwatch.engine.engine import Engine
    from adlwatch.engine.taping import Taping

SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


@dataclass(frozen=True, slots=True)
class Stop:
    """Ends the run; may be called from any thread."""

    loop: asyncio.AbstractEventLoop
    event: asyncio.Event = field(default_factory=asyncio.Event)

    def __call__(self) -> None:
        """End the run."""
        with suppress(RuntimeError):  # the loop has ended already
            self.loop.call_soon_threadsafe(self.event.set)


Service = Callable[["Engine", Stop], Awaitable[None]]
"""What runs beside the engine until it is cancelled, or returns."""


def sources_of(launch: Launch) -> Config:
    """The configuration, with something to watch in it. Raises `click.ClickException`."""
    config = configuration(launch)
    if not config.sources:
        raise click.ClickException(
            f"nothing to watch: no [[source]] in {config.path or 'any configuration'}, and none named here"
        )
    return config


def logged_to_file(config: Config) -> None:
    """Write the log where the terminal writes it, and say where that cannot be."""
    if log.start(config.log.level) is None:
        click.echo(f"adlwatch: no log: {log.state_directory()} cannot be written", err=True)


def attend(config: Config, *services: Service, recorded: bool = False, wire: "Taping | None" = None) -> None:
    """Run the engine and the services until told to stop: a signal to end is no failure.

    `recorded`: keep history and tell the channels. `wire` listens to everything that the sources ask.
    """
    asyncio.run(_attended(engine(config, recorded=recorded, wire=wire), services))


async def _attended(running: "Engine", services: tuple[Service, ...]) -> None:
    stop = Stop(asyncio.get_running_loop())
    for name in SIGNALS:
        with suppress(NotImplementedError, AttributeError, ValueError):  # not every system and thread has every one
            if signal.getsignal(getattr(signal, name)) is not signal.SIG_IGN:  # as under nohup
                stop.loop.add_signal_handler(getattr(signal, name), stop.event.set)
    try:
        async with asyncio.TaskGroup() as tasks:
            started = [tasks.create_task(_run(service, running, stop)) for service in services]
            started.append(tasks.create_task(running.run()))
            await stop.event.wait()
            for task in started:
                task.cancel()
    finally:
        await running.close()


async def _run(service: Service, running: "Engine", stop: Stop) -> None:
    await service(running, stop)
