"""One Hyperliquid address as a source.

What is asked for, with its weight in the venue's budget of 1200 a minute per IP:

| when | what |
|---|---|
| every poll | `clearinghouseState` of the main dex and of each HIP-3 dex with positions (2 each) |
| every poll, or 15 s where it is no margin | `spotClearinghouseState` (2) |
| a position shrank; else every 2 to 10 min | `userFillsByTime` (20 and more) |
| every 10 min | `userAbstraction` (20), 5-minute candles of each coin held (20) |
| every hour | `clearinghouseState` of all dexs (2 each) |
| every 20 s, for all addresses | `metaAndAssetCtxs` of each dex in use (20) |
| every 30 s, for all addresses | `l2Book` of each coin held (2) |
| every 60 s, for all addresses | `clearinghouseState` of the three HLP liquidators (2 each) |

Fills, modes, candles, depth and market figures give way when the budget is tight; positions and equity never do.
"""

from datetime import datetime, timedelta

from adlwatch.adapters.base import Unsupported
from adlwatch.adapters.hyperliquid import parse
from adlwatch.adapters.hyperliquid.activity import Activity
from adlwatch.adapters.hyperliquid.markets import Closer, markets, wanted_coins
from adlwatch.adapters.hyperliquid.options import HyperliquidOptions
from adlwatch.adapters.hyperliquid.parse import Settle, Wallet
from adlwatch.adapters.hyperliquid.shared import DEXS_SECONDS, Shared
from adlwatch.adapters.hyperliquid.types import ClearinghouseState
from adlwatch.adapters.together import together
from adlwatch.domain.model import Market
from adlwatch.domain.reading import Reading


class HyperliquidSource:
    """Positions, equity, spot legs, fills and markets of one address; half an answer is a failure."""

    kind = "hyperliquid"
    label: str | None = None

    def __init__(self, source_id: str, options: HyperliquidOptions, shared: Shared, before: Reading | None = None) -> None:
        self.id = source_id
        self.interval = options.interval
        self.timeout = 4 * options.timeout
        self._user = options.address.lower()
        self.identity = f"hyperliquid {options.api_url} {self._user}"
        self._shared = shared
        self._fixed = options.dexs
        self._dexs: tuple[str, ...] = options.dexs or ()
        self._swept_at: datetime | None = None
        self._activity = Activity(self._user, shared, before)

    async def fetch(self) -> Reading:
        """One reading of everything this address has."""
        self._shared.join(self.id)
        notes: list[str] = []
        wallet = await self._wallet(notes)
        positions = parse.positions(wallet)
        if parse.is_bare(wallet):
            await self._doubt_address(notes)
        self._dexs = self._fixed or tuple(dex for dex, state in wallet.states.items() if dex and state.asset_positions)
        found, pools = await together(self._markets(wallet, notes), self._shared.pools.get_or_old(None, notes))
        # Last, for a fetch that is given up after its fills were taken note of would lose them.
        fills = await self._activity.since_last(positions, wallet, notes)
        if self._fixed is None:
            self._dexs = tuple(dict.fromkeys((*self._dexs, *self._activity.dexs)))
        now = self._shared.clock()
        return Reading(
            source=self.id,
            as_of=wallet.as_of,
            received_at=now,
            accounts=parse.accounts(wallet),
            positions=positions,
            holdings=parse.holdings(wallet),
            markets=found,
            fills=fills,
            pools=pools.value if pools else (),
            notes=(*parse.notes(wallet, now), *notes),
        )

    async def close(self) -> None:
        """Leave the shared connections."""
        await self._shared.leave(self.id)

    async def _wallet(self, notes: list[str]) -> Wallet:
        mode, (swept_at, dexs) = await together(self._shared.modes.need(self._user, notes), self._dexs_to_ask(notes))
        spot, *states = await together(
            self._shared.spots.get(self._user, fresh=mode.value.unified),
            *(self._shared.client.clearinghouse_state(self._user, dex) for dex in ("", *dexs)),
        )
        by_dex: dict[str, ClearinghouseState] = dict(zip(("", *dexs), states, strict=True))
        asked = {dex: state for dex, state in by_dex.items() if not dex or dex in self._dexs or state.asset_positions}
        settles: dict[str, Settle] = {dex: await self._shared.settle(dex) for dex in asked}
        self._swept_at = swept_at
        return Wallet(self.id, mode.value, asked, settles, spot.value, spot.at)

    async def _doubt_address(self, notes: list[str]) -> None:
        """An API wallet answers like an empty account, while the positions are with the account it acts for."""
        found = await self._shared.roles.get_or_old(self._user, notes)
        if found and found.value.role == "agent":
            owner = (found.value.data and found.value.data.user) or "its account"
            raise Unsupported(f"this is the address of an API wallet, which holds nothing itself: watch {owner[:42]}")
        notes.append("there is nothing at this address, no balance and no position: is it the right one?")

    async def _dexs_to_ask(self, notes: list[str]) -> tuple[datetime | None, tuple[str, ...]]:
        """Those with positions; every hour all there are.

        In between a first position in another dex shows through its fill, so nobody has to ask all dexs at every poll.
        """
        now = self._shared.clock()
        fresh = self._swept_at is not None and timedelta(0) <= now - self._swept_at < timedelta(seconds=DEXS_SECONDS)
        if self._fixed is not None or fresh:
            return self._swept_at, self._dexs
        every = (await self._shared.dexs.need(None, notes)).value
        return now, tuple(dict.fromkeys((*self._dexs, *every)))

    async def _markets(self, wallet: Wallet, notes: list[str]) -> tuple[Market, ...]:
        held = [row.position.coin for state in wallet.states.values() for row in state.asset_positions if row.position.szi]
        wanted = wanted_coins(held, (holding.asset for holding in parse.holdings(wallet)))
        shared = self._shared
        _, *known = await together(
            shared.close_up.look(held, notes), *(shared.markets.get_or_old(dex, notes) for dex in wallet.settles)
        )
        closer = Closer(shared.close_up.candles.last, shared.close_up.books.last)
        found: list[Market] = []
        for (dex, settle), figures in zip(wallet.settles.items(), known, strict=True):
            if figures is not None:
                found += markets(dex, settle.name, figures, wanted, closer)
        return tuple(found)
