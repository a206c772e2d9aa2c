"""One assessment of what the command line names, for the commands that print and leave."""

import dataclasses
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from adlwatch.cli.compose import configuration, engine, settings
from adlwatch.cli.options import Launch
from adlwatch.domain.settings import Settings
from adlwatch.domain.snapshot import Snapshot

if TYPE_CHECKING:
    from adlwatch.domain.assess import States
    from adlwatch.engine.engine import Engine


def with_config(launch: Launch, outer: Any) -> Launch:
    """`--config` counts before the command as well as after it."""
    if launch.config is None and isinstance(outer, Launch):
        return dataclasses.replace(launch, config=outer.config)
    return launch


class Known(NamedTuple):
    """Everything a snapshot is made of, for commands that ask about a changed book."""

    states: "States"
    settings: Settings
    now: datetime


def assessed(launch: Launch, max_age: float | None = None) -> Snapshot:
    """A book as of its own time, or the sources asked once each. Raises `click.ClickException` with one line."""
    from adlwatch.domain.assess import assess  # noqa: PLC0415  # imports numpy, which `check --help` does not need

    return assess(*_book(launch, max_age)) if _is_book(launch) else _asked(launch).snapshot


def known(launch: Launch) -> Known:
    """The same, not yet assessed."""
    if _is_book(launch):
        return _book(launch, None)
    running = _asked(launch)
    return Known(running.states, settings(configuration(launch)), running.snapshot.as_of)


def _is_book(launch: Launch) -> bool:
    return launch.book is not None and not (launch.mock or launch.hyperliquid)


def _book(launch: Launch, max_age: float | None) -> Known:
    """Read one file without an engine: nothing to wait for, and half the start-up time."""
    from adlwatch.adapters.base import SourceError  # noqa: PLC0415  # as below
    from adlwatch.adapters.book import load  # noqa: PLC0415  # other checks need no book
    from adlwatch.domain.assess import States  # noqa: PLC0415  # imports numpy, which `check --help` does not need
    from adlwatch.domain.reading import SourceState  # noqa: PLC0415  # as above
    from adlwatch.engine.queues import QueueKeeper  # noqa: PLC0415  # as above

    judged_by = settings(configuration(dataclasses.replace(launch, book=None), sources=False))
    try:
        reading = load(str(launch.book))
    except SourceError as error:
        raise click.ClickException(str(error)) from None
    old = (datetime.now(UTC) - reading.as_of).total_seconds()
    if max_age is not None and old > max_age:
        raise click.ClickException(f"{reading.source}: is {old:.0f} s old, more than --max-age {max_age:g}")
    state = SourceState(
        id=reading.source, kind="book", interval=max_age or 0.0, reading=reading, attempted_at=reading.received_at
    )
    queues = QueueKeeper(judged_by)
    queues.settle((state,), reading.as_of)
    return Known(States(sources=(state,), queues=queues.kept.queues.by_key), judged_by, reading.as_of)


def _asked(launch: Launch) -> "Engine":
    """An engine that has asked every source once."""
    import asyncio  # noqa: PLC0415  # a book needs none

    from adlwatch import log  # noqa: PLC0415  # a book needs none

    config = configuration(launch)
    if not config.sources:
        raise click.ClickException(
            f"nothing to check: no [[source]] in {config.path or 'any configuration'}, and none named here"
        )
    log.start(config.log.level)
    running = engine(config)

    async def once() -> None:
        try:
            await running.assess_once()
        finally:
            await running.close()

    asyncio.run(once())
    return running
