"""One dYdX address as a source.

What is asked for, out of the indexer's 100 requests in 10 s per IP:

| when | what |
|---|---|
| every poll | `addresses/{address}`: all sub-accounts with their positions; `height`: how old that is |
| a position shrank; else every 2 min | `fills` of each sub-account watched |
| every 20 s, for all addresses | `perpetualMarkets` |
| every 30 s, for all addresses | order book of each market held |
| every 10 min, for all addresses | 5-minute candles of each market held |

The insurance fund's balance is on the chain, not in the indexer: it is not read.
"""

from adlwatch.adapters.cache import Dated
from adlwatch.adapters.dydx import parse
from adlwatch.adapters.dydx.activity import Activity
from adlwatch.adapters.dydx.options import DydxOptions
from adlwatch.adapters.dydx.parse import Wallet
from adlwatch.adapters.dydx.shared import DydxShared
from adlwatch.adapters.dydx.types import PerpetualMarket
from adlwatch.adapters.keyless import clock_note
from adlwatch.adapters.together import together
from adlwatch.domain.model import Market
from adlwatch.domain.reading import Reading


class DydxSource:
    """Positions, equity, fills and markets of one address; half an answer is a failure."""

    kind = "dydx"
    label: str | None = None

    def __init__(self, source_id: str, options: DydxOptions, shared: DydxShared, before: Reading | None = None) -> None:
        self.id = source_id
        self.interval = options.interval
        self.timeout = 4 * options.timeout
        self.identity = f"dydx {options.api_url} {options.address}"
        self._options = options
        self._shared = shared
        self._activity = Activity(options.address, shared, before)

    async def fetch(self) -> Reading:
        """One reading of everything this address has."""
        self._shared.join(self.id)
        notes: list[str] = []
        client = self._shared.client
        subaccounts, height = await together(client.subaccounts(self._options.address), client.height())
        wallet = Wallet(self.id, parse.chosen(subaccounts, self._options.subaccounts), height.time)
        known = await self._shared.markets.get_or_old(None, notes)
        figures = known.value if known else {}
        accounts, positions = parse.accounts(wallet, figures), parse.positions(wallet, figures)
        held = list(dict.fromkeys(t for s in wallet.subaccounts for t in s.open_perpetual_positions))
        await self._shared.close_up.look(held, notes)
        # Last, for a fetch that is given up after its fills were taken note of would lose them.
        fills = await self._activity.since_last(wallet, positions, notes)
        now = self._shared.clock()
        return Reading(
            source=self.id,
            as_of=wallet.as_of,
            received_at=now,
            accounts=accounts,
            positions=positions,
            markets=() if known is None else self._markets(held, known),
            fills=fills,
            notes=(*parse.notes(wallet), *clock_note(wallet.as_of, now), *notes),
        )

    async def close(self) -> None:
        """Leave the shared connections."""
        await self._shared.leave(self.id)

    def _markets(self, held: list[str], known: Dated[dict[str, PerpetualMarket]]) -> tuple[Market, ...]:
        candles, books = self._shared.close_up.candles, self._shared.close_up.books
        rows = [known.value[ticker] for ticker in held if ticker in known.value]
        return tuple(parse.market(row, known.at, candles.last(row.ticker), books.last(row.ticker)) for row in rows)
