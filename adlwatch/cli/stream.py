"""`adlwatch stream`: every snapshot as one line of JSON, for programs."""

import asyncio
from functools import partial
from typing import TYPE_CHECKING

import click

from adlwatch.cli.assessed import with_config
from adlwatch.cli.options import SOURCE_OPTIONS, Launch, launch_options
from adlwatch.cli.output import pass_on
from adlwatch.cli.unattended import Stop, attend, logged_to_file, sources_of

if TYPE_CHECKING:
    from adlwatch.domain.snapshot import Snapshot
    from adlwatch.engine.engine import Engine


@click.command("stream")
@launch_options(*SOURCE_OPTIONS)
@click.option(
    "--interval", type=click.FloatRange(min=0.25, max=3600), default=1.0, show_default=True, help="Seconds between two lines."
)
@click.option("--count", type=click.IntRange(min=1), metavar="N", help="End after N lines.")
@click.pass_context
def command(context: click.Context, launch: Launch, *, interval: float, count: int | None) -> None:
    """Write snapshots (adlwatch-snapshot/1) to standard output, one a line, until stopped.

    A slow reader gets the newest snapshot, never a late one; how many were passed over is said on standard error. A reader
    that goes away ends the stream, with exit code 0.
    """
    launch = with_config(launch, context.obj)
    config = sources_of(launch)
    logged_to_file(config)
    attend(config, lambda engine, stop: _stream(engine, stop, interval, count))


async def _stream(engine: "Engine", stop: Stop, interval: float, count: int | None) -> None:
    """Offer the newest snapshot to the reader every `interval`."""
    from adlwatch.export.outlet import Outlet  # noqa: PLC0415  # --help needs none

    fresh = asyncio.Event()
    forget = engine.subscribe(lambda _: fresh.set())
    outlet = Outlet(pass_on, skipped=_say, closed=stop)
    offered = 0
    try:
        while count is None or offered < count:
            await fresh.wait()
            fresh.clear()
            outlet.put(partial(_line, engine.snapshot))
            offered += 1
            if offered != count:
                await asyncio.sleep(interval)
        await asyncio.to_thread(outlet.close)
        stop()
    finally:
        forget()


def _line(snapshot: "Snapshot") -> bytes:
    from adlwatch.domain.snapshot import encode  # noqa: PLC0415  # --help needs none

    return encode(snapshot) + b"\n"


def _say(skipped: int) -> None:
    click.echo(f"adlwatch: the reader is slow: {skipped} {'snapshot' if skipped == 1 else 'snapshots'} passed over", err=True)
