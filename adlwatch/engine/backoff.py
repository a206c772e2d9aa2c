"""How long to wait after a failure."""

import math
from random import Random

from adlwatch.domain.reading import Failure, FailureKind

CAP = 60.0
"""Longest wait in seconds that doubling leads to: a venue that comes back is seen within a minute."""
HUMAN = 300.0
"""Seconds between attempts where only a human can help; hammering with refused credentials gets addresses banned."""
JITTER = 0.25
"""Waits are stretched by up to this share, so that sources which failed together do not return together."""
LONGEST_RETRY_AFTER = 86_400.0
"""A venue's own waiting time is believed up to a day."""

NEEDS_HUMAN = (FailureKind.CREDENTIALS, FailureKind.UNSUPPORTED)


def delay(failure: Failure, failures: int, interval: float, random: Random) -> float:
    """Seconds until the next attempt after that many failures in a row (at least 1); never shorter than the source's interval.

    Doubles from the interval up to `CAP`; never earlier than the venue's own retry-after.
    """
    doubled = interval * 2.0 ** min(failures - 1, 30)
    wait = max(interval, HUMAN if failure.kind in NEEDS_HUMAN else min(CAP, doubled))
    return max(wait, held_back(failure)) * (1 + random.uniform(0, JITTER))


def held_back(failure: Failure) -> float:
    """Seconds for which the venue forbids another attempt; 0 where it did not say or said nonsense."""
    asked = failure.retry_after
    if asked is None or math.isnan(asked):
        return 0.0
    return min(max(0.0, asked), LONGEST_RETRY_AFTER)
