from datetime import UTC, datetime, timedelta

from adlwatch.domain.model import Fill, FillKind, Position, Side
from adlwatch.domain.reading import Failure, FailureKind, Reading, SourceState
from adlwatch.store.states import OLDER_NOTE, OLDER_TAKEN_AFTER, LastKnown

START = datetime(2026, 11, 22, 12, tzinfo=UTC)
SHORT = Position(account="a", venue="v", symbol="BTC", side=Side.SHORT, size=1.0, entry_price=10.0)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def reading(seconds: float, *, received: float | None = None, positions: tuple[Position, ...] = (), fills: str = "") -> Reading:
    return Reading(
        source="a",
        as_of=at(seconds),
        received_at=at(seconds if received is None else received),
        positions=positions,
        fills=tuple(fill(id_) for id_ in fills),
        notes=("no spot balances",),
    )


def fill(id_: str) -> Fill:
    return Fill(id=id_, account="a", venue="v", symbol="BTC", side=Side.SHORT, size=1.0, price=9.0, time=START, kind=FillKind.ADL)


def store(*readings: Reading) -> LastKnown:
    known = LastKnown([SourceState(id="a", kind="fake", interval=2.0), SourceState(id="b", kind="fake", interval=2.0)])
    for each in readings:
        known.apply_reading(each, latency=0.1, next_attempt_at=None)
    return known


def failure(seconds: float) -> Failure:
    return Failure(source="a", kind=FailureKind.RETRY, message="HTTP 502", at=at(seconds))


def test_a_failure_keeps_positions_and_counts() -> None:
    known = store(reading(0, positions=(SHORT,)))
    known.apply_failure(failure(2), next_attempt_at=at(4))
    known.apply_failure(failure(4), next_attempt_at=at(8))
    state = known["a"]
    assert state.reading is not None
    assert state.reading.positions == (SHORT,)
    assert (state.failures, state.failure, state.attempted_at, state.next_attempt_at) == (2, failure(4), at(4), at(8))


def test_a_reading_clears_the_failures_before_it() -> None:
    known = store()
    known.apply_failure(failure(2), next_attempt_at=None)
    known.apply_reading(reading(4), latency=0.3, next_attempt_at=at(6))
    assert (known["a"].failures, known["a"].failure, known["a"].latency) == (0, None, 0.3)


def test_an_empty_reading_is_an_answer_and_replaces_positions() -> None:
    known = store(reading(0, positions=(SHORT,)), reading(2))
    assert known["a"].reading == reading(2)


def test_who_holds_a_state_keeps_what_it_saw() -> None:
    known = store(reading(0, positions=(SHORT,)))
    seen = known.all()
    known.apply_reading(reading(2), latency=0.1, next_attempt_at=None)
    known.apply_failure(failure(4), next_attempt_at=None)
    assert seen[0].reading == reading(0, positions=(SHORT,))
    assert (seen[0].failure, seen[0].failures) == (None, 0)


def test_one_source_does_not_touch_another() -> None:
    known = store(reading(0))
    assert known["b"].reading is None
    assert [state.id for state in known.all()] == ["a", "b"]


def test_an_answer_older_than_the_last_does_not_turn_time_back_and_is_noted() -> None:
    known = store(reading(10, positions=(SHORT,)), reading(4, received=12))
    kept = known["a"].reading
    assert kept is not None
    assert (kept.as_of, kept.positions) == (at(10), (SHORT,))
    assert kept.notes == ("no spot balances", f"{OLDER_NOTE} (0:00:06 behind).")
    assert known["a"].attempted_at == at(12)


def test_notes_of_older_answers_do_not_pile_up_and_go_with_a_newer_one() -> None:
    known = store(reading(10), reading(4, received=12), reading(5, received=14))
    kept = known["a"].reading
    assert kept is not None
    assert len(kept.notes) == 2
    known.apply_reading(reading(16), latency=0.1, next_attempt_at=None)
    assert known["a"].reading == reading(16)


def test_a_source_that_insists_on_an_older_time_is_believed() -> None:
    older = [reading(seconds, received=12 + seconds) for seconds in range(4, 4 + OLDER_TAKEN_AFTER)]
    known = store(reading(10), *older[:-1])
    assert known["a"].reading != older[-1]
    known.apply_reading(older[-1], latency=0.1, next_attempt_at=None)
    assert known["a"].reading == older[-1]


def test_a_single_older_answer_among_good_ones_never_adds_up() -> None:
    known = store()
    for seconds in range(10, 100, 10):
        known.apply_reading(reading(seconds), latency=0.1, next_attempt_at=None)
        known.apply_reading(reading(seconds - 5, received=seconds + 1), latency=0.1, next_attempt_at=None)
        kept = known["a"].reading
        assert kept is not None
        assert kept.as_of == at(seconds)


def test_a_venue_clock_ahead_of_ours_does_not_lock_out_later_answers() -> None:
    known = store(reading(3600, received=0), reading(2))
    assert known["a"].reading == reading(2)


def test_fills_of_an_older_answer_are_not_lost() -> None:
    known = store(reading(10, fills="pq"), reading(4, received=12, fills="qr"))
    kept = known["a"].reading
    assert kept is not None
    assert [each.id for each in kept.fills] == ["p", "q", "r"]
