"""Nothing is configured: four ways to begin."""

from collections.abc import Iterator
from dataclasses import dataclass

from textual.widget import Widget

from adlwatch.tui.actions import bindings
from adlwatch.tui.columns import Column
from adlwatch.tui.control import Offer, Refused
from adlwatch.tui.frame import Frame
from adlwatch.tui.paint import Painter
from adlwatch.tui.screens.listing import Listing
from adlwatch.tui.spans import NOTHING, Role, Spans, text
from adlwatch.tui.widgets.page import Page
from adlwatch.tui.widgets.prompt import Prompt

COLUMNS = (
    Column("name", "BEGIN WITH", 31, 34, 0, right=False, flash=False),
    Column("about", "", 29, 100, 1, right=False, flash=False),
)
INTRODUCTION: tuple[Spans, ...] = (
    NOTHING,
    text(" adlwatch watches perp positions for auto-deleveraging (ADL):", Role.STRONG),
    text(" how close each one is to being closed, and what you would be left holding.", Role.TEXT),
    text(" It only ever reads. No sources are configured yet.", Role.DIM),
)


@dataclass(frozen=True, slots=True)
class OfferRow:
    """One way to begin."""

    offer: Offer

    @property
    def key(self) -> str:
        """Its name."""
        return self.offer.name

    def name(self, _cells: int) -> Spans:
        """What is chosen."""
        return ((" ▸ ", Role.ACCENT), (self.offer.name, Role.STRONG))

    def about(self, _cells: int) -> Spans:
        """What it does."""
        return text(self.offer.about, Role.DIM)


class WelcomeScreen(Listing):
    """Enter chooses; what has to be asked is asked below."""

    SCOPES = ("panel", "list", "welcome")
    BINDINGS = bindings(*SCOPES)
    CSS = "WelcomeScreen #introduction { height: 5; } WelcomeScreen #answer { height: 3; }"

    def __init__(self, painter: Painter, offers: tuple[Offer, ...]) -> None:
        super().__init__(painter, COLUMNS)
        self.offers = offers
        self.introduction = Page(painter, id="introduction")
        self.answer = Page(painter, id="answer")

    def body(self) -> Iterator[Widget]:
        """A word of greeting, the offers, and what is said to the choice."""
        yield self.introduction
        yield self.table
        yield self.answer

    def on_mount(self) -> None:
        """The keys belong to the offers."""
        self.introduction.show(INTRODUCTION)
        self.table.focus()

    def show(self, frame: Frame) -> None:
        """The offers never change."""
        super().show(frame)
        self.tape.show(NOTHING)
        self.top.show(((" ADLWATCH", Role.ACCENT), ("  nothing to watch yet", Role.DIM)))
        self.table.show([OfferRow(offer) for offer in self.offers])

    async def action_choose(self) -> None:
        """Ask what has to be asked, then begin."""
        row = self.table.cursor_row
        if not isinstance(row, OfferRow) or self.query(Prompt):
            return
        if not row.offer.question:
            self.take(row.offer, "")
            return
        self.answer.show((text(f" {row.offer.question}", Role.STRONG),))
        await self.mount(Prompt("", placeholder=""), before=self.tape)

    async def on_prompt_closed(self, message: Prompt.Closed) -> None:
        """Begin with the answer, or go back to the offers."""
        answer = self.query_one(Prompt).value.strip()
        await self.query(Prompt).remove()
        self.table.focus()
        self.answer.show(())
        row = self.table.cursor_row
        if message.kept and isinstance(row, OfferRow):
            self.take(row.offer, answer)

    def take(self, offer: Offer, answer: str) -> None:
        """Begin, or say why not."""
        try:
            chosen = offer.choose(answer)
        except Refused as problem:
            self.answer.show((text(f" ✖ {problem}", Role.CRITICAL),))
            return
        if isinstance(chosen, str):
            self.answer.show((text(f" {chosen}", Role.OK),))
        else:
            self.host.begin(chosen)

    def action_back(self) -> None:
        """There is nothing behind."""
