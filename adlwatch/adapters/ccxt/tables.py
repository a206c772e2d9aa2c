"""What a venue's contracts stand for, as its module asks for it bit by bit: shared by all accounts, kept between runs."""

import asyncio
from typing import Any

import msgspec

from adlwatch import __version__
from adlwatch.adapters.base import Clock, Context
from adlwatch.adapters.ccxt.venue import Venue
from adlwatch.adapters.keyless import share
from adlwatch.adapters.shelf import Shelf, age_note


class Tables:
    """The tables that a venue declares. Its readers find them in their memory, and add to them what they ask for.

    Once they are old they serve for one more reading and are then begun anew.
    """

    def __init__(self, venue: Venue, shelf: Shelf, clock: Clock) -> None:
        self._name = f"{venue.name} contracts"
        self._kinds = venue.tables
        self._known: dict[str, dict[str, Any]] = {name: {} for name in venue.tables}
        self._shelf = shelf
        self._clock = clock
        self._turn = asyncio.Lock()
        self._at = None if venue.tables else clock()
        self._kept = 0
        self._from_disk = False

    async def fill(self, memory: dict[str, Any]) -> None:
        """Put the tables into a reader's memory."""
        async with self._turn:
            if self._at is None:
                kept = await asyncio.to_thread(self._shelf.get, self._name, dict[str, Any], __version__)
                self._at = kept.at if kept is not None and self._take(kept.data) else self._clock()
        memory.update(self._known)

    async def keep(self) -> None:
        """After a reading: write them where something was added; begin anew where they are old."""
        async with self._turn:
            entries, at = sum(map(len, self._known.values())), self._at or self._clock()
            if entries != self._kept:
                # Encoded here, for readers go on adding while a thread writes; it takes less than a millisecond.
                data = msgspec.Raw(msgspec.json.encode(self._known))
                await asyncio.to_thread(self._shelf.put, self._name, data, at, __version__)
                self._kept = entries
            if self._shelf.old(at, self._clock()):
                self.forget()

    def forget(self) -> None:
        """Begin anew: they are old, or a reply does not fit to them."""
        for table in self._known.values():
            table.clear()
        self._at, self._kept, self._from_disk = self._clock(), 0, False

    def note(self) -> tuple[str, ...]:
        """What to say of tables that this run has not asked for."""
        return (age_note(self._name, self._at, self._clock()),) if self._from_disk and self._at is not None else ()

    def _take(self, data: dict[str, Any]) -> bool:
        """Whether the tables of an earlier run fit; a table of another shape is left out."""
        for name, kind in self._kinds.items():
            try:
                self._known[name].update(msgspec.convert(data.get(name, {}), dict[str, kind], strict=False))  # type: ignore[valid-type]  # mypy knows no type made from a value
            except msgspec.ValidationError:
                return False
        self._kept = sum(map(len, self._known.values()))
        self._from_disk = self._kept > 0
        return self._from_disk


def tables(venue: Venue, context: Context) -> Tables | None:
    """The tables of a venue, one object for all sources of a run; None where nothing is kept."""
    shelf = context.shelf
    if shelf is None or not venue.tables:
        return None
    return share(context, f"ccxt.tables.{venue.name}", lambda: Tables(venue, shelf, context.clock))
