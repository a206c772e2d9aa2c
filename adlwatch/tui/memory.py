"""What keeps memory flat while screens come and go: when garbage is collected, and what Textual has to let go of."""

from textual._styles_cache import StylesCache

GARBAGE = (10_000, 5, 10)
"""Thresholds of the collector's generations. A screen that was left is garbage in cycles old enough for the middle generation,
which is looked through every 50,000 objects made and not freed: a few megabytes wait at most. Rarer collections are also longer:
with 50,000 for the youngest alone one holds up the keys for 60 ms, with these 9, and the middle one 50 in place of 120.
"""


def let_go() -> None:
    """Free what Textual has drawn of widgets that are gone: up to 1,024 are remembered in a cache keyed by the drawing itself.

    What it saves is the adding of two colours. https://github.com/Textualize/textual/issues/6665
    """
    StylesCache.get_inner_outer.cache_clear()
