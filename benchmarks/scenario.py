"""How long the price ladder and a joint shock of a whole book take, against the arithmetic that cannot be avoided.

Run: `python -m benchmarks.scenario [positions]`. Queues are read from a fixed curve here: what a real queue's repricing costs on
top is measured for one queue and printed apart.
"""

import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np

from adlwatch.domain.exposure import expose
from adlwatch.domain.gather import gather
from adlwatch.domain.inputs import Array
from adlwatch.domain.model import Account, Candle, MarginMode, Market, Position, Side
from adlwatch.domain.queue import QueueKey
from adlwatch.domain.queue_build import build
from adlwatch.domain.queue_priors import VenueKind, default_priors
from adlwatch.domain.reading import Reading, SourceState
from adlwatch.domain.scenario import LADDER, Ranking, joint, ladder
from adlwatch.domain.settings import Settings

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CURVE = np.linspace(-2.0, 5.0, 48)
PLACES = np.linspace(0.0, 1.0, 48)
RULES = ("binance-2025", "equity-entry", "hyperliquid-engine", "value")


def book(count: int) -> Reading:
    random = np.random.default_rng(1)
    marks = random.uniform(1.0, 1000.0, 200)
    positions = []
    for i in range(count):
        coin, isolated = i // 100 % 200, bool(random.integers(2))
        mark, size = marks[coin], float(random.uniform(1.0, 100.0))
        positions.append(
            Position(
                account=f"a{i % 100}",
                venue="venue",
                symbol=f"C{coin}X/USDT:USDT",
                side=Side.LONG if random.integers(2) else Side.SHORT,
                size=size,
                entry_price=mark * float(random.uniform(0.8, 1.2)),
                mark_price=mark,
                margin_mode=MarginMode.ISOLATED if isolated else MarginMode.CROSS,
                isolated_margin=size * mark * 0.3 if isolated else None,
                maintenance_margin=size * mark * 0.005,
            )
        )
    accounts = tuple(Account(id=f"a{i}", venue="venue", equity=1e6, wallet=1e6) for i in range(100))
    return Reading(source="book", as_of=NOW, received_at=NOW, accounts=accounts, positions=tuple(positions))


def place(score: Array, mark: Array) -> Array:  # noqa: ARG001  # a queue's signature
    return np.interp(score, CURVE, PLACES)


def timed(work: Callable[[], object], repeats: int = 7) -> float:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1e3


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    reading = book(count)
    found = gather([SourceState(id="book", kind="book", interval=60.0, reading=reading)], NOW)
    settings = Settings()
    columns = expose(found, settings)
    keys = tuple(QueueKey(p.venue, p.symbol, p.side) for p in (row.position for row in columns.rows))
    ranking = Ranking(tuple(RULES[i % len(RULES)] for i in range(len(keys))), keys, dict.fromkeys(keys, place))
    shape = (count, len(LADDER))
    sign, factor = columns.inputs.sign[:, None], 1.0 + np.broadcast_to(LADDER, shape)
    least = timed(lambda: sign * (factor - 1.0) * 2.0 / (factor + 1.0))
    paths = np.broadcast_to(1.0 + LADDER, (len(columns.coins), len(LADDER)))
    took = timed(lambda: ladder(columns, ranking))
    print(f"lay out {count:,} positions as columns: {timed(lambda: expose(found, settings)):.0f} ms")
    print(f"ladder {count:,} x {len(LADDER)}: {took:.0f} ms, {took / least:.1f} times four numpy operations of that shape")
    candles = tuple(Candle(NOW - timedelta(hours=168 - i), 100.0, 101.0, 99.0, 100.0 + i % 5, 50.0) for i in range(168))
    market = Market(venue="v", symbol="BTC", mark_price=100.0, open_interest=1e4, volume_24h=1e5, candles=candles)
    fresh = iter([build("binance-2025", default_priors(VenueKind.RETAIL), market, Side.SHORT, NOW, seed) for seed in range(7)])
    scores, marks = np.full(len(LADDER), 0.1), 100.0 * (1.0 + LADDER)
    print(f"one real queue, first asked at {len(LADDER)} marks: {timed(lambda: next(fresh).place(scores, marks)):.0f} ms on top")
    print(f"joint shock {count:,} x {len(LADDER)}: {timed(lambda: joint(columns, ranking, paths)):.0f} ms")


if __name__ == "__main__":
    main()
