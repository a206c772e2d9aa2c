"""The filter language of `/`: words that must all hold.

    btc            name, underlying, account, venue, symbol or source contains it
    !ok            not; before any other term as well
    warning        a severity by its word (ok watch warning critical blind)
    venue:bybit    one field contains it: name, underlying, account, venue, symbol, side, kind, source
    light>=4       a number compared: light score naked notional pnl next liq age, with < <= > >= =; liq<10% works as well

A hedge is kept when it, or one of its legs, meets every term. Unknown numbers meet no comparison.
"""

import operator
import re
from collections.abc import Callable

from adlwatch.domain.snapshot import Severity
from adlwatch.tui.fields import NUMBER_NAMES, TEXT_NAMES, Subject

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
    "=": operator.eq,
}
_TERM = re.compile(r"(?P<field>[a-z]+)(?P<op><=|>=|<|>|=|:)(?P<value>.+)")
SEVERITIES = frozenset(severity.value for severity in Severity)

Test = Callable[[Subject], bool]


class FilterError(ValueError):
    """A term that can't be read; the message names it and what would do."""


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
    if match is None or (match["op"] == ":" and match["field"] not in (*TEXT_NAMES, *NUMBER_NAMES)):
        return lambda subject: any(term in value.casefold() for value in subject.texts())
    return (
        _text_term(match["field"], match["value"]) if match["op"] == ":" else _number_term(*match.group("field", "op", "value"))
    )


def _text_term(name: str, value: str) -> Test:
    if name not in TEXT_NAMES:
        raise FilterError(f"“{name}:” needs a comparison, as in {name}>=4")
    return lambda subject: any(value in text.casefold() for text in subject.text(name))


def _number_term(name: str, op: str, value: str) -> Test:
    if name not in NUMBER_NAMES:
        wanted = f"is text: use {name}:{value}" if name in TEXT_NAMES else f"is no number here: use {', '.join(NUMBER_NAMES)}"
        raise FilterError(f"“{name}” {wanted}")
    try:
        bound = float(value.removesuffix("%")) / (100 if value.endswith("%") else 1)
    except ValueError:
        raise FilterError(f"“{value}” is no number in {name}{op}{value}") from None
    compare = _COMPARE[op]

    def test(subject: Subject) -> bool:
        number = subject.number(name)
        return number is not None and compare(number, bound)

    return test
