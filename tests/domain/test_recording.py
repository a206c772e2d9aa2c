from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from adlwatch.domain.model import Candle, Fill, FillKind, Market, Position, Side, VenueLight
from adlwatch.domain.reading import Failure, FailureKind, Reading
from adlwatch.domain.recording import Began, Candles, Head, Heard, Pushed, Raw, RecordedSource, decode, encode, heard, heard_in

START = datetime(2026, 11, 22, 12, tzinfo=UTC)
NUMBER = st.floats(allow_nan=False, allow_infinity=False)


def bars(first: int, count: int, last_close: float = 1.0) -> tuple[Candle, ...]:
    made = [Candle(START + timedelta(minutes=n), 1.0, 2.0, 0.5, float(n), None) for n in range(first, first + count)]
    return (*made[:-1], Candle(made[-1].time, 1.0, 2.0, 0.5, last_close, 3.0)) if made else ()


def reading(*candles: tuple[Candle, ...], source: str = "a") -> Reading:
    markets = tuple(Market(venue="v", symbol=str(n), mark_price=1.5, candles=each) for n, each in enumerate(candles))
    return Reading(source=source, as_of=START, received_at=START, markets=markets)


def through(*told: Reading | Failure) -> list[Reading | Failure]:
    """What is left of it after it has been written and read."""
    candles: Candles = {}
    lines = [decode(encode(heard(START, each, candles))) for each in told]
    return [outcome for _, outcome in heard_in(lines)]


WINDOWS = st.lists(
    st.tuples(st.sampled_from("ab"), st.integers(0, 12), st.integers(0, 8), NUMBER, st.integers(0, 2)), min_size=1, max_size=8
)


@settings(max_examples=60)
@given(WINDOWS)
def test_readings_come_back_as_they_were_however_their_candles_move(windows: list[tuple[str, int, int, float, int]]) -> None:
    told = [
        reading(*(bars(first + n, count, close) for n in range(markets)), source=source)
        for source, first, count, close, markets in windows
    ]
    assert through(*told) == told


@given(NUMBER, NUMBER, st.text(max_size=8), st.one_of(st.none(), st.integers(), st.text(max_size=3), NUMBER))
@settings(max_examples=60)
def test_figures_and_texts_come_back_as_they_were(size: float, price: float, text: str, raw: str | float | None) -> None:
    position = Position(
        account=text, venue="v", symbol=text, side=Side.SHORT, size=size, entry_price=price, venue_light=VenueLight(raw, START)
    )
    fill = Fill(
        id=text, account="a", venue="v", symbol="s", side=Side.LONG, size=size, price=price, time=START, kind=FillKind.ADL
    )
    told = replace(reading(), positions=(position,), fills=(fill,), notes=(text,))
    assert through(told) == [told]


def test_failures_come_back_between_readings() -> None:
    failure = Failure(source="a", kind=FailureKind.RATE_LIMITED, message="HTTP 429", at=START, retry_after=7.5)
    told: list[Reading | Failure] = [reading(bars(0, 3)), failure, reading(bars(1, 3))]
    assert through(*told) == told


def test_of_candles_only_those_are_written_that_the_reading_before_lacked() -> None:
    candles: Candles = {}
    heard(START, reading(bars(0, 4_000)), candles)
    line = heard(START, reading(bars(1, 4_000, 7.0)), candles)
    (moved,) = line.bars
    assert (moved.start, moved.count, len(moved.more)) == (1, 3998, 2)
    assert len(encode(line)) < 1_000


def test_head_and_raw_replies_are_lines_too() -> None:
    head = Head(version="1", started=START, sources=(RecordedSource(id="a", kind="mock", interval=1.0, label="MOCK"),))
    raw = Raw(at=START, scope="api.example", name="state", status=200, body='{"a": 1}')
    began, pushed = Began(at=START, source="a"), Pushed(at=START, feed="wss://api.example", body="{}")
    assert [decode(encode(line)) for line in (head, raw, began, pushed)] == [head, raw, began, pushed]
    assert encode(raw).count(b"\n") == 1


@pytest.mark.parametrize("line", [b"", b"{}", b'{"type": "head", "format": "adlwatch-recording/2"}', b'{"type": "other"}'])
def test_what_is_no_line_of_a_recording_is_refused(line: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode(line)


def test_a_line_that_tells_nothing_is_passed_over() -> None:
    assert list(heard_in([Heard(at=START), Began(at=START, source="a")])) == []
