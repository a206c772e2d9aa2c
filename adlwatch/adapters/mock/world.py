"""The simulated exchange, step by step. Same scenario, seed and commands: same run, byte for byte."""

import hashlib
import math
import zlib

import numpy as np

from adlwatch.adapters.mock import adl
from adlwatch.adapters.mock.accounts import You
from adlwatch.adapters.mock.book import Books
from adlwatch.adapters.mock.flow import Flow
from adlwatch.adapters.mock.fund import Funds
from adlwatch.adapters.mock.lights import Lights
from adlwatch.adapters.mock.liquidation import Liquidated, Liquidations
from adlwatch.adapters.mock.margin import Moment, margins
from adlwatch.adapters.mock.markets import HOUR, MARKETS, POOLS, STEP, UNDERLYINGS, VENUES
from adlwatch.adapters.mock.price import Move, Prices, history
from adlwatch.adapters.mock.scenarios import Event, Scenario
from adlwatch.adapters.mock.tape import Tape
from adlwatch.adapters.mock.traders import Rows, Traders
from adlwatch.domain.inputs import Array

_ROOM = 1.25
"""Rows of a segment for each trader at the start."""
_MAKER_WEALTH = 3.0
"""A maker's money as a multiple of its market's open interest."""


class World:
    """One run. `t` is seconds since the start; the scenario's events happen at its times."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self.scenario, self.seed = scenario, seed
        self.t = 0.0
        self.steps = 0
        self.fees = 0.0
        self._withdrawn = 0.0
        self._rng = np.random.default_rng([seed, zlib.crc32(scenario.name.encode())])
        self._due = sorted(scenario.events, key=lambda e: e.at)
        self._underlying = np.array([m.underlying for m in MARKETS])
        past = history(self._rng)
        self.prices = Prices(past.price[:, -1])
        counts = tuple(max(40, round(scenario.traders * m.traders)) for m in MARKETS)
        self.traders = Traders(tuple(int(n * _ROOM) + 8 for n in counts), len(scenario.you))
        self.flow = Flow(self._rng, self.traders, counts, scenario.leverage)
        start = self.prices.index[self._underlying] * (1 + np.array([m.basis for m in MARKETS]))
        self.you = You()
        self.you.found(self.traders, scenario.you, start)
        self.flow.found(past)
        self._endow_makers(start)
        interest = self.open_interest()
        self.books = Books(interest)
        self.funds = Funds(self._first_balances(interest * start))
        self.tapes = tuple(Tape(i, past, float(interest[i])) for i in range(len(MARKETS)))
        self._liquidations = Liquidations(self.traders, self.books, self.funds)
        self.marks = start
        self.last_marks = start
        self.lights = Lights()
        self.private = {v.name: "open" for v in VENUES}
        self.corrupt = {v.name: "none" for v in VENUES}
        self.closings: list[adl.Closed] = []
        """Batches of ADL in the last step."""
        self.last_adl = [-math.inf] * len(MARKETS)
        """When each market last deleveraged."""
        self.liquidated: list[Liquidated] = []
        """Liquidations in the last step."""
        self.you.shield(self.traders)
        self.lights.publish(self.t, self.traders, margins(self.traders, start), self.you)

    def _endow_makers(self, start: Array) -> None:
        for i in range(len(MARKETS)):
            row = self.traders.maker(i)
            held = self.traders.size[self.traders.segments[i]]
            self.traders.size[row] = -float(held.sum())
            self.traders.entry[row] = start[i]
            self.traders.endow(row, _MAKER_WEALTH * float(np.abs(held).sum()) * float(start[i]))

    def _first_balances(self, interest_usd: Array) -> Array:
        balances = np.zeros(len(POOLS))
        for i, market in enumerate(MARKETS):
            balances[market.pool] += POOLS[market.pool].cover * self.scenario.funds * interest_usd[i]
        return balances

    # -- what happens ------------------------------------------------------------------------------------------------

    def step(self) -> None:
        """Advance by `STEP` seconds."""
        while self._due and self._due[0].at <= self.t + 1e-9:
            self.do(self._due.pop(0))
        self.prices.step(self._rng, self.t, STEP)
        self.steps += 1
        self.t = self.steps * STEP
        self.books.step(STEP, self.prices.activity)
        index = self.prices.index[self._underlying]
        self.last_marks, self.marks = self.marks, self.books.marks(index)
        judged = margins(self.traders, self.marks)
        moment = Moment(self.t, self.marks, self.last_marks, self.books.mids(index), judged)
        traded = self._liquidate(moment)
        self.fees += self.flow.step(moment, STEP, self.prices, self.books)
        self._fund_longs_and_shorts()
        for i, tape in enumerate(self.tapes):
            tape.trade(self.t, STEP, float(self.marks[i]), self.prices.activity, traded[i])
        self.you.shield(self.traders)
        if self.lights.due(self.t):
            self.lights.publish(self.t, self.traders, margins(self.traders, self.marks), self.you)

    def _liquidate(self, moment: Moment) -> list[float]:
        traded = [0.0] * len(MARKETS)
        self.liquidated, self.closings = [], []
        for event in self._liquidations.run(moment):
            traded[event.market] += float(np.abs(event.size).sum())
            if isinstance(event, Liquidated):
                self.liquidated.append(event)
                rows = event.rows
                self._note("liquidation", rows, event.size, event.price, mark=event.mark, fees=event.fee)
            else:
                self.closings.append(event)
                self.last_adl[event.market] = self.t
                touched = np.zeros(self.traders.rows, dtype=np.bool_)
                touched[event.bankrupt] = touched[event.winner] = True
                rows = np.flatnonzero(touched)
                free = np.zeros(len(event.size))
                self._note("adl", event.winner, event.size, event.price, mark=event.mark, fees=free)
                self._note_bankrupt(event)
            self._leave(event.market, rows)
        return traded

    def _note(self, kind: str, rows: Rows, sizes: Array, prices: Array, *, mark: float, fees: Array) -> None:
        """Write down those of these fills that are the user's."""
        for i in np.flatnonzero(self.traders.owned[rows]).tolist():
            row, size, price = int(rows[i]), abs(float(sizes[i])), float(prices[i])
            pnl = self.you.legs[row].sign * size * (price - float(self.traders.entry[row]))
            self.you.note(row, kind, self.t, size=size, price=price, mark=mark, fee=float(fees[i]), pnl=pnl)

    def _note_bankrupt(self, event: adl.Closed) -> None:
        """A leg of the user that was bankrupt is one liquidation, however many winners it was closed against."""
        for row in set(event.bankrupt[self.traders.owned[event.bankrupt]].tolist()):
            mine = event.bankrupt == row
            sizes, price, none = event.size[mine].sum(keepdims=True), event.price[mine][:1], np.zeros(1)
            self._note("liquidation", np.array([row]), sizes, price, mark=event.mark, fees=none)

    def _leave(self, market: int, rows: Rows) -> None:
        """Free the rows that hold nothing any more; the maker and the user's own stay."""
        empty = rows[(self.traders.size[rows] == 0) & (rows != self.traders.maker(market))]
        owned = self.traders.owned[empty]
        for row in empty[owned].tolist():
            self.you.gather(self.traders, row)
        self.traders.retire(market, empty[~owned])

    def _fund_longs_and_shorts(self) -> None:
        """Longs pay shorts the premium at each funding time; what one side pays the other receives."""
        for i, market in enumerate(MARKETS):
            if market.funding_hours is None or self.t % (market.funding_hours * HOUR) >= STEP:
                continue
            segment = self.traders.segments[i]
            paid = self.traders.size[segment] * float(self.marks[i]) * self.funding_rate(i)
            np.subtract.at(self.traders.wallet, self.traders.ledger[segment], paid)

    # -- what can be asked -------------------------------------------------------------------------------------------

    def funding_rate(self, market: int) -> float:
        """Fraction per funding interval; positive: longs pay shorts."""
        return float(np.clip(self.books.premium[market] / 3, -0.0075, 0.0075))

    def open_interest(self) -> Array:
        """Base units of each market: the sum of its longs."""
        return np.array([float(np.maximum(self.traders.size[s], 0.0).sum()) for s in self.traders.segments])

    def money(self) -> float:
        """Everyone's cash and unrealized PnL, the pools and the fees, less what was brought in: constant to rounding."""
        at = np.empty(self.traders.rows)
        for segment, mark in zip(self.traders.segments, self.marks.tolist(), strict=True):
            at[segment] = mark
        unrealized = float(np.dot(self.traders.size, at - self.traders.entry))
        held = float(self.traders.wallet.sum()) + unrealized
        return held + float(self.funds.balance.sum()) + self.fees - self.traders.deposits + self._withdrawn

    def digest(self) -> str:
        """Hash of everything that moves: equal for equal runs."""
        state = (self.traders.size, self.traders.entry, self.traders.wallet, self.marks, self.funds.balance, self.books.resting)
        return hashlib.sha256(b"".join(a.tobytes() for a in state)).hexdigest()

    # -- what can be done to it --------------------------------------------------------------------------------------

    def do(self, event: Event) -> None:
        """Let one line of a scenario happen at this moment."""
        match event.deed:
            case "move":
                which = [event.what in ("*", u.name) for u in UNDERLYINGS]
                log_return = math.log1p(float(event.value))
                self.prices.add(Move(self.t, max(event.over, STEP), tuple(log_return * w for w in which)))
            case "volatility":
                self.prices.calm = float(event.value)
            case "depth":
                self.books.thickness[:] = float(event.value)
            case "drain":
                self._drain(event.what, float(event.value))
            case "private":
                self.private[event.what] = str(event.value)
            case "lights":
                self.lights.mode[event.what] = str(event.value)
            case "corrupt":
                self.corrupt[event.what] = str(event.value)
            case "order":
                self._order(event.what, float(event.value))

    def _drain(self, venue_name: str, fraction: float) -> None:
        for i, pool in enumerate(POOLS):
            if venue_name in ("*", pool.venue):
                self._withdrawn += self.funds.drain(i, fraction)

    def _order(self, what: str, fraction: float) -> None:
        account, _, symbol = what.partition(":")
        for leg in self.you.accounts[account].legs:
            if MARKETS[leg.market].symbol == symbol and self.traders.size[leg.row] != 0:
                size, price = float(self.traders.size[leg.row]) * fraction, float(self.marks[leg.market])
                row = np.array([leg.row])
                pnl = float(self.traders.close(row, np.array([size]), price)[0])
                self.traders.trade_maker(leg.market, size, price)
                self.you.note(leg.row, "order", self.t, size=abs(size), price=price, mark=price, fee=0.0, pnl=pnl)
                self._leave(leg.market, row)
