"""Samples of the past and their plots: gaps stay gaps."""

from datetime import timedelta
from math import inf, isnan, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from adlwatch.domain.light import UNKNOWN
from adlwatch.domain.snapshot import Snapshot
from adlwatch.tui import format as fmt
from adlwatch.tui.detail_history import history
from adlwatch.tui.history import PACE, SAMPLES, SLOWER, History
from adlwatch.tui.plot import HEIGHT, Curve, plotted, shares, squeezed, steps
from adlwatch.tui.spans import plain
from adlwatch.tui.text import to_ascii
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


def drawn(score: list[float], mark: list[float], cells: int = 60) -> list[str]:
    curves = Curve(score, fmt.score, "left", "•"), Curve(mark, fmt.price, "right", "braille")
    return [plain(line) for line in plotted(*curves, ("16:00", "16:10"), cells)]


def columns(lines: list[str], glyphs: str) -> set[int]:
    """The columns of the drawing in which any of these glyphs stands, counted from the left axis."""
    return {x - 10 for line in lines[:HEIGHT] for x, c in enumerate(line) if c in glyphs}


BRAILLE = "".join(chr(0x2801 + dots) for dots in range(0xFF))


def test_score_and_mark_are_drawn_each_against_its_own_axis() -> None:
    lines = drawn([0.1, 0.2], [54_000.0, 53_000.0])
    assert {len(line) for line in lines} == {60}
    assert (lines[0].split("┤")[0].strip(), lines[HEIGHT - 1].split("┤")[0].strip()) == ("0.200", "0.100")
    assert (lines[0].split("├")[1].strip(), lines[HEIGHT - 1].split("├")[1].strip()) == ("54,000", "53,000")
    assert "•" in lines[0][-13:]  # a rising score, a falling mark
    assert lines[HEIGHT - 1][48] in BRAILLE
    assert lines[-1].split() == ["16:00", "16:10"]


@pytest.mark.parametrize("cells", [40, 79, 200])
def test_what_was_not_known_is_a_hole_as_wide_as_it_lasted(cells: int) -> None:
    values = [float(i % 7) for i in range(100)]
    values[40:60] = [nan] * 20
    lines = drawn(values, values, cells)
    inner = cells - 20
    hole = range(int(0.43 * inner), int(0.57 * inner))
    assert not columns(lines, BRAILLE + "•") & set(hole)
    assert columns(lines, "•") & set(range(int(0.4 * inner)))
    assert columns(lines, "•") & set(range(int(0.6 * inner), inner))


def test_a_single_known_value_among_unknown_ones_is_a_point() -> None:
    assert len(columns(drawn([nan, nan, 5.0, nan, nan], [1.0] * 5), "•")) == 1


@pytest.mark.parametrize(("score", "mark"), [([nan] * 9, [1.0] * 9), ([0.5] * 9, [nan] * 9)], ids=["score", "mark"])
def test_one_that_was_never_known_leaves_the_other_in_its_place(score: list[float], mark: list[float]) -> None:
    lines = drawn(score, mark)
    seen = columns(lines, BRAILLE + "•")
    assert (min(seen), max(seen)) == (0, 39)


def test_a_score_without_end_is_drawn_at_the_top_and_named() -> None:
    lines = drawn([1.0, 2.0, inf, inf], [1.0] * 4)
    assert lines[0].split("┤")[0].strip() == fmt.score(inf)
    assert lines[0].count("•") > 10


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(), st.floats()), max_size=400), st.integers(40, 200))
def test_no_history_breaks_the_plot_or_its_width(pairs: list[tuple[float, float]], cells: int) -> None:
    lines = drawn([*(a for a, _ in pairs), 1.0], [*(b for _, b in pairs), 2.0], cells)
    assert [len(line) for line in lines] == [cells] * (HEIGHT + 2)


def test_a_plot_in_ascii_keeps_heights_apart_and_both_lines() -> None:
    lines = [to_ascii(line) for line in drawn([1.0, 2.0, 1.0], [3.0, 1.0, 3.0])]
    assert all(line.isascii() and "?" not in line for line in lines)
    assert "o" in lines[0]
    assert set(lines[0] + lines[HEIGHT - 1]) & set("'.:")


def test_squeezing_keeps_the_latest_of_each_share_and_the_gaps() -> None:
    assert squeezed([1.0, 2.0, 3.0, 4.0], 2) == [2.0, 4.0]
    assert [isnan(value) for value in squeezed([nan, nan, 1.0, nan], 2)] == [True, False]
    assert squeezed([1.0], 5) == [1.0]


def test_lights_are_stretched_over_the_whole_time() -> None:
    assert shares([1.0, 2.0], 4) == [1.0, 1.0, 2.0, 2.0]
    assert [isnan(value) for value in shares([], 2)] == [True, True]


def test_levels_are_digits_with_holes() -> None:
    assert plain(steps([1.0, nan, 5.0])) == "1 5"


def test_the_page_names_scale_and_time() -> None:
    past = History()
    assert "no history yet" in plain(history(past.times, past.of("x"), 60)[1])
    for step in range(4):
        past.record(at(step, 54_000.0 + step))
    shown = "\n".join(plain(line) for line in history(past.times, past.of(BTC_SHORT.key), 60))
    for words in ("54,003", "54,000", "4444", "16:20:31", "16:20:37", "score •", "⠒ mark"):
        assert words in shown
