"""What was shown and is gone is let go of, however often it is shown: no figure in megabytes, but a count of what is kept."""

import gc
from collections import deque
from collections.abc import Iterator
from weakref import WeakSet

import pytest
from textual._styles_cache import StylesCache

from adlwatch.tui.memory import GARBAGE
from tests.tui.harness import Watch, watching
from tests.tui.samples import SNAPSHOT

THERE_AND_BACK = ("5", "ctrl+p", "escape", "1")
"""With the palette, whose widgets Textual draws itself, as it does toasts."""
OF_ONE_TOUR = 16
"""Widgets that may still be on their way out when a tour is over."""


def drawn() -> int:
    """Widgets whose drawing is held, on screen or not."""
    gc.collect()
    return sum(type(each) is StylesCache for each in gc.get_objects())


async def tour(watch: Watch, rounds: int = 1) -> None:
    """Away from the board and back to it."""
    for _ in range(rounds):
        await watch.press(*THERE_AND_BACK)
    await watch.wait(0.5)


@pytest.fixture
def collected_as_in_the_program() -> Iterator[None]:
    before = gc.get_threshold()
    gc.collect()
    gc.set_threshold(*GARBAGE)
    yield
    gc.set_threshold(*before)


@pytest.mark.asyncio
async def test_what_left_the_screen_is_not_kept() -> None:
    async with watching(SNAPSHOT) as watch:
        await tour(watch)
        before = drawn()
        await tour(watch, 9)
        assert drawn() <= before + OF_ONE_TOUR


class Left:
    """Garbage as a screen is: in a cycle."""

    def __init__(self) -> None:
        self.itself = self


@pytest.mark.usefixtures("collected_as_in_the_program")
def test_garbage_that_was_used_for_a_while_is_collected_before_much_of_it_waits() -> None:
    shown: deque[Left] = deque(maxlen=2 * GARBAGE[0])
    alive: WeakSet[Left] = WeakSet()
    most = 0
    for _ in range(20):
        for _ in range(10_000):
            shown.append(Left())
            alive.add(shown[-1])
        most = max(most, len(alive))
    assert most < 150_000
