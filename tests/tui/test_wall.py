"""The wall: big type, live, whatever is in front."""

import pytest
from msgspec.structs import replace

from adlwatch.domain.snapshot import Severity
from adlwatch.tui import actions
from adlwatch.tui.app import Options
from adlwatch.tui.big import HALF, SIZES, THIN, big, cells
from adlwatch.tui.screens.board import BoardScreen
from adlwatch.tui.screens.incident import IncidentScreen
from adlwatch.tui.screens.wall import WallScreen
from adlwatch.tui.spans import Role, plain
from adlwatch.tui.text import to_ascii
from adlwatch.tui.wall_text import Room, state, wall_lines
from tests.tui.harness import expect, watching
from tests.tui.samples import BTC_CARRY, SNAPSHOT, SOL_ALONE
from tests.tui.test_incidents import ADL

NAKED = replace(SNAPSHOT, hedges=(replace(BTC_CARRY, missing=("bin-main:BTC/USDT:USDT:short",), net_usd=81_000.0), SOL_ALONE))


@pytest.mark.parametrize(("size", "ascii_only"), [((80, 24), False), ((200, 50), False), ((80, 24), True)])
@pytest.mark.asyncio
async def test_the_wall_looks_as_designed(size: tuple[int, int], *, ascii_only: bool) -> None:
    async with watching(SNAPSHOT, size=size, options=Options(wall=True, ascii_only=ascii_only)) as watch:
        expect(f"wall-{size[0]}x{size[1]}{'-ascii' if ascii_only else ''}", watch.text())


@pytest.mark.asyncio
async def test_the_wall_lives_and_no_incident_opens_over_it() -> None:
    async with watching(SNAPSHOT) as watch:
        await watch.press("w")
        before = watch.text()
        await watch.tell(replace(NAKED, incidents=(ADL,)))
        assert watch.in_front(WallScreen)
        assert "naked now: btc-carry" in watch.text()
        assert watch.text() != before
        await watch.press("w")
        assert watch.in_front(BoardScreen)
        await watch.press("i")
        assert watch.in_front(IncidentScreen)


@pytest.mark.parametrize("key", ["escape", "q", "w", "1"])
@pytest.mark.asyncio
async def test_every_way_back_leaves_the_wall(key: str) -> None:
    async with watching(SNAPSHOT, options=Options(wall=True)) as watch:
        await watch.press(key)
        assert watch.in_front(BoardScreen)


@pytest.mark.asyncio
async def test_silence_and_blindness_are_the_word_on_the_wall() -> None:
    async with watching(SNAPSHOT, options=Options(wall=True), size=(120, 30)) as watch:
        await watch.wait(12)
        assert "no assessment for 12 s" in watch.text().split("\n", 1)[1]
    assert state(None, "")[0] == "STARTING"
    assert state(SNAPSHOT, "the engine stopped")[0] == "NO DATA"
    assert state(replace(SNAPSHOT, severity=Severity.BLIND), "")[0] == "BLIND"
    assert state(NAKED, "")[0] == "NAKED"


@pytest.mark.parametrize(
    "room", [Room(80, 21), Room(200, 47), Room(60, 17), Room(80, 21, ascii_only=True), Room(30, 8), Room(0, 0)]
)
def test_every_line_fits_and_the_worst_word_is_there(room: Room) -> None:
    for snapshot in (SNAPSHOT, NAKED, replace(SNAPSHOT, hedges=()), None):
        lines = [plain(line) for line in wall_lines(snapshot, "", room)]
        words = {plain(big(state(snapshot, "")[0], dot)[0]).strip() for dot in (*SIZES, HALF, THIN)}
        assert any(word in line for word in words for line in lines)
        if room.cells >= 60:
            assert max(len(line.rstrip()) for line in lines) <= room.cells
            assert len(lines) <= room.lines


def test_big_type_is_as_wide_as_it_says_and_every_letter_is_different() -> None:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789$%?!.,-+/:'"
    for dot in (*SIZES, HALF, THIN):
        assert all(len(plain(line)) == cells("NAKED $1.5M", dot) for line in big("NAKED $1.5M", dot))
        assert len(big("8", dot)) == dot.height()
    shapes = {"\n".join(plain(line) for line in big(letter, THIN)) for letter in letters}
    assert len(shapes) == len(letters)
    assert plain(big("~", THIN)[0]) == plain(big("?", THIN)[0])
    assert big("", HALF) == [(("", big("", HALF)[0][0][1]),)] * 3


def test_without_half_blocks_the_type_is_ascii() -> None:
    lines = [to_ascii(plain(line)) for line in wall_lines(SNAPSHOT, "", Room(80, 21, ascii_only=True))]
    assert all(set("".join(line).strip()) <= set("# ") for line in lines[:5])


def test_the_wall_is_in_the_table_of_keys() -> None:
    assert next(action for action in actions.ACTIONS if action.do == "wall").keys == ("w",)


def test_big_letters_are_never_holes_in_a_bright_field() -> None:
    lines = wall_lines(NAKED, "", Room(80, 21, native=True))
    reversing = {Role.CRITICAL, Role.LABEL}
    assert not [text for line in lines for text, role in line if role in reversing and set(text) & set("█▀▄")]
