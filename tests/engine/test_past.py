from datetime import UTC, datetime, timedelta

from adlwatch.domain.model import Market, Pool
from adlwatch.domain.reading import Reading
from adlwatch.engine.past import Past

START = datetime(2026, 11, 22, 12, tzinfo=UTC)


def reading(
    seconds: float, balance: float | None = 1.0, funding: float | None = 0.0001, interest: float | None = 10.0
) -> Reading:
    at = START + timedelta(seconds=seconds)
    return Reading(
        source="s",
        as_of=at,
        received_at=at,
        pools=(Pool(venue="v", name="p", balance=balance),),
        markets=(Market(venue="v", symbol="m", funding_rate=funding, open_interest=interest, as_of=at),),
    )


def test_balances_and_interest_are_kept_by_the_minute_and_funding_by_the_hour() -> None:
    past = Past()
    for second in range(0, 7_260, 20):
        past.hear(reading(second))
    seen = past.histories
    assert [len(series[key]) for series, key in ((seen.balances, ("v", "p")), (seen.open_interest, ("v", "m")))] == [121, 121]
    assert [time for time, _ in seen.funding["v", "m"]] == [START + timedelta(hours=h) for h in range(3)]


def test_nothing_is_kept_longer_than_it_is_asked_for() -> None:
    past = Past()
    for hour in range(12):
        past.hear(reading(hour * 3_600))
    assert past.histories.balances["v", "p"][0][0] == START + timedelta(hours=3)


def test_what_is_unknown_is_not_noted() -> None:
    past = Past()
    past.hear(reading(0, balance=None, funding=None, interest=None))
    assert not past.histories.balances
    assert not past.histories.funding


def test_what_was_given_out_stays_as_it_was() -> None:
    past = Past()
    past.hear(reading(0))
    before = past.histories
    past.hear(reading(600, balance=0.5))
    assert [value for _, value in before.balances["v", "p"]] == [1.0]
    assert [value for _, value in past.histories.balances["v", "p"]] == [1.0, 0.5]
