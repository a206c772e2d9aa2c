"""What runs behind the screen: the engine, and what may be asked of the book, the history and the channels."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from msgspec.structs import replace

from adlwatch.tui.control import Backend

if TYPE_CHECKING:
    from adlwatch.config.channels import ChannelTable
    from adlwatch.domain.incident import Incident
    from adlwatch.domain.remedy import Remedy
    from adlwatch.domain.samples import Sample
    from adlwatch.domain.settings import Settings
    from adlwatch.domain.snapshot import Snapshot
    from adlwatch.engine.engine import Engine
    from adlwatch.store.history import History
    from adlwatch.store.reader import Delivery
    from adlwatch.tui.control import World
    from adlwatch.tui.hypothesis import Hypothesis

LOGGED = timedelta(days=30)


def behind(
    engine: "Engine",
    settings: "Settings",
    *,
    world: "World | None" = None,
    history: "History | None" = None,
    channels: "tuple[ChannelTable, ...]" = (),
) -> Backend:
    """Everything the terminal may ask, answered by this engine; `history` where one is kept."""
    from adlwatch.cli.services import who  # noqa: PLC0415  # after the first frame

    return Backend(
        engine,
        world,
        what_if=_what_if(engine, settings),
        remedies=_remedies(engine, settings),
        user=who(),
        sources=lambda: engine.states.sources,
        past=None if history is None else _past(history),
        report=_report,
        channels=tuple(each.name for each in channels),
        deliveries=tuple if history is None else _deliveries(history),
        try_channel=_try({each.name: each.url for each in channels}),
    )


def _what_if(engine: "Engine", settings: "Settings") -> "Callable[[Hypothesis], Snapshot]":
    from adlwatch.domain.assess import assess  # noqa: PLC0415  # as above
    from adlwatch.domain.what_if import Suppose, supposed  # noqa: PLC0415  # as above

    def what_if(asked: "Hypothesis") -> "Snapshot":
        now, states = engine.snapshot.as_of, engine.states
        what = Suppose(moves=asked.moves, follow=asked.follow, sizes=asked.sizes, margins=asked.margins)
        return assess(replace(states, sources=supposed(states.sources, what, settings, now)), settings, now)

    return what_if


def _remedies(engine: "Engine", settings: "Settings") -> "Callable[[str, int], tuple[Remedy, ...]]":
    def fix(key: str, to: int) -> "tuple[Remedy, ...]":
        from adlwatch.domain.remedy import remedies  # noqa: PLC0415  # only when asked for

        return remedies(engine.states.sources, engine.states.queues, settings, engine.snapshot.as_of, key=key, to=to)

    return fix


def _past(history: "History") -> "Callable[[str, datetime], tuple[Sample, ...]]":
    def past(key: str, since: datetime) -> "tuple[Sample, ...]":
        from adlwatch.store.reader import Unreadable  # noqa: PLC0415  # only when asked for

        try:
            return history.read.series(key, since)
        except Unreadable as error:
            raise OSError(str(error)) from None

    return past


def _deliveries(history: "History") -> "Callable[[], tuple[Delivery, ...]]":
    def deliveries() -> "tuple[Delivery, ...]":
        from adlwatch.store.reader import Unreadable  # noqa: PLC0415  # only when asked for

        try:
            return history.read.deliveries(datetime.now(UTC) - LOGGED)
        except Unreadable as error:
            raise OSError(str(error)) from None

    return deliveries


def _report(incident: "Incident") -> Mapping[str, str]:
    from adlwatch.export.incident_report import markdown, table  # noqa: PLC0415  # only when asked for

    return {"md": markdown(incident), "csv": table([incident])}


def _try(urls: Mapping[str, str]) -> Callable[[str], None]:
    def try_channel(name: str) -> None:
        from adlwatch.domain.channel import Message, Tone  # noqa: PLC0415  # only when asked for
        from adlwatch.engine.lane import Undelivered  # noqa: PLC0415  # as above
        from adlwatch.engine.senders import sender  # noqa: PLC0415  # as above

        key = f"test-{name}-{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
        body = "This is a test. Nothing needs your attention."
        try:
            sender(urls[name])(Message("adlwatch test", body, Tone.NOTE, key))
        except Undelivered as error:
            raise OSError(str(error)) from None

    return try_channel
