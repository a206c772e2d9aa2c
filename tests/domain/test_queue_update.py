from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from adlwatch.domain.model import Account, Candle, MarginMode, Market, Position, Side, VenueLight
from adlwatch.domain.queue import QueueKey
from adlwatch.domain.queue_update import REBUILDS, Queues, stamp, update
from adlwatch.domain.reading import Reading, SourceState
from adlwatch.domain.settings import Settings
from adlwatch.venues import profiles

NOW = datetime(2026, 1, 10, tzinfo=UTC)
SETTINGS = Settings(profiles=profiles())
SYMBOL = "BTC/USDT:USDT"
KEY = QueueKey("binance", SYMBOL, Side.SHORT)
CANDLES = tuple(Candle(NOW - timedelta(hours=h), 100.0, 103.0, 97.0, 100.0 + h % 7 - 3, 50.0) for h in range(200, 0, -1))
MARKET = Market(
    venue="binance", symbol=SYMBOL, mark_price=100.0, open_interest=500.0, volume_24h=1200.0, candles=CANDLES, as_of=NOW
)
POSITION = Position(
    account="a",
    venue="binance",
    symbol=SYMBOL,
    side=Side.SHORT,
    size=1.0,
    entry_price=105.0,
    mark_price=100.0,
    margin_mode=MarginMode.CROSS,
)
ACCOUNT = Account(id="a", venue="binance", equity=50.0, wallet=45.0)


def sources(
    *positions: Position, seconds: float = 0.0, account: Account = ACCOUNT, market: Market | None = MARKET
) -> tuple[SourceState, ...]:
    """One source whose answer is of so many seconds after `NOW`."""
    at = NOW + timedelta(seconds=seconds)
    markets = () if market is None else (replace(market, as_of=at),)
    reading = Reading(source="s", as_of=at, received_at=at, accounts=(account,), positions=positions, markets=markets)
    return (SourceState(id="s", kind="book", interval=1.0, reading=reading),)


def shown(raw: int | None, seconds: float | None = None) -> Position:
    """The position with the venue's light, worked out so many seconds after `NOW` (None: the venue does not say)."""
    as_of = None if seconds is None else NOW + timedelta(seconds=seconds)
    return replace(POSITION, venue_light=VenueLight(raw, as_of))


def after(*steps: tuple[float, Position]) -> Queues:
    """The queues after each of these answers, (seconds after `NOW`, position)."""
    queues = Queues()
    for seconds, position in steps:
        queues = update(queues, sources(position, seconds=seconds), SETTINGS, NOW + timedelta(seconds=seconds))
    return queues


def learned(queues: Queues) -> int:
    return len(queues.by_key[KEY].evidence)


def learned_of(queues: Queues) -> list[float]:
    """Moments that the lights learned describe, seconds after `NOW`."""
    return [(each.described_at - NOW).total_seconds() for each in queues.by_key[KEY].evidence]


def test_a_position_at_a_ranking_venue_gets_a_queue_with_the_profiles_rule() -> None:
    queue = after((0, POSITION)).by_key[KEY]
    assert (queue.rule, queue.built_at) == ("binance-2025", NOW)


@pytest.mark.parametrize("venue", ["deribit", "nowhere"])
def test_a_venue_that_does_not_rank_or_is_not_known_has_no_queue(venue: str) -> None:
    assert not after((0, replace(POSITION, venue=venue))).by_key


def test_without_a_market_there_is_no_queue() -> None:
    assert not update(Queues(), sources(POSITION, market=None), SETTINGS, NOW).by_key


def test_a_queue_is_rebuilt_only_when_its_market_has_moved_on() -> None:
    first = after((0, POSITION))
    later = NOW + timedelta(seconds=60)

    def again(market: Market) -> bool:
        return update(first, sources(POSITION, seconds=60, market=market), SETTINGS, later).by_key[KEY] is not first.by_key[KEY]

    assert not again(MARKET)
    assert not again(replace(MARKET, mark_price=90.0, open_interest=500.01))
    assert again(replace(MARKET, open_interest=550.0))
    assert again(replace(MARKET, candles=(*CANDLES, Candle(NOW, 100.0, 101.0, 99.0, 100.0, 5.0))))
    assert again(replace(MARKET, candles=(*CANDLES[:-1], replace(CANDLES[-1], low=80.0))))


