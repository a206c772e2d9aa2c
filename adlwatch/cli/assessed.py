"""One assessment of what the command line names, for the commands that print and leave."""

import dataclasses
from datetime import UTC, datetime
from typing import Any

import click

from adlwatch.cli.compose import configuration, engine, settings
from adlwatch.cli.options import Launch
from adlwatch.domain.snapshot import Snapshot


def with_config(launch: Launch, outer: Any) -> Launch:
    """`--config` counts before the command as well as after it."""
    if launch.config is None and isinstance(outer, Launch):
        return dataclasses.replace(launch, config=outer.config)
    return launch


def assessed(launch: Launch, max_age: float | None = None) -> Snapshot:
    """A book as of its own time, or the sources asked once each. Raises `click.ClickException` with one line."""
    alone = launch.book is not None and not (launch.mock or launch.hyperliquid)
    return _book(launch, max_age) if alone else _sources(launch)


def _book(launch: Launch, max_age: float | None) -> Snapshot:
    """Assess one file without an engine: nothing to wait for, and half the start-up time."""
    from adlwatch.adapters.base import SourceError  # noqa: PLC0415  # as below
    from adlwatch.adapters.book import load  # noqa: PLC0415  # other checks need no book
    from adlwatch.domain.assess import States, assess  # noqa: PLC0415  # imports numpy, which `check --help` does not need
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
    return assess(States(sources=(state,), queues=queues.kept.queues.by_key), judged_by, reading.as_of)


def _sources(launch: Launch) -> Snapshot:
    """Ask every source once."""
    import asyncio  # noqa: PLC0415  # a book needs none

    from adlwatch import log  # noqa: PLC0415  # a book needs none

    config = configuration(launch)
    if not config.sources:
        raise click.ClickException(
            f"nothing to check: no [[source]] in {config.path or 'any configuration'}, and none named here"
        )
    log.start(config.log.level)
    running = engine(config)

    async def once() -> Snapshot:
        try:
            return await running.assess_once()
        finally:
            await running.close()

    return asyncio.run(once())
