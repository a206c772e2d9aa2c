import asyncio
import logging
from datetime import timedelta
from random import Random

import pytest

from adlwatch.adapters.base import BadPayload, RateLimited, Refused, Retry
from adlwatch.credentials import CredentialError
from adlwatch.domain.reading import Failure, FailureKind, Health, Reading, SourceState, health
from adlwatch.engine.poller import Poller
from adlwatch.store.states import LastKnown
from tests.engine.fakes import START, FrozenClock, Source, Step, hang, running, settle

pytestmark = pytest.mark.asyncio


class NoJitter(Random):
    def uniform(self, a: float, b: float) -> float:
        return a


class Bench:
    """One source under its poller."""

    def __init__(self, *steps: Step, interval: float = 2.0, timeout: float = 10.0) -> None:
        self.clock = FrozenClock()
        self.source = Source(self.clock, *steps, interval=interval, timeout=timeout)
        self.states = LastKnown([SourceState(id="a", kind="fake", interval=interval)])
        self.changes = 0
        self.poller = Poller(self.source, self.states, self.clock, NoJitter(), self._changed)

    def _changed(self, _: object) -> None:
        self.changes += 1

    @property
    def state(self) -> SourceState:
        return self.states["a"]

    @property
    def failure(self) -> Failure:
        """The present failure; there must be one."""
        assert self.state.failure is not None
        return self.state.failure

    @property
    def started(self) -> list[float]:
        return [(at - START).total_seconds() for at in self.source.started]


async def test_a_source_is_read_at_once_and_then_once_an_interval() -> None:
    bench = Bench(0.5)
    async with running(bench.poller.run()):
        await bench.clock.advance(6)
    assert bench.started == [0, 2, 4, 6]
    assert bench.changes == 4
    assert bench.state.reading == bench.source.reading(0.5)
    assert bench.state.next_attempt_at == START + timedelta(seconds=8)


async def test_the_interval_counts_from_the_end_of_a_slow_fetch_so_that_two_never_overlap() -> None:
    async def slowly() -> Reading:
        await bench.clock.sleep(5)
        return bench.source.reading()

    bench = Bench(slowly)
    async with running(bench.poller.run()):
        await bench.clock.advance(3)
        bench.poller.retry()
        await bench.clock.advance(11.5)
    assert bench.started == [0, 7, 14]
    assert bench.source.most_running == 1
    assert bench.state.latency == 5


async def test_a_fetch_that_hangs_is_given_up_at_its_deadline_and_tried_again() -> None:
    bench = Bench(hang, timeout=10)
    async with running(bench.poller.run()):
        await bench.clock.advance(9.9)
        assert bench.changes == 0
        await bench.clock.advance(0.1)
        assert bench.failure.message == "no answer within 10 s"
        await bench.clock.advance(2)
        assert bench.started == [0, 12]
        assert bench.source.running == 1


async def test_failures_space_out_and_success_brings_the_interval_back(caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench(*[Retry("HTTP 502")] * 4, 0.0)
    with caplog.at_level(logging.INFO):
        async with running(bench.poller.run()):
            await bench.clock.advance(34)
    assert [record.getMessage() for record in caplog.records] == [
        *["a: retry: HTTP 502"] * 4,
        "a: answers again after 4 failed attempts",
    ]
    assert bench.started == [0, 2, 6, 14, 30, 32, 34]
    assert (bench.state.failures, bench.state.failure) == (0, None)


async def test_a_failure_keeps_the_last_good_reading_and_says_what_happened() -> None:
    bench = Bench(0.0, Retry("HTTP 502"))
    async with running(bench.poller.run()):
        first = bench.state.reading
        await bench.clock.advance(2)
    assert first is not None
    assert bench.state.reading is first
    assert (bench.failure.kind, bench.failure.message) == (FailureKind.RETRY, "HTTP 502")
    assert bench.state.attempted_at == START + timedelta(seconds=2)
    assert bench.state.next_attempt_at == START + timedelta(seconds=4)


async def test_the_venues_retry_after_is_honoured_and_a_retry_by_hand_does_not_break_it() -> None:
    bench = Bench(RateLimited("HTTP 429", retry_after=30), 0.0)
    async with running(bench.poller.run()):
        await bench.clock.advance(29)
        assert bench.poller.retry() is False
        await bench.clock.advance(0.5)
        assert bench.started == [0]
        await bench.clock.advance(0.5)
    assert bench.started == [0, 30]


async def test_a_retry_by_hand_ends_the_wait() -> None:
    bench = Bench(Refused("HTTP 401"), 0.0)
    async with running(bench.poller.run()):
        await bench.clock.advance(5)
        assert health(bench.state, bench.clock.now()) is Health.AUTH
        assert bench.poller.retry() is True
        await settle()
    assert bench.started == [0, 5]
    assert health(bench.state, bench.clock.now()) is Health.LIVE


@pytest.mark.parametrize("bug", [KeyError("px"), ZeroDivisionError("division by zero"), RecursionError("deep"), AssertionError()])
async def test_a_bug_in_an_adapter_is_a_visible_failure_with_its_traceback_in_the_log(
    bug: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    bench = Bench(bug, 0.0)
    with caplog.at_level(logging.ERROR):
        async with running(bench.poller.run()):
            assert type(bug).__name__ in bench.failure.message
            assert bench.failure.kind is FailureKind.BAD_PAYLOAD
            await bench.clock.advance(2)
    assert bench.started == [0, 2]
    assert any(record.exc_info for record in caplog.records)


async def test_a_library_that_cancels_itself_under_a_fetch_does_not_end_the_poller() -> None:
    bench = Bench(asyncio.CancelledError(), 0.0)
    async with running(bench.poller.run()):
        assert bench.failure.message == "the fetch was cancelled from within"
        await bench.clock.advance(2)
    assert bench.started == [0, 2]


async def test_cancelling_the_poller_cancels_a_hanging_fetch_and_is_no_failure() -> None:
    bench = Bench(hang)
    async with running(bench.poller.run()):
        assert bench.source.running == 1
    assert bench.source.running == 0
    assert (bench.state.failure, bench.changes) == (None, 0)


async def test_a_missing_secret_is_a_matter_for_a_human() -> None:
    bench = Bench(CredentialError("env:KEY: no such environment variable"))
    async with running(bench.poller.run()):
        pass
    assert bench.failure.kind is FailureKind.CREDENTIALS


async def _naive(bench: Bench) -> Reading:
    moment = START.replace(tzinfo=None)
    return Reading(source="a", as_of=moment, received_at=moment)


async def _foreign(bench: Bench) -> Reading:
    return Reading(source="b", as_of=START, received_at=START)


async def _nothing(bench: Bench) -> Reading:
    return None  # type: ignore[return-value]  # what a careless adapter does


@pytest.mark.parametrize(
    ("answer", "said"), [(_naive, "no time zone"), (_foreign, "names source 'b'"), (_nothing, "returned NoneType")]
)
async def test_an_answer_that_is_no_reading_of_this_source_is_refused(answer: object, said: str) -> None:
    assert callable(answer)
    bench = Bench(lambda: answer(bench))
    async with running(bench.poller.run()):
        assert said in bench.failure.message
        assert bench.state.reading is None


async def test_a_message_becomes_one_line() -> None:
    bench = Bench(BadPayload("a web page\n\n  instead of JSON"))
    async with running(bench.poller.run()):
        pass
    assert bench.failure.message == "a web page instead of JSON"
