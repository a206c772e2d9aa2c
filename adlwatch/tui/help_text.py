"""Help as lines of text, from the one table of keys and the legends of lights, states and sources. Pure."""

from adlwatch.domain.light import LIKELY, Light, LightSource, LightState
from adlwatch.tui import actions
from adlwatch.tui.fields import NUMBER_NAMES, TEXT_NAMES
from adlwatch.tui.layout import heading, labelled, wrapped
from adlwatch.tui.lights import RISING, SEVERITY_GLYPHS, SEVERITY_ROLES, SHORT_SOURCE, SOURCE_WORDS, bars
from adlwatch.tui.source_rows import HEALTH_GLYPHS, HEALTH_WORDS
from adlwatch.tui.spans import NOTHING, Role, Spans

SEVERITY_WORDS = {
    "ok": "nothing to do",
    "watch": "keep an eye on it",
    "warning": "decide what you would do",
    "critical": "act now",
    "blind": "we cannot know: data missing, stale or refused; never read as safe",
}
STATES = {
    LightState.NO_QUEUE: "nobody is closed by rank here: spot, or a venue without a queue",
    LightState.RANDOM: "the venue picks at random",
    LightState.SOCIALISED: "losses are shared by all winners instead of closing some",
    LightState.KEEPER: "keepers close by profit against the pool",
    LightState.UNKNOWN: "an input is missing; the drill-down names it",
    LightState.STALE: "the last level we knew, too old to trust",
}
FILTER_HELP = (
    ("btc", "name, underlying, account, venue, symbol or source contains it"),
    ("!ok", "not; before any term"),
    ("warning", "a severity by its word"),
    ("venue:bybit", f"one field contains it: {' '.join(TEXT_NAMES)}"),
    ("light>=4", f"compare a number: {' '.join(NUMBER_NAMES)}"),
    ("naked>50k liq<10%", "thousands, millions (m), per cent; times as in age>2m liqin<4h"),
    ("btc !ok light>=4", "all of them must hold; a hedge is kept when one of its legs meets them"),
)
KEY_WIDTH = 22
SHARED = frozenset({"list", "page", "panel", "text"})
"""Scopes of several screens, which say nothing of one."""


def help_lines(scopes: tuple[str, ...], cells: int) -> list[Spans]:
    """Keys of the screen help was called from first, then all others, then the legends."""
    lines: list[Spans] = []
    own = {action.group for action in actions.of(*scopes) if action.scope not in SHARED}
    for group in sorted(actions.GROUPS, key=lambda each: each not in own):
        members = [a for a in actions.ACTIONS if a.group == group]
        lines += [heading(group.upper(), cells), *_keys(members, scopes), NOTHING]
    lines += [heading("FILTER  /", cells), *(line for term in FILTER_HELP for line in _explained(*term, cells)), NOTHING]
    return [*lines, *_lights(cells), NOTHING, *_severities(cells), NOTHING, *_sources(cells)]


def _explained(term: str, words: str, cells: int) -> list[Spans]:
    first, *rest = wrapped(words, max(20, cells - KEY_WIDTH - 2), indent="")
    return [labelled(term, first, cells=KEY_WIDTH), *(labelled("", line, cells=KEY_WIDTH) for line in rest)]


def _keys(members: list[actions.Action], scopes: tuple[str, ...]) -> list[Spans]:
    lines: list[Spans] = []
    seen: set[tuple[str, str]] = set()
    for alike in actions.rows(members):
        first = alike[0]
        keys = first.shown_keys if len(alike) == 1 else f"{first.shown_keys}–{alike[-1].shown_keys}"
        if (keys, first.help) in seen:
            continue
        seen.add((keys, first.help))
        role = Role.ACCENT if first.scope == "app" or first.scope in scopes else Role.DIM
        lines.append(((f"  {keys:<{KEY_WIDTH}}", role), (first.help, Role.TEXT)))
    return lines


def _lights(cells: int) -> list[Spans]:
    lines = [heading("LIGHTS", cells)]
    lines += wrapped(
        "Five bars = front of the queue, closed first; each bar is a fifth of it. Every venue's scale is turned to this one.",
        cells,
        Role.DIM,
    )
    for level in range(1, 6):
        lit = Light(state=LightState.LIT, level=level, source=LightSource.VENUE)
        lines.append((("  ", Role.TEXT), *bars(lit)))
    lines.append(labelled(RISING, f"may go up within a minute: {LIKELY:.0%} likely or more, by our estimate", cells=KEY_WIDTH))
    lines += [labelled(SHORT_SOURCE[source], words, cells=KEY_WIDTH) for source, words in SOURCE_WORDS.items()]
    for state, words in STATES.items():
        shown = bars(Light(state=state, level=4 if state is LightState.STALE else None))
        lines.append(labelled(shown[0][0], words, cells=KEY_WIDTH))
    return lines


def _severities(cells: int) -> list[Spans]:
    lines = [heading("SEVERITY", cells)]
    for severity, glyph in SEVERITY_GLYPHS.items():
        lines.append(
            (
                (f"  {glyph} {severity.value:<{KEY_WIDTH - 2}}", SEVERITY_ROLES[severity]),
                (SEVERITY_WORDS[severity.value], Role.TEXT),
            )
        )
    return lines


def _sources(cells: int) -> list[Spans]:
    lines = [heading("SOURCES", cells)]
    for health, (glyph, role) in HEALTH_GLYPHS.items():
        lines.append(((f"  {glyph} {health.value:<{KEY_WIDTH - 2}}", role), (HEALTH_WORDS[health], Role.TEXT)))
    return lines