def test_those_who_leave_in_a_run_leave_the_front_and_those_behind_move_up() -> None:
    fallen = replace(MARKET, mark_price=80.0)
    calm = update(Queues(), sources(POSITION), SETTINGS, NOW)
    taken = update(calm, sources(POSITION, market=replace(fallen, open_interest=400.0)), SETTINGS, NOW)
    passed_on = update(calm, sources(POSITION, market=fallen), SETTINGS, NOW)
    ((_, mark, share),) = taken.shores[KEY].takings
    assert mark == 80.0
    assert share == pytest.approx(0.2)
    assert not passed_on.shores[KEY].takings
    score = 0.3
    assert float(taken.by_key[KEY].place(score, 80.0)) > float(passed_on.by_key[KEY].place(score, 80.0)) + 0.02


def test_a_stamp_survives_what_a_venue_may_send() -> None:
    assert stamp(replace(MARKET, open_interest=None, candles=())) == (0, 0, None)
    assert stamp(replace(MARKET, open_interest=-1.0, candles=(replace(CANDLES[0], low=0.0),)))[2:] == (None, 232, 0, None)


def test_what_was_learned_survives_a_rebuild() -> None:
    queues = after((0, shown(3, 0)))
    rebuilt = update(queues, sources(shown(3, 0), market=replace(MARKET, open_interest=900.0)), SETTINGS, NOW)
    assert rebuilt.by_key[KEY] is not queues.by_key[KEY]
    assert learned(rebuilt) == 1


def test_a_light_is_learned_once() -> None:
    first = after((0, shown(3, 0)))
    again = after((0, shown(3, 0)), (5, shown(3, 0)), (29, shown(3, 20)))
    assert learned_of(first) == learned_of(again) == [0.0]
    assert first.learned == again.learned
    assert learned_of(after((0, shown(3, 0)), (31, shown(3, 30)))) == [30.0]


def test_a_change_of_level_is_learned_at_once() -> None:
    assert learned(after((0, shown(3, 0)), (5, shown(4, 5)))) == 2


def test_a_light_without_a_time_is_taken_for_half_a_refresh_old() -> None:
    assert learned_of(after((0, shown(3)), (10, shown(3)))) == [-15.0]
    assert learned_of(after((0, shown(3)), (30, shown(3)))) == [15.0]


@pytest.mark.parametrize("position", [POSITION, shown(None, 0), shown(77, 0)])
def test_no_light_or_an_unreadable_one_teaches_nothing(position: Position) -> None:
    assert learned(after((0, position))) == 0


def test_a_light_meets_the_score_of_the_moment_it_describes() -> None:
    """The mark has moved since the venue worked its light out."""
    queues = update(Queues(), sources(POSITION), SETTINGS, NOW)
    moved = replace(MARKET, mark_price=95.0)
    later = sources(replace(shown(3, 1), mark_price=None), seconds=25, market=moved)
    queues = update(queues, later, SETTINGS, NOW + timedelta(seconds=25))
    assert [point.mark for point in queues.trails[POSITION.key]] == [100.0, 95.0]
    (evidence,) = queues.by_key[KEY].evidence
    assert evidence.log_mark == pytest.approx(4.60517, abs=1e-5)


def test_a_trail_is_short_and_not_too_dense() -> None:
    queues = after(*((float(s), POSITION) for s in range(0, 200, 1)))
    trail = queues.trails[POSITION.key]
    assert 40 <= len(trail) <= 46
    assert 80 <= (trail[-1].time - trail[0].time).total_seconds() <= 90


