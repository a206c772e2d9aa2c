"""The filter language of `/`: words that must all hold.

    btc            name, underlying, account, venue, symbol or source contains it
    !ok            not; before any other term as well
    warning        a severity by its word (ok watch warning critical blind)
    venue:bybit    one field contains it: name underlying account venue symbol side kind source margin stress shield
    light>=4       a number compared, with < <= > >= =: light score naked notional pnl next liq age and every other column
    naked>50k      k, m and b; per cent, as in liq<10%; s, m, h and d for times, as in age>2m and liqin<4h

A hedge is kept when it, or one of its legs, meets every term. Unknown numbers meet no comparison.
"""

import difflib
import math
import operator
import re
from collections.abc import Callable

from adlwatch.domain.snapshot import Severity
from adlwatch.strict import nearest
from adlwatch.tui.fields import NUMBER_NAMES, TEXT_NAMES, Subject

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
    "=": operator.eq,
}
_TERM = re.compile(r"(?P<field>[a-z]+)(?P<op><=|>=|<|>|=|:)(?P<value>.*)")
_AMOUNTS = {"%": 0.01, "k": 1e3, "m": 1e6, "b": 1e9}
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}
_TIMES = {"age": 1.0, "nextin": 60.0, "liqin": 60.0}
"""Fields that are times, with the seconds of their unit."""
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
    if match is None or not _is_field(match["field"], match["op"]):
        return lambda subject: any(term in value.casefold() for value in subject.texts())
    if not match["value"]:
        raise FilterError(f"“{term}” needs something to compare with")
    return (
        _text_term(match["field"], match["value"]) if match["op"] == ":" else _number_term(*match.group("field", "op", "value"))
    )


def _is_field(name: str, op: str) -> bool:
    """Whether that is meant as a field: a colon also stands in symbols. One that is nearly a field is refused."""
    if op != ":" or name in (*TEXT_NAMES, *NUMBER_NAMES):
        return True
    if near := difflib.get_close_matches(name, TEXT_NAMES, n=1, cutoff=0.75):
        raise FilterError(f"“{name}:” is no field; did you mean {near[0]}:")
    return False


def _text_term(name: str, value: str) -> Test:
    if name not in TEXT_NAMES:
        raise FilterError(f"“{name}:” needs a comparison, as in {name}>=4")
    return lambda subject: any(value in text.casefold() for text in subject.text(name))


def _number_term(name: str, op: str, value: str) -> Test:
    if name not in NUMBER_NAMES:
        wanted = f"is text: use {name}:{value}" if name in TEXT_NAMES else f"is no number{nearest(name, NUMBER_NAMES)}"
        raise FilterError(f"“{name}” {wanted}")
    bound, compare = _number(name, value), _COMPARE[op]

    def test(subject: Subject) -> bool:
        number = subject.number(name)
        return number is not None and compare(number, bound)

    return test


def _number(name: str, value: str) -> float:
    scales = {unit: seconds / _TIMES[name] for unit, seconds in _SECONDS.items()} if name in _TIMES else _AMOUNTS
    scale = scales.get(value[-1:])
    try:
        number = float(value if scale is None else value[:-1]) * (1.0 if scale is None else scale)
    except ValueError:
        raise FilterError(
            f"“{value}” is no number for {name}: such as {'90 2m 4h' if name in _TIMES else '4 1.5 50k 10%'}"
        ) from None
    if not math.isfinite(number):
        raise FilterError(f"“{value}” is no number for {name}")
    return number
