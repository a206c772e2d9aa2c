"""One Aster address as a source.

What is asked for:

| when | what | weight |
|---|---|---|
| every poll | `aster_getBalance`: positions with the venue's light, balances | 1 of 300 a minute at the RPC (our own limit) |
| a position shrank; else every 2 min | `aster_userFills` | 1 |
| every 10 s, for all addresses | `premiumIndex` of each market held | 1 of 2400 a minute at the market data |
| every 30 s, for all addresses | `depth` of each market held | 5 |
| every 10 min, for all addresses | `klines` of each market held | 5 |
| every hour, for all addresses | `fundingInfo` | 1 |

Open interest and the insurance fund were not found among the public endpoints: they are not read.
"""

from adlwatch.adapters.aster import parse
from adlwatch.adapters.aster.activity import Activity
from adlwatch.adapters.aster.options import AsterOptions
from adlwatch.adapters.aster.parse import Wallet
from adlwatch.adapters.aster.shared import AsterShared
from adlwatch.adapters.together import together
from adlwatch.domain.model import Market
from adlwatch.domain.reading import Reading


class AsterSource:
    """Positions, lights, balances, fills and markets of one address; half an answer is a failure."""

    kind = "aster"
    label: str | None = None

    def __init__(self, source_id: str, options: AsterOptions, shared: AsterShared, before: Reading | None = None) -> None:
        self.id = source_id
        self.interval = options.interval
        self.timeout = 4 * options.timeout
        self.identity = f"aster {options.api_url} {options.address.lower()}"
        self._address = options.address
        self._shared = shared
        self._activity = Activity(options.address, shared.client, before)

    async def fetch(self) -> Reading:
        """One reading of everything this address shows."""
        self._shared.join(self.id)
        notes: list[str] = []
        at = self._shared.clock()
        wallet = Wallet(self.id, await self._shared.client.balance(self._address), at)
        accounts, positions = parse.accounts(wallet), parse.positions(wallet)
        markets = await self._markets(wallet, notes)
        # Last, for a fetch that is given up after its fills were taken note of would lose them.
        fills = await self._activity.since_last(wallet, positions, notes)
        return Reading(
            source=self.id,
            as_of=at,
            received_at=self._shared.clock(),
            accounts=accounts,
            positions=positions,
            holdings=parse.holdings(wallet),
            markets=markets,
            fills=fills,
            notes=(*parse.notes(wallet), *notes),
        )

    async def close(self) -> None:
        """Leave the shared connections."""
        await self._shared.leave(self.id)

    async def _markets(self, wallet: Wallet, notes: list[str]) -> tuple[Market, ...]:
        names = list(dict.fromkeys(row.symbol for row in wallet.rows))
        if not names:
            return ()
        shared, close_up = self._shared, self._shared.close_up
        intervals, _, *premiums = await together(
            shared.intervals.get_or_old(None, notes),
            close_up.look(names, notes),
            *(shared.premiums.get_or_old(name, notes) for name in names),
        )
        hours = intervals.value if intervals else {}
        return tuple(
            parse.market(found.value, hours.get(name), close_up.candles.last(name), close_up.books.last(name))
            for name, found in zip(names, premiums, strict=True)
            if found is not None
        )
