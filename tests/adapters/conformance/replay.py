"""A recording as a source, at a thousand times its speed: each answer of the case comes milliseconds after the one before."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec.structs import replace

from adlwatch.adapters.base import Context
from adlwatch.adapters.replay.source import KIND, ReplayOptions, ReplaySource
from adlwatch.domain.model import Account, Position, Side
from adlwatch.domain.reading import Failure, FailureKind, Reading
from adlwatch.domain.recording import Candles, Head, RecordedSource, encode, heard
from tests.adapters.conformance.harness import Case, Harness

START = datetime(2026, 11, 22, 12, tzinfo=UTC)
POSITION = Position(account="then", venue="binance", symbol="BTC/USDT:USDT", side=Side.SHORT, size=1.5, entry_price=60_000.0)
READING = Reading(
    source="then", as_of=START, received_at=START, accounts=(Account(id="then", venue="binance"),), positions=(POSITION,)
)
FAILED = {
    Case.PARTIAL: FailureKind.BAD_PAYLOAD,
    Case.REFUSED: FailureKind.CREDENTIALS,
    Case.TIMEOUT: FailureKind.RETRY,
}
NOT_APPLICABLE = {
    Case.RATE_LIMITED: "nobody is asked, so nobody has to be left alone",
    Case.OVERSIZE: "it is read line by line",
    Case.REDIRECT: "a file on this machine",
}


def outcomes(case: Case) -> Iterator[Reading | Failure]:
    if case in FAILED:
        yield Failure(source="then", kind=FAILED[case], message="as it was", at=START)
    elif case is Case.EMPTY:
        yield replace(READING, positions=())
    elif case is not Case.HANG:
        for second in range(5):
            at = START + timedelta(seconds=second)
            yield replace(READING, as_of=at, received_at=at)


def recording(case: Case) -> bytes:
    candles: Candles = {}
    source = RecordedSource(id="then", kind="binance", interval=1.0)
    lines = [encode(Head(version="1", started=START, sources=(source,)))]
    lines += [encode(heard(START + timedelta(seconds=second), each, candles)) for second, each in enumerate(outcomes(case))]
    if case is Case.HANG:
        lines.append(encode(heard(START + timedelta(days=9), READING, candles)))
    return b"".join(lines)


CONTENT = {
    Case.TRUNCATED: recording(Case.HEALTHY)[:300],
    Case.UNKNOWN_ENUM: recording(Case.HEALTHY).replace(b'"short"', b'"both"'),
    Case.HTML: b"<!DOCTYPE html><html></html>\n",
    Case.NULL: b"null\n",
    Case.EMPTY_BODY: b"",
}


@asynccontextmanager
async def replay(folder: Path) -> AsyncIterator[Harness]:
    path, waiting = folder / "r.jsonl", asyncio.Event()
    adapter = KIND.create("desk", ReplayOptions(path=str(path), speed=1_000.0), Context(lambda: datetime.now(UTC), {}))
    assert isinstance(adapter, ReplaySource)

    wait = adapter._sleep

    async def sleep(seconds: float) -> None:
        if seconds > 60:
            waiting.set()
        await wait(seconds)

    adapter._sleep = sleep

    def show(case: Case) -> None:
        path.unlink(missing_ok=True)
        if case is not Case.SERVER_ERROR:
            path.write_bytes(CONTENT[case] if case in CONTENT else recording(case))
        adapter._round = None

    yield Harness(adapter, show, not_applicable=NOT_APPLICABLE, waiting=waiting)
