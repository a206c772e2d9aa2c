"""Tells a channel of alerts in a process that is killed with SIGKILL at any moment, again and again; counts what was told.

Run as a program of its own: `python killed.py FILE TIMES SEED`. Prints one line of JSON.
"""

import asyncio
import json
import os
import random
import re
import signal
import sys
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from adlwatch.domain.alert import Alert, AlertBook, Change, RuleName, Transition
from adlwatch.domain.channel import Channel, Message
from adlwatch.engine.clock import SystemClock
from adlwatch.engine.outbox import Outbox
from adlwatch.store import entries
from adlwatch.store.history import History
from adlwatch.store.reader import Reader

TOLD = re.compile(r"text (\d+)")
LAST = 1.0
"""Seconds in which the last run, which nobody kills, tells what is left."""


class Pipe:
    """A receiver at the other end of a pipe."""

    def __init__(self, end: int) -> None:
        self._end = end

    def ready(self) -> int:
        return 10_000

    def __call__(self, message: Message) -> None:
        os.write(self._end, f"{message.key} {' '.join(TOLD.findall(message.body))}\n".encode())


def transition(number: int) -> Transition:
    now = datetime.now(UTC)
    alert = Alert(
        key=f"|v|{number}|naked", rule=RuleName.NAKED, level=1, text=f"text {number}", opened_at=now, subject=str(number)
    )
    return Transition(id=f"{alert.key}@0#{number}", change=Change.RAISED, at=now, alert=alert)


async def tell(path: Path, first: int, told: int, pace: random.Random, *, more: bool) -> None:
    """The process that is killed: one alert after another, as the engine tells them."""
    history, clock = History(path, lambda: datetime.now(UTC)), SystemClock()
    outbox = Outbox([(Channel(name="phone"), Pipe(told))], clock, history, lambda _part, _why: None)
    running = asyncio.create_task(outbox.run())
    number = first
    while more:
        each = transition(number)
        outbox.hear(each)
        history.put(entries.alert_changes([each]), entries.kept("alerts", each.at, AlertBook()))
        number += 1
        await asyncio.sleep(pace.uniform(0, 0.004))
    await asyncio.sleep(LAST)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    history.close()


def run(path: Path, first: int, kill_after: int | None, chance: random.Random) -> list[str]:
    """One run; the messages that it sent. `kill_after`: so many; None: let it end by itself."""
    mine, its = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(mine)
        asyncio.run(tell(path, first, its, random.Random(first), more=kill_after is not None))
        os._exit(0)
    os.close(its)
    with os.fdopen(mine) as lines:
        sent = [lines.readline() for _ in range(kill_after or 0)]
        for _ in range(chance.randrange(20_000) if kill_after else 0):
            pass
        if kill_after:
            os.kill(child, signal.SIGKILL)
        sent += lines.readlines()
    os.waitpid(child, 0)
    return [line for line in sent if line.endswith("\n")]


def main(path: Path, times: int, seed: int) -> None:
    chance, messages = random.Random(seed), list[str]()
    for _ in range(times):
        messages += run(path, _next(path), chance.randrange(1, 4), chance)
    messages += run(path, _next(path), None, chance)
    words = [line.split() for line in messages]
    told = Counter(number for _, *numbers in words for number in numbers)
    by_number: dict[str, set[str]] = {}
    for key, *numbers in words:
        for number in numbers:
            by_number.setdefault(number, set()).add(key)
    since = datetime.now(UTC) - timedelta(hours=1)
    known = {each.id.rpartition("#")[2] for each in Reader(str(path)).alert_changes(since)}
    marked = Counter(each.transition for each in Reader(str(path)).deliveries(since) if each.delivered)
    answer = {
        "kills": times,
        "transitions": len(known),
        "never told": len(known - told.keys()),
        "told again": sum(count > 1 for count in told.values()),
        "told again as another message": sum(len(keys) > 1 for keys in by_number.values()),
        "marked twice": sum(count > 1 for count in marked.values()),
    }
    print(json.dumps(answer))  # noqa: T201  # its answer


def _next(path: Path) -> int:
    """The number after the last that the history has."""
    if not path.exists():
        return 0
    known = Reader(str(path)).alert_changes(datetime.now(UTC) - timedelta(hours=1))
    return max((int(each.id.rpartition("#")[2]) for each in known), default=-1) + 1


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
