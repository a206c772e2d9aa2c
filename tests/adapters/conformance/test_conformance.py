"""What every source must do, whatever stands behind it."""

import asyncio
from collections.abc import AsyncIterator
from importlib.util import find_spec
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from adlwatch.adapters.base import BadPayload, RateLimited, Refused, Retry, SourceError
from adlwatch.domain.reading import Reading
from tests.adapters.conformance.aster import aster
from tests.adapters.conformance.book import book_file
from tests.adapters.conformance.dydx import dydx
from tests.adapters.conformance.extended import extended
from tests.adapters.conformance.harness import RETRY_AFTER, Case, Harness, Open
from tests.adapters.conformance.hyperliquid import hyperliquid
from tests.adapters.conformance.lighter import lighter
from tests.adapters.conformance.mock import mock
from tests.adapters.conformance.replay import replay

HARNESSES: dict[str, Open] = {
    "aster": aster,
    "book": book_file,
    "dydx": dydx,
    "extended": extended,
    "hyperliquid": hyperliquid,
    "lighter": lighter,
    "mock": mock,
    "replay": replay,
}
if find_spec("ccxt"):
    from tests.adapters.conformance.ccxt_binance import binance

    HARNESSES["ccxt binance"] = binance
FAILURES: dict[Case, tuple[type[SourceError], ...]] = {
    Case.PARTIAL: (Retry, BadPayload),
    Case.UNKNOWN_ENUM: (BadPayload,),
    Case.RATE_LIMITED: (RateLimited,),
    Case.REFUSED: (Refused,),
    Case.SERVER_ERROR: (Retry,),
    Case.TIMEOUT: (Retry,),
    Case.TRUNCATED: (BadPayload,),
    Case.HTML: (BadPayload,),
    Case.NULL: (BadPayload,),
    Case.EMPTY_BODY: (BadPayload,),
    Case.OVERSIZE: (BadPayload,),
    Case.REDIRECT: (BadPayload,),
}

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture(params=HARNESSES)
async def source(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Harness]:
    async with HARNESSES[request.param](tmp_path) as harness:
        yield harness


def show(source: Harness, case: Case) -> None:
    if case in source.not_applicable:
        pytest.skip(f"not applicable: {source.not_applicable[case]}")
    source.show(case)


def assert_sound(reading: Reading, source: Harness) -> None:
    keys = [position.key for position in reading.positions]
    accounts = {account.id for account in reading.accounts}
    assert reading.source == source.adapter.id
    assert reading.as_of.tzinfo is not None
    assert reading.as_of <= reading.received_at
    assert len(set(keys)) == len(keys)
    assert len(accounts) == len(reading.accounts)
    assert {position.account for position in reading.positions} <= accounts
    assert all(position.size > 0 and position.entry_price > 0 for position in reading.positions)
    assert msgspec.json.decode(msgspec.json.encode(reading), type=Reading) == reading


async def test_a_healthy_source_gives_a_sound_reading_again_and_again(source: Harness) -> None:
    source.show(Case.HEALTHY)
    first, again = await source.adapter.fetch(), await source.adapter.fetch()
    assert_sound(first, source)
    assert_sound(again, source)
    assert first.positions
    assert [p.key for p in first.positions] == [p.key for p in again.positions]


async def test_an_account_without_positions_is_a_reading_and_no_failure(source: Harness) -> None:
    show(source, Case.EMPTY)
    reading = await source.adapter.fetch()
    assert_sound(reading, source)
    assert reading.positions == ()
    assert reading.accounts


@pytest.mark.parametrize("primed", [False, True], ids=["at first", "after a good reading"])
@pytest.mark.parametrize("case", FAILURES)
async def test_a_bad_answer_is_a_failure_of_its_kind_and_the_next_good_one_is_read(
    source: Harness, case: Case, *, primed: bool
) -> None:
    if primed:
        source.show(Case.HEALTHY)
        await source.adapter.fetch()
    show(source, case)
    with pytest.raises(SourceError) as error:
        await source.adapter.fetch()
    assert isinstance(error.value, FAILURES[case])
    line = str(error.value)
    assert line
    assert "\n" not in line
    assert len(line) < 300
    assert source.led_astray() == 0
    source.forgive()
    source.show(Case.HEALTHY)
    assert (await source.adapter.fetch()).positions


async def test_the_wait_a_source_asks_for_is_told_and_nothing_is_sent_until_then(source: Harness) -> None:
    show(source, Case.RATE_LIMITED)
    with pytest.raises(RateLimited) as error:
        await source.adapter.fetch()
    assert error.value.retry_after == pytest.approx(RETRY_AFTER, abs=0.5)
    asked = source.asked()
    source.show(Case.HEALTHY)
    with pytest.raises(RateLimited) as error:
        await source.adapter.fetch()
    assert error.value.retry_after is not None
    assert 0 < error.value.retry_after <= RETRY_AFTER
    assert source.asked() == asked


async def test_a_fetch_that_hangs_can_be_cancelled_and_the_source_used_again(source: Harness) -> None:
    show(source, Case.HANG)
    fetch = asyncio.create_task(source.adapter.fetch())
    await asyncio.wait_for(source.waiting.wait(), 5)
    fetch.cancel()
    with pytest.raises(asyncio.CancelledError):
        await fetch
    source.show(Case.HEALTHY)
    assert (await source.adapter.fetch()).positions


async def test_closing_twice_is_harmless(source: Harness) -> None:
    source.show(Case.HEALTHY)
    await source.adapter.fetch()
    await source.adapter.close()
    await source.adapter.close()


async def test_a_source_says_what_it_is(source: Harness) -> None:
    adapter = source.adapter
    assert adapter.id == "desk"
    assert adapter.kind
    assert adapter.interval > 0
    assert adapter.timeout > 0
