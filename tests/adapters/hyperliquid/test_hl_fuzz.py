"""Whatever a broken reply looks like, it is a failure or the whole truth: never another exception, never a lost position."""

import asyncio
import copy
import random
from collections.abc import Iterator
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


def mutated(document: Any, random_: random.Random, times: int) -> Any:
    """Some places taken out, replaced or doubled."""
    document = copy.deepcopy(document)
    for _ in range(times):
        found = list(places(document))
        if not found:
            return random_.choice(BAD)
        *way, last = random_.choice(found)
        parent = document
        for key in way:
            parent = parent[key]
        action = random_.choice(("drop", "replace", "replace", "double"))
        if action == "drop":
            del parent[last]
        elif action == "double" and isinstance(parent, list):
            parent.append(copy.deepcopy(parent[last]))
        else:
            parent[last] = copy.deepcopy(random_.choice(BAD))
    return document


async def fetched(made: Hyperliquid, kind: str, seed: int) -> Reading | SourceError:
    """The reading of a source whose replies of one kind are mutated; no socket, the real client and parsers."""
    random_ = random.Random(seed)
    context = Context(lambda: NOW, {})
    source = KIND.create("desk", HyperliquidOptions(address=ADDRESS, api_url="http://nowhere"), context)
    (shared,) = context.shared.values()

    async def call(call_: Call[Any]) -> Any:
        reply = made.reply(call_.body)
        if call_.body["type"] == kind:
            # A single change to the state can always be seen; several could make up a state that is consistently flat.
            reply = mutated(reply, random_, 1 if kind == "clearinghouseState" else random_.randint(1, 3))
        return decode(call_.name, msgspec.json.encode(reply), call_.decoder)

    shared.http.call = call
    try:
        first = await source.fetch()
        made.states[ADDRESS, ""]["assetPositions"] = made.states[ADDRESS, ""]["assetPositions"][:1]
        made.states[ADDRESS, ""]["marginSummary"]["totalNtlPos"] = "5800"
        await source.fetch()
    except SourceError as error:
        return error
    return first


KINDS = (
    *("clearinghouseState", "spotClearinghouseState", "userAbstraction", "metaAndAssetCtxs"),
    *("perpDexs", "candleSnapshot", "userFillsByTime"),
)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32))
def test_a_mutated_reply_is_a_failure_or_every_position_is_still_there(kind: str, seed: int) -> None:
    outcome = asyncio.run(fetched(venue(), kind, seed))
    if isinstance(outcome, Reading):
        assert len(outcome.positions) == 2, "a broken reply hid a position"
