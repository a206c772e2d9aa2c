"""Books as they would be after something is done: positions cut, reset or given margin, accounts paid into."""

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite

from msgspec import Struct
from msgspec.structs import replace

from adlwatch.domain.gather import PositionRow
from adlwatch.domain.model import Account, Contract, MarginMode, Position
from adlwatch.domain.reading import Reading, SourceState
from adlwatch.domain.value import unrealized_pnl

_NOTHING = 1e-12


class Edits(Struct, frozen=True, kw_only=True):
    """What changes in a book. Everything not named stays."""

    positions: Mapping[str, Position | None] = {}
    """By key; None: closed in full."""
    holdings: Mapping[str, float] = {}
    """New amounts by key."""
    equity: Mapping[str, float] = {}
    """USD added to an account's equity and wallet, by account; fees are negative."""
    realized: Mapping[str, float] = {}
    """USD of profit that moves into the wallet, by account; equity has it already."""
    maintenance: Mapping[str, float] = {}
    """USD added to an account's maintenance margin."""
    remarked: Mapping[str, float] = {}
    """USD by which equity at our marks exceeds that at the venue's, for the edited positions, whose marks become ours."""


def edited(states: Iterable[SourceState], edits: Edits) -> tuple[SourceState, ...]:
    """The same sources as they would read after the edits."""
    return tuple(state if state.reading is None else replace(state, reading=_edited(state.reading, edits)) for state in states)


def cut(row: PositionRow, fraction: float) -> Position | None:
    """The position after `fraction` of it is closed at the mark; isolated margin is released in proportion."""
    kept = 1.0 - fraction
    if kept <= _NOTHING:
        return None
    return _renewed(
        row,
        size=row.position.size * kept,
        margin=_times(row.position.isolated_margin, kept),
        maintenance=_times(row.position.maintenance_margin, kept),
    )


def grown(row: PositionRow, ratio: float) -> Position:
    """The position `ratio` (above 1) times as large, the rest opened at the mark: the entry becomes the average.

    Isolated margin grows in proportion. An inverse contract averages what its quote value bought in coin. Needs a mark.
    """
    position, mark = row.position, row.mark
    more = _renewed(
        row,
        size=position.size * ratio,
        margin=_times(position.isolated_margin, ratio),
        maintenance=_times(position.maintenance_margin, ratio),
    )
    if mark is None:
        return more
    if position.contract is Contract.INVERSE:
        return replace(more, entry_price=ratio / (1.0 / position.entry_price + (ratio - 1.0) / mark))
    return replace(more, entry_price=(position.entry_price + (ratio - 1.0) * mark) / ratio)


def adjusted(row: PositionRow, *, ratio: float = 1.0, margin_usd: float = 0.0) -> Edits:
    """A position with another size (times `ratio`, 0 closes it) and more or less margin (isolated) or collateral (cross)."""
    position, pnl = row.position, unrealized_pnl(row.position, row.mark)
    after = cut(row, 1.0 - ratio) if ratio <= 1.0 else grown(row, ratio)
    isolated = position.margin_mode is MarginMode.ISOLATED
    if isolated and after is not None:
        after = with_margin(replace(row, position=after), margin_usd)
    elif after is not None:
        after = replace(after, bankruptcy_price=bankruptcy_after(row, margin_usd, ratio))
    return Edits(
        positions={position.key: after},
        equity={} if isolated else {position.account: margin_usd},
        realized={position.account: max(0.0, 1.0 - ratio) * (pnl or 0.0)},
        maintenance={position.account: (ratio - 1.0) * maintenance_usd(row)},
        remarked=remark([row]),
    )


def maintenance_usd(row: PositionRow) -> float:
    """The position's own maintenance margin in USD, 0 where it is not stated."""
    coin = row.mark or 0.0 if row.position.contract is Contract.INVERSE else 1.0
    return (row.position.maintenance_margin or 0.0) * coin


