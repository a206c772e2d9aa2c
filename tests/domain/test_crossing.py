"""The marks at which lights, liquidations and shields change, and the order of events on the way to a shock."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from adlwatch.domain.crossing import EventKind, events, shield_loss
from adlwatch.domain.exposure import Exposure, expose
from adlwatch.domain.gather import gather
from adlwatch.domain.model import Account, Candle, MarginMode, Position, Side
from adlwatch.domain.queue import QueueKey
from adlwatch.domain.reading import Reading, SourceState
from adlwatch.domain.scenario import Ranking, score_at
from adlwatch.domain.settings import Settings
from adlwatch.domain.shock import betas, path, shock

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def position(symbol: str = "BTC/USDT:USDT", side: str = "short", size: float = 1.0, **more: Any) -> Position:
    fixed = {"account": "a", "venue": "v", "entry_price": 100.0, "mark_price": 100.0, "margin_mode": MarginMode.CROSS}
    return Position(symbol=symbol, side=Side(side), size=size, **{**fixed, **more})


def exposed(*positions: Position, equity: float | None = 50.0) -> Exposure:
    names = dict.fromkeys(each.account for each in positions)
    accounts = tuple(Account(id=name, venue="v", equity=equity) for name in names)
    reading = Reading(source="s", as_of=NOW, received_at=NOW, positions=positions, accounts=accounts)
    return expose(gather([SourceState(id="s", kind="book", interval=1.0, reading=reading)], NOW), Settings())


def ranked(book: Exposure) -> Ranking:
    """The score itself is the quantile."""
    keys = tuple(QueueKey(row.position.venue, row.position.symbol, row.position.side) for row in book.rows)
    return Ranking(("binance-2025",) * len(keys), keys, dict.fromkeys(keys, lambda score, mark: np.clip(score, 0.001, 1.0)))


def test_score_follows_its_own_mark() -> None:
    # U / A = x / (50 + x) with x = 100 - M; no equity is left at 150
    book = exposed(position(maintenance_margin=0.5))
    scores = score_at(book, ranked(book), 0)(np.array([87.5, 100.0, 151.0]))
    assert scores[:2].tolist() == [pytest.approx(0.2), 0.0]
    assert np.isnan(scores[2])


def test_events_come_in_the_order_of_the_way() -> None:
    # BTC and ETH fall to 70. In account a the BTC short scores x / (50 + x): lights 2, 3 at x = 12.5, 33.3 (beyond 30).
    # In account b the ETH long has 20 behind it and 0.5 % maintenance of its notional:
    # 20 - x = 0.5 * (1 - x / 100)  ->  x = 19.5 / 0.995
    book = exposed(
        position(maintenance_margin=0.5),
        position("ETH/USDT:USDT", "long", account="b", maintenance_margin=0.5),
    )
    book = expose_with(book, {"a": 50.0, "b": 20.0})
    found = events(book, ranked(book), {"BTC": -0.3, "ETH": -0.3})
    assert [(each.kind, each.key, each.level) for each in found] == [
        (EventKind.LIGHT, "a:BTC/USDT:USDT:short", 2),
        (EventKind.LIQUIDATION, "b:ETH/USDT:USDT:long", None),
    ]
    light, liquidation = found
    assert light.at == pytest.approx(12.5 / 30, abs=1e-6)
    assert light.mark == pytest.approx(87.5, abs=1e-4)
    assert light.move == pytest.approx(-0.125, abs=1e-6)
    assert liquidation.mark == pytest.approx(100 - 19.5 / 0.995, abs=1e-4)


def expose_with(book: Exposure, equity: dict[str, float]) -> Exposure:
    positions = tuple(row.position for row in book.rows)
    accounts = tuple(Account(id=name, venue="v", equity=amount) for name, amount in equity.items())
    reading = Reading(source="s", as_of=NOW, received_at=NOW, positions=positions, accounts=accounts)
    return expose(gather([SourceState(id="s", kind="book", interval=1.0, reading=reading)], NOW), Settings())


def test_unknown_place_is_no_event() -> None:
    book = exposed(position(), equity=None)
    assert events(book, ranked(book), {"BTC": -0.3}) == []


def test_shield_is_lost_at_the_nearest_move() -> None:
    assert shield_loss(lambda f: 0.77 < f < 1.4) == pytest.approx(-0.23, abs=1e-7)
    assert shield_loss(lambda f: f < 1.123) == pytest.approx(0.123, abs=1e-7)
    assert shield_loss(lambda f: True) is None
    assert shield_loss(lambda f: False) is None


def test_shock_follows_bitcoin_by_beta_and_says_what_it_assumed() -> None:
    found = shock(["BTC", "ETH", "SOL", "DOGE"], {"BTC": -0.15, "ETH": -0.22}, {"SOL": 1.6})
    assert found.moves == {"BTC": -0.15, "ETH": -0.22, "SOL": pytest.approx(-0.24), "DOGE": -0.15}
    assert found.assumed == ("DOGE",)
    assert shock(["SOL"], {"ETH": -0.2}, {}) == ({"SOL": 0.0}, ())
    assert shock(["SOL"], {"BTC": -0.8}, {"SOL": 3.0}).moves == {"SOL": -0.95}
    with pytest.raises(ValueError, match="move of BTC: -100% is not above -100%"):
        shock([], {"BTC": -1.0}, {})


def bars(returns: list[float], *, skip: int = -1) -> tuple[Candle, ...]:
    closes = 100.0 * np.exp(np.cumsum(returns))
    return tuple(Candle(NOW + timedelta(hours=i), 1.0, 1.0, 1.0, c) for i, c in enumerate(closes.tolist()) if i != skip)


def test_beta_is_measured_from_common_candles_only_where_there_are_enough() -> None:
    lead = np.random.default_rng(3).normal(0.0, 0.01, 40).tolist()
    twice = [2.0 * each for each in lead]
    found = betas({"BTC": bars(lead), "ETH": bars(twice, skip=7), "NEW": bars(twice[:20]), "FLAT": bars([0.0] * 40)})
    assert found == {"BTC": pytest.approx(1.0), "ETH": pytest.approx(2.0), "FLAT": pytest.approx(0.0)}
    assert betas({"BTC": bars([0.0] * 40), "ETH": bars(twice)}) == {}
    assert betas({"ETH": bars(twice)}) == {}


def test_path_is_straight() -> None:
    book = exposed(position(), position("ETH/USDT:USDT"))
    way = path(book, {"BTC": -0.2}, 3)
    assert way[book.coins.index("BTC")].tolist() == [1.0, 0.9, 0.8]
    assert way[book.coins.index("ETH")].tolist() == [1.0, 1.0, 1.0]
