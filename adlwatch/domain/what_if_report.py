"""What if these coins moved: every position, shield and hedge there, and what happens on the way, in order.

A pure question to the book as last known; the answer is always labelled WHAT-IF and never mixed with what is.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache, partial
from math import isnan

import numpy as np
from msgspec import Struct

from adlwatch.domain.assess import States
from adlwatch.domain.crossing import Event, EventKind, events, shield_loss
from adlwatch.domain.exposure import Exposure, expose
from adlwatch.domain.gather import Gathered, gather
from adlwatch.domain.inputs import Array
from adlwatch.domain.liquidation import liquidations
from adlwatch.domain.model import Candle
from adlwatch.domain.pairing import hedges_of, leg_prices, shields_of, with_hedges
from adlwatch.domain.scenario import Moved, account_amounts, joint, ranking_of
from adlwatch.domain.settings import Settings
from adlwatch.domain.shield import HOLDING
from adlwatch.domain.shock import betas, path, shock
from adlwatch.domain.snapshot import Liquidation
from adlwatch.domain.underlying import of_symbol

LABEL = "WHAT-IF"


class MovedPosition(Struct, frozen=True, kw_only=True):
    """One position before and after. Lights are estimates on both sides, so that they compare."""

    key: str
    underlying: str
    move: float
    mark: float | None
    moved_mark: float | None
    pnl_change: float | None
    """USD."""
    score: float | None
    moved_score: float | None
    level: int | None
    moved_level: int | None
    liquidation: Liquidation
    liquidated: bool
    """Known margin has run out by then."""
    account_equity: float | None
    """USD, after the move."""


class WhatIf(Struct, frozen=True, kw_only=True):
    """A book moved by a joint shock."""

    as_of: datetime
    moves: dict[str, float]
    assumed_betas: tuple[str, ...]
    """Coins that were moved like Bitcoin because their beta is not known."""
    positions: tuple[MovedPosition, ...]
    events: tuple[Event, ...]
    """In the order of the way there."""
    label: str = LABEL


def what_if(states: States, settings: Settings, now: datetime, given: Mapping[str, float]) -> WhatIf:
    """Move the coins in `given` (fractions), and the others by their beta where Bitcoin is among them.

    Raises:
        ValueError: a move that is not above -100 %, or of a coin that the book does not hold (Bitcoin may always lead).

    """
    found = gather(states.sources, now)
    settings = with_hedges(settings, found)
    book, ranking = expose(found, settings), ranking_of(found.positions, settings, states.queues, now)
    strange = [coin for coin in given if coin not in book.coins and coin != "BTC"]
    if strange:
        raise ValueError(f"move of {strange[0]}: the book holds none; it holds {', '.join(sorted(book.coins)) or 'nothing'}")
    chosen = shock(book.coins, given, betas(longest_candles(found, settings)))
    ends = path(book, chosen.moves, 2)
    both = joint(book, ranking, ends)
    protection = _Protection.along(found, settings, book, ends[:, 1] - 1.0)
    happened = [event for event in events(book, ranking, chosen.moves) if not protection.spares(event)]
    return WhatIf(
        as_of=now,
        moves=dict(chosen.moves),
        assumed_betas=chosen.assumed,
        positions=tuple(_positions(book, both, chosen.moves, protection)),
        events=tuple(sorted([*happened, *protection.lost.values()], key=lambda event: (event.at, event.key))),
    )


def _positions(book: Exposure, both: Moved, moves: Mapping[str, float], protection: "_Protection") -> Iterator[MovedPosition]:
    level = both.level
    for i, (row, liquidation) in enumerate(zip(book.rows, liquidations(book, {}), strict=True)):
        coin = book.coins[book.coin[i]]
        spared = (row.position.account, coin) in protection.held
        still = spared and (row.position.account, coin) not in protection.lost
        yield MovedPosition(
            key=row.position.key,
            underlying=coin,
            move=moves[coin],
            mark=row.mark,
            moved_mark=_known(both.mark[i, 1]),
            pnl_change=_known(book.pnl_slope[i] * (both.factor[i, 1] - 1.0)),
            score=_known(both.score[i, 0]),
            moved_score=_known(both.score[i, 1]),
            level=1 if spared else _whole(level[i, 0]),
            moved_level=1 if still else _whole(level[i, 1]),
            liquidation=liquidation,
            liquidated=bool(both.liquidated[i, 1]),
            account_equity=_known(both.equity[i, 1]),
        )


class _Protection(Struct, frozen=True):
    """Shields on the way, by (account, underlying)."""

    held: frozenset[tuple[str, str]]
    """Those that hold at the start: their positions are ranked last."""
    lost: Mapping[tuple[str, str], Event]
    """Where they are lost."""
    keys: Mapping[str, tuple[str, str]]
    """By position key."""

    @classmethod
    def along(cls, found: Gathered, settings: Settings, book: Exposure, ends: Array) -> "_Protection":
        """Follow every shield that holds along the way to `ends` (moves by coin of the book)."""
        prices = leg_prices(found, settings)

        @cache
        def holding(way: float) -> frozenset[tuple[str, str]]:
            moved = {coin: 1.0 + float(end) * way for coin, end in zip(book.coins, ends, strict=True)}
            by_leg = {row.key: moved[book.coins[book.coin[i]]] for i, row in enumerate(book.rows)}
            marks = {key: price * (by_leg.get(key) or moved.get(key, 1.0)) for key, price in prices.items()}
            equity = account_amounts(book, 1.0 + ends[:, None] * way)[0][:, 0]
            known = {name: _known(amount) for name, amount in zip(book.accounts, equity, strict=True)}
            protected = shields_of(found, hedges_of(found, marks, settings), settings, known)
            return frozenset(key for key, shield in protected.items() if shield.state in HOLDING)

        def holds(key: tuple[str, str], ratio: float) -> bool:
            return key in holding(ratio - 1.0)

        held = holding(0.0)
        lost = {}
        for key in held:
            way = shield_loss(partial(holds, key), np.linspace(0.05, 1.0, 20))
            if way is not None:
                lost[key] = Event(way, EventKind.SHIELD_LOST, ":".join(key), float(ends[book.coins.index(key[1])]) * way)
        keys = {row.key: (row.position.account, book.coins[book.coin[i]]) for i, row in enumerate(book.rows)}
        return cls(held, lost, keys)

    def spares(self, event: Event) -> bool:
        """Whether a light that would go up does not, because the position is ranked last there."""
        key = self.keys[event.key]
        gone = self.lost.get(key)
        return event.kind is EventKind.LIGHT and key in self.held and (gone is None or event.at < gone.at)


def longest_candles(found: Gathered, settings: Settings) -> dict[str, tuple[Candle, ...]]:
    """The longest known candles of every coin."""
    longest: dict[str, tuple[Candle, ...]] = {}
    for market in found.markets.values():
        coin = of_symbol(market.symbol, settings.aliases).asset
        if len(market.candles) > len(longest.get(coin, ())):
            longest[coin] = market.candles
    return longest


def _known(value: float) -> float | None:
    return None if isnan(value) else float(value)


def _whole(value: float) -> int | None:
    return None if isnan(value) else int(value)
