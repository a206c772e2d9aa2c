"""What was recorded from the real adapters reads the same today: sessions on this machine, and every file in tests/recordings."""

import copy
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from msgspec.structs import replace

from adlwatch.adapters import registry
from adlwatch.adapters.base import SourceSpec
from adlwatch.adapters.book import BookOptions
from adlwatch.adapters.hyperliquid import HyperliquidOptions
from adlwatch.adapters.stream import Stream
from adlwatch.adapters.wire import WIRE
from adlwatch.domain.recording import Line, Raw
from tests.adapters.emulators.hyperliquid import ADDRESS, STATE, Hyperliquid
from tests.adapters.emulators.server import HTML, Fault
from tests.adapters.hyperliquid.rows import fill, position, state
from tests.adapters.recording import START, read_again, recorded

pytestmark = pytest.mark.asyncio
RECORDINGS = sorted((Path(__file__).parents[1] / "recordings").iterdir())


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.name)
async def test_a_kept_recording_is_read_as_it_was(path: Path) -> None:
    found = await read_again(path)
    assert found.now == found.then
    assert found.now
    assert not found.missing


def desk(venue: Hyperliquid, **options: Any) -> SourceSpec:
    chosen = {"address": ADDRESS, "api_url": venue.url, "stream": False, **options}
    return SourceSpec(id="desk", kind="hyperliquid", options=HyperliquidOptions(**chosen))


def opened(venue: Hyperliquid) -> None:
    """The state that the documentation shows, now."""
    venue.states[ADDRESS, ""] = {**copy.deepcopy(STATE), "time": int(START.timestamp() * 1000)}


@pytest_asyncio.fixture
async def session(tmp_path: Path) -> AsyncIterator[Path]:
    """Minutes of Hyperliquid with a position that is closed, a venue that fails, and one that is back."""
    async with Hyperliquid().open() as venue:
        opened(venue)
        async with recorded(desk(venue)) as recording:
            await recording.hear()
            await recording.hear()
            after = int(START.timestamp() * 1000) + 10_000
            venue.states[ADDRESS, ""] = state(position("ETH", -0.01, 2900.0, 2950.0), time=after)
            venue.fills = [
                fill(time=after - 1, coin="ETH", dir="Auto-Deleveraging", side="A", startPosition="0.0335", sz="0.0335")
            ]
            await recording.hear()
            venue.faults = {"clearinghouse": HTML}
            await recording.hear()
            venue.faults = {"*": Fault(status=429, headers={"Retry-After": "30"})}
            await recording.hear()
            await recording.hear(10)
            venue.faults = {}
            recording.context.shared[f"hyperliquid {venue.url}"].http.limiter._banned_until = 0.0  # which goes by the real time
            await recording.hear(200)
        yield recording.write(tmp_path / "session.jsonl")


async def test_a_session_of_hyperliquid_is_read_again_byte_for_byte(session: Path) -> None:
    found = await read_again(session)
    assert found.now == found.then
    assert len(found.now) == 7
    assert len(found.readings) == 4
    assert [each.kind for reading in found.readings for each in reading.fills] == ["adl"]
    assert not found.missing


async def test_what_the_parser_reads_is_what_decides(session: Path) -> None:
    def halved(line: Line) -> Line:
        return replace(line, body=line.body.replace('"0.0335"', '"0.0134"')) if isinstance(line, Raw) else line

    found = await read_again(session, halved)
    assert [found.now[n] == found.then[n] for n in (0, 1, 3)] == [False, False, True]
    assert found.readings[0].positions[0].size == 0.0134


async def test_a_request_that_is_not_in_the_file_is_named_in_one_line(session: Path) -> None:
    def without(line: Line) -> Line | None:
        return None if isinstance(line, Raw) and line.name == "clearinghouseState" and ADDRESS in line.asked else line

    found = await read_again(session, without)
    assert found.readings == []
    assert any("clearinghouseState" in line and ADDRESS in line and "\n" not in line for line in found.missing)
    assert b"not in the recording: " in found.now[0]


async def test_pushed_marks_are_played_again_too(tmp_path: Path) -> None:
    def push(stream: Stream, mark: float, at: datetime) -> None:
        message = {"channel": "activeAssetCtx", "data": {"coin": "ETH", "ctx": {"markPx": str(mark)}}}
        stream._hear(at, msgspec.json.encode(message))

    async with Hyperliquid().open() as venue:
        opened(venue)
        async with recorded(desk(venue, stream=True)) as recording:
            for _ in range(3):
                await recording.hear()
            stream = recording.context.shared[f"stream ws{venue.url.removeprefix('http')}/ws"]
            token = WIRE.set(recording.taping)
            push(stream, 3000.5, recording.clock())
            await recording.hear(1)
            push(stream, 3001.5, recording.clock())
            stream._hear(recording.clock(), trouble="closed (1006)")
            stream._hear(recording.clock())
            WIRE.reset(token)
            await recording.hear(1)
        path = recording.write(tmp_path / "pushed.jsonl")
    found = await read_again(path)
    assert found.now == found.then
    marks = [market.mark_price for reading in found.readings for market in reading.markets if market.symbol.startswith("ETH")]
    assert marks[3] == 3000.5
    assert "closed (1006)" in "".join(found.readings[-1].notes)


