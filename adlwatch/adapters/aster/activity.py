"""Own fills since the last reading. They do not say why they happened, so they only say when and at which price."""

from datetime import datetime, timedelta

from adlwatch.adapters.aster.client import Client
from adlwatch.adapters.aster.parse import Wallet, fills
from adlwatch.adapters.base import SourceError
from adlwatch.adapters.pace import FillPace
from adlwatch.domain.model import Fill, Position, Side
from adlwatch.domain.reading import Reading

EVERY = timedelta(minutes=2)
OVERLAP = timedelta(seconds=10)
SPAN = timedelta(days=7)


class Activity:
    """What one address traded since the first reading of this run, or the last of the one before."""

    def __init__(self, address: str, client: Client, before: Reading | None) -> None:
        self._address = address
        self._client = client
        self._pace = FillPace(before)
        self._since = before.as_of if before is not None else None
        self._told: dict[str, datetime] = {}
        positions = before.positions if before is not None else ()
        self._held: dict[tuple[str, Side], Position] = {(each.symbol, each.side): each for each in positions}

    async def since_last(self, wallet: Wallet, positions: tuple[Position, ...], notes: list[str]) -> tuple[Fill, ...]:
        """New fills, oldest first. What fails is noted and asked for again at the next poll."""
        now = wallet.as_of
        self._pace.look(positions, now)
        self._since = self._since or now
        self._held = {(position.symbol, position.side): position for position in positions} | self._held
        if not self._pace.due(now, EVERY):
            return ()
        start = max(self._since, now - SPAN)
        try:
            rows = await self._client.fills(self._address, start, now + OVERLAP)
            listed = list(fills(rows, wallet.source, self._held))
        except SourceError as error:
            notes.append(str(error))
            return ()
        new = tuple(fill for fill in listed if fill.id not in self._told)
        self._pace.asked(now, new)
        self._held = {(position.symbol, position.side): position for position in positions}
        if listed:
            self._since = start = max(start, listed[-1].time - OVERLAP)
            self._told = {fill.id: fill.time for fill in listed if fill.time >= start}
        return new
