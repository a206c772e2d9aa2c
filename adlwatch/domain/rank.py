"""Score gathered positions: rows into columns, one evaluation a rule, columns back into one `Score` a position."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from adlwatch.domain.gather import Gathered, PositionRow
from adlwatch.domain.inputs import Array, Inputs
from adlwatch.domain.model import Contract, MarginMode, Position
from adlwatch.domain.position_score import Score
from adlwatch.domain.score import Scores, evaluate

NO_RULE = "none"
"""Rule of a score at a venue that ranks nobody, or whose ranking nobody published."""


def inputs(rows: Sequence[PositionRow], found: Gathered) -> Inputs:
    """What the rules may look at, one element a row; everything unknown is NaN.

    Inverse contracts are reckoned in coin, so their account's amounts (USD) are converted at the row's mark.
    """
    positions = [row.position for row in rows]
    mark = _column(row.mark for row in rows)
    inverse = _column(p.contract is Contract.INVERSE for p in positions)
    per_unit = np.where(inverse == 1, mark, 1.0)
    accounts = [found.accounts.get(p.account) for p in positions]
    return Inputs(
        sign=_column(p.side.sign for p in positions),
        entry=_column(p.entry_price for p in positions),
        mark=mark,
        size=_column(p.size for p in positions),
        inverse=inverse,
        isolated=_column(_isolated(p) for p in positions),
        margin=_column(p.isolated_margin for p in positions),
        equity=_column(found.equity.get(p.account) for p in positions) / per_unit,
        wallet=_column(a.wallet if a else None for a in accounts) / per_unit,
        maintenance=_column(p.maintenance_margin for p in positions),
        account_maintenance=_column(a.maintenance_margin if a else None for a in accounts) / per_unit,
        bankruptcy=_column(p.bankruptcy_price for p in positions),
        leverage=_column(p.leverage for p in positions),
    )


def score_rows(rows: Sequence[PositionRow], rules: Sequence[str | None], found: Gathered) -> list[Score | None]:
    """One score a row under the rule named for it; None where no rule is named."""
    by_rule: dict[str, list[int]] = defaultdict(list)
    for i, rule in enumerate(rules):
        if rule is not None:
            by_rule[rule].append(i)
    result: list[Score | None] = [None] * len(rows)
    for rule, indices in by_rule.items():
        scores = evaluate(rule, inputs([rows[i] for i in indices], found))
        for i, score in zip(indices, _unpack(rule, scores), strict=True):
            result[i] = score
    return result


def _isolated(position: Position) -> float | None:
    return None if position.margin_mode is None else float(position.margin_mode is MarginMode.ISOLATED)


def _column(values: Iterable[float | None]) -> Array:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _unpack(rule: str, scores: Scores) -> Iterable[Score]:
    """Whole columns at once: ten times faster than reading each position's numbers out of the arrays."""
    shape = scores.value.shape
    names = tuple(scores.terms)
    terms = zip(*(_values(term, shape) for term in scores.terms.values()), strict=True)
    missing = _missing(scores.missing, shape[0])
    columns = (_values(c, shape) for c in (scores.value, scores.pnl_ratio, scores.effective_leverage))
    for value, ratio, leverage, own, lacks in zip(*columns, terms, missing, strict=True):
        yield Score(
            rule=rule,
            value=value,
            pnl_ratio=ratio,
            effective_leverage=leverage,
            missing=lacks,
            terms=tuple(zip(names, own, strict=True)),
        )


def _values(column: Array, shape: tuple[int, ...]) -> list[float | None]:
    return [value if value == value else None for value in np.broadcast_to(column, shape).tolist()]  # noqa: PLR0124  # NaN is not itself


def _missing(masks: Mapping[str, npt.NDArray[np.bool_]], count: int) -> list[tuple[str, ...]]:
    if not masks:
        return [()] * count
    rows = zip(*(mask.tolist() for mask in masks.values()), strict=True)
    names = tuple(masks)
    return [tuple(name for name, lacks in zip(names, row, strict=True) if lacks) for row in rows]
