"""Every way a call can fail, translated once: by HTTP status first, then by ccxt's reading of the error body."""

import json
from collections.abc import Callable
from typing import Any

from adlwatch.adapters.base import BadPayload, RateLimited, Refused, Retry, SourceError, Unsupported
from adlwatch.adapters.ccxt.guard import Answer
from adlwatch.adapters.http import retry_after
from adlwatch.credentials import redact

LONGEST = 240


class ClockSkew(Retry):
    """The venue says our time is wrong: measure and try again."""


class Banned(RateLimited):
    """The address as a whole was told to stay away."""


def one_line(text: str) -> str:
    """Redacted, without control characters, cut to a length a screen can show."""
    line = " ".join("".join(c if c.isprintable() else " " for c in redact(text)).split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def by_status(answer: Answer, where: str) -> SourceError | None:
    """What a status alone says for certain; None where the body must be asked."""
    status = answer.status
    if status in (418, 429):
        kind = Banned if status == 418 else RateLimited
        return kind(f"{where}: HTTP {status}, too many requests", retry_after=_wait(answer))
    if 300 <= status < 400:
        return BadPayload(f"{where}: HTTP {status}, a redirect, which is never followed")
    if status == 451:
        return Unsupported(f"{where}: HTTP 451, the venue does not serve this location")
    if status >= 500:
        return Retry(f"{where}: HTTP {status}", retry_after=_wait(answer))
    return None


def by_body(exchange: Any, answer: Answer, where: str) -> SourceError:
    """What ccxt makes of an error body; a body it can't read is judged by its status."""
    text = answer.body.decode("utf-8", "replace")
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    try:
        exchange.handle_errors(answer.status, "", "", "GET", dict(answer.headers), text, document, {}, None)
    except Exception as error:  # noqa: BLE001 -- whatever ccxt raises is an error body it understood, or failed at
        return by_class(error, answer, f"{where}: {one_line(str(error))}")
    return _unread(answer, f"{where}: HTTP {answer.status}: {one_line(text)}")


def _unread(answer: Answer, line: str) -> SourceError:
    kinds: dict[int, Callable[..., SourceError]] = {400: Unsupported, 401: Refused, 403: Banned, 404: Unsupported}
    kind = kinds.get(answer.status, Retry)
    return kind(line, retry_after=_wait(answer) if kind is Banned else None)


_KINDS: tuple[tuple[str, Callable[..., SourceError]], ...] = (
    ("InvalidNonce", ClockSkew),
    ("RateLimitExceeded", RateLimited),
    ("DDoSProtection", RateLimited),
    ("AuthenticationError", Refused),
    ("NetworkError", Retry),
    ("NotSupported", Unsupported),
    ("BadRequest", Unsupported),
)
"""By name, so that this module needs no ccxt; the first that is in the error's ancestry decides."""


def by_class(error: Exception, answer: Answer, line: str) -> SourceError:
    """What to do about one of ccxt's errors. A plain ExchangeError says nothing: then the status decides."""
    ancestry = {cls.__name__ for cls in type(error).__mro__}
    for name, kind in _KINDS:
        if name in ancestry:
            return kind(line, retry_after=_wait(answer) if kind is RateLimited else None)
    return Refused(line) if answer.status in (401, 403) else Retry(line)


def _wait(answer: Answer) -> float | None:
    return retry_after(answer.headers.get("retry-after"))
