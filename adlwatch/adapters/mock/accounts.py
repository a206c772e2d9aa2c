"""The user's accounts in a running world: their money and legs, their fills, and whether a shield holds."""

import numpy as np
from msgspec import Struct

from adlwatch.adapters.mock.markets import MARKETS, UNDERLYINGS, market_index, venue
from adlwatch.adapters.mock.portfolio import AccountSpec
from adlwatch.adapters.mock.traders import Traders
from adlwatch.domain.inputs import Array


class OwnFill(Struct, frozen=True):
    """A fill of one of the user's legs. `size` is positive; `kind` is `adl`, `liquidation` or `order`."""

    number: int
    account: str
    market: int
    sign: int
    size: float
    price: float
    mark: float
    t: float
    kind: str
    fee: float
    pnl: float


class Leg(Struct):
    """One leg and the row that holds it; the size there is 0 once it is closed."""

    account: str
    market: int
    sign: int
    row: int


class Own(Struct):
    """One account and what it holds beside perps."""

    spec: AccountSpec
    ledger: int
    legs: list[Leg]
    holdings: dict[str, float]


class You(Struct):
    """All accounts of the user, and every fill so far, oldest first."""

    accounts: dict[str, Own] = {}
    legs: dict[int, Leg] = {}
    """By row."""
    fills: list[OwnFill] = []

    def found(self, traders: Traders, specs: tuple[AccountSpec, ...], prices: Array) -> None:
        """Give every account its money and its legs; `prices` are the marks at the start, one a market."""
        for number, spec in enumerate(specs):
            ledger = traders.rows + number
            own = Own(spec, ledger, [], dict(spec.holdings))
            gross = gain = 0.0
            for leg in spec.legs:
                market = market_index(spec.venue, leg.symbol)
                price = float(prices[market])
                entry, worth = price * leg.entry, abs(leg.size) * price
                row = traders.place(
                    market, None if leg.isolated else ledger, leg.size, entry, leg.leverage, isolated=leg.isolated
                )
                if leg.isolated:
                    traders.endow(row, abs(leg.size) * entry / leg.leverage)
                else:
                    gross, gain = gross + worth, gain + leg.size * (price - entry)
                own.legs.append(Leg(spec.id, market, int(np.sign(leg.size)), row))
                self.legs[row] = own.legs[-1]
            traders.endow(ledger, gross / spec.leverage - gain)
            self.accounts[spec.id] = own

    def note(self, row: int, kind: str, t: float, *, size: float, price: float, mark: float, fee: float, pnl: float) -> None:
        """Write down a fill of one of the user's rows."""
        leg = self.legs[row]
        number = len(self.fills) + 1
        self.fills.append(OwnFill(number, leg.account, leg.market, leg.sign, size, price, mark, t, kind, fee, pnl))

    def gather(self, traders: Traders, row: int) -> None:
        """What is left of the margin of a closed isolated leg goes back to its account."""
        leg = self.legs[row]
        if traders.ledger[row] == row and traders.size[row] == 0:
            traders.wallet[self.accounts[leg.account].ledger] += traders.wallet[row]
            traders.wallet[row] = 0.0

    def imbalance(self, traders: Traders, own: Own) -> float | None:
        """|net| over the larger side of spot and perps by underlying, the worst one; None where nothing is held."""
        worst: float | None = None
        for underlying in UNDERLYINGS:
            sizes = [float(traders.size[g.row]) for g in own.legs if UNDERLYINGS[MARKETS[g.market].underlying] is underlying]
            sizes.append(own.holdings.get(underlying.name, 0.0))
            larger = max(sum(s for s in sizes if s > 0), -sum(s for s in sizes if s < 0))
            if larger > 0:
                worst = max(worst or 0.0, abs(sum(sizes)) / larger)
        return worst

    def shield(self, traders: Traders) -> None:
        """Rank delta-neutral accounts last while they keep within the venue's threshold."""
        for own in self.accounts.values():
            limit = venue(own.spec.venue).shield
            if limit is None or not own.spec.delta_neutral:
                continue
            ratio = self.imbalance(traders, own)
            for leg in own.legs:
                traders.shielded[leg.row] = ratio is not None and ratio <= limit
