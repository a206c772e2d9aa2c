"""One fetch, with a deadline, that always ends in a `Reading` or a `Failure`."""

import asyncio
import logging
from contextlib import suppress

from adlwatch.adapters.base import Adapter, BadPayload, Refused, Retry, SourceError
from adlwatch.adapters.turn import TURN, Turn
from adlwatch.credentials import CredentialError, redact
from adlwatch.domain.reading import Failure, FailureKind, Reading
from adlwatch.engine.clock import Clock

logger = logging.getLogger(__name__)

NO_ANSWER = "no answer within"
"""How the failure reads that an adapter's own deadline makes."""


async def fetch(adapter: Adapter, clock: Clock, turn: Turn | None = None) -> Reading | Failure:
    """Ask the adapter once. Whatever it raises is an answer about the source, shown and logged; only cancellation passes.

    `turn`: where it stands among all that share its request budget; what it waits for there does not count as its time.
    """
    try:
        return _sound(await _in_time(adapter, clock, turn or Turn()), adapter)
    except SourceError as error:
        failure = _failure(adapter, clock, error)
    except CredentialError as error:
        failure = _failure(adapter, clock, Refused(str(error)))
    except TimeoutError:
        failure = _failure(adapter, clock, Retry(f"{NO_ANSWER} {adapter.timeout:g} s"))
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        # A library cancelled something of its own under the fetch. Passed on, it would end the poller without a word.
        failure = _failure(adapter, clock, Retry("the fetch was cancelled from within"))
    except Exception as error:
        logger.exception("%s: the %s adapter raised what it should not", adapter.id, adapter.kind)
        failure = _failure(adapter, clock, BadPayload(f"bug in the {adapter.kind} adapter, see the log: {error!r}"))
    logger.warning("%s: %s: %s", failure.source, failure.kind, failure.message)
    return failure


async def _in_time(adapter: Adapter, clock: Clock, turn: Turn) -> object:
    """What the adapter brings within its timeout. Raises `TimeoutError`, and whatever the adapter raises."""
    token = TURN.set(turn)
    fetching = asyncio.create_task(adapter.fetch())  # takes the turn with it
    TURN.reset(token)
    left, stood = adapter.timeout, 0.0
    try:
        while left > 0 and not fetching.done():
            with suppress(TimeoutError):
                async with clock.timeout(left):
                    await asyncio.wait({fetching})
            left, stood = turn.stood - stood, turn.stood
        if not fetching.done():
            raise TimeoutError
        return fetching.result()
    finally:
        turn.over = True
        fetching.cancel()
        await asyncio.gather(fetching, return_exceptions=True)


def _sound(answer: object, adapter: Adapter) -> Reading:
    """Refuse what would break the store: an adapter may be third-party code."""
    if not isinstance(answer, Reading):
        raise TypeError(f"fetch() returned {type(answer).__name__}, expected a Reading")
    if answer.source != adapter.id:
        raise ValueError(f"the reading names source {answer.source!r}")
    if answer.as_of.utcoffset() is None or answer.received_at.utcoffset() is None:
        raise ValueError("the reading's times have no time zone")
    return answer


def _failure(adapter: Adapter, clock: Clock, error: SourceError) -> Failure:
    line = " ".join(redact(str(error)).split()) or "no reason given"
    kind: FailureKind = error.kind
    return Failure(source=adapter.id, kind=kind, message=line, at=clock.now(), retry_after=error.retry_after)
