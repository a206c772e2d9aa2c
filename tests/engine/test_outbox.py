"""Every transition is told once and none twice, whatever fails in between. The history is a real file."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from adlwatch.domain.alert import Alert, AlertBook, Change, RuleName, Transition
from adlwatch.domain.channel import Channel, Message
from adlwatch.engine.lane import AT_ONCE, Sender, Undelivered
from adlwatch.engine.outbox import TOO_OLD, Outbox
from adlwatch.store import entries
from adlwatch.store.history import History
from tests.engine.fakes import START, FrozenClock, until
from tests.turns import threads

pytestmark = pytest.mark.asyncio
PHONE = Channel(name="phone")


def transition(number: int, change: Change = Change.RAISED, subject: str | None = None, at: float = 0.0) -> Transition:
    subject = subject or f"hedge-{number}"
    alert = Alert(
        key=f"|v|{subject}|naked", rule=RuleName.NAKED, level=1, text=f"text {number}", opened_at=START, subject=subject
    )
    return Transition(id=f"{alert.id}#{number}", change=change, at=START + timedelta(seconds=at), alert=alert)


class Receiver:
    """Takes messages, or refuses them while `down`; `seen` lists the texts of the transitions in them."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.refused: list[Message] = []
        self.down = False
        self.hold: threading.Event | None = None
        self.holding = threading.Event()
        self.room = 10_000
        self.unready: str | None = None

    def ready(self) -> int:
        if self.unready is not None:
            raise Undelivered(self.unready)
        return self.room

    def __call__(self, message: Message) -> None:
        if self.hold is not None:
            self.holding.set()
            assert self.hold.wait(5)
        if self.down:
            self.refused.append(message)
            raise Undelivered("503 upstream")
        self.messages.append(message)

    @property
    def seen(self) -> list[str]:
        return [line for message in self.messages for line in message.body.splitlines() if line.startswith("text ")]


