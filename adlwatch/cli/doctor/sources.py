"""Each source: whether it answers, how fast, with which clock and key; and whether the request budgets are enough for all."""

import asyncio
import time
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from adlwatch.adapters import registry
from adlwatch.adapters.base import Adapter, Context, SourceSpec
from adlwatch.adapters.budget import limiters
from adlwatch.adapters.shelf import Shelf
from adlwatch.cli.doctor.finding import Finding, fail, ok, warn
from adlwatch.domain.reading import Failure, FailureKind, Reading
from adlwatch.engine.clock import SystemClock
from adlwatch.engine.fetch import fetch

SLOW = 5.0
LATE = 30.0
SKEWED = 2.0
FULL, TIGHT = 1.0, 0.8
ADVICE = {
    FailureKind.RETRY: "is the network up, the address right, a proxy needed? Venues are also down at times: try again",
    FailureKind.RATE_LIMITED: "wait, and look for other programs that ask from this address",
    FailureKind.CREDENTIALS: "correct the key, or give it the right to read",
    FailureKind.BAD_PAYLOAD: "something between us and the venue changed the answer, or the venue changed: see the log",
    FailureKind.UNSUPPORTED: "change the source in the configuration",
}


class Asked(Struct, frozen=True):
    """One source and what a fetch of it brought."""

    spec: SourceSpec
    adapter: Adapter
    answer: Reading | Failure
    seconds: float


def examine(specs: tuple[SourceSpec, ...], kept: Shelf | None = None) -> list[Finding]:
    """Ask every source, and once more those that answered: only then shows what a poll costs. Blocks."""
    return asyncio.run(_examine(specs, kept))


async def _examine(specs: tuple[SourceSpec, ...], kept: Shelf | None) -> list[Finding]:
    clock = SystemClock()
    context = Context(clock=clock.now, shared={}, shelf=kept)
    adapters = [registry.build(spec, context) for spec in specs]
    try:
        asked = await asyncio.gather(*(_ask(spec, adapter, clock) for spec, adapter in zip(specs, adapters, strict=True)))
        first = _spent(context.shared)
        polls = [await _cost(one, clock, context.shared) for one in asked if isinstance(one.answer, Reading)]
        budgets = {scope: (limiter.budget, limiter.window) for scope, limiter in limiters(context.shared).items()}
    finally:
        await asyncio.gather(*(adapter.close() for adapter in adapters))
    findings = [finding for one in asked for finding in judge(one)]
    return [*findings, *budget(first, polls, budgets)]


async def _ask(spec: SourceSpec, adapter: Adapter, clock: SystemClock) -> Asked:
    began = time.monotonic()
    answer = await fetch(adapter, clock)
    return Asked(spec, adapter, answer, time.monotonic() - began)


async def _cost(one: Asked, clock: SystemClock, shared: Mapping[str, Any]) -> tuple[float, dict[str, float]]:
    """Seconds between two polls of a source, and what one costs in each scope."""
    before = _spent(shared)
    await fetch(one.adapter, clock)
    return one.adapter.interval, {scope: spent - before.get(scope, 0.0) for scope, spent in _spent(shared).items()}


def _spent(shared: Mapping[str, Any]) -> dict[str, float]:
    return {scope: limiter.used() for scope, limiter in limiters(shared).items()}


def judge(one: Asked) -> Iterator[Finding]:
    """What one answer says about its source."""
    about = f"source {one.spec.id}"
    if isinstance(one.answer, Failure):
        lines = {FailureKind.RATE_LIMITED: warn}.get(one.answer.kind, fail)
        yield lines(about, one.answer.message, ADVICE[one.answer.kind])
        return
    reading = one.answer
    said = f"answered in {one.seconds:.1f} s: {len(reading.accounts)} accounts, {len(reading.positions)} positions"
    if one.seconds > SLOW:
        yield warn(about, said, "a slow network makes every light older: look for one nearer to the venue")
    else:
        yield ok(about, said)
    yield from _clock(about, one.adapter, reading)
    yield from _key(about, one.spec, reading)


def _clock(about: str, adapter: Adapter, reading: Reading) -> Iterator[Finding]:
    """The venue's clock against ours, where the adapter measures it or the data tells its own time."""
    ahead = getattr(getattr(adapter, "inner", adapter), "clock_ahead", None)  # a streamed adapter wraps the one that measures
    if isinstance(ahead, float):
        if abs(ahead) > SKEWED:
            yield warn(about, f"its clock differs from ours by {ahead:+.1f} s", "set this machine's clock, for example by NTP")
        else:
            yield ok(about, f"its clock differs from ours by {ahead:+.1f} s")
        return
    old = (reading.received_at - reading.as_of).total_seconds()
    if old < -SKEWED:
        yield warn(about, f"its data is from {-old:.1f} s ahead of our clock", "set this machine's clock, for example by NTP")
    elif old > LATE:
        yield warn(about, f"its data is {old:.0f} s old", "the venue lags, or this machine's clock is wrong")


def _key(about: str, spec: SourceSpec, reading: Reading) -> Iterator[Finding]:
    if getattr(spec.options, "api_key", None) is None:
        return
    replace = "use a key that can only read"
    if reading.key_may_trade is None:
        yield warn(about, "the venue does not say what this key may do", "make sure at the venue that it can only read")
    elif not reading.key_may_trade:
        yield ok(about, "its key can only read")
    elif getattr(spec.options, "allow_trading_keys", False):
        yield warn(about, "its key may do more than read, which allow_trading_keys accepts", replace)
    else:
        yield fail(about, "its key may do more than read", replace)


def budget(
    first: Mapping[str, float], polls: list[tuple[float, dict[str, float]]], budgets: Mapping[str, tuple[float, float]]
) -> Iterator[Finding]:
    """The weight that a window will take in each scope: every poll in it, and once what only a first fetch asks for.

    `first` is what all first fetches took, `polls` are (interval, cost by scope), `budgets` (weight we allow ourselves, seconds).
    """
    for scope, (allowed, window) in sorted(budgets.items()):
        costs = [(interval, cost.get(scope, 0.0)) for interval, cost in polls]
        once = max(0.0, first.get(scope, 0.0) - sum(cost for _, cost in costs))
        share = (once + sum(cost * max(1.0, window / interval) for interval, cost in costs)) / allowed
        said = f"{share:.0%} of what we allow ourselves ({allowed:g} in {window:g} s)"
        longer = "make interval longer, watch fewer accounts from this address, or lower keep_free"
        if share > FULL:
            yield fail(f"requests to {scope}", said, longer)
        elif share > TIGHT:
            yield warn(f"requests to {scope}", said, longer)
        else:
            yield ok(f"requests to {scope}", said)
