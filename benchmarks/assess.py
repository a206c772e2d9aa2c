"""Processor time of one assessment: 1,000 positions in 400 hedges, and ten times that. Run: `python -m benchmarks.assess`.

The least of many rounds, beside a plain loop measured between them: on a busy machine the ratio tells more than the time.
Decoding the same two snapshots shows what the machine's memory alone adds to ten times as many objects.
"""

import gc
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from time import process_time

from adlwatch.domain.assess import States, assess
from adlwatch.domain.model import Account, Holding, MarginMode, Market, Position, Side, VenueLight
from adlwatch.domain.reading import Reading, SourceState
from adlwatch.domain.settings import Settings
from adlwatch.domain.snapshot import decode, encode
from adlwatch.tui.memory import GARBAGE
from adlwatch.venues import profiles

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
VENUES = ("binance", "bybit", "okx", "hyperliquid")
ROUNDS = 200
LOOP = 200_000
"""Additions of squares in the loop that everything is compared with."""


def book(positions: int, hedges: int, seed: int = 7) -> States:
    """Positions spread over 20 accounts and four venues; 400 of them per 1,000 have a spot leg or a partner in the same coin."""
    random = Random(seed)
    accounts = [Account(id=f"a{i}", venue=VENUES[i % 4], equity=1e6, wallet=9e5, maintenance_margin=2e4) for i in range(20)]
    coins = [f"C{i}" for i in range(hedges)]
    rows = []
    for i in range(positions):
        account = accounts[(i + i // hedges) % 20]
        entry = random.uniform(50, 150)
        rows.append(
            Position(
                account=account.id,
                venue=account.venue,
                symbol=f"{coins[i % hedges]}/USDT:USDT",
                side=Side.SHORT if i // hedges % 2 else Side.LONG,
                size=random.uniform(1, 100),
                entry_price=entry,
                mark_price=100.0,
                margin_mode=MarginMode.CROSS,
                leverage=5.0,
                maintenance_margin=10.0,
                liquidation_price=entry * 1.4,
                venue_light=VenueLight(raw=random.randint(0, 4), as_of=NOW),
            )
        )
    holdings = tuple(Holding(account="a0", venue="binance", asset=coin, amount=3.0) for coin in coins[: hedges // 2])
    markets = tuple(
        Market(venue=v, symbol=f"{c}/USDT:USDT", mark_price=100.5, index_price=100.4, as_of=NOW) for v in VENUES for c in coins
    )
    reading = Reading(
        source="s",
        as_of=NOW,
        received_at=NOW,
        accounts=tuple(accounts),
        positions=tuple(rows),
        holdings=holdings,
        markets=markets,
    )
    return States((SourceState(id="s", kind="book", interval=1.0, reading=reading),))


def milliseconds(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Least processor time over the rounds, after one that warms caches."""
    work()
    taken = []
    for _ in range(rounds):
        start = process_time()
        work()
        taken.append(process_time() - start)
    return min(taken) * 1e3


def loop() -> int:
    """What is always the same work."""
    total = 0
    for i in range(LOOP):
        total += i * i
    return total


def main() -> None:
    """Print the times and their ratios, with garbage collected as the terminal does."""
    gc.freeze()
    gc.set_threshold(*GARBAGE)
    settings = Settings(profiles=profiles())
    small, large = book(1_000, 400), book(10_000, 4_000)
    one = milliseconds(lambda: assess(small, settings, NOW))
    ten = milliseconds(lambda: assess(large, settings, NOW), rounds=25)
    plain = milliseconds(loop)
    first, second = (encode(assess(states, settings, NOW)) for states in (small, large))
    read, read_ten = milliseconds(lambda: decode(first)), milliseconds(lambda: decode(second), rounds=25)
    print(
        f"assess 1,000 positions in {len(assess(small, settings, NOW).hedges)} hedges: {one:.1f} ms, {one / plain:.1f} x the loop"
    )
    print(f"assess 10,000 positions in {len(assess(large, settings, NOW).hedges)} hedges: {ten:.1f} ms, {ten / one:.1f} x")
    print(f"decode the snapshot of 1,000: {read:.1f} ms; of 10,000: {read_ten:.1f} ms, {read_ten / read:.1f} x")


if __name__ == "__main__":
    main()
