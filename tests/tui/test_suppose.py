"""What-if, the handles of the mock world, and the welcome screen."""

import pytest
from msgspec.structs import replace

from adlwatch.domain.snapshot import Snapshot
from adlwatch.tui.app import Options
from adlwatch.tui.control import Backend, Offer, Refused, meddle
from adlwatch.tui.hypothesis import LEAST, Hypothesis
from adlwatch.tui.screens.board import BoardScreen
from adlwatch.tui.screens.welcome import WelcomeScreen
from tests.tui.harness import Feed, settle, watching
from tests.tui.samples import BTC_SHORT, SNAPSHOT


def supposed(what: Hypothesis) -> Snapshot:
    """Scales the mark of the one position that the tests look at."""
    mark = 54_000.0 * (1 + what.moves.get("BTC", what.moves["*"]))
    changed = tuple(
        replace(p, mark_price=mark, size=1.5 * what.sizes.get(p.key, 1.0)) if p.key == BTC_SHORT.key else p
        for p in SNAPSHOT.positions
    )
    return replace(SNAPSHOT, positions=changed)


class World:
    """Notes what is done to it."""

    venues = ("one", "two")
    speed = 1.0

    def __init__(self) -> None:
        self.done: list[str] = []

    def shock(self, underlying: str = "*", percent: float = -5.0) -> None:
        self.done.append(f"shock {underlying} {percent:+g}")

    def drain_fund(self, venue: str = "*") -> None:
        self.done.append(f"drain {venue}")

    def cut_off(self, venue: str, *, on: bool = True) -> None:
        self.done.append(f"cut {venue} {on}")

    def set_speed(self, factor: float) -> None:
        self.speed = factor

    def jump_to_event(self) -> None:
        self.done.append("jump")


def test_moves_add_up_and_stop_before_a_price_of_nothing() -> None:
    assert Hypothesis().moved(-1).moved(-5).moves == {"*": -0.06}
    assert Hypothesis().moved(-5_000).moves == {"*": LEAST}


def test_one_underlying_starts_from_where_all_of_them_are() -> None:
    hypothesis = Hypothesis().moved(-5).aimed(SNAPSHOT).moved(-1)
    assert hypothesis.moves == {"*": -0.05, "BTC": -0.06}
    assert hypothesis.label == "WHAT-IF all −5.0% · BTC −6.0% ◀"


def test_aiming_goes_round_all_underlyings() -> None:
    hypothesis, seen = Hypothesis(), []
    for _ in range(4):
        hypothesis = hypothesis.aimed(SNAPSHOT)
        seen.append(hypothesis.target)
    assert seen == ["BTC", "ETH", "SOL", "*"]
    assert replace_target(hypothesis).aimed(SNAPSHOT).target == "*"


def replace_target(hypothesis: Hypothesis) -> Hypothesis:
    return Hypothesis("GONE", hypothesis.moves)


@pytest.mark.asyncio
async def test_a_what_if_is_framed_as_one_on_every_screen_and_ends_with_the_same_key() -> None:
    feed = Feed()
    async with watching(SNAPSHOT, feed=feed, backend=Backend(feed, what_if=supposed)) as watch:
        await watch.press("x", "shift+left", "left")
        assert "50,760" in watch.text()
        for keys in (("1",), ("2",), ("5",), ("1", "j", "j", "enter")):
            await watch.press(*keys)
            assert "WHAT-IF all −6.0%" in watch.text()
        assert "50,760" in watch.text()
        await watch.press("x")
        assert "WHAT-IF" not in watch.text()
        assert "54,000" in watch.text()
        await watch.press("1", "x", "left", "2", "escape")
        assert "WHAT-IF" in watch.text(), "one step back at a time"
        await watch.press("escape")
        assert "WHAT-IF" not in watch.text()


@pytest.mark.asyncio
async def test_without_a_book_to_suppose_about_the_arrows_keep_their_meaning() -> None:
    async with watching(SNAPSHOT) as watch:
        await watch.press("x", "right")
        assert "WHAT-IF" not in watch.text()
        assert "bin-main  perp" not in watch.text()


