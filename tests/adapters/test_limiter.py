import asyncio

import pytest

from adlwatch.adapters.base import RateLimited
from adlwatch.adapters.limiter import Limiter

pytestmark = pytest.mark.asyncio


class Time:
    """A clock that sleeping moves forward."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def limiter(time: Time) -> Limiter:
    return Limiter("venue", 100.0, window=60.0, reserve=0.2, now=time, sleep=time.sleep)


async def test_a_share_stays_free_and_the_rest_waits_for_the_window() -> None:
    time = Time()
    limit = limiter(time)
    await limit.acquire(48)
    limit.charge(32)
    await limit.acquire(1)
    assert time.now == pytest.approx(1060)
    assert limit.used() == 1


async def test_most_of_the_budget_goes_out_at_once_and_the_rest_is_spread_over_the_window() -> None:
    time = Time()
    limit = limiter(time)
    for _ in range(24):
        await limit.acquire(2)
    assert time.slept == []
    gaps = []
    for _ in range(60):
        before = time.now
        await limit.acquire(2)
        gaps.append(time.now - before)
    assert max(gaps) < 6
    assert time.now - 1000 < 60 + 60 * 1.3  # no less than three quarters of what is allowed


async def test_no_window_ever_holds_more_than_the_budget() -> None:
    time = Time()
    limit = limiter(time)
    spent: list[tuple[float, float]] = []
    for weight in [7, 30, 2, 50, 2, 20, 79, 1, 3, 60, 44] * 3:
        await limit.acquire(weight)
        spent.append((time.now, weight))
        time.now += 1.7
    for at, _ in spent:
        assert sum(weight for when, weight in spent if at <= when < at + 60) <= limit.budget


async def test_a_request_that_costs_more_than_the_budget_goes_out_when_everything_else_is_forgotten() -> None:
    time = Time()
    limit = limiter(time)
    await limit.acquire(1)
    await limit.acquire(500)
    assert time.now == pytest.approx(1060, abs=0.01)


async def test_a_ban_stops_everybody_until_it_ends() -> None:
    time = Time()
    limit = limiter(time)
    limit.ban(30)
    limit.ban(10)
    with pytest.raises(RateLimited, match="asked us to wait") as error:
        await limit.acquire(1)
    assert error.value.retry_after == pytest.approx(30)
    assert limit.room() == 0
    time.now += 30
    await limit.acquire(1)


async def test_a_cancelled_wait_spends_nothing_and_lets_the_next_one_through() -> None:
    time = Time()
    never = asyncio.Event()
    waiting = asyncio.Event()

    async def hang(_: float) -> None:
        waiting.set()
        await never.wait()

    limit = Limiter("venue", 100.0, reserve=0.2, now=time, sleep=hang)
    await limit.acquire(80)
    stuck = asyncio.create_task(limit.acquire(10))
    await waiting.wait()
    stuck.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stuck
    assert limit.used() == 80
    time.now += 60
    await limit.acquire(80)
    assert limit.used() == 80


async def test_half_the_budget_is_room_for_what_can_wait() -> None:
    time = Time()
    limit = limiter(time)
    assert limit.room() == 40
    limit.charge(30)
    assert limit.room() == 10
    limit.charge(30)
    assert limit.room() == 0
