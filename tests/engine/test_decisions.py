import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from adlwatch.domain.alert import Alert, AlertBook, RuleName
from adlwatch.domain.settings import Settings
from adlwatch.engine.alarms import Alarms
from adlwatch.engine.decisions import Decisions
from adlwatch.store import entries
from adlwatch.store.history import History
from adlwatch.store.reader import Decision
from tests.engine.fakes import START, FrozenClock, until
from tests.turns import threads

KEY = "|v|btc-carry|naked"
OPEN = Alert(key=KEY, rule=RuleName.NAKED, level=1, text="naked", opened_at=START, raised_at=START)
LATER = START + timedelta(hours=1)


class Terminal:
    """One terminal's alerts, with its link to the history that all share."""

    def __init__(self, history: History, clock: FrozenClock, who: str) -> None:
        self.alarms = Alarms(Settings(), AlertBook(alerts={KEY: OPEN}))
        self.clock = clock
        self.decisions = Decisions(self, history, clock, who)
        self.alarms.on_transition(self.decisions.hear)

    @property
    def alerts(self) -> AlertBook:
        return self.alarms.book

    @property
    def alert(self) -> Alert:
        return self.alerts.alerts[KEY]

    def acknowledge(self, key: str, by: str) -> bool:
        return self.alarms.acknowledge(key, by, self.clock.now())

    def snooze(self, key: str, until: object) -> bool:
        return self.alarms.snooze(key, until, self.clock.now())  # type: ignore[arg-type]  # the protocol's own type

    async def while_running(self, condition: Callable[[], bool]) -> None:
        threads()
        task = asyncio.create_task(self.decisions.run())
        await until(condition, clock=self.clock)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.asyncio
async def test_acknowledged_and_snoozed_in_one_terminal_is_so_in_the_other_and_kept_once(tmp_path: Path) -> None:
    clock = FrozenClock()
    history = History(tmp_path / "history.sqlite3", clock.now)
    one, other = Terminal(history, clock, "ann"), Terminal(history, clock, "bob")
    assert one.acknowledge(KEY, "ann")
    assert other.snooze(KEY, LATER)
    await other.while_running(lambda: other.alert.acknowledged_by == "ann")
    await one.while_running(lambda: one.alert.snoozed_until == LATER)
    await other.while_running(lambda: clock.now() > START + timedelta(seconds=20))
    await asyncio.wrap_future(history.flush())
    kept = await asyncio.to_thread(history.read.decisions)
    await asyncio.to_thread(history.close)
    assert [(each.what, each.who) for each in kept] == [("acknowledged", "ann"), ("snoozed", "bob")]
    assert one.alert.transitions == other.alert.transitions == 2


def decided(at: float, what: str = "acknowledged") -> Decision:
    return Decision(1, START + timedelta(seconds=at), KEY, what, LATER, "ann")


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(History(None, lambda: START), FrozenClock(START + timedelta(seconds=60)), "bob")


def test_a_decision_about_an_earlier_occurrence_or_a_lower_level_does_not_count_for_this_one(terminal: Terminal) -> None:
    terminal.decisions._apply(decided(-1))
    assert terminal.alert.acknowledged_by is None
    terminal.decisions._apply(decided(1))
    assert terminal.alert.acknowledged_by == "ann"


def test_a_decision_about_what_is_not_open_here_does_nothing(terminal: Terminal) -> None:
    terminal.decisions._apply(decided(1)._replace(key="|v|other|naked"))
    terminal.decisions._apply(decided(1)._replace(what="something newer"))
    assert terminal.alert.transitions == 0


@pytest.mark.asyncio
async def test_a_history_that_cannot_be_read_is_asked_again(tmp_path: Path) -> None:
    clock = FrozenClock()
    history = History(tmp_path / "history.sqlite3", clock.now)
    terminal = Terminal(history, clock, "bob")
    await asyncio.wrap_future(history.flush())
    (tmp_path / "history.sqlite3").rename(tmp_path / "away")
    threads()
    task = asyncio.create_task(terminal.decisions.run())
    await clock.advance(3)
    (tmp_path / "away").rename(tmp_path / "history.sqlite3")
    history.put(entries.decision(KEY, START, "acknowledged", None, "ann"))
    await until(lambda: terminal.alert.acknowledged_by is not None, clock=clock, history=history)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await asyncio.to_thread(history.close)
