"""Own fills since the last reading, sub-account by sub-account."""

from datetime import datetime, timedelta

from adlwatch.adapters.base import SourceError
from adlwatch.adapters.dydx.client import PAGE
from adlwatch.adapters.dydx.fills import fills, kind
from adlwatch.adapters.dydx.parse import Wallet, number_of
from adlwatch.adapters.dydx.shared import DydxShared
from adlwatch.adapters.dydx.types import FillRow
from adlwatch.adapters.pace import FillPace, since
from adlwatch.domain.model import Fill, FillKind, Position, Side
from adlwatch.domain.reading import Reading

EVERY = timedelta(minutes=2)
OVERLAP = timedelta(seconds=10)
PAGES = 10


class Activity:
    """What one address traded since the first reading of this run, or the last of the one before."""

    def __init__(self, address: str, shared: DydxShared, before: Reading | None) -> None:
        self._address = address
        self._shared = shared
        self._pace = FillPace(before)
        self._since = since(before, shared.clock())
        self._told: dict[str, datetime] = {}
        self._held: dict[str, dict[str, Side]] = {}
        for position in before.positions if before is not None else ():
            self._held.setdefault(position.account, {})[position.symbol] = position.side
        self._numbers = {number_of(account.id) for account in before.accounts} if before is not None else set[int]()
        """Sub-accounts ever seen: one whose only position was taken is no longer in the reading, but its fills are wanted."""

    async def since_last(self, wallet: Wallet, positions: tuple[Position, ...], notes: list[str]) -> tuple[Fill, ...]:
        """New fills, oldest first. What fails is noted and asked for again at the next poll."""
        now = self._shared.clock()
        self._pace.look(positions, now)
        self._since = self._since or wallet.as_of
        self._numbers |= {subaccount.subaccount_number for subaccount in wallet.subaccounts}
        try:
            found = await self._new(wallet, notes) if self._pace.due(now, EVERY) else None
        except SourceError as error:
            notes.append(str(error))
            return ()
        for position in positions:
            self._held.setdefault(position.account, {})[position.symbol] = position.side
        if found is None:
            return ()
        self._pace.asked(now, found)
        return found

    async def _new(self, wallet: Wallet, notes: list[str]) -> tuple[Fill, ...]:
        rows = {number: await self._new_rows(number) for number in sorted(self._numbers)}
        found = [
            fill
            for number, listed in rows.items()
            for fill in fills(listed, wallet.account(number), self._held.get(wallet.account(number), {}))
        ]
        every = [row for listed in rows.values() for row in listed]
        if unknown := {row.type for row in every if kind(row) is FillKind.UNKNOWN}:
            notes.append(f"fills of a type we do not know: {', '.join(sorted(unknown))[:80]}")
        self._move_on(every)
        return tuple(sorted(found, key=lambda fill: fill.time))

    async def _new_rows(self, number: int) -> list[FillRow]:
        """Rows not told yet, oldest first. The indexer lists the latest first, so pages go back in time."""
        since = self._since or self._shared.clock()
        rows: dict[str, FillRow] = {}
        before: datetime | None = None
        for _ in range(PAGES):
            page = await self._shared.client.fills(self._address, number, before)
            rows |= {row.id: row for row in page if row.market_type == "PERPETUAL" and row.created_at >= since}
            before = min((row.created_at for row in page), default=None)
            if len(page) < PAGE or before is None or before < since:
                break
        return sorted((row for name, row in rows.items() if name not in self._told), key=lambda row: row.created_at)

    def _move_on(self, rows: list[FillRow]) -> None:
        """Ask from a little before the latest fill on next time, and know those again that are told by then."""
        if rows and self._since:
            self._since = since = max(self._since, max(row.created_at for row in rows) - OVERLAP)
            told = self._told | {row.id: row.created_at for row in rows}
            self._told = {name: time for name, time in told.items() if time >= since}
