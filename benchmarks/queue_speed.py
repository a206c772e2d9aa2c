"""How fast is the estimated queue? Repricing a population, and lighting 1,000 positions in 100 queues at marks not seen before.

    python -m benchmarks.queue_speed

Prints the best of several rounds, with and without lights learned, and what one call of the same numpy work costs here.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from time import perf_counter

import numpy as np

from adlwatch.domain.model import Candle, Market, Side
from adlwatch.domain.queue import Queue
from adlwatch.domain.queue_build import build
from adlwatch.domain.queue_calibration import Observation
from adlwatch.domain.queue_population import HYPOTHESES, TRADERS
from adlwatch.domain.queue_priors import default_priors

NOW = datetime(2026, 1, 10, tzinfo=UTC)
CLOSES = 100.0 + 10.0 * np.sin(np.arange(600) / 30.0)
CANDLES = tuple(
    Candle(NOW - timedelta(hours=600 - i), close, close * 1.01, close * 0.99, close, 1000.0)
    for i, close in enumerate(CLOSES.tolist())
)
QUEUES, POSITIONS = 100, 10


def queue(i: int) -> Queue:
    market = Market(venue="v", symbol=f"C{i}", mark_price=100.0, candles=CANDLES, open_interest=8e3, volume_24h=24e3)
    return build("binance-2025", default_priors(), market, Side.SHORT, NOW, i)


def best(run: Callable[[], object], rounds: int = 9) -> float:
    times = []
    for _ in range(rounds):
        start = perf_counter()
        run()
        times.append(perf_counter() - start)
    return min(times)


def main() -> None:
    cold = [queue(i) for i in range(QUEUES)]
    scores = np.linspace(-0.3, 0.6, POSITIONS).tolist()
    lights = [Observation(s, 100.0, 0.2 * (i % 5), 0.2 * (i % 5) + 0.2, NOW) for i, s in enumerate(np.linspace(-0.3, 0.6, 24))]
    learned = [each.observe(lights, NOW) for each in cold]
    marks = (100.0 + 0.001 * i for i in count(1))
    population = cold[0].population
    assert population is not None  # noqa: S101  # there are candles
    price = best(lambda: population.scores("binance-2025", next(marks)))
    sort = best(lambda: np.sort(np.random.default_rng(0).random((HYPOTHESES, TRADERS)), axis=1))

    def tick(queues: list[Queue]) -> None:
        mark = next(marks)
        for each in queues:
            each.lights(scores, [mark] * POSITIONS, NOW)

    print("| what | here |\n|---|---:|")
    print(f"| price {HYPOTHESES * TRADERS:,} traders at a mark | {1e6 * price:.0f} µs |")
    print(f"| the same per thousand traders | {1e9 * price / HYPOTHESES / TRADERS:.0f} µs |")
    print(f"| numpy draws and sorts as many numbers | {1e6 * sort:.0f} µs |")
    print(f"| build a queue from 600 candles | {1e3 * best(lambda: queue(0)):.1f} ms |")
    print(f"| learn from 24 lights | {1e3 * best(lambda: cold[0].observe(lights, NOW)):.1f} ms |")
    print(f"| 1,000 positions in 100 queues, a mark never seen | {1e3 * best(lambda: tick(cold)):.0f} ms |")
    print(f"| the same with 24 lights learned in each | {1e3 * best(lambda: tick(learned)):.0f} ms |")


if __name__ == "__main__":
    main()
