"""What if these coins moved: every position, shield and hedge there, and what happens on the way, in order.

A pure question to the book as last known; the answer is always labelled WHAT-IF and never mixed with what is.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from math import isnan

import numpy as np
from msgspec import Struct

from adlwatch.domain.assess import States
from adlwatch.domain.crossing import Event, EventKind, events, shield_loss
from adlwatch.domain.exposure import Exposure, expose
from adlwatch.domain.gather import Gathered, gather
from adlwatch.domain.inputs import Array
from adlwatch.domain.leg import holding_leg, position_leg
from adlwatch.domain.liquidation import liquidations
from adlwatch.domain.model import Candle
from adlwatch.domain.pairing import leg_prices, with_hedges
from adlwatch.domain.queue import Queue, QueueKey
from adlwatch.domain.scenario import Moved, Ranking, account_amounts, joint
from adlwatch.domain.settings import Settings
from adlwatch.domain.shield import AT_RISK, ON, shields
from adlwatch.domain.shock import betas, path, shock
from adlwatch.domain.snapshot import Liquidation, Shield
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
    book, ranking = expose(found, settings), ranking_of(found, settings, states.queues, now)
    strange = [coin for coin in given if coin not in book.coins and coin != "BTC"]
    if strange:
        raise ValueError(f"move of {strange[0]}: the book holds none; it holds {', '.join(sorted(book.coins)) or 'nothing'}")
    chosen = shock(book.coins, given, betas(_candles(found, settings)))
    ends = path(book, chosen.moves, 2)
    both = joint(book, ranking, ends)
    happened = [*events(book, ranking, chosen.moves), *_shields_lost(found, settings, book, ends[:, 1] - 1.0)]
    return WhatIf(
        as_of=now,
        moves=dict(chosen.moves),
        assumed_betas=chosen.assumed,
        positions=tuple(_positions(book, both, chosen.moves)),
        events=tuple(sorted(happened, key=lambda event: (event.at, event.key))),
    )


def ranking_of(found: Gathered, settings: Settings, queues: Mapping[QueueKey, Queue], now: datetime) -> Ranking:
    """Rules and queues of the gathered positions."""
    profiles = [settings.profiles.get(row.position.venue) for row in found.positions]
    keys = tuple(QueueKey(row.position.venue, row.position.symbol, row.position.side) for row in found.positions)
    places = {key: partial(queues[key].place, now=now) for key in keys if key in queues}
    return Ranking(tuple(profile.rule if profile is not None else None for profile in profiles), keys, places)


def _positions(book: Exposure, both: Moved, moves: Mapping[str, float]) -> list[MovedPosition]:
    level = both.level
    return [
        MovedPosition(
            key=row.position.key,
            underlying=book.coins[book.coin[i]],
            move=moves[book.coins[book.coin[i]]],
            mark=row.mark,
            moved_mark=_known(both.mark[i, 1]),
            pnl_change=_known(book.pnl_slope[i] * (both.factor[i, 1] - 1.0)),
            score=_known(both.score[i, 0]),
            moved_score=_known(both.score[i, 1]),
            level=_whole(level[i, 0]),
            moved_level=_whole(level[i, 1]),
            liquidation=liquidation,
            liquidated=bool(both.liquidated[i, 1]),
            account_equity=_known(both.equity[i, 1]),
        )
        for i, (row, liquidation) in enumerate(zip(book.rows, liquidations(book, {}), strict=True))
    ]


def _shields_lost(found: Gathered, settings: Settings, book: Exposure, ends: Array) -> list[Event]:
    """Where on the way the protection of each account and coin is lost."""
    prices, lost = leg_prices(found, settings), []
    profiles = {row.position.venue: settings.profiles.get(row.position.venue) for row in found.positions}
    rules = {venue: profile.shield if profile is not None else None for venue, profile in profiles.items()}

    def at(way: float) -> dict[tuple[str, str], Shield]:
        moved = {coin: 1.0 + float(end) * way for coin, end in zip(book.coins, ends, strict=True)}
        marks = {row.key: row.mark * moved[book.coins[book.coin[i]]] for i, row in enumerate(book.rows) if row.mark is not None}
        marks |= {coin: price * moved.get(coin, 1.0) for coin, price in prices.items() if coin in moved}
        legs = [position_leg(row.position, marks, settings.aliases) for row in found.positions]
        legs += [holding_leg(row.holding, marks, settings.aliases) for row in found.holdings]
        equity = account_amounts(book, 1.0 + ends[:, None] * way)[0][:, 0]
        known = {name: _known(amount) for name, amount in zip(book.accounts, equity, strict=True)}
        return shields(legs, found.accounts, rules, known)

    def holds(key: tuple[str, str], ratio: float) -> bool:
        return at(ratio - 1.0)[key].state in (ON, AT_RISK)

    for key, shield in at(0.0).items():
        if shield.threshold is not None:
            way = shield_loss(partial(holds, key), np.linspace(0.05, 1.0, 20))
            if way is not None:
                move = float(ends[book.coins.index(key[1])]) * way
                lost.append(Event(way, EventKind.SHIELD_LOST, ":".join(key), move))
    return lost


def _candles(found: Gathered, settings: Settings) -> dict[str, tuple[Candle, ...]]:
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
