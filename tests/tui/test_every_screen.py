"""Keyboard only, through every screen: in every theme, at 80×24 and 200×50, in a storm of resizes, and with names that attack."""

import unicodedata
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from time import monotonic
from typing import Any

import pytest
from msgspec.structs import replace
from rich.cells import cell_len
from textual import events
from textual.command import CommandPalette
from textual.geometry import Size
from textual.screen import Screen
from textual.strip import Strip

from adlwatch.domain.remedy import Remedy
from adlwatch.domain.samples import Sample
from adlwatch.domain.snapshot import Snapshot
from adlwatch.tui import screens
from adlwatch.tui.app import Options
from adlwatch.tui.control import Backend, Offer
from adlwatch.tui.hypothesis import Hypothesis
from adlwatch.tui.screens.alerts import AlertsScreen
from adlwatch.tui.screens.board import BoardScreen
from adlwatch.tui.screens.channels import ChannelsScreen
from adlwatch.tui.screens.columns import ColumnsScreen
from adlwatch.tui.screens.detail import DetailScreen
from adlwatch.tui.screens.help import HelpScreen
from adlwatch.tui.screens.incident import IncidentScreen
from adlwatch.tui.screens.positions import PositionsScreen
from adlwatch.tui.screens.raw import RawScreen
from adlwatch.tui.screens.remedies import RemedyScreen
from adlwatch.tui.screens.sources import SourcesScreen
from adlwatch.tui.screens.venue import VenueScreen
from adlwatch.tui.screens.venues import VenuesScreen
from adlwatch.tui.screens.view import View
from adlwatch.tui.screens.views import ViewsScreen
from adlwatch.tui.screens.wall import WallScreen
from adlwatch.tui.screens.welcome import WelcomeScreen
from adlwatch.tui.theme import PALETTES
from tests.tui.harness import Feed, Watch, watching
from tests.tui.samples import SNAPSHOT
from tests.tui.test_alerting import HEDGE, LEG, LOG, OTHER
from tests.tui.test_incidents import ADL
from tests.tui.test_remedies import CUT, MARGIN
from tests.tui.test_venues import MARKET, POOL
from tests.turns import turn

pytestmark = pytest.mark.asyncio

FULL = replace(SNAPSHOT, incidents=(ADL,), alerts=(HEDGE, LEG, OTHER), stress=(POOL, MARKET))
WALK: dict[str, tuple[str, type[Screen[Any]], str]] = {
    "board": ("1", BoardScreen, "HEDGE / LEG"),
    "filter": ("slash", BoardScreen, "light>=4"),
    "hedge": ("escape g enter", DetailScreen, "LEGS"),
    "position": ("1 G k enter", DetailScreen, "WHY"),
    "raw fields": ("r", RawScreen, "No source tells of this position"),
    "remedies": ("1 G k f", RemedyScreen, "THAT DO IT"),
    "columns": ("1 c", ColumnsScreen, "COLUMN"),
    "what-if": ("1 x right", BoardScreen, "WHAT-IF all +1.0%"),
    "positions": ("x 2", PositionsScreen, "POSITION"),
    "venues": ("3", VenuesScreen, "VENUE / POOL"),
    "venue": ("enter", VenueScreen, "HOW IT DELEVERAGES"),
    "alerts": ("4", AlertsScreen, "hedged-light"),
    "channels": ("c", ChannelsScreen, "HTTP 502"),
    "sources": ("5", SourcesScreen, "LATENCY"),
    "help": ("question_mark", HelpScreen, "Fold or unfold"),
    "incident": ("1 i", IncidentScreen, "WHAT WAS TAKEN"),
    "views": ("1 v", ViewsScreen, "No views yet"),
    "wall": ("q w", WallScreen, "naked now"),
    "commands": ("w colon", CommandPalette, "Next colour theme"),
    "board again": ("escape 1", BoardScreen, "HEDGE / LEG"),
}
"""Keys from where the screen before ended, the screen they lead to, and words on it."""
ENDS_CUT = frozenset({"alerts", "venues"})
"""Tables whose last column is told in full elsewhere: below the table, and on the venue's own screen."""
PATIENCE = 20.0
HOPS = 50
"""Turns of the loop that a key may take from the app to the focused widget and back."""


def drawn(watch: Watch) -> list[Strip]:
    """The lines on screen."""
    return watch.app.screen._compositor.render_strips(watch.app.size)


