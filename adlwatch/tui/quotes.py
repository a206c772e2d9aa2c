"""With how many decimals each venue quotes, seen in the prices of its order books: few venues are asked for their tick size."""

from collections.abc import Iterable

from adlwatch.domain.model import Book
from adlwatch.domain.reading import SourceState
from adlwatch.domain.snapshot import PositionView

MOST = 10
"""More than any venue quotes: such prices were computed, not quoted."""

_seen: dict[tuple[str, str], tuple[Book, int]] = {}
"""By venue and symbol: the book last looked at, and the most decimals of any so far: a price may end in zeros."""


def note(sources: Iterable[SourceState]) -> None:
    """Look at the books that are new."""
    for source in sources:
        for market in source.reading.markets if source.reading is not None else ():
            key = (market.venue, market.symbol)
            before = _seen.get(key)
            if market.book is not None and (before is None or before[0] is not market.book):
                _seen[key] = (market.book, max(_decimals(market.book), before[1] if before is not None else 0))


def quoted(position: PositionView) -> int | None:
    """Decimals of that position's market; None where no book of it was seen."""
    found = _seen.get((position.venue, position.symbol))
    return found[1] if found is not None and found[1] <= MOST else None


def _decimals(book: Book) -> int:
    prices = (price for side in (book.bids, book.asks) for price, _ in side)
    return max((len(f"{price:.{MOST + 1}f}".partition(".")[2].rstrip("0")) for price in prices), default=0)
