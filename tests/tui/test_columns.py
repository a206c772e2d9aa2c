"""Columns of the user's own: shown, hidden, moved, and rows in order by any of them."""

import pytest
from msgspec.structs import replace

from adlwatch.domain.snapshot import HedgeView, PositionView
from adlwatch.tui.columns import BOARD, MORE, POSITIONS, chosen, fit, marked, sorts, with_more
from adlwatch.tui.fields import NUMBER_NAMES, NUMBERS, TEXT_NAMES, TEXTS
from adlwatch.tui.ordering import ordered
from adlwatch.tui.screens.board import BoardScreen
from adlwatch.tui.spans import plain
from adlwatch.tui.viewmodel import Choice, board_rows, position_rows
from tests.tui.harness import Watch, watching
from tests.tui.samples import BTC_CARRY, BTC_SHORT, ETH_ARB, SNAPSHOT, SOL_ALONE


def header(watch: Watch) -> list[str]:
    return watch.text().splitlines()[1].split()


def test_every_line_has_a_cell_for_every_column() -> None:
    rows = [*board_rows(SNAPSHOT, Choice()), *position_rows(SNAPSHOT, Choice())]
    for row in rows:
        for column in (*BOARD, *MORE):
            assert isinstance(plain(getattr(row, column.id)(column.width)), str)


def test_every_column_puts_rows_in_order_and_can_be_filtered_by() -> None:
    known = {name for fields in (*TEXTS.values(), *NUMBERS.values()) for name in fields}
    for column in (*BOARD, *POSITIONS, *MORE):
        assert column.sort in known
        assert column.sort in (*TEXT_NAMES, *NUMBER_NAMES)


def test_the_filter_names_every_field_there_is() -> None:
    assert set(TEXT_NAMES) == {name for fields in TEXTS.values() for name in fields}
    assert set(NUMBER_NAMES) == {name for fields in NUMBERS.values() for name in fields} - set(TEXT_NAMES)


def test_chosen_columns_keep_the_users_order_and_the_name_in_front() -> None:
    assert [c.id for c in chosen(BOARD, ("carry", "lights", "nothing"))] == ["name", "carry", "lights"]
    assert chosen(BOARD, ()) == BOARD
    narrow = fit(chosen(BOARD, ("carry", "lights", "basis")), 38)
    assert [c.id for c in narrow] == ["name", "carry", "lights"]


def test_hedges_stand_in_order_by_what_only_their_worst_leg_has() -> None:
    positions = tuple(replace(p, mark_price=1.0) if p.key == BTC_SHORT.key else p for p in SNAPSHOT.positions)
    rows = board_rows(replace(SNAPSHOT, positions=positions), Choice(sort="mark"))
    assert [row.key for row in rows if row.key.startswith("hedge")] == ["hedge:eth-arb", "hedge:btc-carry"]


def test_positions_stand_in_order_by_what_is_left_without_them() -> None:
    rows = position_rows(SNAPSHOT, Choice(sort="naked"))
    assert rows[0].key == BTC_SHORT.key
    assert position_rows(SNAPSHOT, Choice(filter="naked>50000"))[0].key == BTC_SHORT.key


def test_unknown_stands_last_whichever_way_round() -> None:
    known = replace(BTC_CARRY, carry_apr=0.1)
    for reverse in (False, True):
        assert ordered([ETH_ARB, known, SOL_ALONE], "carry", reverse=reverse)[0] is known


def test_the_mark_says_which_way_round() -> None:
    assert [c.heading[0][0] for c in marked(BOARD, "naked", reverse=False) if c.mark] == ["IF CLOSED▼"]
    assert [c.heading[0][0] for c in marked(BOARD, "liq", reverse=False) if c.mark] == ["LIQ▲ "]
    assert [c.heading[0][0] for c in marked(BOARD, "notional", reverse=True) if c.mark] == ["NOTIONAL▲"]


