"""Rows of board and positions."""

from collections.abc import Callable, Sequence
from types import MappingProxyType

from msgspec.structs import replace

from adlwatch.domain.reading import Health
from adlwatch.domain.snapshot import Severity
from adlwatch.tui.columns import BOARD, MORE, POSITIONS, sorts
from adlwatch.tui.rows import HedgeRow, Row
from adlwatch.tui.spans import plain
from adlwatch.tui.viewmodel import Choice, Rows, board_rows, position_rows
from tests.tui.samples import BTC_CARRY, BTC_SHORT, ETH_ARB, NO_LIGHT, SNAPSHOT, SOL_ALONE, source


def keys(rows: Sequence[Row]) -> list[str]:
    return [row.key for row in rows]


def cells(row: Row, **widths: int) -> dict[str, str]:
    return {c.id: plain(getattr(row, c.id)(widths.get(c.id, c.width))).strip() for c in BOARD}


def test_worst_comes_first_and_opens_itself() -> None:
    assert keys(board_rows(SNAPSHOT, Choice())) == [
        "hedge:btc-carry",
        "bin-main:BTC",
        "bin-main:BTC/USDT:USDT:short",
        "okx-2:SOL/USDT:USDT:short",
        "hedge:eth-arb",
    ]


def test_the_user_has_the_last_word_on_folding() -> None:
    folded = Choice(folds=MappingProxyType({"btc-carry": False, "eth-arb": True}))
    assert keys(board_rows(SNAPSHOT, folded)) == [
        "hedge:btc-carry",
        "okx-2:SOL/USDT:USDT:short",
        "hedge:eth-arb",
        "okx-2:ETH/USDT:USDT:long",
        "bybit-1:ETH/USDT:USDT:short",
    ]


def test_a_leg_shows_what_is_left_without_it() -> None:
    leg = board_rows(SNAPSHOT, Choice())[2]
    assert cells(leg) == {
        "name": "bin-main  perp",
        "side": "short",
        "size": "1.5",
        "notional": "$81.0k",
        "mark": "54,000",
        "pnl": "+$9,000",
        "score": "0.147",
        "lights": "▮▮▮▮▯ 4 venue 20s est 3–4",
        "next_light": "51,900 −3.9%",
        "liquidation": "31%",
        "if_closed": "$81.0k long",
        "age": "2s",
    }


def test_a_narrow_light_keeps_the_level_and_drops_words_first() -> None:
    leg = board_rows(SNAPSHOT, Choice())[2]
    assert [cells(leg, lights=w)["lights"] for w in (25, 17, 13, 10)] == [
        "▮▮▮▮▯ 4 venue 20s est 3–4",
        "▮▮▮▮▯ 4 venue 20s",
        "▮▮▮▮▯ 4 venue",
        "▮▮▮▮▯ 4",
    ]


def test_a_missing_input_shows_as_unknown_and_never_as_zero_or_safe() -> None:
    snapshot = replace(
        SNAPSHOT, holdings=(), positions=(NO_LIGHT,), hedges=(replace(BTC_CARRY, light=NO_LIGHT.light, severity=Severity.BLIND),)
    )
    head, leg = board_rows(snapshot, Choice(folds=MappingProxyType({"btc-carry": True})))[:2]
    assert cells(head)["lights"] == "○ unknown ○"
    assert (cells(leg)["score"], cells(leg)["lights"]) == ("?", "○ unknown")


def test_a_blind_source_marks_the_age_of_all_that_comes_from_it() -> None:
    snapshot = replace(SNAPSHOT, sources=(source("bin-main", Health.STALE, 40.0),))
    assert [cells(row)["age"] for row in board_rows(snapshot, Choice())[:3]] == ["◌2s", "◌2s", "◌2s"]


def test_an_unhedged_position_is_one_line_and_flat_once_closed() -> None:
    row = cells(board_rows(SNAPSHOT, Choice())[3])
    assert (row["name"], row["side"], row["if_closed"]) == ("◆sol  SOL", "unhedged short", "flat")


def test_a_filter_keeps_a_hedge_when_one_of_its_legs_meets_it() -> None:
    assert keys(board_rows(SNAPSHOT, Choice(filter="account:bybit"))) == ["hedge:eth-arb"]


def test_at_risk_hides_what_needs_no_attention() -> None:
    assert keys(board_rows(SNAPSHOT, Choice(at_risk=True)))[0] == "hedge:btc-carry"
    assert "hedge:eth-arb" not in keys(board_rows(SNAPSHOT, Choice(at_risk=True)))
    assert keys(position_rows(SNAPSHOT, Choice(at_risk=True))) == [BTC_SHORT.key]


def test_every_sort_keeps_every_row_and_reverses() -> None:
    for sort in sorts((*BOARD, *MORE)):
        there, back = (board_rows(SNAPSHOT, Choice(sort=sort, reverse=r, folds=FOLDED)) for r in (False, True))
        assert sorted(keys(there)) == sorted(keys(back))
    for sort in sorts((*POSITIONS, *MORE)):
        assert len(position_rows(SNAPSHOT, Choice(sort=sort))) == 5


FOLDED = MappingProxyType({h.name: False for h in (BTC_CARRY, ETH_ARB, SOL_ALONE)})


def test_unknown_numbers_come_last_in_both_directions() -> None:
    unknown = replace(BTC_CARRY, naked_usd=None)
    snapshot = replace(SNAPSHOT, hedges=(unknown, ETH_ARB, SOL_ALONE))
    for reverse in (False, True):
        assert keys(board_rows(snapshot, Choice(sort="naked", reverse=reverse, folds=FOLDED)))[-1] == "hedge:btc-carry"


def test_the_order_does_not_depend_on_the_order_of_the_snapshot() -> None:
    turned = replace(SNAPSHOT, hedges=SNAPSHOT.hedges[::-1], positions=SNAPSHOT.positions[::-1])
    assert keys(board_rows(turned, Choice())) == keys(board_rows(SNAPSHOT, Choice()))


def test_rows_are_made_when_they_are_looked_at_and_not_before() -> None:
    made: list[str] = []

    def maker(name: str) -> Callable[[], Row]:
        def make() -> Row:
            made.append(name)
            return HedgeRow(replace(BTC_CARRY, name=name), open=False)

        return make

    rows = Rows([maker(name) for name in "abcdef"])
    assert (len(rows), len(rows[1:4]), made) == (6, 3, [])
    assert keys(rows[1:3]) == ["hedge:b", "hedge:c"]
    assert made == ["b", "c"]