@asynccontextmanager
async def everything(snapshot: Snapshot, size: tuple[int, int], options: Options | None = None) -> AsyncIterator[Watch]:
    """A terminal with something behind every key."""
    feed = Feed()

    def supposed(_: Hypothesis) -> Snapshot:
        return snapshot

    def remedies(_: str, __: int) -> tuple[Remedy, ...]:
        return CUT, MARGIN

    def past(_: str, __: datetime) -> tuple[Sample, ...]:
        return ()

    backend = Backend(
        feed,
        what_if=supposed,
        remedies=remedies,
        past=past,
        channels=("phone",),
        deliveries=lambda: LOG,
        try_channel=lambda _: None,
    )
    async with watching(snapshot, size=size, feed=feed, backend=backend, options=options) as watch:
        yield watch


async def until(ready: Callable[[], object], otherwise: str) -> None:
    """Not by waiting for the app to idle, which takes forty milliseconds a key, but by asking again until it is so."""
    end = monotonic() + PATIENCE
    while not ready():
        assert monotonic() < end, otherwise
        await turn()


def there(watch: Watch, screen: type[Screen[Any]], words: str) -> bool:
    return watch.in_front(screen) and words in shown(watch)


def sound(name: str, watch: Watch) -> bool:
    return not list(problems(name, watch))


async def typed(watch: Watch, keys: str) -> None:
    """As fast as a person can never type, but each once the one before has gone its way from widget to app."""
    for key in keys.split():
        watch.app.simulate_key(key)
        for _ in range(HOPS):
            await turn()


async def walked(watch: Watch) -> AsyncIterator[str]:
    """The names of the screens, each when it is in front and its words are on it."""
    for name, (keys, screen, words) in WALK.items():
        await typed(watch, keys)
        await until(partial(there, watch, screen, words), f"{name} never came; {watch.app.screen}")
        yield name


def shown(watch: Watch) -> str:
    return "\n".join(strip.text for strip in drawn(watch))


def problems(name: str, watch: Watch) -> Iterator[str]:
    """What would make a screen unreadable."""
    lines = drawn(watch)
    texts = [strip.text for strip in lines]
    wide, high = watch.app.size
    if [cell_len(text) for text in texts] != [wide] * high or [strip.cell_length for strip in lines] != [wide] * high:
        yield f"{name}: lines of other than {wide} cells"
    marked = "MOCK cascade" in texts[0] or name == "welcome"
    if name != "commands" and not (texts[0].startswith(" ADL") and marked):
        yield f"{name}: the top line is {texts[0]!r}"
    if name not in ("commands", "wall") and "? help" not in texts[-1]:
        yield f"{name}: its foot is {texts[-1]!r}"


def cut(name: str, watch: Watch) -> Iterator[str]:
    """Lines between top line and tape that don't tell all they have to."""
    lines = [line.rstrip() for line in shown(watch).splitlines()[1:-2] if "…" in line]
    return (f"{name}: cut: {line!r}" for line in lines if not (name in ENDS_CUT and line.endswith("…")))


def unpainted(name: str, watch: Watch) -> Iterator[str]:
    """Themes in which the screen in front says something else, or is not painted in their colours."""
    before, painter, screen = shown(watch), watch.app.painter, watch.app.screen
    if not isinstance(screen, View):
        return
    usual = painter.palette
    for palette in [p for p in PALETTES.values() if not p.native]:
        painter.use(palette)
        screen.repaint()
        grounds = {segment.style.bgcolor for strip in drawn(watch) for segment in strip if segment.style is not None}
        if shown(watch) != before or not {painter.bar.bgcolor, painter.base.bgcolor} <= grounds:
            yield f"{name}: not as it should be in {palette.name}"
    painter.use(usual)


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
@pytest.mark.parametrize("look", ["true colour", "terminal", "ascii"])
async def test_every_screen_is_reached_by_keyboard_and_can_be_read_in_every_theme(size: tuple[int, int], look: str) -> None:
    options = Options(theme="terminal" if look == "terminal" else "dark", ascii_only=look == "ascii")
    found: list[str] = []
    async with everything(FULL, size, options) as watch:
        async for name in walked(watch):
            before = shown(watch)
            found += [*problems(name, watch), *cut(name, watch)]
            found += [f"{name}: not ASCII"] if look == "ascii" and not before.isascii() else []
            found += unpainted(name, watch) if look == "true colour" else []
    assert found == []


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
async def test_the_welcome_can_be_read_in_every_theme(size: tuple[int, int]) -> None:
    offers = tuple(Offer(name, "what it does and what it needs", lambda _: "", "which?") for name in ("one", "two"))
    async with watching(size=size, options=Options(offers=offers)) as watch:
        await typed(watch, "j enter")
        await until(partial(there, watch, WelcomeScreen, "which?"), shown(watch))
        found = [*problems("welcome", watch), *cut("welcome", watch), *unpainted("welcome", watch)]
        for small in SIZES:
            await resized(watch, small)
    assert found == []


