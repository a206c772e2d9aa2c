"""What works beside the engine when nobody looks: channels, decisions of other terminals, the heartbeat, the service manager."""

import asyncio
import getpass
from typing import TYPE_CHECKING

from adlwatch.config import Config

if TYPE_CHECKING:
    from adlwatch.engine.clock import Clock
    from adlwatch.engine.engine import Engine
    from adlwatch.store.history import History


def add(engine: "Engine", config: Config, clock: "Clock", history: "History | None") -> None:
    """Have the engine run what the configuration asks for. `history` is where deliveries and decisions are kept."""
    if config.channels:
        from adlwatch.engine.outbox import Outbox  # noqa: PLC0415  # only where there are channels
        from adlwatch.engine.senders import sender  # noqa: PLC0415  # as above

        channels = [(each.channel, sender(each.url)) for each in config.channels]
        outbox = Outbox(channels, clock, history, engine.report, label=lambda: engine.snapshot.label)
        engine.on_transition(outbox.hear)
        engine.serve("channels", outbox.run)
    if history is not None:
        from adlwatch.engine.decisions import Decisions  # noqa: PLC0415  # only where they can be shared

        decisions = Decisions(engine, history, clock, who())
        engine.on_transition(decisions.hear)
        engine.serve("decisions", decisions.run)
    if config.heartbeat is not None:
        from adlwatch.engine.heartbeat import Beat  # noqa: PLC0415  # only where there is one

        beat = Beat(config.heartbeat.url, config.heartbeat.every, clock, asyncio.to_thread)
        engine.serve("heartbeat", lambda: beat.run(lambda: engine.snapshot, engine.report))


def who() -> str:
    """Whose decisions are made in this process."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody"