async def test_a_book_file_is_read_again_with_what_was_in_it_then(tmp_path: Path) -> None:
    def write(size: float) -> None:
        row = {"symbol": "BTC/USDT:USDT", "side": "short", "size": size, "entry_price": 60000.0}
        (tmp_path / "book.json").write_text(
            msgspec.json.encode({"format": "adlwatch-book/1", "accounts": [{"venue": "binance", "positions": [row]}]}).decode()
        )

    write(1.5)
    spec = SourceSpec(id="desk", kind="book", options=BookOptions(path=str(tmp_path / "book.json")))
    async with recorded(spec) as recording:
        await recording.hear()
        await recording.hear()
        write(12.25)
        await recording.hear()
        (tmp_path / "book.json").unlink()
        await recording.hear()
        path = recording.write(tmp_path / "book.jsonl")
    found = await read_again(path)
    assert found.now == found.then
    assert [reading.positions[0].size for reading in found.readings] == [1.5, 1.5, 12.25]
    assert b"cannot be read" in found.now[3]


@pytest.mark.skipif(not find_spec("ccxt"), reason="ccxt is not installed")
async def test_a_session_of_a_ccxt_venue_is_read_again_byte_for_byte_without_its_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from adlwatch.adapters.ccxt import client  # noqa: PLC0415  # only where it is installed
    from adlwatch.adapters.ccxt.door import Door  # noqa: PLC0415  # as above
    from adlwatch.adapters.ccxt.options import CcxtOptions  # noqa: PLC0415  # as above
    from tests.adapters.ccxt.conftest import KEY, SECRET  # noqa: PLC0415  # as above
    from tests.adapters.conformance.ccxt_binance import POSITION, RISK, reference, served  # noqa: PLC0415  # as above

    async with served() as venue:
        rerouted: Callable[..., Door] = lambda timeout, _: Door(timeout, venue.reroute)  # noqa: E731  # one line is clearer
        monkeypatch.setattr(client, "Door", rerouted)
        key, secret = reference(tmp_path, "key", KEY), reference(tmp_path, "secret", SECRET)
        options = CcxtOptions(api_key=key, secret=secret, lines=("usdm",), stream=False)
        async with recorded(SourceSpec(id="desk", kind="binance", options=options)) as recording:
            await recording.hear()
            venue.positions = [{**POSITION, "positionAmt": "12", "adl": 4}]
            await recording.hear()
            venue.fail(RISK, status=400, body=b'{"code":-2015,"msg":"Invalid API-key, IP, or permissions."}')
            await recording.hear()
            venue.faults.clear()
            venue.positions = []
            await recording.hear(120)
        path = recording.write(tmp_path / "binance.jsonl")
    monkeypatch.undo()
    found = await read_again(path)
    assert found.now == found.then
    assert [len(reading.positions) for reading in found.readings] == [1, 1, 0]
    assert b'"kind":"credentials"' in found.now[2]
    content = path.read_text()
    assert not any(word in content for word in (KEY, SECRET, key, secret, "signature="))
    assert not found.missing


@pytest.mark.parametrize("kind", ["aster", "dydx", "lighter"])
async def test_sessions_of_the_other_venues_without_a_key_are_read_again(kind: str, tmp_path: Path) -> None:
    emulated = import_module(f"tests.adapters.emulators.{kind}")
    emulator = getattr(emulated, kind.capitalize())
    async with emulator().open() as venue:
        urls = {"api_url": venue.url} | ({"market_url": venue.url} if kind == "aster" else {})
        options = msgspec.convert({"address": emulated.ADDRESS, **urls}, registry.load(kind).options)
        twice = [SourceSpec(id=id_, kind=kind, options=options) for id_ in ("desk", "again")]
        async with recorded(*twice) as recording:
            for _ in range(3):
                await recording.hear(20)
        path = recording.write(tmp_path / "session.jsonl")
    found = await read_again(path)
    assert found.now == found.then
    assert len(found.readings) == 6
    assert all(reading.positions for reading in found.readings)
    assert not found.missing
