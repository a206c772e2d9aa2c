"""Own fills behind a shrink, out of the public trades.

The list of an account's own trades needs a login; the last hundred public trades of a market do not, and name the accounts on
both sides. So they are asked for when a position in that market shrank. `type` says why: `deleverage` for ADL.
https://apidocs.lighter.xyz/reference/recenttrades
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from adlwatch.adapters.base import SourceError
from adlwatch.adapters.lighter.client import PAGE, Client
from adlwatch.adapters.lighter.parse import VENUE, Wallet, held, symbol
from adlwatch.adapters.lighter.types import AccountRow, TradeRow
from adlwatch.adapters.pace import FillPace, since
from adlwatch.domain.model import Account, Fill, FillKind, Position, Side
from adlwatch.domain.reading import Reading

OVERLAP = timedelta(seconds=10)
_KINDS = {
    "trade": FillKind.ORDER,
    "liquidation": FillKind.LIQUIDATION,
    "deleverage": FillKind.ADL,
    "market-settlement": FillKind.SETTLEMENT,
}


class Before(NamedTuple):
    """What was known of a position at the reading before the fill."""

    market: int
    owner: int
    """Index of the account."""
    account: str
    symbol: str
    side: Side
    sound: bool
    """Whether the account had more than its maintenance margin: only then can a deleverage mean that it was the counterparty."""


class Activity:
    """What one source's accounts lost since the first reading of this run, or the last of the one before."""

    def __init__(self, client: Client, before: Reading | None) -> None:
        self._client = client
        self._pace = FillPace(before)
        self._earlier = before
        self._before: dict[str, Before] = {}
        self._shrunk: dict[str, Before] = {}
        self._since: datetime | None = None
        """Of the last poll at which nothing was missing."""
        self._told: dict[str, datetime] = {}

    async def since_last(
        self, wallet: Wallet, accounts: tuple[Account, ...], positions: tuple[Position, ...], notes: list[str]
    ) -> tuple[Fill, ...]:
        """New fills, oldest first. What fails is noted and asked for again at the next poll."""
        self._pace.look(positions, wallet.as_of)
        if self._earlier is not None:
            self._before, self._since = _of_earlier(self._earlier, wallet), since(self._earlier, wallet.as_of)
            self._earlier = None
        known = self._before | self._shrunk
        self._shrunk = {key: known[key] for key in self._pace.shrunk if key in known}
        self._before = _before(wallet, accounts, positions)
        if not self._shrunk or self._since is None:
            self._since = wallet.as_of
            return ()
        try:
            found = await self._new(self._since - OVERLAP, notes)
        except SourceError as error:
            notes.append(str(error))
            return ()
        self._pace.asked(wallet.as_of, found)
        return found

    async def _new(self, begin: datetime, notes: list[str]) -> tuple[Fill, ...]:
        found: dict[str, Fill] = {}
        for market in sorted({before.market for before in self._shrunk.values()}):
            rows = await self._client.recent_trades(str(market))
            if len(rows) >= PAGE and _time(rows[0]) > begin:
                notes.append(
                    f"the last {PAGE} trades of market {market} do not reach back to the last poll: fills may be missing"
                )
            recent = [row for row in rows if _time(row) >= begin]
            concerned = [before for before in self._shrunk.values() if before.market == market]
            found |= {fill.id: fill for before in concerned for fill in fills(recent, before)}
        new = [fill for name, fill in found.items() if name not in self._told]
        told = self._told | {fill.id: fill.time for fill in new}
        self._told = {name: time for name, time in told.items() if time >= begin}
        return tuple(sorted(new, key=lambda fill: fill.time))


def _of_earlier(reading: Reading, wallet: Wallet) -> dict[str, Before]:
    """What an earlier run had last known, as far as the accounts are still there."""
    owners = {wallet.account(row): row.index for row in wallet.rows}
    sound = {account.id: _is_sound(account) for account in reading.accounts}
    markets = {p.key: value for p in reading.positions for name, value in p.raw if name == "market_id" and value.isdecimal()}
    return {
        p.key: Before(int(markets[p.key]), owners[p.account], p.account, p.symbol, p.side, sound.get(p.account, True))
        for p in reading.positions
        if p.account in owners and p.key in markets
    }


def _before(wallet: Wallet, accounts: tuple[Account, ...], positions: tuple[Position, ...]) -> dict[str, Before]:
    sound = {account.id: _is_sound(account) for account in accounts}
    owners: Mapping[str, AccountRow] = {wallet.account(row): row for row in wallet.rows}
    markets = {(account, symbol(p.symbol)): p.market_id for account, row in owners.items() for p in held(row)}
    return {
        p.key: Before(markets[p.account, p.symbol], owners[p.account].index, p.account, p.symbol, p.side, sound[p.account])
        for p in positions
    }


def _is_sound(account: Account) -> bool:
    return account.equity is None or account.maintenance_margin is None or account.equity > account.maintenance_margin


def fills(rows: list[TradeRow], before: Before) -> Iterator[Fill]:
    """Those trades of one market in which the account of a position took part."""
    for row in rows:
        sold = row.ask_account_id == before.owner
        if not sold and row.bid_account_id != before.owner:
            continue
        side = Side.SHORT if sold else Side.LONG
        closes = side is not before.side
        yield Fill(
            id=str(row.trade_id),
            account=before.account,
            venue=VENUE,
            symbol=before.symbol,
            side=before.side if closes else side,
            size=row.size,
            price=row.price,
            time=_time(row),
            kind=kind(row, sold=sold, sound=before.sound),
            closes=closes,
        )


def kind(row: TradeRow, *, sold: bool, sound: bool) -> FillKind:
    """Why the fill happened; a word we do not know is UNKNOWN, never ADL.

    A trade's type is the same for both of its sides. Inferred: a liquidation takes, so who made it merely had an order there;
    a deleverage closes a bankrupt account against a sound one.
    """
    made = sold == row.is_maker_ask
    if row.type == "liquidation" and made:
        return FillKind.ORDER
    if row.type == "deleverage" and not sound:
        return FillKind.LIQUIDATION
    return _KINDS.get(row.type, FillKind.UNKNOWN)


def _time(row: TradeRow) -> datetime:
    return datetime.fromtimestamp(row.timestamp / 1000, UTC)
