"""Top line, notices, drill-down and help as text."""

from msgspec.structs import replace

from adlwatch.domain.light import UNKNOWN, Light, LightSource, LightState
from adlwatch.domain.reading import Health
from adlwatch.domain.snapshot import Severity, Snapshot
from adlwatch.tui import actions
from adlwatch.tui.columns import BOARD, fit
from adlwatch.tui.detail import detail_lines
from adlwatch.tui.frame import Frame
from adlwatch.tui.help_text import help_lines
from adlwatch.tui.notices import board_notice
from adlwatch.tui.spans import Spans, plain
from adlwatch.tui.text import width
from adlwatch.tui.topline import topline
from adlwatch.tui.venue_text import venue_text
from tests.tui.samples import BTC_SHORT, NO_LIGHT, NOW, SNAPSHOT, lit, source


def page(snapshot: Snapshot, key: str, cells: int = 100) -> str:
    return "\n".join(plain(line) for line in detail_lines(Frame(snapshot), key, venue_text("binance"), cells))


def notice(*sources: object, **chosen: object) -> str:
    snapshot = Snapshot(as_of=NOW, severity=Severity.BLIND, sources=sources, hedges=SNAPSHOT.hedges if chosen else ())  # type: ignore[arg-type]  # sources
    return " ".join(plain(line) for line in board_notice(snapshot, **chosen))  # type: ignore[arg-type]  # keywords of the caller


def test_labels_of_what_is_not_real_stay_on_screen_at_any_width() -> None:
    for cells in (30, 60, 80, 200):
        shown = plain(topline(SNAPSHOT, cells=cells, labels=("FROZEN at 16:20:31 UTC"[:6], "MOCK")))
        assert shown.endswith(" FROZEN  MOCK ")
        assert width(shown) == cells


def test_the_top_line_counts_what_is_worst_and_names_the_largest_naked_exposure() -> None:
    shown = plain(topline(SNAPSHOT, cells=140))
    assert "▲ 1 warning · ◆ 2 watch" in shown
    assert "naked if worst leg closes $81.0k long BTC" in shown
    assert "oldest data 4s" in shown


def test_blind_sources_are_counted_on_the_top_line() -> None:
    snapshot = replace(SNAPSHOT, sources=(source("a", Health.STALE, 90.0), source("b")))
    assert "oldest data 1m  1 of 2 sources blind" in plain(topline(snapshot, cells=140))


def test_empty_loading_blind_failing_and_filtered_each_say_so_differently() -> None:
    said = [
        plain(board_notice(None)[0]),
        notice(),
        notice(source("a")),
        notice(source("a", Health.NEVER, None)),
        notice(source("a", Health.STALE, 80.0)),
        notice(source("a", Health.FAILING, error="HTTP 503")),
        notice(source("a", Health.AUTH, error="key expired")),
        notice(source("a"), filtered="x"),
        notice(source("a"), at_risk=True),
    ]
    assert len(set(said)) == len(said)
    assert "No open positions" in said[2]
    assert "HTTP 503" in said[5]
    held_up = replace(source("a", Health.NEVER, None), notes=("waiting for budget, first data in 12 s",))
    assert notice(held_up).endswith("a: never: waiting for budget, first data in 12 s")
    assert all("No open positions" not in words for i, words in enumerate(said) if i != 2)


def test_the_drill_down_shows_rule_formula_terms_and_source() -> None:
    shown = page(SNAPSHOT, BTC_SHORT.key)
    for words in (
        "binance-2025",
        "0.147",
        "unrealized_pnl",
        "61,200.00",
        "evidence:",
        "https://",
        "binance-legacy",
        "raw 3",
        "51,900",
    ):
        assert words in shown, words


def test_the_drill_down_names_the_missing_input() -> None:
    snapshot = replace(SNAPSHOT, positions=(NO_LIGHT,))
    assert "equity: no score without it" in page(snapshot, NO_LIGHT.key)


def test_a_venue_light_outside_our_interval_is_pointed_out() -> None:
    apart = replace(BTC_SHORT, light=lit(5), estimate=lit(2, LightSource.MODELLED, (1, 3)))
    assert "outside our interval" in page(replace(SNAPSHOT, positions=(apart,)), apart.key)
    agreeing = replace(apart, estimate=lit(4, LightSource.MODELLED, (3, 5)))
    assert "outside our interval" not in page(replace(SNAPSHOT, positions=(agreeing,)), apart.key)


