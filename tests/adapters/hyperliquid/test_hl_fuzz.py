"""Whatever a broken reply looks like, it is a failure or the whole truth: never another exception, never a lost position."""

import asyncio
import random
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adlwatch.adapters.base import Context, SourceError
from adlwatch.adapters.http import Call, decode
from adlwatch.adapters.hyperliquid import KIND, HyperliquidOptions
from adlwatch.domain.reading import Reading
from tests.adapters.conformance.hyperliquid import NOW
from tests.adapters.emulators.hyperliquid import ADDRESS, Hyperliquid
from tests.adapters.hyperliquid.rows import adl, candle, position, state
from tests.adapters.mutations import finite, several, single


def venue() -> Hyperliquid:
    made = Hyperliquid()
    made.states[ADDRESS, ""] = state(position("ETH", -2, 3000, 2900), position("BTC", 1, 50000, 52000), maintenance=3)
    made.fills = [adl(time=1708622400000)]
    made.candles = [candle(1708620000000, 60, 100)]
    return made


def is_the_one(request: Any, kind: str) -> bool:
    """Whether this request is the one to break: of the states, that of the address itself on the main dex."""
    return bool(request["type"] == kind and request.get("user", ADDRESS) == ADDRESS and "dex" not in request)


async def fetched(made: Hyperliquid, kind: str, reply: Any) -> Reading | SourceError:
    """The second reading of a source, after a good one, with one kind of reply given; the real client without a socket."""
    now = [NOW]
    context = Context(lambda: now[0], {})
    source = KIND.create("desk", HyperliquidOptions(address=ADDRESS, api_url="http://nowhere", stream=False), context)
    (shared,) = context.shared.values()
    broken = False

    async def call(call_: Call[Any]) -> Any:
        answer = reply if broken and is_the_one(call_.body, kind) else made.reply(call_.body)
        return decode(call_.name, msgspec.json.encode(answer), call_.decoder)

    shared.http.call = call
    await source.fetch()
    broken = True
    now[0] += timedelta(days=1)
    try:
        return await source.fetch()
    except SourceError as error:
        return error


def good(kind: str) -> Any:
    extra: dict[str, Any] = {"req": {"interval": "1h", "startTime": 0, "endTime": 10**13}, "startTime": 0}
    return venue().reply({"type": kind, "user": ADDRESS, **extra})


KINDS = (
    *("clearinghouseState", "spotClearinghouseState", "userAbstraction", "metaAndAssetCtxs"),
    *("perpDexs", "candleSnapshot", "l2Book", "userFillsByTime"),
)


@pytest.mark.asyncio
@pytest.mark.parametrize("kind", KINDS)
async def test_any_one_thing_wrong_in_a_reply_fails_or_hides_no_position(kind: str) -> None:
    for reply in single(good(kind)):
        outcome = await fetched(venue(), kind, reply)
        if isinstance(outcome, Reading):
            assert len(outcome.positions) == 2, f"a position was lost by {reply}"
            assert finite(outcome), f"a number without an end came from {reply}"


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(kind=st.sampled_from(KINDS), seed=st.integers(0, 2**32))
def test_many_things_wrong_never_raise_anything_unforeseen(kind: str, seed: int) -> None:
    outcome = asyncio.run(fetched(venue(), kind, several(good(kind), random.Random(seed))))
    assert isinstance(outcome, SourceError) or finite(outcome)
    assert isinstance(outcome, SourceError) or len(outcome.positions) == 2 or kind == "clearinghouseState"