def test_sorting_goes_through_worst_and_every_column() -> None:
    assert sorts(BOARD)[:3] == ("worst", "name", "side")
    assert len(set(sorts((*BOARD, *MORE)))) == len(BOARD) + len(MORE) + 1


@pytest.mark.asyncio
async def test_columns_are_hidden_moved_and_brought_back() -> None:
    async with watching(SNAPSHOT, size=(160, 40)) as watch:
        assert header(watch)[3:5] == ["SIDE", "SIZE"]
        await watch.press("c", "space", "J", "s", "q")
        assert watch.in_front(BoardScreen)
        assert header(watch)[3:6] == ["NOTIONAL", "SIZE▼", "MARK"]
        assert "sort size" in watch.text()
        await watch.press("c", "0", "q")
        assert header(watch)[3:5] == ["SIDE", "SIZE▼"]


@pytest.mark.asyncio
async def test_a_hidden_column_is_shown_where_it_is_asked_for() -> None:
    async with watching(SNAPSHOT, size=(200, 40)) as watch:
        await watch.press("c", "G", "space", "q")
        assert "STRESS" in header(watch)
        await watch.press("2")
        assert "STRESS" not in header(watch)
        await watch.press("1")
        assert "STRESS" in header(watch)


@pytest.mark.asyncio
async def test_the_name_stays_while_the_columns_move() -> None:
    async with watching(SNAPSHOT, size=(80, 24)) as watch:
        await watch.press(*["greater_than_sign"] * 4)
        assert header(watch)[:3] == ["HEDGE", "/", "LEG"]
        assert header(watch)[3] == "MARK"


@pytest.mark.asyncio
async def test_what_was_chosen_on_a_screen_is_still_so_when_one_comes_back() -> None:
    async with watching(SNAPSHOT) as watch:
        await watch.press("2", "slash", *"eth", "enter", "1", "2")
        assert "okx-2  ETH" in watch.text()
        assert "bin-main" not in watch.text()


def test_a_hedge_and_a_position_have_the_fields_their_columns_need() -> None:
    assert NUMBERS[HedgeView]["loss"](BTC_CARRY) == 810.0
    assert NUMBERS[PositionView]["entry"](BTC_SHORT) == 60_000.0


def test_wide_screens_show_more_columns_once_all_others_have_their_full_width() -> None:
    columns = with_more(BOARD)
    assert [c.id for c in fit(columns, 125)] == [c.id for c in BOARD]
    wide = fit(columns, 200)
    assert [c.id for c in wide][: len(BOARD)] == [c.id for c in BOARD]
    assert [c.width for c in wide][: len(BOARD)] == [c.width for c in BOARD]
    assert [c.id for c in wide][len(BOARD) :] == ["carry", "next_in", "liq_in", "loss"]
    assert [c.id for c in fit(columns, 80, skip=len(BOARD))][:2] == ["name", "venue"]
    assert sum(c.width for c in fit(columns, 1000)) + len(columns) - 1 <= 1000


def test_what_is_naked_already_stands_before_what_could_be() -> None:
    lost = replace(SOL_ALONE, missing=("okx-2:SOL",), net_usd=9_799.0)
    rows = board_rows(replace(SNAPSHOT, hedges=(BTC_CARRY, lost, ETH_ARB)), Choice())
    assert rows[0].key == "hedge:sol"
    rows = board_rows(replace(SNAPSHOT, hedges=(BTC_CARRY, lost, ETH_ARB)), Choice(sort="name"))
    assert rows[0].key == "hedge:btc-carry"


@pytest.mark.asyncio
async def test_what_is_hidden_is_counted() -> None:
    async with watching(SNAPSHOT) as watch:
        await watch.press("slash", *"eth", "enter")
        assert " /eth   1 of 3 " in watch.text().splitlines()[-1]
        await watch.press("2", "exclamation_mark")
        assert " at risk only   1 of 5 " in watch.text().splitlines()[-1]
        await watch.press("escape")
        assert " of " not in watch.text().splitlines()[-1]
