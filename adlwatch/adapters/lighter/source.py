"""One Lighter address, or one account of it, as a source.

What is asked for, out of 60 requests a minute per IP (`recentTrades` counts for 1.5):

| when | what |
|---|---|
| every poll | `account`: positions, equity, spot balances |
| a position shrank | `recentTrades` of its market |
| every 60 s, for all addresses | `orderBookDetails`, `funding-rates`, `account` of each insurance fund behind a market held |
| every 30 s, for all addresses | `orderBookOrders` of each market held |
| every 10 min, for all addresses | `candles` of each market held |

Depth, candles and insurance give way when the budget is tight; positions and equity never do.
"""

from adlwatch.adapters.lighter import parse
from adlwatch.adapters.lighter.activity import Activity
from adlwatch.adapters.lighter.options import LighterOptions
from adlwatch.adapters.lighter.parse import Live, Wallet
from adlwatch.adapters.lighter.shared import LighterShared
from adlwatch.adapters.lighter.types import MarketRow
from adlwatch.domain.model import Market, Pool
from adlwatch.domain.reading import Reading


class LighterSource:
    """Positions, equity, spot legs, fills and markets; half an answer is a failure."""

    kind = "lighter"
    label: str | None = None

    def __init__(self, source_id: str, options: LighterOptions, shared: LighterShared, before: Reading | None = None) -> None:
        self.id = source_id
        self.interval = options.interval
        self.timeout = 4 * options.timeout
        self.identity = f"lighter {options.api_url} {(options.address or f'#{options.index}').lower()}"
        self._options = options
        self._shared = shared
        self._activity = Activity(shared.client, before)

    async def fetch(self) -> Reading:
        """One reading of everything asked for."""
        self._shared.join(self.id)
        notes: list[str] = []
        wallet = await self._wallet()
        known = await self._shared.markets.get_or_old(None, notes)
        figures = known.value if known else {}
        accounts, positions = parse.accounts(wallet, figures), parse.positions(wallet, figures)
        markets = await self._markets(wallet, figures, notes)
        pools = await self._pools(wallet, figures, notes)
        # Last, for a fetch that is given up after its fills were taken note of would lose them.
        fills = await self._activity.since_last(wallet, accounts, positions, notes)
        return Reading(
            source=self.id,
            as_of=wallet.as_of,
            received_at=self._shared.clock(),
            accounts=accounts,
            positions=positions,
            holdings=parse.holdings(wallet),
            markets=markets,
            fills=fills,
            pools=pools,
            notes=(*parse.notes(wallet), *notes),
        )

    async def close(self) -> None:
        """Leave the shared connections."""
        await self._shared.leave(self.id)

    async def _wallet(self) -> Wallet:
        address, index, at = self._options.address, self._options.index, self._shared.clock()
        asked = ("index", str(index)) if address is None else ("l1_address", address)
        rows = await self._shared.client.accounts(*asked)
        return Wallet(self.id, parse.chosen(rows, address, index), at)

    async def _markets(self, wallet: Wallet, figures: dict[int, MarketRow], notes: list[str]) -> tuple[Market, ...]:
        marks = {position.market_id: parse.mark(position) for row in wallet.rows for position in parse.held(row)}
        if not marks:
            return ()
        rates, close_up = await self._shared.rates.get_or_old(None, notes), self._shared.close_up
        await close_up.look(map(str, marks), notes)
        lives = {
            market: Live(
                rates.value.get(market) if rates else None,
                price,
                close_up.candles.last(str(market)),
                close_up.books.last(str(market)),
            )
            for market, price in marks.items()
        }
        return tuple(parse.market(figures[key], live, wallet.as_of) for key, live in lives.items() if key in figures)

    async def _pools(self, wallet: Wallet, figures: dict[int, MarketRow], notes: list[str]) -> tuple[Pool, ...]:
        """The insurance funds behind the markets held, as far as the budget has room for them."""
        held = {position.market_id for row in wallet.rows for position in parse.held(row)}
        funds = {figures[market].market_config.insurance_fund_account_index for market in held if market in figures}
        found: list[Pool] = []
        for index in sorted(index for index in funds if index is not None):
            roomy = not self._shared.funds.due(index) or self._shared.http.limiter.room() >= 1
            pool = await self._shared.funds.get_or_old(index, notes) if roomy else None
            found += [pool.value] if pool else []
        return tuple(found)