def test_the_ladder_is_in_order_of_price() -> None:
    shown = page(SNAPSHOT, BTC_SHORT.key)
    ladder = shown[shown.index("LADDER") :]
    places = [ladder.index(words) for words in ("71,000", "60,000", "54,000", "51,900")]
    assert places == sorted(places)


def test_a_hedges_page_tells_what_is_left_by_leg_and_fraction() -> None:
    shown = page(SNAPSHOT, "hedge:btc-carry")
    for words in ("25%", "$40.5k long", "−$810", "at-risk", "0.041 of at most 0.050", "net delta"):
        assert words in shown, words


def test_a_page_fits_its_width_in_one_column_and_in_two() -> None:
    wide = page(SNAPSHOT, BTC_SHORT.key, 140)
    assert len(wide.splitlines()) < len(page(SNAPSHOT, BTC_SHORT.key, 100).splitlines())
    assert max(width(line) for line in wide.splitlines()) <= 140


def test_what_is_gone_says_so() -> None:
    assert "no longer there" in page(SNAPSHOT, "nobody:X/Y:short")
    assert "no longer there" in page(SNAPSHOT, "hedge:nothing")


def test_a_balance_leads_to_its_hedge() -> None:
    assert "IF CLOSED" in page(SNAPSHOT, "bin-main:BTC")


def test_help_tells_every_action_and_every_state() -> None:
    shown = "\n".join(plain(line) for line in help_lines(("board",), 100))
    for action in actions.ACTIONS:
        assert action.help in shown
    for state in ("no queue", "random", "socialised", "keeper", "unknown", "stale 4", "blind", "failing", "auth", "late"):
        assert state in shown


def test_an_estimate_is_always_marked_as_one() -> None:
    for source_ in (LightSource.MODELLED, LightSource.CALIBRATED):
        light = Light(state=LightState.LIT, level=3, source=source_, interval=(2, 4))
        for cells in (10, 14, 25):
            assert plain(spans_of(light, cells)) not in ("▮▮▮▯▯ 3", "")


def spans_of(light: Light, cells: int) -> Spans:
    from adlwatch.tui.lights import position_light  # noqa: PLC0415  # beside its one use

    return position_light(light, light, cells)


def test_a_light_that_is_likely_to_go_up_has_an_arrow_behind_its_level() -> None:
    from adlwatch.tui.lights import position_light  # noqa: PLC0415  # beside its one use

    light = Light(state=LightState.LIT, level=3, source=LightSource.VENUE)
    for cells, words in ((14, "▮▮▮▯▯ 3↑ venue"), (13, "▮▮▮▯▯ 3↑")):
        drawn = position_light(light, UNKNOWN, cells, rising=True)
        assert "".join(part for part, _ in drawn).rstrip() == words


def test_a_hedge_has_the_arrow_of_its_worst_leg() -> None:
    from adlwatch.tui.lights import hedge_light  # noqa: PLC0415  # beside its one use

    light = Light(state=LightState.LIT, level=3, source=LightSource.VENUE)
    assert "".join(part for part, _ in hedge_light(light, Severity.OK, rising=True)) == "▮▮▮▯▯ 3↑ ●"
    assert "".join(part for part, _ in hedge_light(light, Severity.OK)) == "▮▮▮▯▯ 3 ●"


def test_columns_fall_away_by_priority_and_the_name_stays() -> None:
    for cells in (20, 40, 60, 80, 100, 120, 140, 160, 200):
        chosen = fit(BOARD, cells)
        assert chosen[0].id == "name"
        assert sum(c.width for c in chosen) + len(chosen) - 1 <= max(cells, BOARD[0].least)
    assert [c.id for c in fit(BOARD, 80)] == ["name", "side", "lights", "next_light", "liquidation", "if_closed", "age"]
    assert [c.id for c in fit(BOARD, 60)] == ["name", "lights", "liquidation", "if_closed", "age"]
    assert len(fit(BOARD, 140)) == len(BOARD)


def test_every_column_can_be_reached_on_a_narrow_terminal() -> None:
    seen = {column.id for skip in range(len(BOARD)) for column in fit(BOARD, 60, skip)}
    assert seen == {column.id for column in BOARD}
