"""The changes a remedy may make to a book, each with what it costs. An amount that cannot be done is answered with the reason."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from adlwatch.domain.costs import Costs, trade_cost
from adlwatch.domain.edit import Edits, cut, maintenance_usd, paid_in, remark, reset, with_margin
from adlwatch.domain.gather import Gathered, HoldingRow, PositionRow
from adlwatch.domain.hedge import Hedge
from adlwatch.domain.leg import Leg
from adlwatch.domain.model import MarginMode, Position, Side
from adlwatch.domain.settings import Settings
from adlwatch.domain.value import base_units, unrealized_pnl


class Attempt(NamedTuple):
    """An amount turned into edits, with what they cost."""

    edits: Edits
    cost_usd: float = 0.0
    capital_usd: float | None = None
    fraction: float | None = None
    naked_usd: float | None = None
    naked_seconds: float | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """The position whose light is too high, its hedge, and the rows these live in."""

    row: PositionRow
    hedge: Hedge
    positions: Mapping[str, PositionRow]
    holdings: Mapping[str, HoldingRow]
    settings: Settings

    @classmethod
    def of(cls, found: Gathered, hedge: Hedge, key: str, settings: Settings) -> "Subject":
        """The position `key` of the gathered book, a leg of `hedge`. Raises KeyError where it is none."""
        positions = {row.position.key: row for row in found.positions}
        return cls(positions[key], hedge, positions, {row.holding.key: row for row in found.holdings}, settings)

    @property
    def opposite(self) -> tuple[Leg, ...]:
        """The legs of the hedge on the other side."""
        sign = self.row.position.side.sign
        return tuple(leg for leg in self.hedge.legs if leg.sign != sign)

    @property
    def costs(self) -> Costs:
        """What trading is assumed to cost."""
        return self.settings.costs


def add_margin(subject: Subject, usd: float) -> Attempt | str:
    """Put margin of the account behind the isolated position."""
    if subject.row.position.margin_mode is not MarginMode.ISOLATED or subject.row.position.isolated_margin is None:
        return "the position has no margin of its own"
    edits = Edits(positions={subject.row.position.key: with_margin(subject.row, usd)}, remarked=remark([subject.row]))
    return Attempt(edits, subject.costs.financing(usd), capital_usd=usd)


def add_collateral(subject: Subject, usd: float) -> Attempt | str:
    """Pay into the account."""
    position = subject.row.position
    cross = position.margin_mode is not MarginMode.ISOLATED
    positions: dict[str, Position | None] = {position.key: paid_in(subject.row, usd)} if cross else {}
    return Attempt(Edits(positions=positions, equity={position.account: usd}), subject.costs.financing(usd), capital_usd=usd)


def reset_entry(subject: Subject, _: float) -> Attempt | str:
    """Close and open again at the mark: the profit is taken, and with it most of the score."""
    row = subject.row
    units = base_units(row.position, row.mark)
    if row.mark is None or units is None:
        return "no mark"
    out, back = _trade(subject, row, 1.0, row.position.side.opposite), _trade(subject, row, 1.0, row.position.side)
    cost = out + back
    account = row.position.account
    edits = Edits(
        positions={row.position.key: reset(row)},
        equity={account: -cost},
        realized={account: unrealized_pnl(row.position, row.mark) or 0.0},
        remarked=remark([row]),
    )
    seconds = subject.costs.naked_seconds
    return Attempt(edits, cost, naked_seconds=seconds, naked_usd=_naked_without(subject))


def cut_both(subject: Subject, fraction: float) -> Attempt | str:
    """Close part of the position, and as many units of the other side, so that the net exposure stays what it is."""
    row, price = subject.row, subject.hedge.price
    own = next(leg.units for leg in subject.hedge.legs if leg.key == row.position.key)
    others = [abs(leg.units) for leg in subject.opposite if leg.units is not None]
    if own is None or row.mark is None or price is None or len(others) != len(subject.opposite):
        return "exposure or price unknown"
    if not others:
        return _cut(subject, fraction, 0.0, price)._replace(note="unhedged: only this position is cut")
    part = fraction * abs(own) / sum(others)
    return _cut(subject, fraction, part, price) if part <= 1.0 else "the other side is too small to be cut along"


def _cut(subject: Subject, fraction: float, part: float, price: float) -> Attempt:
    """Cut `fraction` of the position and `part` of every opposite leg."""
    rows = [(subject.row, fraction), *((subject.positions[leg.key], part) for leg in subject.opposite if leg.derivative)]
    paid = [(row.position.account, _trade(subject, row, share, row.position.side.opposite)) for row, share in rows]
    spot = [(subject.holdings[leg.key].holding, leg) for leg in subject.opposite if not leg.derivative]
    rate = (subject.costs.spot_fee + subject.costs.half_spread) * part
    sold = [(held, abs(leg.units or 0.0) * (leg.price or price) * rate) for held, leg in spot]
    fees = [*paid, *((held.account, cost) for held, cost in sold if held.collateral)]
    edits = Edits(
        positions={row.position.key: cut(row, share) for row, share in rows},
        holdings={held.key: held.amount * (1.0 - part) for held, _ in spot},
        equity=_sums((account, -cost) for account, cost in fees),
        realized=_sums((r.position.account, share * (unrealized_pnl(r.position, r.mark) or 0.0)) for r, share in rows),
        maintenance=_sums((r.position.account, -share * maintenance_usd(r)) for r, share in rows),
        remarked=remark([row for row, _ in rows]),
    )
    return Attempt(edits, sum(cost for _, cost in paid) + sum(cost for _, cost in sold), fraction=fraction)


def _sums(parts: Iterable[tuple[str, float]]) -> dict[str, float]:
    total: dict[str, float] = {}
    for account, amount in parts:
        total[account] = total.get(account, 0.0) + amount
    return total


def move_margin(subject: Subject, usd: float) -> Attempt | str:
    """Move margin here from the other leg that has most behind it."""
    row = subject.row
    donors = [subject.positions[leg.key] for leg in subject.opposite if leg.derivative]
    donors = [donor for donor in donors if donor.position.account != row.position.account or _isolated(row) or _isolated(donor)]
    if not donors:
        return "no other leg has margin apart from this one"
    donor = max(donors, key=lambda each: each.position.isolated_margin or 0.0)
    positions: dict[str, Position | None] = {
        row.position.key: with_margin(row, usd) if _isolated(row) else paid_in(row, usd),
        donor.position.key: with_margin(donor, -usd) if _isolated(donor) else paid_in(donor, -usd),
    }
    equity = {} if donor.position.account == row.position.account else {row.position.account: usd, donor.position.account: -usd}
    touched = [each for each in (row, donor) if _isolated(each)]
    return Attempt(
        Edits(positions=positions, equity=equity, remarked=remark(touched)), capital_usd=usd, note=f"from {donor.position.key}"
    )


def _isolated(row: PositionRow) -> bool:
    return row.position.margin_mode is MarginMode.ISOLATED


def _trade(subject: Subject, row: PositionRow, share: float, side: Side) -> float:
    """USD it costs to trade a share of a position; `side` long buys."""
    profile = subject.settings.profiles.get(row.position.venue)
    fee = profile.taker_fee if profile is not None else None
    units = base_units(row.position, row.mark) or 0.0
    return trade_cost(
        units * share,
        row.mark or 0.0,
        side,
        row.market.book if row.market is not None else None,
        fee=subject.costs.taker_fee if fee is None else fee,
        half_spread=subject.costs.half_spread,
    ).usd


def _naked_without(subject: Subject) -> float | None:
    key = subject.row.position.key
    return next((left.naked_usd for left in subject.hedge.if_closed if left.leg == key and left.fraction == 1.0), None)