def reset(row: PositionRow) -> Position:
    """The position closed and opened again at the mark, with the margin that stands behind it now. Needs a mark."""
    position = row.position
    pnl = unrealized_pnl(position, row.mark)
    margin = position.isolated_margin
    if margin is not None and pnl is not None and row.mark is not None:
        margin += pnl / (row.mark if position.contract is Contract.INVERSE else 1.0)
    again = _renewed(row, size=position.size, margin=margin, maintenance=position.maintenance_margin)
    return again if row.mark is None else replace(again, entry_price=row.mark)


def with_margin(row: PositionRow, usd: float) -> Position:
    """The isolated position with more (or less) margin."""
    position = row.position
    own = position.isolated_margin
    extra = usd / (row.mark if position.contract is Contract.INVERSE and row.mark else 1.0)
    more = _renewed(row, size=position.size, margin=None if own is None else own + extra, maintenance=position.maintenance_margin)
    return replace(more, bankruptcy_price=bankruptcy_after(row, usd, 1.0))


def bankruptcy_after(row: PositionRow, usd: float, kept: float) -> float | None:
    """The venue's bankruptcy price of a linear position after `usd` more stand behind `kept` of it; None where not given."""
    position = row.position
    if position.bankruptcy_price is None or row.mark is None or position.contract is Contract.INVERSE:
        return None
    sign = position.side.sign
    behind = sign * position.size * (row.mark - position.bankruptcy_price) + usd
    price = row.mark - sign * behind / (position.size * kept)
    return price if isfinite(price) and price > 0.0 else None


def paid_in(row: PositionRow, usd: float) -> Position:
    """A cross position after its account received (or gave) USD: only its bankruptcy price moves."""
    return replace(row.position, bankruptcy_price=bankruptcy_after(row, usd, 1.0), liquidation_price=None, venue_light=None)


def remark(rows: Sequence[PositionRow]) -> dict[str, float]:
    """`Edits.remarked` for rows whose positions are edited."""
    found: dict[str, float] = {}
    for row in rows:
        ours, theirs = unrealized_pnl(row.position, row.mark), unrealized_pnl(row.position, row.position.mark_price)
        if ours is not None and theirs is not None:
            found[row.position.account] = found.get(row.position.account, 0.0) + ours - theirs
    return found


def _renewed(row: PositionRow, *, size: float, margin: float | None, maintenance: float | None) -> Position:
    """At our mark; what the venue derived from the position as it was is dropped."""
    position = row.position
    isolated = position.margin_mode is MarginMode.ISOLATED
    kept = size / position.size
    return replace(
        position,
        size=size,
        mark_price=row.mark,
        isolated_margin=margin,
        maintenance_margin=maintenance,
        liquidation_price=None,
        bankruptcy_price=position.bankruptcy_price if isolated else bankruptcy_after(row, 0.0, kept),
        venue_light=None,
    )


def _times(value: float | None, by: float) -> float | None:
    return None if value is None else value * by


def _edited(reading: Reading, edits: Edits) -> Reading:
    positions = (edits.positions.get(p.key, p) for p in reading.positions)
    holdings = (replace(h, amount=edits.holdings.get(h.key, h.amount)) for h in reading.holdings)
    return replace(
        reading,
        positions=tuple(p for p in positions if p is not None),
        holdings=tuple(h for h in holdings if h.amount),
        accounts=tuple(_account(account, edits) for account in reading.accounts),
    )


def _account(account: Account, edits: Edits) -> Account:
    paid = edits.equity.get(account.id, 0.0)
    return replace(
        account,
        equity=_plus(account.equity, paid + edits.remarked.get(account.id, 0.0)),
        wallet=_plus(account.wallet, paid + edits.realized.get(account.id, 0.0)),
        maintenance_margin=_plus(account.maintenance_margin, edits.maintenance.get(account.id, 0.0)),
    )


def _plus(value: float | None, by: float) -> float | None:
    return None if value is None else value + by
