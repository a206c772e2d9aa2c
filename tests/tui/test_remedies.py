"""What would bring a light down, on screen."""

import pytest

from adlwatch.domain.remedy import Remedy, RemedyKind
from adlwatch.tui.control import Backend
from adlwatch.tui.remedy_text import WORDS, remedy_lines
from adlwatch.tui.screens.remedies import RemedyScreen
from adlwatch.tui.spans import plain
from tests.tui.harness import Feed, Watch, watching
from tests.tui.samples import BTC_SHORT, SNAPSHOT

CUT = Remedy(kind=RemedyKind.CUT, key=BTC_SHORT.key, reachable=True, level=3, fraction=0.25, cost_usd=20.0, cost_days=1.4)
RESET = Remedy(
    kind=RemedyKind.RESET,
    key=BTC_SHORT.key,
    reachable=True,
    level=1,
    capital_usd=0.0,
    cost_usd=81.0,
    naked_usd=81_000.0,
    naked_seconds=5.0,
)
MARGIN = Remedy(kind=RemedyKind.ADD_MARGIN, key=BTC_SHORT.key, reachable=False, reason="the position is cross")


def page(found: tuple[Remedy, ...] | None) -> str:
    return "\n".join(plain(line) for line in remedy_lines(BTC_SHORT, found, 3, 100))


def test_every_kind_of_remedy_has_words() -> None:
    assert set(WORDS) == set(RemedyKind)


def test_remedies_that_do_it_come_with_amount_cost_and_naked_seconds() -> None:
    shown = page((CUT, RESET, MARGIN))
    for words in ("25.0%", "$20", "1.4 d", "$81.0k for 5s", "THAT DO NOT", "add margin to the position: the position is cross"):
        assert words in shown


def test_computing_nothing_to_do_and_not_reachable_each_say_so() -> None:
    assert "computing" in page(None)
    assert "Nothing to do" in page(())
    assert "none" in page((MARGIN,))


@pytest.mark.asyncio
async def test_fix_asks_for_one_light_lower_and_again_for_another() -> None:
    feed, asked = Feed(), []

    def search(key: str, to: int) -> tuple[Remedy, ...]:
        asked.append((key, to))
        return (CUT,)

    async with watching(SNAPSHOT, feed=feed, backend=Backend(feed, remedies=search)) as watch:
        await watch.press("f")
        await until(watch, "25.0%")
        await watch.press("f")
        await until(watch, "2 or less")
        assert asked == [(BTC_SHORT.key, 3), (BTC_SHORT.key, 2)]


@pytest.mark.asyncio
async def test_a_search_that_fails_says_so() -> None:
    feed = Feed()

    def search(_key: str, _to: int) -> tuple[Remedy, ...]:
        raise KeyError("gone [/b]")

    async with watching(SNAPSHOT, feed=feed, backend=Backend(feed, remedies=search)) as watch:
        await watch.press("f")
        await until(watch, "could not be computed")


@pytest.mark.asyncio
async def test_without_remedies_the_key_explains_itself() -> None:
    async with watching(SNAPSHOT) as watch:
        await watch.press("f")
        assert not watch.in_front(RemedyScreen)
        assert "Remedies are for" in watch.text()


async def until(watch: Watch, words: str) -> None:
    for _ in range(50):
        await watch.pilot.pause()
        if words in watch.text():
            return
    raise AssertionError(f"{words} never came")
