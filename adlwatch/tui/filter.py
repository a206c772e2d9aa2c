"""The filter language of `/`: words that must all hold.

    btc            name, underlying, account, venue, symbol or source contains it
    !ok            not; before any other term as well
    warning        a severity by its word (ok watch warning critical blind)
    venue:bybit    one field contains it: name, underlying, account, venue, symbol, side, kind
    light>=4       a number compared: light score pnl notional liq naked age, with < <= > >= =

A hedge is kept when it or one of its legs meets every term. Unknown numbers meet no comparison.
"""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from adlwatch.domain.snapshot import HedgeView, HoldingView, PositionView, Severity

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
    "=": operator.eq,
}
_TERM = re.compile(r"(?P<field>[a-z]+)(?P<op><=|>=|<|>|=|:)(?P<value>.+)")
TEXT_FIELDS = ("name", "underlying", "account", "venue", "symbol", "side", "kind", "source")
SEVERITIES = frozenset(severity.value for severity in Severity)
NUMBER_FIELDS = ("light", "score", "pnl", "notional", "liq", "naked", "age")


class FilterError(ValueError):
    """A term that can't be read; the message names it and what would do."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a filter looks at: text and numbers by field."""

    texts: dict[str, str]
    numbers: dict[str, float | None] = field(default_factory=dict)
    severity: Severity = Severity.OK


Test = Callable[[Subject], bool]


def of_hedge(hedge: HedgeView) -> Subject:
    """A hedge's own fields."""
    texts = {"name": hedge.name, "underlying": hedge.underlying, "kind": hedge.kind}
    numbers = {
        "light": float(hedge.light.level) if hedge.light is not None and hedge.light.level is not None else None,
        "pnl": hedge.unrealized_pnl,
        "notional": hedge.gross_usd,
        "liq": hedge.liquidation_distance,
        "naked": abs(hedge.naked_usd) if hedge.naked_usd is not None else None,
        "age": hedge.age_seconds,
    }
    return Subject(texts, numbers, hedge.severity)


def of_position(position: PositionView, kind: str = "") -> Subject:
    """A position's fields."""
    fields = ("underlying", "account", "venue", "symbol", "side", "source")
    texts = {name: str(getattr(position, name)) for name in fields} | {"kind": kind, "name": position.hedge or ""}
    numbers = {
        "light": float(position.light.level) if position.light.level is not None else None,
        "score": position.score.value,
        "pnl": position.unrealized_pnl,
        "notional": position.notional,
        "liq": position.liquidation.distance,
        "age": position.age_seconds,
    }
    return Subject(texts, numbers, position.severity)


def of_holding(holding: HoldingView) -> Subject:
    """A balance's fields."""
    texts = {"underlying": holding.underlying, "account": holding.account, "venue": holding.venue, "symbol": holding.asset}
    return Subject(texts, {"notional": holding.value_usd, "age": holding.age_seconds})


def parse(expression: str) -> Test | None:
    """One test for the whole expression, None for an empty one; raises FilterError."""
    tests = [_term(term) for term in expression.casefold().split()]
    if not tests:
        return None
    return lambda subject: all(test(subject) for test in tests)


def _term(term: str) -> Test:
    if term.startswith("!"):
        if len(term) == 1:
            raise FilterError("“!” needs a term after it, as in !ok")
        inner = _term(term[1:])
        return lambda subject: not inner(subject)
    if term in SEVERITIES:
        return lambda subject: subject.severity == term
    match = _TERM.fullmatch(term)
    if match is None or (match["op"] == ":" and match["field"] not in (*TEXT_FIELDS, *NUMBER_FIELDS)):
        return lambda subject: any(term in value.casefold() for value in subject.texts.values())
    return (
        _text_term(match["field"], match["value"]) if match["op"] == ":" else _number_term(*match.group("field", "op", "value"))
    )


def _text_term(name: str, value: str) -> Test:
    if name not in TEXT_FIELDS:
        raise FilterError(f"“{name}:” needs a comparison, as in {name}>=4")
    return lambda subject: value in subject.texts.get(name, "").casefold()


def _number_term(name: str, op: str, value: str) -> Test:
    if name not in NUMBER_FIELDS:
        wanted = f"is text: use {name}:{value}" if name in TEXT_FIELDS else f"is no number here: use {', '.join(NUMBER_FIELDS)}"
        raise FilterError(f"“{name}” {wanted}")
    try:
        bound = float(value.removesuffix("%")) / (100 if value.endswith("%") else 1)
    except ValueError:
        raise FilterError(f"“{value}” is no number in {name}{op}{value}") from None
    compare = _COMPARE[op]

    def test(subject: Subject) -> bool:
        number = subject.numbers.get(name)
        return number is not None and compare(number, bound)

    return test