async def test_no_screen_is_left_out_of_the_walk() -> None:
    modules = (import_module(f"{screens.__name__}.{module.name}") for module in iter_modules(screens.__path__))
    found = {kind for module in modules for kind in vars(module).values() if isinstance(kind, type) and issubclass(kind, View)}
    assert {kind for kind in found if "BINDINGS" in vars(kind)} - {screen for _, screen, _ in WALK.values()} == {WelcomeScreen}


SIZES = [(80, 24), (1, 1), (200, 50), (20, 5), (3, 60), (300, 2), (61, 17), (2, 2), (119, 33), (10, 1), (1, 40), (140, 40)]


async def resized(watch: Watch, size: tuple[int, int]) -> None:
    """As the terminal tells it, and until the screen in front is laid out anew."""
    watch.app._driver._size = size  # type: ignore[union-attr]  # the headless driver's
    watch.app.post_message(events.Resize(Size(*size), Size(*size)))
    await until(lambda: watch.app.screen.size == size, f"never came to {size}")
    drawn(watch)


async def test_a_storm_of_resizes_on_every_screen_breaks_nothing_and_keeps_the_cursor() -> None:
    async with everything(FULL, (140, 40)) as watch:
        async for name in walked(watch):
            screen = watch.app.screen
            before = screen.selected if isinstance(screen, View) else None
            for size in SIZES:
                await resized(watch, size)
            assert (screen.selected if isinstance(screen, View) else None) == before
            await until(partial(sound, name, watch), f"{name} is broken:\n{shown(watch)}")


FOREIGN = {
    "markup and escape sequences": "[/b] [red]x[/] \x1b[2J\x1b]0;t\x07 a\nb\rc\x00",
    "wide, joined and from right to left": "😀👨‍👩‍👧 漢字 \u202eשלום\u202c e\u0301\u200b",
    "long": "x" * 200,
    "nothing": "",
}


def poisoned(name: str) -> Snapshot:
    """The full book with this in place of whatever a venue or the user has named."""
    reasons = (name,)
    hedges = tuple(replace(h, name=f"{i}{name}", underlying=name, reasons=reasons) for i, h in enumerate(FULL.hedges))
    of = {old.name: new.name for old, new in zip(FULL.hedges, hedges, strict=True)}
    named = {"account": name, "underlying": name}
    leg = replace(ADL.legs[0], account=name, symbol=name, hedge=of["btc-carry"])
    tickets = tuple(replace(ticket, title=name, text=name, hedge=of["btc-carry"]) for ticket in ADL.tickets)
    hit = replace(ADL.hedges[0], name=of["btc-carry"], underlying=name)
    return replace(
        FULL,
        label=f"MOCK cascade {name}"[:30],
        positions=tuple(replace(p, symbol=name, reasons=reasons, hedge=of[p.hedge or ""], **named) for p in FULL.positions),
        holdings=tuple(replace(h, asset=name, hedge=of[h.hedge or ""], **named) for h in FULL.holdings),
        hedges=hedges,
        sources=tuple(replace(s, error=name, notes=(name, name), label=name) for s in FULL.sources),
        alerts=tuple(replace(a, text=name, subject=name) for a in FULL.alerts),
        stress=tuple(replace(s, pool=name, warning=name, reasons=reasons) for s in FULL.stress),
        incidents=(replace(ADL, account=name, legs=(leg,), hedges=(hit,), tickets=tickets),),
    )


@pytest.mark.parametrize("name", FOREIGN.values(), ids=FOREIGN)
async def test_foreign_text_is_harmless_on_every_screen(name: str, tmp_path: Path) -> None:
    async with everything(poisoned(name), (80, 24), Options(folder=tmp_path)) as watch:
        async for screen in walked(watch):
            assert list(problems(screen, watch)) == []
            assert [c for c in shown(watch) if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Mn")] == []
        await typed(watch, "y")
        assert watch.app.is_running
