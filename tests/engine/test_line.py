"""Many sources on one request budget, from the first moment on: all wait their turn, none is refused, none goes blind."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import pytest

from adlwatch.adapters.base import Adapter, Context
from adlwatch.adapters.ccxt.guard import Answer
from adlwatch.adapters.ccxt.meters import Meters
from adlwatch.adapters.http import Call, decode
from adlwatch.adapters.hyperliquid import KIND, HyperliquidOptions
from adlwatch.adapters.limiter import Limiter
from adlwatch.domain.reading import Health, Reading
from adlwatch.domain.settings import Settings
from adlwatch.domain.snapshot import Snapshot
from adlwatch.engine.engine import Engine
from tests.adapters.ccxt import test_binance
from tests.adapters.ccxt.conftest import Asked, Bench, Emulator
from tests.adapters.emulators.hyperliquid import STATE, Hyperliquid
from tests.engine.fakes import FrozenClock, inline, running

pytestmark = pytest.mark.asyncio
BLIND = (Health.STALE, Health.FAILING, Health.AUTH)


class Watched:
    """What the snapshots of a run have shown."""

    def __init__(self, sources: Iterable[Adapter], clock: FrozenClock) -> None:
        self.clock = clock
        self.began = clock.now()
        self.engine = Engine(list(sources), Settings(), clock, offload=inline)
        self.engine.subscribe(self.look)
        self.first: dict[str, float] = {}
        """Seconds until each source had data."""
        self.promised: dict[str, float] = {}
        """Seconds after which it was first told to have some."""
        self.troubles: Counter[str] = Counter()

    def look(self, snapshot: Snapshot) -> None:
        passed = (snapshot.as_of - self.began).total_seconds()
        for source in snapshot.sources:
            if source.latency is not None:
                self.first.setdefault(source.id, passed)
            for note in source.notes:
                if note.startswith("waiting for budget, first data in "):
                    self.promised.setdefault(source.id, passed + float(note.split()[-2]))
            if source.error or source.health in BLIND:
                self.troubles[f"{source.health}: {source.error}"] += 1

    async def run(self, seconds: float) -> None:
        async with running(self.engine.run()):
            await self.clock.advance(seconds)


def limiter(clock: FrozenClock, scope: str, limit: float, window: float = 60.0) -> Limiter:
    return Limiter(scope, limit, window=window, now=lambda: clock.now().timestamp(), sleep=clock.sleep)


class Costly:
    """A source whose first fetch takes eleven requests and later ones one or two."""

    kind = "fake"
    label: str | None = None
    interval = 5.0
    timeout = 10.0

    def __init__(self, name: str, budget: Limiter, clock: FrozenClock) -> None:
        self.id = name
        self._budget = budget
        self._clock = clock
        self._fetched = 0

    async def fetch(self) -> Reading:
        for weight in (20.0, *[2.0] * 10, 6.0) if not self._fetched else (2.0,) * (1 + self._fetched % 2):
            await self._budget.acquire(weight)
            await self._clock.sleep(0.05)
        self._fetched += 1
        now = self._clock.now()
        return Reading(source=self.id, as_of=now, received_at=now)

    async def close(self) -> None:
        pass


@pytest.mark.parametrize(("count", "all_by", "oldest"), [(8, 2, 10), (28, 160, 20)])
async def test_sources_of_one_budget_open_one_after_another_and_all_stay_in_sight(
    count: int, all_by: float, oldest: float
) -> None:
    clock = FrozenClock()
    budget = limiter(clock, "venue", 1200)
    watched = Watched([Costly(f"s{n}", budget, clock) for n in range(count)], clock)
    ages: list[float] = []
    watched.engine.subscribe(lambda snapshot: ages.extend(s.age_seconds or 0.0 for s in snapshot.sources))
    await watched.run(all_by + 10)
    assert watched.troubles == {}
    assert len(watched.first) == count
    assert max(watched.first.values()) < all_by
    assert max(ages) < oldest
    assert all(watched.first[name] <= told + 15 for name, told in watched.promised.items())
    assert budget.used() <= budget.budget


async def test_twenty_hyperliquid_addresses_have_their_first_data_without_one_refusal() -> None:
    clock = FrozenClock()
    venue = Hyperliquid()
    context = Context(clock.now, {})
    sources = [KIND.create(f"s{n}", options(f"0x{n:040x}"), context) for n in range(20)]
    (shared,) = context.shared.values()
    budget = shared.http.limiter = shared.close_up._limiter = limiter(clock, "venue", 1200)

    async def call(made: Call[Any]) -> Any:
        await budget.acquire(made.weight)
        await clock.sleep(0.1)
        if made.body["type"] == "clearinghouseState":
            venue.states[made.body["user"], ""] = {**STATE, "time": int(clock.now().timestamp() * 1000)}
        return decode(made.name, msgspec.json.encode(venue.reply(made.body)), made.decoder)

    shared.http.call = call
    watched = Watched(sources, clock)
    await watched.run(90)
    assert watched.troubles == {}
    assert len(watched.first) == 20
    assert len(watched.promised) > 5
    assert {health(watched)} == {Health.LIVE}


def options(address: str) -> HyperliquidOptions:
    return HyperliquidOptions(address=address, api_url="http://nowhere", stream=False)


def health(watched: Watched) -> Health:
    """The worst of them at the end, those apart that wait for their turn a little longer than usual."""
    order = list(Health)
    worst = max((source.health for source in watched.engine.snapshot.sources), key=order.index)
    return Health.LIVE if worst is Health.LATE else worst


async def test_many_ccxt_accounts_of_one_address_have_their_first_data_without_one_refusal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("ccxt", reason="ccxt is not installed")
    for name in ("API_KEY", "SECRET"):
        monkeypatch.setenv(f"EMULATED_{name}", "emulated")
    clock = FrozenClock()
    emulator = Emulator()
    test_binance.usdm(emulator, [test_binance.WLD])
    bench = Bench(emulator)
    bench.clock = clock.now  # type: ignore[method-assign]  # the engine's time
    meters = Meters()
    bench.shared["ccxt.meters.binance"] = meters
    meters.limiters = Known(lambda scope: limiter(clock, scope, 2400))
    sources = [bench.adapter("binance", f"s{n}", lines=("usdm",)) for n in range(12)]
    for source in sources:
        source._client._door = door(emulator, clock)  # type: ignore[assignment]  # no socket: time must not wait for one
        await source._client._open()
    watched = Watched(sources, clock)
    await watched.run(70)
    assert watched.troubles == {}
    assert len(watched.first) == 12
    assert {health(watched)} == {Health.LIVE}


class Known(dict[str, Limiter]):
    """Limiters made when they are asked for."""

    def __init__(self, make: Callable[[str], Limiter]) -> None:
        super().__init__()
        self._make = make

    def __contains__(self, scope: object) -> bool:
        return True

    def __missing__(self, scope: str) -> Limiter:
        self[scope] = self._make(scope)
        return self[scope]


def door(emulator: Emulator, clock: FrozenClock) -> Callable[..., Any]:
    async def answer(url: str, method: str, headers: Any, body: Any) -> Answer:
        await clock.sleep(0.1)
        path, _, query = url.removeprefix("https://").partition("?")
        route = emulator.routes[f"/{path.partition('/')[2]}"]
        params = dict(pair.split("=", 1) for pair in query.split("&") if pair)
        asked = Asked(method, "", path, query, params, {}, b"")
        return Answer(200, {}, msgspec.json.encode(route(asked) if callable(route) else route))

    return answer
