from math import inf, nan
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adlwatch.domain.reading import Failure, FailureKind
from adlwatch.engine.backoff import CAP, HUMAN, JITTER, LONGEST_RETRY_AFTER, delay, held_back
from tests.engine.fakes import START


class Highest(Random):
    """Always the top of a range."""

    def uniform(self, a: float, b: float) -> float:
        return b


class Lowest(Random):
    """Always the bottom of a range."""

    def uniform(self, a: float, b: float) -> float:
        return a


def failed(kind: FailureKind = FailureKind.RETRY, retry_after: float | None = None) -> Failure:
    return Failure(source="a", kind=kind, message="x", at=START, retry_after=retry_after)


def test_waits_double_from_the_interval_up_to_the_cap() -> None:
    waits = [delay(failed(), failures, 2.0, Lowest()) for failures in range(1, 9)]
    assert waits == [2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0, 60.0]


def test_jitter_only_lengthens_and_by_a_known_share() -> None:
    assert delay(failed(), 1, 2.0, Highest()) == 2.0 * (1 + JITTER)
    assert delay(failed(), 50, 2.0, Highest()) == CAP * (1 + JITTER)


def test_sources_that_failed_together_come_back_apart() -> None:
    random = Random(7)
    assert len({delay(failed(), 3, 2.0, random) for _ in range(10)}) == 10


def test_the_same_seed_gives_the_same_waits() -> None:
    assert delay(failed(), 3, 2.0, Random(7)) == delay(failed(), 3, 2.0, Random(7))


def test_a_slow_source_is_never_asked_more_often_because_it_fails() -> None:
    assert delay(failed(), 1, 600.0, Lowest()) == 600.0


def test_the_venues_own_wait_is_kept_even_above_the_cap() -> None:
    assert delay(failed(FailureKind.RATE_LIMITED, 300.0), 1, 2.0, Lowest()) == 300.0
    assert delay(failed(FailureKind.RATE_LIMITED, 300.0), 1, 2.0, Highest()) > 300.0


@pytest.mark.parametrize("kind", [FailureKind.CREDENTIALS, FailureKind.UNSUPPORTED])
def test_what_only_a_human_can_mend_is_not_hammered(kind: FailureKind) -> None:
    assert delay(failed(kind), 1, 2.0, Lowest()) == HUMAN


@pytest.mark.parametrize(("asked", "wait"), [(None, 0.0), (nan, 0.0), (-5.0, 0.0), (30.0, 30.0), (inf, LONGEST_RETRY_AFTER)])
def test_nonsense_from_a_venue_is_no_wait_and_no_wait_is_for_ever(asked: float | None, wait: float) -> None:
    assert held_back(failed(retry_after=asked)) == wait


@settings(max_examples=50)
@given(
    failures=st.integers(1, 100_000),
    interval=st.floats(0.1, 3600),
    retry_after=st.none() | st.floats(allow_nan=True, allow_infinity=True),
    kind=st.sampled_from(FailureKind),
)
def test_every_wait_is_finite_and_at_least_the_interval_and_the_venues(
    failures: int, interval: float, retry_after: float | None, kind: FailureKind
) -> None:
    failure = failed(kind, retry_after)
    wait = delay(failure, failures, interval, Random(1))
    assert max(interval, held_back(failure)) <= wait <= 2 * LONGEST_RETRY_AFTER
