"""Read-only by construction: a subclass of ccxt's class that lets nothing out but an exact list of endpoints.

ccxt can write while it reads (`load_markets()` of some DEX classes signs approvals; Deribit trades by GET), so neither the HTTP
method nor our own good intentions are a guard. Every implicit method of ccxt ends in `request()`: there the API group, the
method and the path template must be on the list *before anything is signed*. `fetch()` sends only inside such a call, once.
ccxt's own HTTP session is never opened, so what goes round both has nothing to send with; websockets are refused.
"""

import logging
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, ClassVar

from adlwatch.adapters.base import Unsupported
from adlwatch.adapters.ccxt.venue import Endpoint

log = logging.getLogger(__name__)
violations: Counter[str] = Counter()
"""Calls refused since the start, by ccxt class; anything but zero is a fault of ours."""

_SAFE_VALUE = re.compile(r"[A-Za-z0-9_\-]+(?:\.[A-Za-z0-9_\-]+)*")
_PATH_NAMES = re.compile(r"\{([\w-]+)\}")


class Violation(Unsupported):
    """Something tried to leave that is not on the allow list; nothing was sent."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP reply as it came."""

    status: int
    headers: Mapping[str, str]
    body: bytes


Door = Callable[[str, str, Mapping[str, str], bytes | None], Awaitable[Answer]]
"""(URL, method, headers, body) → the answer: the one way out."""


@dataclass(slots=True)
class _Permit:
    method: str
    spent: bool = False


_permit: ContextVar[_Permit | None] = ContextVar("adlwatch_ccxt_permit", default=None)


def _refuse(exchange: str, what: str) -> Violation:
    violations[exchange] += 1
    log.error("refused: %s tried %s; nothing was sent", exchange, what)
    return Violation(f"{exchange}: {what} is not on the read-only list; nothing was sent")


class Guard:
    """Mixed in before ccxt's class by `read_only`."""

    allowed: ClassVar[frozenset[tuple[tuple[str, ...], str, str]]] = frozenset()
    door: Door | None = None
    ahead: float = 0.0
    """Seconds the venue's clock is ahead of ours; every signature's time is corrected by it."""

    async def request(
        self, path: str, api: Any = ("public",), method: str = "GET", params: Any = None, config: Any = None
    ) -> Any:
        """Every implicit method ends here: check, then let ccxt sign and send."""
        group = (api,) if isinstance(api, str) else tuple(api)
        if (group, method, path) not in self.allowed:
            raise _refuse(type(self).__name__, f"{method} {'/'.join(group)}/{path}")
        self._check_path(path, params or {})
        token = _permit.set(_Permit(method))
        try:
            return await super().request(path, api, method, params or {}, config or {})  # type: ignore[misc]  # ccxt's class follows
        finally:
            _permit.reset(token)

    def _check_path(self, path: str, params: Any) -> None:
        """A value put into the path must not change which endpoint it is."""
        for name in _PATH_NAMES.findall(path):
            value = params.get(name) if isinstance(params, Mapping) else None
            if not isinstance(value, str | int) or not _SAFE_VALUE.fullmatch(str(value)):
                raise _refuse(type(self).__name__, f"{path} with {name}={value!r}")

    async def fetch(self, url: str, method: str = "GET", headers: Any = None, body: Any = None) -> Any:
        """Send once within a permitted request, never otherwise."""
        permit = _permit.get()
        if permit is None or permit.spent or permit.method != method or self.door is None:
            raise _refuse(type(self).__name__, f"a bare {method} fetch")
        permit.spent = True
        payload = body.encode() if isinstance(body, str) else body
        return await self.door(url, method, self.prepare_request_headers(headers), payload)  # type: ignore[attr-defined]  # ccxt's

    def open(self, lazy: Any = False) -> None:  # noqa: FBT002 - ccxt's signature
        """Ccxt's own session stays closed."""

    def client(self, url: str) -> Any:
        """No websockets through ccxt."""
        raise _refuse(type(self).__name__, f"a websocket to {url}")

    async def watch(self, url: str, *_: Any, **__: Any) -> Any:
        """No websockets through ccxt."""
        raise _refuse(type(self).__name__, f"a websocket to {url}")

    async def watch_multiple(self, url: str, *_: Any, **__: Any) -> Any:
        """No websockets through ccxt."""
        raise _refuse(type(self).__name__, f"websockets to {url}")

    def milliseconds(self) -> int:
        """The venue's time, as far as measured, in ms."""
        return int((time.time() + self.ahead) * 1_000)

    def microseconds(self) -> int:
        """The venue's time in µs."""
        return int((time.time() + self.ahead) * 1_000_000)

    def seconds(self) -> int:
        """The venue's time in s."""
        return int(time.time() + self.ahead)


def read_only(cls: type[Any], allow: Iterable[Endpoint]) -> Any:
    """A subclass of ccxt's `cls` which can call `allow` and nothing else."""
    allowed = frozenset((e.group, e.method, e.path) for e in allow)
    return type(f"ReadOnly_{cls.__name__}", (Guard, cls), {"allowed": allowed})
