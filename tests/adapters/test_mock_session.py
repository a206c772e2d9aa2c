"""The mock's sources: one world for all, time that follows the clock it is given, and the handles of that world."""

import asyncio
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise

import msgspec
import pytest
from msgspec import structs

from adlwatch.adapters.base import Context, Retry, Unsupported
from adlwatch.adapters.mock import KIND, Options, adapters_for_demo
from adlwatch.adapters.mock.adapter import MockAdapter
from adlwatch.adapters.mock.controls import Controls
from adlwatch.adapters.mock.scenarios import burst, scenario
from adlwatch.adapters.mock.session import Session
from adlwatch.domain.model import FillKind
from tests.adapters.mock_story import START, Story
from tests.turns import turn


class Clock:
    """Stands still until moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def session(clock: Clock, name: str = "calm", speed: float = 1.0) -> Session:
    return Session(structs.replace(scenario(name), traders=1_000), 1, speed, clock)


def source(session: Session, venue: str = "mock-alpha", *accounts: str) -> MockAdapter:
    return MockAdapter(venue, session, venue, frozenset(accounts))


def test_importing_and_building_sources_leaves_numpy_out() -> None:
    script = (
        "import sys\n"
        "from datetime import datetime, UTC\n"
        "from adlwatch.adapters.mock import adapters_for_demo\n"
        "adapters_for_demo('cascade', 1, 1.0, lambda: datetime.now(UTC))\n"
        "print('numpy' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)  # noqa: S603  # our own script
    assert done.stdout.strip() == "False"


def test_sources_with_the_same_options_share_a_world(clock: Clock) -> None:
    context = Context(clock=clock, shared={})
    chosen = (Options(), Options(venue="mock-beta"), Options(venue="mock-beta", seed=2))
    made = [KIND.create(f"m{i}", options, context) for i, options in enumerate(chosen)]
    sessions = [a._session for a in made if isinstance(a, MockAdapter)]
    assert sessions[0] is sessions[1]
    assert sessions[0] is not sessions[2]
    assert [a.id for a in made] == ["m0", "m1", "m2"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"scenario": "apocalypse"}, "no scenario 'apocalypse'; there are calm, grind, cascade"),
        ({"speed": 0}, "speed 0: expected a number above 0"),
        ({"speed": float("nan")}, "speed nan: expected a number above 0"),
        ({"seed": -1}, "seed -1: expected 0 or more"),
        ({"fills": 500}, "fills: only the scenario burst has them"),
        ({"scenario": "burst", "fills": 0}, "fills 0: expected 1 or more"),
    ],
)
def test_options_that_cannot_be_are_refused_when_they_are_read(options: dict[str, object], words: str) -> None:
    with pytest.raises(msgspec.ValidationError) as error:
        msgspec.convert(options, Options)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


def test_an_account_that_is_not_there_is_refused_when_the_source_is_built(clock: Clock) -> None:
    with pytest.raises(Unsupported) as error:
        KIND.create("mock", Options(accounts=("beta-main",)), Context(clock=clock, shared={}))
    assert str(error.value) == "no account 'beta-main' at mock-alpha; there are alpha-main, alpha-pair"


def test_options_are_strict() -> None:
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        msgspec.convert({"scenari": "calm"}, Options)


@pytest.mark.asyncio
async def test_the_world_follows_the_clock_in_steps_of_a_quarter_second(clock: Clock) -> None:
    own = session(clock)
    alpha = source(own)
    first = await alpha.fetch()
    assert first.as_of == START
    assert first.received_at == START
    clock.advance(10.1)
    second = await alpha.fetch()
    assert own.build().t == 10.0
    assert second.as_of == START + timedelta(seconds=10)
    assert second.received_at == clock.now


@pytest.mark.asyncio
async def test_how_often_one_asks_makes_no_difference_to_the_world(clock: Clock) -> None:
    often, seldom = session(clock, "cascade"), session(clock, "cascade")
    eager, lazy = source(often), source(seldom, "mock-gamma")
    for second in range(41):
        await eager.fetch()
        if second % 10 == 0:
            await lazy.fetch()
        clock.advance(1.0)
    assert often.build().t == seldom.build().t == 40.0
    assert often.build().digest() == seldom.build().digest()
    assert often.build().you.fills == seldom.build().you.fills


@pytest.mark.asyncio
async def test_ten_times_the_speed_is_ten_times_as_much_in_the_same_real_time(clock: Clock) -> None:
    own = session(clock, speed=10.0)
    alpha = source(own)
    await alpha.fetch()
    clock.advance(6.0)
    reading = await alpha.fetch()
    assert own.build().t == 60.0
    assert reading.as_of == clock.now
    light = reading.positions[0].venue_light
    assert light is not None
    assert light.as_of is not None
    assert START < light.as_of <= clock.now
    assert alpha.label == "MOCK calm ×10"


@pytest.mark.asyncio
async def test_a_change_of_speed_keeps_what_was_where_it_was(clock: Clock) -> None:
    own = session(clock)
    alpha, controls = source(own), Controls(own)
    await alpha.fetch()
    clock.advance(10.0)
    await alpha.fetch()
    controls.set_speed(4.0)
    clock.advance(5.0)
    reading = await alpha.fetch()
    assert own.build().t == 30.0
    assert own.real(10.0) == START + timedelta(seconds=10)
    assert own.real(20.0) == START + timedelta(seconds=12.5)
    assert reading.as_of == clock.now
    assert alpha.label == "MOCK calm ×4"
    with pytest.raises(ValueError, match="above 0"):
        controls.set_speed(0.0)


@pytest.mark.asyncio
async def test_a_long_pause_is_not_made_up_for_in_one_fetch(clock: Clock) -> None:
    own = session(clock)
    alpha = source(own)
    await alpha.fetch()
    clock.advance(36_000.0)
    reading = await alpha.fetch()
    assert own.build().t == 300.0
    assert reading.as_of == clock.now
    clock.advance(1.0)
    assert (await alpha.fetch()).as_of == clock.now
    assert own.build().t == 301.0


@pytest.mark.asyncio
async def test_catching_up_lets_others_run(clock: Clock) -> None:
    own = session(clock)
    alpha = source(own)
    await alpha.fetch()
    clock.advance(60.0)
    task = asyncio.create_task(alpha.fetch())
    turns = 0
    while not task.done():
        await turn()
        turns += 1
    assert turns >= 60


@pytest.mark.asyncio
async def test_cancelling_a_fetch_leaves_the_source_usable(clock: Clock) -> None:
    own = session(clock)
    alpha, beta = source(own), source(own, "mock-beta")
    await alpha.fetch()
    clock.advance(60.0)
    task = asyncio.create_task(alpha.fetch())
    await turn()
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    assert (await beta.fetch()).as_of == clock.now


@pytest.mark.asyncio
async def test_candles_are_a_fortnight_at_first_and_then_grow_one_by_one(clock: Clock) -> None:
    alpha = source(session(clock))
    first = (await alpha.fetch()).markets[0].candles
    assert first[0].time == START - timedelta(days=14)
    assert len(first) == 13 * 24 + 24 * 12
    assert all(a.time < b.time for a, b in pairwise(first))
    clock.advance(299.0)
    second = (await alpha.fetch()).markets[0].candles
    clock.advance(10.0)
    third = (await alpha.fetch()).markets[0].candles
    assert second[:-1] == first
    assert third[: len(second) - 1] == second[:-1]
    assert [c.time for c in third[len(first) :]] == [START, START + timedelta(minutes=5)]


@pytest.mark.asyncio
async def test_a_source_shows_only_the_accounts_it_was_asked_for(clock: Clock) -> None:
    reading = await source(session(clock), "mock-gamma", "gamma-neutral").fetch()
    assert {a.id for a in reading.accounts} == {p.account for p in reading.positions} == {"gamma-neutral"}
    assert {h.name for h in reading.hedges} == {"eth-neutral"}


@pytest.mark.asyncio
async def test_a_demo_is_three_sources_that_can_be_told_from_real_ones(clock: Clock) -> None:
    adapters, _ = adapters_for_demo("cascade", 1, 1.0, clock)
    assert [a.id for a in adapters] == ["mock-alpha", "mock-beta", "mock-gamma"]
    assert {a.label for a in adapters} == {"MOCK cascade ×1"}
    assert {a.kind for a in adapters} == {"mock"}
    reading = await adapters[0].fetch()
    assert any("simulated" in note for note in reading.notes)


async def watch(story: Story, act: Callable[[Controls], None], seconds: float = 3.0) -> None:
    await story.until(5)
    act(story.controls)
    await story.until(5 + seconds)


@pytest.mark.asyncio
async def test_a_shock_moves_what_it_names() -> None:
    story = Story("calm", traders=1_000)
    before = story.world.prices.index.copy()
    await watch(story, lambda c: c.shock("ETH", -10.0))
    change = story.world.prices.index / before - 1
    assert change[1] == pytest.approx(-0.10, abs=0.005)
    assert abs(change[0]) < 0.005


@pytest.mark.asyncio
async def test_a_drained_fund_is_empty_at_that_venue_only() -> None:
    story = Story("calm", traders=1_000)
    await watch(story, lambda c: c.drain_fund("mock-gamma"))
    balances = {p.name: p.balance or 0.0 for v in story.states for p in story.reading(v).pools}
    assert balances["gamma-majors"] + balances["gamma-alts"] < 0.01 * balances["alpha-majors"]


@pytest.mark.asyncio
async def test_a_venue_can_be_cut_off_and_let_back(clock: Clock) -> None:
    own = session(clock)
    beta, controls = source(own, "mock-beta"), Controls(own)
    controls.cut_off("mock-beta")
    with pytest.raises(Retry, match="mock-beta answered 503"):
        await beta.fetch()
    assert (await source(own).fetch()).accounts
    controls.cut_off("mock-beta", on=False)
    assert (await beta.fetch()).accounts


@pytest.mark.asyncio
async def test_a_jump_lands_just_before_the_event_and_no_fill_lies_in_the_future(clock: Clock) -> None:
    own = session(clock, "cascade")
    alpha, controls = source(own), Controls(own)
    await alpha.fetch()
    clock.advance(2.0)
    controls.jump_to_event()
    reading = await alpha.fetch()
    assert own.build().t == 17.0
    assert reading.as_of == clock.now
    assert all(own.real(t) <= clock.now for t in (0.0, 5.0, 16.75, 17.0))
    clock.advance(20.0)
    controls.jump_to_event()
    await alpha.fetch()
    assert own.build().t == 37.0


@pytest.mark.asyncio
async def test_fills_may_be_told_again_but_never_under_another_id() -> None:
    story = Story("burst", traders=2_000)
    await story.until(16)
    told = dict(story.fills)
    await story.until(18)
    again = story.reading("mock-alpha").fills
    assert again
    assert all(told[f.id] == f for f in again)
    assert len({(f.account, f.symbol, f.time, f.size, f.price) for f in told.values()}) == len(told)


@pytest.mark.asyncio
async def test_a_source_that_was_away_is_told_what_it_missed(clock: Clock) -> None:
    own = session(clock, "cascade")
    alpha, other = source(own), source(own, "mock-beta")
    await alpha.fetch()
    for _ in range(5):
        clock.advance(40.0)
        await other.fetch()
    reading = await alpha.fetch()
    assert sum(f.size for f in reading.fills if f.kind is FillKind.ADL and f.account == "alpha-main") == pytest.approx(
        2.0, rel=0.7
    )


def test_burst_scales_to_the_fills_asked_for() -> None:
    assert burst(300).traders < burst(3_000).traders < burst(11_279).traders
