"""What stands behind one position, field by field as it was read, each part with its age. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, NamedTuple

import msgspec

from adlwatch.domain.model import Account, Book, Market, Position
from adlwatch.domain.reading import SourceState
from adlwatch.tui import format as fmt
from adlwatch.tui.layout import heading, table
from adlwatch.tui.spans import NOTHING, Role, Spans, text


class Part(NamedTuple):
    """Fields that were read together."""

    title: str
    as_of: datetime
    fields: Mapping[str, str]


def raw_parts(sources: Sequence[SourceState], key: str) -> list[Part]:
    """The position, its venue's own fields, account and market, from every source that tells of them."""
    return list(chain.from_iterable(_parts(source, key) for source in sources))


def _parts(source: SourceState, key: str) -> Iterator[Part]:
    reading = source.reading
    position = next((p for p in reading.positions if p.key == key), None) if reading is not None else None
    if reading is None or position is None:
        return
    own = position.as_of or reading.as_of
    if position.raw:
        yield Part(f"{source.id}: THE VENUE'S OWN FIELDS", own, dict(position.raw))
    yield Part(f"{source.id}: POSITION AS READ", own, _fields(position))
    if position.venue_light is not None and position.venue_light.as_of is not None:
        yield Part(f"{source.id}: VENUE LIGHT", position.venue_light.as_of, {"raw": str(position.venue_light.raw)})
    for account in reading.accounts:
        if account.id == position.account:
            yield Part(f"{source.id}: ACCOUNT", account.as_of or reading.as_of, _fields(account))
    for market in reading.markets:
        if (market.venue, market.symbol) == (position.venue, position.symbol):
            yield Part(f"{source.id}: MARKET", market.as_of or reading.as_of, _fields(market))


def _fields(body: Position | Account | Market) -> dict[str, str]:
    values: dict[str, Any] = msgspec.structs.asdict(body)
    return {name: _shown(value) for name, value in values.items() if name not in ("as_of", "venue_light", "raw")}


def _shown(value: Any) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, tuple):
        return f"{len(value)} kept"
    return "kept" if isinstance(value, Book) else str(value)


def raw_lines(parts: Sequence[Part], now: datetime, cells: int) -> list[Spans]:
    """Every part below a heading that says how old it is."""
    lines: list[Spans] = []
    for part in parts:
        age = fmt.age((now - part.as_of).total_seconds())
        lines.append(heading(f"{part.title}, {age} old ({part.as_of:%H:%M:%S} UTC)", cells))
        lines += table(
            [
                (text(name, Role.DIM), text(value, Role.BLIND if value == "unknown" else Role.TEXT))
                for name, value in part.fields.items()
            ]
        )
        lines.append(NOTHING)
    return lines or [text("  No source tells of this position now.", Role.WARNING)]
