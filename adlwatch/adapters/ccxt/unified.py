"""Any other venue ccxt knows, through its unified methods: positions, marks and balances, and it says what it cannot tell.

The allow list is exact here too: the GET endpoints that ccxt's own reading methods name, found in their code; nothing else.
"""

import json
from collections.abc import Iterator, Mapping
from types import CodeType
from typing import Any

from adlwatch.adapters.base import BadPayload
from adlwatch.adapters.ccxt.errors import by_status
from adlwatch.adapters.ccxt.guard import Answer, Guard
from adlwatch.adapters.ccxt.venue import Endpoint, Meter

READING = ("fetch_markets", "fetch_positions", "fetch_balance", "fetch_time")
INSTRUCTIONS = (
    "create",
    "cancel",
    "withdraw",
    "transfer",
    "buy",
    "sell",
    "approve",
    "borrow",
    "repay",
    "edit",
    "amend",
    "set-",
    "switch",
)
DELAY = 0.05
"""Seconds between two looks of ccxt's throttler at its queue; its own 1 ms burns a core."""


def reading_endpoints(cls: type[Any], entry: type[Any]) -> tuple[Endpoint, ...]:
    """GET endpoints named in the code of `cls`'s reading methods and of what they call; `entry` is ccxt's descriptor type."""
    meter = Meter(f"{cls.__name__} ip", 600)
    named: dict[tuple[tuple[str, ...], str], Endpoint] = {}
    for name in _names(cls):
        found = next((vars(base)[name] for base in cls.__mro__ if name in vars(base)), None)
        if isinstance(found, entry) and found.method == "GET" and not _instructs(found.path):
            group = tuple(found.api)
            named[group, found.path] = Endpoint(group, "GET", found.path, meter)
    return tuple(named[key] for key in sorted(named))


def _instructs(path: str) -> bool:
    return any(word in path.lower() for word in INSTRUCTIONS)


def _names(cls: type[Any]) -> list[str]:
    """Every attribute name in the code of the reading methods, and of the `fetch_` and `is_` methods those name."""
    seen: dict[str, None] = {}
    todo = list(READING)
    while todo:
        name = todo.pop()
        method = getattr(cls, name, None)
        code = getattr(method, "__code__", None)
        for used in _code_names(code) if code else ():
            if used not in seen:
                seen[used] = None
                todo += [used] if used.startswith(("fetch_", "is_")) else []
    return list(seen)


def _code_names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _code_names(constant)


class Parsed(Guard):
    """The guard for ccxt's own parsers: replies are decoded for them, and a broken one is an error before they see it."""

    async def fetch(self, url: str, method: str = "GET", headers: Any = None, body: Any = None) -> Any:
        """The decoded reply; ccxt's parsers would take a broken 200 for an empty account."""
        answer: Answer = await super().fetch(url, method, headers, body)
        if error := by_status(answer, type(self).__name__):
            raise error
        document = decoded(answer, type(self).__name__)
        text = answer.body.decode("utf-8", "replace")
        self.handle_errors(answer.status, "", url, method, dict(answer.headers), text, document, {}, None)  # type: ignore[attr-defined]  # ccxt's
        if answer.status != 200:
            raise BadPayload(f"{type(self).__name__}: HTTP {answer.status}")
        return document


def decoded(answer: Answer, where: str) -> Any:
    """JSON that holds something: an object or list that is not null; an empty object says nothing."""
    try:
        document = json.loads(answer.body)
    except ValueError:
        raise BadPayload(f"{where}: not JSON") from None
    if not isinstance(document, dict | list) or document == {}:
        raise BadPayload(f"{where}: an answer without content")
    return document


def guarded(cls: type[Any], entry: type[Any], config: Mapping[str, Any]) -> Any:
    """An instance of `cls` that can read and nothing else."""
    allowed = frozenset((e.group, e.method, e.path) for e in reading_endpoints(cls, entry))
    exchange = type(f"ReadOnly_{cls.__name__}", (Parsed, cls), {"allowed": allowed})(
        {**config, "enableRateLimit": True, "tokenBucket": {"delay": DELAY}}
    )
    exchange.has["fetchCurrencies"] = False
    return exchange
