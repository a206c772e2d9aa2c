import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from adlwatch.adapters.base import BadPayload, RateLimited
from adlwatch.adapters.replay.tape import Outcome, Replay, ReplayTime, Tape
from adlwatch.domain.model import Fill, FillKind, Side
from adlwatch.domain.reading import Failure, FailureKind, Reading
from adlwatch.domain.recording import RecordedSource
from adlwatch.engine.virtual import VirtualClock

pytestmark = pytest.mark.asyncio
START = datetime(2026, 11, 22, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def reading(seconds: float, source: str = "a", fills: str = "") -> tuple[datetime, Reading]:
    told = tuple(
        Fill(id=n, account="a", venue="v", symbol="s", side=Side.LONG, size=1, price=1, time=START, kind=FillKind.ADL)
        for n in fills
    )
    return at(seconds), Reading(source=source, as_of=at(seconds), received_at=at(seconds), fills=told)


def failure(seconds: float) -> tuple[datetime, Failure]:
    kind = FailureKind.RATE_LIMITED
    return at(seconds), Failure(source="a", kind=kind, message="HTTP 429", at=at(seconds), retry_after=7.0)


def source(clock: VirtualClock, *outcomes: tuple[datetime, Outcome], tape: Tape | None = None, id_: str = "a") -> Replay:
    recorded = RecordedSource(id=id_, kind="binance", interval=5.0)
    return Replay(recorded, tape or Tape(iter(outcomes)), ReplayTime(clock.now, clock.sleep))


async def fetched(clock: VirtualClock, replay: Replay, seconds: float) -> Reading | None:
    """What one fetch brings within that time, or None."""
    task = asyncio.create_task(replay.fetch())
    await clock.advance(seconds)
    if not task.done():
        task.cancel()
        await asyncio.wait([task])
        return None
    return await task


async def test_each_answer_comes_at_its_recorded_time() -> None:
    clock = VirtualClock(START)
    replay = source(clock, reading(1), reading(6))
    assert await fetched(clock, replay, 0.9) is None
    first = await fetched(clock, replay, 0.1)
    assert first is not None
    assert first.as_of == at(1)
    assert await fetched(clock, replay, 4.9) is None
    second = await fetched(clock, replay, 0.1)
    assert second is not None
    assert second.as_of == at(6)
    assert await fetched(clock, replay, 1e6) is None
    await replay.close()


async def test_it_is_what_it_was_and_labelled() -> None:
    clock = VirtualClock(START)
    assert (source(clock).kind, source(clock).interval, source(clock).label) == ("binance", 5.0, "REPLAY")
    mock = RecordedSource(id="a", kind="mock", interval=1.0, label="MOCK burst")
    assert Replay(mock, Tape(iter(())), ReplayTime(clock.now, clock.sleep)).label == "REPLAY MOCK burst"


async def test_a_failure_is_raised_as_it_was() -> None:
    clock = VirtualClock(START)
    with pytest.raises(RateLimited, match="HTTP 429") as caught:
        await fetched(clock, source(clock, failure(1)), 2)
    assert caught.value.retry_after == 7.0


async def test_who_comes_late_gets_the_latest_with_every_fill_in_between() -> None:
    clock = VirtualClock(START)
    replay = source(clock, reading(1, fills="x"), reading(2, fills="xy"), failure(3), reading(4, fills="z"))
    await clock.advance(3.5)
    with pytest.raises(RateLimited):
        await replay.fetch()
    late = await fetched(clock, replay, 1)
    assert late is not None
    assert (late.as_of, [fill.id for fill in late.fills]) == (at(4), ["x", "y", "z"])


async def test_sources_share_a_tape_that_is_read_no_further_than_the_time() -> None:
    read: list[str] = []

    def lines() -> Iterator[tuple[datetime, Outcome]]:
        for n in range(100):
            read.append(f"{n}")
            yield reading(n, "ab"[n % 2])

    clock, tape = VirtualClock(START), Tape(lines())
    one, other = source(clock, tape=tape), source(clock, tape=tape, id_="b")
    await clock.advance(10)
    latest = [await one.fetch(), await other.fetch()]
    assert [each.as_of for each in latest] == [at(10), at(9)]
    assert len(read) == 12
    assert tape.next_at == at(11)


async def test_a_damaged_recording_ends_as_a_failing_source_that_says_so() -> None:
    def lines() -> Iterator[tuple[datetime, Outcome]]:
        yield reading(1)
        raise ValueError("r.gz: line 3: JSON is malformed")

    clock = VirtualClock(START)
    replay = source(clock, tape=Tape(lines()))
    assert await fetched(clock, replay, 2) is not None
    with pytest.raises(BadPayload, match="line 3"):
        await replay.fetch()
