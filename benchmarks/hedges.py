"""How long pairing takes: 1,000 positions in 400 hedges, and ten times that. Run: `python -m benchmarks.hedges`."""

from collections.abc import Callable
from functools import partial
from statistics import median
from time import perf_counter

from adlwatch.domain.hedge import pair
from adlwatch.domain.model import Position, Side
from adlwatch.domain.settings import Settings

ROUNDS = 31


def positions(count: int, hedges: int) -> list[Position]:
    return [
        Position(
            account=f"a{i % 20}",
            venue="binance",
            symbol=f"C{i % hedges}X/USDT:USDT",
            side=Side.SHORT if i // hedges % 2 else Side.LONG,
            size=1.0 + i % 5,
            entry_price=100.0,
            mark_price=101.0,
        )
        for i in range(count)
    ]


def milliseconds(work: Callable[[], object]) -> tuple[float, float]:
    """Median and best."""
    times = []
    for _ in range(ROUNDS):
        start = perf_counter()
        work()
        times.append((perf_counter() - start) * 1e3)
    return median(times), min(times)


def main() -> None:
    small, large = positions(1_000, 400), positions(10_000, 4_000)
    (middle, best), (slow, slow_best) = (milliseconds(partial(pair, book, (), {}, Settings())) for book in (small, large))
    print(f"pair 1,000 positions in 400 hedges: median {middle:.1f} ms, best {best:.1f} ms")
    print(f"pair 10,000 positions in 4,000 hedges: median {slow:.1f} ms, {slow_best / best:.1f} x the best")


if __name__ == "__main__":
    main()