@pytest.mark.asyncio
async def test_the_keys_of_the_mock_world_reach_it_and_say_what_they_did() -> None:
    feed, world = Feed(), World()
    async with watching(SNAPSHOT, feed=feed, backend=Backend(feed, world)) as watch:
        await watch.press("D")
        assert "Every price falls by 5 %" in watch.text()
        await watch.press("U", "X", "O", "M", "J", "plus", "plus", "minus")
    cuts = ["cut one True", "cut two True", "cut one False", "cut two False"]
    assert world.done == ["shock * -5", "shock * +5", "drain *", *cuts, "jump"]
    assert world.speed == 2.0


@pytest.mark.asyncio
async def test_without_a_mock_world_its_keys_do_nothing() -> None:
    async with watching(SNAPSHOT) as watch:
        await watch.press("D", "X")
        assert "falls" not in watch.text()


def test_the_world_says_its_new_speed() -> None:
    assert meddle(World(), "slower") == "World time runs 0.5 times as fast"


def offers(feed: Feed) -> tuple[Offer, ...]:
    def address(answer: str) -> object:
        if answer != "0x1":
            raise Refused("no address [/b]")
        return lambda: Backend(feed)

    return (
        Offer("mock", "a mock", lambda _: lambda: Backend(feed)),
        Offer("address", "an address", address, "Which address?"),  # type: ignore[arg-type]  # object stands for Start here
        Offer("file", "a file", lambda _: "Wrote it"),
    )


@pytest.mark.asyncio
async def test_without_configuration_the_welcome_screen_starts_what_is_chosen() -> None:
    feed = Feed()
    async with watching(feed=feed, options=Options(offers=offers(feed))) as watch:
        assert watch.in_front(WelcomeScreen)
        assert "nothing to watch yet" in watch.text()
        await watch.press("1", "2", "escape")
        assert watch.in_front(WelcomeScreen)
        await watch.press("enter")
        await settle(watch.pilot, feed)
        await watch.tell(SNAPSHOT)
        assert watch.in_front(BoardScreen)
        assert "btc-carry" in watch.text()


@pytest.mark.asyncio
async def test_a_wrong_answer_is_explained_and_a_right_one_starts() -> None:
    feed = Feed()
    async with watching(feed=feed, options=Options(offers=offers(feed))) as watch:
        await watch.press("j", "enter", "0", "enter")
        assert "no address [/b]" in watch.text()
        await watch.press("enter", *"0x1", "enter")
        await settle(watch.pilot, feed)
        assert watch.in_front(BoardScreen)


@pytest.mark.asyncio
async def test_what_an_offer_has_to_say_is_shown() -> None:
    feed = Feed()
    async with watching(feed=feed, options=Options(offers=offers(feed))) as watch:
        await watch.press("G", "enter")
        assert "Wrote it" in watch.text()


@pytest.mark.asyncio
async def test_size_and_margin_of_the_position_in_front_are_supposed_too() -> None:
    feed, asked = Feed(), []

    def what_if(what: Hypothesis) -> Snapshot:
        asked.append(what)
        return supposed(what)

    async with watching(SNAPSHOT, feed=feed, backend=Backend(feed, what_if=what_if), size=(200, 40)) as watch:
        await watch.press("comma")
        assert "WHAT-IF" not in watch.text()
        await watch.press("x", "comma", "comma", "j", "j", "right_parenthesis", "b")
        assert "WHAT-IF BTC, others by beta +0.0%" in watch.text().replace("0.0%", "+0.0%").replace("++", "+")
        assert "bin-main BTC size −20.0%" in watch.text()
        assert "bin-main BTC margin +$4.0k" in watch.text() or "margin +$4,0" in watch.text()
        assert watch.line("bin-main  perp").split()[3] == "1.2"
        await watch.press("enter", "full_stop")
        assert "size −10.0%" in watch.text()
    assert asked[-1].follow
    assert asked[-1].margins == {BTC_SHORT.key: 81_000.0 * 0.05}


@pytest.mark.asyncio
async def test_a_balance_has_no_size_to_suppose() -> None:
    feed = Feed()
    async with watching(SNAPSHOT, feed=feed, backend=Backend(feed, what_if=supposed)) as watch:
        await watch.press("x", "j", "comma")
        assert "put the cursor on one" in watch.text()


def test_a_size_goes_down_to_nothing_and_no_further() -> None:
    closed = Hypothesis().resized(BTC_SHORT, -90).resized(BTC_SHORT, -90)
    assert closed.sizes == {BTC_SHORT.key: 0.0}
    assert "bin-main BTC size −100.0%" in closed.label
    assert "size" not in closed.resized(BTC_SHORT, 100).label