def test_without_a_score_there_is_no_trail_and_nothing_to_learn() -> None:
    blind = sources(shown(3, 0), account=replace(ACCOUNT, equity=None, wallet=None))
    queues = update(Queues(), blind, SETTINGS, NOW)
    assert queues.trails[POSITION.key] == ()
    assert learned(queues) == 0


def test_a_delta_neutral_account_teaches_nothing() -> None:
    shielded = sources(shown(0, 0), account=replace(ACCOUNT, delta_neutral_mode=True))
    assert learned(update(Queues(), shielded, SETTINGS, NOW)) == 0


def test_a_closed_position_takes_its_queue_and_its_memory_with_it() -> None:
    queues = update(after((0, shown(3, 0))), sources(), SETTINGS, NOW)
    assert (dict(queues.by_key), dict(queues.trails), dict(queues.learned)) == ({}, {}, {})


def test_many_queues_are_built_a_few_at_a_time() -> None:
    symbols = [f"C{i}/USDT:USDT" for i in range(2 * REBUILDS + 1)]
    positions = tuple(replace(shown(3, 0), symbol=symbol) for symbol in symbols)
    reading = Reading(
        source="s",
        as_of=NOW,
        received_at=NOW,
        accounts=(ACCOUNT,),
        positions=positions,
        markets=tuple(replace(MARKET, symbol=symbol) for symbol in symbols),
    )
    state = SourceState(id="s", kind="book", interval=1.0, reading=reading)
    queues, counts = Queues(), []
    for _ in range(3):
        queues = update(queues, (state,), SETTINGS, NOW)
        counts.append(len(queues.by_key))
    assert counts == [REBUILDS, 2 * REBUILDS, 2 * REBUILDS + 1]
    assert all(len(queue.evidence) == 1 for queue in queues.by_key.values())


def test_many_queues_learn_a_few_at_a_time_and_none_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adlwatch.domain.queue_update.LESSONS", 1)
    positions = tuple(replace(shown(3, 0), symbol=f"C{i}/USDT:USDT") for i in range(3))
    markets = tuple(replace(MARKET, symbol=position.symbol) for position in positions)
    reading = Reading(source="s", as_of=NOW, received_at=NOW, accounts=(ACCOUNT,), positions=positions, markets=markets)
    state = SourceState(id="s", kind="book", interval=1.0, reading=reading)
    queues, taught = Queues(), []
    for _ in range(4):
        queues = update(queues, (state,), SETTINGS, NOW)
        taught.append(sum(queue.taught_at is not None for queue in queues.by_key.values()))
    assert taught == [1, 2, 3, 3]


def test_open_interest_is_remembered_by_the_hour_and_used_where_the_venue_tells_no_history() -> None:
    hours = 3600.0
    queues = after(*((h * hours, POSITION) for h in (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)))
    assert [(time - NOW).total_seconds() / hours for time, _ in queues.interest["binance", SYMBOL]] == [0.0, 1.0, 2.0, 4.0, 8.0]
    assert "growth of open interest" in queues.by_key[KEY].step
    assert not after((400 * hours, POSITION)).interest["binance", SYMBOL][1:]


def test_open_interest_is_forgotten_after_a_fortnight_and_nothing_unknown_is_remembered() -> None:
    queues = after((0.0, POSITION), (15 * 86400.0, POSITION))
    assert [time for time, _ in queues.interest["binance", SYMBOL]] == [NOW + timedelta(days=15)]
    unknown = update(Queues(), sources(POSITION, market=replace(MARKET, open_interest=None)), SETTINGS, NOW)
    assert unknown.interest["binance", SYMBOL] == ()
    assert update(Queues(), sources(POSITION, market=None), SETTINGS, NOW).interest == {}


def test_the_venues_own_history_of_open_interest_comes_first() -> None:
    own = tuple((NOW - timedelta(hours=h), 500.0) for h in (20, 10, 0))
    market = replace(MARKET, open_interest_history=own)
    queues = update(Queues(), sources(POSITION, market=market), SETTINGS, NOW)
    assert "growth of open interest" in queues.by_key[KEY].step
