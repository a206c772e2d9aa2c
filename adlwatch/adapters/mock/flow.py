"""Who comes and goes: the founding population, exits on time and by stop order, entries with the trading activity."""

import numpy as np

from adlwatch.adapters.mock.book import Books
from adlwatch.adapters.mock.crowd import SIGNAL_SPAN, Founding, Taste, longs, orders, signal, unit_notional
from adlwatch.adapters.mock.margin import Moment
from adlwatch.adapters.mock.markets import KINDS, MARKETS, REACH, UNDERLYINGS, venue
from adlwatch.adapters.mock.price import History, Prices
from adlwatch.adapters.mock.traders import Rows, Traders
from adlwatch.domain.inputs import Array

_CROWDING = 4.0
"""How strongly entries react to places left empty."""
_LEAN = 3.0
"""How strongly entries lean against a maker whose inventory is as large as the usual book."""


class Flow:
    """The crowd of every market. Every trade of it is taken by the market's maker."""

    def __init__(self, rng: np.random.Generator, traders: Traders, counts: tuple[int, ...], leverage: float) -> None:
        self._rng, self._traders, self._counts = rng, traders, counts
        rates = np.array([kind.share / kind.holding for kind in KINDS])
        self._arrivals = np.array(counts)[:, None] * rates
        """Entries per second, shape (markets, kinds), at which the population holds its size."""
        self._tastes = tuple(Taste(unit_notional(n, m.open_interest), leverage) for n, m in zip(counts, MARKETS, strict=True))
        self._fees = tuple(venue(m.venue).fee for m in MARKETS)
        self._slow = np.zeros(len(UNDERLYINGS))
        """Moving average of the log index that momentum traders compare with."""

    def found(self, past: History) -> None:
        """Fill the markets with those who entered in the fortnight before, and even out longs and shorts."""
        self._slow = np.log(past.price[:, -int(SIGNAL_SPAN / 120) :]).mean(axis=1)
        founding = Founding(self._rng, past)
        for i, count in enumerate(self._counts):
            made, entries = founding.market(i, count, self._tastes[i])
            rows = self._traders.open(i, made, entries)
            self._even_out(i, rows)

    def _even_out(self, market: int, rows: Rows) -> None:
        """Scale the positions of the lighter side, with the money behind them, so that the maker starts flat."""
        traders = self._traders
        net = float(traders.size[traders.segments[market]].sum())
        light = rows[traders.size[rows] * net < 0]
        total = float(np.abs(traders.size[light]).sum())
        if total > 0:
            factor = 1 + abs(net) / total
            traders.deposits += float(traders.wallet[light].sum()) * (factor - 1)
            traders.size[light] *= factor
            traders.wallet[light] *= factor

    def step(self, moment: Moment, dt: float, prices: Prices, books: Books) -> float:
        """Exits, then entries; returns the fees paid, USD."""
        self._slow += (np.log(prices.index) - self._slow) * (dt / SIGNAL_SPAN)
        fees = self._exits(moment, books)
        coming = self._rng.poisson(self._arrivals * self._pull() * (dt * prices.activity))
        for market in np.flatnonzero(coming.any(axis=1)).tolist():
            kinds = np.repeat(np.arange(len(KINDS)), coming[market])
            fees += self._entries(moment, market, kinds, prices, books)
        return fees

    def _pull(self) -> Array:
        """How much faster than usual newcomers arrive: the faster the more places are empty. Shape (markets, 1)."""
        missing = [1 - self._traders.holders(i) / count for i, count in enumerate(self._counts)]
        return np.maximum(0.0, 1 + _CROWDING * np.array(missing))[:, None]

    def _exits(self, moment: Moment, books: Books) -> float:
        """Close who has held long enough or is stopped out; who is under liquidation can't leave by himself."""
        traders, m, fees = self._traders, moment.margins, 0.0
        stopped = (m.mark - traders.stop) * traders.size <= 0
        free = (traders.size != 0) & (m.equity >= m.required)
        leaving = np.flatnonzero(((traders.until <= moment.t) | stopped) & free)
        for market, segment in enumerate(traders.segments):
            rows = leaving[(leaving >= segment.start) & (leaving < segment.stop)]
            if rows.size:
                fees += self._leave(moment, market, rows, books)
        return fees

    def _leave(self, moment: Moment, market: int, rows: Rows, books: Books) -> float:
        """Close the crowd's `rows` at one price; whom that price would bankrupt stays, for the liquidation to deal with."""
        traders, mark = self._traders, float(moment.marks[market])
        price = self._price(market, -float(traders.size[rows].sum()), books, float(moment.mids[market]))
        rows = rows[moment.margins.equity[rows] + traders.size[rows] * (price - mark) > 0]
        sizes = traders.size[rows].copy()
        traders.close(rows, sizes, price)
        traders.trade_maker(market, float(sizes.sum()), price)
        fees = self._charge(market, rows, np.abs(sizes) * price)
        traders.retire(market, rows)
        return fees

    def _entries(self, moment: Moment, market: int, kinds: Rows, prices: Prices, books: Books) -> float:
        traders, u, mid = self._traders, MARKETS[market].underlying, float(moment.mids[market])
        seen = signal(np.full(len(kinds), float(np.log(prices.index[u]) - self._slow[u])), u)
        inventory = float(traders.size[traders.maker(market)]) / float(books.usual[market])
        side = longs(self._rng, kinds, seen, float(np.clip(_LEAN * inventory, -3.0, 3.0)))
        made = orders(self._rng, market, kinds, side, np.full(len(kinds), mid), t=moment.t, taste=self._tastes[market])
        room = traders.room(market)
        made = made.take(slice(0, room))
        if not len(made.size):
            return 0.0
        quantity = float(made.size.sum())
        price = self._price(market, quantity, books, mid)
        rows = traders.open(market, made, price)
        traders.trade_maker(market, -quantity, price)
        return self._charge(market, rows, np.abs(made.size) * price)

    @staticmethod
    def _price(market: int, net: float, books: Books, mid: float) -> float:
        """One price for all takers of a step: the middle, moved by half of what their net quantity does to the book."""
        books.take(market, 1 if net > 0 else -1, abs(net))
        reach = min(1.0, abs(net) / float(books.usual[market]))
        return mid * (1 + (1 if net > 0 else -1) * REACH * reach / 2)

    def _charge(self, market: int, rows: Rows, notional: Array) -> float:
        """Trading fees, never more than is there."""
        fee = np.clip(notional * self._fees[market], 0.0, np.maximum(self._traders.wallet[rows], 0.0))
        self._traders.wallet[rows] -= fee
        return float(fee.sum())