class Desk:
    """One run of the program after another, on one history."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.clock = FrozenClock()
        self.reports: list[tuple[str, str | None]] = []
        self.history: History | None = None
        self.outbox: Outbox | None = None

    @asynccontextmanager
    async def run(self, *channels: tuple[Channel, Sender]) -> AsyncIterator[None]:
        threads()
        history = History(self.path, self.clock.now) if self.path is not None else None
        self.history = history
        self.outbox = Outbox(channels, self.clock, history, self._report, random=Random(0))
        task = asyncio.create_task(self.outbox.run())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            if history is not None:
                await asyncio.to_thread(history.close)

    def _report(self, part: str, why: str | None) -> None:
        self.reports.append((part, why))

    async def until(self, condition: Callable[[], bool]) -> None:
        """Let the outbox work until it holds."""
        await until(condition, clock=self.clock, history=self.history)

    def tell(self, *transitions: Transition) -> None:
        """As the engine does: listeners first, the history right after."""
        assert self.outbox is not None
        for each in transitions:
            self.outbox.hear(each)
        if self.history is not None:
            self.history.put(entries.alert_changes(transitions), entries.kept("alerts", self.clock.now(), AlertBook()))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "history.sqlite3")


async def test_a_transition_is_in_the_history_before_it_is_sent_and_marked_there_after(desk: Desk) -> None:
    phone = Receiver()
    phone.hold = threading.Event()
    async with desk.run((PHONE, phone)):
        desk.tell(transition(1))
        assert await asyncio.to_thread(phone.holding.wait, 10)
        assert desk.history is not None
        reader = desk.history.read
        assert [each.id for each in await asyncio.to_thread(reader.alert_changes, START)] == [transition(1).id]
        assert await asyncio.to_thread(reader.deliveries, START) == ()
        phone.hold.set()
        await desk.until(lambda: len(desk.reports) == 2)
        await asyncio.wrap_future(desk.history.flush())
        (delivery,) = await asyncio.to_thread(reader.deliveries, START)
    assert (delivery.transition, delivery.channel, delivery.delivered) == (transition(1).id, "phone", True)
    assert desk.reports == [("channel phone", None)] * 2


async def test_after_a_restart_what_was_told_is_not_told_again(desk: Desk) -> None:
    phone = Receiver()
    async with desk.run((PHONE, phone)):
        desk.tell(transition(1), transition(2))
        await desk.until(lambda: len(phone.seen) == 2)
    async with desk.run((PHONE, phone)):
        desk.tell(transition(3))
        await desk.until(lambda: len(phone.seen) == 3)
    assert phone.seen == ["text 1", "text 2", "text 3"]


async def test_what_a_receiver_refused_is_told_once_when_it_is_back_be_it_after_a_restart(desk: Desk) -> None:
    phone = Receiver()
    phone.down = True
    async with desk.run((PHONE, phone)):
        desk.tell(transition(1), transition(2))
        await desk.until(lambda: len(phone.refused) >= 3)
        assert ("channel phone", "503 upstream") in desk.reports
    async with desk.run((PHONE, phone)):
        desk.tell(transition(3))
        await desk.until(lambda: len(phone.refused) >= 5)
        phone.down = False
        await desk.until(lambda: len(phone.seen) == 3)
    async with desk.run((PHONE, phone)):
        desk.tell(transition(4))
        await desk.until(lambda: len(phone.seen) == 4)
    assert phone.seen == ["text 1", "text 2", "text 3", "text 4"]
    assert desk.reports[-1] == ("channel phone", None)


async def test_a_message_that_is_tried_again_is_the_same_message_with_the_same_key(desk: Desk) -> None:
    phone = Receiver()
    phone.down = True
    async with desk.run((PHONE, phone)):
        desk.tell(transition(1))
        await desk.until(lambda: bool(phone.refused))
        desk.tell(transition(2))
        await desk.until(lambda: len(phone.refused) >= 3)
        phone.down = False
        await desk.until(lambda: len(phone.seen) == 2)
    assert len({message.key for message in (*phone.refused, phone.messages[0])}) == 1
    assert len(phone.messages) == 2


async def test_a_message_under_way_when_the_program_ends_is_seen_through_and_not_sent_again(desk: Desk) -> None:
    phone = Receiver()
    phone.hold = threading.Event()
    async with desk.run((PHONE, phone)):
        desk.tell(transition(1))
        assert await asyncio.to_thread(phone.holding.wait, 10)
        asyncio.get_running_loop().call_later(0.05, phone.hold.set)
    phone.hold = None
    async with desk.run((PHONE, phone)):
        desk.tell(transition(2))
        await desk.until(lambda: len(phone.seen) == 2)
    assert phone.seen == ["text 1", "text 2"]


async def test_a_failing_channel_does_not_hold_up_another(desk: Desk) -> None:
    phone, chat = Receiver(), Receiver()
    phone.down = True
    async with desk.run((PHONE, phone), (Channel(name="chat"), chat)):
        desk.tell(transition(1))
        await desk.until(lambda: len(phone.refused) == 1 and chat.seen == ["text 1"])


async def test_a_new_channel_does_not_hear_of_what_was_before_it(desk: Desk) -> None:
    phone, chat = Receiver(), Receiver()
    async with desk.run((PHONE, phone)):
        desk.tell(transition(1))
        await desk.until(lambda: phone.seen == ["text 1"])
    await desk.clock.advance(1)
    async with desk.run((PHONE, phone), (Channel(name="chat"), chat)):
        desk.tell(transition(2, at=1))
        await desk.until(lambda: len(phone.seen) == 2 and bool(chat.seen))
    assert chat.seen == ["text 2"]


async def test_what_follows_an_alert_goes_after_a_restart_only_to_who_was_told_of_it(desk: Desk) -> None:
    everything, pager = Receiver(), Receiver()
    channels = (PHONE, everything), (Channel(name="pager", escalations_only=True), pager)
    async with desk.run(*channels):
        desk.tell(transition(1, subject="btc"))
        await desk.until(lambda: len(everything.seen) == 1)
    async with desk.run(*channels):
        desk.tell(transition(2, Change.RESOLVED, "btc"), transition(3))
        await desk.until(lambda: len(everything.seen) == 3)
    assert pager.seen == []


async def test_what_has_piled_up_comes_in_few_messages_and_in_order(desk: Desk) -> None:
    phone = Receiver()
    phone.down = True
    async with desk.run((PHONE, phone)):
        desk.tell(transition(1))
        await desk.until(lambda: bool(phone.refused))
        desk.tell(*(transition(number) for number in range(2, 3 * AT_ONCE)))
        phone.down = False
        await desk.until(lambda: len(phone.seen) == 3 * AT_ONCE - 1)
    assert phone.seen == [f"text {number}" for number in range(1, 3 * AT_ONCE)]
    assert len(phone.messages) <= 4


async def test_what_nobody_took_for_a_day_is_given_up_and_the_log_says_so(desk: Desk) -> None:
    phone = Receiver()
    phone.down = True
    async with desk.run((PHONE, phone)):
        desk.tell(transition(1))
        await desk.until(lambda: bool(phone.refused))
        await desk.clock.advance(TOO_OLD.total_seconds())
        await desk.until(lambda: ("channel phone", "given up after 24 h") in desk.reports)
        phone.down = False
        desk.tell(transition(2, at=TOO_OLD.total_seconds()))
        await desk.until(lambda: bool(phone.seen))
    assert phone.seen == ["text 2"]


async def test_while_another_process_keeps_the_history_that_one_delivers_and_afterwards_this_one(
    desk: Desk, tmp_path: Path
) -> None:
    phone, other = Receiver(), Desk(tmp_path / "history.sqlite3")
    mine = Receiver()
    async with other.run((PHONE, mine)):
        other.tell(transition(1))
        await desk.until(lambda: mine.seen == ["text 1"])
        async with desk.run((PHONE, phone)):
            desk.tell(transition(1))
            await desk.until(lambda: desk.outbox is not None and desk.outbox._early == [])
            mine.down = True
            other.tell(transition(2))
            await desk.until(lambda: bool(mine.refused))
            assert other.history is not None
            await asyncio.to_thread(other.history.close)
            await desk.until(lambda: phone.seen == ["text 2"])


async def test_without_a_history_alerts_are_told_all_the_same() -> None:
    phone, desk = Receiver(), Desk(None)
    async with desk.run((PHONE, phone)):
        desk.tell(transition(1))
        await desk.until(lambda: phone.seen == ["text 1"])


async def test_a_history_that_cannot_be_written_silences_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    phone, desk = Receiver(), Desk(tmp_path / "file" / "history.sqlite3")
    async with desk.run((PHONE, phone)):
        desk.tell(transition(1))
        await desk.until(lambda: phone.seen == ["text 1"])


async def test_a_channel_that_cannot_work_is_a_fault_before_anything_has_to_be_told_and_tried_again(desk: Desk) -> None:
    phone = Receiver()
    phone.unready = "env:PHONE: no such environment variable"
    async with desk.run((PHONE, phone)):
        await desk.until(lambda: desk.reports == [("channel phone", phone.unready)])
        desk.tell(transition(1))
        phone.unready = None
        await desk.until(lambda: phone.seen == ["text 1"])
    assert desk.reports[-1] == ("channel phone", None)


async def test_a_message_holds_no_more_than_the_service_takes(desk: Desk) -> None:
    phone = Receiver()
    phone.room = 500
    async with desk.run((PHONE, phone)):
        desk.tell(*(transition(number) for number in range(12)))
        await desk.until(lambda: len(phone.seen) == 12)
    assert max(len(message.title) + len(message.body) for message in phone.messages) <= phone.room
    assert len(phone.messages) <= 6


async def test_a_bug_in_a_sender_is_a_failure_like_any_other(desk: Desk) -> None:
    class Broken(Receiver):
        def __call__(self, message: Message) -> None:
            raise ZeroDivisionError("division by zero")

    async with desk.run((PHONE, Broken())):
        desk.tell(transition(1))
        await desk.until(lambda: ("channel phone", "division by zero") in desk.reports)
