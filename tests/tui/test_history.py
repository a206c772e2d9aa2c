"""Samples of the past and their plots: gaps stay gaps."""

from datetime import timedelta
from math import inf, isnan, nan

from msgspec.structs import replace

from adlwatch.domain.light import UNKNOWN
from adlwatch.domain.snapshot import Snapshot
from adlwatch.tui.detail_history import history
from adlwatch.tui.history import PACE, SAMPLES, SLOWER, History
from adlwatch.tui.plot import bars, squeezed, steps
from adlwatch.tui.spans import plain
from tests.tui.samples import BTC_SHORT, NOW, SNAPSHOT


def at(step: int, mark: float | None = 54_000.0) -> Snapshot:
    return replace(SNAPSHOT, as_of=NOW + step * (PACE + SLOWER), positions=(replace(BTC_SHORT, mark_price=mark),))


def test_samples_keep_their_pace() -> None:
    past = History()
    for milliseconds in range(0, 5_000, 500):
        past.record(replace(at(0), as_of=NOW + timedelta(milliseconds=milliseconds)))
    assert len(past.times) == 2


def test_a_position_that_was_away_has_a_gap_and_not_its_last_value() -> None:
    past = History()
    for snapshot in (at(0, 1.0), replace(at(1), positions=()), at(2, 3.0), replace(at(3), positions=())):
        past.record(snapshot)
    marks, scores, levels = past.of(BTC_SHORT.key)
    assert [m if not isnan(m) else None for m in marks] == [1.0, None, 3.0, None]
    assert len(marks) == len(scores) == len(levels) == len(past.times)


def test_unknown_values_are_gaps_too() -> None:
    past = History()
    past.record(replace(at(0), positions=(replace(BTC_SHORT, mark_price=None, light=UNKNOWN),)))
    marks, scores, levels = past.of(BTC_SHORT.key)
    assert isnan(marks[0])
    assert isnan(levels[0])
    assert round(scores[0], 3) == 0.147


def test_what_was_never_there_is_all_gap() -> None:
    past = History()
    past.record(at(0))
    assert isnan(past.of("nobody")[0][0])


def test_memory_is_bounded_and_the_newest_samples_stay() -> None:
    past = History()
    for step in range(5 * SAMPLES):
        past.record(at(step, float(step)))
    assert SAMPLES <= len(past.times) <= 2 * SAMPLES
    assert past.of(BTC_SHORT.key)[0][-1] == 5 * SAMPLES - 1
    past.record(replace(at(10 * SAMPLES), positions=()))
    assert len(past.of(BTC_SHORT.key)[0]) == len(past.times)


def test_a_clock_that_jumps_back_does_not_stop_the_samples() -> None:
    past = History()
    past.record(at(100))
    past.record(at(0))
    assert len(past.times) == 2


def test_a_plot_scales_between_least_and_greatest_and_leaves_holes() -> None:
    assert [plain(line) for line in bars([0.0, 1.0, nan, 2.0], 1)] == ["▁▅ █"]
    assert [plain(line) for line in bars([0.0, 2.0], 2)] == [" █", "▁█"]
    assert plain(bars([3.0, 3.0], 1)[0]) == "▅▅"
    assert plain(bars([1.0, 2.0, inf], 1)[0]) == "▁██"
    assert plain(bars([nan], 1)[0]) == "no history yet"


def test_squeezing_keeps_the_latest_of_each_share_and_the_gaps() -> None:
    assert squeezed([1.0, 2.0, 3.0, 4.0], 2) == [2.0, 4.0]
    assert [isnan(value) for value in squeezed([nan, nan, 1.0, nan], 2)] == [True, False]
    assert squeezed([1.0], 5) == [1.0]


def test_levels_are_digits_with_holes() -> None:
    assert plain(steps([1.0, nan, 5.0])) == "1 5"


def test_the_page_names_scale_and_time() -> None:
    past = History()
    assert "no history yet" in plain(history(past.times, past.of("x"), 60)[1])
    for step in range(4):
        past.record(at(step, 54_000.0 + step))
    shown = "\n".join(plain(line) for line in history(past.times, past.of(BTC_SHORT.key), 60))
    for words in ("54,003", "54,000", "4444", "16:20:31 → 16:20:37"):
        assert words in shown
