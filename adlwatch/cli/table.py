"""A snapshot as plain text for `check`: hedges worst first, their legs under them, 80 columns, no colour."""

from collections.abc import Iterator

from adlwatch.domain.light import Light, LightState
from adlwatch.domain.reading import Health
from adlwatch.domain.snapshot import HoldingView, IfClosed, PositionView, Snapshot
from adlwatch.tui.format import exposure, percent, plural, score, usd_short
from adlwatch.tui.lights import STATE_WORDS, provenance

COLUMNS = (("", 8), ("HEDGE / LEG", 32), ("LIGHT", 11), ("SCORE", 7), ("LIQ", 4), ("IF CLOSED", 13))
RIGHT = {"SCORE", "LIQ"}
WIDTH = 80


def table(snapshot: Snapshot) -> str:
    """The whole table, no line wider than `WIDTH`."""
    return "\n".join(line[:WIDTH].rstrip() for line in _lines(snapshot))


def _lines(snapshot: Snapshot) -> Iterator[str]:
    yield from _head(snapshot)
    if not snapshot.hedges:
        return
    yield _row(*(title for title, _ in COLUMNS))
    positions = {view.key: view for view in snapshot.positions}
    holdings = {view.key: view for view in snapshot.holdings}
    for hedge in snapshot.hedges:
        yield _row(hedge.severity, f"{hedge.name}  {hedge.underlying} {hedge.kind}")
        yield from (f"{'':9}{_printable(reason)}" for reason in dict.fromkeys(hedge.reasons))
        left = {closed.leg: closed for closed in hedge.if_closed if closed.fraction == 1.0}
        for key in hedge.legs:
            if key in positions:
                yield _position(positions[key], left.get(key))
            elif key in holdings:
                yield _holding(holdings[key], left.get(key))


def _head(snapshot: Snapshot) -> Iterator[str]:
    live = sum(source.health is Health.LIVE for source in snapshot.sources)
    label = f"  {_printable(snapshot.label)}" if snapshot.label else ""
    yield f"{snapshot.severity.upper():8} {snapshot.as_of:%Y-%m-%d %H:%M:%SZ}{label}"
    counts = (
        plural(sum(hedge.kind != "unhedged" for hedge in snapshot.hedges), "hedge"),
        plural(len(snapshot.positions), "position"),
        f"{live} of {plural(len(snapshot.sources), 'source')} live",
    )
    yield f"{'':8} {', '.join(counts)}"


def _position(view: PositionView, closed: IfClosed | None) -> str:
    name = f"  {view.side} {view.account} {view.symbol}"
    distance = percent(view.liquidation.distance)
    return _row(view.severity, name, _light(view.light, view.estimate), score(view.score.value), distance, _left(closed))


def _holding(view: HoldingView, closed: IfClosed | None) -> str:
    return _row("", f"  {view.account} {view.asset} {usd_short(view.value_usd)}", "spot", "", "", _left(closed))


def _light(light: Light, estimate: Light) -> str:
    if light.state is not LightState.LIT:
        return f"{STATE_WORDS[light.state]} {light.level or ''}"
    return f"{light.level} {provenance(light, estimate).split(' est ')[0]}"


def _left(closed: IfClosed | None) -> str:
    return exposure(closed.naked_usd) if closed else ""


def _row(*cells: str) -> str:
    fitted = (_fit(_printable(cell), width, right=title in RIGHT) for cell, (title, width) in zip(cells, COLUMNS, strict=False))
    return " ".join(fitted)


def _fit(text: str, width: int, *, right: bool) -> str:
    cut = text if len(text) <= width else text[: width - 1] + "…"
    return cut.rjust(width) if right else cut.ljust(width)


def _printable(text: str) -> str:
    """Names come from venues and files: what could steer the terminal is taken out."""
    return "".join(c if c.isprintable() else "?" for c in text)
