"""What would bring a light down, in words and figures; each was verified by recomputing. Pure."""

from collections.abc import Sequence

from adlwatch.domain.remedy import Remedy, RemedyKind
from adlwatch.domain.snapshot import PositionView
from adlwatch.tui import format as fmt
from adlwatch.tui.layout import heading, table, wrapped
from adlwatch.tui.lights import bars, level_role
from adlwatch.tui.spans import NOTHING, Role, Spans, text

WORDS = {
    RemedyKind.ADD_MARGIN: "add margin to the position",
    RemedyKind.ADD_COLLATERAL: "add collateral to the account",
    RemedyKind.CUT: "cut the hedge, all its legs alike",
    RemedyKind.RESET: "close and reopen at the mark",
    RemedyKind.MOVE_MARGIN: "move margin from the other leg's account",
}
HEAD = ("what", "how much", "light", "cost", "carry", "naked")


def remedy_lines(position: PositionView | None, found: Sequence[Remedy] | None, to: int, cells: int) -> list[Spans]:
    """The page; `found` is None while it is being computed."""
    if position is None:
        return [text("  The position is no longer there.", Role.WARNING)]
    title: Spans = (
        (f" {position.account}", Role.STRONG),
        (f"  {position.symbol} {position.side.value}  ", Role.DIM),
        *bars(position.light),
    )
    lines = [title, text(f"  what would bring it to {to} or less", Role.DIM), NOTHING]
    if found is None:
        return [*lines, text("  computing …", Role.DIM)]
    if not found:
        return [*lines, text(f"  Nothing to do: our estimate is {to} or less already.", Role.OK)]
    reached = [remedy for remedy in found if remedy.reachable]
    lines += [heading("THAT DO IT, CHEAPEST FIRST", cells), *_table(reached), NOTHING]
    for remedy in reached:
        lines += wrapped(f"{WORDS[remedy.kind]}: {remedy.reason}", cells, Role.DIM) if remedy.reason else []
    others = [remedy for remedy in found if not remedy.reachable]
    if others:
        lines += [NOTHING, heading("THAT DO NOT", cells)]
    for remedy in others:
        lines += wrapped(f"{WORDS[remedy.kind]}: {remedy.reason or 'not reachable'}", cells, Role.DIM)
    return [
        *lines,
        NOTHING,
        *wrapped("adlwatch only reads: nothing is done. Lights after it are estimates, recomputed.", cells, Role.DIM),
    ]


def _table(reached: Sequence[Remedy]) -> list[Spans]:
    if not reached:
        return [text("  none", Role.WARNING)]
    return table([tuple(text(word, Role.DIM) for word in HEAD), *map(_row, reached)], right=frozenset({1, 2, 3, 4}))


def _row(remedy: Remedy) -> Sequence[Spans]:
    amount = fmt.percent(remedy.fraction, 1) if remedy.fraction is not None else fmt.usd(remedy.capital_usd)
    level = str(remedy.level) if remedy.level is not None else fmt.UNKNOWN
    days = f"{fmt.fixed(remedy.cost_days, 1)} d" if remedy.cost_days is not None else fmt.UNKNOWN
    naked = f"{fmt.usd_short(remedy.naked_usd)} for {fmt.age(remedy.naked_seconds)}" if remedy.naked_seconds else "never"
    return (
        text(WORDS[remedy.kind]),
        text(amount, Role.STRONG),
        text(level, level_role(remedy.level)),
        text(fmt.usd(remedy.cost_usd)),
        text(days, Role.DIM),
        text(naked, Role.DIM),
    )
