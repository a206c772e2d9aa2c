"""A book file on disk."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from adlwatch.adapters.base import Context
from adlwatch.adapters.book import KIND, BookOptions
from adlwatch.adapters.book.source import MAX_BYTES
from tests.adapters.conformance.harness import Case, Harness

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
POSITION = {"symbol": "BTC/USDT:USDT", "side": "short", "size": 1.5, "entry_price": 60000.0}
LOCAL = "a file on this machine"


def book(**position: object) -> bytes:
    positions = [{**POSITION, **position}] if position else []
    return json.dumps({"format": "adlwatch-book/1", "accounts": [{"venue": "binance", "positions": positions}]}).encode()


HEALTHY = book(leverage=5)
CONTENT = {
    Case.HEALTHY: HEALTHY,
    Case.EMPTY: book(),
    Case.PARTIAL: book(size=None),
    Case.UNKNOWN_ENUM: book(side="both"),
    Case.TRUNCATED: HEALTHY[:60],
    Case.HTML: b"<!DOCTYPE html><html></html>",
    Case.NULL: b"null",
    Case.EMPTY_BODY: b"",
    Case.OVERSIZE: b" " * (MAX_BYTES + 1),
}


@asynccontextmanager
async def book_file(folder: Path) -> AsyncIterator[Harness]:
    path = folder / "book.json"

    def show(case: Case) -> None:
        path.unlink(missing_ok=True)
        if case is not Case.SERVER_ERROR:
            path.write_bytes(CONTENT[case])

    yield Harness(
        KIND.create("desk", BookOptions(path=str(path)), Context(lambda: NOW, {})),
        show,
        not_applicable=dict.fromkeys((Case.RATE_LIMITED, Case.REFUSED, Case.TIMEOUT, Case.HANG, Case.REDIRECT), LOCAL),
    )
