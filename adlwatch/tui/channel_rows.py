"""Channels and their delivery log as lines. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from adlwatch.tui import format as fmt
from adlwatch.tui.columns import Column
from adlwatch.tui.control import Delivery
from adlwatch.tui.spans import Role, Spans, text

CHANNELS: tuple[Column, ...] = (
    Column("name", "CHANNEL", 18, 24, 0, right=False, flash=False),
    Column("state", "LAST MESSAGE", 14, 16, 1, right=False),
    Column("at", "AT", 8, 8, 2),
    Column("taken", "TAKEN", 6, 6, 3),
    Column("refused", "FAILED", 6, 6, 4),
    Column("words", "WHY", 20, 80, 5, right=False),
)


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """One channel, what came of the attempts to tell it, and (`trying`) of a test."""

    name_: str
    log: tuple[Delivery, ...]
    trying: str = ""
    zone: tzinfo | None = None

    @property
    def key(self) -> str:
        """Its name."""
        return self.name_

    def name(self, _cells: int) -> Spans:
        """What the configuration calls it."""
        return ((" ", Role.TEXT), (self.name_, Role.STRONG))

    def state(self, _cells: int) -> Spans:
        """Whether the last message was taken: glyph and word."""
        if self.trying:
            return text(self.trying, Role.ACCENT)
        if not self.log:
            return text("· nothing sent", Role.DIM)
        return text("● taken", Role.OK) if self.log[-1].delivered else text("✖ not taken", Role.CRITICAL)

    def at(self, _cells: int) -> Spans:
        """When."""
        return text(fmt.clock(self.log[-1].at if self.log else None, self.zone), Role.DIM)

    def taken(self, _cells: int) -> Spans:
        """Messages that were."""
        return text(str(sum(each.delivered for each in self.log)))

    def refused(self, _cells: int) -> Spans:
        """Attempts that failed."""
        count = sum(not each.delivered for each in self.log)
        return text(str(count), Role.WARNING if count else Role.TEXT)

    def words(self, _cells: int) -> Spans:
        """Why the last one was not."""
        return text((self.log[-1].detail or "") if self.log else "")


def log_lines(log: Sequence[Delivery], zone: tzinfo | None = None) -> list[Spans]:
    """The attempts, newest first: when, whether it was taken, what it was about."""
    lines: list[Spans] = []
    for each in reversed(log):
        word, role = ("● taken    ", Role.OK) if each.delivered else ("✖ not taken", Role.CRITICAL)
        about = each.transition.rpartition("@")[0] or each.transition
        why = f"  {each.detail}" if each.detail else ""
        lines.append(
            ((f"  {fmt.clock(each.at, zone)}  ", Role.DIM), (word, role), (f"  {about}", Role.TEXT), (why, Role.WARNING))
        )
    return lines or [text("  nothing was sent in the last month", Role.DIM)]
