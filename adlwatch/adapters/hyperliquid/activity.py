"""When to ask for own fills: at once when a position shrank, else every two minutes where the request budget has room."""

from datetime import datetime, timedelta

from msgspec.structs import replace

from adlwatch.adapters.base import SourceError
from adlwatch.adapters.hyperliquid.client import FILLS_PER_PAGE, INFO_WEIGHT
from adlwatch.adapters.hyperliquid.fills import fill_id, fills, kind
from adlwatch.adapters.hyperliquid.parse import Wallet
from adlwatch.adapters.hyperliquid.shared import Shared
from adlwatch.adapters.hyperliquid.symbols import dex_of, is_perp
from adlwatch.adapters.hyperliquid.types import FillRow
from adlwatch.adapters.pace import FillPace, since
from adlwatch.domain.model import Fill, FillKind, Position
from adlwatch.domain.reading import Reading

FILLS_EVERY = timedelta(minutes=2)
FILLS_AT_LEAST_EVERY = timedelta(minutes=10)
OVERLAP_MS = 10_000
PAGES = 10


class Activity:
    """Own fills of one address since the first reading of this run, or the last of the one before; and its HIP-3 dexs."""

    def __init__(self, user: str, shared: Shared, before: Reading | None) -> None:
        self.dexs: tuple[str, ...] = ()
        self._user = user
        self._shared = shared
        self._pace = FillPace(before)
        begun = since(before, shared.clock())
        self._since = int(begun.timestamp() * 1000) if begun is not None else None
        self._told: dict[str, int] = {}

    async def since_last(self, positions: tuple[Position, ...], wallet: Wallet, notes: list[str]) -> tuple[Fill, ...]:
        """New fills, oldest first. What fails is noted and asked for again at the next poll."""
        now = self._shared.clock()
        if not self._due(positions, wallet, now):
            return ()
        try:
            listed = await self._new_rows()
            rows = [row for row in listed if is_perp(row.coin)]
            dexs = {dex_of(row.coin) for row in rows}
            settles = {**wallet.settles, **{dex: await self._shared.settle(dex) for dex in sorted(dexs)}}
            found = fills(rows, self._user, replace(wallet, settles=settles))
        except SourceError as error:
            notes.append(str(error))
            return ()
        if unknown := {row.dir for row in rows if kind(row, self._user) is FillKind.UNKNOWN}:
            notes.append(f"fills with a reason we do not know: {', '.join(sorted(unknown))[:80]}")
        self._pace.asked(now, found)
        self.dexs = tuple(sorted(dexs - {""}))
        self._move_on(listed)
        return found

    def _move_on(self, listed: list[FillRow]) -> None:
        """Ask from a little before the latest fill on next time, and know those again that are told by then."""
        if listed:
            self._since = max(self._since or 0, listed[-1].time - OVERLAP_MS)
            told = self._told | {fill_id(row): row.time for row in listed}
            self._told = {name: time for name, time in told.items() if time >= self._since}

    def _due(self, positions: tuple[Position, ...], wallet: Wallet, now: datetime) -> bool:
        self._pace.look(positions, now)
        if self._since is None:
            self._since = min(state.time for state in wallet.states.values())
        every = FILLS_EVERY if self._shared.http.limiter.room() >= INFO_WEIGHT else FILLS_AT_LEAST_EVERY
        return self._pace.due(now, every)

    async def _new_rows(self) -> list[FillRow]:
        start = self._since or 0
        rows: dict[str, FillRow] = {}
        for _ in range(PAGES):
            page = await self._shared.client.fills(self._user, start)
            rows |= {fill_id(row): row for row in page}
            if len(page) < FILLS_PER_PAGE:
                break
            start = max(page[-1].time, start + 1)
        return [row for name, row in rows.items() if name not in self._told]
