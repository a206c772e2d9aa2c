"""`adlwatch replay`: the same program on what was recorded."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, NamedTuple

import click
from msgspec import structs

from adlwatch.cli.assessed import with_config
from adlwatch.cli.compose import configuration, recorder, settings
from adlwatch.cli.kept import CONFIG_OPTION
from adlwatch.cli.options import SCREEN_OPTIONS, Launch, launch_options
from adlwatch.cli.output import pass_on
from adlwatch.config import Config, load

if TYPE_CHECKING:
    from adlwatch.adapters.replay.file import RecordingFile
    from adlwatch.adapters.replay.tape import Replay, Tape
    from adlwatch.domain.recording import Head
    from adlwatch.domain.settings import Settings
    from adlwatch.domain.snapshot import Snapshot
    from adlwatch.engine.clock import Clock
    from adlwatch.engine.queues import Kept
    from adlwatch.tui.app import Options
    from adlwatch.tui.control import Backend

STEP = 0.05
"""Recorded seconds that pass at least, also while every source waits after a failure and takes nothing off the tape."""


@click.command("replay")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@launch_options(CONFIG_OPTION, *SCREEN_OPTIONS)
@click.option("--speed", "pace", type=click.FloatRange(min=0, min_open=True), default=1.0, help="Recorded seconds a second [1].")
@click.option("--from-raw", is_flag=True, help="Parse the recorded raw replies again, and say what is read differently.")
@click.option("--json", "as_json", is_flag=True, help="No screen: every snapshot as a line of JSON, as fast as it goes.")
@click.pass_context
def command(context: click.Context, launch: Launch, file: Path, pace: float, *, from_raw: bool, as_json: bool) -> None:
    """Play what `adlwatch record` has recorded into FILE, in the recorded time. Always marked REPLAY.

    With --json the same file and configuration give the same output, byte for byte. With --from-raw the adapters of this
    version read the recorded replies: a change of a parser can be tried on a bug report.
    """
    from adlwatch.adapters.replay.file import NoRecording, RecordingFile  # noqa: PLC0415  # --help needs no sources
    from adlwatch.cli.unattended import logged_to_file  # noqa: PLC0415  # as above

    launch = with_config(launch, context.obj)
    config = configuration(launch, sources=False)
    config = structs.replace(config, settings=load(launch.config, sources=False).settings)  # with its hedges
    try:
        recording = RecordingFile(file)
        logged_to_file(config)  # what failed then fails again, and is no news for the screen
        played = opened(file, recording, from_raw=from_raw)
        if as_json:
            asyncio.run(_print(played, settings(config)))
        code = 0 if as_json else _show(launch, config, played, pace)
    except NoRecording as error:
        raise click.ClickException(str(error)) from None
    if played.file.note is not None:
        click.echo(f"adlwatch: {played.file.note}", err=True)
    if played.tape.fault is not None:
        raise click.ClickException(played.tape.fault)
    context.exit(code)


class Played(NamedTuple):
    """A recording that is open."""

    file: "RecordingFile"
    tape: "Tape"

    @property
    def head(self) -> "Head":
        """Its first line."""
        return self.file.head

    def sources(self, clock: "Clock", *, ends: bool = False) -> "list[Replay]":
        """Its sources, in that time; `ends`: they say so after their last answer."""
        from adlwatch.adapters.replay.tape import Replay, ReplayTime  # noqa: PLC0415  # as above

        time = ReplayTime(clock.now, clock.sleep)
        return [Replay(source, self.tape, time, ends=ends) for source in self.head.sources]


def opened(path: Path, file: "RecordingFile", *, from_raw: bool) -> Played:
    """The recording with what it says, or with what its raw replies say now. Raises `NoRecording`."""
    from adlwatch.adapters.replay.tape import Tape  # noqa: PLC0415  # as above
    from adlwatch.domain.recording import heard_in  # noqa: PLC0415  # as above

    if not from_raw:
        return Played(file, Tape(heard_in(file.lines)))
    from adlwatch.cli.again import parsed_again  # noqa: PLC0415  # only then

    return Played(file, Tape(heard_in(parsed_again(path, file))))


class _NoJitter(Random):
    """What waited a little longer then must not wait longer still."""

    def uniform(self, a: float, b: float) -> float:  # noqa: ARG002  # as the base class has it
        return a


async def _print(played: Played, judged_by: "Settings") -> None:
    """Every snapshot of the recorded time, without waiting for any of it."""
    from adlwatch.domain.snapshot import encode  # noqa: PLC0415  # as above
    from adlwatch.engine.engine import Engine  # noqa: PLC0415  # as above
    from adlwatch.engine.virtual import VirtualClock  # noqa: PLC0415  # as above

    clock = VirtualClock(played.head.started)
    gone = False

    def tell(snapshot: "Snapshot") -> None:
        nonlocal gone
        try:
            pass_on(b"" if gone else encode(snapshot) + b"\n")
        except OSError:
            gone = True

    async def at_once(compute: "Callable[[], Kept]") -> "Kept":
        return compute()

    running = Engine(played.sources(clock), judged_by, clock, random=_NoJitter(), offload=at_once)
    running.subscribe(tell)
    task = asyncio.create_task(running.run())
    while not gone and (at := played.tape.next_at) is not None:
        await clock.advance(max(STEP, (at - clock.now()).total_seconds()))
    await clock.advance(1.0)
    task.cancel()
    await asyncio.wait([task])
    await running.close()


def _show(launch: Launch, config: Config, played: Played, speed: float) -> int:
    """The terminal, on the recorded time."""
    from adlwatch.cli.behind import behind  # noqa: PLC0415  # as above
    from adlwatch.cli.run_tui import options  # noqa: PLC0415  # as above
    from adlwatch.tui.run import NoTerminal  # noqa: PLC0415  # as above
    from adlwatch.tui.run import run as show  # noqa: PLC0415  # as above

    label = f"REPLAY {played.head.started:%Y-%m-%d %H:%M}Z ×{speed:g}"

    def start() -> "Backend":
        from adlwatch.engine.clock import FasterClock  # noqa: PLC0415  # after the first frame
        from adlwatch.engine.engine import Engine  # noqa: PLC0415  # as above

        clock, judged_by = FasterClock(played.head.started, speed), settings(config)
        keeper = recorder(config, judged_by, in_memory=True)
        return behind(Engine(played.sources(clock, ends=True), judged_by, clock, random=_NoJitter(), recorder=keeper), judged_by)

    def look() -> "Options":
        return structs.replace(options(launch, config), label=label)

    try:
        return show(start, look)
    except NoTerminal as problem:
        raise click.ClickException(str(problem)) from None
