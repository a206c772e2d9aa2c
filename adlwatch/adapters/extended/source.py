"""Typed positions at Extended, held against the bounds it publishes.

| when | what |
|---|---|
| every poll | `info/markets` of the markets named: marks, funding, open interest, `deleverageLevels` |
| every 30 s, for all sources | order book of each market |
| every 10 min, for all sources | 5-minute candles of each market |

The place of a position follows exactly from its score; how far the score is right depends on what was typed in.
"""

from adlwatch.adapters.extended import parse
from adlwatch.adapters.extended.options import ExtendedOptions
from adlwatch.adapters.extended.shared import ExtendedShared
from adlwatch.domain.reading import Reading


class ExtendedSource:
    """Markets with their level bounds, and the typed positions at their marks."""

    kind = "extended"
    label: str | None = None

    def __init__(self, source_id: str, options: ExtendedOptions, shared: ExtendedShared) -> None:
        self.id = source_id
        self.interval = options.interval
        self.timeout = 4 * options.timeout
        self._options = options
        self._shared = shared

    async def fetch(self) -> Reading:
        """One reading of the markets named; a market that is missing fails it."""
        self._shared.join(self.id)
        options, close_up, at = self._options, self._shared.close_up, self._shared.clock()
        notes: list[str] = []
        rows = await self._shared.client.markets(options.names)
        positions = parse.positions(self.id, options, rows, at)
        await close_up.look(options.names, notes)
        return Reading(
            source=self.id,
            as_of=at,
            received_at=self._shared.clock(),
            accounts=(parse.account(self.id, options, positions, at),) if positions else (),
            positions=positions,
            markets=tuple(
                parse.market(rows[name], close_up.candles.last(name), close_up.books.last(name), at) for name in options.names
            ),
            notes=(*parse.notes(options), *notes),
        )

    async def close(self) -> None:
        """Leave the shared connections."""
        await self._shared.leave(self.id)
