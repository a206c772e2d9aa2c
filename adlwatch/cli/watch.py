"""`adlwatch watch`: the same engine without a screen; what changes is told line by line."""

import logging
import os
import sys
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from adlwatch import log
from adlwatch.cli.assessed import with_config
from adlwatch.cli.metrics import Address, AddressType, exporter
from adlwatch.cli.options import SOURCE_OPTIONS, Launch, launch_options
from adlwatch.cli.output import pass_on
from adlwatch.cli.unattended import Service, Stop, attend, logged_to_file, sources_of

if TYPE_CHECKING:
    from adlwatch.config import Config
    from adlwatch.domain.snapshot import Snapshot
    from adlwatch.engine.engine import Engine

PATIENCE = timedelta(seconds=10)
"""How long the first line waits for every source to have been asked once."""
MOST_WAITING = 10_000
"""Lines kept for a reader that takes none."""


@click.command("watch")
@launch_options(*SOURCE_OPTIONS)
@click.option(
    "--plain", "how", flag_value="plain", default="plain", help="Say every change in words on standard output. [default]"
)
@click.option("--headless", "how", flag_value="headless", help="Say nothing but a log, on standard error: for services.")
@click.option("--metrics", type=AddressType(), metavar="HOST:PORT", help="Answer GET /metrics there as well, as `metrics` does.")
@click.option("--public", is_flag=True, help="Allow a --metrics address that other machines can reach.")
@click.pass_context
def command(context: click.Context, launch: Launch, *, how: str, metrics: Address | None, public: bool) -> None:
    """Watch without a screen until stopped: alerts go to their channels, and history is kept.

    With --mock nothing is kept and nobody is told: nothing of it is real.

    --plain writes one line for each change, for screen readers and logs; it needs no colour and no cursor.
    """
    launch = with_config(launch, context.obj)
    config = sources_of(launch)
    services: list[Service] = [_plain if how == "plain" else _headless, _managed]
    if metrics is not None:
        services.append(exporter(metrics, public=public))
    _log(config, to_stderr=how == "headless")
    attend(config, *services, recorded=not launch.mock)


def _log(config: "Config", *, to_stderr: bool) -> None:
    """The log goes where a service's log is looked for; journald sets the time itself."""
    if not to_stderr:
        logged_to_file(config)
        return
    log.attach(logging.StreamHandler(sys.stderr), config.log.level, timed="JOURNAL_STREAM" not in os.environ)


class Told:
    """Says what changed from snapshot to snapshot, from the first on in which every source has been asked."""

    def __init__(self, begun: datetime) -> None:
        self._begun = begun
        self._before: Snapshot | None = None

    def lines(self, snapshot: "Snapshot") -> list[str]:
        """What is to be said of it."""
        from adlwatch.export.plain import lines  # noqa: PLC0415  # --help needs none

        waiting = any(source.last_attempt is None for source in snapshot.sources)
        if self._before is None and waiting and snapshot.as_of - self._begun < PATIENCE:
            return []
        before, self._before = self._before, snapshot
        return list(lines(before, snapshot))


async def _plain(engine: "Engine", stop: Stop) -> None:
    """Every change to standard output, written by a thread: a reader that holds up the pipe must not hold up the engine."""
    from adlwatch.export.outlet import Outlet  # noqa: PLC0415  # as above
    from adlwatch.export.plain import alert  # noqa: PLC0415  # as above

    told = Told(engine.snapshot.as_of)
    outlet = Outlet(pass_on, skipped=_say, closed=stop, most=MOST_WAITING)

    def say(at: datetime, line: str) -> None:
        outlet.put(f"{at:%Y-%m-%d %H:%M:%S}Z {line}\n".encode)

    def changed(snapshot: "Snapshot") -> None:
        for line in told.lines(snapshot):
            say(snapshot.as_of, line)

    engine.subscribe(changed)
    engine.on_transition(lambda transition: say(transition.at, alert(transition)))
    try:
        await stop.event.wait()
    finally:
        outlet.close()


async def _headless(engine: "Engine", _: Stop) -> None:
    from adlwatch.export.plain import alert  # noqa: PLC0415  # as above

    logger = logging.getLogger("adlwatch.watch")
    told = Told(engine.snapshot.as_of)

    def say(snapshot: "Snapshot") -> None:
        for line in told.lines(snapshot):
            logger.info("%s", line)

    engine.subscribe(say)
    engine.on_transition(lambda transition: logger.warning("%s", alert(transition)))


async def _managed(engine: "Engine", _: Stop) -> None:
    """What systemd wants to hear, where it started us."""
    from adlwatch.engine.clock import SystemClock  # noqa: PLC0415  # as above
    from adlwatch.engine.heartbeat import Systemd  # noqa: PLC0415  # as above

    await Systemd().run(lambda: engine.snapshot, SystemClock())


def _say(skipped: int) -> None:
    click.echo(f"adlwatch: the reader is slow: {skipped} lines passed over", err=True)
