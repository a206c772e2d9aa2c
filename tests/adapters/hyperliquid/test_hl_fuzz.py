"""Whatever a broken reply looks like, it is a failure or the whole truth: never another exception, never a lost position."""

import asyncio
import copy
import math
import random
from collections.abc import Iterator
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

BAD: list[Any] = [None, True, -1, 0, 1.5, 10**30, "", "x", "NaN", "-inf", "1e400", [], {}, [None], {"a": 1}, "☃" * 100]


def venue() -> Hyperliquid:
    made = Hyperliquid()
    made.states[ADDRESS, ""] = state(position("ETH", -2, 3000, 2900), position("BTC", 1, 50000, 52000), maintenance=3)
    made.fills = [adl(time=1708622400000)]
    made.candles = [candle(1708620000000, 60, 100)]
    return made


def places(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    items = document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    for key, value in items:
        yield from places(value, (*path, key))


def single(document: Any) -> Iterator[Any]:
    """Every place of a document, taken out, doubled, and replaced by every bad value."""
    yield from BAD
    for place in places(document):
        yield changed(document, place, "drop")
        yield changed(document, place, "double")
        for value in BAD:
            yield changed(document, place, "replace", value)


def several(document: Any, random_: random.Random) -> Any:
    """Two to four places changed at once."""
    for _ in range(random_.randint(2, 4)):
        found = list(places(document))
        if found:
            action = random_.choice(("drop", "double", "replace"))
            document = changed(document, random_.choice(found), action, random_.choice(BAD))
    return document


def changed(document: Any, place: tuple[Any, ...], action: str, value: Any = None) -> Any:
    document = copy.deepcopy(document)
    *way, last = place
    parent = document
    for key in way:
        parent = parent[key]
    if action == "drop":
        del parent[last]
    elif action == "replace":
        parent[last] = copy.deepcopy(value)
    elif isinstance(parent, list):
        parent.append(copy.deepcopy(parent[last]))
    return document


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


def finite(value: Any) -> bool:
    """Whether every number in it, however deep, is one."""
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, msgspec.Struct):
        return all(finite(getattr(value, name)) for name in value.__struct_fields__)
    return not isinstance(value, tuple) or all(map(finite, value))
